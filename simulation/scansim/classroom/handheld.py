"""The phone in somebody's hand: where it is, how it gets elsewhere, and where it has truly been."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from scansim.city import City, Place, nearest
from scansim.people import Person
from scansim.phone import Fix
from scansim.position import Position, metres
from scansim.trail import Activity, Segment

SPEED_M_S = 25 / 3.6  # through a city, by whatever takes one there
SHORTEST_WAY = timedelta(minutes=1)
ACCURACY_M = 10.0
NEAR_M = 150.0  # so near to home or work one is there


@dataclass
class Handheld:
    """The phone of a person who is not simulated: it is carried where somebody says."""

    person: Person
    city: City
    random: Random
    since: datetime
    position: Position
    segments: list[Segment] = field(default_factory=list)
    _way: Segment | None = None

    def carry(self, to: Position, now: datetime) -> datetime:
        """Set out for a position, and tell when the phone will be there. Who is on the way goes on from there."""
        self._stop(now)
        arrives = now + max(timedelta(seconds=metres(self.position, to) / SPEED_M_S), SHORTEST_WAY)
        self._way = Segment(now, arrives, self.position, to, "travel", "")
        return arrives

    def at(self, now: datetime) -> Position:
        """Where it is."""
        if self._way is None:
            return self.position
        return self._way.position(min(now, self._way.finished_at))

    def receive(self, now: datetime) -> Fix:
        """What its receiver says."""
        error = [self.random.gauss(0.0, ACCURACY_M / 2) for _ in range(2)]
        return Fix(self.at(now).moved(*error), ACCURACY_M)

    def place(self, now: datetime) -> tuple[Place, float]:
        """The nearest place, and how far away it is in metres."""
        there = self.at(now)
        found = nearest(self.city.places, there)
        return found, metres(found.gate, there)

    def lived(self, now: datetime) -> list[Segment]:
        """All stays and ways up to now."""
        self._arrive(now)
        if self._way:
            return [*self.segments, *_cut(self._way, now)]
        return [*self.segments, *_cut(self._stay(now), now)]

    def _stop(self, now: datetime) -> None:
        """End the stay or the way that the phone is in."""
        self.segments = self.lived(now)
        self.position, self.since, self._way = self.at(now), now, None

    def _arrive(self, now: datetime) -> None:
        if self._way and now >= self._way.finished_at:
            self.segments.append(self._way)
            self.position, self.since, self._way = self._way.end, self._way.finished_at, None

    def _stay(self, now: datetime) -> Segment:
        there = nearest(self.city.places, self.position)
        return Segment(self.since, now, self.position, self.position, self._activity(), there.name)

    def _activity(self) -> Activity:
        if metres(self.position, self.person.home.position) < NEAR_M:
            return "home"
        work = self.person.work
        return "work" if work and metres(self.position, work.position) < NEAR_M else "errand"


def _cut(segment: Segment, now: datetime) -> list[Segment]:
    """As much of a segment as lies before now: nothing of one that begins then."""
    if segment.started_at >= now:
        return []
    ends = min(now, segment.finished_at)
    return [segment._replace(finished_at=ends, end=segment.position(ends))]
