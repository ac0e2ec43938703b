"""The kernel beneath staypoints: runs of fixes that stay near their first one. Sorted columns in, columns out."""

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scantrail import geo

type Ints = NDArray[np.int64]

_RADIUS_M = 6_371_000.0  # trackintel's sphere: its staypoints and ours must break at the very same fix
_METRES_PER_DEGREE = _RADIUS_M * math.pi / 180
# On a plane that touches the Earth at the anchor, distances are this exact, relative to the distance over the radius,
# times the tangent of the latitude; the exact formula is asked where that does not decide.
_PLANE_ERROR = 4.0
_STEEP = 80.0  # degrees north or south: the plane is of no use
_FAR_M = 50_000.0
_NOWHERE = -1


class Runs(NamedTuple):
    """Each run's rows, from `first` to `end` (exclusive), and whether the person left, or was lost from sight."""

    first: Ints
    end: Ints
    left: NDArray[np.bool_]
    place: Ints

    def only(self, which: NDArray[np.bool_]) -> "Runs":
        """Those of them."""
        return Runs(self.first[which], self.end[which], self.left[which], self.place[which])


def runs(
    user: Ints, time_us: Ints, latitude: geo.Array, longitude: geo.Array, place: Ints, *, distance_m: float, gap_us: int
) -> Runs:
    """Divide fixes into runs: each is within `distance_m` of its first one, of one person, and without a gap.

    Args:
        user: number of the person; rows are in the order of person and time.
        time_us: microseconds.
        latitude: degrees, WGS-84; NaN where a fix names a place alone.
        longitude: degrees.
        place: number of the place that a fix names, -1 for none; no column at all (length 0) is as good.
        distance_m: so far from the run's first fix, or farther, is elsewhere (great circle).
        gap_us: a longer time between two fixes ends a run.

    Returns:
        The runs in order; every fix is in one. `place` is what a run's fixes name, -1 for nothing.

    """
    rows = len(time_us)
    first, left, named = np.empty(rows, np.int64), np.empty(rows, np.bool_), np.empty(rows, np.int64)
    count = _runs(user, time_us, latitude, longitude, place, distance_m, gap_us, first, left, named)
    # What lies behind was never touched, and so took no memory.
    first, left, named = first[:count].copy(), left[:count].copy(), named[:count].copy()
    return Runs(first, np.append(first, rows)[1:], left, named)


@njit(cache=True)
def _runs(
    user: Any,
    time_us: Any,
    latitude: Any,
    longitude: Any,
    place: Any,
    distance_m: float,
    gap_us: int,
    first: Any,
    left: Any,
    named: Any,
) -> int:
    count = 0
    here = _NOWHERE
    anchor = _anchor(0.0, 0.0, distance_m)
    for row in range(len(time_us)):
        cut = row == 0 or user[row] != user[row - 1] or time_us[row] - time_us[row - 1] > gap_us
        there = place[row] if len(place) else _NOWHERE
        if cut or _away(anchor, latitude[row], longitude[row], here, there):
            if count:
                left[count - 1] = not cut
            first[count] = row
            named[count] = there
            count += 1
            here = there
            anchor = _anchor(latitude[row], longitude[row], distance_m)
        elif here < 0 <= there:
            here = named[count - 1] = there
    if count:
        left[count - 1] = False
    return count


class _Anchor(NamedTuple):
    """A run's first position, and what decides on a plane that touches the Earth there whether another is away."""

    latitude: float
    longitude: float
    distance_m: float
    metres_per_degree_east: float
    inside_m2: float  # surely within the distance
    outside_m2: float  # surely not


@njit(cache=True)
def _anchor(latitude: float, longitude: float, distance_m: float) -> _Anchor:
    if abs(latitude) > _STEEP or distance_m > _FAR_M:
        return _Anchor(latitude, longitude, distance_m, 1.0, 0.0, math.inf)
    radians = math.radians(latitude)
    error = 1e-6 + _PLANE_ERROR * distance_m / _RADIUS_M * max(abs(math.tan(radians)), 1.0)
    return _Anchor(
        latitude,
        longitude,
        distance_m,
        _METRES_PER_DEGREE * math.cos(radians),
        (distance_m * (1 - error)) ** 2,
        (distance_m * (1 + error)) ** 2,
    )


