"""A simulation from beginning to end: people live, and their phones talk through a real proxy to real servers."""

import asyncio
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import msgspec

from scansim import SimulationError, clock
from scansim.capture import CaptureFolder
from scansim.chromium import Chromium, Temper
from scansim.city import City
from scansim.colours import Case
from scansim.designs import DESIGNS
from scansim.designs.design import App, Design, Setting
from scansim.events import Agenda, Event
from scansim.life.population import Society
from scansim.life.resident import Days, Resident, society
from scansim.people import Person, make_device, make_person
from scansim.phone import Connect, Fix, Phone, Tunnel
from scansim.radios import Radios, radios
from scansim.scenario import DEFAULT, Browser, Colours, Scenario, load_scenario
from scansim.seeds import stream
from scansim.server import AccessLog, Certificates, serving
from scansim.trail import Scan, Segment, Week
from scantrail.colours import Rule, RuleSet
from scantrail.colours.published import named
from scantrail.proxy import Proxy

AT_ONCE = 8
"""How many people's phones are on the line at the same time."""
BROWSERS_AT_ONCE = 2
"""The same, of phones that are browsers: each page takes a core and a few hundred megabytes."""
PROXY_DIES_S = 1.0
"""How long after its last answer a dying proxy may take to be gone."""

type AppMaker = Callable[[Person, City, int], App]
type Progress = Callable[[float], None]
"""Is told the share of all days that were lived, 0 to 1."""


@dataclass(frozen=True)
class Summary:
    """What a simulation came to. `requests` are those that a server answered."""

    folder: Path
    design: str
    people: int
    days: int
    scans: int
    requests: int


@dataclass(frozen=True, eq=False)
class World:
    """What all lives have in common."""

    scenario: Scenario
    city: City
    design: Design
    days: Days
    society: Society
    make_app: AppMaker
    chromium: Chromium | None = None

    @classmethod
    def of(cls, scenario: Scenario, city: City, chromium: Chromium | None = None) -> "World":
        """Make it, of fast phones or of pages in a browser.

        Raises:
            SimulationError: the design has no pages for a browser, or a value cannot be used.

        """
        days = Days(city, scenario.first_day, scenario.days)
        about = (scenario.households, scenario.moves, scenario.checks, scenario.phones)
        design = DESIGNS[scenario.design]
        make_app = app_maker(design, chromium, scenario.browser)
        return cls(scenario, city, design, days, society(scenario.seed, days, *about), make_app, chromium)

    @property
    def setting(self) -> Setting:
        """What the servers know beforehand: also who is known to be ill, and who booked a train."""
        scenario, colours = self.scenario, self.scenario.colours
        people = [self.person(number) for number in range(1, scenario.people + 1)]
        cases = [
            Case(self.person(case.person).resident_id, clock.at_hour(case.confirmed, 0, self.city.zone))
            for case in colours.cases
        ]
        bookings = [booking for person in people for booking in person.bookings]
        return Setting(scenario.seed, self.city, scenario.first_day, rules_of(colours), tuple(cases), tuple(bookings))

    def person(self, number: int) -> Person:
        """Who the person of that number is."""
        return self._person(Resident(number, self.society, self.days))

    def _person(self, resident: Resident) -> Person:
        colours = self.scenario.colours
        return make_person(self.scenario.seed, resident, colours.symptoms, colours.ill_days)

    def life(self, number: int) -> "Life":
        """Begin the life of the person of that number: the same for the same seed, whoever else there is."""
        seed, resident = self.scenario.seed, Resident(number, self.society, self.days)
        person, random = self._person(resident), stream(seed, "life", number)
        household, member = resident.household
        if member > 1 and random.random() < self.scenario.phones.shared:
            person = replace(person, device=self.person(household + 1).device)
        return Life(self, resident, person, random)


