"""Meetings: two subjects at one location at once, as far as scans can tell."""

import math
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from scantrail import geo
from scantrail.mobility.days import Zone, microseconds, wall_us
from scantrail.mobility.pairs import Ints, Presences, meeting_keys, pairs
from scantrail.mobility.points import as_numbers
from scantrail.schema import MEETINGS, STAYPOINTS

__all__ = [
    "AFTER",
    "BEFORE",
    "Bounds",
    "Meetings",
    "Stay",
    "Within",
    "bounds",
    "meet",
    "meeting_keys",
    "meetings",
    "presences",
    "stay_time",
]

AFTER, BEFORE = timedelta(hours=8), timedelta(minutes=5)  # for how long people stay after a scan, and were there before
_SECOND_US = 1_000_000
_DAY_US = 86_400 * _SECOND_US
_NEVER_US = 1 << 60  # from 1970: so far away is no bound
_SOONEST_S = 1e-3  # who leaves at once leaves so soon, since the formulas divide by times
_TWIN_M = 1.0  # two uploads of one track differ by rounding alone


class Within(NamedTuple):
    """The plain rule: two subjects met if the one came no later than so long after the other was last seen."""

    within_us: int

    @property
    def reach_us(self) -> int:
        """How long after the end of one presence another may begin to make a meeting."""
        return self.within_us


class Stay(NamedTuple):
    """How long subjects stay unseen: exponential with these means, cut where they are next seen elsewhere."""

    after_s: float
    before_s: float
    least: float  # less probable meetings are none

    @property
    def reach_us(self) -> int:
        """How long after the end of one presence another may begin to make a meeting."""
        low_s, high_s = 0.0, 60.0 * (self.after_s + self.before_s)
        while high_s - low_s > _SOONEST_S:
            middle_s = (low_s + high_s) / 2
            likely = _chance(middle_s, math.inf, math.inf, self.after_s, self.before_s) >= self.least
            low_s, high_s = (middle_s, high_s) if likely else (low_s, middle_s)
        return math.ceil(high_s * _SECOND_US)


class Bounds(NamedTuple):
    """When each subject was last seen elsewhere before a presence, and next seen elsewhere after it."""

    came_us: Ints
    left_us: Ints

    def take(self, rows: Ints) -> "Bounds":
        """Those rows, in that order."""
        return Bounds(self.came_us[rows], self.left_us[rows])


class Meetings(NamedTuple):
    """Columns of meetings: the two rows (the smaller user first), when, and how probably."""

    first: Ints
    second: Ints
    started_us: Ints
    finished_us: Ints
    probability: geo.Array

    def take(self, rows: NDArray[np.integer]) -> "Meetings":
        """Those meetings, in that order."""
        columns: Any = (column[rows] for column in self)
        return Meetings(*columns)


