"""Numbers that can be coordinates: from a text or a number to its value, its digits and what it says of its unit.

Digits are precision: `step` is what the last digit counts. Whether a sender rounded or truncated cannot be seen, so a
number stands for anything within one step of it.
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from scantrail.model import Scalar

_PLAIN = re.compile(r"([+-]?)(\d{1,20})(?:\.(\d{0,25}))?(?:[eE]([+-]?\d{1,2}))?")
_COMMA = re.compile(r"[+-]?\d{1,3},\d{4,15}")  # with fewer digits it may be thousands
_FIRST = frozenset("+-.0123456789NSEWnsewOo北南东東西 \t")
_SIGNS = {"N": 1, "E": 1, "S": -1, "W": -1, "O": -1, "北": 1, "东": 1, "東": 1, "南": -1, "西": -1}  # O: ouest, oeste
_HEMISPHERES = {"O": "W", "北": "N", "南": "S", "东": "E", "西": "W"}


# One coordinate with its degree sign, minutes and seconds, or a hemisphere. Every part is bounded: no run-away.
def degrees_pattern(group: int = 1) -> str:
    """A regular expression of one coordinate, with five groups, the first of which has that number."""
    sides = "[NSEWO北南东東西]"
    return (
        rf"(?:({sides})[纬緯经經経]?[ ]?)?([+-]?\d{{1,3}}(?:\.\d{{1,12}})?)[ ]?"
        r"(?:°|º|˚|deg(?:rees)?|d|度|\*|:|[ ])?[ ]?"
        r"(?:(\d{1,2}(?:\.\d{1,12})?)[ ]?(?:'|′|’|‘|min|m|分|:|[ ])[ ]?"
        r"(?:(\d{1,2}(?:\.\d{1,12})?)[ ]?(?:\"|″|”|''|′′|’’|sec|(?-i:s)|秒)?[ ]?)?)?"
        rf"(?(group)|(?:[ ]?({sides}))?)".replace("(?(group)", f"(?({group})")
    )


_DEGREES = re.compile(degrees_pattern(), re.IGNORECASE)
_MARKED = re.compile(r"[°º˚度'′’NSEWO北南东東西]|deg|\d[dD:]\d", re.IGNORECASE)
_RATIONAL = re.compile(r"(\d{1,9})/(\d{1,9})")  # of EXIF
_LONGEST = 40  # characters of one coordinate


class Number(NamedTuple):
    """One number as it was sent.

    `whole`: an integer. `degrees`: the text itself says that these are degrees (a degree sign, minutes, a hemisphere).
    `decimals`: digits after the point.
    """

    value: float
    step: float
    decimals: int
    text: str
    whole: bool = False
    degrees: bool = False
    hemisphere: str = ""


def number(value: Scalar) -> Number | None:
    """The number that a field's value is, or None."""
    if isinstance(value, str):
        return _of_text(value) if 0 < len(value) <= _LONGEST and value[0] in _FIRST else None
    if isinstance(value, int):
        return None if isinstance(value, bool) else _of_int(value)
    if isinstance(value, Decimal) and value.is_finite():
        text = str(value)
        return _of_text(text if len(text) <= _LONGEST else repr(float(value)))  # a double, digit by digit
    return None


def plain(text: str) -> Number | None:
    """A decimal number: sign, digits, point (or a comma, as much of Europe writes), digits, perhaps an exponent."""
    match = _PLAIN.fullmatch(text)
    if not match and _COMMA.fullmatch(text):
        text = text.replace(",", ".")
        match = _PLAIN.fullmatch(text)
    if not match:
        return None
    fraction, exponent = match[3] or "", int(match[4] or 0)
    decimals = len(fraction) - exponent
    value = float(text)
    whole = not fraction.strip("0") and (decimals <= 0 or abs(value) >= 1e5)
    return Number(value, _whole_step(value) if whole else 10.0**-decimals, max(decimals, 0), text, whole)


def sexagesimal(text: str) -> Number | None:
    """Degrees with minutes and seconds (30°15'00"N, 30 15 0 N), or with a hemisphere (30.25N, 北纬30度15分)."""
    match = _DEGREES.fullmatch(text.strip())
    return from_degrees(match.groups()) if match and _MARKED.search(text) else None


def from_degrees(groups: tuple[str | None, ...]) -> Number | None:
    """The number that the five groups of `degrees_pattern` hold: hemisphere, degrees, minutes, seconds, hemisphere."""
    before, degrees, minutes, seconds, after = groups
    if degrees is None or (before and after):
        return None
    last, unit = (seconds, 3600.0) if seconds else (minutes, 60.0) if minutes else (degrees, 1.0)
    if (minutes and "." in degrees) or (seconds and "." in (minutes or "")):
        return None
    if float(minutes or 0) >= 60 or float(seconds or 0) >= 60:
        return None
    side = (before or after or "").upper()
    size = abs(float(degrees)) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    sign = -1 if degrees.startswith("-") else _SIGNS.get(side, 1)
    decimals = len((last or "").partition(".")[2])
    whole_text = "".join(filter(None, groups))
    step = 10.0**-decimals / unit
    return Number(sign * size, step, decimals, whole_text, degrees=True, hemisphere=_HEMISPHERES.get(side, side))


def from_nautical(digits: str, side: str) -> Number | None:
    """Degrees and minutes as NMEA 0183 writes them: `3015.0000`, `N`."""
    value, decimals = float(digits), len(digits.partition(".")[2])
    degrees, minutes = divmod(value, 100)
    if minutes >= 60:
        return None
    sign = _SIGNS.get(side.upper(), 1)
    return Number(
        sign * (degrees + minutes / 60), 10.0**-decimals / 60, decimals, f"{digits},{side}", degrees=True,
        hemisphere=side.upper(),
    )  # fmt: skip


@lru_cache(maxsize=16384)
def _of_text(text: str) -> Number | None:
    stripped = text.strip()
    found = plain(stripped)
    if found or not stripped:
        return found
    if match := _RATIONAL.fullmatch(stripped):
        below = int(match[2])
        return Number(int(match[1]) / below, 1 / below, 0, stripped) if below else None
    return sexagesimal(stripped)


def _of_int(value: int) -> Number | None:
    """An integer of at most 64 bits, as decoders give them."""
    if not -(1 << 63) <= value < 1 << 64:
        return None
    return Number(float(value), _whole_step(float(value)), 0, str(value), whole=True)


def _whole_step(value: float) -> float:
    """What the last digit of an integer counts that is not a zero: scaled degrees may have been cut before scaling."""
    step, rest = 1.0, abs(value)
    while rest and step < 1e6 and rest % 10 == 0:
        rest /= 10
        step *= 10
    return step
