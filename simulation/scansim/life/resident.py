"""One person day by day, as instants and places: what the small way with real phones lives by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

import numpy as np

from scansim import clock
from scansim.city import City, Place, Spot
from scansim.life.days import journey, live_day, settle
from scansim.life.diary import ACTIVITIES, DIRECTIONS, HOME, Diary, blank, position_at
from scansim.life.habits import Checks, Households, Moves, Phones, habits_of, receiver_of
from scansim.life.population import Calendar, Society, calibrate
from scansim.life.receiver import MILLISECONDS, measure
from scansim.life.scene import Scene
from scansim.life.town import town_of
from scansim.life.who import WHO, Who, tell
from scansim.position import Position
from scansim.trail import Scan, Segment

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Days:
    """Some days in a city."""

    city: City
    first: date
    days: int

    @cached_property
    def start(self) -> datetime:
        """The first midnight."""
        return self.midnight(0)

    @cached_property
    def end(self) -> datetime:
        """The midnight after the last day."""
        return self.midnight(self.days)

    def calendar(self) -> Calendar:
        """The same as numbers."""
        midnights = [(self.midnight(day) - self.start) // _SECOND for day in range(self.days + 1)]
        week_days = [(self.first + timedelta(days=day)).weekday() for day in range(self.days)]
        return Calendar(np.array(midnights), np.array(week_days))

    def midnight(self, day: int) -> datetime:
        """When a day begins, the first being 0."""
        return clock.at_hour(self.first + timedelta(days=day), 0, self.city.zone)

    def at(self, seconds: float) -> datetime:
        """The instant so many seconds after the first midnight."""
        return self.start + timedelta(seconds=seconds)

    def seconds(self, at: datetime) -> float:
        """The other way round."""
        return (at - self.start) / _SECOND


def society(seed: int, days: Days, households: Households, moves: Moves, checks: Checks, phones: Phones) -> Society:
    """Make what people's lives depend on, guards checking as often as they should.

    Raises:
        SimulationError: the habits or the city cannot be used.

    """
    habits, town = habits_of(seed, households, moves, checks), town_of(days.city, moves)
    return calibrate(Society(town, habits, receiver_of(seed, phones), days.calendar()), checks.a_day)


class Resident:
    """Lives one day after the other: the same as in a population of any size."""

    def __init__(self, number: int, society: Society, days: Days) -> None:
        self.number, self.society, self.days = number, society, days
        self.diary: Diary = blank()
        self._who: Who = np.zeros(1, WHO)[0]
        tell(society.town, society.habits, number, self._who)
        self._scene = Scene(np.empty(1, np.uint64), society.town, society.habits, self.diary)
        settle(self._scene, self._who)
        self._day = 0
        self._past = self.diary.segments[:0]

    @property
    def role(self) -> int:
        """What the person does by day: `WORKER` and so on of `scansim.life.who`."""
        return int(self._who["role"])

    @property
    def household(self) -> tuple[int, int]:
        """The household's number, and which of its members this is."""
        return int(self._who["household"]), int(self._who["member"])

    @property
    def home(self) -> Spot:
        """The door behind the compound's gate."""
        return Spot(self._place(int(self._who["home"])), Position(*map(float, self._who["home_at"])))

    @property
    def work(self) -> Spot | None:
        """The desk at work or school; none for who has neither."""
        if self._who["work"] < 0:
            return None
        return Spot(self._place(int(self._who["work"])), Position(*map(float, self._who["work_at"])))

    def journeys(self, weeks: Sequence[int]) -> list[tuple[date, date, str]]:
        """The journeys of some weeks (the first is 0, earlier ones below): first day, last day, the city's adcode."""
        found = [journey(self.society.town, self.society.habits, self.number, week) for week in weeks]
        return [
            (
                self.days.first + timedelta(days=first),
                self.days.first + timedelta(days=first + nights),
                self.days.city.elsewhere[city].adcode,
            )
            for first, nights, city in found
            if nights
        ]

    def wake_up(self) -> None:
        """Be at home before the first day is lived, so that the phone can be asked where it is."""
        here = self.diary.state["at"]
        night = np.zeros(1, self.diary.segments.dtype)
        night["finished_at"], night["start"], night["end"], night["activity"] = 1, here, here, HOME
        self._past = night

    def live(self, *, suspect: bool = False) -> tuple[list[Segment], list[Scan]]:
        """Live the next day, to midnight or longer. `suspect` is whose code is yellow or red."""
        calendar = self.society.calendar
        state, day = self.diary.state, self._day
        state["segments"], state["passages"] = 0, 0
        midnight, after, week_day = calendar.midnights[day], calendar.midnights[day + 1], calendar.week_days[day]
        live_day(self._scene, self._who, day, int(midnight), int(after), int(week_day), suspect)
        self._day += 1
        lived = self.diary.segments[: state["segments"]].copy()
        self._past = np.concatenate([self._past, lived]) if day else lived
        passages = self.diary.passages[: state["passages"]]
        return [self._segment(row) for row in lived], [self._scan(row) for row in passages if row["scanned"]]

    def measure(self, at: datetime) -> tuple[Position, float] | None:
        """What the phone's receiver says at a time that was lived: position and accuracy in metres, or nothing."""
        reading, at_ms = np.empty(3), round(self.days.seconds(at) * MILLISECONDS)
        town, _, receiver, _ = self.society
        if not measure(town, receiver, self.number, self._past, len(self._past), at_ms, reading):
            return None
        return Position(float(reading[0]), float(reading[1])), float(reading[2])

    def position(self, at: datetime) -> Position:
        """Where the person truly was at a time that was lived."""
        return Position(*position_at(self._past, len(self._past), self.days.seconds(at)))

    def _place(self, row: int) -> Place:
        return self.days.city.all_places[row]

    def _segment(self, row: np.void) -> Segment:
        return Segment(
            self.days.at(int(row["started_at"])),
            self.days.at(int(row["finished_at"])),
            Position(*map(float, row["start"])),
            Position(*map(float, row["end"])),
            ACTIVITIES[row["activity"]],
            self._place(row["place"]).name,
        )

    def _scan(self, row: np.void) -> Scan:
        place = self._place(row["place"])
        gate = int(row["gate"] - self.society.town.places[row["place"]]["gate"])
        at, direction = self.days.at(int(row["at"])), DIRECTIONS[row["direction"]]
        return Scan(at, place, direction, gate, bool(row["admitted"]), bool(row["remote"]))
