r"""Characters written as escapes: percent, HTML entities, `\uXXXX`, quoted-printable, encoded words."""

import binascii
import html
import quopri
import re
from urllib.parse import quote, unquote, unquote_to_bytes

from scantrail.decoders.charsets import gb18030, named
from scantrail.decoders.evidence import printable

_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}|%u[0-9A-Fa-f]{4}")
_PERCENT_U = re.compile(r"(?:%u[0-9A-Fa-f]{4})+")
_MIN_COMMON = 2  # Chinese characters in GB 18030: a city has two
_SPACE = re.compile(r"(?<=[^\s+])\+(?=[^\s+])")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{12,}(?:%3[dD]){0,2}|(?:[A-Za-z0-9+]|%2[bBfF]){12,}(?:%3[dD]){0,2}")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_BACKSLASH = re.compile(r"(?:\\u[0-9a-fA-F]{4})+|\\u\{[0-9a-fA-F]{1,6}\}|\\x[0-9a-fA-F]{2}")
_ENCODED_WORD = re.compile(r"=\?([\w\-]{1,40})\?([bBqQ])\?([!->@-~]{0,400})\?=")
_QUOTED = re.compile(r"[^=&]*(?:=(?:[0-9A-F]{2}|\r?\n)[^=&]*){2,}")


def percent(text: str) -> str | None:
    """One layer of percent-encoding (RFC 3986 §2.1), if it is UTF-8 or else GB 18030 beneath; `%uXXXX`, too.

    `+` is a space (as in forms) between other characters, where no space is written `%20` and no base64 has it.
    """
    if "%" not in text or not _PERCENT.search(text):
        return None
    if "+" in text and "%20" not in text and not _BASE64.fullmatch(text):
        text = _SPACE.sub(" ", text)
    if "%u" in text:
        text = _PERCENT_U.sub(lambda units: quote(_utf16(units[0].replace("%u", "")) or units[0]), text)
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return gb18030(unquote_to_bytes(text), _MIN_COMMON) if text.isascii() else None


def percent_bytes(text: str) -> bytes | None:
    """The same of bytes that are no text."""
    if "%" not in text or not text.isascii():
        return None
    data = unquote_to_bytes(text)
    return data if len(data) < len(text) and printable(data) is None else None


def entities(text: str) -> str | None:
    """Characters by name or number as HTML has them. A text that has markup as well is a page, and left alone."""
    if "&" not in text or "<" in text or not _ENTITY.search(text):
        return None
    plain = html.unescape(text)
    return plain if plain != text else None


def backslashes(text: str) -> str | None:
    r"""`\uXXXX` (in pairs beyond U+FFFF), `\u{X}` and `\xXX` outside JSON."""
    if "\\" not in text:
        return None
    plain = _BACKSLASH.sub(_unescaped, text)
    return plain if plain != text else None


def _unescaped(match: re.Match[str]) -> str:
    escape = match[0]
    if escape[1] == "x":
        return chr(int(escape.removeprefix("\\x"), base=16))
    if escape[2] == "{":
        code = int(escape[3:-1], 16)
        return chr(code) if code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else escape
    return _utf16(escape.replace("\\u", "")) or escape


def _utf16(digits: str) -> str | None:
    try:
        return bytes.fromhex(digits).decode("utf-16-be")
    except UnicodeDecodeError:
        return None


def quoted_printable(text: str) -> str | None:
    """Quoted-printable (RFC 2045 §6.7) of UTF-8 text, with two escapes at least."""
    if "=" not in text or not _QUOTED.fullmatch(text) or not text.isascii():
        return None
    return printable(quopri.decodestring(text.encode()))


def encoded_words(text: str) -> str | None:
    """Words as headers of mail have them (RFC 2047): `=?utf-8?Q?...?=`, `=?gb18030?B?...?=`."""
    plain = _ENCODED_WORD.sub(_word, text)
    return plain if plain != text else None


def _word(match: re.Match[str]) -> str:
    charset, encoding, encoded = named(match[1]), match[2], match[3]
    if charset is None:
        return match[0]
    try:
        data = binascii.a2b_base64(encoded) if encoding in "bB" else quopri.decodestring(encoded.replace("_", " "))
        return data.decode(charset)
    except ValueError:
        return match[0]
