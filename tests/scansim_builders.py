"""A design without sockets: phones whose clients call its servers directly; what was sent, as the analysis reads it."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx2
from starlette.types import ASGIApp

import scantrail
from scansim.city import City
from scansim.clock import FIRST_DAY
from scansim.days import live
from scansim.designs.design import App, Design
from scansim.events import Event, EventName, events
from scansim.people import Person
from scansim.phone import CLOCK_HEADER, Phone
from scansim.seeds import stream
from scantrail.model import Capture, Request, Response


@dataclass
class Tap(httpx2.AsyncBaseTransport):
    """Calls an app and keeps what went over the wire, under the event that is happening."""

    app: ASGIApp
    kept: list[Request] = field(default_factory=list)
    during: list[EventName] = field(default_factory=list)
    event: EventName = "app start"
    clients: Counter[str] = field(default_factory=Counter)

    def connect(self, _at: datetime, _http2: bool, _pinned: bool) -> httpx2.AsyncClient:
        """A client, as `Connect` says."""
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


def rehearse(design: Design, person: Person, city: City, seed: int, days: int = 2) -> Rehearsal:
    """Let one person live with a design."""
    week = live(person, city, seed=seed, first=FIRST_DAY, days=days)
    return rehearse_events(design, person, city, seed, events(week, city, stream(seed, "events")))


def rehearse_events(design: Design, person: Person, city: City, seed: int, happened: Sequence[Event]) -> Rehearsal:
    """Let these events happen."""
    tap, app = Tap(design.server(seed)), design.app(person, city, seed)

    async def run() -> None:
        async with Phone(tap.connect, stream(seed, "phone"), happened[0].at) as phone:
            for event in happened:
                tap.event = event.name
                phone.wake(event.at)
                await app.handle(event, phone)
            assert phone.sent == len(tap.kept)

    asyncio.run(run())
    return Rehearsal(tuple(tap.kept), tuple(tap.during), tap.clients, tuple(happened), app)
