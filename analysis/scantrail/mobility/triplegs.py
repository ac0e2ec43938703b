"""Triplegs: the fixes on the way, between two staypoints."""

import math
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from scantrail import geo
from scantrail.mobility.days import microseconds
from scantrail.mobility.runs import Ints
from scantrail.mobility.staypoints import columns_of, order_of
from scantrail.schema import POSITIONFIXES, STAYPOINTS, TRIPLEGS, SchemaError

_DIAMETER_M = 2 * geo.EARTH_RADIUS_M
_SMALL = 1e-3  # radians: such an angle is its own sine, but for less than a millionth; most steps are smaller


def triplegs(
    positionfixes: pd.DataFrame, staypoints: pd.DataFrame, *, gap: timedelta = timedelta(minutes=15)
) -> pd.DataFrame:
    """Find the triplegs: the fixes of a subject that follow each other, and of which none is in a staypoint.

    They are those of trackintel's `generate_triplegs(method="between_staypoints")`: at least two fixes, which are not
    all at one position. A tripleg is a thing of dense tracks. Of scans, each is in a staypoint already.

    Args:
        positionfixes: by `schema.POSITIONFIXES`, rows in any order; in the order of person and time none is moved.
        staypoints: by `schema.STAYPOINTS`, made from them with a `duration`, rows in any order. They must say how many
            `fixes` each was made from.
        gap: a longer time without a fix begins a new tripleg.

    Returns:
        A table by `schema.TRIPLEGS`, ordered by subject and time.

    Raises:
        SchemaError: not such tables, or a staypoint that is not of these fixes.

    """
    fixes, stays = POSITIONFIXES.frame(positionfixes), STAYPOINTS.frame(staypoints)
    if "fixes" not in stays:
        raise SchemaError("table staypoints: no column fixes, and triplegs are what lies between them")
    columns, _ = columns_of(fixes)
    order = order_of(fixes, columns)
    if order is not None:
        columns = columns.in_order(order)
    row: Any = slice(None) if order is None else order
    user_id, tracked_at = (fixes[name].array[row] for name in ("user_id", "tracked_at"))
    user, time_us, latitude, longitude, _ = columns
    staying = _staying(stays, user_id, user, time_us)
    found = legs(user, time_us, latitude, longitude, staying, gap_us=microseconds(gap))
    return TRIPLEGS.frame(
        {
            "user_id": user_id[found.first],
            "started_at": tracked_at[found.first],
            "finished_at": tracked_at[found.end - 1],
            "origin_latitude": latitude[found.origin],
            "origin_longitude": longitude[found.origin],
            "destination_latitude": latitude[found.destination],
            "destination_longitude": longitude[found.destination],
            "fixes": found.end - found.first,
            "length_m": found.length_m,
        }
    )


def _staying(stays: pd.DataFrame, user_id: Any, user: Ints, time_us: Ints) -> NDArray[np.bool_]:
    """Which of the sorted fixes are in a staypoint."""
    first = np.flatnonzero(np.diff(user, prepend=user[:1] - 1))
    person = pd.Index(user_id[first]).get_indexer(pd.Index(stays["user_id"]))
    started, finished = (pd.DatetimeIndex(stays[name]).asi8 for name in ("started_at", "finished_at"))
    order = np.lexsort((finished, started, person))
    staying = np.zeros(len(user), np.bool_)
    bounds, fixes = np.append(first, len(user)), stays["fixes"].to_numpy()
    other = _mark(staying, time_us, bounds, person[order], started[order], finished[order], fixes[order])
    if other >= 0:
        raise SchemaError(f"table staypoints: row {order[other]} is not made from these positionfixes")
    return staying


@njit(cache=True)
def _mark(
    staying: Any, time_us: Any, bounds: Any, person: Any, started: Any, finished: Any, fixes: Any
) -> int:  # which staypoint is of other fixes; -1 for none
    free = 0  # the first row behind the staypoint before
    for stay in range(len(person)):
        if person[stay] < 0:
            return stay
        start, end = bounds[person[stay]], bounds[person[stay] + 1]
        times = time_us[start:end]
        earliest = max(start + np.searchsorted(times, started[stay]), free)
        latest = start + np.searchsorted(times, started[stay], side="right") - 1
        # Of fixes at the very time at which it starts, the first ones may be on the way still.
        row = min(max(start + np.searchsorted(times, finished[stay]) - fixes[stay], earliest), latest)
        free = row + fixes[stay]
        if latest < earliest or free > end:
            return stay
        staying[row:free] = True
    return -1


class Legs(NamedTuple):
    """Each tripleg's rows, from `first` to `end` (exclusive), those of its first and last position, and its length."""

    first: Ints
    end: Ints
    origin: Ints
    destination: Ints
    length_m: geo.Array


def legs(
    user: Ints,
    time_us: Ints,
    latitude: geo.Array,
    longitude: geo.Array,
    staying: NDArray[np.bool_],
    *,
    gap_us: int,
) -> Legs:
    """Find the triplegs in sorted columns.

    Args:
        user: number of the person; rows are in the order of person and time.
        time_us: microseconds.
        latitude: degrees, WGS-84; NaN where a fix has no position.
        longitude: degrees.
        staying: whether a fix is in a staypoint.
        gap_us: a longer time between two fixes ends a tripleg.

    """
    most = len(time_us) // 2 + 1  # each has two fixes, but for the one that is being looked at
    first, end, origin, destination = (np.empty(most, np.int64) for _ in range(4))
    length_m = np.empty(most)
    count = _legs(user, time_us, latitude, longitude, staying, gap_us, first, end, origin, destination, length_m)
    # What lies behind was never touched, and so took no memory.
    first, end, origin, destination = (column[:count].copy() for column in (first, end, origin, destination))
    return Legs(first, end, origin, destination, length_m[:count].copy())


@njit(cache=True)
def _legs(
    user: Any,
    time_us: Any,
    latitude: Any,
    longitude: Any,
    staying: Any,
    gap_us: int,
    first: Any,
    end: Any,
    origin: Any,
    destination: Any,
    length_m: Any,
) -> int:
    leg = -1
    cosine = 1.0  # of the latitude of the last position
    moved = True  # whether the open leg has two positions; if not, the next one takes its place
    for row in range(len(time_us)):
        if staying[row]:
            continue
        if row == 0 or staying[row - 1] or user[row] != user[row - 1] or time_us[row] - time_us[row - 1] > gap_us:
            leg += moved
            moved = False
            first[leg] = origin[leg] = destination[leg] = row
            length_m[leg] = 0.0
        end[leg] = row + 1
        if math.isnan(latitude[row]):
            continue
        before, cosine = cosine, math.cos(math.radians(latitude[row]))
        last = destination[leg]
        if math.isnan(latitude[last]):
            origin[leg] = row
        elif latitude[row] != latitude[last] or longitude[row] != longitude[last]:
            moved = True
            north, east = latitude[row] - latitude[last], longitude[row] - longitude[last]
            length_m[leg] += _step_m(north, east, before * cosine)
        destination[leg] = row
    return leg + moved


@njit(cache=True)
def _step_m(north: float, east: float, cosines: float) -> float:
    """`geo.distance_m` of positions so many degrees apart; `cosines` is the product of those of their latitudes."""
    north, east = math.radians(north) / 2, math.radians(east) / 2
    if abs(north) + abs(east) < _SMALL:
        return _DIAMETER_M * math.sqrt(north * north + cosines * east * east)
    half = math.sin(north) ** 2 + cosines * math.sin(east) ** 2
    return _DIAMETER_M * math.asin(math.sqrt(min(half, 1.0)))