def meetings(
    staypoints: pd.DataFrame,
    *,
    distance_m: float = 100.0,
    after: timedelta = AFTER,
    before: timedelta = BEFORE,
    least: float = 0.5,
    within: timedelta | None = None,
    per_day: Zone | None = None,
    drop_duplicates: bool = False,
) -> pd.DataFrame:
    """Find the pairs of subjects that were at one location at once.

    One location is the same `place_id` where both staypoints name one, and otherwise positions at most `distance_m`
    apart.

    A scan tells of a moment; how long its subject was there is not seen. It is supposed that people stay on for a time
    that is exponential with mean `after`, and had been there for one with mean `before`, both cut where the subject is
    next or was last seen elsewhere: who is seen elsewhere ten minutes later left within them. The probability is that
    of the two times filling the gap between the two staypoints; it is 1 where these overlap themselves. The means are
    assumptions. Those given suit scans on arrival, since who arrives stays for most of the time until the next scan
    elsewhere, if there is one. Scans at any moment know as little of what was before as of what comes after, and want
    two equal means, which `stay_time` learns.

    `within` is the plain rule instead: two staypoints are a meeting if the one begins at most so long after the other
    finished, whatever comes next.

    Nothing is compared all with all. Time grows with the pairs at one place that follow each other soon enough to be a
    meeting (for positions, those within about two distances), and memory with the staypoints and such pairs. No place
    is too crowded to be looked at.

    Args:
        staypoints: by `schema.STAYPOINTS`, rows in any order. One without place and position meets nobody.
        distance_m: how far apart two positions at one location are at most, in metres.
        after: mean time for which a subject stays after a staypoint.
        before: mean time for which a subject is there before it.
        least: meetings less probable are left out, above 0 to 1.
        within: the plain rule, instead of `after`, `before` and `least`.
        per_day: the zone in which days are meant, to sum up the meetings of a pair that begin on one local day: from
            the first to the last, durations added, and the highest probability, since those of a day depend on one
            another. Place and position are those of the first.
        drop_duplicates: leave out staypoints of two subjects that begin in the same second within a metre: one
            recording under two ids, as in Geolife.

    Returns:
        A table by `schema.MEETINGS`, ordered by the subjects and time. A meeting begins when the later of the two is
        expected to have come and ends when the earlier is expected to have left; where these expectations do not meet,
        it is the moment at which the later was first seen. With `within`, a subject is there from a staypoint's
        beginning until so long after its end.

    Raises:
        SchemaError: not a table of staypoints.
        ValueError: `least` is not a probability above 0, or a time or distance is negative.

    """
    if min(after, before, within or after) < timedelta(0) or distance_m < 0 or not 0 < least <= 1:
        raise ValueError("meetings: times and distance_m must not be negative, and least must be above 0 to 1")
    stays = STAYPOINTS.frame(staypoints)
    stay = Stay(after.total_seconds(), before.total_seconds(), least)
    rule = stay if within is None else Within(microseconds(within))
    seen = presences(stays)
    found = meet(seen, bounds(seen, distance_m=distance_m), rule, distance_m=distance_m)
    if drop_duplicates:
        found = _without_twins(seen, found)
    events = _table(stays, seen, found)
    return events if per_day is None else _summed(events, per_day)


def stay_time(
    staypoints: pd.DataFrame, *, distance_m: float = 100.0, longest: timedelta = timedelta(hours=24)
) -> timedelta:
    """Learn from the pauses of scans for how long people stay, on the mean: what `meetings` wants as `after`.

    The time is supposed to be exponential. A pause whose two ends are at one location was stayed through, one whose
    ends are not was left at some moment of it; the mean is the most likely one for all pauses. This suits scans at any
    moment, which want it as `before`, too. Scans on arrival alone are never followed by one at the same place, and
    seem to tell that nobody ever stays.

    Args:
        staypoints: by `schema.STAYPOINTS`, rows in any order.
        distance_m: how far apart two positions at one location are at most, in metres.
        longest: a longer pause tells nothing, for people come back.

    Returns:
        The mean, some seconds to 30 days; an hour, if there is nothing to learn from.

    Raises:
        SchemaError: not a table of staypoints.

    """
    seen = presences(STAYPOINTS.frame(staypoints))
    row, following, elsewhere = _steps(seen, distance_m)
    pause_s = (seen.started_us[following] - seen.finished_us[row]) // _SECOND_US
    known = (pause_s > 0) & (pause_s <= longest.total_seconds())
    inside_s = (seen.finished_us - seen.started_us).sum() / _SECOND_US
    stayed_s = float(pause_s[known & ~elsewhere].sum() + inside_s)
    left = np.bincount(pause_s[known & elsewhere], minlength=1)  # how many pauses of so many seconds
    if not stayed_s and not left.any():
        return timedelta(hours=1)
    second = np.flatnonzero(left)
    low_s, high_s = 1.0, 30 * 86_400.0
    while high_s > low_s * 1.000_01:  # below the mean looked for, a longer one is likelier
        mean_s = math.sqrt(low_s * high_s)
        stays = np.exp(-second / mean_s)
        too_long = (left[second] * second * stays / (1.0 - stays)).sum() > stayed_s
        low_s, high_s = (low_s, mean_s) if too_long else (mean_s, high_s)
    return timedelta(seconds=high_s)


def presences(stays: pd.DataFrame) -> Presences:
    """Columns of a table by `schema.STAYPOINTS`; text ids of subjects and places are numbered in their order."""
    named = "place_id" in stays
    started_us, finished_us = (pd.DatetimeIndex(stays[name]).asi8 for name in ("started_at", "finished_at"))
    return Presences(
        as_numbers(stays["user_id"]),
        started_us,
        np.maximum(started_us, finished_us),
        pd.factorize(stays["place_id"], sort=True)[0] if named else np.full(len(stays), -1, np.int64),
        stays["latitude"].to_numpy(),
        stays["longitude"].to_numpy(),
    )


