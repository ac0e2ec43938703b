"""Encodings that the walk may leave closed: in the middle of something longer, or in no format of its own.

Each row gives the texts in which a value can be found inside what was encoded, whatever stands around it: of base64 the
three alignments, without the characters that neighbours share. Short ones are not used.
"""

import base64
import binascii
import codecs
import json
import quopri
import string
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import quote, quote_plus


class Encoding(NamedTuple):
    """A row. `exact`: upper and lower case mean different things. `shortest`: characters of 48 bits or more."""

    name: str
    encode: Callable[[str], Iterator[str]]
    exact: bool = False
    shortest: int = 8


def encoded(value: str) -> Iterator[tuple[str, Encoding]]:
    """All texts that stand for a value, with the encoding of each, without the value itself."""
    for encoding in ENCODINGS:
        for text in encoding.encode(value):
            if len(text) >= encoding.shortest and text.lower() != value.lower():
                yield text, encoding


def base64_of(data: bytes) -> set[str]:
    """Base64 without padding, in the standard and the URL-safe alphabet."""
    text = binascii.b2a_base64(data, newline=False).decode().rstrip("=")
    return {text, text.replace("+", "-").replace("/", "_")}


_DIALECTS = (("-", "_"), (".", "_"), ("_", "-"), (".", "-"), ("+", ","), ("_", ":"), ("!", "-"))
"""What stands for `+/` elsewhere: in URLs, in names of files, programs and XML, in IMAP's UTF-7."""