@njit(cache=True)
def _away(anchor: _Anchor, latitude: float, longitude: float, here: int, there: int) -> bool:
    """Whether a fix is elsewhere; `here` and `there` are the places that the run and the fix name, -1 for none."""
    if here >= 0 and there >= 0 and here != there:
        return True
    north = (latitude - anchor.latitude) * _METRES_PER_DEGREE
    east = (longitude - anchor.longitude) * anchor.metres_per_degree_east
    away_m2 = north * north + east * east
    if away_m2 < anchor.inside_m2:
        return False
    if away_m2 > anchor.outside_m2 and abs(longitude - anchor.longitude) < 180.0:
        return True
    if math.isnan(away_m2):
        return here != there or here < 0
    return _great_circle_m(anchor.latitude, anchor.longitude, latitude, longitude) >= anchor.distance_m


@njit(cache=True)
def _great_circle_m(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """The distance as trackintel reckons it, to the last bit."""
    lat_1, lat_2 = math.radians(lat_a), math.radians(lat_b)
    bend = math.cos(lat_1) * math.cos(lat_2) * (1 - math.cos(math.radians(lon_a) - math.radians(lon_b)))
    return _RADIUS_M * math.acos(min(math.cos(lat_1 - lat_2) - bend, 1.0))


@njit(cache=True)
def centroids(first: Any, end: Any, latitude: Any, longitude: Any) -> Any:
    """Find the mean of the distinct positions of each run, also across the antimeridian; NaN where none has one.

    Args:
        first: rows where runs begin.
        end: where they end (exclusive).
        latitude: degrees.
        longitude: degrees.

    Returns:
        Latitudes and longitudes.

    """
    longest = 1
    for run in range(len(first)):
        longest = max(longest, end[run] - first[run])
    size = 4
    while size < 2 * longest:
        size *= 2
    seen = np.full(size, -1, np.int64)  # a hash table of rows, good for one run: older rows are before its first
    mean_latitude, mean_longitude = np.empty(len(first)), np.empty(len(first))
    latitude_bits, longitude_bits = latitude.view(np.int64), longitude.view(np.int64)
    for run in range(len(first)):
        origin = first[run]
        while origin < end[run] - 1 and math.isnan(latitude[origin]):
            origin += 1
        north = east = 0.0
        count = 0
        for row in range(origin, end[run]):
            if math.isnan(latitude[row]) or (
                row > origin
                and latitude_bits[row] == latitude_bits[row - 1]
                and longitude_bits[row] == longitude_bits[row - 1]
            ):
                continue
            slot = _hash(latitude_bits[row], longitude_bits[row]) & (size - 1)
            while seen[slot] >= origin and (
                latitude_bits[seen[slot]] != latitude_bits[row] or longitude_bits[seen[slot]] != longitude_bits[row]
            ):
                slot = (slot + 1) & (size - 1)
            if seen[slot] < origin:
                seen[slot] = row
                count += 1
                north += latitude[row] - latitude[origin]
                turn = longitude[row] - longitude[origin]
                east += turn - 360.0 * round(turn / 360.0)
        share = 1.0 / count if count else math.nan
        mean_latitude[run] = latitude[origin] + north * share
        middle = longitude[origin] + east * share
        mean_longitude[run] = middle - 360.0 * round(middle / 360.0)
    return mean_latitude, mean_longitude


@njit(cache=True)
def _hash(a: int, b: int) -> Any:
    mixed = np.uint64(a) * np.uint64(0x9E3779B97F4A7C15) ^ (np.uint64(b) * np.uint64(0xC2B2AE3D27D4EB4F))
    return np.int64((mixed ^ (mixed >> np.uint64(29))) >> np.uint64(3))


@njit(cache=True)
def in_order(user: Any, time_us: Any) -> Any:
    """Whether rows are in the order of person and time; and how many are of the same of both as the one before."""
    tied = 0
    for row in range(1, len(time_us)):
        if user[row] < user[row - 1] or (user[row] == user[row - 1] and time_us[row] < time_us[row - 1]):
            return False, 0
        tied += user[row] == user[row - 1] and time_us[row] == time_us[row - 1]
    return True, tied
