"""Administrative areas of mainland China: GB/T 2260 codes with their history, and the names that go with them.

Sources: the table `cn/loc.dat` of python-stdnum (from the codes' page in the Chinese Wikipedia), which has each code
with the years in which it was valid, from 1980 on; what it lacks is taken from the editions of 2002 to 2014 in the
package gb2260, and `_LATER` has codes that are newer than either. A code has six digits:
two for the province, two for the prefecture (a city), two for the county or district; `00` stands for "all of it".
Statistical codes add three digits for the township and three for the village (GB/T 10114).
"""

import re
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from gb2260.data import data as EDITIONS  # noqa: N812 - the package calls its table "data"

_LATER = {
    "330113": "[2021-]临平区",
    "330114": "[2021-]钱塘区",
}  # State Council's reply of March 2021, Guo Han [2021] 36
_SPELT_OLD = ("81", "82")  # the first table spells them in traditional characters
_LINE = re.compile(r' *(\d{2}|\d{4}) (?:province|county)="([^"]*)"')
_SPAN = re.compile(r"\[(\d*)-(\d*)\](.*)")
_SUMMARY = re.compile(r"市辖区|市区|郊区|城区|矿区|县|市|.*直辖.*")  # headings of the table and names that say nothing
_CITIES_WITHOUT_PREFECTURE = ("11", "12", "31", "50", "81", "82")  # municipalities, Hong Kong, Macau
_ETHNIC = re.compile(r"(.{2,4}?)(?:.{1,4}族)+自治[区州县旗]|(.{2,3})(?:维吾尔|壮族|回族)自治区|(.{2,5})特别行政区")
_SUFFIX = re.compile(r"(.{2,}?)(?:省|自治区|市|地区|盟|新区|区|县|旗)")
_GAPS = re.compile(r"[\s,，、;；|/>·\-]+")
_ADDRESS = re.compile(
    r"(?:中国)?(?P<region>[\u4e00-\u9fff]{2,7}?(?:省|自治区))?"
    r"(?P<city>[\u4e00-\u9fff]{2,12}?(?:市|自治州|地区|盟))?"
    r"(?P<district>[\u4e00-\u9fff]{1,12}?(?:区|县|旗|市))?(?P<rest>.*)"
)
_STREET = re.compile(r"[\u3400-\u9fff]+(?:路|街|大道|巷|弄|胡同|村|镇|乡|小区|大厦|广场|花园|苑)|\d+(?:号|幢|栋|室|弄)")

type Level = Literal["region", "city", "district"]


class Area(NamedTuple):
    """An administrative area: its code, its name, and the last year of the code (None: it is valid)."""

    code: str
    name: str
    until: int | None = None


class Address(NamedTuple):
    """A Chinese address: the province, the city and the district as written, and whether a street follows."""

    region: str | None
    city: str
    district: str | None
    street: bool


def area(code: str) -> Area | None:
    """The area of a code of two, four, six, nine or twelve digits; None if there never was such a code."""
    if not (code.isascii() and code.isdecimal() and len(code) in (2, 4, 6, 9, 12)):
        return None
    return _areas().get(code[:6].ljust(6, "0"))


def described(code: str) -> str | None:
    """A code in words: `330106 is 西湖区, 杭州市, 浙江省`; a retired one with its last year; None if there is none."""
    found = area(code)
    if found is None:
        return None
    areas = [found, area(code[:4]), area(code[:2])]
    names = dict.fromkeys(each.name for each in areas if each and not _SUMMARY.fullmatch(each.name))
    retired = f" (a code valid until {found.until})" if found.until else ""
    return f"{found.code} is {', '.join(names)}{retired}" if names else None


def level(name: str) -> Level | None:
    """Whether a Chinese name, with or without 省, 市 or 区, is that of a province, a city or a district.

    A name that several areas have (吉林, the province and the city) is the city's.
    """
    return _levels().get(name)


def full_level(name: str) -> Level | None:
    """The same for complete names alone: 杭州市, not 杭州."""
    return _full_levels().get(name)


def is_region(name: str) -> bool:
    """Whether a name, complete or short, is a province's; 吉林 is one too, and Beijing counts here."""
    return name in _regions()


def address(text: str) -> Address | None:
    """Read a Chinese address from its beginning: it must name a city, and each area that it names must exist."""
    match = _ADDRESS.fullmatch(_GAPS.sub("", text))
    if match is None:
        return None
    region, city, district = match["region"], match["city"], match["district"]
    rest = match["rest"]
    if region and full_level(region) != "region":
        return None
    if not city or full_level(city) != "city":
        return None
    if district and full_level(district) not in ("district", "city"):
        district, rest = None, f"{district}{rest}"
    return Address(region, city, district, street=bool(_STREET.search(rest)))


@cache
def telephone_codes() -> dict[str, str]:
    """Telephone area codes with their leading zero, and the cities that they serve."""
    lines = (files("scantrail.detectors") / "data" / "telephone_codes.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines if not line.startswith("#"))


@cache
def _areas() -> dict[str, Area]:
    """All codes; of several names that a code has had, the last."""
    found: dict[str, Area] = {}
    province = ""
    for line in (files("stdnum") / "cn" / "loc.dat").read_text("utf-8").splitlines():
        if match := _LINE.fullmatch(line):
            province, rest = (match[1], "0000") if len(match[1]) == 2 else (province, match[1])
            found.setdefault(province + rest, _area(province + rest, match[2]))
    for code, name in ((str(code), name) for edition in EDITIONS.values() for code, name in edition.items()):
        if code not in found or code.startswith(_SPELT_OLD):
            found[code] = Area(code, name)
    return found | {code: _area(code, names) for code, names in _LATER.items()}


def _area(code: str, names: str) -> Area:
    last = names.split(",")[-1]
    span = _SPAN.fullmatch(last)
    return Area(code, span[3], int(span[2]) if span[2] else None) if span else Area(code, last)


@cache
def _full_levels() -> dict[str, Level]:
    levels: dict[str, Level] = {}
    for code, each in _areas().items():
        if not _SUMMARY.fullmatch(each.name):
            mine = _level(code, each.name)
            if levels.get(each.name) != "city":
                levels[each.name] = mine
    return levels


def _level(code: str, name: str) -> Level:
    if code.endswith("0000"):
        return "city" if code.startswith(_CITIES_WITHOUT_PREFECTURE) else "region"
    return "city" if code.endswith("00") or name.endswith("市") else "district"


@cache
def _regions() -> frozenset[str]:
    names = [each.name for code, each in _areas().items() if code.endswith("0000")]
    return frozenset(names).union(filter(None, map(_short, names)))


@cache
def _levels() -> dict[str, Level]:
    """Complete and short names; the short name of a district does not hide a city's."""
    levels: dict[str, Level] = {}
    for wanted in ("district", "region", "city"):
        for name, mine in _full_levels().items():
            if mine == wanted:
                levels[name] = mine
                if short := _short(name):
                    levels[short] = mine
    return levels


def _short(name: str) -> str | None:
    if match := _ETHNIC.fullmatch(name):
        return match[1] or match[2] or match[3]
    match = _SUFFIX.fullmatch(name)
    return match[1] if match else None
