"""A simulation from beginning to end: people live, and their phones talk through a real proxy to real servers."""

import asyncio
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from scansim import SimulationError
from scansim.capture import CaptureFolder
from scansim.chromium import Chromium, Temper
from scansim.city import City, load_city
from scansim.clock import FIRST_DAY
from scansim.days import live
from scansim.designs import DESIGNS
from scansim.designs.design import App, Design
from scansim.events import Event, events
from scansim.people import Person, make_person
from scansim.phone import Connect, Phone, Tunnel
from scansim.seeds import stream
from scansim.server import AccessLog, Certificates, serving
from scansim.trail import Week
from scantrail.proxy import Proxy

AT_ONCE = 8
"""How many people's phones are on the line at the same time."""
BROWSERS_AT_ONCE = 2
"""The same, of phones that are browsers: each page takes a core and a few hundred megabytes."""
PROXY_DIES_S = 1.0
"""How long after its last answer a dying proxy may take to be gone."""

type AppMaker = Callable[[Person, City, int], App]
type Progress = Callable[[float], None]
"""Is told the share of all events that have happened, 0 to 1."""


@dataclass(frozen=True)
class Summary:
    """What a simulation came to. `requests` are those that a server answered."""

    folder: Path
    design: str
    people: int
    days: int
    scans: int
    requests: int


@dataclass
class Life:
    """One person's week: planned, and as far as it happened."""

    person: Person
    week: Week
    events: tuple[Event, ...]
    app: App
    random: Random
    done: list[Event] = field(default_factory=list)
    requests: int = 0

    async def happen(self, connect: Connect, tell: Callable[[], None]) -> None:
        """Let a phone meet the events in order; `tell` is called after each."""
        async with Phone(connect, self.random, self.events[0].at) as phone:
            for event in self.events:
                self.done.append(event)
                phone.wake(event.at)
                await self.app.handle(event, phone)
                self.requests = phone.sent
                tell()


def simulate(
    folder: Path,
    *,
    design: str = "alipay",
    seed: int = 1,
    days: int = 7,
    people: int = 1,
    force: bool = False,
    chromium: Chromium | None = None,
    progress: Progress = lambda _share: None,
) -> Summary:
    """Simulate into a capture folder, with fast phones or with a real browser.

    Raises:
        SimulationError: the folder cannot be used, a phone got no answer, or the design has no pages for a browser.
        scantrail.proxy.ProxyError: the proxy did not start, or died.

    """
    city, chosen = load_city(), DESIGNS[design]
    make_app = app_maker(chosen, chromium)
    capture = CaptureFolder(folder, force=force)
    about = partial(capture.write_about, tz=city.tz, design=design, seed=seed, days=days, people=people)
    about(complete=False)
    lives = [plan(number, city, make_app, seed, days) for number in range(1, people + 1)]
    capture.write_whereabouts((life.person, life.week.segments) for life in lives)
    try:
        _record(capture, chosen, seed, lives, progress, chromium)
    finally:
        capture.write_moments(event for life in lives for event in life.done)
        capture.write_people((life.person, life.app.code_number) for life in lives)
    about(complete=True)
    scans, requests = sum(len(life.week.scans) for life in lives), sum(life.requests for life in lives)
    return Summary(folder, design, people, days, scans, requests)


def app_maker(design: Design, chromium: Chromium | None) -> AppMaker:
    """Tell how a person's app is made: the fast phone's, or the page in the browser."""
    if chromium is None:
        return design.app
    if (page := design.browser) is None:
        raise SimulationError(f"the design {design.name} has no pages for a browser: leave out --phone chromium")
    return lambda person, city, seed: page(person, city, seed, chromium, Temper())


def plan(number: int, city: City, make_app: AppMaker, seed: int, days: int) -> Life:
    """Plan the life of the person of that number: the same for the same seed, whoever else there is."""
    person = make_person(seed, number, city)
    week = live(person, city, seed=seed, first=FIRST_DAY, days=days)
    happens = events(week, city, stream(seed, "events", person.user_id))
    app = make_app(person, city, seed)
    return Life(person, week, happens, app, stream(seed, "phone", person.user_id))


@contextmanager
def on_line(
    capture: CaptureFolder, design: Design, seed: int
) -> Iterator[tuple[Tunnel, AbstractAsyncContextManager[None], Proxy]]:
    """Start the proxy, and have the servers ready: to enter the second of what is given starts them."""
    with (
        TemporaryDirectory() as scratch,
        socket.create_server(("127.0.0.1", 0)) as listener,
        capture.server_log.open("ab", buffering=0) as access_log,
    ):
        certificates = Certificates(Path(scratch), design.hosts)
        app = AccessLog(design.server(seed), access_log)
        ports = {f"{host}:443": listener.getsockname()[1] for host in design.hosts}
        confdir = Path(scratch) / "proxy"
        with Proxy.simulated(capture.log, confdir=confdir, ports=ports, upstream_ca=certificates.ca) as proxy:
            tunnel = Tunnel(proxy.port, confdir / "mitmproxy-ca-cert.pem", certificates.ca)
            yield tunnel, serving(app, listener, certificates), proxy


def _record(
    capture: CaptureFolder,
    design: Design,
    seed: int,
    lives: Sequence[Life],
    progress: Progress,
    chromium: Chromium | None,
) -> None:
    """Start servers and proxy, let everyone live, stop both."""
    with on_line(capture, design, seed) as (connect, servers, proxy):
        try:
            asyncio.run(_live(lives, connect, servers, progress, chromium))
        except SimulationError:
            with suppress(subprocess.TimeoutExpired):
                proxy.process.wait(PROXY_DIES_S)
            proxy.check()
            raise


async def _live(
    lives: Sequence[Life],
    connect: Connect,
    servers: AbstractAsyncContextManager[None],
    progress: Progress,
    chromium: Chromium | None,
) -> None:
    """Let all live at once, but no more than `AT_ONCE`; the first failure ends it."""
    line = asyncio.Semaphore(BROWSERS_AT_ONCE if chromium else AT_ONCE)
    total = sum(len(life.events) for life in lives)

    def tell() -> None:
        progress(sum(len(life.done) for life in lives) / total)

    async def happen(life: Life) -> None:
        async with line:
            await life.happen(connect, tell)

    async with servers, chromium or AsyncExitStack():
        try:
            async with asyncio.TaskGroup() as group:
                for life in lives:
                    group.create_task(happen(life))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
