"""lz-string (https://github.com/pieroxy/lz-string), a compression that scripts in web pages use for what they store.

A bit stream of codes over a growing table, as in LZ78: 0 and 1 are followed by a new character of 8 and 16 bits, 2 ends
it; numbers come lowest bit first. It is dressed in four ways that differ in how many bits a unit carries. None has a
mark or a checksum, so it counts only if it ends where it should, in padding, and if all of it is text.
"""

import re

from scantrail.decoders.evidence import RARE

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BASE64 = {char: f"{bits:06b}" for bits, char in enumerate(_ALPHABET)}
_URI = _BASE64 | {"-": "111111", " ": _BASE64["+"]}  # a query string has turned `+` into a space
HEADS = frozenset(byte for byte in range(256) if byte >> 6 in (0, 2))
"""Of a stream in bytes: it begins with code 0 or 1."""
_TOKEN = re.compile(r"[A-P g-v+$][A-Za-z0-9+/ -]{10,}[=$]{0,3}")  # begins with code 0 or 1
_NEW_8, _NEW_16, _END = 0, 1, 2
_WIDTHS = {_NEW_8: 8, _NEW_16: 16}
_MIN_TEXT = 6  # characters; shorter ones are shorter uncompressed


def token(text: str, most: int) -> str | None:
    """What `compressToBase64` or `compressToEncodedURIComponent` made."""
    if not _TOKEN.fullmatch(text):
        return None
    units = text.rstrip("=$")
    table = _BASE64 if "/" in units else _URI
    try:
        start = "".join(map(table.__getitem__, units[:3]))
        if table[units[-1]][-1] == "1" or _new(start, 2, int(start[1::-1], 2)) is None:
            return None  # padding ends in zero
        return _inflate("".join(map(table.__getitem__, units)), 6, most)
    except KeyError:
        return None


def utf16(text: str, most: int) -> str | None:
    """What `compressToUTF16` made: 15 bits a character, above U+0020, and a space at the end."""
    if len(text) < 4 or text[-1] != " " or text.isascii():
        return None
    units = [ord(char) - 32 for char in text[:-1]]
    if min(units) < 0 or max(units) >= 1 << 15:
        return None
    return _inflate("".join(f"{unit:015b}" for unit in units), 15, most)


def uint8_array(data: bytes, most: int) -> str | None:
    """What `compressToUint8Array` made: 16 bits in two bytes, the higher first."""
    if len(data) % 2 or len(data) < 6 or data[-1] & 1:  # padding ends in zero
        return None
    start = f"{int.from_bytes(data[:3]):024b}"
    if _new(start, 2, int(start[1::-1], 2)) is None:
        return None
    return _inflate(f"{int.from_bytes(data):0{8 * len(data)}b}", 16, most)


def _new(bits: str, at: int, code: int) -> str | None:
    """A new character, if text may have it."""
    width = _WIDTHS.get(code)
    if width is None or at + width > len(bits):
        return None
    char = chr(int(bits[at : at + width][::-1], 2))
    return char if not RARE.match(char) or "\ud800" <= char <= "\udfff" else None


def _inflate(bits: str, unit: int, most: int) -> str | None:
    """The text of a stream in units of so many bits, one character past `most` if it is longer."""
    at, width, room = 2, 3, 4  # `room`: codes until they get one bit longer
    code = int(bits[1::-1], 2)
    table = ["", "", ""]
    last = ""
    result: list[str] = []
    size = 0
    while size <= most:
        if code in _WIDTHS:
            char = _new(bits, at, code)
            if char is None:
                return None
            at += _WIDTHS[code]
            code = len(table)
            table.append(char)
            if result:
                room -= 1
                if not room:
                    room, width = 1 << width, width + 1
        if code > len(table):
            return None
        entry = table[code] if code < len(table) else last + last[0]
        result.append(entry)
        size += len(entry)
        if len(result) > 1:
            table.append(last + entry[0])
            room -= 1
            if not room:
                room, width = 1 << width, width + 1
        last = entry
        if at + width > len(bits):
            return None
        code = int(bits[at : at + width][::-1], 2)
        at += width
        if code == _END:
            return _text(result) if _is_padding(bits[at:], unit) else None
    return _text(result)[: most + 1] if size > most else None


def _is_padding(rest: str, unit: int) -> bool:
    return 0 < len(rest) <= unit and "1" not in rest


def _text(entries: list[str]) -> str | None:
    """UTF-16 units joined to characters."""
    text = "".join(entries)
    try:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        return None
    return text if len(text) >= _MIN_TEXT else None
