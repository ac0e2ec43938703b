"""Which scans to believe: a code can be photographed and scanned elsewhere, and nobody is in two cities at once."""

from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numba import njit

from scantrail import geo
from scantrail.mobility.places import FINEST_M, on_earth, places, positioned, precisions
from scantrail.mobility.points import numbered
from scantrail.schema import PLACES, POSITIONFIXES

_BESIDE_M = 200.0  # how much farther than place and precision allow a position may be from the place it names
_AT_ONCE_M: Final = 1_000.0  # two positions so near are no journey: phones err, and give the last position they know
_HOUR_US: Final = 3.6e9
_TOLD, _UNTOLD, _CONFIRMED = 2.0, 1.0, 3.0  # what a fix counts in the longest chain: a position, a place alone, both
AREAS = ("adcode", "telephone_code", "postcode")
_DOUBTS = np.array([None, "position", "place", "speed"], dtype=object)
_NO_WAY: Final = -1
_LOOK_BACK: Final = 1_000  # fixes: of who cannot have been at more places than this at once


class Way(NamedTuple):
    """A way to travel: how fast it is at best, and what boarding it takes, once a journey."""

    speed_kmh: float
    overhead_h: float


WAYS = (Way(130.0, 0.0), Way(330.0, 0.25), Way(900.0, 1.0))  # by road, by rail, by air


