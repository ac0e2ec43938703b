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
_FIRST_OF_TEXT = frozenset(int(f"{char:08b}"[::-1], 2) for char in (*range(0x20, 0x7F), *b"\t\r\n", *range(0xC0, 256)))
TOKEN_HEADS = b"ABCDEFGHIJKLMNOP ghijklmnopqrstuv+$"
_TOKEN = re.compile(r"[A-P g-v+$][A-Za-z0-9+/ -]{10,}[=$]{0,3}")  # begins with code 0 or 1
_NEW_8, _NEW_16, _END = 0, 1, 2
_WIDTHS = {_NEW_8: 8, _NEW_16: 16}
_UTF16_FROM = 32  # added to each 15 bits, so that none is a control
_MAX_UNITS = 1 << 22  # of a stream; scripts store no more, and it is undone bit by bit
_MIN_TEXT = 6  # characters; shorter ones are shorter uncompressed


def token(text: str, most: int) -> str | None:
    """What `compressToBase64` or `compressToEncodedURIComponent` made."""
    if len(text) > _MAX_UNITS or not _TOKEN.fullmatch(text):
        return None
    units = text.rstrip("=$")
    table = _BASE64 if "/" in units else _URI
    try:
        if table[units[-1]][-1] == "1" or not _begins("".join(map(table.__getitem__, units[:7]))):
            return None  # padding ends in zero
        return _inflate("".join(map(table.__getitem__, units)), 6, most)
    except KeyError:
        return None


def utf16(text: str, most: int) -> str | None:
    """What `compressToUTF16` made: 15 bits a character, above U+0020, and a space at the end."""
    if not 4 <= len(text) <= _MAX_UNITS or text[-1] != " " or text.isascii():
        return None
    first = ord(text[0]) - _UTF16_FROM
    if first >> 13 not in (0, 2):  # code 0 or 1
        return None
    units = [ord(char) - _UTF16_FROM for char in text[:-1]]
    if min(units) < 0 or max(units) >= 1 << 15:
        return None
    return _inflate("".join(f"{unit:015b}" for unit in units), 15, most)


def uint8_array(data: bytes, most: int) -> str | None:
    """What `compressToUint8Array` made: 16 bits in two bytes, the higher first."""
    if len(data) % 2 or not 6 <= len(data) <= _MAX_UNITS or data[-1] & 1:
        return None  # padding ends in zero
    if data[0] < 0x40 and (data[0] << 2 & 0xFF | data[1] >> 6) not in _FIRST_OF_TEXT:
        return None
    if not _begins(f"{int.from_bytes(data[:5]):040b}"):
        return None
    return _inflate(f"{int.from_bytes(data):0{8 * len(data)}b}", 16, most)


def _begins(bits: str) -> bool:
    """Whether a stream may begin so: three of five that are none fail at one of the first two codes."""
    first = int(bits[1::-1], 2)
    if _new(bits, 2, first) is None:
        return False
    at = 2 + _WIDTHS[first]
    second = int(bits[at : at + 3][::-1], 2)
    return 2 < second < 5 or (second in _WIDTHS and _new(bits, at + 3, second) is not None)


def _new(bits: str, at: int, code: int) -> str | None:
    """A new character, if text may have it."""
    width = _WIDTHS.get(code)
    if width is None or at + width > len(bits):
        return None
    char = chr(int(bits[at : at + width][::-1], 2))
    return char if not RARE.match(char) or "\ud800" <= char <= "\udfff" else None


class _Table:
    """The texts that codes stand for; codes get a bit longer as it grows."""

    def __init__(self, first: str) -> None:
        self.entries = ["", "", "", first]
        self.width = 3
        self.room = 4

    def add(self, entry: str) -> None:
        self.entries.append(entry)
        self.room -= 1
        if not self.room:
            self.room = 1 << self.width
            self.width += 1

    def entry(self, code: int, last: str) -> str | None:
        """What a code stands for; the one that is about to be added can be told already."""
        if code < len(self.entries):
            return self.entries[code]
        return last + last[0] if code == len(self.entries) else None


def _inflate(bits: str, unit: int, most: int) -> str | None:
    """The text of a stream in units of so many bits, one character past `most` if it is longer."""
    code = int(bits[1::-1], 2)
    last = _new(bits, 2, code)
    if last is None or bits[-1] == "1":
        return None
    at = 2 + _WIDTHS[code]
    table, result, size = _Table(last), [last], 1
    while size <= most:
        width = table.width
        if at + width > len(bits):
            return None
        code = int(bits[at : at + width][::-1], 2)
        at += width
        if code == _END:
            return _text(result) if _is_padding(bits[at:], unit) else None
        if code in _WIDTHS:
            char = _new(bits, at, code)
            if char is None:
                return None
            at += _WIDTHS[code]
            code = len(table.entries)
            table.add(char)
        entry = table.entry(code, last)
        if entry is None:
            return None
        result.append(entry)
        size += len(entry)
        table.add(last + entry[0])
        last = entry
    text = _text(result)
    return text and text[: most + 1]


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
