"""Protocol Buffers without their schema.

A message is a sequence of fields, each a tag (its number and one of six wire types) and a value (encoding described at
https://protobuf.dev/programming-guides/encoding/). Without the schema a value may be meant in several ways, which all
become `Readings`: a varint is an integer, two's complement, or zig-zag (`sint64`), eight bytes are a double or an
integer. Names are the fields' numbers. Bytes with a length are text, else a message, else packed numbers, else bytes.
"""

import struct
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from scantrail.decoders import evidence
from scantrail.decoders.evidence import SURE
from scantrail.decoders.values import Members, Readings, Value
from scantrail.model import Scalar

HEADS = frozenset(byte for byte in range(8, 256) if byte & 7 in (0, 1, 2, 3, 5))
"""What a message may begin with: a tag, of which four wire types may begin a field and one a group."""

_NESTING = 24  # messages within each other; deeper ones stay bytes, which the walk may open anew
_HIGHEST_NUMBER = (1 << 29) - 1
_RESERVED = range(19_000, 20_000)  # field numbers that no schema may use
_ZIGZAG_FROM = 1 << 12  # smaller numbers are counts and enums, whose zig-zag reading says nothing
_COMPRESSED = (b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\x78\x9c", b"\x78\xda", b"\x78\x01")  # gzip, zstd, zlib
_LONG = 16  # bytes, whose length fits by accident less often
_MIN_PACKED = 2
_MAX_FIELDS = 1 << 18  # at the top; the walk looks at fewer
_MIN_SURE = 4  # bytes
_SIZES = {1: 8, 5: 4}  # of what has a fixed one, by wire type


class _Message(NamedTuple):
    """What was read, the bits that speak for it (`evidence`), and where it ended."""

    pairs: list[tuple[str, Value]]
    bits: float
    end: int


def sure(data: bytes) -> Members | None:
    """A message, if more speaks for it than noise would show."""
    if len(data) < _MIN_SURE or not _framed(data):
        return None
    message = _message(data, 0, len(data), 0)
    return Members(message.pairs) if message and message.bits >= SURE else None


def stated(data: bytes) -> Members | None:
    """A message where a header says that it is one."""
    message = _message(data, 0, len(data), 0) if data and _framed(data) else None
    return Members(message.pairs) if message else None


def like_text(data: bytes) -> Members | None:
    """A message that could be taken for text, since the tag of its first field is a line feed."""
    return sure(data) if len(data) > 1 and data[1] <= len(data) - 2 else None


def _framed(data: bytes) -> bool:
    """Whether tags and lengths lead to the end: what noise fails at, and quickly."""
    at, end = 0, len(data)
    for _ in range(_MAX_FIELDS):
        if not 0 <= at < end:
            break
        tag = data[at]
        if tag < 0x80:  # most are: without this, noise takes twice as long
            at += 1
        else:
            tag, at = _varint(data, at, end)
        wire = tag & 7
        if at < 0 or tag < 8 or wire > 5:
            return False
        if wire == 2:
            size, at = _varint(data, at, end)
            at = at + size if at >= 0 else at
        elif wire == 0:
            _, at = _varint(data, at, end)
        elif wire in _SIZES:
            at += _SIZES[wire]
    return at == end


def _message(data: bytes, at: int, end: int, nesting: int, group: int = 0) -> _Message | None:
    """The fields between two places; those of a group end with its own tag."""
    pairs: list[tuple[str, Value]] = []
    bits, previous = 0.0, 0
    while at < end:
        start = at
        tag, at = _varint(data, at, end)
        number, wire = tag >> 3, tag & 7
        if at < 0 or not 0 < number <= _HIGHEST_NUMBER or number in _RESERVED:
            return None
        if wire == 4:
            return _Message(pairs, bits + 4, at) if number == group else None
        field = _field(data, at, end, wire, number, nesting)
        if field is None:
            return None
        value, more, at = field
        bits += more + _tag_bits(number, previous, at - start)
        previous = number
        pairs.append((str(number), value))
    return None if group else _Message(pairs, bits, at)


def _tag_bits(number: int, previous: int, size: int) -> float:
    """Schemas number their fields from 1 and encoders write them in order, mostly without large gaps."""
    step = number - previous
    if number > 15:
        return 4.0 if 0 <= step <= 4 and size else 0.0
    if step == 1:
        return 5.0
    return 3.0 if 0 <= step <= 3 else 0.0 if step > 0 else -1.0


def _field(data: bytes, at: int, end: int, wire: int, number: int, nesting: int) -> tuple[Value, float, int] | None:
    if wire == 0:
        value, at = _varint(data, at, end)
        return (_varint_readings(value), _varint_bits(value), at) if at >= 0 else None
    if wire in (1, 5):
        size = _SIZES[wire]
        if end - at < size:
            return None
        return *_fixed(data[at : at + size]), at + size
    if wire == 2:
        size, at = _varint(data, at, end)
        if at < 0 or size > end - at:
            return None
        return *_delimited(data[at : at + size], nesting), at + size
    if wire == 3 and nesting < _NESTING:
        group = _message(data, at, end, nesting + 1, number)
        return group and (Members(group.pairs), group.bits, group.end)
    return None


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """A number and where it ends; -1 for an end that is cut off, too long, or padded as no encoder does."""
    if at < end and data[at] < 0x80:
        return data[at], at + 1
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (value, at) if (byte or not shift) and value < 1 << 64 else (0, -1)
        shift += 7
    return 0, -1


def _varint_readings(value: int) -> Value:
    if value < _ZIGZAG_FROM:
        return value
    pairs: list[tuple[str, Scalar]] = [("", value)]
    if value >> 63:
        pairs.append(("int64", value - (1 << 64)))
    pairs.append(("sint64", (value >> 1) ^ -(value & 1)))
    return Readings(pairs)


def _varint_bits(value: int) -> float:
    if 1 << 28 <= value < 1 << 32 or 1 << 40 <= value < 1 << 41:  # 32 bits; a time in milliseconds
        return 3.0
    return 5.0 if value >= (1 << 64) - (1 << 34) else 0.0  # a small negative number


def _fixed(data: bytes) -> tuple[Value, float]:
    """Four or eight bytes as all that they may mean, and the bits that speak for the likeliest."""
    size = len(data) * 8
    integer = int.from_bytes(data, "little")
    if size == 64:
        name, number = "double", evidence.shortest(struct.unpack("<d", data)[0])
    else:
        name, number = "float", evidence.shortest32(struct.unpack("<f", data)[0])
    pairs: list[tuple[str, Scalar]] = [("", integer)]
    if integer >> (size - 1):
        pairs.append((f"int{size}", integer - (1 << size)))
    bits = evidence.number_bits(number, precise=size == 64)
    if bits > 0 and isinstance(number, Decimal):
        pairs.append((name, number))
    if integer < 1 << size * 3 // 4:
        bits = max(bits, 6.0)
    elif size == 32:
        bits = max(bits, 0.0)  # degrees in units of 1e-7 are as good as any number
    return Readings(pairs), bits


def _delimited(data: bytes, nesting: int) -> tuple[Value, float]:
    """Text, a message, packed numbers or bytes: the first of them that it can be."""
    text = evidence.printable(data)
    message = None
    if nesting < _NESTING and (text is None or data[:1] == b"\n"):
        message = _message(data, 0, len(data), nesting + 1)
    if message and message.bits >= (SURE if text is not None else 3.0):
        return Members(message.pairs), message.bits
    if text is not None:
        return text, evidence.text_bits(text)
    for packed in (_packed_fixed(data, 8), _packed_fixed(data, 4), _packed_varints(data)):
        if packed is not None:
            return packed
    return data, 8.0 if data.startswith(_COMPRESSED) else 2.0 if len(data) >= _LONG else 0.0


def _packed_fixed(data: bytes, size: int) -> tuple[Value, float] | None:
    """Doubles or floats, if each of them measures something."""
    if len(data) % size or len(data) < _MIN_PACKED * size:
        return None
    numbers: list[Value] = []
    bits = 0.0
    for number in _numbers(data, size):
        more = evidence.number_bits(number, precise=size == 8)
        if more < 0:
            return None
        numbers.append(number)
        bits += more
    return numbers, bits


def _numbers(data: bytes, size: int) -> Iterator[Decimal | str]:
    if size == 8:
        return (evidence.shortest(number) for (number,) in struct.iter_unpack("<d", data))
    return (evidence.shortest32(number) for (number,) in struct.iter_unpack("<f", data))


def _packed_varints(data: bytes) -> tuple[Value, float] | None:
    """Two or more large numbers of about the same length: those of a digest differ more."""
    numbers: list[Value] = []
    sizes = set()
    at = 0
    while at < len(data):
        start = at
        number, at = _varint(data, at, len(data))
        sizes.add(at - start)
        if at < 0 or not 3 <= at - start <= 6 or max(sizes) - min(sizes) > 1:
            return None
        numbers.append(_varint_readings(number))
    return (numbers, 2.5 * len(numbers)) if len(numbers) >= _MIN_PACKED else None
