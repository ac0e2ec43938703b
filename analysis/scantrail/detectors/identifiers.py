"""Checks that tell an identifier from a number that looks like one. Those that read give what they read, or None."""

import base64
import ipaddress
from datetime import date
from functools import cache, lru_cache

import phonenumbers
from publicsuffixlist import PublicSuffixList
from stdnum import iban as stdnum_iban

from scantrail.detectors import areas
from scantrail.detectors.reading import Reading
from scantrail.detectors.words import words

_WEIGHTS = tuple(2 ** (17 - position) % 11 for position in range(17))  # ISO 7064 MOD 11-2, GB 11643-1999
_CHECKS = "10X98765432"
_PLACEHOLDERS = words(
    """true false null none unknown undefined nan default n/a na nil void empty anonymous
    无 没有 否 是 未知 默认 请选择 不详"""
) | {"<unknown ssid>", "not set", "(not set)", "not available"}
_NOT_NAMES = words(
    """other others test testing control variant treatment any all not set not_set yes no enabled disabled
    select selected search city town region district county province area location name guest user admin
    root normal success error ok home work office asia europe africa america worldwide international global
    其他 全部 全国 城市"""
)
_NOT_ADDRESSES = frozenset(
    {"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "02:00:00:00:00:00"}
)  # the last: Android since 6.0
_RESERVED = frozenset({"test", "example"})  # RFC 2606: captures of simulations and demonstrations use them
_FILES = frozenset(
    {"zip", "mov", "py", "rs", "sh", "md", "pl", "ps", "app", "cab"}
)  # top-level domains that are suffixes of files
_REGIONS = ("CN",)  # whose numbers are known without their country's prefix
_SHORTEST_NUMBER = 9  # digits with the country's prefix


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)  # 60 ms, and not every capture needs it


def resident_id(text: str) -> Reading | None:
    """A resident id with the area that its first digits name: where it was issued first, not where the phone is."""
    if not is_resident_id(text):
        return None
    words = areas.described(text[:6]) or areas.described(text[:4])
    return Reading(text, f"{words}: where it was issued, not where the phone is")


def is_resident_id(text: str) -> bool:
    """18 characters: a GB/T 2260 area, a birth date not in the future, ISO 7064 MOD 11-2 check (GB 11643-1999).

    Birth years from 1800 on are taken: synthetic people are given years in which no holder can have been born.
    """
    check = _CHECKS[sum(int(digit) * weight for digit, weight in zip(text[:17], _WEIGHTS, strict=True)) % 11]
    return text[17].upper() == check and _born(text[6:14]) and is_area_code(text)


def resident_id_15(text: str) -> Reading | None:
    """15 digits: a GB/T 2260 area and a birth date in the 20th century; no check digit."""
    if not (_born("19" + text[6:12]) and is_area_code(text)):
        return None
    return Reading(text, f"{areas.described(text[:6]) or areas.described(text[:4])}: where it was issued")


def _born(digits: str) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return date(1800, 1, 1) <= born <= date.today()  # noqa: DTZ011 - a day either way does not matter


def is_area_code(text: str) -> bool:
    """Whether the leading digits are a GB/T 2260 code, or at least those of a prefecture: counties come and go."""
    return areas.area(text[:6]) is not None or areas.area(text[:4]) is not None


def phone_number(text: str) -> Reading | None:
    """A telephone number that exists by its country's numbering plan (libphonenumber), with the country.

    A leading `00` is `+`; a number in groups may lack it, since the `+` of a query is a space.
    """
    found = _parsed(text)
    if found is None:
        return None
    country = phonenumbers.region_code_for_number(found)
    return Reading(text, f"a number of {country}" if country else "")


@lru_cache(maxsize=4096)
def _parsed(text: str) -> phonenumbers.PhoneNumber | None:
    """Dates and times have the length of numbers, so one without + and zero must have separators."""
    digits = "".join(char for char in text if char.isdecimal())
    if len(digits) < _SHORTEST_NUMBER or len(set(digits)) < 3:
        return None
    if text[0] == "+" or text.startswith("00") or (" " in text and text[0] != "0"):
        return _valid("+" + digits.removeprefix("00"), None)
    return next((found for region in _REGIONS if digits[0] == "0" and (found := _valid(text, region))), None)


