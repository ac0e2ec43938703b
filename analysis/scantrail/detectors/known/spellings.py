"""How one known value is written: the spellings that people and programs use for the same thing.

Case is left out here: plain values are compared without it (except tokens in which case tells values apart), and
hashes and encodings take each spelling as it is, lower-cased and upper-cased.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from ipaddress import ip_address
from typing import NamedTuple

import phonenumbers

from scantrail.detectors.identifiers import is_luhn


class Spelling(NamedTuple):
    """One way to write a value. `what` names it in a sentence; `core` ones are also encoded and hashed.

    What is not `telling` is too common to be looked for as it is, and only its long hashes are.
    """

    text: str
    what: str
    core: bool = True
    telling: bool = True


def spellings(value: str) -> list[Spelling]:
    """All spellings of a value, the plainest first, each text once."""
    found = {value: Spelling(value, "the value")}
    for kind in _KINDS:
        for spelling in kind(value):
            if spelling.text:
                found.setdefault(spelling.text, spelling)
    return list(found.values())


def cased(spelling: Spelling) -> Iterator[tuple[str, str]]:
    """A spelling as it is, in lower and in upper case, each with its name; without those that are the same."""
    text, what = spelling.text, spelling.what
    yield text, what
    if (lower := text.lower()) != text:
        yield lower, what.replace("the ", "the lower-cased ", 1)
    if (upper := text.upper()) != text:
        yield upper, what.replace("the ", "the upper-cased ", 1)


def _bare(value: str) -> Iterator[Spelling]:
    """Without what only separates (a short rest would be found by chance), and with `+` read as a form's space."""
    if "+" in value.lstrip("+"):
        yield Spelling(value.replace("+", " "), "the value, its + read as a space", core=False)
    if "@" in value or _is_address(value):
        return
    for separators, what in ((r"\s", "the value without spaces"), (r"[\s\-_.:·•・]", "the value without separators")):
        bare = re.sub(separators, "", value)
        if len(bare.encode()) >= 8:
            yield Spelling(bare, what)


_EMAIL = re.compile(r"([^@\s]+)@([^@\s]+\.[^@\s]+)")
_GMAIL = ("gmail.com", "googlemail.com")


def _email(value: str) -> Iterator[Spelling]:
    """Without the tag after `+`; for Google's, which ignores dots, without them and at both domains."""
    match = _EMAIL.fullmatch(value)
    if match is None:
        return
    local, domain = match.groups()
    untagged = local.partition("+")[0]
    yield Spelling(f"{untagged}@{domain}", "the address without its tag")
    if domain.lower() in _GMAIL:
        for host in _GMAIL:
            yield Spelling(f"{untagged}@{host}", "the address at Google's other domain")
            yield Spelling(f"{untagged.replace('.', '')}@{host}", "the address without dots")


_PHONE = re.compile(r"(?:\+|00)[\d\s().\-/]{8,24}|1[3-9]\d[\s\-]?\d{4}[\s\-]?\d{4}")


def _phone(value: str) -> Iterator[Spelling]:
    """International and national forms. Without a country code only Chinese mobile numbers are known for telephones."""
    if not _PHONE.fullmatch(value):
        return
    international = "+" + value[2:] if value.startswith("00") else value
    try:
        number = phonenumbers.parse(international, "CN")
    except phonenumbers.NumberParseException:
        return
    if not phonenumbers.is_possible_number(number):
        return
    country, national = str(number.country_code), phonenumbers.national_significant_number(number)
    formatted = [phonenumbers.format_number(number, form) for form in _PHONE_FORMATS]
    yield Spelling(f"+{country}{national}", "the number in international form")
    yield Spelling(country + national, "the number in international form without +")
    yield Spelling(f"00{country}{national}", "the number in international form with 00")
    yield Spelling(re.sub(r"\D", "", formatted[0]), "the number in national form")
    yield Spelling(national, "the number without country code and leading zero")
    for text in formatted:
        for separator in " ", "-", ".":
            yield Spelling(re.sub(r"[ \-]", separator, text), "the number with separators", core=separator == " ")
    yield Spelling(f"+{country} {national}", "the number with separators")
    yield Spelling(f"+{country}-{national}", "the number with separators")


_TELEPHONE = re.compile(r"(?:tel:)?[+(]?\d[\d\s()./\-]{7,28}")
_TRUNK = "(0)"  # +49 (0)151 …


def phone_digits(text: str) -> str | None:
    """The digits of what is written like a telephone number, with separators."""
    text = text.strip()
    if not 8 <= len(text) <= 40 or text.isdecimal() or not _TELEPHONE.fullmatch(text):
        return None
    return re.sub(r"\D", "", text.replace(_TRUNK, ""))


def phone_forms(value: str) -> set[str]:
    """The digits of a known telephone number in all its forms; nothing for any other value."""
    return {re.sub(r"\D", "", spelling.text) for spelling in _phone(value)}


_PHONE_FORMATS = (phonenumbers.PhoneNumberFormat.NATIONAL, phonenumbers.PhoneNumberFormat.INTERNATIONAL)

_HEX2, _HEX4 = "[0-9A-Fa-f]{2}", "[0-9A-Fa-f]{4}"
_MAC = re.compile(rf"{_HEX2}([:-]?)(?:{_HEX2}\1){{4}}{_HEX2}|(?:{_HEX4}\.){{2}}{_HEX4}")