@dataclass
class Life:
    """One person's life, as far as it was lived."""

    world: World
    resident: Resident
    person: Person
    random: Random
    segments: list[Segment] = field(default_factory=list)
    scans: list[Scan] = field(default_factory=list)
    done: list[Event] = field(default_factory=list)
    devices: list[str] = field(default_factory=list)
    requests: int = 0

    def __post_init__(self) -> None:
        """Get a phone with the app on it."""
        scenario, days = self.world.scenario, self.world.days
        self.agenda = Agenda(stream(scenario.seed, "events", self.person.user_id), days.start, scenario.phones.idle_min)
        self.phone_random = stream(scenario.seed, "phone", self.person.user_id)
        self.renewals = {
            self.random.randrange(1, days.days): kind
            for kind, share in (("reset", scenario.phones.reset), ("replaced", scenario.phones.replaced))
            if self.random.random() < share and days.days > 1
        }
        self.app = self._install()

    def _install(self) -> App:
        self.devices.append(self.person.device.utdid)
        return self.world.make_app(self.person, self.world.city, self.world.scenario.seed)

    def receive(self, at: datetime) -> Fix | Radios | None:
        """What the phone's receiver says."""
        if measured := self.resident.measure(at):
            return Fix(*measured)
        return radios(self.resident.position(at)) if self.world.scenario.phones.radios else None

    def wake_up(self) -> tuple[Event, ...]:
        """Begin: the first night, and the first use of the app."""
        self.resident.wake_up()
        return self.agenda.morning(self.resident.home.position)

    def live_day(self, day: int, *, suspect: bool) -> tuple[Event, ...]:
        """Live a day, from 0 on, and tell what happens to the phone. `suspect` is whose code is yellow or red."""
        if again := day in self.renewals:
            self._renew(self.renewals[day])
        segments, scans = self.resident.live(suspect=suspect)
        self.segments += segments
        self.scans += scans
        lived, midnight = Week(tuple(segments), tuple(scans)), self.world.days.midnight(day)
        return self.agenda.events(lived, midnight=midnight, check_in=suspect, again=again)

    async def live(self, connect: Connect, day: int) -> None:
        """Live a day with the phone."""
        async with Phone(connect, self.phone_random, self.receive, self.agenda.now) as phone:
            if day == 0:
                await self._happen(phone, self.wake_up())
            await self._happen(phone, self.live_day(day, suspect=self.app.colour in ("yellow", "red")))

    async def _happen(self, phone: Phone, events: Sequence[Event]) -> None:
        for event in events:
            self.done.append(event)
            phone.wake(event.at)
            before = phone.sent
            await self.app.handle(event, phone)
            self.requests += phone.sent - before

    def _renew(self, kind: str) -> None:
        """Get another phone, or the same with another identifier, and install the app on it."""
        old, new = self.person.device, make_device(self.random)
        if kind == "reset":
            new = replace(old, utdid=new.utdid)
        self.person = replace(self.person, device=new)
        self.app = self._install()


def simulate(
    folder: Path,
    *,
    scenario: str = DEFAULT,
    force: bool = False,
    chromium: Chromium | None = None,
    progress: Progress = lambda _share: None,
    **changes: object,
) -> Summary:
    """Simulate into a capture folder.

    Args:
        folder: made, if it is not there.
        scenario: the name of a shipped one, or a path.
        force: whether to replace the capture that is in the folder.
        chromium: the browser in which people use the design's pages; without one, phones are fast.
        progress: called with the share of the work that is done.
        changes: keys of the scenario, for instance `design`, `seed`, `people`, `days`, that count instead of its own.

    Raises:
        SimulationError: the scenario or the folder cannot be used, or a phone got no answer.
        scantrail.proxy.ProxyError: the proxy did not start, or died.

    """
    chosen, city = load_scenario(scenario, **changes)
    world, capture = World.of(chosen, city, chromium), CaptureFolder(folder, force=force)
    capture.write_about(chosen, city, complete=False)
    capture.write_scenario(chosen)
    lives = [world.life(number) for number in range(1, chosen.people + 1)]
    try:
        _record(capture, world, lives, progress)
    finally:
        capture.write_whereabouts((life.person, life.segments) for life in lives)
        capture.write_moments(event for life in lives for event in life.done)
        capture.write_people((life.person, life.app.code_number, life.devices) for life in lives)
    capture.write_about(chosen, city, complete=True)
    scans, requests = sum(len(life.scans) for life in lives), sum(life.requests for life in lives)
    return Summary(folder, chosen.design, chosen.people, chosen.days, scans, requests)


