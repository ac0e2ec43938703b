"""Texts that hold both coordinates: `120.16,30.25`, WKT, geo: URIs, ISO 6709, DMS, NMEA sentences.

Some shapes say by themselves that they are a position (`SHAPES`); two plain numbers do not, their name must. Every
regular expression here is anchored or bounded, so that hostile text costs no more than its length.
"""

import re
import struct
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from scantrail.detectors.position.numbers import Number, degrees_pattern, from_degrees, from_nautical, plain
from scantrail.model import Datum

_NUMBER = r"[+-]?\d{1,20}(?:\.\d{1,20})?"
_SEPARATOR = r"[ ]{0,3}(?:[,;|/_， ]|%2C|\t)[ ]{0,3}"
_LIST = re.compile(rf"[\s(\[{{\"'@]{{0,4}}({_NUMBER}(?:{_SEPARATOR}{_NUMBER})+)[\s)\]}}\"',;|]{{0,4}}z?")
_ITEM = re.compile(rf"({_NUMBER})({_SEPARATOR})?")
_DIGITS = frozenset("+-0123456789")
_ENDS = frozenset("NSEWnsew/\"'″”北南东西")
_WKB = frozenset(("00", "01"))
_BEGINNINGS = frozenset(
    [
        *(side + digit for side in "NSEWnsew北南东西" for digit in " 0123456789"),
        *(f"({digit}" for digit in "0123456789-"),
        *("北纬", "南纬", "东经", "西经", "北緯", "南緯", "東経", "西経"),
        "$G",
        "$B",
    ]
    + [case(start) for start in ("po", "mu", "li", "sr", "ge") for case in (str.upper, str.lower, str.title)]
)
_LONGEST = 2000  # characters of a text with names inside


_TWO_COMMAS = re.compile(r"[+-]?\d{1,3},\d{3,15}[ ]?[;|/ ][ ]?[+-]?\d{1,3},\d{3,15}")


class Reading(NamedTuple):
    """Two numbers of one text. `first` says which coordinate the first is (`lat`, `lon`; empty: not said) and `why`.

    `radius_m` is an accuracy that stands with them, `datum` what the shape says of it.
    """

    a: Number
    b: Number
    first: str = ""
    why: str = ""
    radius_m: float | None = None
    datum: Datum | None = None


def two_commas(text: str) -> bool:
    """Whether a text is two numbers with decimal commas: `30,2460;120,1551`."""
    return _TWO_COMMAS.fullmatch(text) is not None


def numbers_in(text: str) -> list[list[Number]]:
    """The numbers of a text that is nothing but numbers: one list for each of its points (`a,b;c,d`)."""
    if two_commas(text):
        text = text.replace(",", ".")
    match = _LIST.fullmatch(text)
    if not match:
        return []
    items = [(found[1], (found[2] or "").strip()) for found in _ITEM.finditer(match[1])]
    separators = [separator for _, separator in items[:-1]]
    inner = separators[0]
    outer = next((separator for separator in separators if separator != inner), None)
    points: list[list[Number]] = [[]]
    for text_of, separator in items:
        found = plain(text_of)
        if found:
            points[-1].append(found)
        if outer is not None and separator == outer and len(points[-1]) >= 2:
            points.append([])
    return points if points[-1] else points[:-1]


@lru_cache(maxsize=8192)
def shaped(text: str) -> tuple[str, tuple[Reading, ...]]:
    """The shape's name and the positions of a text that says by itself that it holds them; ("", ()) if it does not."""
    for shape in SHAPES:
        if match := shape.pattern.search(text):
            readings = tuple(shape.read(match))
            if readings:
                return shape.name, readings
    return "", ()


def may_be_shaped(text: str) -> bool:
    """A quick look at whether `shaped` is worth a call."""
    if len(text) < 8:
        return False
    if text[0] in _DIGITS:
        return (
            "," in text or " " in text or text[-1] in _ENDS or text[:2] in _WKB or text[0] in "+-"
        ) and _QUICK.match(text) is not None
    return text[:2] in _BEGINNINGS or (len(text) <= _LONGEST and _LATITUDE_INSIDE.search(text) is not None)


class Shape(NamedTuple):
    """A row: a way to write a position that says so itself, where it is defined, and examples."""

    name: str
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], Iterator[Reading]]
    source: str
    positive: tuple[str, ...]
    negative: tuple[str, ...]


def _wkt(match: re.Match[str]) -> Iterator[Reading]:
    datum: Datum | None = {"4326": "wgs84", "3857": "webmercator"}.get(match[1] or "")  # type: ignore[assignment]
    for pair in re.finditer(rf"({_NUMBER}) ({_NUMBER})(?: {_NUMBER}){{0,2}}", match[2]):
        a, b = plain(pair[1]), plain(pair[2])
        if a and b:
            yield Reading(a, b, "lon", "longitude first, as WKT has it", datum=datum)


