"""How much speaks for a reading of bytes: in bits, so that noise earns n bits once in about 2 to the n times.

Formats without a mark of their own (protobuf, msgpack, CBOR) read some noise, too: digests, random ids, ciphertext.
What they found is believed if what it is made of would be a rare accident. The weights follow from what a random byte
would do; `SURE` was set by measuring (`tests/test_decoders.py`).
"""

import math
import re
import struct
from decimal import Decimal
from itertools import count

from scantrail.decoders.values import Members, Value

SURE = 10.0
"""Bits that a format without a mark must show before it is believed."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
RARE = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u024f\u0370-\u04ff\u2000-\u22ff\u2e80-\u33ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef\U0001f000-\U0001faff]"
)
"""Characters that texts of our kind hardly have, but noise in wide characters does."""
_BITS_OF_A_BYTE = 1.3  # of text: of 256 bytes, some 100 are in UTF-8 text
_BITS_OF_A_WIDE_CHARACTER = 3.5  # three bytes in UTF-8: lead and trail bytes must match
_NAME = re.compile(r"[\w$@.:/ -]+")
_LEAST, _MOST = 1e-6, 1e9  # absolute values of floating-point numbers that measure something in our world


def printable(data: bytes) -> str | None:
    """UTF-8 text: nothing in it but what can be seen, and white space."""
    try:
        decoded = data.decode()
    except UnicodeDecodeError:
        return None
    return None if _CONTROLS.search(decoded) else decoded


def shortest(value: float) -> Decimal | str:
    """A double with the digits that its sender saw: the fewest that give it back."""
    return Decimal(repr(value)) if math.isfinite(value) else repr(value)


def shortest32(value: float) -> Decimal | str:
    """The same of a single-precision number: `30.25`, `120.16`, not `120.16000366210938`."""
    if not math.isfinite(value):
        return repr(value)
    packed = struct.pack("<f", value)
    for digits in count(6):
        text = f"{value:.{digits}g}"
        if digits >= 9 or struct.pack("<f", float(text)) == packed:
            return Decimal(text)
    raise AssertionError


def text_bits(text: str) -> float:
    """What speaks for printable text."""
    wide = 0 if text.isascii() else sum(char > "\u07ff" for char in text)
    return (len(text) - wide) * _BITS_OF_A_BYTE + wide * _BITS_OF_A_WIDE_CHARACTER


def number_bits(number: Decimal | str, precise: bool) -> float:
    """What speaks for a floating-point number, a double if it is `precise`; negative if it can measure nothing."""
    if isinstance(number, str):
        return -4.0
    if not number:
        return 6.0
    if not _LEAST <= abs(number) <= _MOST:
        return -4.0
    most, sane = (17, 5.0) if precise else (9, 2.5)
    return sane + 2.0 * max(0, most - 3 - len(number.as_tuple().digits))


def value_bits(value: Value) -> float:
    """What speaks for a value that states the types of its parts, as msgpack and CBOR do."""
    bits = 0.0
    stack: list[Value] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Members):
            bits += 2.0
            for name, member in item.pairs:
                bits += _name_bits(name)
                stack.append(member)
        elif isinstance(item, list):
            bits += 2.0
            stack.extend(item)
        else:
            bits += _scalar_bits(item)
    return bits


def _name_bits(name: str) -> float:
    """Members are named by words; by numbers, too."""
    if name.lstrip("-").isdecimal():
        return 0.0
    return text_bits(name) if _NAME.fullmatch(name) else -4.0


def _scalar_bits(item: object) -> float:
    if isinstance(item, str):
        return text_bits(item)
    if isinstance(item, Decimal):
        return 6.0 + number_bits(item, precise=True)
    if isinstance(item, int) and not isinstance(item, bool) and 1 << 16 <= abs(item) < 1 << 53:
        return 4.0
    return -2.0 if isinstance(item, bytes) else 0.0
