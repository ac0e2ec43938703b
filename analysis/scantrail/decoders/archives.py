"""Zip archives (PKWARE APPNOTE 6.3): phones upload their logs in them.

Read by the heads of the members and not by the directory at the end, which a cut body lacks. Each member is unpacked
on its own, so that the cost is what the archive and its content are long.
"""

import re
import struct
import zlib

from scantrail.decoders.values import Members, Value

_MAGIC = b"PK\x03\x04"
_HEAD = struct.Struct("<4sHHHHHIIIHH")
_ENCRYPTED, _SIZES_FOLLOW = 1, 8  # flags
_DEFLATED = 8  # the method; 0 is stored
_END = re.compile(rb"PK(?:\x07\x08|\x01\x02)")
_MAX_MEMBERS = 1000


def zip_members(data: bytes, most: int) -> Value:
    """The members by name; encrypted ones, and those of rare methods, as they are.

    What becomes longer than `most`, and than the archive, is given as that many bytes and one more.
    """
    found: list[tuple[str, Value]] = []
    at = total = 0
    while data[at : at + 4] == _MAGIC and len(data) - at >= _HEAD.size and len(found) < _MAX_MEMBERS:
        _, _, flags, method, _, _, _, size, _, name_size, extra_size = _HEAD.unpack_from(data, at)
        begin = at + _HEAD.size + name_size + extra_size
        at = _next(data, begin) if flags & _SIZES_FOLLOW else begin + size
        content = _unpacked(data[begin:at], flags, method, most - total)
        total += len(content)
        if total > most:
            return bytes(max(most, len(data)) + 1)
        name = data[begin - name_size - extra_size : begin - extra_size]
        found.append((name.decode("utf-8", "replace"), content))
        at = data.find(_MAGIC, at, at + 64) if flags & _SIZES_FOLLOW else at
    return Members(found) if found else None


def _next(data: bytes, begin: int) -> int:
    """Where a member ends whose size stands behind it."""
    end = _END.search(data, begin)
    return end.start() if end else len(data)


def _unpacked(content: bytes, flags: int, method: int, most: int) -> bytes:
    if flags & _ENCRYPTED or method != _DEFLATED:
        return content
    try:
        return zlib.decompressobj(wbits=-15).decompress(content, most + 1)
    except zlib.error:
        return content
