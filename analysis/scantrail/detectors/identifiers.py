"""Checks that tell an identifier from a number that looks like one."""

import base64
from datetime import date

_PROVINCES = frozenset(
    [*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83]
)  # first two digits of GB/T 2260 codes; 83 is used in residence permits
_WEIGHTS = tuple(2 ** (17 - position) % 11 for position in range(17))  # ISO 7064 MOD 11-2, GB 11643-1999
_CHECKS = "10X98765432"
_NOT_NAMES = frozenset({"true", "false", "null", "none", "unknown", "undefined", "nan", "default", "other", "na"})


def is_resident_id(text: str) -> bool:
    """18 characters: GB/T 2260 province, a birth date not in the future, ISO 7064 MOD 11-2 check (GB 11643-1999).

    Birth years from 1800 on are taken: synthetic people are given years in which no holder can have been born.
    """
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    check = _CHECKS[sum(int(digit) * weight for digit, weight in zip(text[:17], _WEIGHTS, strict=True)) % 11]
    in_life = date(1800, 1, 1) <= born <= date.today()  # noqa: DTZ011 - a day either way does not matter
    return is_area_code(text) and in_life and text[17].upper() == check


def is_area_code(text: str) -> bool:
    """Whether six leading digits can be a GB/T 2260 code: the province exists."""
    return text[:6].isdecimal() and int(text[:2]) in _PROVINCES


def is_luhn(text: str) -> bool:
    """Luhn's check digit (ISO/IEC 7812), as in an IMEI; all zeros are no identifier."""
    doubled = [int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(text))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0 and set(text) != {"0"}


def is_utdid(text: str) -> bool:
    """The UTDID's layout: 18 bytes, of which the ninth and tenth are 03 00, and the creation time is after 2010."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return False
    created = int.from_bytes(data[:4], "big")
    return len(data) == 18 and data[8:10] == b"\x03\x00" and created >= 1_262_304_000


def is_token(text: str) -> bool:
    """Whether it can identify something: it has a digit and is not one character over and over."""
    return any(char.isdigit() for char in text) and len(set(text) - set("-:")) > 2


def is_name(text: str) -> bool:
    """Whether it can be somebody's or some place's name and not a placeholder."""
    return text.lower() not in _NOT_NAMES
