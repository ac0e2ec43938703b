"""A lane of the live page: one recording, read as it grows, and what follows from it.

Reading is light and happens in small portions; inferring is heavy, happens in a thread, and begins anew whenever
something came that could change what the server knows.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from scantrail import Analysis
from scantrail.detectors import IDENTIFIERS
from scantrail.live.crowd import Crowd
from scantrail.live.knows import Knows, Wanted, knows
from scantrail.live.line import Line
from scantrail.live.protocol import Spot
from scantrail.model import Capture, CaptureError, Problem, Request
from scantrail.readers import LOG, glance, stream
from scantrail.readers.log import Tail

LOOKS_EVERY_S = 0.1
PORTION = 25  # requests that are looked into before others have their turn
INFERS_EVERY_S = 0.7
_LOCATING = frozenset({"position", "place_id", "wifi", "cell", *IDENTIFIERS})


@dataclass
class Lane:
    """What was sent in one recording, and what is known from it.

    `changed` is called with lines that are new or say more than before; `inferred` when the server knows more.
    """

    name: str
    folder: Path
    spots: Sequence[Spot] = ()
    lines: list[Line] = field(default_factory=list)
    wanted: Wanted = field(default_factory=Wanted)
    crowd: Crowd | None = None
    known: Knows = field(default_factory=lambda: Knows(()))
    problem: str = ""
    changed: Callable[[Sequence[Line]], None] = lambda _: None
    inferred: Callable[[], None] = lambda: None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self) -> None:
        """Read what is there, and then what comes, for ever."""
        if self.folder.is_dir() or not self.folder.exists():
            await self._follow(Tail(self.folder / LOG))
        else:
            await self._read_once()

    async def infer(self) -> None:
        """Infer anew whenever there is something new, for ever."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                self.known = await asyncio.to_thread(self._knows)
                self.problem = ""
            except CaptureError as error:
                self.problem = str(error)
            self.inferred()
            await asyncio.sleep(INFERS_EVERY_S)

    def want(self, wanted: Wanted, crowd: Crowd | None = None) -> None:
        """Change what is to be known."""
        self.wanted, self.crowd = wanted, crowd or self.crowd
        self._news.set()

    @property
    def first(self) -> datetime | None:
        """When the first request was made."""
        return self.lines[0].request.at if self.lines else None

    async def _follow(self, tail: Tail) -> None:
        if not tail.path.exists():
            self._say(f"There is no recording in {self.folder} yet: `scantrail record -o {self.folder}` begins one")
        while True:
            try:
                found = tail.look(PORTION)
            except CaptureError as error:
                self._say(str(error))
                return
            if found:
                await self._take(found)
            await asyncio.sleep(0 if found else LOOKS_EVERY_S)

    async def _read_once(self) -> None:
        problems: list[Problem] = []
        try:
            requests = stream(self.folder, problems)
            while portion := await asyncio.to_thread(_portion, requests):
                await self._take(portion)
        except CaptureError as error:
            self._say(str(error))

    def _say(self, problem: str) -> None:
        self.problem = problem
        self.inferred()

    async def _take(self, requests: Sequence[Request]) -> None:
        lines = await asyncio.to_thread(lambda: [Line.of(request) for request in requests])
        for line in lines:
            index = line.request.index
            if index < len(self.lines):
                self.lines[index] = line
            else:
                self.lines.append(line)
        self.problem = ""
        self.changed(lines)
        if any(one.kind in _LOCATING for line in lines for one in line.told.disclosures):
            self._news.set()

    def _knows(self) -> Knows:
        capture = glance(self.folder, [])
        capture = Capture(self.folder, [line.request for line in self.lines], tz=capture.tz, about=capture.about)
        disclosures = tuple(one for line in list(self.lines) for one in line.told.disclosures)
        return knows(Analysis(capture, disclosures), self.wanted, self.spots, self.crowd)


def _portion(requests: Iterator[Request]) -> list[Request]:
    return list(islice(requests, PORTION))
