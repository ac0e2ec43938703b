"""MessagePack and CBOR, and bare pairs of numbers."""

import math
import struct
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

import msgpack

from scantrail.decoders import evidence
from scantrail.decoders.values import Members, Value

_NESTING = 64  # arrays and maps within each other; the walk looks at fewer
_MAX_ITEMS = 1 << 20  # in one document
_MIN_SURE = 4  # bytes
_BREAK = object()
MESSAGEPACK_HEADS = frozenset([*range(0x80, 0xA0), *range(0xDC, 0xE0)])  # maps and arrays
CBOR_HEADS = frozenset([*range(0x80, 0xC0), 0xD9])  # the same, or the tag that marks CBOR


def messagepack(data: bytes) -> Value:
    """A map or array, or a sequence of such (https://github.com/msgpack/msgpack/blob/master/spec.md)."""
    return _believed(stated_messagepack(data)) if len(data) >= _MIN_SURE else None


def stated_messagepack(data: bytes) -> Value:
    """The same where a header says so."""
    reader = msgpack.Unpacker(
        raw=True,
        strict_map_key=False,
        object_pairs_hook=_pairs,
        ext_hook=_extension,
        max_buffer_size=len(data) or 1,
    )
    reader.feed(data)
    documents: list[Value] = []
    try:
        while reader.tell() < len(data):
            documents.append(_plain(reader.unpack()))
    except (ValueError, msgpack.UnpackException, RecursionError, OverflowError):
        return None
    return _one_or_all(documents)


def _pairs(pairs: list[tuple[object, object]]) -> Members:
    return Members([(_name(name), _plain(value)) for name, value in pairs])


def _extension(code: int, data: bytes) -> object:
    """A timestamp (type -1) as seconds; other types are the applications' own."""
    if code != -1:
        return data
    try:
        moment = msgpack.Timestamp.from_bytes(data)
    except ValueError:
        return data
    return Decimal(moment.seconds) + Decimal(moment.nanoseconds).scaleb(-9) if moment.nanoseconds else moment.seconds


def _name(name: object) -> str:
    if isinstance(name, bytes):
        return name.decode("utf-8", "backslashreplace")
    return str(name) if isinstance(name, str | int | Decimal) else type(name).__name__


