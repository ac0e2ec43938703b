"""What happens to one person's phone, in order: the moments of the experiment, whatever the design."""

from bisect import bisect, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal

from scansim.position import Position
from scansim.trail import Scan, Week

type EventName = Literal["app start", "sign-up", "consent", "show code", "check-in", "scan", "idle"]

FIRST_USE: tuple[tuple[EventName, float], ...] = (("app start", 0), ("sign-up", 2), ("consent", 6), ("show code", 7))
"""What a new user does, and how many minutes after opening the app: an assumption."""
FIRST_USE_H = (6.1, 6.5)  # of the first day, before anybody leaves home: until then phones idle
SHOWS_A_DAY = (2, 2, 3)  # an assumption: the code is opened for some scans, for others it is still open
SHOWN_BEFORE_S = (20, 50)  # the scan: an assumption
CHECK_IN_H = (8.0, 9.0)  # an assumption
APART = timedelta(seconds=15)  # no two events of a phone are nearer, so that what is sent belongs to one of them

type Whereabouts = Callable[[datetime], Position]
type Wanted = tuple[datetime, EventName, Scan | None]


@dataclass(frozen=True)
class Event:
    """Something that makes the phone act. `position` is true; what the phone makes of it is its own affair."""

    at: datetime
    name: EventName
    position: Position
    scan: Scan | None = None

    @property
    def note(self) -> str:
        """What an experimenter would write beside it."""
        if self.scan is None:
            return ""
        remote = ", from a picture of its poster" if self.scan.remote else ""
        return f"{self.scan.place.english}, {self.scan.direction}{remote}{'' if self.scan.admitted else ', refused'}"


class Agenda:
    """Makes the events of one phone, for one part of a life after the other."""

    def __init__(self, random: Random, start: datetime, idle_min: float) -> None:
        """Begin.

        Args:
            random: of this phone.
            start: when its first day begins.
            idle_min: how many minutes there are on average between two bursts of idle chatter.

        """
        self.random, self.now, self.idle_s = random, start, idle_min * 60.0
        self._idle_at = self._next_idle(start)

    def morning(self, position: Position) -> tuple[Event, ...]:
        """The first night, without the app, and its first use, at home."""
        opened = self.now + timedelta(hours=self.random.uniform(*FIRST_USE_H))
        wanted: list[Wanted] = [(opened + timedelta(minutes=after), name, None) for name, after in FIRST_USE]
        return self._events(wanted, lambda _: position, wanted[-1][0] + APART)

    def events(
        self, lived: Week, *, midnight: datetime, check_in: bool = False, again: bool = False
    ) -> tuple[Event, ...]:
        """The events of what was lived next.

        First use and scans stand; other events make way for them.

        Args:
            lived: without a gap to what was lived before.
            midnight: when that day began.
            check_in: whether the person has to report in the morning.
            again: whether the app is used as for the first time, on a new phone or after a reset.

        """
        wanted: list[Wanted] = [(scan.at, "scan", scan) for scan in lived.scans]
        begins = max(self.now, lived.segments[0].started_at)
        if again:
            wanted += [(begins + timedelta(minutes=1 + after), name, None) for name, after in FIRST_USE]
        taken = sorted(at for at, _, _ in wanted)
        others: tuple[tuple[EventName, Iterator[datetime]], ...] = (
            ("show code", self._shows(lived)),
            ("check-in", self._check_in(midnight, check_in)),
        )
        for name, times in others:
            wanted += [(at, name, None) for at in times if _is_free(taken, at)]
        return self._events(wanted, lived.position, lived.segments[-1].finished_at)

    def _events(self, wanted: list[Wanted], where: Whereabouts, until: datetime) -> tuple[Event, ...]:
        """All that is wanted, and idle chatter up to a time."""
        taken = sorted(at for at, _, _ in wanted)
        while self._idle_at < until:
            if _is_free(taken, self._idle_at):
                insort(taken, self._idle_at)
                wanted.append((self._idle_at, "idle", None))
            self._idle_at = self._next_idle(self._idle_at)
        self.now = max(self.now, until)
        ordered = sorted(wanted, key=lambda row: row[0])
        return tuple(Event(at, name, where(at), scan) for at, name, scan in ordered)

    def _shows(self, lived: Week) -> Iterator[datetime]:
        """Show the code before some scans."""
        scans = [scan for scan in lived.scans if not scan.remote]
        for scan in self.random.sample(scans, min(len(scans), self.random.choice(SHOWS_A_DAY))):
            yield scan.at - timedelta(seconds=self.random.randint(*SHOWN_BEFORE_S))

    def _check_in(self, midnight: datetime, wanted: bool) -> Iterator[datetime]:
        at = midnight + timedelta(hours=self.random.uniform(*CHECK_IN_H))
        if wanted and at > self.now:
            yield at

    def _next_idle(self, at: datetime) -> datetime:
        return at + timedelta(seconds=round(self.random.expovariate(1 / self.idle_s), 3))


def _is_free(taken: list[datetime], at: datetime) -> bool:
    """Tell whether no event is too near; `taken` is in order."""
    index = bisect(taken, at)
    return all(abs(at - other) >= APART for other in taken[max(index - 1, 0) : index + 1])
