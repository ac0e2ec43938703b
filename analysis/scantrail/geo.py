"""Positions on the Earth: distance and datums. Degrees in, degrees out; metres carry `_m` in the name.

All functions take floats or NumPy arrays alike and return arrays (0-d for floats). Those that begin with `point_` take
one position as plain floats and give plain floats: NumPy's calls on scalars cost microseconds each, and detectors ask
for every number of every request.

China's public maps use two obfuscated datums. GCJ-02 shifts WGS-84 by some hundred metres within a box around the
mainland; BD-09 (Baidu) shifts GCJ-02 once more. Neither is published by its makers; the constants below are those of
the widely used reverse-engineered implementations, checked in the tests against values that two map vendors'
converters returned.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

type Array = NDArray[np.float64]
type Point = tuple[float, float]  # latitude, longitude

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG 1980
METRES_PER_DEGREE = EARTH_RADIUS_M * np.pi / 180  # of latitude
_GCJ_A_M = 6_378_245.0  # semi-major axis, Krasovsky 1940
_GCJ_EE = 0.00669342162296594323  # first eccentricity squared, Krasovsky 1940
_GCJ_BOX = (0.8293, 55.8271, 72.004, 137.8347)  # south, north, west, east: outside, GCJ-02 is WGS-84
_BD_PI = np.pi * 3000.0 / 180.0


def distance_m(latitude_a: ArrayLike, longitude_a: ArrayLike, latitude_b: ArrayLike, longitude_b: ArrayLike) -> Array:
    """Great-circle distance in metres on the mean sphere (haversine; within 0.6 % of the ellipsoid)."""
    a_lat, a_lon, b_lat, b_lon = (
        np.radians(np.asarray(x, dtype=np.float64)) for x in (latitude_a, longitude_a, latitude_b, longitude_b)
    )
    half = np.sin((b_lat - a_lat) / 2) ** 2 + np.cos(a_lat) * np.cos(b_lat) * np.sin((b_lon - a_lon) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))


def unit_vectors(latitude: ArrayLike, longitude: ArrayLike) -> Array:
    """Positions as points on the unit sphere, one row (x, y, z) each: what is near on it is near in all three."""
    lat, lon = (np.radians(np.asarray(x, dtype=np.float64)) for x in (latitude, longitude))
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def positions(vectors: Array) -> tuple[Array, Array]:
    """Latitudes and longitudes of points in space, one row (x, y, z) each, which need not be on the unit sphere."""
    x, y, z = np.moveaxis(vectors, -1, 0)
    return np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))


def chord(distance_m: float) -> float:
    """How far apart two unit vectors are whose positions are so many metres apart on the Earth."""
    return float(2 * np.sin(distance_m / (2 * EARTH_RADIUS_M)))


def squares(latitude: ArrayLike, longitude: ArrayLike, side_m: float) -> NDArray[np.int64]:
    """Number the square of so many metres in which each position lies: rows of latitude, each cut by its own width."""
    lat, lon = np.asarray(latitude, dtype=np.float64), np.asarray(longitude, dtype=np.float64)
    height = side_m / METRES_PER_DEGREE
    row = np.floor((lat + 90.0) / height)
    around = np.maximum(np.floor(360.0 * np.cos(np.radians((row + 0.5) * height - 90.0)) / height), 1.0)  # in a row
    column = np.floor((lon + 180.0) % 360.0 / 360.0 * around)
    return np.asarray(row * np.ceil(360.0 / height) + column, dtype=np.int64)


def centres(
    latitude: ArrayLike, longitude: ArrayLike, group: NDArray[np.integer], weight: ArrayLike = 1.0
) -> tuple[Array, Array]:
    """Mean position of each group, also across the antimeridian.

    Args:
        latitude: degrees.
        longitude: degrees.
        group: the group of each position: 0, 1, … without a gap. Groups are small on the Earth: some kilometres.
        weight: how much each position counts.

    """
    lat, lon = np.asarray(latitude, dtype=np.float64), np.asarray(longitude, dtype=np.float64)
    weights = np.broadcast_to(np.asarray(weight, dtype=np.float64), lat.shape)
    _, first = np.unique(group, return_index=True)
    total = np.bincount(group, weights)
    north = np.bincount(group, weights * (lat - lat[first][group])) / total
    east = np.bincount(group, weights * _wrapped(lon - lon[first][group])) / total
    return lat[first] + north, _wrapped(lon[first] + east)


def _wrapped(longitude: Array) -> Array:
    """The same longitude within -180 to 180 degrees; what lies there already is not touched."""
    return np.asarray(longitude - 360.0 * np.round(longitude / 360.0))


def wgs84_to_gcj02(latitude: ArrayLike, longitude: ArrayLike) -> tuple[Array, Array]:
    """WGS-84 to GCJ-02. Outside the box around China nothing is shifted."""
    lat, lon = np.asarray(latitude, dtype=np.float64), np.asarray(longitude, dtype=np.float64)
    d_lat, d_lon = _gcj_offset(lat, lon, np)
    return lat + d_lat, lon + d_lon


def gcj02_to_wgs84(latitude: ArrayLike, longitude: ArrayLike) -> tuple[Array, Array]:
    """GCJ-02 to WGS-84, by fixed point: three steps are within 0.1 mm."""
    lat, lon = np.asarray(latitude, dtype=np.float64), np.asarray(longitude, dtype=np.float64)
    w_lat, w_lon = lat, lon
    for _ in range(4):
        d_lat, d_lon = _gcj_offset(w_lat, w_lon, np)
        w_lat, w_lon = lat - d_lat, lon - d_lon
    return w_lat, w_lon


def gcj02_to_bd09(latitude: ArrayLike, longitude: ArrayLike) -> tuple[Array, Array]:
    """GCJ-02 to BD-09."""
    lat, lon = np.asarray(latitude, dtype=np.float64), np.asarray(longitude, dtype=np.float64)
    b_lat, b_lon = _bd_shifted(lat, lon, np)
    return b_lat, b_lon


def bd09_to_gcj02(latitude: ArrayLike, longitude: ArrayLike) -> tuple[Array, Array]:
    """BD-09 to GCJ-02, by fixed point on the forward formula (the usual closed inverse is off by up to a metre)."""
    lat, lon = np.asarray(latitude, dtype=np.float64), np.asarray(longitude, dtype=np.float64)
    g_lat, g_lon = lat - 0.006, lon - 0.0065
    for _ in range(6):
        b_lat, b_lon = gcj02_to_bd09(g_lat, g_lon)
        g_lat, g_lon = g_lat + lat - b_lat, g_lon + lon - b_lon
    return g_lat, g_lon


def to_wgs84(latitude: ArrayLike, longitude: ArrayLike, datum: str) -> tuple[Array, Array]:
    """Any datum of `scantrail.model.Datum` to WGS-84; `unknown` is taken as it is.

    `webmercator` is WGS-84 once its metres are degrees (`scantrail.mercator`).

    Raises:
        ValueError: not a known datum.

    """
    match datum:
        case "wgs84" | "unknown" | "webmercator":
            return np.asarray(latitude, dtype=np.float64), np.asarray(longitude, dtype=np.float64)
        case "gcj02":
            return gcj02_to_wgs84(latitude, longitude)
        case "bd09":
            return gcj02_to_wgs84(*bd09_to_gcj02(latitude, longitude))
    raise ValueError(f"unknown datum {datum!r}: use wgs84, gcj02, bd09, webmercator or unknown")


def point_distance_m(a: Point, b: Point) -> float:
    """`distance_m` of two positions."""
    north, east = math.radians(b[0] - a[0]), math.radians(b[1] - a[1])
    half = math.sin(north / 2) ** 2 + math.cos(math.radians(a[0])) * math.cos(math.radians(b[0])) * (
        math.sin(east / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(half, 1.0)))


def point_is_shifted(point: Point) -> bool:
    """Whether a position lies in the box within which GCJ-02 differs from WGS-84."""
    south, north, west, east = _GCJ_BOX
    return south <= point[0] <= north and west <= point[1] <= east


def point_from_wgs84(point: Point, datum: str) -> Point:
    """One WGS-84 position in a datum; `unknown` is taken as WGS-84.

    Raises:
        ValueError: not a known datum.

    """
    match datum:
        case "wgs84" | "unknown" | "webmercator":
            return point
        case "gcj02":
            d_lat, d_lon = _gcj_offset(*point, math)
            return point[0] + d_lat, point[1] + d_lon
        case "bd09":
            return _bd_shifted(*point_from_wgs84(point, "gcj02"), math)
    raise ValueError(f"unknown datum {datum!r}: use wgs84, gcj02, bd09, webmercator or unknown")


def point_to_wgs84(point: Point, datum: str) -> Point:
    """`to_wgs84` of one position, by fixed point on `point_from_wgs84`: within a millimetre.

    Raises:
        ValueError: not a known datum.

    """
    latitude, longitude = point
    for _ in range(6 if datum in ("gcj02", "bd09") else 0):
        sent = point_from_wgs84((latitude, longitude), datum)
        latitude, longitude = latitude + point[0] - sent[0], longitude + point[1] - sent[1]
    return point_from_wgs84((latitude, longitude), "unknown" if datum in ("gcj02", "bd09") else datum)


# The formulas, for floats (`m` is math) and arrays (`m` is NumPy) alike.


def _bd_shifted(lat: Any, lon: Any, m: Any) -> tuple[Any, Any]:
    radius = m.hypot(lon, lat) + 0.00002 * m.sin(lat * _BD_PI)
    angle = m.atan2(lat, lon) + 0.000003 * m.cos(lon * _BD_PI)
    return radius * m.sin(angle) + 0.006, radius * m.cos(angle) + 0.0065


def _gcj_offset(latitude: Any, longitude: Any, m: Any) -> tuple[Any, Any]:
    """The GCJ-02 shift in degrees at a WGS-84 position; zero outside the box."""
    x, y = longitude - 105.0, latitude - 35.0
    common = (20.0 * m.sin(6.0 * x * m.pi) + 20.0 * m.sin(2.0 * x * m.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * m.sqrt(m.fabs(x)) + common
    north += (20.0 * m.sin(y * m.pi) + 40.0 * m.sin(y / 3.0 * m.pi)) * 2.0 / 3.0
    north += (160.0 * m.sin(y / 12.0 * m.pi) + 320.0 * m.sin(y * m.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * m.sqrt(m.fabs(x)) + common
    east += (20.0 * m.sin(x * m.pi) + 40.0 * m.sin(x / 3.0 * m.pi)) * 2.0 / 3.0
    east += (150.0 * m.sin(x / 12.0 * m.pi) + 300.0 * m.sin(x / 30.0 * m.pi)) * 2.0 / 3.0
    phi = m.radians(latitude)
    w2 = 1.0 - _GCJ_EE * m.sin(phi) ** 2
    meridian_m = _GCJ_A_M * (1.0 - _GCJ_EE) / w2**1.5
    parallel_m = _GCJ_A_M / m.sqrt(w2) * m.cos(phi)
    south_end, north_end, west_end, east_end = _GCJ_BOX
    inside = (
        (latitude >= south_end) & (latitude <= north_end) & (longitude >= west_end) & (longitude <= east_end)
    ) * 1.0
    return inside * m.degrees(north / meridian_m), inside * m.degrees(east / parallel_m)
