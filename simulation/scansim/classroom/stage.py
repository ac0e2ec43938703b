"""The clock of a classroom's world: it stands, steps or runs, and people live by it.

Time never overtakes people: what their phones send by a moment has been answered before the clock shows that moment.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush
from time import monotonic
from typing import NamedTuple

from scansim import SimulationError, clock
from scansim.capture import CaptureFolder
from scansim.city import Place
from scansim.classroom.handheld import Handheld
from scansim.designs.design import App
from scansim.events import Event
from scansim.phone import Connect, Phone
from scansim.position import Position
from scansim.seeds import stream
from scansim.trail import Scan, Segment
from scansim.world import Life, World
from scantrail.live.protocol import ACTS, Command, Did, Do, Move, Pause, Play, Replies, State, Step

BEGINS_H = 7.0  # of the first day: everybody has installed the app, and most are still at home
TICK_S = 0.1
SLICE = timedelta(minutes=10)  # of simulated time at once, when a step is taken as fast as possible
AT_ONCE = timedelta(minutes=2)  # within it phones need not wait for one another
LONGEST_TICK_S = 0.5  # of real time for which a running clock makes up

type Say = Callable[[Replies], None]


class _Due(NamedTuple):
    """An event of a phone; `order` decides among those of one moment."""

    at: datetime
    order: int
    user: "_User"
    event: Event


class _User:
    """Whose phone does something by itself: a life, or the phone in the hand."""

    def __init__(self, life: Life | None, app: App, phone: Phone) -> None:
        self.life, self.app, self.phone = life, app, phone


class Stage:
    """A world and its clock."""

    def __init__(self, world: World, connect: Connect, capture: CaptureFolder, say: Say) -> None:
        """Set it up, at the first midnight."""
        self.world, self.connect, self.capture, self.say = world, connect, capture, say
        scenario = world.scenario
        self.lives = [world.life(number) for number in range(1, scenario.people + 1)]
        me = world.person(scenario.people + 1)
        start = world.days.start
        self.hand = Handheld(me, world.city, stream(scenario.seed, "hand"), start, me.home.position)
        self.app = world.make_app(me, world.city, scenario.seed)
        self.now, self.speed, self.goal, self.done = start, 0.0, start, list[str]()
        self.phone = Phone(connect, stream(scenario.seed, "hand", "phone"), self.hand.receive, start)
        self._users = [
            _User(life, life.app, Phone(connect, life.phone_random, life.receive, start)) for life in self.lives
        ]
        self._mine = _User(None, self.app, self.phone)
        self._idle = stream(scenario.seed, "hand", "idle")
        self._due: list[_Due] = []
        self._day = self._order = 0
        self._wanted = asyncio.Event()
        self._busy = asyncio.Lock()

    # The clock

    async def begin(self) -> None:
        """Live the morning of the first day."""
        await self._advance(clock.at_hour(self.world.scenario.first_day, BEGINS_H, self.world.city.zone))
        self.goal = self.now

    async def run(self) -> None:
        """Live on, as commands say."""
        last = monotonic()
        while True:
            self.tell()
            if self.now >= self.goal:
                self._wanted.clear()
                await self._wanted.wait()
                last = monotonic()
            passed, last = min(monotonic() - last, LONGEST_TICK_S), monotonic()
            ahead = timedelta(seconds=self.speed * passed) if self.speed else SLICE
            await self._advance(min(self.now + ahead, self.goal))
            if self.speed:
                await asyncio.sleep(TICK_S)

    def heed(self, command: Command) -> None:
        """Change what the clock does, or where the phone is going."""
        match command:
            case Play(speed):
                self._go(self.world.days.end, speed)
            case Pause():
                self._go(self.now)
            case Step(hours, None):
                self._go(self.now + timedelta(hours=hours))
            case Step(_, hour):
                self._go(self._next(hour or 0.0))
            case Move(latitude, longitude):
                self._go(self.hand.carry(Position(latitude, longitude), self.now))

    def _go(self, until: datetime, speed: float = 0.0) -> None:
        self.goal, self.speed = min(until, self.world.days.end), speed
        self._wanted.set()

    def _next(self, hour: float) -> datetime:
        """When it is that hour next."""
        today = self.now.astimezone(self.world.city.zone).date()
        found = (clock.at_hour(today + timedelta(days=days), hour, self.world.city.zone) for days in range(2))
        return next(at for at in found if at > self.now)

    def tell(self) -> None:
        """Say what time it is and where the phone is."""
        place, away_m = self.hand.place(self.now)
        here = self.hand.at(self.now)
        done = tuple(act for act in ACTS if act in self.done)
        is_running = self.now < self.goal
        self.say(State(self.now, is_running, *here, f"{place.name} {place.english}", round(away_m, 1), done))

    # People

    async def _advance(self, until: datetime) -> None:
        """Let everybody live until then."""
        async with self._busy:
            for midnight, due in self._portions(until):
                await self._live(due)
                if midnight:
                    self._wake(self._day)
            self.now = max(self.now, until)

    def _portions(self, until: datetime) -> Iterator[tuple[bool, Sequence[_Due]]]:
        """What happens until then, day by day, each ended by the midnight at which the next day is lived."""
        days = self.world.days
        while self._day < days.days and days.midnight(self._day) <= until:
            yield True, self._taken(days.midnight(self._day))
        yield False, self._taken(until)

    def _taken(self, until: datetime) -> list[_Due]:
        taken = []
        while self._due and self._due[0].at <= until:
            taken.append(heappop(self._due))
        return taken

    def _wake(self, day: int) -> None:
        """Live a day in mind, and put down what it makes the phones do."""
        for user in self._users:
            if life := user.life:
                first = life.wake_up() if day == 0 else ()
                events = life.live_day(day, suspect=life.app.colour in ("yellow", "red"))
                self._plan(user, [*first, *events])
        at, until = self.world.days.midnight(day), self.world.days.midnight(day + 1)
        while (at := at + timedelta(minutes=self._idle.expovariate(1 / self.world.scenario.phones.idle_min))) < until:
            self._plan(self._mine, [Event(at, "idle", self.hand.position)])
        self._day += 1

    def _plan(self, user: _User, events: Sequence[Event]) -> None:
        for event in events:
            self._order += 1
            heappush(self._due, _Due(event.at, self._order, user, event))

    async def _live(self, due: Sequence[_Due]) -> None:
        """Let phones do what they do, in the order of time; those that act at nearly the same time, at once."""

        async def live(user: _User, events: Sequence[Event]) -> None:
            for event in events:
                await self._happen(user, event)

        while due:
            together = [one for one in due if one.at - due[0].at <= AT_ONCE]
            due = due[len(together) :]
            of_user: dict[_User, list[Event]] = {}
            for one in together:
                of_user.setdefault(one.user, []).append(one.event)
            async with asyncio.TaskGroup() as group:
                for user, events in of_user.items():
                    group.create_task(live(user, events))

    async def _happen(self, user: _User, event: Event) -> None:
        if user is self._mine and "app start" not in self.done:
            return  # a phone without the app
        user.phone.wake(event.at)
        self.capture.add_moment(event)
        await (user.life.app if user.life else user.app).handle(event, user.phone)

    # The phone in the hand

    def touch(self) -> datetime:
        """Let the moment pass that a request of the phone in the hand takes, and tell what time it is then."""
        self.phone.wake(self.now)
        self.phone.think()
        self.now = max(self.now, self.phone.now)
        self.goal = max(self.goal, self.now)
        return self.now

    async def act(self, do: Do) -> None:
        """Use the design's app on the phone in the hand, and what must come before it, first."""
        for name in ACTS[: ACTS.index(do.name)][:3]:  # what one does once
            if name not in self.done:
                await self._act(Do(name))
        await self._act(do)
        self.tell()

    async def _act(self, do: Do) -> None:
        async with self._busy:
            event = self.event(do, self.touch())
            self.phone.wake(event.at)
            self.capture.add_moment(event)
            await self.app.handle(event, self.phone)
            self.now = max(self.now, self.phone.now)
            self.note(do)

    def event(self, do: Do, at: datetime) -> Event:
        """What an act is as an event.

        Raises:
            SimulationError: there is no such place.

        """
        scan = None
        if do.name == "scan":
            place = self._place(do.place) if do.place else self.hand.place(at)[0]
            scan = Scan(at, place, do.direction)
        return Event(at, do.name, self.hand.at(at), scan)

    def _place(self, code: str) -> Place:
        found = next((place for place in self.world.city.all_places if place.id == code), None)
        if found is None:
            raise SimulationError(f"no place {code!r} in {self.world.city.name}")
        return found

    def note(self, do: Do) -> None:
        """Remember what was done with the phone in the hand."""
        if do.name not in self.done:
            self.done.append(do.name)

    def did(self, do: Do, at: datetime) -> None:
        """Write down what somebody did with the page on the phone, and tell it."""
        self.capture.add_moment(self.event(do, at))
        self.note(do)
        self.say(Did(do))

    # The end

    def write_truth(self) -> None:
        """Write what is true so far."""
        lived = [(life.person, _until(life, self.now)) for life in self.lives]
        self.capture.write_whereabouts([*lived, (self.hand.person, self.hand.lived(self.now))])
        known = [(life.person, life.app.code_number, life.devices) for life in self.lives]
        mine = (self.hand.person, self.app.code_number, [self.hand.person.device.utdid])
        self.capture.write_people([*known, mine])

    async def close(self) -> None:
        """Hang up all phones."""
        for user in (*self._users, self._mine):
            await user.phone.__aexit__()


def _until(life: Life, now: datetime) -> list[Segment]:
    """As much of a life as is past: at midnight a whole day is lived in mind."""
    past = (segment for segment in life.segments if segment.started_at < now)
    return [
        segment if segment.finished_at <= now else segment._replace(finished_at=now, end=segment.position(now))
        for segment in past
    ]
