"""Where one person is, second by second, and the gates at which the code is scanned on the way."""

from bisect import bisect_right
from datetime import datetime
from typing import Literal, NamedTuple

from scansim.city import Place
from scansim.position import Position

type Activity = Literal["home", "work", "errand", "travel", "away"]
type Direction = Literal["enter", "leave"]


class Segment(NamedTuple):
    """A stay (`start` is `end`) or a straight move at constant speed; times UTC, positions WGS-84.

    Who is at school is at `work`; `away` is in another city.
    """

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
    """A person's code is scanned at a gate, or a person scans its poster.

    `gate` is a number, from 0, among those of the place. Who is not `admitted` was sent back. A `remote` scan is of a
    picture of the poster, from where the person is then.
    """

    at: datetime
    place: Place
    direction: Direction
    gate: int = 0
    admitted: bool = True
    remote: bool = False


class Week(NamedTuple):
    """What was lived: segments and scans in order, without gaps."""

    segments: tuple[Segment, ...]
    scans: tuple[Scan, ...]

    def position(self, at: datetime) -> Position:
        """Tell where the person truly is at a time within it; before and after it, where it begins and ends."""
        index = bisect_right(self.segments, at, key=lambda s: s.started_at) - 1
        segment = self.segments[max(index, 0)]
        return segment.position(min(max(at, segment.started_at), segment.finished_at))
