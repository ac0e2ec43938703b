"""What happens to one person's phone, in order: the moments of the experiment, whatever the design."""

from bisect import bisect, insort
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from random import Random
from typing import Literal

from scansim.city import City
from scansim.position import Position
from scansim.trail import Scan, Week

type EventName = Literal["app start", "sign-up", "consent", "show code", "scan", "idle"]

FIRST_USE: tuple[tuple[EventName, float], ...] = (
    ("app start", 24),
    ("sign-up", 22),
    ("consent", 18),
    ("show code", 17),
)
"""What a new user does, and how many minutes before leaving home for the first time: an assumption."""
SHOWS_A_DAY = (2, 2, 3)  # an assumption: the code is opened for some scans, for others it is still open
SHOWN_BEFORE_S = (20, 50)  # the scan: an assumption
IDLE_EVERY_S = 15 * 60.0  # mean; Play Services talk every 10 to 20 minutes (Leith & Farrell 2020)
APART = timedelta(seconds=15)  # no two events of a phone are nearer, so that what is sent belongs to one of them


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
        return f"{self.scan.place.english}, {self.scan.direction}" if self.scan else ""


def events(week: Week, city: City, random: Random) -> tuple[Event, ...]:
    """List the events of a week. First use and scans stand; showings and idle chatter make way for them.

    A week without leaving home has chatter alone.
    """
    fixed: list[tuple[datetime, EventName, Scan | None]] = []
    if leaves := next((segment.started_at for segment in week.segments if segment.activity == "travel"), None):
        fixed += [(leaves - timedelta(minutes=before), name, None) for name, before in FIRST_USE]
    fixed += [(scan.at, "scan", scan) for scan in week.scans]
    taken = sorted(at for at, _, _ in fixed)
    wanted: tuple[tuple[EventName, Iterator[datetime]], ...] = (
        ("show code", _shows(week, city, random)),
        ("idle", _chatter(week, random)),
    )
    for name, times in wanted:
        for at in times:
            if _is_free(taken, at):
                insort(taken, at)
                fixed.append((at, name, None))
    return tuple(Event(at, name, week.position(at), scan) for at, name, scan in sorted(fixed, key=lambda row: row[0]))


def _is_free(taken: list[datetime], at: datetime) -> bool:
    """Tell whether no event is too near; `taken` is in order."""
    index = bisect(taken, at)
    return all(abs(at - other) >= APART for other in taken[max(index - 1, 0) : index + 1])


def _shows(week: Week, city: City, random: Random) -> Iterator[datetime]:
    """Show the code before some of each day's scans."""
    for _, day in groupby(week.scans, lambda scan: scan.at.astimezone(city.zone).date()):
        scans = list(day)
        for scan in random.sample(scans, min(len(scans), random.choice(SHOWS_A_DAY))):
            yield scan.at - timedelta(seconds=random.randint(*SHOWN_BEFORE_S))


def _chatter(week: Week, random: Random) -> Iterator[datetime]:
    """Talk day and night, at exponential intervals."""
    at, end = week.segments[0].started_at, week.segments[-1].finished_at
    while (at := at + timedelta(seconds=round(random.expovariate(1 / IDLE_EVERY_S), 3))) < end:
        yield at
