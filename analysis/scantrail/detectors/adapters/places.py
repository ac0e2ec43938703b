"""Positions in known formats: the order and the datum are the format's, the precision that of the digits."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from scantrail.detectors.adapters.row import Adapter, Place
from scantrail.geo import METRES_PER_DEGREE, to_wgs84
from scantrail.model import Datum, Disclosure, Field

_NAMES: Mapping[Datum, str] = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"}
_NUMBER = re.compile(r"[+-]?\d{1,3}(?:\.\d{0,17})?")
_BETWEEN = re.compile(r"\s*[,|; ]\s*")
_LONGEST = 800  # characters; AMap takes up to 20 positions at once

type _Numbers = tuple[Decimal, Decimal, Decimal | None]  # latitude, longitude, accuracy in metres
type _Below = Mapping[str, Sequence[Field]]


def place(adapter: Adapter, at: Place, below: _Below) -> Iterator[Disclosure]:
    """The positions that stand at a place of a format."""
    if at.unless and below.get(at.unless):
        return
    longitudes, accuracies = _by_object(below.get(at.longitude, ())), _by_object(below.get(at.accuracy, ()))
    only = next(iter(accuracies.values())) if len(accuracies) == 1 else None  # it may stand one object further out
    for field in below.get(at.path, ()):
        if not at.longitude:
            for numbers in _pairs(field.text, at.longitude_first):
                yield from _disclosed(adapter, at, (field,), numbers, below)
        elif other := longitudes.get(field.parent):
            latitude, longitude = _number(field.text), _number(other.text)
            if latitude is not None and longitude is not None:
                accuracy = accuracies.get(field.parent, only)
                numbers = (latitude, longitude, _metres(accuracy.text) if accuracy else None)
                yield from _disclosed(adapter, at, (field, other), numbers, below)


def _disclosed(
    adapter: Adapter, at: Place, because: tuple[Field, ...], numbers: _Numbers, below: _Below
) -> Iterator[Disclosure]:
    latitude, longitude, accuracy_m = numbers
    if not (abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude or longitude)):
        return
    datum, why = _datum(adapter, at, because[0], below)
    north, east = to_wgs84(float(latitude), float(longitude), datum)
    yield Disclosure(
        kind="position",
        value=f"{latitude},{longitude}",
        rule=adapter.id,
        reasoning=f"{adapter.name}: {at.note} ({adapter.source})",
        because=because,
        latitude=float(north),
        longitude=float(east),
        datum=datum,
        datum_because=why,
        precision_m=_precision_m(latitude, longitude, accuracy_m),
    )


def _datum(adapter: Adapter, at: Place, field: Field, below: _Below) -> tuple[Datum, str]:
    for stating in below.get(at.stated_in, ()):
        if (stating.side == field.side) and (datum := at.states.get(stating.text.strip().lower())):
            return datum, f"stated: {stating.key} is {stating.text}"
    return at.datum, f"inferred: {adapter.name} has {_NAMES.get(at.datum, 'an unstated datum')} ({adapter.source})"


def _by_object(fields: Sequence[Field]) -> dict[str, Field]:
    """The first of the fields in each object (or list)."""
    return {field.parent: field for field in reversed(fields)}


def _pairs(text: str, longitude_first: bool) -> Iterator[_Numbers]:
    """The positions in one text: `lng,lat|lng,lat`, or one with its accuracy: `lng|lat|radius`."""
    if len(text) > _LONGEST:
        return
    for one in text.split("|") if "," in text else [text]:
        parts = _BETWEEN.split(one.strip())
        numbers = [_number(part) for part in parts[:2]]
        if len(numbers) == 2 and numbers[0] is not None and numbers[1] is not None:
            latitude, longitude = (numbers[1], numbers[0]) if longitude_first else (numbers[0], numbers[1])
            yield latitude, longitude, _metres(parts[2]) if len(parts) > 2 else None


def _number(text: str) -> Decimal | None:
    text = text.strip()
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _metres(text: str) -> Decimal | None:
    try:
        metres = Decimal(text.strip())
    except InvalidOperation:
        return None
    return metres if metres.is_finite() and 0 < metres < 100_000 else None


def _precision_m(latitude: Decimal, longitude: Decimal, accuracy_m: Decimal | None) -> float:
    """Half the last digit's step, or the accuracy where that is coarser."""
    step = 10.0 ** -min(_decimals(latitude), _decimals(longitude))
    return round(max(step / 2 * METRES_PER_DEGREE, float(accuracy_m or 0)), 3)


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0
