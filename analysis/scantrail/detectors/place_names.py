"""Readings of names and codes of places: what a value says of a city, a district, a province or an address.

Each function takes a value and gives what it discloses with the reason, or None. How much it takes a name's word for it
depends on what the key has promised: under `city` a name that no list has is still a village; under `location` only a
city that a list has is one, since "top" and "home" stand there too.
"""

import re

from scantrail.detectors import areas, gazetteer
from scantrail.detectors.identifiers import is_name
from scantrail.detectors.reading import Reading
from scantrail.detectors.words import words

_LARGE = 100_000  # people: a smaller city must be written under a key that names a city
_VERY_LARGE = 1_000_000  # the same for a city by another of its names
_ALSO_WORDS = words(
    """airport ajax along anderson asia aurora bank bar bath bear bell best boom brandon brent brick butterfly central
    centre cheng clay coin colon come converse coro crystal dandy darwin date deal delta dual eagle eden enterprise
    eugene forest gap george goes gold golden goto green hang holiday home hook independence jordan kent lens
    liberal liberty lime logos lone luck mach mage magenta male man manage mango marco marks mary media metro mile
    mine mobile most much newton nice normal of opportunity orange page para park part peer perm plum pop position
    punch queens reading reno rest rich roman rosetta saga sake sale salt samba same save semi shaping soul split
    spring springs superior surprise tanh than time turbo union universal university victoria vine vista walker"""
)  # cities of the gazetteer that are also words of interfaces, as counted in the sources of Python and 200 packages
_PROMPTS = words("select choose enter your name city town district search please current default unknown pick")
_TITLE = re.compile(r"[A-Z\u00c0-\u00de][a-z\u00df-\u024f'’.]{2,}(?:[ \-]\(?[A-Za-z\u00c0-\u024f'’.]+\)?){0,4}")
_CHINESE = re.compile(r"[\u3400-\u9fff·]{2,16}")
_PARTS = re.compile(r"[|,;/:~]")
_NUMBER = re.compile(r"\b\d[\d-]*\b")
_CHINESE_PARTS = re.compile(r"[|,;/，、；\-·> ]")
_ISO_3166_2 = re.compile(r"(CN|US)-([A-Z]{2})")
_PROVINCES = dict(
    pair.split("=", 1)
    for pair in words(
        """AH=安徽省 BJ=北京市 CQ=重庆市 FJ=福建省 GD=广东省 GS=甘肃省 GX=广西壮族自治区 GZ=贵州省 HA=河南省 HB=湖北省
        HE=河北省 HI=海南省 HK=香港特别行政区 HL=黑龙江省 HN=湖南省 JL=吉林省 JS=江苏省 JX=江西省 LN=辽宁省
        MO=澳门特别行政区 NM=内蒙古自治区 NX=宁夏回族自治区 QH=青海省 SC=四川省 SD=山东省 SH=上海市 SN=陕西省 SX=山西省
        TJ=天津市 TW=台湾省 XJ=新疆维吾尔自治区 XZ=西藏自治区 YN=云南省 ZJ=浙江省"""
    )
)  # ISO 3166-2:CN, edition of 2017 and newer
_CONTINENTS = frozenset({"AF", "AN", "AS", "EU", "NA", "OC", "SA"})
_ADDRESS = re.compile(r"(?=.*\d)(?=.*(?:[A-Za-z\u00c0-\u024f]{3,}.*[ ,]|[\u3400-\u9fff]{2,}))[^\W_].*")
_STREET_WORD = (
    r"(?:str(?:a(?:ß|ss)e|\.)|street|road|avenue|ave|lane|platz|weg|allee|gasse|boulevard|square|rue|via|calle|plaza"
    r"|st|rd)"
)
_STREET = re.compile(
    rf"(?i)\d+[a-z]?,? +(?:[nsew]\.? )?[a-z\u00c0-\u024f]{{3,}}.*|[a-z\u00c0-\u024f'’.\- ]*{_STREET_WORD}\b.*\d.*|"
    r".*[\u3400-\u9fff].*"
)


def city(text: str) -> Reading | None:
    """A city under a key that names one: a listed city in any spelling, or what looks like a name."""
    if listed := _listed(text):
        return listed
    is_said = _PROMPTS.isdisjoint(text.lower().split()) and is_name(text)
    return Reading(text) if is_said and _looks_like_a_name(text) else None


