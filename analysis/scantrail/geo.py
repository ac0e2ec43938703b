"""Positions on the Earth: distance and datums. Degrees in, degrees out; metres carry `_m` in the name.

All functions take floats or NumPy arrays alike and return arrays (0-d for floats).

China's public maps use two obfuscated datums. GCJ-02 shifts WGS-84 by some hundred metres within a box around the
mainland; BD-09 (Baidu) shifts GCJ-02 once more. Neither is published by its makers; the constants below are those of
the widely used reverse-engineered implementations, checked in the tests against values that two map vendors'
converters returned.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

type Array = NDArray[np.float64]
type KnownDatum = Literal["wgs84", "gcj02", "bd09"]

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


def chord(distance_m: float) -> float:
    """How far apart two unit vectors are whose positions are so many metres apart on the Earth."""
    return float(2 * np.sin(distance_m / (2 * EARTH_RADIUS_M)))


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
    d_lat, d_lon = _gcj_offset(lat, lon)
    return lat + d_lat, lon + d_lon


def gcj02_to_wgs84(latitude: ArrayLike, longitude: ArrayLike) -> tuple[Array, Array]:
    """GCJ-02 to WGS-84, by fixed point: three steps are within 0.1 mm."""
    lat, lon = np.asarray(latitude, dtype=np.float64), np.asarray(longitude, dtype=np.float64)
    w_lat, w_lon = lat, lon
    for _ in range(4):
        d_lat, d_lon = _gcj_offset(w_lat, w_lon)
        w_lat, w_lon = lat - d_lat, lon - d_lon
    return w_lat, w_lon


def gcj02_to_bd09(latitude: ArrayLike, longitude: ArrayLike) -> tuple[Array, Array]:
    """GCJ-02 to BD-09."""
    lat, lon = np.asarray(latitude, dtype=np.float64), np.asarray(longitude, dtype=np.float64)
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_PI)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_PI)
    return radius * np.sin(angle) + 0.006, radius * np.cos(angle) + 0.0065


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

    Raises:
        ValueError: not a known datum.

    """
    match datum:
        case "wgs84" | "unknown":
            return np.asarray(latitude, dtype=np.float64), np.asarray(longitude, dtype=np.float64)
        case "gcj02":
            return gcj02_to_wgs84(latitude, longitude)
        case "bd09":
            return gcj02_to_wgs84(*bd09_to_gcj02(latitude, longitude))
    raise ValueError(f"unknown datum {datum!r}: use wgs84, gcj02, bd09 or unknown")


def shifted_region(latitude: ArrayLike, longitude: ArrayLike) -> NDArray[np.bool_]:
    """Whether a position lies in the box within which GCJ-02 differs from WGS-84."""
    lat, lon = np.asarray(latitude, dtype=np.float64), np.asarray(longitude, dtype=np.float64)
    south, north, west, east = _GCJ_BOX
    return np.asarray((lat >= south) & (lat <= north) & (lon >= west) & (lon <= east))


def _gcj_offset(latitude: Array, longitude: Array) -> tuple[Array, Array]:
    """The GCJ-02 shift in degrees at a WGS-84 position; zero outside the box."""
    x, y = longitude - 105.0, latitude - 35.0
    common = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + common
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + common
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(latitude)
    w2 = 1.0 - _GCJ_EE * np.sin(phi) ** 2
    meridian_m = _GCJ_A_M * (1.0 - _GCJ_EE) / w2**1.5
    parallel_m = _GCJ_A_M / np.sqrt(w2) * np.cos(phi)
    inside = shifted_region(latitude, longitude)
    return (
        np.where(inside, np.degrees(north / meridian_m), 0.0),
        np.where(inside, np.degrees(east / parallel_m), 0.0),
    )
