"""What the browsers that look on have in common: the lanes, the clock, whom one looks at, and what is revealed."""

import asyncio
import json
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from scantrail.live import maps
from scantrail.live.crowd import Crowd
from scantrail.live.hub import Event, Hub
from scantrail.live.knows import Wanted
from scantrail.live.line import Line
from scantrail.live.protocol import Commands, Did, Do, Failed, Replies, Reveal, Revealed, State
from scantrail.live.protocol import Crowd as CrowdTold
from scantrail.live.scene import Scene
from scantrail.live.shown import SHOWN_LINES, Shown

SHOWS_EVERY_S = 0.2
MANY = SHOWN_LINES // 2  # so many new lines at once are shown as a new list


class Session:
    """The lanes of a page and all who look on."""

    def __init__(self, shown: Shown) -> None:
        """Begin, with nothing to be seen."""
        self.shown, self.scenes, self.message, self.is_revealed = shown, list[Scene](), "", False
        self.hub = Hub(self._snapshot)
        self._open = AsyncExitStack()

    # Lanes

    async def open(self, scenes: Sequence[Scene]) -> None:
        """Show these lanes in place of those before."""
        await self.close()
        self.scenes, self.message, self.is_revealed = list(scenes), "", False
        for scene in self.scenes:
            lane = scene.lane
            lane.changed = lambda lines, scene=scene: self._changed(scene, lines)  # type: ignore[misc]
            lane.inferred = lambda scene=scene: self._inferred(scene)  # type: ignore[misc]
            for work in (lane.read(), lane.infer(), *([scene.world.listen()] if scene.world else [])):
                self._start(work)
            if scene.world:
                scene.world.heard = lambda reply, scene=scene: self.heard(scene, reply)  # type: ignore[misc]
                self._open.push_async_callback(scene.stop)
                lane.want(Wanted(device_id=scene.world.ready.device_id))
        self._start(self._show())
        self.hub.send("reload", "")

    async def close(self) -> None:
        """End all lanes and their simulations."""
        await self._open.aclose()
        self._open = AsyncExitStack()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(self._ended)

        async def stop() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self._open.push_async_callback(stop)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Say that a part of the page works no more, rather than show what is old as if it were new."""
        if not task.cancelled() and (error := task.exception()):
            self.say(f"A part of this page has failed and shows nothing new: {error!r}")
            asyncio.get_running_loop().call_exception_handler({"message": "live page", "exception": error})

    # What is done

    def tell(self, command: Commands) -> None:
        """Have all simulations do something; a phone with a page of its own is used there."""
        self.message = ""
        for scene in self.scenes:
            if scene.world and not (isinstance(command, Do) and scene.ready and scene.ready.phone):
                scene.world.tell(command)

    def look_at(self, number: int, user_id: str) -> None:
        """Choose whose history is shown."""
        lane = self.scenes[number].lane
        lane.want(replace(lane.wanted, user_id=user_id))

    def reveal(self, is_revealed: bool) -> None:
        """Show the truth, or hide it again."""
        self.is_revealed = is_revealed
        for scene in self.scenes:
            if is_revealed and scene.world:
                scene.world.tell(Reveal())
            else:
                scene.lane.want(replace(scene.lane.wanted, is_revealed=is_revealed))
        self._send_clock()

    def heard(self, scene: Scene, reply: Replies) -> None:
        """Take in what a simulation says."""
        match reply:
            case State():
                scene.state = reply
                self._send_clock()
                self._send_phone(scene)
            case Did(act):
                for other in self.scenes:
                    if other is not scene and other.world:
                        other.world.tell(act)
            case Revealed():
                scene.lane.want(replace(scene.lane.wanted, is_revealed=self.is_revealed))
            case CrowdTold(folder):
                scene.lane.want(scene.lane.wanted, Crowd.read(Path(folder)))
            case Failed(message):
                self.say(message)

    def say(self, message: str) -> None:
        """Show a message to all."""
        self.message = message
        self._send_clock()

    @property
    def front(self) -> Scene | None:
        """The first lane whose simulation has told its state: its clock is the page's."""
        return next((scene for scene in self.scenes if scene.state), None)

    @property
    def now(self) -> datetime | None:
        """What time it is in the simulation; else when the latest request was made."""
        if self.front and self.front.state:
            return self.front.state.now
        return next((scene.lane.lines[-1].request.at for scene in self.scenes if scene.lane.lines), None)

    # What is shown

    def _changed(self, scene: Scene, lines: Sequence[Line]) -> None:
        scene.fresh.update((line.request.index, line) for line in lines)

    def _inferred(self, scene: Scene) -> None:
        if (who := self.shown.who(scene.lane)) != scene.who_shown:  # a list that is open would close
            scene.who_shown = who
            self.hub.send(f"who-{scene.number}", who)
        self.hub.send(f"knows-{scene.number}", self.shown.knows(scene.lane))
        self.hub.send(f"map-{scene.number}", json.dumps(maps.known_data(scene.lane.known, scene.lane.spots)))
        if self.is_revealed and scene.world and scene.state and scene.state.is_running:
            scene.world.tell(Reveal())  # the truth goes on

    async def _show(self) -> None:
        """Send lines now and then, many at a time."""
        while True:
            await asyncio.sleep(SHOWS_EVERY_S)
            for scene in self.scenes:
                fresh, scene.fresh = scene.fresh, {}
                if fresh:
                    self._send_lines(scene, list(fresh.values()))
                    if not scene.world:
                        self._send_clock()

    def _send_lines(self, scene: Scene, fresh: Sequence[Line]) -> None:
        before, scene.shown = scene.shown, len(scene.lane.lines)
        scene.added += scene.shown - before
        there = [line for line in fresh if line.request.index >= scene.shown - SHOWN_LINES]
        if len(there) >= MANY or scene.added >= SHOWN_LINES:
            self.hub.send(*self._all_lines(scene))
        else:
            line = self.shown.line
            said = [line(scene.number, one, is_new=one.request.index >= before) for one in reversed(there)]
            self.hub.send(f"wire-{scene.number}", "".join([*said, self.shown.count(scene.number, scene.shown)]))

    def _all_lines(self, scene: Scene) -> Event:
        """The latest lines of those that were sent: who comes later is sent the others with everybody."""
        scene.added = 0
        latest = scene.lane.lines[max(scene.shown - SHOWN_LINES, 0) : scene.shown]
        return f"wire-{scene.number}", self.shown.lines(scene.number, latest[::-1], scene.shown)

    def _send_clock(self) -> None:
        self.hub.send("clock", self.shown.clock(self.now, self.front, self.message))

    def _send_phone(self, scene: Scene) -> None:
        if scene.state is None or scene.number:
            return
        where = maps.phone_data(scene.state.latitude, scene.state.longitude)
        self.hub.send("city", json.dumps(where))
        shown = self.shown.phone(scene)
        if shown != scene.phone_shown:
            scene.phone_shown = shown
            self.hub.send("phone", shown)

    def _snapshot(self) -> Iterator[Event]:
        """All that a browser has to be shown."""
        yield "clock", self.shown.clock(self.now, self.front, self.message)
        for scene in self.scenes:
            yield self._all_lines(scene)
            yield f"who-{scene.number}", self.shown.who(scene.lane)
            yield f"knows-{scene.number}", self.shown.knows(scene.lane)
            yield f"map-{scene.number}", json.dumps(maps.known_data(scene.lane.known, scene.lane.spots))
            if scene.state and not scene.number:
                yield "city", json.dumps(maps.phone_data(scene.state.latitude, scene.state.longitude))
                yield "phone", self.shown.phone(scene)
