"""Bare pairs of numbers."""

import struct
from decimal import Decimal

from scantrail.decoders import evidence
from scantrail.decoders.values import Value

_LEAST = 0.001  # degrees: less is noise, too


def coordinates(data: bytes) -> Value:
    """Two numbers without any frame, if both are coordinates: nothing else speaks for them.

    Doubles or floats in either byte order. Floats must moreover have few digits or lie in China, integers (in units of
    1e-7 degrees) both: four bytes are a coordinate by accident too often.
    """
    if len(data) not in (8, 16):
        return None
    for order in "<>":
        numbers = _coordinates(data, order)
        if numbers and _on_earth(*numbers):
            return list(numbers)
    return None


def _coordinates(data: bytes, order: str) -> tuple[Decimal, Decimal] | None:
    if len(data) == 16:
        first, second = struct.unpack(order + "dd", data)
        if not (_LEAST <= abs(first) <= 180 and _LEAST <= abs(second) <= 180):  # half of all noise is below 180
            return None
        return _decimals(evidence.shortest(first), evidence.shortest(second))
    first, second = struct.unpack(order + "ff", data)
    if 1 <= abs(first) <= 180 and 1 <= abs(second) <= 180:
        floats = _decimals(evidence.shortest32(first), evidence.shortest32(second))
        if floats and (_in_china(*floats) or max(len(number.as_tuple().digits) for number in floats) <= 6):
            return floats
    integers = struct.unpack(order + "ii", data)
    if integers[0] % 100 or integers[1] % 100:
        return None
    scaled = Decimal(integers[0]).scaleb(-7), Decimal(integers[1]).scaleb(-7)
    return scaled if _in_china(*scaled) else None


def _decimals(first: Decimal | str, second: Decimal | str) -> tuple[Decimal, Decimal] | None:
    return (first, second) if isinstance(first, Decimal) and isinstance(second, Decimal) else None


def _on_earth(first: Decimal, second: Decimal) -> bool:
    small, large = sorted((abs(first), abs(second)))
    return small <= 90 and large <= 180


def _in_china(first: Decimal, second: Decimal) -> bool:
    return any(18 <= lat <= 54 and 73 <= lon <= 136 for lat, lon in ((first, second), (second, first)))