def _valid(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        found = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    return found if phonenumbers.is_valid_number(found) else None


def email(text: str) -> Reading | None:
    """An address whose top-level domain exists and is not that of a file (`icon@2x.zip`) or of a package (`a@1.2`)."""
    text = text.rstrip(".-")
    local, _, domain = text.partition("@")
    labels = domain.lower().split(".")
    if len(labels) < 2 or not all(labels) or local == "git" or not labels[-2].strip("0123456789x"):
        return None
    top = labels[-1]
    if top in _FILES or not (top in _RESERVED or _suffixes().publicsuffix(top)):
        return None
    return Reading(text)


def iban(text: str) -> Reading | None:
    """An IBAN: the country's length and form, and check digits mod 97 (ISO 13616)."""
    text = text.strip()
    return Reading(text) if stdnum_iban.is_valid(text, check_country=False) else None


def is_luhn(text: str) -> bool:
    """Luhn's check digit (ISO/IEC 7812), as in an IMEI; all zeros are no identifier."""
    doubled = [int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(text))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0 and set(text) != {"0"}


def is_imei(text: str) -> bool:
    """15 digits with a check digit, or the 14 before it, or an IMEISV of 16 (3GPP TS 23.003)."""
    return is_luhn(text) if len(text) == 15 else is_token(text)


def is_kvnr(text: str) -> bool:
    """The check digit of a German health insurance number (Annex 1 of the guideline under section 290 SGB V).

    The letter is its place in the alphabet in two digits; weights 1 and 2 in turn; the sums of the products' digits.
    """
    digits = [int(digit) for digit in f"{ord(text[0]) - 64:02d}{text[1:9]}"]
    products = [digit * (1 + position % 2) for position, digit in enumerate(digits)]
    return sum(product // 10 + product % 10 for product in products) % 10 == int(text[9])


def is_utdid(text: str) -> bool:
    """The UTDID's layout: 18 bytes, of which the ninth and tenth are 03 00, and the creation time is after 2010."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return False
    created = int.from_bytes(data[:4], "big")
    return len(data) == 18 and data[8:10] == b"\x03\x00" and created >= 1_262_304_000


def is_mac(text: str) -> bool:
    """Whether six bytes in hexadecimal can be an address: not nothing, not everybody's, not Android's placeholder."""
    digits = text.replace(":", "").replace("-", "").lower()
    if len(digits) != 12 or digits.strip("0123456789abcdef"):
        return False
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2)) not in _NOT_ADDRESSES and len(set(digits)) > 2


def ip_address(text: str) -> Reading | None:
    """An IPv4 or IPv6 address that says something: not loopback, not unspecified, not everybody's."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if address.is_loopback or address.is_unspecified or address.is_multicast or text == "255.255.255.255":
        return None
    return Reading(
        text, "an address of a private network" if address.is_private else "an address of the public network"
    )


def forwarded_for(text: str) -> Reading | None:
    """The first address of X-Forwarded-For (`a, b`) or Forwarded (`for="[a]:port";proto=…`)."""
    first = text.split(",")[0].strip()
    named = [pair[4:] for pair in first.split(";") if pair[:4].lower() == "for="]
    first = (named or first.split(";"))[0].strip('" ')
    if first.startswith("["):
        first = first[1:].partition("]")[0]
    elif first.count(":") == 1:
        first = first.partition(":")[0]
    return ip_address(first)


def is_token(text: str) -> bool:
    """Whether it can identify something: it has a digit and is not one or two characters over and over."""
    return any(char.isdigit() for char in text) and len(set(text) - set("-: ")) > 2


def is_name(text: str) -> bool:
    """Whether it can be somebody's or some place's name and not a placeholder."""
    lower = text.lower()
    return lower not in _NOT_NAMES and not is_placeholder(lower) and not is_placeholder(lower.partition(" ")[0])


def is_placeholder(text: str) -> bool:
    """Whether it says that there is no value."""
    return text.lower() in _PLACEHOLDERS


def is_full_name(text: str) -> bool:
    """Whether it can be a person's whole name: Chinese, or two words at least."""
    return is_name(text) and (not text.isascii() or " " in text)
