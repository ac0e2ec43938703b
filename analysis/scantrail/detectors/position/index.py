"""Known positions, made ready: what each would look like in every unit and datum, to be looked up by number."""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import h3
from ahocorasick_rs import AhoCorasick

from scantrail import mercator
from scantrail.cells import geohash_at, s2_at
from scantrail.detectors.opened import Opened
from scantrail.detectors.position.numbers import Number
from scantrail.detectors.position.units import BY_ID, NAUTICAL, UNITS, degrees_step, nautical_degrees
from scantrail.geo import METRES_PER_DEGREE, Point, point_from_wgs84, point_is_shifted
from scantrail.model import Datum, KnownPosition

GPS_ERROR_M = 150.0
"""How far a phone's own idea of its position may lie from where it is known to have been, besides the digits."""

_WIDEST_STEP = 0.1  # degrees: one decimal
_ALLOWED = GPS_ERROR_M / METRES_PER_DEGREE
CELL_ID = 1e15  # integers from here on may be cells
_PREFIX = 4  # characters of a cell's name that are compared first


class Image(NamedTuple):
    """One coordinate of a known position as it would be sent: `value` units in a datum; `axis` 0 latitude, 1 longitude.

    `reach` is `GPS_ERROR_M` in degrees of that coordinate.
    """

    place: int
    datum: Datum
    unit: str
    axis: int
    value: float
    degrees: float
    per_degree: float
    whole: bool
    coarsest: float
    reach: float


class Hit(NamedTuple):
    """A number that can be a coordinate of a known position: where it lies and its step, in degrees of the datum."""

    image: Image
    degrees: float
    step: float


class Place(NamedTuple):
    """A known position and itself in each datum in which a map would give it."""

    known: KnownPosition
    images: tuple[tuple[Datum, Point], ...]
    shifted: bool


class Index:
    """All known positions, looked up by number or by the beginning of a cell's name."""

    def __init__(self, positions: tuple[KnownPosition, ...]) -> None:
        self.places = tuple(_place(position) for position in positions)
        self.windowed = any(position.begin or position.end for position in positions)
        images = [image for number, place in enumerate(self.places) for image in _images(number, place)]
        self.starts, self.ends, self._groups = _merged([(*_interval(image), image) for image in images])
        self._edges = _edges(zip(self.starts, self.ends, strict=True))
        self.prefixes = frozenset(prefix for place in self.places for prefix in _prefixes(place))
        self._cells = AhoCorasick([f"\n{prefix}" for prefix in self.prefixes])

    def near(self, value: float) -> bool:
        """Whether a number can be a coordinate of a known position at all: quick, and for most numbers the answer."""
        at = bisect_right(self.starts, value) - 1
        return at >= 0 and value <= self.ends[at]

    def may_be(self, value: float) -> bool:
        """The same, or a negative one as an unsigned number of 32 bits shows it, or a number as large as cells have."""
        return bisect_right(self._edges, value) & 1 == 1

    def cells(self, opened: Opened) -> Iterator[int]:
        """The numbers of the fields whose values begin like the name of a cell there."""
        for _, start, _ in self._cells.find_matches_as_indexes(opened.values.folded):
            yield bisect_right(opened.values.starts, start + 1) - 1

    def hits(self, number: Number) -> list[Hit]:
        """All coordinates of known positions that a number can be, at the precision of its digits and GPS error."""
        value = number.value
        found = self._hits(number, value)
        if number.whole and value >= 1 << 31:  # negative numbers as unsigned varints and words show them
            if value < 1 << 32:
                found += self._hits(number, value - (1 << 32))
            elif value >= 1 << 63:
                found += self._hits(number, value - (1 << 64))
        return found

    def _hits(self, number: Number, value: float) -> list[Hit]:
        at = bisect_right(self.starts, value) - 1
        if at < 0 or value > self.ends[at]:
            return []
        return [hit for image in self._groups[at] if (hit := _hit(image, number, value))]


@lru_cache(maxsize=64)
def index(positions: tuple[KnownPosition, ...]) -> Index:
    """The index of known positions; it is made once."""
    return Index(positions)


def _place(known: KnownPosition) -> Place:
    wgs84 = (known.latitude, known.longitude)
    shifted = point_is_shifted(wgs84)
    datums: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09") if shifted else ("wgs84",)
    return Place(known, tuple((datum, point_from_wgs84(wgs84, datum)) for datum in datums), shifted)


def _images(number: int, place: Place) -> list[Image]:
    images = []
    for datum, point in place.images:
        reaches = _reaches(point)
        for axis, (degrees, reach) in enumerate(zip(point, reaches, strict=True)):
            for unit in UNITS:
                row = (degrees * unit.per_degree, degrees, unit.per_degree, unit.whole, unit.coarsest, reach)
                images.append(Image(number, datum, unit.id, axis, *row))
            if axis and degrees < 0:  # longitudes from 0 to 360 degrees
                images.append(Image(number, datum, "degrees", axis, degrees + 360, degrees, 1.0, False, 0.1, reach))
            images.append(Image(number, datum, NAUTICAL, axis, _nautical(degrees), degrees, 60.0, False, 0.1, reach))
        images.extend(_metre_images(number, "webmercator" if datum == "wgs84" else datum, point, mercator.to_metres))
        if datum == "bd09":
            images.extend(_metre_images(number, datum, point, mercator.to_baidu_metres))
    return images