def city_of_place(text: str) -> Reading | None:
    """A city under a key that speaks of a place: a large one that a list has, and no word of interfaces."""
    if not text.isascii() and areas.level(text) == "city":
        return Reading(text, f"{text} is a city of GB/T 2260")
    found = gazetteer.city(_without_province(text)) if len(text) > 3 and text.lower() not in _ALSO_WORDS else None
    if found is None or found.population < (_LARGE if found.main else _VERY_LARGE):
        return None
    return _explained(text, found)


def city_in_list(text: str) -> Reading | None:
    """A city that stands with its country, its continent or its province."""
    parts = _parts(text)
    if len(parts) < 2:
        return None
    countries = [part.upper() for part in parts if len(part) == 2 and part.isupper() and gazetteer.country(part)]
    for part in parts:
        if not part.isascii():
            if areas.level(part) == "city" and _has_area(parts, part):
                return Reading(part, f"{part} is a city of GB/T 2260")
        elif len(part) > 2 and (found := _in_its_country(part, parts, countries)):
            return found
    return _village(parts)


def city_in_address(text: str) -> Reading | None:
    """The city of a complete name (杭州市, 浙江省杭州市) or of an address."""
    found = _sure_address(text)
    return Reading(found.city) if found else None


def district_in_address(text: str) -> Reading | None:
    """The district of a complete name or an address that names the city too."""
    found = _sure_address(text)
    return Reading(found.district) if found and found.district else None


def chinese_address(text: str) -> Reading | None:
    """The whole address, if it goes down to a street."""
    found = _sure_address(text)
    return Reading(text) if found and found.street else None


def is_address(text: str) -> bool:
    """Whether it has the words and the number of a street: no hardware, network or blockchain address."""
    return bool(_ADDRESS.fullmatch(text) and _STREET.fullmatch(text)) and not text.lower().startswith("0x")


def district(text: str) -> Reading | None:
    """A district under a key that names one."""
    if areas.level(text) in ("district", "city"):
        return Reading(text, f"{text} is an area of GB/T 2260")
    return Reading(text) if is_name(text) and _looks_like_a_name(text) else None


def region(text: str) -> Reading | None:
    """A province of China, a state of the United States (by its name), or an ISO 3166-2 code of theirs."""
    if match := _ISO_3166_2.fullmatch(text):
        province = _PROVINCES.get(match[2]) if match[1] == "CN" else gazetteer.us_state(match[2])
        return Reading(text, f"{text} is {province}") if province else None
    if not text.isascii():
        return Reading(text) if areas.is_region(text) else None
    return Reading(text) if len(text) > 3 and gazetteer.us_state(text) else None


def adcode(text: str) -> Reading | None:
    """A code of GB/T 2260, with the names of its areas."""
    words = areas.described(text)
    return Reading(text, words) if words else None


def adcode_before_dash(text: str) -> Reading | None:
    """A code that begins with one of GB/T 2260."""
    words = areas.described(text.partition("-")[0])
    return Reading(text, words) if words else None


def telephone_code(text: str) -> Reading | None:
    """A telephone area code with its zero (or China's 86), with the city that it serves."""
    digits = text.removeprefix("+").removeprefix("86").strip(" -")
    if digits != text:
        digits = "0" + digits.removeprefix("0")
    served = areas.telephone_codes().get(digits)
    return Reading(text, f"{digits} is the telephone area code of {served}") if served else None


def chinese_postcode(text: str) -> Reading | None:
    """A Chinese postcode: its first two digits are a province's (GB/T 2260 has others: 31 is Zhejiang's here)."""
    return Reading(text) if "01" <= text[:2] <= "86" and len(set(text)) > 1 else None


def postcode_in_list(text: str) -> Reading | None:
    """A postcode of the shape that its country's have, where the country stands in the same list."""
    parts = _parts(text)
    for code in (part for part in parts if len(part) == 2 and part.isupper()):
        country = gazetteer.country(code)
        if country is None or country.postcode is None:
            continue
        for part in parts:
            if len(part) > 2 and any(char.isdigit() for char in part) and country.postcode.fullmatch(part):
                return Reading(part, f"the shape of postcodes in {country.name}")
    return None