def bounds(seen: Presences, *, distance_m: float) -> Bounds:
    """When each subject was elsewhere: at another place, or farther away. Needs all rows of a subject, in any order."""
    row, following, elsewhere = _steps(seen, distance_m)
    row, following = row[elsewhere], following[elsewhere]
    left, came = np.full(len(seen.user), _NEVER_US), np.full(len(seen.user), -_NEVER_US)
    left[row] = np.maximum(seen.started_us[following], seen.finished_us[row])
    came[following] = np.minimum(seen.finished_us[row], seen.started_us[following])
    return Bounds(came, left)


def _steps(seen: Presences, distance_m: float) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Each row that a later one of its subject follows, that one, and whether it is elsewhere."""
    order = np.lexsort((seen.longitude, seen.latitude, seen.place, seen.finished_us, seen.started_us, seen.user))
    same = np.flatnonzero(seen.user[order[:-1]] == seen.user[order[1:]])
    row, following = order[same], order[same + 1]
    both = (seen.place[row] >= 0) & (seen.place[following] >= 0)
    away_m = geo.distance_m(*(column[rows] for rows in (row, following) for column in (seen.latitude, seen.longitude)))
    return row, following, np.where(both, seen.place[row] != seen.place[following], away_m > distance_m)


def meet(
    seen: Presences, limits: Bounds, rule: Within | Stay, *, distance_m: float, partition: Ints | None = None
) -> Meetings:
    """Find meetings in columns, whole or by partitions: what `meetings` does, for an engine that shuffles.

    Args:
        seen: the presences; numbers of subjects and places must agree between partitions.
        limits: by `bounds`, of the same rows, and found before they are divided.
        rule: when two presences are a meeting.
        distance_m: how far apart two positions at one location are at most.
        partition: the keys of the rows by `meeting_keys`, with this `distance_m` and the rule's `reach_us`.

    Returns:
        The meetings, in no particular order. Each is found by one partition only.

    """
    first, second = pairs(seen, distance_m=distance_m, reach_us=rule.reach_us, partition=partition)
    if isinstance(rule, Within):
        started = np.maximum(seen.started_us[first], seen.started_us[second])
        finished = np.minimum(seen.finished_us[first], seen.finished_us[second]) + rule.within_us
        return Meetings(first, second, started, finished, np.ones(len(first)))
    columns = (seen.started_us, seen.finished_us, *limits, rule.after_s, rule.before_s)
    started, finished, probability = _expected(first, second, *columns)
    return Meetings(first, second, started, finished, probability).take(np.flatnonzero(probability >= rule.least))


@njit(cache=True)
def _expected(
    first: Any, second: Any, started: Any, finished: Any, came: Any, left: Any, after_s: float, before_s: float
) -> Any:
    begin, end = np.empty(len(first), np.int64), np.empty(len(first), np.int64)
    probability = np.ones(len(first))
    for pair in range(len(first)):
        a, b = first[pair], second[pair]
        if started[a] > started[b]:
            a, b = b, a
        gap_s = (started[b] - finished[a]) / _SECOND_US
        if gap_s > 0:
            after_room_s, before_room_s = (left[a] - finished[a]) / _SECOND_US, (started[b] - came[b]) / _SECOND_US
            probability[pair] = _chance(gap_s, after_room_s, before_room_s, after_s, before_s)
        begin[pair], end[pair] = -_NEVER_US, _NEVER_US
        for row in (a, b):
            until = finished[row] + _SECOND_US * _mean(after_s, (left[row] - finished[row]) / _SECOND_US)
            since = started[row] - _SECOND_US * _mean(before_s, (started[row] - came[row]) / _SECOND_US)
            begin[pair], end[pair] = max(begin[pair], int(since)), min(end[pair], int(until))
        if begin[pair] > end[pair]:
            begin[pair] = end[pair] = min(started[b], left[a])
    return begin, end, probability


@njit(cache=True)
def _mean(mean_s: float, room_s: float) -> float:
    """The mean of an exponential time that is at most `room_s`."""
    if mean_s <= 0.0:
        return 0.0
    share = room_s / mean_s
    if share < 1e-6:  # a short room is left at any moment alike
        return room_s / 2
    return mean_s - room_s / math.expm1(share) if share < 50.0 else mean_s


@njit(cache=True)
def _chance(gap_s: float, after_room_s: float, before_room_s: float, after_s: float, before_s: float) -> float:
    """That two exponential times, each at most its room, are longer than the gap together.

    The one that stays is integrated over: when it leaves, the other has already come or not.
    """
    after_s, before_s = max(after_s, _SOONEST_S), max(before_s, _SOONEST_S)
    after_room_s, before_room_s = max(after_room_s, _SOONEST_S), max(before_room_s, _SOONEST_S)
    if gap_s >= after_room_s + before_room_s:
        return 0.0
    low = max(gap_s - before_room_s, 0.0)  # who leaves before is not met
    high = min(after_room_s, gap_s)  # who leaves after is met
    all_after = -math.expm1(-after_room_s / after_s)
    all_before = -math.expm1(-before_room_s / before_s)
    stays_on = math.exp(-high / after_s) - math.exp(-after_room_s / after_s)
    leaves = math.exp(-low / after_s) - math.exp(-high / after_s)
    # e^(-x / after) e^(-(gap - x) / before), integrated from low to high, from the end at which it is larger
    rate = 1.0 / after_s - 1.0 / before_s
    top = low if rate > 0 else high
    width = high - low
    area = -math.expm1(-abs(rate) * width) / abs(rate) if abs(rate) * width > 1e-9 else width
    late = math.exp(-top / after_s - (gap_s - top) / before_s) * area / after_s
    missed_by_room = math.exp(-before_room_s / before_s)
    return min(max((stays_on + (late - missed_by_room * leaves) / all_before) / all_after, 0.0), 1.0)


def _without_twins(seen: Presences, found: Meetings) -> Meetings:
    apart_m = geo.distance_m(
        *(column[rows] for rows in (found.first, found.second) for column in (seen.latitude, seen.longitude))
    )
    seconds = [seen.started_us[rows] // _SECOND_US for rows in (found.first, found.second)]
    return found.take(np.flatnonzero(~((seconds[0] == seconds[1]) & (apart_m < _TWIN_M))))


def _table(stays: pd.DataFrame, seen: Presences, found: Meetings) -> pd.DataFrame:
    first, second = found.first, found.second
    located = np.where(np.isnan(seen.latitude[first]), second, first)
    columns: dict[str, Any] = {
        "user_id": stays["user_id"].array[first],
        "other_id": stays["user_id"].array[second],
        "started_at": pd.to_datetime(found.started_us, unit="us", utc=True),
        "finished_at": pd.to_datetime(found.finished_us, unit="us", utc=True),
        "duration_s": (found.finished_us - found.started_us) / _SECOND_US,
        "probability": found.probability,
        "latitude": seen.latitude[located],
        "longitude": seen.longitude[located],
        "staypoint_id": first,
        "other_staypoint_id": second,
    }
    if "place_id" in stays:
        shared = (seen.place[first] >= 0) & (seen.place[first] == seen.place[second])
        columns["place_id"] = stays["place_id"].take(first).reset_index(drop=True).where(shared)
    keys = (columns["longitude"], columns["latitude"], found.probability, found.finished_us, found.started_us)
    order = np.lexsort((*keys, seen.user[second], seen.user[first]))
    return MEETINGS.frame(pd.DataFrame(columns).take(order))


def _summed(events: pd.DataFrame, tz: Zone) -> pd.DataFrame:
    """One row for each pair and local day."""
    day = wall_us(events["started_at"], tz) // _DAY_US
    pair = events.drop(columns=["staypoint_id", "other_staypoint_id"]).groupby(["user_id", "other_id", day])
    summed = pair.head(1).reset_index(drop=True)
    summed["finished_at"] = pair["finished_at"].max().to_numpy()
    summed["duration_s"] = pair["duration_s"].sum().to_numpy()
    summed["probability"] = pair["probability"].max().to_numpy()
    return MEETINGS.frame(summed.assign(meetings=pair.size().to_numpy()))