def _metre_images(
    number: int, datum: Datum, point: Point, project: Callable[[float, float], tuple[float, float]]
) -> list[Image]:
    """The metres of a projection, taken as straight around the position: over a kilometre they are."""
    x, y = project(*point)
    x_beside, y_beside = project(point[0] + 1e-4, point[1] + 1e-4)
    unit = "metres" if project is mercator.to_metres else "Baidu metres"
    north, east = _reaches(point)
    return [
        Image(number, datum, unit, 0, y, point[0], (y_beside - y) / 1e-4, False, 10.0, north),
        Image(number, datum, unit, 1, x, point[1], (x_beside - x) / 1e-4, False, 10.0, east),
    ]


def _nautical(degrees: float) -> float:
    whole, fraction = divmod(abs(degrees), 1)
    return math.copysign(whole * 100 + fraction * 60, degrees)


def _interval(image: Image) -> tuple[float, float]:
    """Between which values a number may be this coordinate, at the coarsest step that its unit allows."""
    width = min(_WIDEST_STEP, image.coarsest / image.per_degree) + image.reach
    if image.unit == NAUTICAL:
        return _nautical(image.degrees - width), _nautical(image.degrees + width)
    return image.value - width * image.per_degree, image.value + width * image.per_degree


def _reaches(point: Point) -> tuple[float, float]:
    return _ALLOWED, _ALLOWED / _narrowing(point[0])


def _narrowing(latitude: float) -> float:
    """How much shorter a degree of longitude is there (a bound: no positions nearer to a pole than 87.1 degrees)."""
    return max(math.cos(math.radians(latitude)), 0.05)


def _hit(image: Image, number: Number, value: float) -> Hit | None:
    if number.degrees and image.unit != "degrees":
        return None
    if image.unit == NAUTICAL:
        degrees, step = nautical_degrees(value), number.step / 60
        if degrees is None or number.decimals < 2:
            return None
    else:
        if image.whole != number.whole and (image.whole or image.unit in ("degrees", "radians", "arcminutes")):
            return None
        degrees = image.degrees + (value - image.value) / image.per_degree
        unit = BY_ID.get(image.unit)
        step = degrees_step(number, unit) if unit else (1.0 if number.whole else number.step) / image.per_degree
        if not image.whole and not number.degrees and step * image.per_degree > image.coarsest * 1.001:
            return None
    if abs(degrees - image.degrees) > step + image.reach:
        return None
    return Hit(image, degrees, step)


def _merged(
    intervals: list[tuple[float, float, Image]],
) -> tuple[list[float], list[float], list[list[Image]]]:
    starts: list[float] = []
    ends: list[float] = []
    groups: list[list[Image]] = []
    for start, end, image in sorted(intervals, key=lambda row: row[:2]):
        if starts and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
            groups[-1].append(image)
        else:
            starts.append(start)
            ends.append(end)
            groups.append([image])
    return starts, ends, groups


def _edges(intervals: Iterable[tuple[float, float]]) -> list[float]:
    """The values between which `Index.may_be` says yes, each second one being where it says no again."""
    found: list[float] = [-math.inf, -CELL_ID]
    known = list(intervals)
    unsigned = [(start + (1 << 32), end + (1 << 32)) for start, end in known if start < 0]
    for start, end in sorted([*known, *unsigned, (CELL_ID, math.inf)]):
        if start <= found[-1]:
            found[-1] = max(found[-1], math.nextafter(end, math.inf))
        else:
            found += [start, math.nextafter(end, math.inf)]
    return found


def _prefixes(place: Place) -> set[str]:
    """How the names of cells at and around a known position begin, in every datum and grid, in lower case."""
    found = set()
    for _, (latitude, longitude) in place.images:
        reach = 2 * _ALLOWED
        for north in (-reach, 0.0, reach):
            for east in (-reach, 0.0, reach):
                near = (
                    max(-89.9, min(89.9, latitude + north)),
                    (longitude + east / _narrowing(latitude) + 180) % 360 - 180,
                )
                found.add(geohash_at(*near, _PREFIX))
                found.add(f"{s2_at(*near, 30):016x}"[:_PREFIX])
                found.add(mercator.quadkey_at(*near, 12)[:_PREFIX])
                found |= {h3.latlng_to_cell(*near, resolution)[:_PREFIX] for resolution in range(4, 16)}
                found.add(_plus_code_prefix(*near))
    return found


def _plus_code_prefix(latitude: float, longitude: float) -> str:
    """The first four digits of a plus code: steps of 20 degrees and of one (Open Location Code, Encoding)."""
    digits = "23456789cfghjmpqrvwx"
    north, east = int(latitude + 90), int(longitude + 180)
    return digits[north // 20] + digits[east // 20] + digits[north % 20] + digits[east % 20]
