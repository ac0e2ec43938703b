"""Units in which coordinates are sent, and how two numbers that are named as coordinates are read."""

import math
from typing import NamedTuple

from scantrail import mercator
from scantrail.detectors.position.numbers import Number
from scantrail.model import Datum


class Unit(NamedTuple):
    """A row: so many units are one degree. `whole`: only integers. `coarsest`: steps past it mean chance."""

    id: str
    per_degree: float
    whole: bool
    coarsest: float
    reasoning: str


UNITS = (
    Unit("degrees", 1.0, False, 0.1, "degrees"),
    Unit("E5", 1e5, True, 1e3, "hundred-thousandths of a degree (E5)"),
    Unit("E6", 1e6, True, 1e4, "millionths of a degree (E6, microdegrees)"),
    Unit("E7", 1e7, True, 1e5, "ten-millionths of a degree (E7)"),
    Unit("E8", 1e8, True, 1e5, "hundred-millionths of a degree (E8)"),
    Unit("milliarcseconds", 3.6e6, True, 1e3, "milliarcseconds"),
    Unit("arcseconds", 3600.0, False, 1.0, "arcseconds"),
    Unit("arcminutes", 60.0, False, 0.01, "minutes of arc"),
    Unit("radians", math.pi / 180, False, 1e-5, "radians"),
    Unit("GT06", 1.8e6, True, 1e3, "thirty-thousandths of a minute (trackers of the GT06 family)"),
    Unit("semicircles", 2.0**31 / 180, True, 1.0, "semicircles (2^31 are 180 degrees)"),
)
NAUTICAL = "ddmm.mmmm"
BY_ID = {unit.id: unit for unit in UNITS}
_SCALED = ("E5", "E6", "E7")  # what an integer too large for degrees is taken for, the smallest that fits
_FEWEST_DIGITS = 6  # of such an integer


class Placed(NamedTuple):
    """Two numbers, read: degrees, their last digits' steps in degrees, the unit, and the datum that it implies."""

    latitude: float
    longitude: float
    step_latitude: float
    step_longitude: float
    unit: str
    datum: Datum | None = None


def place(latitude: Number, longitude: Number, unit: str = "", datum: str = "") -> Placed | None:
    """Read two numbers of which it is known which is which; None if they are no place.

    Args:
        latitude: the one.
        longitude: the other.
        unit: if a name states it (`E6`).
        datum: if it is stated; `bd09mc` and `webmercator` are metres.

    """
    placed = _place(latitude, longitude, unit, datum)
    return placed if placed and _possible(placed, latitude, longitude) else None


def _place(latitude: Number, longitude: Number, unit: str, datum: str) -> Placed | None:
    if unit in BY_ID:
        return _scaled(latitude, longitude, BY_ID[unit])
    if datum in ("bd09mc", "webmercator") and max(abs(latitude.value), abs(longitude.value)) > 360:
        return _metres(latitude, longitude, datum)
    if abs(latitude.value) <= 90 and abs(longitude.value) <= 180:
        return _scaled(latitude, longitude, BY_ID["degrees"])
    if abs(latitude.value) <= 90 and 180 < longitude.value <= 360 and longitude.decimals >= 2:  # counted from 0 to 360
        return _scaled(latitude, longitude._replace(value=longitude.value - 360), BY_ID["degrees"])
    if latitude.degrees or longitude.degrees:
        return None
    if latitude.whole and longitude.whole:
        if max(len(number.text.lstrip("+-")) for number in (latitude, longitude)) < _FEWEST_DIGITS:
            return None
        readings = (_scaled(latitude, longitude, BY_ID[id_]) for id_ in _SCALED)
        return next((reading for reading in readings if reading), None)
    return _nautical(latitude, longitude) or _metres(latitude, longitude, "webmercator")


def _scaled(latitude: Number, longitude: Number, unit: Unit) -> Placed | None:
    north, east = latitude.value / unit.per_degree, longitude.value / unit.per_degree
    if abs(north) > 90 or abs(east) > 180:
        return None
    return Placed(north, east, degrees_step(latitude, unit), degrees_step(longitude, unit), unit.id)


def degrees_step(number: Number, unit: Unit) -> float:
    """What the last digit counts, in degrees. Zeros at the end of whole degrees are digits."""
    step = 1.0 if number.whole and not unit.whole else number.step
    return min(step, unit.coarsest if unit.whole else step) / unit.per_degree


def nautical_degrees(value: float) -> float | None:
    """Degrees of a ddmm.mmmm number (NMEA 0183), sign and all; None if its minutes are none."""
    degrees, minutes = divmod(abs(value), 100)
    return math.copysign(degrees + minutes / 60, value) if minutes < 60 else None


def _nautical(latitude: Number, longitude: Number) -> Placed | None:
    north, east = nautical_degrees(latitude.value), nautical_degrees(longitude.value)
    fine = min(latitude.decimals, longitude.decimals) >= 2
    if north is None or east is None or abs(north) > 90 or abs(east) > 180 or not fine:
        return None
    return Placed(north, east, latitude.step / 60, longitude.step / 60, NAUTICAL)


def _metres(latitude: Number, longitude: Number, datum: str) -> Placed | None:
    y, x = latitude.value, longitude.value
    if max(abs(x), abs(y)) > mercator.LIMIT_M or max(abs(x), abs(y)) < 20_000:
        return None
    baidu = datum == "bd09mc"
    north, east = mercator.from_baidu_metres(x, y) if baidu else mercator.to_degrees(x, y)
    per_metre = 1 / 111_320
    return Placed(
        north, east, latitude.step * per_metre, longitude.step * per_metre, "metres", "bd09" if baidu else "webmercator"
    )


def _possible(placed: Placed, latitude: Number, longitude: Number) -> bool:
    """Not what an unset field gives: null island, one coordinate 0, both the same whole number (-1, 1, 999)."""
    if placed.latitude == 0 or placed.longitude == 0:
        return False
    small = abs(placed.latitude) < 1e-3 and abs(placed.longitude) < 1e-3
    same = latitude.value == longitude.value and latitude.value == int(latitude.value)
    return not (small or same)
