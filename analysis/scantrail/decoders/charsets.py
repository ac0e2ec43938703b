"""Text in other encodings than UTF-8."""

import codecs
import re

from scantrail.decoders.evidence import RARE, printable

_GB2312 = re.compile(
    rb"(?:[\t\n\r\x20-\x7e]|[\xb0-\xf7][\xa1-\xfe]|[\xa1\xa3][\xa1-\xfe]|[\x81-\xa0][\x40-\x7e\x80-\xfe]"
    rb"|[\xaa-\xfe][\x40-\x7e\x80-\xa0])*+"
)
GB18030_HEADS = frozenset(b"\t\n\r") | frozenset(range(0x20, 0x7F)) | frozenset(range(0x81, 0xFF))
_COMMON = re.compile(rb"[\xb0-\xd7][\xa1-\xfe]")  # the 3,755 characters of GB 2312 level 1, by pronunciation
_NAME = re.compile(r"[A-Za-z0-9][\w.:\-]{0,39}", re.ASCII)  # RFC 2978 §2.3
_NOT_SETS = frozenset(("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"))
"""What Python decodes to text beside character sets."""
_MIN_COMMON = 3
_MIN_SHARE = 0.8  # of what is not ASCII must be common characters


def utf16(data: bytes) -> str | None:
    """UTF-16 without a byte order mark, whose every other byte is zero, as of ASCII text."""
    if len(data) % 2 or len(data) < 6 or data.count(0) * 8 < len(data) * 3:
        return None
    for zeros, text, charset in ((data[1::2], data[::2], "utf-16-le"), (data[::2], data[1::2], "utf-16-be")):
        if len(data) >= 8 and zeros.count(0) * 4 >= len(zeros) * 3 and 0 not in text:
            return _plausible(_text(data, charset))
    return None


def marked_utf16(data: bytes) -> str | None:
    """UTF-16 with a byte order mark."""
    if len(data) % 2 or len(data) < 6 or data[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return None
    return _plausible(_text(data, "utf-16"))


def utf32(data: bytes) -> str | None:
    """UTF-32 with a byte order mark, or whose higher halves are zero."""
    if len(data) % 4 or len(data) < 8 or data.count(0) * 8 < len(data) * 3:
        return None
    if data[:4] in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE):
        return _text(data, "utf-32")
    if not any(data[3::4]) and max(data[2::4]) <= 16:
        return _text(data, "utf-32-le")
    return _text(data, "utf-32-be") if not any(data[::4]) and max(data[1::4]) <= 16 else None


def gb18030(data: bytes, least: int = _MIN_COMMON) -> str | None:
    """GB 18030 and its subset GBK, if most of it are common Chinese characters, and not fewer than so many."""
    if len(data) < 2 * least or not _GB2312.fullmatch(data):
        return None
    text = _plausible(_text(data, "gb18030"))
    if text is None:
        return None
    head = text[: len(data[:4096].decode("gb18030", "ignore"))]
    wide = sum(char > "\x7f" for char in head)
    plain = len(head) - wide
    common = sum(_is_common(char) for char in head)
    return text if common >= least + plain / 24 and common >= _MIN_SHARE * wide else None


def _plausible(text: str | None) -> str | None:
    return None if text is None or RARE.search(text) else text


def _is_common(char: str) -> bool:
    return char > "\x7f" and bool(_COMMON.fullmatch(char.encode("gb18030")))


def stated(data: bytes, charset: str) -> str | None:
    """Text in the character set that a header names, if it is that."""
    name = named(charset)
    return _text(data, name) if name else None


def named(charset: str) -> str | None:
    """Python's name of a character set that a sender names; None for what is none."""
    if not _NAME.fullmatch(charset):
        return None
    try:
        codec = codecs.lookup("gb18030" if charset.lower() in ("gb2312", "gbk") else charset)
    except LookupError:
        return None
    return codec.name if codec._is_text_encoding and codec.name not in _NOT_SETS else None


def _text(data: bytes, charset: str) -> str | None:
    try:
        return printable(data.decode(charset).removeprefix("\ufeff").encode())
    except UnicodeError:
        return None