def postcode_of(text: str, country: str) -> Reading | None:
    """A postcode beside its country."""
    code = gazetteer.country_named(country)
    found = gazetteer.country(code) if code else None
    if found is None or found.postcode is None or not found.postcode.fullmatch(text.upper()) or len(set(text)) == 1:
        return None
    return Reading(text, f"the shape of postcodes in {found.name}")


def _looks_like_a_name(text: str) -> bool:
    """A capital and letters, or letters of a script that has no capitals."""
    if text.isascii() or _CHINESE.fullmatch(text):
        return bool(_TITLE.fullmatch(text) or not text.isascii())
    letters = text.replace(" ", "").replace("-", "").replace("’", "").replace("'", "")
    return letters.isalpha() and not letters[0].islower()


def _without_province(text: str) -> str:
    """`Zhejiang Hangzhou` and `Hangzhou Zhejiang` are Hangzhou."""
    first, _, last = text.partition(" ")
    if last and first.lower() in _PINYIN_PROVINCES:
        return last
    return first if last.lower() in _PINYIN_PROVINCES else text


def _listed(text: str) -> Reading | None:
    if not text.isascii() and areas.level(text) == "city":
        return Reading(text, f"{text} is a city of GB/T 2260")
    found = gazetteer.city(text) if len(text) > 2 else None
    if found is None or (text.islower() and not _is_sure(text, found)):
        return None
    return _explained(text, found)


def _is_sure(text: str, found: gazetteer.City) -> bool:
    """Whether a name without capitals is a city's: not a word, and not one of the many other names of small cities."""
    return text not in _ALSO_WORDS and (found.main or found.population >= _VERY_LARGE)


def _explained(text: str, found: gazetteer.City) -> Reading:
    return Reading(text, f"{found.name}, {found.country}, is a city of {found.population:,} people (GeoNames)")


def _parts(text: str) -> list[str]:
    """The parts of a list; of a postcode and its city or state the latter too: `CA 94103`, `10115 Berlin`."""
    parts = (_CHINESE_PARTS if any("\u3400" <= char <= "\u9fff" for char in text) else _PARTS).split(text)
    found = [part.strip() for part in parts]
    return list(dict.fromkeys(filter(None, [*found, *(_NUMBER.sub("", part).strip() for part in found)])))


def _has_area(parts: list[str], city: str) -> bool:
    """Whether a province, a district or the country stands beside the city."""
    others = [part for part in parts if part != city]
    return any(part in ("中国", "CN") or areas.level(part) is not None for part in others)


def _in_its_country(part: str, parts: list[str], countries: list[str]) -> Reading | None:
    for code in countries:
        if found := gazetteer.city(part, code):
            return _explained(part, found)
    found = gazetteer.city(part)
    if found is None:
        return None
    if found.country in {
        gazetteer.country_named(each) for each in parts if len(each) > 3 or each in ("USA", "UK", "CHN")
    }:
        return _explained(part, found)
    if found.country == "CN" and any(each.casefold() in _PINYIN_PROVINCES for each in parts if each != part):
        return _explained(part, found)
    is_american = found.country == "US" and any(gazetteer.us_state(each) for each in parts if each != part)
    return _explained(part, found) if is_american else None


_PINYIN_PROVINCES = words(
    """anhui beijing chongqing fujian guangdong gansu guangxi guizhou henan hubei hebei hainan heilongjiang
    hunan jilin jiangsu jiangxi liaoning ningxia qinghai sichuan shandong shanghai shaanxi shanxi tianjin
    xinjiang xizang tibet yunnan zhejiang"""
)


def _village(parts: list[str]) -> Reading | None:
    """A name that no list has, first in a list of country and continent: `city|…|4000|BG|EU`."""
    found = gazetteer.country(parts[-2]) if len(parts) > 2 and parts[-1] in _CONTINENTS else None
    if found is None or found.continent != parts[-1] or len(parts[0]) < 3 or not parts[0].replace(" ", "").isalpha():
        return None
    return Reading(parts[0], f"it stands before its country, {found.name}, and the continent")


def _sure_address(text: str) -> areas.Address | None:
    """An address that is nothing but names of areas, or goes on with a street."""
    found = areas.address(text)
    if found is None:
        return None
    named = "".join(filter(None, (found.region, found.city, found.district)))
    whole = text.removeprefix("中国").replace(" ", "") == named
    return found if whole or (found.street and (found.district or found.region)) else None
