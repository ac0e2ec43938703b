"""What somebody lived, written down by kernels: where they were at all times, and the gates that they passed.

Segments follow each other without gaps: a stay (it ends where it starts) or a straight move at constant speed. Times
are seconds since the first midnight of the simulation, positions WGS-84 degrees, places rows of the town.
"""

from typing import NamedTuple

import numpy as np

from scansim.life.columns import Point, Records
from scansim.life.draws import kernel, small
from scansim.trail import Activity, Direction

HOME, WORK, ERRAND, TRAVEL, AWAY = range(5)
ACTIVITIES: tuple[Activity, ...] = ("home", "work", "errand", "travel", "away")
ENTER, LEAVE = range(2)
DIRECTIONS: tuple[Direction, ...] = ("enter", "leave")
MEMORY_PLACES = 24
_ROWS = 400  # nobody lives through a quarter of it in a day

SEGMENT = np.dtype(
    [
        ("started_at", np.int64), ("finished_at", np.int64), ("start", np.float64, 2), ("end", np.float64, 2),
        ("activity", np.int8), ("place", np.int64),
    ]
)  # fmt: skip
PASSAGE = np.dtype(
    [
        ("at", np.int64), ("place", np.int64), ("gate", np.int64), ("direction", np.int8), ("scanned", np.bool_),
        ("admitted", np.bool_), ("remote", np.bool_),
    ]
)  # fmt: skip
MEMORY = np.dtype([("known", np.int64), ("place", np.int64, MEMORY_PLACES), ("visits", np.int64, MEMORY_PLACES)])


STATE = np.dtype(
    [
        ("segments", np.int64), ("passages", np.int64), ("now", np.int64), ("at", np.float64, 2), ("place", np.int64),
        ("inside", np.bool_), ("memory", MEMORY),
    ]
)  # fmt: skip
"""How many segments and passages are written, up to which time, where the person is then, at which place and whether
inside its gate; and the places that they know."""


class Diary(NamedTuple):
    """One person's, of some days."""

    state: np.void
    segments: Records
    passages: Records


def blank() -> Diary:
    """Make one to write in."""
    return Diary(np.zeros(1, STATE)[0], np.zeros(_ROWS, SEGMENT), np.zeros(_ROWS, PASSAGE))


@small
def here(diary: Diary) -> Point:
    """Where the person is now."""
    return diary.state["at"][0], diary.state["at"][1]


@small
def add(diary: Diary, until: int, to: Point, activity: int, place: int) -> None:
    """Write one segment, from now and here; nothing if it is later already."""
    number = diary.state["segments"]
    if until <= diary.state["now"] or number == len(diary.segments):
        return
    row = diary.segments[number]
    row["started_at"], row["finished_at"] = diary.state["now"], until
    row["start"][0], row["start"][1] = diary.state["at"][0], diary.state["at"][1]
    row["end"][0], row["end"][1] = to
    row["activity"], row["place"] = activity, place
    diary.state["segments"] = number + 1
    diary.state["now"], diary.state["at"][0], diary.state["at"][1] = until, to[0], to[1]


@small
def note(
    diary: Diary, at: int, place: int, gate: int, direction: int, scanned: bool, admitted: bool, remote: bool
) -> None:
    """Write that a gate was passed, that its guard refused, or (`remote`) that its poster was scanned elsewhere."""
    number = diary.state["passages"]
    if number == len(diary.passages):
        return
    row = diary.passages[number]
    row["at"], row["place"], row["gate"], row["direction"] = at, place, gate, direction
    row["scanned"], row["admitted"], row["remote"] = scanned, admitted, remote
    diary.state["passages"] = number + 1


@kernel
def segment_at(segments: Records, count: int, at_s: float) -> int:
    """Find the segment of a time: the first for what is before it, the last for what is after."""
    low, high = 0, count - 1
    while low < high:
        middle = (low + high + 1) // 2
        if segments[middle]["started_at"] <= at_s:
            low = middle
        else:
            high = middle - 1
    return low


@kernel
def position_at(segments: Records, count: int, at_s: float) -> tuple[float, float]:
    """Tell where somebody was at a time; before the first segment, and after the last, where that starts or ends."""
    row = segments[segment_at(segments, count, at_s)]
    share = (at_s - row["started_at"]) / (row["finished_at"] - row["started_at"])
    share = min(max(share, 0.0), 1.0)
    start, end = row["start"], row["end"]
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
