"""Events to all browsers that look on, as server-sent events (WHATWG HTML): each is rendered once for all of them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

MOST_WAITING = 200  # events; who takes none for so long is let go, and begins anew
ALIVE_S = 15.0  # an idle stream says now and then that it lives

type Event = tuple[str, str]
"""Its name, and its data."""


class Hub:
    """Where events come in and go out."""

    def __init__(self, snapshot: Callable[[], Iterable[Event]]) -> None:
        """Begin. `snapshot` gives the events from which a browser that comes later knows all."""
        self._snapshot = snapshot
        self._browsers: set[asyncio.Queue[Event | None]] = set()

    def send(self, name: str, data: str) -> None:
        """Send an event to all."""
        for browser in list(self._browsers):
            try:
                browser.put_nowait((name, data))
            except asyncio.QueueFull:
                self._browsers.discard(browser)

    def end(self) -> None:
        """End all streams."""
        for browser in self._browsers:
            if browser.full():
                browser.get_nowait()
            browser.put_nowait(None)
        self._browsers.clear()

    async def stream(self) -> AsyncIterator[str]:
        """The events for one browser, as they go over the wire."""
        mine: asyncio.Queue[Event | None] = asyncio.Queue(MOST_WAITING)
        self._browsers.add(mine)
        try:
            for event in list(self._snapshot()):  # at once, so that nothing that comes meanwhile is in it
                yield _framed(event)
            while mine in self._browsers or not mine.empty():
                try:
                    got = await asyncio.wait_for(mine.get(), ALIVE_S)
                except TimeoutError:
                    yield ": alive\n\n"
                    continue
                if got is None:
                    return
                yield _framed(got)
        finally:
            self._browsers.discard(mine)


def _framed(event: Event) -> str:
    name, data = event
    lines = "".join(f"data: {line}\n" for line in data.splitlines() or [""])
    return f"event: {name}\n{lines}\n"