def _two(first: str, why: str, datum: Datum | None = None) -> Callable[[re.Match[str]], Iterator[Reading]]:
    def read(match: re.Match[str]) -> Iterator[Reading]:
        a, b = plain(match[1]), plain(match[2])
        if a and b:
            yield Reading(a, b, first, why, datum=datum)

    return read


def _geo_uri(match: re.Match[str]) -> Iterator[Reading]:
    a, b = plain(match[1]), plain(match[2])
    if a and b:
        radius = float(match[3]) if match[3] else None
        yield Reading(a, b, "lat", "latitude first, as RFC 5870 has it", radius, None if match[4] else "wgs84")


def _iso6709(match: re.Match[str]) -> Iterator[Reading]:
    if not match[0].endswith("/") and not _OPEN.fullmatch(match[1] + match[2]):
        return
    pair = [_iso_coordinate(match[1], 2), _iso_coordinate(match[2], 3)]
    if pair[0] and pair[1]:
        yield Reading(pair[0], pair[1], "lat", "latitude first, as ISO 6709 has it", datum="wgs84")


_OPEN = re.compile(r"[+-]\d{2}\.\d{3,10}[+-]\d{3}\.\d{3,10}")  # believed without the solidus at the end


def _iso_coordinate(text: str, width: int) -> Number | None:
    """±DD.D, ±DDMM.M or ±DDMMSS.S (three digits of degrees for a longitude)."""
    whole, _, fraction = text[1:].partition(".")
    parts = [whole[:width], *(whole[at : at + 2] for at in range(width, len(whole), 2))]
    if any(len(part) != 2 for part in parts[1:]) or len(parts) > 3:
        return None
    parts[-1] += f".{fraction}" if fraction else ""
    minutes, seconds = (*parts[1:], None, None)[:2]
    return from_degrees((None, text[0] + parts[0], minutes, seconds, None))


def _degrees(match: re.Match[str]) -> Iterator[Reading]:
    a, b = from_degrees(match.groups()[:5]), from_degrees(match.groups()[5:10])
    if not (a and b):
        return
    sides = {a.hemisphere, b.hemisphere}
    if sides & {"N", "S"} and sides & {"E", "W"}:
        yield Reading(a, b, "lat" if a.hemisphere in "NS" else "lon", "as N, S, E and W say")


def _nmea(match: re.Match[str]) -> Iterator[Reading]:
    a, b = from_nautical(match[1], match[2]), from_nautical(match[3], match[4])
    if a and b:
        yield Reading(a, b, "lat", "latitude first, as NMEA 0183 has it", datum="wgs84")


def _named(match: re.Match[str]) -> Iterator[Reading]:
    a, b = plain(match[2]), plain(match[4])
    names = ("lat" if match[1][:2].lower() == "la" else "lon", "lat" if match[3][:2].lower() == "la" else "lon")
    if a and b and names[0] != names[1]:
        yield Reading(a, b, names[0], "as the names inside the text say")


def _ewkb(match: re.Match[str]) -> Iterator[Reading]:
    try:
        order = "<" if match[0].startswith("01") else ">"
        longitude, latitude = struct.unpack(f"{order}dd", bytes.fromhex(match[1]))
    except (ValueError, struct.error):
        return
    if abs(latitude) <= 90 and abs(longitude) <= 180:
        a, b = plain(f"{longitude:.9f}"), plain(f"{latitude:.9f}")
        if a and b:
            yield Reading(a, b, "lon", "longitude first, as WKB has it")