def believe(
    positionfixes: pd.DataFrame, known: pd.DataFrame | None = None, *, ways: tuple[Way, ...] = WAYS
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Say of each fix where it was and whether it can be true; no row is left out.

    - A fix without a position, or with one coarser than the place it names, is at that place (`told_by`: place).
    - A fix whose position is not on the Earth is at no place (`doubt`: position).
    - A fix whose position is not at the place it names is remote: somebody scanned the code elsewhere (`doubt`: place).
      So is one without a position whose code cannot be a place's.
    - Of what is left, the longest chain of fixes that one person can have travelled is believed; who is in it for the
      position and the place that agree counts most. What is not in it is too fast (`doubt`: speed). Of two equal
      chains the one that ends first is believed.
    - A code that positions do not agree on names no place, and is taken out.
    - What an area told is no position: it says where a place is, no more.

    Args:
        positionfixes: by `schema.POSITIONFIXES`, rows in any order.
        known: where the places are, by `schema.PLACES`; by default `places` finds that from the same fixes.
        ways: how fast somebody can be at all, the slowest first.

    Returns:
        The fixes with `told_by` and `doubt`, in the same order; and the places.

    Raises:
        SchemaError: not such tables.

    """
    fixes = POSITIONFIXES.frame(positionfixes)
    located = places(fixes) if known is None else PLACES.frame(known)
    told = positioned(fixes)
    impossible = told & ~on_earth(fixes)
    centre, is_place = _places_of(fixes, located)
    latitude, longitude, precision_m = fixes["latitude"].to_numpy(), fixes["longitude"].to_numpy(), precisions(fixes)
    place_latitude, place_longitude, radius_m = centre.T  # NaN where there is no place, and so not far or near it

    apart_m = np.where(told, geo.distance_m(latitude, longitude, place_latitude, place_longitude), np.nan)
    elsewhere = impossible | (apart_m > radius_m + precision_m + _BESIDE_M)
    moved = (radius_m <= FINEST_M) & ~elsewhere & (~told | (precision_m > FINEST_M))
    latitude, longitude = np.where(moved, place_latitude, latitude), np.where(moved, place_longitude, longitude)
    precision_m = np.where(moved, radius_m, precision_m)
    by = fixes["told_by"] if "told_by" in fixes else pd.Series("position", index=fixes.index).where(told)
    vague = ~moved & by.isin(AREAS).to_numpy()
    latitude, longitude = np.where(vague, np.nan, latitude), np.where(vague, np.nan, longitude)
    elsewhere |= np.isnan(latitude) & ~is_place  # all that it names is a code that is no place's
    counts = np.where(moved, _UNTOLD, np.where(apart_m >= 0, _CONFIRMED, _TOLD))
    counts[elsewhere | np.isnan(latitude)] = 0.0
    too_fast = _too_fast(fixes, latitude, longitude, precision_m, counts, ways)

    said: dict[str, Any] = {
        "latitude": latitude,
        "longitude": longitude,
        "told_by": by.mask(moved, "place").mask(vague),
        "doubt": _DOUBTS[np.select([impossible, elsewhere, too_fast], [1, 2, 3])],
    }
    if "place_id" in fixes:
        said["place_id"] = fixes["place_id"].where(is_place)
    if "precision_m" in fixes:
        said["precision_m"] = np.where(moved, radius_m, fixes["precision_m"])
    return POSITIONFIXES.frame(fixes.assign(**said)), located


def believed(positionfixes: pd.DataFrame) -> pd.DataFrame:
    """The fixes that nothing speaks against."""
    if "doubt" not in positionfixes:
        return positionfixes
    return positionfixes[positionfixes["doubt"].isna()].reset_index(drop=True)


def _places_of(fixes: pd.DataFrame, located: pd.DataFrame) -> tuple[Any, Any]:
    """Latitude, longitude and radius of the place that each fix names; and whether its code can be a place's at all."""
    if "place_id" not in fixes:
        return np.full((len(fixes), 3), np.nan), np.ones(len(fixes), np.bool_)
    code = fixes["place_id"]
    at = np.where(code.notna(), pd.Index(located["place_id"]).get_indexer(pd.Index(code)), -1)
    centre = located[["latitude", "longitude", "radius_m"]].reindex(at).to_numpy()
    return centre, (at < 0) | np.isfinite(centre[:, 0])


def _too_fast(
    fixes: pd.DataFrame, latitude: Any, longitude: Any, precision_m: Any, counts: Any, ways: tuple[Way, ...]
) -> Any:
    """Which fixes are not in their person's longest chain; those that count nothing are in none, and not too fast."""
    rows = np.flatnonzero(counts > 0)
    user, _ = numbered(fixes["user_id"].iloc[rows])
    time_us = pd.DatetimeIndex(fixes["tracked_at"]).asi8[rows]
    columns = (latitude[rows], longitude[rows], precision_m[rows], counts[rows])
    order = np.lexsort((*columns, time_us, user))
    points = geo.unit_vectors(columns[0], columns[1])[order]
    speed, overhead = (np.array(column, dtype=np.float64) for column in zip(*ways, strict=True))
    kept = _chain(user[order], time_us[order], points, columns[2][order], columns[3][order], speed, overhead)
    too_fast = np.zeros(len(fixes), np.bool_)
    too_fast[rows[order[~kept]]] = True
    return too_fast


@njit(cache=True)
def _chain(user: Any, time_us: Any, points: Any, precision_m: Any, counts: Any, speed: Any, overhead: Any) -> Any:
    """Which fixes are in the chain that counts most, person by person: each can be reached from the one before."""
    kept = np.zeros(len(user), np.bool_)
    best, most, before = np.empty(len(user)), np.empty(len(user)), np.empty(len(user), np.int64)
    by = np.full(len(user), _NO_WAY)  # the way by which each was reached
    start = 0
    for row in range(len(user)):
        if user[row] != user[start]:
            start = row
        longest, behind = 0.0, -1
        for other in range(row - 1, max(start, row - _LOOK_BACK) - 1, -1):
            if most[other] <= longest:
                break  # no chain until there counts more
            if best[other] > longest:
                aboard = by[other] if _goes_on(before[other], other, row, points) else _NO_WAY
                way = _way(other, row, aboard, time_us, points, precision_m, speed, overhead)
                if way < len(speed):
                    longest, behind, by[row] = best[other], other, way
        best[row], before[row] = longest + counts[row], behind
        most[row] = max(best[row], most[row - 1]) if row > start else best[row]
        if row + 1 == len(user) or user[row + 1] != user[row]:
            at = start + np.argmax(best[start : row + 1])
            while at >= 0:
                kept[at] = True
                at = before[at]
    return kept


@njit(cache=True)
def _way(a: int, b: int, aboard: int, time_us: Any, points: Any, precision_m: Any, speed: Any, overhead: Any) -> int:
    """The first way by which b can be reached from a, past the last if none; who is aboard of one need not board it."""
    apart_km = (_metres(a, b, points) - precision_m[a] - precision_m[b] - _AT_ONCE_M) / 1_000
    if apart_km <= 0.0:
        return aboard
    hours = (time_us[b] - time_us[a]) / _HOUR_US
    for way in range(max(aboard, 0), len(speed)):
        if hours >= apart_km / speed[way] + (overhead[way] if way > aboard else 0.0):
            return way
    return len(speed)


@njit(cache=True)
def _goes_on(a: int, b: int, c: int, points: Any) -> bool:
    """Whether c is farther from a than b is: a journey goes on, whereas a stray fix is followed by the way back."""
    return a >= 0 and _metres(a, c, points) > _metres(a, b, points)


@njit(cache=True)
def _metres(a: int, b: int, points: Any) -> float:
    chord = 0.0
    for axis in range(3):
        chord += (points[a, axis] - points[b, axis]) ** 2
    return float(2 * geo.EARTH_RADIUS_M * np.arcsin(min(np.sqrt(chord) / 2, 1.0)))
