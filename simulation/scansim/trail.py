"""Where one person is, second by second, and the gates at which the code is scanned on the way.

A `Trail` is written from a beginning to an end without gaps: each segment starts where and when the last one ended.
Ways are straight lines; speeds are those along them.
"""

from bisect import bisect_right
from datetime import datetime, timedelta
from functools import cached_property
from random import Random
from typing import Literal, NamedTuple

from scansim.city import Category, City, Place, Spot, nearest
from scansim.position import Position, metres

type Activity = Literal["home", "work", "errand", "travel"]
type Direction = Literal["enter", "leave"]

WALK_M_S = 1.3  # comfortable walking speed
METRO_M_S = 9.0  # 32 km/h with stops, a usual figure for urban lines
DRIVE_M_S = 7.0  # 25 km/h, a taxi in town: an assumption
WALKABLE_M = 1_300.0  # people walk so far, to a place or to a station: an assumption
WAIT_S = (60, 300)  # for a train: an assumption
QUEUE_S = (16, 40)  # at a gate where the code is scanned: an assumption

CHECKS: dict[tuple[Category, Direction], float] = {
    ("compound", "enter"): 0.9,
    ("compound", "leave"): 0.35,
    ("station", "enter"): 0.9,
    ("office", "enter"): 0.9,
    ("mall", "enter"): 0.9,
    ("hospital", "enter"): 1.0,
    ("park", "enter"): 0.3,
}
"""How often a guard checks, by gate and direction: assumptions. Uneven checking was reported at the time."""


class Segment(NamedTuple):
    """A stay (`start` is `end`) or a straight move at constant speed; times UTC, positions WGS-84."""

    started_at: datetime
    finished_at: datetime
    start: Position
    end: Position
    activity: Activity
    place: str

    def position(self, at: datetime) -> Position:
        """Tell where the person is at a time within it."""
        return self.start.towards(self.end, (at - self.started_at) / (self.finished_at - self.started_at))


class Scan(NamedTuple):
    """The person's code is scanned at a gate, where the person stands."""

    at: datetime
    place: Place
    direction: Direction


class Week(NamedTuple):
    """What was lived: segments and scans in order, without gaps."""

    segments: tuple[Segment, ...]
    scans: tuple[Scan, ...]

    def position(self, at: datetime) -> Position:
        """Tell where the person truly is at a time within it."""
        return self.segments[bisect_right(self.segments, at, key=lambda s: s.started_at) - 1].position(at)


class Trail:
    """Writes a week, one stay and one way after the other."""

    def __init__(self, city: City, start: datetime, spot: Spot, random: Random) -> None:
        self.city, self.now, self.spot, self.random = city, start, spot, random
        self._position = spot.position
        self._segments: list[Segment] = []
        self._scans: list[Scan] = []

    @cached_property
    def _stations(self) -> tuple[Place, ...]:
        return self.city.of("station")

    def stay(self, until: datetime, activity: Activity) -> None:
        """Remain at the spot; nothing if it is later already."""
        self._add(until, self._position, activity, self.spot.place)

    def travel(self, to: Spot) -> None:
        """Go to another spot: out of the gate, on foot, by metro or by taxi, and in at the other gate."""
        start, end = self.spot.place, to.place
        self._move(start.gate, WALK_M_S, start)
        self._pass_gate(start, "leave")
        self._cover(start.gate, end.gate, end)
        self._pass_gate(end, "enter")
        self._move(to.position, WALK_M_S, end)
        self.spot = to

    def week(self) -> Week:
        """Return what has been written."""
        return Week(tuple(self._segments), tuple(self._scans))

    def _cover(self, start: Position, end: Position, place: Place) -> None:
        """Go from gate to gate."""
        entry, leave = (nearest(self._stations, gate) for gate in (start, end))
        if metres(start, end) <= WALKABLE_M:
            self._move(end, WALK_M_S, place)
        elif entry != leave and max(metres(start, entry.gate), metres(leave.gate, end)) <= WALKABLE_M:
            self._move(entry.gate, WALK_M_S, entry)
            self._pass_gate(entry, "enter")
            self._wait(self.random.randint(*WAIT_S), entry)
            self._move(leave.gate, METRO_M_S, leave)
            self._move(end, WALK_M_S, place)
        else:
            self._move(end, DRIVE_M_S, place)

    def _pass_gate(self, place: Place, direction: Direction) -> None:
        if self.random.random() < CHECKS.get((place.category, direction), 0.0):
            queue_s = self.random.randint(*QUEUE_S)
            self._scans.append(Scan(self.now + timedelta(seconds=queue_s // 2), place, direction))
            self._wait(queue_s, place)

    def _wait(self, seconds: int, place: Place) -> None:
        self._add(self.now + timedelta(seconds=seconds), self._position, "travel", place)

    def _move(self, to: Position, speed_m_s: float, place: Place) -> None:
        seconds = max(1, round(metres(self._position, to) / speed_m_s))
        self._add(self.now + timedelta(seconds=seconds), to, "travel", place)

    def _add(self, until: datetime, to: Position, activity: Activity, place: Place) -> None:
        if until > self.now:
            self._segments.append(Segment(self.now, until, self._position, to, activity, place.name))
            self.now, self._position = until, to
