"""Bytes written as text: base64, base32, hexadecimal, Ascii85. What they wrap must be opened by something else."""

import base64
import binascii
import re

from scantrail.decoders.evidence import printable

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}|[A-Za-z0-9+/_-]{8,}(?:\.{1,2}|\*{1,2}|,{1,2})")
_SPACED = re.compile(r"(?:[A-Za-z0-9/ ]{4}){4,}={0,2}|(?:[A-Za-z0-9/ ]{4}){3,}[A-Za-z0-9/ ]{2,3}={1,2}")
"""A query string has turned each `+` into a space."""
_LINES = re.compile(r"[A-Za-z0-9+/_-]{16,}(?:[ \t]*\r?\n[A-Za-z0-9+/_-]+)+={0,2}\s*")
_DATA_URL = re.compile(r"data:(?:[\w.+-]*/[\w.+-]*)?(?:;[\w.+-]+=[^;,]*)*;base64,")
_URL_SAFE = str.maketrans("-_", "+/")
_CANONICAL = {0: "", 2: "AQgw", 3: "AEIMQUYcgkosw048"}
"""By the number of characters in the last four: what an encoder writes last, the unused bits being zero."""
_MIN_DECIMAL = 40  # digits of what looks like a decimal number: few numbers have as many
_MIN_UNPADDED = 12  # characters: shorter words are too often base64 of some text
_SHORT = 12  # bytes: so few are text by accident, so that they must be of the plainest
_PLAIN = re.compile(rb"(?=.{6})(?:[\w .,:;@/+{}\"\[\]=&-]|[\xe4-\xe9][\x80-\xbf]{2})*+")  # with Chinese in UTF-8
HEX_HEADS = b"0123456789abcdefABCDEF"
_HEX = re.compile(r"(?:0[xX])?((?:[0-9a-f]{2}){8,}|(?:[0-9A-F]{2}){8,})")
_DIGITS = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_BETWEEN = (":", "-", " ")
_HEX_PAIRS = re.compile(r"[0-9a-fA-F]{2}(?:([: -])[0-9a-fA-F]{2})(?:\1[0-9a-fA-F]{2}){6,}")
BASE32_HEADS = b"234567abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BASE32 = re.compile(r"(?:[A-Z2-7]{16,}|[a-z2-7]{16,})={0,6}")
_BASE32_ENDS = (0, 2, 4, 5, 7)  # characters that the last eight may have
_ASCII85 = re.compile(r"<~[!-uz\s]*~>")


def base64_bytes(text: str) -> bytes | None:
    """Base64 and base64url (RFC 4648), padded or not; `.`, `*` and `,` pad in some web-safe dialects."""
    letters = text.rstrip("=.*,")
    if "\n" not in text and not _ends_well(letters):  # five of eight words do not
        return None
    if _BASE64.fullmatch(text):
        pass
    elif " " in text and _SPACED.fullmatch(text):
        letters = letters.replace(" ", "+")
    elif "\n" in text and _LINES.fullmatch(text):
        letters = "".join(text.split()).rstrip("=")
    else:
        return None
    if (len(letters) < _MIN_UNPADDED and len(letters) == len(text)) or _DIGITS.fullmatch(letters):
        return None
    return _undone(letters)


def _undone(letters: str) -> bytes | None:
    if not _ends_well(letters):
        return None
    standard = letters.translate(_URL_SAFE)
    return _not_by_accident(binascii.a2b_base64(standard + "=" * (-len(letters) % 4)))


def _ends_well(letters: str) -> bool:
    """Whether an encoder would have stopped there, and with that letter."""
    ends = _CANONICAL.get(len(letters) % 4)
    return ends is not None and (not ends or letters[-1] in ends)


def data_url(text: str) -> bytes | None:
    """`data:TYPE;base64,…` (RFC 2397)."""
    head = _DATA_URL.match(text)
    if not head:
        return None
    letters = re.sub(r"\s", "", text[head.end() :]).rstrip("=").translate(_URL_SAFE)
    try:
        return base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True) or None
    except ValueError:
        return None


def hexadecimal(text: str) -> bytes | None:
    """Pairs of hexadecimal digits, eight or more, of one case; or with `:`, `-` or a space between them."""
    if match := _HEX.fullmatch(text):
        digits = match[1]
        return None if digits.isdecimal() and len(digits) < _MIN_DECIMAL else _not_by_accident(bytes.fromhex(digits))
    if text[2:3] in _BETWEEN and _HEX_PAIRS.fullmatch(text):
        return _not_by_accident(bytes.fromhex(text.replace(text[2], "")))
    return None


def base32(text: str) -> bytes | None:
    """Base32 (RFC 4648 §6), padded or not, of one case."""
    if not _BASE32.fullmatch(text):
        return None
    letters = text.rstrip("=")
    if len(letters) % 8 not in _BASE32_ENDS or _DIGITS.fullmatch(letters):
        return None
    try:
        return _not_by_accident(base64.b32decode(letters + "=" * (-len(letters) % 8), casefold=True))
    except binascii.Error:
        return None


def ascii85(text: str) -> bytes | None:
    """Ascii85 between `<~` and `~>`."""
    if not _ASCII85.fullmatch(text):
        return None
    try:
        return base64.a85decode(text.encode(), adobe=True)
    except ValueError:
        return None


def _not_by_accident(data: bytes) -> bytes | None:
    """The bytes, unless they are so few that they are text by accident."""
    if len(data) < _SHORT and not _PLAIN.fullmatch(data) and printable(data) is not None:
        return None
    return data