def rules_of(colours: Colours) -> RuleSet:
    """The rule set that a scenario names, or its own rules."""
    chosen = named(colours.rules)
    own = (
        Rule(f"own-{number}", rule.input, frozenset(rule.values), rule.colour, "a rule of the scenario's own")
        for number, rule in enumerate(colours.own, start=1)
    )
    return chosen._replace(name="own", rules=tuple(own)) if colours.own else chosen


def app_maker(design: Design, chromium: Chromium | None, browser: Browser = Browser()) -> AppMaker:  # noqa: B008
    """Tell how a person's app is made: the fast phone's, or the page in the browser."""
    if chromium is None:
        return design.app
    if (pages := design.pages) is None:
        raise SimulationError(f"the design {design.name} has no pages for a browser: leave out --phone chromium")
    temper = Temper(**msgspec.structs.asdict(browser))
    return lambda person, city, seed: pages.app(person, city, seed, chromium, temper)


@contextmanager
def on_line(
    capture: CaptureFolder, design: Design, setting: Setting
) -> Iterator[tuple[Tunnel, AbstractAsyncContextManager[None], Proxy]]:
    """Start the proxy, and have the servers ready: to enter the second of what is given starts them."""
    with (
        TemporaryDirectory() as scratch,
        socket.create_server(("127.0.0.1", 0)) as listener,
        capture.server_log.open("ab", buffering=0) as access_log,
    ):
        certificates = Certificates(Path(scratch), design.hosts)
        app = AccessLog(design.server(setting), access_log)
        ports = {f"{host}:443": listener.getsockname()[1] for host in design.hosts}
        confdir = Path(scratch) / "proxy"
        with Proxy.simulated(capture.log, confdir=confdir, ports=ports, upstream_ca=certificates.ca) as proxy:
            tunnel = Tunnel(proxy.port, confdir / "mitmproxy-ca-cert.pem", certificates.ca)
            yield tunnel, serving(app, listener, certificates), proxy


def _record(capture: CaptureFolder, world: World, lives: Sequence[Life], progress: Progress) -> None:
    """Start servers and proxy, let everyone live, stop both."""
    with on_line(capture, world.design, world.setting) as (connect, servers, proxy):
        try:
            asyncio.run(_live(lives, connect, servers, world, progress))
        except SimulationError:
            with suppress(subprocess.TimeoutExpired):
                proxy.process.wait(PROXY_DIES_S)
            proxy.check()
            raise


async def _live(
    lives: Sequence[Life],
    connect: Connect,
    servers: AbstractAsyncContextManager[None],
    world: World,
    progress: Progress,
) -> None:
    """Let all live each day together, not too many at a time; the first failure ends it.

    Nobody is a day ahead of others: what a server tells one may depend on what it was told by all the day before.
    """
    line = asyncio.Semaphore(BROWSERS_AT_ONCE if world.chromium else AT_ONCE)
    days, lived = world.days.days, 0

    async def live(life: Life, day: int) -> None:
        nonlocal lived
        async with line:
            await life.live(connect, day)
        lived += 1
        progress(lived / (len(lives) * days))

    async with servers, world.chromium or AsyncExitStack():
        try:
            for day in range(days):
                async with asyncio.TaskGroup() as group:
                    for life in lives:
                        group.create_task(live(life, day))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