_WORD = r"(?:[a-z]{0,8}[ _]?)?(lat(?:itude)?|lng|lon(?:g(?:itude)?)?)"
_IS = r"[\"']?\s{0,2}[:=]\s{0,2}[\"']?"
_APART = r"[,;|&/ \n\r]{1,3}(?:\w{1,10}[:=][^,;|&\s]{1,12}[,;|&/ \n\r]{1,3}){0,2}"
SHAPES = (
    Shape(
        "wkt",
        re.compile(
            r"^\s{0,4}(?:SRID=(\d{1,6});)?(?:MULTIPOINT|POINT|LINESTRING)\s{0,2}(?:ZM?|M)?\s{0,2}\(([\d\s.,()+-]{3,20000})\)",
            re.IGNORECASE,
        ),
        _wkt,
        "OGC Simple Features, PostGIS EWKT",
        ("POINT(120.16 30.25)", "SRID=4326;POINT(120.16 30.25)", "POINT Z (120.16 30.25 5)"),
        ("POINT(a b)", "POINT()", "POINTS(3)"),
    ),
    Shape(
        "geo-uri",
        re.compile(
            rf"^geo:({_NUMBER}),({_NUMBER})(?:,{_NUMBER})?(?:;(?:u=(\d{{1,6}}(?:\.\d{{1,6}})?)|crs=(?!wgs84)(\w{{1,20}})|[^;\s]{{1,40}})){{0,4}}(?:[?#].*)?$",
            re.IGNORECASE,
        ),
        _geo_uri,
        "RFC 5870",
        ("geo:30.25,120.16", "geo:30.25,120.16;u=35", "geo:30.25,120.16,12?z=15"),
        ("geo:here", "geography:30,120"),
    ),
    Shape(
        "iso-6709",
        re.compile(
            r"^([+-]\d{2,6}(?:\.\d{1,10})?)([+-]\d{3,7}(?:\.\d{1,10})?)(?:[+-]\d{1,6}(?:\.\d{1,6})?)?(?:CRS[\w:.]{1,20})?/?$"
        ),
        _iso6709,
        "ISO 6709:2008, annex H",
        ("+30.2500+120.1600/", "+3015.00+12009.60/", "-335125.0+1511254.5+12/"),
        ("+86 571", "+30.25/", "-1-2-3"),
    ),
    Shape(
        "nmea",
        re.compile(r"(?<![\d.])(\d{3,4}\.\d{1,8}),([NS]),(\d{3,5}\.\d{1,8}),([EW])(?![A-Za-z])"),
        _nmea,
        "NMEA 0183",
        ("3015.00,N,12009.60,E", "$GPGGA,000000.00,3015.0000,N,12009.6000,E,1,08,0.9,10.0,M,,,,*00"),
        ("3015.00,X,12009.60,E",),
    ),
    Shape(
        "degrees",
        re.compile(
            rf"^[\s(\[]{{0,3}}{degrees_pattern(1)}[ ]{{0,2}}[,，;/| ]?[ ]{{0,2}}{degrees_pattern(6)}[\s)\]]{{0,3}}$",
            re.IGNORECASE,
        ),
        _degrees,
        "degrees, minutes, seconds with hemispheres",
        ("30°15'00\"N 120°9'36\"E", "N30.25 E120.16", "30.25 N, 120.16 E", "30 15 00 N 120 09 36 E"),
        ("30.25, 120.16", "5'10\"", "N30 S20"),
    ),
    Shape(
        "names-inside",
        re.compile(
            rf"(?i)\b{_WORD}{_IS}({_NUMBER})[\"']?{_APART}[\"']?{_WORD}{_IS}({_NUMBER})"
        ),
        _named,
        "a text such as lat=30.25;lng=120.16",
        ("lat=30.25;lng=120.16", "lng:120.16,lat:30.25", "Latitude: 30.25, Longitude: 120.16"),
        ("lat=30.25;lat=30.26", "plate=3;long=4"),
    ),
    Shape(
        "wkb",
        re.compile(
            r"^(?:0101000000|0101000020[0-9A-F]{8}|0000000001|0020000001[0-9A-F]{8})([0-9A-F]{32})$", re.IGNORECASE
        ),
        _ewkb,
        "OGC WKB and PostGIS EWKB, hexadecimal",
        ("01010000000AD7A3703D0A5E400000000000403E40",),
        ("0101000000",),
    ),
)  # fmt: skip
_LATITUDE_INSIDE = re.compile(r"[Ll]at(?:itude)?[\"']?\s{0,2}[:=]")
_QUICK = re.compile(
    r"[+-]\d|\d{1,3}(?:\.\d{1,12})?[ ]?[°º˚度d:NSEW ]|\d{3,4}\.\d{1,12},[NSns]|0[01][02][01]|\d{1,3}(?:\.\d{1,12})?,",
    re.IGNORECASE,
)
BEGINNINGS = re.compile(
    r"\n(?:[+-]\d|\d{1,3}+(?:\.\d{1,12}+)?+[ ]?(?:[°º˚度:NSWnsw ,]|[dDeE](?![\dA-Fa-f]{4}))|\d{3,4}+\.\d{1,12}+,[NSns]"
    r"|0[01][02][01]|[NSEWnsew北南东西][ \d]|\([\d-]|\$[GB]"
    r"|[Pp][Oo]|[Mm][Uu]|[Ll][Ii]|[Ss][Rr]|[Gg][Ee]).*"
)
"""The beginning of a text that `may_be_shaped`, after a line feed, to search many at once; `12d4567` is rather hex."""
