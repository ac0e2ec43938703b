"""Known positions in bytes without a format: two numbers of a C structure, side by side, also in base64 and hex.

Any bytes are numbers, so that only the digits of a known position say that these are one. Two whole numbers of 32 bits
fall within `GPS_ERROR_M` of it, in some unit and datum, once in 10^9 pairs; floats and doubles less often.
"""

import binascii
import re
import struct
from collections.abc import Collection, Iterator

from scantrail.detectors.position.index import Index
from scantrail.detectors.position.match import Match, match_numbers
from scantrail.detectors.position.numbers import Number, number
from scantrail.model import Scalar

_LAYOUTS = tuple(struct.Struct(order + code) for code in ("dd", "ff", "ii", "qq") for order in "<>")
_SHORTEST, _LONGEST = 8, 64  # bytes in which each place is looked at
_BASE64 = re.compile(r"[A-Za-z0-9+/]{11}=?|[A-Za-z0-9+/]{22}(?:==)?|[A-Za-z0-9_\-]{11}|[A-Za-z0-9_\-]{22}")
_HEX = re.compile(r"[0-9a-fA-F]{16}|[0-9a-fA-F]{32}")
PACKED = re.compile(r"\n(?:[A-Za-z0-9+/_\-]{11}=?|[A-Za-z0-9+/_\-]{22}(?:==)?|[0-9a-fA-F]{16}|[0-9a-fA-F]{32})(?=\n)")
"""A quick look at all values of a request (`Values.where`): 8 or 16 bytes in base64 or hex."""
_ALIGNED = 8  # bytes: where numbers begin in 8 or 16 bytes, which may be anybody's identifier
_WIDEST = 1 << 62  # larger numbers are no coordinates


def candidate(value: Scalar, index: Index) -> bytes | None:
    """The bytes that a field is, or stands for, if two numbers in them can be a known position."""
    data = _unpacked(value)
    return data if data and next(_pairs(data, index), None) else None


def _unpacked(value: Scalar) -> bytes | None:
    """The bytes of a field that is that, or 8 or 16 bytes in base64 or hex."""
    if isinstance(value, bytes):
        return value if _SHORTEST <= len(value) <= _LONGEST else None
    if not isinstance(value, str):
        return None
    if _HEX.fullmatch(value):
        return bytes.fromhex(value)
    if not _BASE64.fullmatch(value):
        return None
    bare = value.rstrip("=").replace("-", "+").replace("_", "/")
    return binascii.a2b_base64(bare + "=" * (-len(bare) % 4))


def find(data: bytes, index: Index, active: Collection[int]) -> tuple[Match, str] | None:
    """The known position that two neighbouring numbers of the bytes are, and these numbers."""
    for a, b in _pairs(data, index):
        match = match_numbers(index, a, b, active)
        if match and match.fine:
            return match, f"{a.text},{b.text}"
    return None


def _pairs(data: bytes, index: Index) -> Iterator[tuple[Number, Number]]:
    near, step = index.near, _ALIGNED if len(data) in (8, 16) else 1
    for layout in _LAYOUTS:
        for at in range(0, len(data) - layout.size + 1, step):
            first, second = layout.unpack_from(data, at)
            if near(first) and near(second):  # of NaN and infinity, neither is near anything
                numbers = _number(first, layout.format), _number(second, layout.format)
                if numbers[0] and numbers[1]:
                    yield numbers[0], numbers[1]


def _number(value: float, layout: str) -> Number | None:
    if isinstance(value, int):
        return number(value) if abs(value) < _WIDEST else None
    return number(f"{value:.7g}" if "f" in layout else repr(value))  # the digits that a single-precision number has