def _base64(data: bytes) -> Iterator[str]:
    """The value alone with and without padding, then the three alignments, in all dialects."""
    alone = base64.b64encode(data).decode()
    aligned = (
        base64.b64encode(bytes(before) + data).decode()[(before * 8 + 5) // 6 : (before + len(data)) * 8 // 6]
        for before in range(3)
    )
    for text in alone, alone.rstrip("="), *aligned:
        yield text
        if "+" in text or "/" in text:
            for plus, slash in _DIALECTS:
                yield text.replace("+", plus).replace("/", slash)


def _base64_gb(value: str) -> Iterator[str]:
    if not value.isascii():
        yield from _base64(value.encode("gb18030"))


def _base32(value: str) -> Iterator[str]:
    data = value.encode()
    for text in base64.b32encode(data).decode(), base64.b32hexencode(data).decode():
        yield text.rstrip("=")
        yield text[: len(data) * 8 // 5]


_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def _base58(value: str) -> Iterator[str]:
    """Bitcoin's alphabet; the value alone, since every digit depends on all bytes."""
    data = value.encode()
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = _BASE58[digit] + digits
    yield "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def _base85(value: str) -> Iterator[str]:
    """Whole groups of four bytes alone: the last group depends on what follows."""
    data = value.encode()
    whole = data[: len(data) - len(data) % 4]
    yield base64.a85encode(whole).decode()
    yield base64.b85encode(whole).decode()


def _utf16(value: str) -> Iterator[str]:
    for codec in "utf-16-le", "utf-16-be":
        yield value.encode(codec).decode("latin-1")


def _bytes(value: str) -> Iterator[str]:
    """What stands on the wire, one character per byte."""
    for codec in ("utf-8", "gb18030") if not value.isascii() else ():
        data = value.encode(codec)
        yield data.decode("latin-1")
        yield "".join(f"%{byte:02x}" for byte in data)


def _of_hex(value: str) -> Iterator[str]:
    """Identifiers that are written in hex (UUID, hardware address, Android id) as the bytes or number that they are."""
    digits = value.translate(_NO_JOINTS)
    if len(digits) < 12 or len(digits) % 2 or digits.isdecimal() or not set(digits) <= set(string.hexdigits):
        return
    data = bytes.fromhex(digits)
    yield data.decode("latin-1")
    yield from _base64(data)
    if len(data) <= 8:
        number = int.from_bytes(data, "big")
        yield str(number)
        yield str(number - (1 << 64))


_NO_JOINTS = str.maketrans("", "", "-:.{}")


def _of_number(value: str) -> Iterator[str]:
    """A long decimal number in hex and in eight bytes of either order."""
    if value.isascii() and value.isdecimal() and len(value) >= 12 and (number := int(value)) < 1 << 64:
        yield f"{number:x}"
        for order in ("big", "little"):
            yield number.to_bytes(8, order).decode("latin-1")


def _reversed(value: str) -> Iterator[str]:
    yield value[::-1]


def _rot13(value: str) -> Iterator[str]:
    if sum(character.isalpha() for character in value) * 2 >= len(value):
        yield codecs.encode(value, "rot13")


def _percent(value: str) -> Iterator[str]:
    yield quote(value, safe="")
    yield quote_plus(value, safe="@")
    full = "".join(f"%{byte:02x}" for byte in value.encode())
    yield full
    yield quote(quote(value, safe=""), safe="")
    yield full.replace("%", "%25")


def _hex(value: str) -> Iterator[str]:
    for codec in ("utf-8", "utf-16-le", "utf-16-be"):
        data = value.encode(codec)
        yield data.hex()
    for joint in " ", ":", "-", ",":
        yield value.encode().hex(joint)
    yield "".join(rf"\x{byte:02x}" for byte in value.encode())
    yield ",".join(f"0x{byte:02x}" for byte in value.encode())


def _escapes(value: str) -> Iterator[str]:
    units = value.encode("utf-16-be").hex()
    yield "".join(rf"\u{units[at : at + 4]}" for at in range(0, len(units), 4))
    yield json.dumps(value)[1:-1]
    yield value.replace("/", r"\/")


def _entities(value: str) -> Iterator[str]:
    yield "".join(f"&#{ord(character)};" for character in value)
    yield "".join(f"&#x{ord(character):x};" for character in value)
    yield value.encode("ascii", "xmlcharrefreplace").decode()
    yield "".join(_NAMED.get(character, character) for character in value)
    for at_sign in "&commat;", "&#64;", "&#x40;":
        yield value.replace("@", at_sign)


_NAMED = {"@": "&commat;", ".": "&period;", "+": "&plus;", "&": "&amp;", "'": "&#39;", "/": "&sol;", "-": "&hyphen;"}


def _quoted_printable(value: str) -> Iterator[str]:
    yield "".join(f"={byte:02x}" for byte in value.encode())
    yield quopri.encodestring(value.encode()).decode()


def _numbers(value: str) -> Iterator[str]:
    codes = [str(byte) for byte in value.encode()]
    for joint in ",", ", ", " ", "-", ".":
        yield joint.join(codes)


def _octal(value: str) -> Iterator[str]:
    yield "".join(rf"\{byte:03o}" for byte in value.encode())


ENCODINGS = (
    Encoding("percent-encoding", _percent),
    Encoding("base64", lambda value: _base64(value.encode()), exact=True),
    Encoding("base64 of UTF-16", lambda value: _base64(value.encode("utf-16-le")), exact=True),
    Encoding("base64 of GB18030", _base64_gb, exact=True),
    Encoding("hex", _hex),
    Encoding("UTF-16", _utf16, exact=True, shortest=6),
    Encoding("other bytes", _bytes, shortest=6),
    Encoding("bytes or number", _of_hex, exact=True, shortest=6),
    Encoding("hex or bytes of the number", _of_number),
    Encoding("JSON escapes", _escapes),
    Encoding("HTML entities", _entities),
    Encoding("quoted-printable", _quoted_printable),
    Encoding("character codes", _numbers),
    Encoding("octal escapes", _octal),
    Encoding("reversed", _reversed),
    Encoding("rot13", _rot13),
    Encoding("base32", _base32),
    Encoding("base58", _base58, exact=True),
    Encoding("base85", _base85, exact=True),
)
