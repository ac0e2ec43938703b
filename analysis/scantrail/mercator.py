"""Mercator projections of map makers: Web Mercator (EPSG:3857), its tiles and quadkeys, and Baidu's own.

Degrees in, metres out, and back. Web Mercator is spherical, with the semi-major axis of WGS-84 as radius. A tile
z/x/y is one square of 2^z × 2^z that cover 85.05° S to 85.05° N; y counts from the north. A quadkey is the same square,
a digit for each zoom step (Schwartz, "Bing Maps Tile System", 2018).

Baidu publishes no formula for BD-09 metres. The polynomials below are those of its own JavaScript map API.
"""

import math
from typing import NamedTuple

RADIUS_M = 6_378_137.0  # EPSG:3857
LIMIT_M = math.pi * RADIUS_M  # x and y lie within ±20,037,508 m
_LATITUDE_LIMIT = 85.06  # beyond, the map ends

# For latitudes at and above the first column: constant and factor of x; then y as a polynomial of latitude / last.
_BAIDU = (
    (75.0, (1704480524535203.0, -10338987376042340.0, 26112667856603880.0, -35149669176653700.0, 26595700718403920.0,
            -10725012454188240.0, 1800819912950474.0), -0.0015702102444, 111320.7020616939, 82.5),
    (60.0, (647795574.6671607, -4082003173.641316, 10774905663.51142, -15171875531.51559, 12053065338.62167,
            -5124939663.577472, 913311935.9512032), 0.0008277824516172526, 111320.7020463578, 67.5),
    (45.0, (4481351.045890365, -23393751.19931662, 79682215.47186455, -115964993.2797253, 97236711.15602145,
            -43661946.33752821, 8477230.501135234), 0.00337398766765, 111320.7020202162, 52.5),
    (30.0, (51751.86112841131, 3796837.749470245, 992013.7397791013, -1221952.21711287, 1340652.697009075,
            -620943.6990984312, 144416.9293806241), 0.00220636496208, 111320.7020209128, 37.5),
    (15.0, (278.2353980772752, 2485758.690035394, 6070.750963243378, 54821.18345352118, 9540.606633304236,
            -2710.55326746645, 1405.483844121726), -0.0003441963504368392, 111320.7020576856, 22.5),
    (0.0, (0.00369383431289, 823725.6402795718, 0.46104986909093, 2351.343141331292, 1.58060784298199,
           8.77738589078284, 0.37238884252424), -0.0003218135878613132, 111320.7020701615, 7.45),
)  # fmt: skip


class Tile(NamedTuple):
    """A square of the map: its centre and half its height and width, in degrees."""

    latitude: float
    longitude: float
    half_latitude: float
    half_longitude: float


def to_metres(latitude: float, longitude: float) -> tuple[float, float]:
    """Web Mercator x (east) and y (north); latitudes past the map's end are taken as its end."""
    bounded = max(-_LATITUDE_LIMIT, min(_LATITUDE_LIMIT, latitude))
    y = RADIUS_M * math.log(math.tan(math.pi / 4 + math.radians(bounded) / 2))
    return RADIUS_M * math.radians(longitude), y


def to_degrees(x: float, y: float) -> tuple[float, float]:
    """Latitude and longitude of a place on the map (within ±`LIMIT_M`)."""
    latitude = math.degrees(2 * math.atan(math.exp(y / RADIUS_M)) - math.pi / 2)
    return latitude, math.degrees(x / RADIUS_M)


def tile(zoom: int, x: int, y: int) -> Tile | None:
    """The tile z/x/y; None where there is none."""
    if not (0 <= zoom <= 30 and 0 <= x < 1 << zoom and 0 <= y < 1 << zoom):
        return None
    size_m = 2 * LIMIT_M / (1 << zoom)
    north, west = to_degrees(x * size_m - LIMIT_M, LIMIT_M - y * size_m)
    south, east = to_degrees((x + 1) * size_m - LIMIT_M, LIMIT_M - (y + 1) * size_m)
    return Tile((north + south) / 2, (west + east) / 2, (north - south) / 2, (east - west) / 2)


def tile_at(latitude: float, longitude: float, zoom: int) -> tuple[int, int]:
    """The x and y of the tile that a position is in."""
    x, y = to_metres(latitude, longitude)
    size_m, last = 2 * LIMIT_M / (1 << zoom), (1 << zoom) - 1
    return min(int((x + LIMIT_M) / size_m), last), min(max(int((LIMIT_M - y) / size_m), 0), last)


def quadkey(text: str) -> Tile | None:
    """The tile of a quadkey: digits 0 to 3, 30 at most."""
    if not 1 <= len(text) <= 30 or text.strip("0123"):
        return None
    x = int("".join(str(int(digit) & 1) for digit in text), 2)
    y = int("".join(str(int(digit) >> 1) for digit in text), 2)
    return tile(len(text), x, y)


def quadkey_at(latitude: float, longitude: float, zoom: int) -> str:
    """The quadkey of the tile that a position is in."""
    x, y = tile_at(latitude, longitude, zoom)
    return "".join(str((x >> bit & 1) + 2 * (y >> bit & 1)) for bit in range(zoom - 1, -1, -1))


def to_baidu_metres(latitude: float, longitude: float) -> tuple[float, float]:
    """Baidu's x and y (bd09mc) of a BD-09 position."""
    size = min(abs(latitude), 74.0)  # its map ends there
    factors, constant, per_degree, unit = next(row[1:] for row in _BAIDU if size >= row[0])
    x, scaled = constant + per_degree * abs(longitude), size / unit
    y = sum(factor * scaled**power for power, factor in enumerate(factors))
    return math.copysign(x, longitude), math.copysign(y, latitude)


def from_baidu_metres(x: float, y: float) -> tuple[float, float]:
    """Latitude and longitude (BD-09) of Baidu metres, by fixed point on `to_baidu_metres`: within a millimetre."""
    latitude, longitude = to_degrees(x, y)
    for _ in range(8):
        east, north = to_baidu_metres(latitude, longitude)
        longitude += (x - east) / (RADIUS_M * math.pi / 180)
        latitude += (y - north) / (RADIUS_M * math.pi / 180) * math.cos(math.radians(latitude))
    return latitude, longitude
