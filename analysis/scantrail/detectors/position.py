"""Positions: pairs of coordinates, their order, their datum and their precision.

A pair is either two fields of one object (`latitude` and `longitude` in any of their spellings) or one field that holds
both (`120.16,30.25`). Which of two numbers is which is read from names; where names do not say, from what is possible.
The datum is `stated` where the request says it, else `inferred` by a row of `DATUMS`, else unknown.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from scantrail.detectors.opened import Opened, normal_key
from scantrail.geo import METRES_PER_DEGREE, shifted_region, to_wgs84
from scantrail.model import Datum, Disclosure, Field


class DatumRule(NamedTuple):
    """A row: when a field with such a key (compared as in `Rule`) stands beside a position, its datum follows."""

    id: str
    keys: str
    datum: Datum
    reasoning: str


DATUMS = (
    DatumRule(
        "my-get-location",
        r"cityadcode|districtadcode|provinceadcode|horizontalaccuracy",
        "gcj02",
        "inferred: the fields of Alipay's my.getLocation stand beside it, which gives GCJ-02 only",
    ),
    DatumRule(
        "mtop-x-location",
        r"xlocation",
        "gcj02",
        "inferred: the x-location header of mtop clients, which take positions from a GCJ-02 map SDK",
    ),
)
STATED: dict[str, Datum] = {
    "wgs84": "wgs84",
    "gps": "wgs84",
    "epsg4326": "wgs84",
    "gcj02": "gcj02",
    "gcj02ll": "gcj02",
    "amap": "gcj02",
    "autonavi": "gcj02",
    "bd09": "bd09",
    "bd09ll": "bd09",
    "baidu": "bd09",
}
_STATING = re.compile(r"(coord|coordinate|location|geo|map)?(type|system|sys)|datum|crs|coordtypeoutput")
_LATITUDE = re.compile(r"(.*?)(?:latitude|lat)(\d*)")
_LONGITUDE = re.compile(r"(.*?)(?:longitude|longtitude|lng|long|lon)(\d*)")
_ACCURACY = re.compile(r"accuracy|horizontalaccuracy|radius|precision|acc")
_PAIR_KEY = re.compile(
    r".*(location|latlng|lnglat|latlon|lonlat|coord|coords|coordinate|coordinates|geo|position|gps|point|ll)"
)
_LATITUDE_FIRST = re.compile(r".*(latlng|latlon|latlong|ll|geo)")
_NUMBER = r"[+-]?\d{1,3}(?:\.\d{1,15})?"
_PAIR = re.compile(rf"\(?\[?\s*({_NUMBER})\s*[,;| ]\s*({_NUMBER})\s*\]?\)?(?:[,;|]\s*[\d.]+)?")
_MIN_DECIMALS = 2  # of a pair in one string: a version or a size has fewer


class _Pair(NamedTuple):
    latitude: Decimal
    longitude: Decimal
    because: tuple[Field, ...]
    rule: str
    reasoning: str


def detect(opened: Opened) -> Iterator[Disclosure]:
    """All positions in the fields of one request."""
    for beside in opened.siblings.values():
        for pair in [*_split_pairs(beside), *_joined_pairs(beside)]:
            yield _disclosure(pair, beside)


def _split_pairs(beside: Sequence[Field]) -> Iterator[_Pair]:
    """Latitude and longitude in two fields of one object; prefixes tell several pairs apart."""
    latitudes: dict[tuple[str, ...], Field] = {}
    for field in beside:
        if match := _LATITUDE.fullmatch(normal_key(field.key)):
            latitudes.setdefault(match.groups(), field)
    for field in beside:
        match = _LONGITUDE.fullmatch(normal_key(field.key))
        other = latitudes.get(match.groups()) if match else None
        if other is None:
            continue
        latitude, longitude = _number(other), _number(field)
        if latitude is not None and longitude is not None and _possible(latitude, longitude):
            yield _Pair(
                latitude, longitude, (other, field), "position-two-fields", f"the pair {other.key} and {field.key}"
            )


def _joined_pairs(beside: Sequence[Field]) -> Iterator[_Pair]:
    """Both numbers in one field."""
    for field in beside:
        key = normal_key(field.key)
        if not (isinstance(field.value, str) and _PAIR_KEY.fullmatch(key) and (match := _PAIR.fullmatch(field.value))):
            continue
        first, second = Decimal(match[1]), Decimal(match[2])
        if min(_decimals(first), _decimals(second)) < _MIN_DECIMALS:
            continue
        longitude_first, why = _order(key, first, second)
        latitude, longitude = (second, first) if longitude_first else (first, second)
        if _possible(latitude, longitude):
            yield _Pair(latitude, longitude, (field,), "position-one-field", f"two numbers under {field.key}; {why}")


def _order(key: str, first: Decimal, second: Decimal) -> tuple[bool, str]:
    """Whether the longitude stands first, and why we think so."""
    if key.endswith(("lnglat", "lonlat", "xlocation")):
        return True, f"longitude first, as {key} has it"
    if abs(first) > 90:
        return True, "longitude first, since the first cannot be a latitude"
    if abs(second) > 90:
        return False, "latitude first, since the second cannot be a latitude"
    if _LATITUDE_FIRST.fullmatch(key):
        return False, f"latitude first, as {key} has it"
    return False, "order not stated: taken as latitude first"


def _number(field: Field) -> Decimal | None:
    if isinstance(field.value, bool | bytes) or field.value is None:
        return None
    try:
        number = Decimal(field.text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _possible(latitude: Decimal, longitude: Decimal) -> bool:
    """On the Earth, and not the null island that an unset field gives."""
    return -90 <= latitude <= 90 and -180 <= longitude <= 180 and bool(latitude or longitude)


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _disclosure(pair: _Pair, beside: Sequence[Field]) -> Disclosure:
    datum, why = _datum(pair, beside)
    latitude, longitude = to_wgs84(float(pair.latitude), float(pair.longitude), datum)
    return Disclosure(
        kind="position",
        value=f"{pair.latitude},{pair.longitude}",
        rule=pair.rule,
        reasoning=pair.reasoning,
        because=pair.because,
        latitude=float(latitude),
        longitude=float(longitude),
        datum=datum,
        datum_because=why,
        precision_m=_precision_m(pair, beside),
    )


def _datum(pair: _Pair, beside: Sequence[Field]) -> tuple[Datum, str]:
    """The datum and why. Outside the shifted region GCJ-02 is WGS-84, so nothing there hangs on an inference."""
    for field in beside:
        if _STATING.fullmatch(normal_key(field.key)) and (datum := STATED.get(normal_key(field.text))):
            return datum, f"stated: {field.key} is {field.text}"
    if bool(shifted_region(float(pair.latitude), float(pair.longitude))):
        for rule in DATUMS:
            if any(re.fullmatch(rule.keys, normal_key(field.key)) for field in beside):
                return rule.datum, rule.reasoning
    return "unknown", "not stated, and nothing beside it tells; taken as WGS-84"


def _precision_m(pair: _Pair, beside: Sequence[Field]) -> float:
    """Half the last digit's step in metres, or the accuracy stated beside it where that is coarser."""
    step = 10.0 ** -min(_decimals(pair.latitude), _decimals(pair.longitude))
    digits_m = step / 2 * METRES_PER_DEGREE
    stated = [_number(field) for field in beside if _ACCURACY.fullmatch(normal_key(field.key))]
    stated_m = [float(number) for number in stated if number is not None and 0 < number < 100_000]
    return round(max([digits_m, *stated_m[:1]]), 3)
