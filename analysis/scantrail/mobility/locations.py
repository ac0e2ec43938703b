"""Locations: the places that a subject comes back to."""

from typing import Any

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from scantrail import geo
from scantrail.mobility.days import Zone, wall_us
from scantrail.mobility.points import as_numbers
from scantrail.schema import LOCATIONS, STAYPOINTS

type Ints = NDArray[np.int64]

_DAY_US = 86_400_000_000


def locations(staypoints: pd.DataFrame, *, radius_m: float = 100.0, tz: Zone) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put the staypoints of each subject that lie together into locations.

    Staypoints are together if a chain of them links them with steps of at most `radius_m`: DBSCAN (Ester et al. 1996)
    on the sphere with one staypoint as the least, so that a place seen once is a location too. Where staypoints name
    places (`place_id`), the same place is a step, however far and even without a position, and two places are none.

    It takes memory for each staypoint, not for each pair; time grows with the pairs that share a band of latitude
    `radius_m` wide, of one subject.

    Args:
        staypoints: by `schema.STAYPOINTS`, rows in any order.
        radius_m: the longest step, in metres.
        tz: the zone in which days are counted.

    Returns:
        The staypoints, in their order, with `location_id`; and the locations by `schema.LOCATIONS`, in the order of
        subject and first visit. A location's position is the mean of its staypoints, weighted by their fixes; missing,
        if none of them has one.

    Raises:
        SchemaError: not a table of staypoints.

    """
    stays = STAYPOINTS.frame(staypoints)
    if "fixes" not in stays:
        stays["fixes"] = 1
    order = _order(stays)
    ids = np.empty(len(stays), np.int64)
    user, latitude, longitude, place = _columns(stays)
    ids[order] = together(user[order], latitude[order], longitude[order], place[order], radius_m=radius_m)
    stays["location_id"] = ids
    return STAYPOINTS.frame(stays), _describe(stays, order, tz)


def _order(stays: pd.DataFrame) -> Ints:
    """The rows by subject and time, so that their own order is no input."""
    started, finished = (pd.DatetimeIndex(stays[name]).asi8 for name in ("started_at", "finished_at"))
    user, *position, place = _columns(stays)
    return np.lexsort((place, *reversed(position), finished, started, user))


def _columns(stays: pd.DataFrame) -> tuple[Ints, geo.Array, geo.Array, Ints]:
    """Subjects by number, latitudes, longitudes, places by number (-1: none)."""
    named = "place_id" in stays
    place = pd.factorize(stays["place_id"], sort=True)[0] if named else np.full(len(stays), -1, np.int64)
    return as_numbers(stays["user_id"]), stays["latitude"].to_numpy(), stays["longitude"].to_numpy(), place


def together(user: Ints, latitude: geo.Array, longitude: geo.Array, place: Ints, *, radius_m: float) -> Ints:
    """Number the locations of rows in the order of subjects: 0, 1, … by subject and first row.

    Args:
        user: number of the subject.
        latitude: degrees; NaN where there is no position.
        longitude: degrees.
        place: number of the place, -1 for none.
        radius_m: the longest step, in metres.

    """
    return np.asarray(_together(user, geo.unit_vectors(latitude, longitude), place, geo.chord(radius_m)))


@njit(cache=True)
def _together(user: Any, points: Any, place: Any, chord: float) -> Any:
    root = np.arange(len(user))
    start = 0
    for end in range(1, len(user) + 1):
        if end == len(user) or user[end] != user[start]:
            _link_near(root, points, place, start, end, chord)
            _link_named(root, place, start, end)
            start = end
    number = np.empty(len(user), np.int64)
    found = 0
    for row in range(len(user)):  # a root is the first row of its location
        first = _find(root, row)
        if first == row:
            number[row] = found
            found += 1
        else:
            number[row] = number[first]
    return number


@njit(cache=True)
def _link_near(root: Any, points: Any, place: Any, start: int, end: int, chord: float) -> None:
    """Sweep from south to north: what is near lies within a chord in height, too."""
    rows = start + np.argsort(points[start:end, 2])  # NaN last
    for i in range(len(rows)):
        a = rows[i]
        for j in range(i + 1, len(rows)):
            b = rows[j]
            up = points[b, 2] - points[a, 2]
            if not up <= chord:
                break
            if place[a] >= 0 and place[b] >= 0 and place[a] != place[b]:
                continue
            apart = (points[b, 0] - points[a, 0]) ** 2 + (points[b, 1] - points[a, 1]) ** 2 + up * up
            if apart <= chord * chord:
                _link(root, a, b)


@njit(cache=True)
def _link_named(root: Any, place: Any, start: int, end: int) -> None:
    if place[start:end].max() < 0:
        return
    rows = start + np.argsort(place[start:end])
    for i in range(1, len(rows)):
        if place[rows[i]] >= 0 and place[rows[i]] == place[rows[i - 1]]:
            _link(root, rows[i - 1], rows[i])


@njit(cache=True)
def _link(root: Any, a: int, b: int) -> None:
    first, second = _find(root, a), _find(root, b)
    root[max(first, second)] = min(first, second)


@njit(cache=True)
def _find(root: Any, row: int) -> int:
    while root[row] != row:
        root[row] = root[root[row]]
        row = root[row]
    return row


def _describe(stays: pd.DataFrame, order: Ints, tz: Zone) -> pd.DataFrame:
    """One row for each location."""
    ids, fixes = stays["location_id"].to_numpy(), stays["fixes"].to_numpy()
    first = order[np.unique(ids[order], return_index=True)[1]]
    latitude, longitude = _centres(stays, len(first))
    away_m = geo.distance_m(stays["latitude"], stays["longitude"], latitude[ids], longitude[ids])
    first_day, last_day = (wall_us(stays[name], tz)[order] // _DAY_US for name in ("started_at", "finished_at"))
    return LOCATIONS.frame(
        {
            "user_id": stays["user_id"].array[first],
            "location_id": np.arange(len(first)),
            "latitude": latitude,
            "longitude": longitude,
            "staypoints": np.bincount(ids, minlength=len(first)),
            "fixes": np.bincount(ids, fixes, minlength=len(first)),
            "days": _days(ids[order], first_day, last_day, len(first)),
            "radius_m": pd.Series(away_m).groupby(ids).max().to_numpy(),
        }
    )


def _centres(stays: pd.DataFrame, count: int) -> tuple[geo.Array, geo.Array]:
    latitude, longitude = np.full(count, np.nan), np.full(count, np.nan)
    located = stays[stays["latitude"].notna()]
    number, row = np.unique(located["location_id"].to_numpy(), return_inverse=True)
    latitude[number], longitude[number] = geo.centres(located["latitude"], located["longitude"], row, located["fixes"])
    return latitude, longitude


@njit(cache=True)
def _days(location: Any, first_day: Any, last_day: Any, count: int) -> Any:
    """On how many local days each location was visited; rows of a location are in the order of time."""
    days = np.zeros(count, np.int64)
    counted = np.full(count, -(2**62))
    for row in range(len(location)):
        here = location[row]
        new = max(first_day[row], counted[here] + 1)
        if last_day[row] >= new:
            days[here] += last_day[row] - new + 1
            counted[here] = last_day[row]
    return days
