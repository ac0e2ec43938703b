"""Whether two numbers, or a cell, are a known position: at which distance, and by which datum.

Two numbers are one if each lies where the position would be, give or take a step of its last digit (rounded or
truncated) and `GPS_ERROR_M`. Of several datums that would do, the digits decide; where their precision is too coarse
to tell the datums apart, the datum is unknown.
"""

import math
from collections.abc import Collection, Iterable
from typing import NamedTuple

from scantrail.cells import Cell
from scantrail.detectors.position.index import GPS_ERROR_M, Hit, Index
from scantrail.detectors.position.numbers import Number
from scantrail.geo import METRES_PER_DEGREE, Point, point_distance_m, point_to_wgs84
from scantrail.model import Datum

_CLOSE = 1e-5  # degrees within which a datum's formula is the same in everybody's code (and a float32 the same number)
NAMES = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09", "webmercator": "Web Mercator"}


class Match(NamedTuple):
    """A known position, found: by index, in WGS-84, the datum and why, how far off, how precise and how read."""

    place: int
    latitude: float
    longitude: float
    datum: Datum
    datum_because: str
    distance_m: float
    precision_m: float
    how: str
    fine: bool = True


class _Option(NamedTuple):
    place: int
    datum: Datum
    point: Point
    offset: Point  # degrees between what was sent and where the position would be
    steps: Point
    unit: str
    swapped: bool


def match_numbers(index: Index, a: Number, b: Number, active: Collection[int]) -> Match | None:
    """The known position that two numbers are, in either order; of several the one that explains them best."""
    first = index.hits(a)
    return match_hits(index, first, index.hits(b), active) if first else None


def match_hits(index: Index, first: Iterable[Hit], second: Iterable[Hit], active: Collection[int]) -> Match | None:
    """The same, for numbers that were looked up."""
    options = [
        _option(one, other)
        for one in first
        for other in second
        if one.image.place == other.image.place
        and one.image.place in active
        and one.image.axis != other.image.axis
        and one.image.datum == other.image.datum
        and one.image.unit == other.image.unit
    ]
    return _best(index, options)


def match_degrees(
    index: Index, point: Point, steps: Point, active: Collection[int], *, cell: bool = False
) -> Match | None:
    """The known position that a pair of degrees is, whatever its precision; of a `cell`, the steps are its sides."""
    options = [
        _Option(
            number, datum, point, (point[0] - image[0], _turned(point[1] - image[1])), steps, "degrees", swapped=False
        )
        for number in active
        for datum, image in index.places[number].images
    ]
    return _best(index, options, cell=cell)


def match_cell(index: Index, cell: Cell, active: Collection[int]) -> Match | None:
    """The known position that a cell holds, or that is within `GPS_ERROR_M` of the cell."""
    sides = (2 * cell.half_latitude, 2 * cell.half_longitude)
    found = match_degrees(index, (cell.latitude, cell.longitude), sides, active, cell=True)
    return found and found._replace(precision_m=round(cell.radius_m, 3))


def _option(one: Hit, other: Hit) -> _Option:
    swapped = one.image.axis == 1
    latitude, longitude = (other, one) if swapped else (one, other)
    return _Option(
        one.image.place,
        one.image.datum,
        (latitude.degrees, longitude.degrees),
        (latitude.degrees - latitude.image.degrees, longitude.degrees - longitude.image.degrees),
        (latitude.step, longitude.step),
        one.image.unit,
        swapped,
    )


def _best(index: Index, options: list[_Option], *, cell: bool = False) -> Match | None:
    judged = []
    for option in options:
        known = index.places[option.place].known
        wgs84 = point_to_wgs84(option.point, option.datum)
        distance_m = point_distance_m(wgs84, (known.latitude, known.longitude))
        if distance_m <= GPS_ERROR_M + math.hypot(*_metres(option)) * (0.5 if cell else 1.0):
            judged.append((_unexplained(option, cell), distance_m, option, wgs84))
    if not judged:
        return None
    rank, distance_m, option, wgs84 = min(judged, key=lambda row: row[:2])
    alike = {row[2].datum: None for row in judged if rank == row[0] < 2 and _rivals(row[2], option)}
    datum, why = _datum(index, option, list(alike))
    return Match(
        option.place,
        *wgs84,
        datum,
        why,
        round(distance_m, 1),
        round(max(*option.steps) / 2 * METRES_PER_DEGREE, 3),
        "" if cell else _how(option),
        max(option.steps) <= FINE_STEP,
    )


FINE_STEP = 3e-4
"""Degrees (33 m): pairs whose digits are this fine meet a known position by chance once in 10^8; arcseconds are."""


def _rivals(one: _Option, other: _Option) -> bool:
    return one.place == other.place and one.unit == other.unit and one.swapped == other.swapped


def _unexplained(option: _Option, cell: bool) -> int:
    """0 if rounding or truncating explains what was sent, 1 if with other precisions for both numbers, 2 if not.

    Zeros at the end of a number are often lost, so that the finer of both precisions is tried first.
    """
    finest = min(option.steps)
    return 0 if not cell and _fits(option, (finest, finest)) else 1 if _fits(option, option.steps, cell) else 2


def _fits(option: _Option, steps: Point, cell: bool = False) -> bool:
    pairs = list(zip(option.offset, steps, option.point, strict=True))
    if all(abs(offset) <= step / 2 + _CLOSE for offset, step, _ in pairs):
        return True
    # Truncated towards zero: nearer to it than the position, by less than a step.
    return not cell and all(-_CLOSE <= -math.copysign(1, at) * offset <= step + _CLOSE for offset, step, at in pairs)


def _datum(index: Index, option: _Option, alike: list[Datum]) -> tuple[Datum, str]:
    name = NAMES[option.datum]
    if not index.places[option.place].shifted:
        return option.datum, f"inferred: {name}; no map shifts positions there"
    if len(alike) > 1:
        others = " and ".join(NAMES[datum] for datum in alike)
        return "unknown", f"{others} explain it equally at its precision; taken as {name}"
    return option.datum, f"inferred: {name} explains its distance from the known position"


def _how(option: _Option) -> str:
    order = "longitude first" if option.swapped else "latitude first"
    return f"{order}, in {option.unit}"


def _metres(option: _Option) -> Point:
    north, east = option.steps
    return north * METRES_PER_DEGREE, east * METRES_PER_DEGREE * math.cos(math.radians(option.point[0]))


def _turned(degrees: float) -> float:
    return (degrees + 180) % 360 - 180