def _plain(value: object) -> Value:
    """What msgpack gave, with texts as such (it cannot tell, in its old format) and numbers with their digits."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        text = evidence.printable(value)
        return value if text is None else text
    if isinstance(value, float):
        # A single-precision number has been widened: 29 bits of it are zero.
        widened = math.isfinite(value) and not struct.unpack("<Q", struct.pack("<d", value))[0] & ((1 << 29) - 1)
        return evidence.shortest32(value) if widened and _fits(value) else evidence.shortest(value)
    return value  # type: ignore[return-value]  # Members, an int, a bool or None


def _fits(value: float) -> bool:
    return abs(value) < 3.4e38


def _one_or_all(documents: list[Value]) -> Value:
    if not documents or not all(isinstance(document, Members | list) for document in documents):
        return None
    return documents[0] if len(documents) == 1 else documents


def _believed(value: Value) -> Value:
    return value if value is not None and evidence.value_bits(value) >= evidence.SURE else None


class _Refused(ValueError):
    """Not CBOR, or cut off, or too deep or large."""


class _Item(NamedTuple):
    value: object
    end: int


class _Cbor:
    """A reader of RFC 8949 that takes nothing on trust: a length is believed as far as there are bytes.

    Tags are undone where they say how to read a number or bytes (RFC 8949 §3.4), otherwise passed over: sharing and
    string references, which make small documents large, stay what they are.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.items = 0

    def take(self, size: int) -> bytes:
        if size > len(self.data) - self.at:
            raise _Refused
        self.at += size
        return self.data[self.at - size : self.at]

    def item(self, nesting: int) -> object:
        self.items += 1
        if nesting > _NESTING or self.items > _MAX_ITEMS:
            raise _Refused
        (head,) = self.take(1)
        major, info = head >> 5, head & 31
        if major == 7:
            return self.simple(info)
        size = self.argument(info)
        if major < 2:
            if size is None:
                raise _Refused
            return -1 - size if major else size
        return self._MAJORS[major](self, size, nesting)

    def argument(self, info: int) -> int | None:
        """A length or number; None where the length is left open."""
        if info < 24:
            return info
        if info < 28:
            return int.from_bytes(self.take(1 << (info - 24)))
        if info == 31:
            return None
        raise _Refused

    def simple(self, info: int) -> object:
        if info in (20, 21):
            return info == 21
        if info in (22, 23):
            return None
        if info == 31:
            return _BREAK
        if info == 25:
            return evidence.shortest32(struct.unpack(">e", self.take(2))[0])
        if info == 26:
            return evidence.shortest32(struct.unpack(">f", self.take(4))[0])
        if info == 27:
            return evidence.shortest(struct.unpack(">d", self.take(8))[0])
        raise _Refused  # simple values without a meaning

    def bytes_(self, size: int | None, nesting: int) -> object:
        return self.take(size) if size is not None else b"".join(self.chunks(bytes, nesting))

    def text(self, size: int | None, nesting: int) -> object:
        return self.take(size).decode() if size is not None else "".join(self.chunks(str, nesting))

    def chunks[T: (str, bytes)](self, kind: type[T], nesting: int) -> list[T]:
        chunks: list[T] = []
        while (chunk := self.item(nesting + 1)) is not _BREAK:
            if not isinstance(chunk, kind):
                raise _Refused
            chunks.append(chunk)
        return chunks

    def array(self, size: int | None, nesting: int) -> object:
        if size is None:
            return list(iter(lambda: self.item(nesting + 1), _BREAK))
        if size > len(self.data) - self.at:
            raise _Refused
        return [self.value(nesting) for _ in range(size)]

    def map(self, size: int | None, nesting: int) -> object:
        if size is not None and size > len(self.data) - self.at:
            raise _Refused
        pairs: list[tuple[str, Value]] = []
        while size is None or len(pairs) < size:
            name = self.item(nesting + 1)
            if name is _BREAK and size is None:
                break
            if isinstance(name, list | Members) or name is _BREAK:
                raise _Refused
            pairs.append((_name(name), self.value(nesting)))
        return Members(pairs)

    def value(self, nesting: int) -> Value:
        item = self.item(nesting + 1)
        if item is _BREAK:
            raise _Refused
        return item  # type: ignore[return-value]

    def tag(self, number: int | None, nesting: int) -> object:
        value = self.value(nesting)
        if number in (2, 3) and isinstance(value, bytes) and len(value) <= 16:
            integer = int.from_bytes(value)
            return -1 - integer if number == 3 else integer
        if number == 4 and isinstance(value, list) and len(value) == 2:
            exponent, mantissa = value
            if isinstance(exponent, int) and isinstance(mantissa, int) and abs(exponent) < 100:
                return Decimal(mantissa).scaleb(exponent)
        return value

    _MAJORS: dict[int, Callable[["_Cbor", int | None, int], object]] = {2: bytes_, 3: text, 4: array, 5: map, 6: tag}


def cbor(data: bytes) -> Value:
    """A map or array, or a sequence of such (RFC 8742)."""
    return _believed(stated_cbor(data)) if len(data) >= _MIN_SURE else None


def stated_cbor(data: bytes) -> Value:
    """The same where a header says so."""
    reader = _Cbor(data)
    documents: list[Value] = []
    try:
        while reader.at < len(data):
            documents.append(reader.value(0))
    except ValueError:  # not UTF-8 among them
        return None
    return _one_or_all(documents)


def pair(data: bytes) -> Value:
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
        if not (abs(first) <= 180 and abs(second) <= 180):
            return None
        return _decimals(evidence.shortest(first), evidence.shortest(second))
    first, second = struct.unpack(order + "ff", data)
    if 1 <= abs(first) <= 180 and 1 <= abs(second) <= 180:
        floats = _decimals(evidence.shortest32(first), evidence.shortest32(second))
        if floats and (_in_china(*floats) or max(len(number.as_tuple().digits) for number in floats) <= 6):
            return floats
    integers = struct.unpack(order + "ii", data)
    if any(number % 100 for number in integers):
        return None
    scaled = Decimal(integers[0]).scaleb(-7), Decimal(integers[1]).scaleb(-7)
    return scaled if _in_china(*scaled) else None


def _decimals(first: Decimal | str, second: Decimal | str) -> tuple[Decimal, Decimal] | None:
    return (first, second) if isinstance(first, Decimal) and isinstance(second, Decimal) else None


def _on_earth(first: Decimal, second: Decimal) -> bool:
    small, large = sorted((abs(first), abs(second)))
    return Decimal("0.001") <= small <= 90 and large <= 180


def _in_china(first: Decimal, second: Decimal) -> bool:
    return any(18 <= lat <= 54 and 73 <= lon <= 136 for lat, lon in ((first, second), (second, first)))
