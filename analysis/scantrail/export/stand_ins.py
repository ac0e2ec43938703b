"""Fingerprints that look like what they stand for, so that what reads a capture reads one without its values.

A stand-in has the length, the kinds of characters and the punctuation of its value, so that JSON stays JSON, a number a
number, and binary formats keep their lengths. It is drawn by a secret key (a prefix of SHAKE-256, FIPS 202): the same
value has the same one, and without the key none can be found out, though values are few enough to try them all.

Numbers that detectors believe by their check digits get right ones, in ranges where nobody lives: resident ids of
people born before 1900, telephone numbers of a prefix (154) that no operator had. Degrees stay on the Earth. A stand-in
of a position is a place at random: no distance between two of them means anything.
"""

import hashlib
import re
import secrets
from collections.abc import Callable, Iterator

from stdnum import luhn
from stdnum.cn import ric

from scantrail.detectors import identifiers

_HEX = re.compile(r"[^A-Za-z]*[A-Fa-f][^G-Zg-z]*|[^G-Zg-z]*")
_LETTERS = {True: "abcdef", False: "bcdefghjkmnpqrstuvwxyz"}  # whether it is hexadecimal; else those of a geohash
_DEGREES = re.compile(r"(?<![\d.])(\d{1,3})\.\d+")
_PHONE = re.compile(r"((?:(?:\+|00)?86[ -]?)?)1[0-9]{2}([ -]?)[0-9]{4}([ -]?)[0-9]{4}")
_RESIDENT_ID, _IMEI = re.compile(r"[0-9]{17}[0-9Xx]"), re.compile(r"[0-9]{15}")
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_EXPONENT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,24}")
_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")
_NOBODY = "154"
_CJK, _CJK_MANY, _CJK_RARE = 0x4E00, 20_902, 0x20000

type _Draw = Iterator[int]


class StandIns:
    """What stands for values. Without a key of one's own each has a new one."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)

    def __call__(self, value: str) -> str:
        """The stand-in of a text."""
        draw = self._drawn(value)
        for shape, make in _SHAPES:
            if shape(value):
                return make(value, draw)
        return _alike(value, draw)

    def noise(self, data: bytes) -> bytes:
        """The stand-in of bytes that nobody could read."""
        return hashlib.shake_256(self._key + data).digest(len(data))

    def _drawn(self, value: str) -> _Draw:
        data = hashlib.shake_256(self._key + value.encode("utf-8", "surrogatepass")).digest(4 * len(value) + 64)
        return (int.from_bytes(data[at : at + 2]) for at in range(0, len(data), 2))


def _alike(value: str, draw: _Draw) -> str:
    """Each letter another letter, each digit another digit."""
    is_hex = bool(_HEX.fullmatch(value))
    macs = {at for match in _MAC.finditer(value) for at in range(*match.span())}
    made, before = [], ""
    for at, char in enumerate(value):
        digits = "0123456789" if _is_digit(before) else "123456789"  # no number of JSON begins with a zero
        made.append(
            _other(char, digits, draw) if _is_digit(char) else _letter(char, _LETTERS[is_hex or at in macs], draw)
        )
        before = char
    return "".join(_on_earth(value, made))


def _is_digit(char: str) -> bool:
    return char.isascii() and char.isdigit()


def _other(char: str, choice: str, draw: _Draw) -> str:
    choice = choice.replace(char, "")
    return choice[next(draw) % len(choice)]


def _on_earth(value: str, made: list[str]) -> list[str]:
    """Degrees within 90, and within 180 where they were more."""
    for match in _DEGREES.finditer(value):
        at, whole = match.start(), match[1]
        if len(whole) == 2 and made[at] == "9":
            made[at] = "8" if whole[0] != "8" else "7"
        elif len(whole) == 3 and whole[0] == "1":
            made[at : at + 2] = ["1", str(int(made[at + 1]) % 8)]
    return made


def _letter(char: str, letters: str, draw: _Draw) -> str:
    """A letter of the same case and as many bytes in UTF-8; what is none stays."""
    if not char.isalpha():
        return char
    if char.isascii():
        drawn = _other(char.lower(), letters, draw)
        return drawn.upper() if char.isupper() else drawn
    if char < "\u0800":
        return chr(0xE0 + next(draw) % 23)
    return chr(_CJK + next(draw) % _CJK_MANY) if char < "\U00010000" else chr(_CJK_RARE + next(draw) % 0xA000)


def _digits(draw: _Draw, count: int) -> str:
    return "".join(str(next(draw) % 10) for _ in range(count))


def _resident_id(_: str, draw: _Draw) -> str:
    birth = f"{1840 + next(draw) % 60}{1 + next(draw) % 12:02}{1 + next(draw) % 28:02}"
    body = f"110101{birth}{_digits(draw, 3)}"
    return body + ric.calc_check_digit(body + "0")


def _phone(value: str, draw: _Draw) -> str:
    def other(match: re.Match[str]) -> str:
        country, space, second = match.groups()
        return f"{country}{_NOBODY}{space}{_digits(draw, 4)}{second}{_digits(draw, 4)}"

    return _PHONE.sub(other, value)


def _imei(value: str, draw: _Draw) -> str:
    body = _alike(value[:-1], draw)
    return body + str(luhn.calc_check_digit(body))


def _ip(value: str, draw: _Draw) -> str:
    """Numbers of as many digits, none over 199."""
    parts = [f"1{_digits(draw, 2)}" if len(part) == 3 else _alike(part, draw) for part in value.split(".")]
    return ".".join(parts)


def _email(value: str, draw: _Draw) -> str:
    """At a domain that ends as before: that there is such an ending makes it an address."""
    head, dot, ending = value.rpartition(".")
    return f"{_alike(head, draw)}{dot}{ending}"


def _with_exponent(value: str, draw: _Draw) -> str:
    digits, mark, exponent = re.split("([eE])", value)
    return f"{_alike(digits, draw)}{mark}{exponent}"


def _is_resident_id(value: str) -> bool:
    return bool(_RESIDENT_ID.fullmatch(value)) and identifiers.is_resident_id(value)


def _is_imei(value: str) -> bool:
    return bool(_IMEI.fullmatch(value)) and identifiers.is_luhn(value)


_SHAPES: tuple[tuple[Callable[[str], object], Callable[[str, _Draw], str]], ...] = (
    (_is_resident_id, _resident_id),
    (_PHONE.fullmatch, _phone),
    (_is_imei, _imei),
    (_IP.fullmatch, _ip),
    (_EXPONENT.fullmatch, _with_exponent),
    (_EMAIL.fullmatch, _email),
)
