"""Compression: what has a mark or a checksum is believed at once, raw streams if they end in text.

Each is an expander: it stops one byte past `most`, so that a bomb costs no more than that. A raw deflate or brotli
stream has neither mark nor checksum. Noise that opens as one gives noise, so only text is taken from it.
"""

import zlib
from collections.abc import Callable

import brotli as _brotli
import zstandard

from scantrail.decoders.evidence import RARE, printable, text_bits

_GZIP, _ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
DEFLATE_HEADS = frozenset(byte for byte in range(256) if byte >> 1 & 3 in (1, 2) or byte < 2)
"""The first block is compressed, with fixed codes or its own, or else stored."""
BROTLI_HEADS = frozenset(
    byte for byte in range(256) if byte & 1 and byte & 15 != 1 and byte & 0x30 != 0x30 and byte & 0xF0 != 0xE0
)
"""A window of 256 KB to 16 MB: the encoders' default, whatever the size of the text, is 4 MB. Neither a last block that
is empty nor metadata with the reserved bit set."""
_MIN_RAW = 6  # bytes of a raw stream
_SURE = 13.0  # bits that speak for the text of a raw stream
_STEP = 1 << 16
_GLANCE = 256
"""Bytes that are taken first. Noise ends there, without the 32 KB that the libraries would allocate: giving those back
to the system and getting them anew took two thirds of the time of all decoders of bytes together."""
_ZSTD_WINDOW = 1 << 23  # bytes: all that HTTP allows (RFC 9659)
_MAX_MEMBERS = 1000  # of a gzip file: each costs a copy of what follows


def gzip(data: bytes, most: int) -> bytes | None:
    """Gzip (RFC 1952), one member or several."""
    return stated_gzip(data, most) if data[:3] == _GZIP else None


def stated_gzip(data: bytes, most: int) -> bytes | None:
    """The same, of which the recorder may have cut the end."""
    if data[:2] != _GZIP[:2]:
        return None
    found = bytearray()
    for _ in range(_MAX_MEMBERS):
        member = zlib.decompressobj(wbits=31)
        try:
            found += member.decompress(data, most + 1 - len(found))
        except zlib.error:
            break
        data = member.unused_data
        if not member.eof or len(found) > most or data[:2] != _GZIP[:2]:
            break
    return bytes(found) or None


def zlib_stream(data: bytes, most: int) -> bytes | None:
    """Zlib (RFC 1950): its head and its checksum must be right."""
    if len(data) < 8 or data[0] & 0x8F != 8 or int.from_bytes(data[:2]) % 31:
        return None
    return _whole(zlib.decompressobj(), data, most)


def deflate(data: bytes, most: int) -> bytes | None:
    """A raw deflate stream (RFC 1951) of text."""
    if len(data) < _MIN_RAW or (data[0] < 2 and (data[1] ^ data[3] != 0xFF or data[2] ^ data[4] != 0xFF)):
        return None
    return _sure(_whole(zlib.decompressobj(wbits=-15), data, most))


def stated_deflate(data: bytes, most: int) -> bytes | None:
    """What HTTP calls deflate: zlib, or the raw stream that some servers send (RFC 9110 §8.4.1.2)."""
    return zlib_stream(data, most) or _whole(zlib.decompressobj(wbits=-15), data, most)


def brotli(data: bytes, most: int) -> bytes | None:
    """Brotli (RFC 7932) of text."""
    return _sure(stated_brotli(data, most)) if len(data) >= _MIN_RAW else None


def stated_brotli(data: bytes, most: int) -> bytes | None:
    """Brotli where a header says so."""
    stream = _brotli.Decompressor()
    found: list[bytes] = []
    size, rest, limit = 0, data, _GLANCE
    try:
        while size <= most and not stream.is_finished():
            piece = stream.process(rest, output_buffer_limit=min(limit, most + 1 - size))
            if not piece and not rest:
                break
            rest, limit = b"", most + 1
            found.append(piece)
            size += len(piece)
    except _brotli.error:
        return None
    return b"".join(found)[: most + 1] if size > most or stream.is_finished() else None


def zstd(data: bytes, most: int) -> bytes | None:
    """Zstandard (RFC 8878), one frame or several."""
    if data[:4] != _ZSTD:
        return None
    try:
        with zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).stream_reader(
            data, read_across_frames=True
        ) as reader:
            return reader.read(most + 1) or None
    except (zstandard.ZstdError, MemoryError):
        return None


def _whole(stream: "zlib._Decompress", data: bytes, most: int) -> bytes | None:
    """All of a stream that ends where the data ends."""
    glance = min(_GLANCE, most + 1)
    try:
        found = stream.decompress(data, glance)
        if glance == len(found) <= most:
            found += stream.decompress(stream.unconsumed_tail, most + 1 - glance)
    except zlib.error:
        return None
    if len(found) > most:
        return found
    return found if stream.eof and not stream.unused_data else None


def _sure(found: bytes | None) -> bytes | None:
    """Text, and enough of it. What is cut may end in the middle of a character."""
    if not found:
        return None
    text = printable(found)
    if text is None and len(found) > _STEP:
        text = printable(found[:_STEP].decode("utf-8", "ignore").encode())
    return found if text and text_bits(text) >= _SURE and not RARE.search(text[:_STEP]) else None


type Coding = Callable[[bytes, int], bytes | None]
CODINGS: dict[str, Coding] = {
    "gzip": stated_gzip,
    "x-gzip": stated_gzip,
    "deflate": stated_deflate,
    "br": stated_brotli,
    "zstd": zstd,
}
"""By the names that `Content-Encoding` has for them."""
