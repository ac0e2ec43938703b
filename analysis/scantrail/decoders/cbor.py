"""CBOR (RFC 8949)."""

import struct
from decimal import Decimal
from typing import cast

from scantrail.decoders import documents, evidence
from scantrail.decoders.values import Members, Value

HEADS = frozenset([*range(0x80, 0xC0), 0xD9])
"""Maps and arrays, and the tag that marks CBOR."""
_NESTING = 64  # arrays and maps within each other; the walk looks at fewer
_MAX_ITEMS = 1 << 20  # in one document
_BREAK = object()


def sure(data: bytes) -> Value:
    """A map or array, or a sequence of such (RFC 8742)."""
    return documents.believed(stated(data)) if len(data) >= documents.MIN_SURE else None


def stated(data: bytes) -> Value:
    """The same where a header says so."""
    reader = _Reader(data)
    found: list[Value] = []
    try:
        while reader.at < len(data):
            found.append(reader.value(0))
    except ValueError:  # not UTF-8 among them
        return None
    return documents.one_or_all(found)


class _RefusedError(ValueError):
    """Not CBOR, or cut off, or too deep or large."""


class _Reader:
    """A reader of RFC 8949 that takes nothing on trust: a length is believed as far as there are bytes.

    Tags are undone where they say how to read a number or bytes (RFC 8949 §3.4), otherwise passed over: sharing and
    string references, which make small documents large, stay what they are.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.items = 0

    def take(self, size: int) -> bytes:
        """So many bytes."""
        if size > len(self.data) - self.at:
            raise _RefusedError
        self.at += size
        return self.data[self.at - size : self.at]

    def item(self, nesting: int) -> object:
        """The next item: a `Value`, or `_BREAK`."""
        self.items += 1
        if nesting > _NESTING or self.items > _MAX_ITEMS:
            raise _RefusedError
        if self.at >= len(self.data):
            raise _RefusedError
        head = self.data[self.at]
        self.at += 1
        major, info = head >> 5, head & 31
        if major == 7:
            return self.simple(info)
        size = self.argument(info)
        if major < 2:
            if size is None:
                raise _RefusedError
            return -1 - size if major else size
        match major:
            case 2:
                return self.take(size) if size is not None else b"".join(self.chunks(bytes, nesting))
            case 3:
                return self.take(size).decode() if size is not None else "".join(self.chunks(str, nesting))
            case 4:
                return self.array(size, nesting)
            case 5:
                return self.members(size, nesting)
        return self.tag(size, nesting)

    def argument(self, info: int) -> int | None:
        """A length or number; None where the length is left open."""
        if info < 24:
            return info
        if info < 28:
            return int.from_bytes(self.take(1 << (info - 24)))
        if info == 31:
            return None
        raise _RefusedError

    def simple(self, info: int) -> object:
        """What is no number, text or collection: a truth value, a float, `_BREAK`."""
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
        raise _RefusedError  # simple values without a meaning

    def chunks[T: (str, bytes)](self, kind: type[T], nesting: int) -> list[T]:
        """The pieces of bytes or text whose length is left open."""
        chunks: list[T] = []
        while (chunk := self.item(nesting + 1)) is not _BREAK:
            if not isinstance(chunk, kind):
                raise _RefusedError
            chunks.append(chunk)
        return chunks

    def array(self, size: int | None, nesting: int) -> Value:
        """`size` items."""
        if size is None:
            return list(iter(lambda: cast("Value", self.item(nesting + 1)), _BREAK))
        if size > len(self.data) - self.at:
            raise _RefusedError
        return [self.value(nesting) for _ in range(size)]

    def members(self, size: int | None, nesting: int) -> Value:
        """`size` pairs of a name and an item."""
        if size is not None and size > len(self.data) - self.at:
            raise _RefusedError
        pairs: list[tuple[str, Value]] = []
        while size is None or len(pairs) < size:
            name = self.item(nesting + 1)
            if name is _BREAK and size is None:
                break
            if isinstance(name, list | Members) or name is _BREAK:
                raise _RefusedError
            pairs.append((documents.name(name), self.value(nesting)))
        return Members(pairs)

    def value(self, nesting: int) -> Value:
        """An item that is no `_BREAK`."""
        item = self.item(nesting + 1)
        if item is _BREAK:
            raise _RefusedError
        return cast("Value", item)

    def tag(self, number: int | None, nesting: int) -> Value:
        """What is tagged: a bignum, a decimal fraction, or as it is."""
        value = self.value(nesting)
        if number in (2, 3) and isinstance(value, bytes) and len(value) <= 16:
            integer = int.from_bytes(value)
            return -1 - integer if number == 3 else integer
        if number == 4 and isinstance(value, list) and len(value) == 2:
            exponent, mantissa = value
            if isinstance(exponent, int) and isinstance(mantissa, int) and abs(exponent) < 100:
                return Decimal(mantissa).scaleb(exponent)
        return value
