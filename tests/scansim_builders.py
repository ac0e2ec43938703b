"""Lives without sockets: worlds of any kind, what their people do in them, and what their phones send to servers that
they call directly."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
from starlette.types import ASGIApp

import scantrail
from scansim.city import City
from scansim.designs import DESIGNS
from scansim.designs.design import App
from scansim.events import Event, EventName
from scansim.life.habits import Checks
from scansim.people import Person
from scansim.phone import CLOCK_HEADER, Phone
from scansim.scenario import DEFAULT, load_scenario
from scansim.seeds import stream
from scansim.trail import Week
from scansim.world import Life, World
from scantrail.model import Capture, Request, Response

OFTEN = Checks(a_day=4.0)
"""So many scans that a few days have some of each kind."""


_worlds: dict[str, World] = {}


def world(seed: int = 1, *, scenario: str = DEFAULT, **changes: Any) -> World:
    """A world, as its scenario says but for what is given, and with frequent checks."""
    changes = {"checks": OFTEN} | changes | {"seed": seed}
    key = f"{scenario} {changes}"
    if key not in _worlds:
        _worlds[key] = World.of(*load_scenario(scenario, **changes))
    return _worlds[key]


@dataclass(frozen=True)
class Lived:
    """A life to its end, and what happened to its phone; the phone itself did nothing."""

    life: Life
    week: Week
    happened: tuple[Event, ...]

    @property
    def person(self) -> Person:
        return self.life.person


@cache
def lived(world: World, number: int = 1, *, suspect: bool = False) -> Lived:
    """Let somebody live all days of a world, under one colour."""
    life = world.life(number)
    happened = life.wake_up()
    for day in range(world.days.days):
        happened += life.live_day(day, suspect=suspect)
    return Lived(life, Week(tuple(life.segments), tuple(life.scans)), happened)


def refuse(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("certificate verify failed", request=request)


@dataclass
class Tap(httpx2.AsyncBaseTransport):
    """Calls an app and keeps what went over the wire, under the event that is happening."""

    app: ASGIApp
    kept: list[Request] = field(default_factory=list)
    during: list[EventName] = field(default_factory=list)
    event: EventName = "app start"
    clients: Counter[str] = field(default_factory=Counter)

    def connect(self, _at: datetime, _http2: bool, pinned: bool) -> httpx2.AsyncClient:
        """A client, as `Connect` says; a pinned one gets as far as a proxy's certificate."""
        if pinned:
            return httpx2.AsyncClient(transport=httpx2.MockTransport(refuse))
        self.clients[self.event] += 1
        return httpx2.AsyncClient(transport=self)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        at = datetime.fromisoformat(request.headers.pop(CLOCK_HEADER))
        body = await request.aread()
        answer = await httpx2.ASGITransport(self.app).handle_async_request(request)
        content = await answer.aread()
        index = len(self.kept)
        sent = Request(
            index=index,
            id=f"flow-{index}",
            at=at,
            wall=at,
            method=request.method,
            url=str(request.url),
            headers=tuple(request.headers.multi_items()),
            body=body,
            response=Response(
                at=at, status=answer.status_code, headers=tuple(answer.headers.multi_items()), body=content
            ),
        )
        self.kept.append(sent)
        self.during.append(self.event)
        return httpx2.Response(answer.status_code, headers=answer.headers, content=content)


@dataclass(frozen=True)
class Rehearsal:
    """What one design sent, and on which event."""

    requests: tuple[Request, ...]
    during: tuple[EventName, ...]
    clients: Counter[str]
    happened: tuple[Event, ...]
    app: App

    def sent_at(self, name: EventName) -> list[Request]:
        return [request for request, event in zip(self.requests, self.during, strict=True) if event == name]

    def analysed(self, city: City, receiver: str | None = None) -> scantrail.Analysis:
        capture = Capture(path=Path("capture"), requests=self.requests, tz=city.zone)
        return scantrail.analyse_capture(capture, receiver=receiver)


def rehearse(design: str, one: Lived) -> Rehearsal:
    """Let what happened to somebody's phone happen with a design."""
    return rehearse_events(design, one, one.happened)


def rehearse_events(design: str, one: Lived, happened: Sequence[Event]) -> Rehearsal:
    """Let other events happen."""
    world, chosen = one.life.world, DESIGNS[design]
    seed = world.scenario.seed
    tap, app = Tap(chosen.server(world.setting)), chosen.app(one.person, world.city, seed)

    async def run() -> None:
        async with Phone(tap.connect, stream(seed, "phone"), one.life.receive, happened[0].at) as phone:
            for event in happened:
                tap.event = event.name
                phone.wake(event.at)
                await app.handle(event, phone)
            assert phone.sent == len(tap.kept)

    asyncio.run(run())
    return Rehearsal(tuple(tap.kept), tuple(tap.during), tap.clients, tuple(happened), app)
