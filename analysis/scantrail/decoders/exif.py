"""Where a photo was taken: the GPS tags of Exif in JPEG, PNG, WebP and HEIC.

Exif is a TIFF structure (TIFF 6.0 §2; CIPA DC-008 §4.6.6 for the GPS tags): directories of entries of twelve bytes. A
picture without a position stays the opaque bytes that it is.
"""

import re
import struct
from decimal import Decimal

from scantrail.decoders.values import Members, Value

HEADS = b"\xff\x89R\x00"
"""JPEG, PNG, RIFF (WebP) and the box that HEIC begins with."""
_START = re.compile(rb"(?:Exif\0\0|eXIf|EXIF.{4})(II\*\0|MM\0\*)", re.DOTALL)
_GPS_DIRECTORY, _ALTITUDE, _DATE = 0x8825, 6, 29
_AXES = ((1, 2, "latitude", b"S"), (3, 4, "longitude", b"W"))  # tags of the half of the Earth and of the angle
_ASCII, _RATIONAL = 2, 5
_MAX_ENTRIES = 512
_STEP = Decimal("0.000001")  # degrees: a tenth of a metre; cameras write seconds with two digits

type _Entry = tuple[int, int, bytes]


def position(data: bytes) -> Value:
    """Latitude and longitude in degrees, altitude in metres and the date, as far as they are there."""
    start = _START.search(data)
    if not start:
        return None
    tiff = data[start.start(1) :]
    order = "<" if tiff[:2] == b"II" else ">"
    try:
        (first,) = struct.unpack_from(order + "I", tiff, 4)
        pointer = _directory(tiff, order, first).get(_GPS_DIRECTORY)
        gps = _directory(tiff, order, struct.unpack(order + "I", pointer[2])[0]) if pointer else {}
        pairs = [pair for axis in _AXES if (pair := _angle(tiff, order, gps, *axis))]
        if len(pairs) < len(_AXES):
            return None
        if _ALTITUDE in gps:
            pairs.append(("altitude", _rationals(tiff, order, gps[_ALTITUDE])[0]))
        if _DATE in gps:
            pairs.append(("date", _bytes(tiff, order, gps[_DATE]).rstrip(b"\0").decode("latin-1")))
    except (struct.error, ArithmeticError, IndexError):
        return None
    return Members(pairs)


def _directory(tiff: bytes, order: str, at: int) -> dict[int, _Entry]:
    """By tag: the type, the count, and the four bytes that are the value or tell where it is."""
    (count,) = struct.unpack_from(order + "H", tiff, at)
    entries = (
        struct.unpack_from(order + "HHI4s", tiff, at + 2 + 12 * number) for number in range(min(count, _MAX_ENTRIES))
    )
    return {tag: (kind, length, value) for tag, kind, length, value in entries}


def _bytes(tiff: bytes, order: str, entry: _Entry) -> bytes:
    kind, count, value = entry
    size = count * (8 if kind == _RATIONAL else 1)
    if size <= len(value):
        return value[:size]
    (at,) = struct.unpack(order + "I", value)
    return tiff[at : at + size]


def _rationals(tiff: bytes, order: str, entry: _Entry) -> list[Decimal]:
    numbers = struct.iter_unpack(order + "II", _bytes(tiff, order, entry))
    return [Decimal(above) / Decimal(below) for above, below in numbers]


def _angle(
    tiff: bytes, order: str, gps: dict[int, _Entry], half: int, tag: int, name: str, negative: bytes
) -> tuple[str, Value] | None:
    """Degrees, minutes and seconds as degrees."""
    if tag not in gps or half not in gps or gps[tag][0] != _RATIONAL or gps[half][0] != _ASCII:
        return None
    parts = _rationals(tiff, order, gps[tag])
    degrees = sum((part / 60**power for power, part in enumerate(parts[:3])), Decimal())
    if not 0 < degrees <= 180:
        return None
    sign = -1 if _bytes(tiff, order, gps[half])[:1] == negative else 1
    return name, (sign * degrees).quantize(_STEP)
