"""Many people at once: every scan of a population, as columns, from the same kernels that live single days."""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numba import njit

from scansim.city import CATEGORIES
from scansim.life.columns import Floats, Ints, Records
from scansim.life.days import live_day, settle
from scansim.life.diary import Diary, blank
from scansim.life.draws import kernel
from scansim.life.habits import Habits, Receiver
from scansim.life.receiver import MILLISECONDS, measure
from scansim.life.scene import Scene
from scansim.life.town import Town
from scansim.life.who import WHO, Who, tell

SAMPLE = 2_000  # people who live to see how often gates are passed
CHUNK = 20_000  # people whose scans are made together
_KEPT = 8  # segments of the days before: enough for any old position
_ROOM = 5  # scans a day for each of them on average, and there is more if that is not enough

SCAN = np.dtype(
    [
        ("number", np.int64), ("at", np.int64), ("place", np.int32), ("gate", np.int32), ("direction", np.int8),
        ("remote", np.bool_), ("latitude", np.float64), ("longitude", np.float64), ("accuracy_m", np.float32),
    ]
)  # fmt: skip
"""A scan: who (number), when (seconds since the first midnight), at which gate, and what the phone's receiver said."""


class Calendar(NamedTuple):
    """When each day begins, in seconds since the first midnight (one more than there are days), and its week day."""

    midnights: Ints
    week_days: Ints

    @property
    def days(self) -> int:
        """How many there are."""
        return len(self.week_days)


class Society(NamedTuple):
    """All that people's lives depend on: a city, habits, phones, days."""

    town: Town
    habits: Habits
    receiver: Receiver
    calendar: Calendar


def calibrate(society: Society, a_day: float) -> Society:
    """Scale how often guards check, so that a person is scanned so often a day on average.

    The first `SAMPLE` people of the seed live for it, however many there are afterwards. No share exceeds 1: where
    gates are too few, people are scanned at every one, and less often than asked for.
    """
    habits = society.habits.copy()
    habits["chance"] = np.where(habits["chance"] > 0, 1.0, 0.0)
    _, passed = _part(society._replace(habits=habits), 1, SAMPLE)
    wanted, shares = a_day * SAMPLE * society.calendar.days, society.habits["chance"]

    def scans(factor: float) -> float:
        return float((np.minimum(shares * factor, 1.0) * passed).sum())

    low, high = 0.0, 1e6
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if scans(middle) < wanted else (low, middle)
    habits["chance"] = np.minimum(shares * high, 1.0)
    return society._replace(habits=habits)


def scans(society: Society, people: int, *, first: int = 1, threads: int | None = None) -> Iterator[Records]:
    """Make all scans of so many people, from the person of a number on, some thousand people at a time.

    The rows (`SCAN`) are in the order of people and time. The same people have the same scans in any part.
    """
    chunks = [(number, min(CHUNK, first + people - number)) for number in range(first, first + people, CHUNK)]
    workers = threads or os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        waiting = deque(pool.submit(_part, society, *chunk) for chunk in chunks[: workers + 1])
        for chunk in (*chunks[workers + 1 :], *[None] * len(waiting)):
            rows, _ = waiting.popleft().result()
            if chunk:
                waiting.append(pool.submit(_part, society, *chunk))
            yield rows


def _part(society: Society, first: int, people: int) -> tuple[Records, Floats]:
    """The scans of some people, and how often each kind of gate was passed."""
    town, habits, receiver, calendar = society
    room = people * calendar.days * _ROOM + 1_000
    while True:
        rows, passed = np.empty(room, SCAN), np.zeros((2, len(CATEGORIES)))
        who, diary = np.zeros(1, WHO)[0], blank()
        found = _live(town, habits, receiver, calendar, who, diary, first, people, rows, passed)
        if found >= 0:
            return rows[:found], passed
        room *= 2


@njit(cache=True, error_model="numpy", nogil=True)
def _live(
    town: Town,
    habits: Habits,
    receiver: Receiver,
    calendar: Calendar,
    who: Who,
    diary: Diary,
    first: int,
    people: int,
    scans: Records,
    passed: Floats,
) -> int:
    """Let people live all days; fills `scans` and counts all gates passed; returns the number of scans.

    A negative number says that the scans were more than there is room for.
    """
    scene, reading = Scene(np.empty(1, np.uint64), town, habits, diary), np.empty(3)
    days, end_s, found = len(calendar.week_days), calendar.midnights[-1], 0
    for number in range(first, first + people):
        tell(town, habits, number, who)
        settle(scene, who)
        for day in range(days):
            # What was lived before today is kept for phones that hand out old positions.
            _keep_last(diary)
            midnight_s, next_s = calendar.midnights[day], calendar.midnights[day + 1]
            live_day(scene, who, day, midnight_s, next_s, calendar.week_days[day], False)
            for index in range(diary.state["passages"]):
                row = diary.passages[index]
                second = row["at"] % 86_400
                if not row["remote"] and habits["hours_s"][0] <= second <= habits["hours_s"][1]:
                    passed[row["direction"], town.places[row["place"]]["category"]] += 1.0
                if not row["scanned"] or row["at"] >= end_s:
                    continue
                if found == len(scans):
                    return -1
                measure(
                    town, receiver, number, diary.segments, diary.state["segments"], row["at"] * MILLISECONDS, reading
                )
                scan = scans[found]
                scan["number"], scan["at"], scan["place"], scan["gate"] = number, row["at"], row["place"], row["gate"]
                scan["direction"], scan["remote"] = row["direction"], row["remote"]
                scan["latitude"], scan["longitude"], scan["accuracy_m"] = reading[0], reading[1], reading[2]
                found += 1
    return found


@kernel
def _keep_last(diary: Diary) -> None:
    """Forget all segments but the last few, and all passages."""
    count = diary.state["segments"]
    kept = min(count, _KEPT)
    for index in range(kept):
        diary.segments[index] = diary.segments[count - kept + index]
    diary.state["segments"], diary.state["passages"] = kept, 0
