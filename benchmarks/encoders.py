"""Encoders that no library of the project has: lz-string, protobuf's wire format, S2 cells, geohashes.

They are the benchmark's own, written after the published descriptions, so that what the package decodes was not made
by its own code.
"""

import base64
import math
import struct
from collections.abc import Iterator

_B64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_GEOHASH = "0123456789bcdefghjkmnpqrstuvwxyz"


def lz_base64(text: str) -> str:
    """`compressToBase64` of lz-string."""
    packed = "".join((_B64 + "+/")[code] for code in _packed(text, 6))
    return packed + "=" * (-len(packed) % 4)


def lz_uri(text: str) -> str:
    """`compressToEncodedURIComponent` of lz-string."""
    return "".join((_B64 + "+-")[code] for code in _packed(text, 6))


def lz_utf16(text: str) -> str:
    """`compressToUTF16` of lz-string."""
    return "".join(chr(code + 32) for code in _packed(text, 15)) + " "


def lz_bytes(text: str) -> bytes:
    """`compressToUint8Array` of lz-string."""
    return b"".join(struct.pack(">H", code) for code in _packed(text, 16))


def _packed(text: str, width: int) -> Iterator[int]:
    """The codes' bits, the lowest first, packed into characters of so many bits, the highest first."""
    value, filled = 0, 0
    for code, bits in _codes(text):
        for shift in range(bits):
            value, filled = value << 1 | code >> shift & 1, filled + 1
            if filled == width:
                yield value
                value, filled = 0, 0
    yield value << (width - filled)


def _codes(text: str) -> Iterator[tuple[int, int]]:
    """LZ78 as lz-string has it (https://pieroxy.net/blog/pages/lz-string): code and how many bits it takes."""
    known: dict[str, int] = {}
    fresh: set[str] = set()
    word, bits, left = "", 2, 2

    def widen() -> None:
        nonlocal bits, left
        left -= 1
        if not left:
            left, bits = 1 << bits, bits + 1

    def emit(word: str) -> Iterator[tuple[int, int]]:
        if word in fresh:
            wide = ord(word[0]) > 255
            yield int(wide), bits
            yield ord(word[0]), 16 if wide else 8
            widen()
            fresh.remove(word)
        else:
            yield known[word], bits
        widen()

    for char in text:
        if char not in known:
            known[char] = len(known) + 3
            fresh.add(char)
        if word + char in known:
            word += char
            continue
        yield from emit(word)
        known[word + char] = len(known) + 3
        word = char
    yield from emit(word)
    yield 2, bits


def varint(number: int) -> bytes:
    """Protobuf's base-128 varint."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def zigzag(number: int) -> bytes:
    """Protobuf's `sint32` and `sint64`."""
    return varint(number * 2 if number >= 0 else -number * 2 - 1)


def proto(*members: tuple[int, int | float | bytes | str]) -> bytes:
    """A protobuf message: numbers of fields with varints, doubles, strings or messages.

    https://protobuf.dev/programming-guides/encoding/
    """
    found = b""
    for number, value in members:
        match value:
            case int():
                found += varint(number << 3) + varint(value)
            case float():
                found += varint(number << 3 | 1) + struct.pack("<d", value)
            case _:
                data = value.encode() if isinstance(value, str) else value
                found += varint(number << 3 | 2) + varint(len(data)) + data
    return found


def fixed32(number: int, packed: bytes) -> bytes:
    """A protobuf field of four bytes: a float, a fixed32 or a sfixed32."""
    return varint(number << 3 | 5) + packed


def grpc(message: bytes, compressed: bool = False) -> bytes:
    """A length-prefixed gRPC message."""
    return struct.pack(">BI", compressed, len(message)) + message


def geohash(latitude: float, longitude: float, length: int) -> str:
    """A geohash of so many characters (Niemeyer 2008)."""
    bits, box = 0, [[-180.0, 180.0], [-90.0, 90.0]]
    for number in range(length * 5):
        axis = box[number % 2]
        middle, value = sum(axis) / 2, (longitude, latitude)[number % 2]
        bits = bits << 1 | (value >= middle)
        axis[value < middle] = middle
    return "".join(_GEOHASH[bits >> 5 * place & 31] for place in reversed(range(length)))


def s2_cell(latitude: float, longitude: float, level: int) -> int:
    """The id of the S2 cell of a level (http://s2geometry.io/devguide/s2cell_hierarchy)."""
    phi, theta = math.radians(latitude), math.radians(longitude)
    x, y, z = math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi)
    axis = max(range(3), key=lambda number: abs((x, y, z)[number]))
    face = axis + 3 * ((x, y, z)[axis] < 0)
    sides = ((y, z, x), (-x, z, y), (-x, -y, z), (z, y, x), (z, -x, y), (-y, -x, z))
    top, side, by = sides[face]
    u, v = top / by, side / by
    i, j = (min(int(_square(w) * (1 << 30)), (1 << 30) - 1) for w in (u, v))
    turn, cell = face & 1, face
    for shift in reversed(range(30)):
        corner = (i >> shift & 1) << 1 | j >> shift & 1
        place = ((0, 1, 3, 2), (0, 3, 1, 2), (2, 3, 1, 0), (2, 1, 3, 0))[turn][corner]
        cell, turn = cell << 2 | place, turn ^ (1, 0, 0, 3)[place]
    lowest = 1 << 2 * (30 - level)
    return (cell << 1 | 1) & -lowest | lowest


def _square(u: float) -> float:
    """S2's quadratic projection."""
    return 0.5 * math.sqrt(1 + 3 * u) if u >= 0 else 1 - 0.5 * math.sqrt(1 - 3 * u)


def s2_token(cell: int) -> str:
    """The id as a token."""
    return f"{cell:016x}".rstrip("0")


def b64(data: bytes | str) -> str:
    """Plain base64."""
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()
