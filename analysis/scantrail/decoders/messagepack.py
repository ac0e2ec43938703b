"""MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md)."""

import math
import struct
from decimal import Decimal
from typing import cast

import msgpack

from scantrail.decoders import documents, evidence
from scantrail.decoders.values import Members, Value

HEADS = frozenset([*range(0x80, 0xA0), *range(0xDC, 0xE0)])
"""Maps and arrays."""


def sure(data: bytes) -> Value:
    """A map or array, or a sequence of such (https://github.com/msgpack/msgpack/blob/master/spec.md)."""
    return documents.believed(stated(data)) if len(data) >= documents.MIN_SURE else None


def stated(data: bytes) -> Value:
    """The same where a header says so."""
    reader = msgpack.Unpacker(
        raw=True,
        strict_map_key=False,
        object_pairs_hook=_pairs,
        ext_hook=_extension,
        max_buffer_size=len(data) or 1,
    )
    reader.feed(data)
    found: list[Value] = []
    try:
        while reader.tell() < len(data):
            found.append(_plain(reader.unpack()))
    except (ValueError, msgpack.UnpackException, RecursionError, OverflowError):
        return None
    return documents.one_or_all(found)


def _pairs(pairs: list[tuple[object, object]]) -> Members:
    return Members([(documents.name(name), _plain(value)) for name, value in pairs])


def _extension(_: int, data: bytes) -> bytes:
    """Types of applications' own; a timestamp (type -1) the library reads itself."""
    return data


def _seconds(moment: msgpack.Timestamp) -> Value:
    return Decimal(moment.seconds) + Decimal(moment.nanoseconds).scaleb(-9) if moment.nanoseconds else moment.seconds


def _plain(value: object) -> Value:
    """What msgpack gave, with texts as such (it cannot tell, in its old format) and numbers with their digits."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        text = evidence.printable(value)
        return value if text is None else text
    if isinstance(value, msgpack.Timestamp):
        return _seconds(value)
    if isinstance(value, float):
        # A single-precision number has been widened: 29 bits of it are zero.
        widened = math.isfinite(value) and not struct.unpack("<Q", struct.pack("<d", value))[0] & ((1 << 29) - 1)
        return evidence.shortest32(value) if widened and _fits(value) else evidence.shortest(value)
    return cast("Value", value)  # Members, an int, a truth value or None


def _fits(value: float) -> bool:
    return abs(value) < 3.4e38
