"""Cells that stand for a position: geohash, H3, S2, plus codes. Text or integer in, the cell's centre and size out.

All are total: what is no cell of the kind is None.

- geohash: Niemeyer's base 32, five bits a character, longitude first.
- H3: Uber's hexagons, by the library of its makers.
- S2: Google's squares on a Hilbert curve over the six faces of a cube. Own code, after the description in the S2
  library's documentation ("S2 Cells", s2geometry.io) and `S2CellId` there; checked against s2sphere's values.
- plus code: the Open Location Code, by the library of its makers.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import h3
from openlocationcode import openlocationcode

from scantrail.geo import METRES_PER_DEGREE

_BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz"
_VALUES = {character: value for value, character in enumerate(_BASE32)}
_LEVELS = 30  # of S2: the leaf cells, about a centimetre wide
_CELL_0_M = 7_842_000.0  # mean edge of an S2 cell of level 0 (S2 cell statistics)
# S2's Hilbert curve: for each orientation, the quadrant (2 i + j) at each place, and how that place turns the curve.
_QUADRANTS = ((0, 1, 3, 2), (0, 2, 3, 1), (3, 2, 0, 1), (3, 1, 0, 2))
_TURNS = (1, 0, 0, 3)


class Cell(NamedTuple):
    """A cell: its centre and its size, from the centre to the middle of an edge, in degrees north and east."""

    latitude: float
    longitude: float
    half_latitude: float
    half_longitude: float

    @property
    def radius_m(self) -> float:
        """The longer of both, in metres."""
        east_m = self.half_longitude * math.cos(math.radians(self.latitude)) * METRES_PER_DEGREE
        return max(self.half_latitude * METRES_PER_DEGREE, east_m)


def round_cell(latitude: float, longitude: float, radius_m: float) -> Cell:
    """A cell that is as wide as high."""
    half = radius_m / METRES_PER_DEGREE
    return Cell(latitude, longitude, half, half / max(math.cos(math.radians(latitude)), 1e-6))


def geohash(text: str) -> Cell | None:
    """The cell of a geohash of 1 to 12 characters, in either case."""
    if not 1 <= len(text) <= 12:
        return None
    bits = 0
    for character in text.lower():
        value = _VALUES.get(character)
        if value is None:
            return None
        bits = bits << 5 | value
    length = 5 * len(text)
    longitude = latitude = 0
    for place in range(length):
        bit = bits >> (length - 1 - place) & 1
        if place % 2:
            latitude = latitude << 1 | bit
        else:
            longitude = longitude << 1 | bit
    height, width = 180.0 / (1 << length // 2), 360.0 / (1 << (length + 1) // 2)
    return Cell((latitude + 0.5) * height - 90, (longitude + 0.5) * width - 180, height / 2, width / 2)


def geohash_at(latitude: float, longitude: float, length: int) -> str:
    """The geohash of a position."""
    count = 5 * length
    rows, columns = 1 << count // 2, 1 << (count + 1) // 2
    row = min(int((latitude + 90) / 180 * rows), rows - 1)
    column = min(int((longitude + 180) / 360 * columns), columns - 1)
    bits = 0
    for place in range(count):
        bits = bits << 1 | (row if place % 2 else column) >> (count - 1 - place) // 2 & 1  # longitude: the even places
    return "".join(_BASE32[bits >> 5 * (length - 1 - index) & 31] for index in range(length))


def h3_cell(value: str | int) -> Cell | None:
    """The cell of an H3 index, as 15 (or 16) hexadecimal digits or as an integer."""
    number = _integer(value)
    if number is None or not 0x0800 <= number >> 48 < 0x0900:  # a cell has mode 1 in bits 59 to 62
        return None
    text = f"{number:x}"
    if not h3.is_valid_cell(text):
        return None
    latitude, longitude = h3.cell_to_latlng(text)
    return round_cell(latitude, longitude, h3.average_hexagon_edge_length(h3.get_resolution(text), unit="m"))


def s2_cell(value: str | int) -> Cell | None:
    """The cell of an S2 token (1 to 16 hexadecimal digits, no zeros at the end) or of a 64-bit id, signed or not."""
    if isinstance(value, str):
        if not 1 <= len(value) <= 16 or value[-1:] == "0":
            return None
        number = _integer(value.ljust(16, "0"))
    else:
        number = value % (1 << 64) if -(1 << 63) <= value < 1 << 64 else None
    if not number or number >> 61 > 5:
        return None
    low = number & -number
    if low.bit_length() % 2 == 0:  # the lowest set bit stands at an even place
        return None
    level = _LEVELS - (low.bit_length() - 1) // 2
    return _s2_centre(number, level) if 0 <= level <= _LEVELS else None


def s2_at(latitude: float, longitude: float, level: int) -> int:
    """The id of the S2 cell of a level (0 to 30) that a position is in."""
    phi, theta = math.radians(latitude), math.radians(longitude)
    xyz = (math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi))
    axis = max(range(3), key=lambda index: abs(xyz[index]))
    face = axis + (3 if xyz[axis] < 0 else 0)
    u, v = _FACE_UV[face](*xyz)
    i, j = _s2_index(u), _s2_index(v)
    position, turned = face, face & 1
    for bit in range(_LEVELS - 1, -1, -1):
        quadrant = 2 * (i >> bit & 1) + (j >> bit & 1)
        place = _QUADRANTS[turned].index(quadrant)
        position = position << 2 | place
        turned ^= _TURNS[place]
    leaf = position << 1 | 1
    low = 1 << 2 * (_LEVELS - level)
    return leaf & -low | low


def s2_token(number: int) -> str:
    """The token of an S2 cell id."""
    return f"{number:016x}".rstrip("0")


def plus_code(text: str, near: tuple[float, float] | None = None) -> Cell | None:
    """The cell of a plus code: a full one, or a short one (`WXYZ+QR`) if a place near it is given."""
    code = text.strip().upper()
    if not 3 <= len(code) <= 16 or not openlocationcode.isValid(code):
        return None
    if openlocationcode.isShort(code):
        if near is None:
            return None
        code = openlocationcode.recoverNearest(code, *near)
    if not openlocationcode.isFull(code):
        return None
    area = openlocationcode.decode(code)
    height, width = area.latitudeHi - area.latitudeLo, area.longitudeHi - area.longitudeLo
    return Cell(area.latitudeCenter, area.longitudeCenter, height / 2, width / 2)


# S2: the axes of each face, as (u, v) of a point on the sphere and the direction of a (u, v).

_FACE_UV = (
    lambda x, y, z: (y / x, z / x),
    lambda x, y, z: (-x / y, z / y),
    lambda x, y, z: (-x / z, -y / z),
    lambda x, y, z: (z / x, y / x),
    lambda x, y, z: (z / y, -x / y),
    lambda x, y, z: (-y / z, -x / z),
)
_FACE_XYZ = (
    lambda u, v: (1.0, u, v),
    lambda u, v: (-u, 1.0, v),
    lambda u, v: (-u, -v, 1.0),
    lambda u, v: (-1.0, -v, -u),
    lambda u, v: (v, -1.0, -u),
    lambda u, v: (v, u, -1.0),
)


def _s2_centre(number: int, level: int) -> Cell:
    face = number >> 61
    i = j = 0
    turned = face & 1
    for step in range(level):
        place = number >> (59 - 2 * step) & 3
        quadrant = _QUADRANTS[turned][place]
        i, j = i << 1 | quadrant >> 1, j << 1 | quadrant & 1
        turned ^= _TURNS[place]
    width = 1.0 / (1 << level)
    x, y, z = _FACE_XYZ[face](_s2_uv((i + 0.5) * width), _s2_uv((j + 0.5) * width))
    latitude, longitude = math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))
    return round_cell(latitude, longitude, _CELL_0_M * width / 2)


def _s2_uv(s: float) -> float:
    """S2's quadratic projection, from cell space to the face of the cube."""
    return (4 * s * s - 1) / 3 if s >= 0.5 else (1 - 4 * (1 - s) ** 2) / 3


def _s2_index(u: float) -> int:
    """The inverse of it, as the index of a leaf cell."""
    s = 0.5 * math.sqrt(1 + 3 * u) if u >= 0 else 1 - 0.5 * math.sqrt(1 - 3 * u)
    return max(0, min((1 << _LEVELS) - 1, int(s * (1 << _LEVELS))))


@lru_cache(maxsize=4096)
def _integer(value: str | int) -> int | None:
    """A 64-bit number, from hexadecimal digits if it is text."""
    if isinstance(value, int):
        return value if 0 <= value < 1 << 64 else None
    if not value.isascii() or not value.isalnum() or len(value) > 16:
        return None
    try:
        return int(value, 16)
    except ValueError:
        return None
