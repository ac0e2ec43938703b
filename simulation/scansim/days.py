"""How people spend their days: work, lunch, errands, week-ends. What comes of it is a `Week`: the truth, and its scans.

The frequencies and hours of `Habits` are assumptions, chosen so that a week has about four scans a day.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scansim.city import Category, City, Spot
from scansim.clock import at_hour
from scansim.people import Person
from scansim.position import metres
from scansim.seeds import stream
from scansim.trail import WALKABLE_M, Trail, Week

LONGEST_WAY = timedelta(minutes=90)  # across the city, by whatever means
type Range = tuple[float, float, float]
"""Least, most and most likely value: a triangular distribution, which keeps a day within a day."""


@dataclass(frozen=True)
class Habits:
    """When things are done (hours of the local day), how long they take (hours), how often they happen (share)."""

    leave_home: Range = (7.2, 9.2, 8.0)
    lunch: Range = (11.7, 12.8, 12.1)
    lunch_takes: Range = (0.4, 1.0, 0.7)
    lunch_out: float = 0.2
    leave_work: Range = (17.2, 19.8, 18.2)
    evening_errand: float = 0.4
    week_end_errands: tuple[Range, ...] = ((9.8, 11.5, 10.5), (14.5, 16.5, 15.3))
    week_end_errand: float = 0.6
    errand_takes: Range = (0.5, 2.2, 1.0)
    errands: tuple[tuple[Category, float], ...] = (("mall", 6), ("park", 3), ("hospital", 0.4))
    half_reach_m: float = 3_000.0  # so far from home a place is chosen half as often as next door


class Days:
    """One person's days, written into a trail."""

    def __init__(self, person: Person, city: City, trail: Trail, habits: Habits) -> None:
        self.person, self.city, self.trail, self.habits = person, city, trail, habits
        self.random = trail.random

    def live_day(self, day: date) -> None:
        """Live from one midnight at home to an evening at home."""
        if day.isoweekday() <= 5:
            self.work_day(day)
        else:
            self.week_end_day(day)

    def work_day(self, day: date) -> None:
        """Go to work, perhaps out for lunch, perhaps on an errand on the way home."""
        habits, trail = self.habits, self.trail
        trail.stay(self.hour(day, habits.leave_home), "home")
        trail.travel(self.person.work)
        if self.random.random() < habits.lunch_out:
            trail.stay(self.hour(day, habits.lunch), "work")
            self.lunch()
        trail.stay(self.hour(day, habits.leave_work), "work")
        if self.random.random() < habits.evening_errand:
            self.errand()
        trail.travel(self.person.home)

    def week_end_day(self, day: date) -> None:
        """Stay at home, but for an outing before and one after noon."""
        for start in self.habits.week_end_errands:
            if self.random.random() < self.habits.week_end_errand:
                self.trail.stay(self.hour(day, start), "home")
                self.errand()
                self.trail.travel(self.person.home)

    def lunch(self) -> None:
        """Eat in a mall within walking distance and come back; stay in where there is none."""
        work = self.person.work
        near = [mall for mall in self.city.of("mall") if metres(mall.gate, work.place.gate) <= WALKABLE_M]
        if near:
            mall = self.random.choice(near)
            self.visit(Spot(mall, mall.gate.nearby(self.random, 20, 60)), self.habits.lunch_takes)
            self.trail.travel(work)

    def errand(self) -> None:
        """Go somewhere that is open, the rather the nearer it is to home."""
        weights = dict(self.habits.errands)
        home, now = self.person.home.place.gate, self.trail.now
        arrival = (now, now + LONGEST_WAY)
        places = [p for p in self.city.of(*weights) if all(self.city.is_open(p, at) for at in arrival)]
        if places:
            scale = [weights[p.category] * 0.5 ** (metres(p.gate, home) / self.habits.half_reach_m) for p in places]
            place = self.random.choices(places, scale)[0]
            self.visit(Spot(place, place.gate.nearby(self.random, 20, 60)), self.habits.errand_takes)

    def visit(self, spot: Spot, hours: Range) -> None:
        """Go there and stay for some hours."""
        self.trail.travel(spot)
        self.trail.stay(self.trail.now + timedelta(seconds=round(self.draw(hours) * 3600)), "errand")

    def hour(self, day: date, hours: Range) -> datetime:
        """Choose a time of that day."""
        return at_hour(day, self.draw(hours), self.city.zone)

    def draw(self, values: Range) -> float:
        """Choose one value of a range."""
        return self.random.triangular(*values)


def live(person: Person, city: City, *, seed: int, first: date, days: int, habits: Habits | None = None) -> Week:
    """Live so many days from the midnight on which the first begins: the same for the same seed and person."""
    zone = city.zone
    trail = Trail(city, at_hour(first, 0, zone), person.home, stream(seed, "week", person.user_id))
    plan = Days(person, city, trail, habits or Habits())
    for day in range(days):
        plan.live_day(first + timedelta(days=day))
    trail.stay(at_hour(first + timedelta(days=days), 0, zone), "home")
    return trail.week()