def _mac(value: str) -> Iterator[Spelling]:
    if _MAC.fullmatch(value):
        digits = re.sub(r"[:.\-]", "", value)
        for separator in ":", "-", "":
            pairs = separator.join(digits[at : at + 2] for at in range(0, 12, 2))
            yield Spelling(pairs, f"the hardware address {f'with {separator}' if separator else 'without separators'}")
        yield Spelling(".".join(digits[at : at + 4] for at in (0, 4, 8)), "the hardware address with dots", core=False)


_UUID = re.compile(r"\{?([0-9A-Fa-f]{8})-?([0-9A-Fa-f]{4})-?([0-9A-Fa-f]{4})-?([0-9A-Fa-f]{4})-?([0-9A-Fa-f]{12})\}?")


def _uuid(value: str) -> Iterator[Spelling]:
    if match := _UUID.fullmatch(value):
        yield Spelling("-".join(match.groups()), "the UUID with dashes")
        yield Spelling("".join(match.groups()), "the UUID without dashes")


def _imei(value: str) -> Iterator[Spelling]:
    digits = re.sub(r"[\s\-]", "", value)
    if re.fullmatch(r"\d{15}", digits, re.ASCII) and is_luhn(digits):
        yield Spelling(digits, "the IMEI without separators")
        yield Spelling(digits[:14], "the IMEI without its check digit")
        yield Spelling(f"{digits[:2]}-{digits[2:8]}-{digits[8:14]}-{digits[14]}", "the IMEI with dashes", core=False)


_WORD = r"[^\W\d_]+(?:['’\-][^\W\d_]+)*\.?"
_NAME = re.compile(rf"{_WORD}(?:,? {_WORD}){{1,3}}")


def _name(value: str) -> Iterator[Spelling]:
    """Two to four words: as said and with the family name first, joined as addresses and forms join them."""
    if not _NAME.fullmatch(value):
        return
    said = value.split()
    if "," in value:
        family, _, given = value.partition(",")
        said = [*given.split(), *family.split()]
    for words, order in ((said, "the name"), ([said[-1], *said[:-1]], "the name in reversed order")):
        for joint in " ", "", "_", ".", "-", "+":
            what = order if joint == " " else f"{order}, joined by {joint or 'nothing'}"
            yield Spelling(joint.join(words), what, core=joint in (" ", ""))
    for comma in ", ", ",":
        yield Spelling(f"{said[-1]}{comma}{' '.join(said[:-1])}", "the family name, a comma and the given name")
    # Advertisers match both apart, hashed (Meta's parameters `fn` and `ln`, for instance).
    yield Spelling(said[0], "the given name", telling=False)
    yield Spelling(said[-1], "the family name", telling=False)


_DATES = (
    ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y.%m.%d"),
    ("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d%m%Y", "%m/%d/%Y", "%m-%d-%Y", "%m%d%Y"),
)


def _date(value: str) -> Iterator[Spelling]:
    """A date in the orders of the world. `02/03/2020` is no date here: it is two."""
    day = _read_date(value)
    if day is None:
        return
    for form in (*_DATES[0], *_DATES[1]):
        yield Spelling(day.strftime(form), "the date in another form")
    yield Spelling(f"{day.day}.{day.month}.{day.year}", "the date in another form")
    yield Spelling(f"{day.month}/{day.day}/{day.year}", "the date in another form")
    yield Spelling(f"{day.year}年{day.month}月{day.day}日", "the date in another form")
    yield Spelling(f"{day.isoformat()}T00:00", "the date with a time", core=False)
    seconds = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    if abs(seconds) >= 10_000_000:
        yield Spelling(str(seconds), "the date as seconds since 1970", core=False)
        yield Spelling(str(seconds * 1000), "the date as milliseconds since 1970", core=False)


def _read_date(value: str) -> date | None:
    for form in (*_DATES[0], "%d.%m.%Y"):
        try:
            day = datetime.strptime(value, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
        return day if day.year >= 1000 and (form != "%Y%m%d" or 1900 <= day.year < 2100) else None
    return None


def _ip(value: str) -> Iterator[Spelling]:
    if not _is_address(value):
        return
    address = ip_address(value)
    yield Spelling(address.compressed, "the address, shortened")
    yield Spelling(address.exploded, "the address in full")
    if address.version == 4:
        yield Spelling(str(int(address)), "the address as one number", core=False)


def _is_address(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


def _accents(value: str) -> Iterator[Spelling]:
    """In both of Unicode's normal forms and without accents, as forms of airlines and banks want it."""
    if value.isascii():
        return
    yield Spelling(unicodedata.normalize("NFC", value), "the value in Unicode's composed form")
    yield Spelling(decomposed := unicodedata.normalize("NFD", value), "the value in Unicode's decomposed form")
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    yield Spelling(plain, "the value without accents")
    yield Spelling(value.translate(_GERMAN), "the value without umlauts")


_GERMAN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "é": "e", "è": "e"}
)
_KINDS: tuple[Callable[[str], Iterator[Spelling]], ...] = (
    _email, _phone, _mac, _uuid, _imei, _name, _date, _ip, _accents, _bare,
)  # fmt: skip
