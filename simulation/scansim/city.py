"""A city as data: its places with their gates, and what a map service says of a position in it."""

from collections.abc import Mapping, Sequence
from datetime import time
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from scansim import SimulationError
from scansim.position import Position, metres
from scansim.toml import load

type Category = Literal[
    "station", "railway", "office", "mall", "restaurant", "market", "park", "school", "hospital", "compound"
]
type Adcode = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}$")]  # GB/T 2260
type Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
type Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]

CATEGORIES: tuple[Category, ...] = get_args(Category.__value__)
NEEDED: tuple[Category, ...] = ("office", "mall", "compound")
"""A city without one of these has no week that could be lived in it."""
CITIES = Path(str(files("scansim") / "cities"))
HANGZHOU = CITIES / "hangzhou.toml"


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When places of a category are open, by the city's clock."""

    opens: time
    closes: time


class Gate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of several gates of a place."""

    name: str
    latitude: Latitude
    longitude: Longitude

    @property
    def position(self) -> Position:
        """Where it is."""
        return Position(self.latitude, self.longitude)


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place. `id` begins with the district's adcode; an invented place exists nowhere else.

    Its gate is at its position, or where `gates` are. `weight` says how much more people it draws than another of its
    category.
    """

    id: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}-[0-9]{4,6}$")]
    category: Category
    name: str
    english: str
    latitude: Latitude
    longitude: Longitude
    invented: bool = False
    weight: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    gates: tuple[Gate, ...] = ()

    @property
    def adcode(self) -> str:
        """The district's GB/T 2260 code."""
        return self.id[:6]

    @property
    def all_gates(self) -> tuple[Gate, ...]:
        """Its gates, at least one."""
        return self.gates or (Gate("", self.latitude, self.longitude),)

    @property
    def gate(self) -> Position:
        """Where one enters: the first gate."""
        return self.all_gates[0].position


class Elsewhere(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another city to which people travel: where its railway station is, and how often people choose it."""

    name: str
    english: str
    province: str
    adcode: Adcode
    latitude: Latitude
    longitude: Longitude
    weight: Annotated[float, msgspec.Meta(gt=0)] = 1.0

    @property
    def station(self) -> Place:
        """Its station, as a place."""
        return Place(
            f"{self.adcode}-0001", "railway", f"{self.name}站", f"{self.english} station", self.latitude, self.longitude
        )


class Spot(NamedTuple):
    """Where in a place somebody is, behind its gate."""

    place: Place
    position: Position


class City(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """A city, as its file has it: `cities/hangzhou.toml` shows every key."""

    name: str
    english: str
    adcode: Adcode
    province: str
    province_adcode: Adcode
    tz: str
    districts: dict[Adcode, str]
    categories: dict[Category, Hours]
    places: tuple[Place, ...]
    elsewhere: tuple[Elsewhere, ...] = ()

    def __post_init__(self) -> None:
        """Hold what the types cannot; msgspec reports a ValueError with the file's other mistakes."""
        seen: set[str] = set()
        for place in self.places:
            if place.id in seen:
                raise ValueError(f"two places have the id {place.id}")
            seen.add(place.id)
            if place.adcode not in self.districts:
                raise ValueError(f"{place.id} {place.name}: no district {place.adcode}")
            if place.category not in self.categories:
                raise ValueError(f"{place.id} {place.name}: no opening hours for {place.category}")
        for category in NEEDED:
            if not self.of(category):
                raise ValueError(f"no place of category {category}")
        try:
            ZoneInfo(self.tz)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"no time zone {self.tz!r}") from None

    @cached_property
    def zone(self) -> ZoneInfo:
        """The city's clock."""
        return ZoneInfo(self.tz)

    @cached_property
    def all_places(self) -> tuple[Place, ...]:
        """Its places, and after them the stations of other cities."""
        return (*self.places, *(other.station for other in self.elsewhere))

    def of(self, *categories: Category) -> tuple[Place, ...]:
        """Pick the places of these categories, in the file's order."""
        return tuple(place for place in self.places if place.category in categories)

    def area(self, position: Position) -> "Area":
        """Tell the administrative area of a position: that of the nearest place, for want of boundaries."""
        there = nearest(self.all_places, position)
        if there.adcode in self.districts:
            district = self.districts[there.adcode]
            return Area(self.province, self.province_adcode, self.name, self.adcode, district, there.adcode)
        other = next(other for other in self.elsewhere if other.adcode == there.adcode)
        return Area(other.province, f"{other.adcode[:2]}0000", other.name, other.adcode, "", "")


class Area(NamedTuple):
    """What a map service calls the area of a position."""

    province: str
    province_adcode: str
    city: str
    city_adcode: str
    district: str
    district_adcode: str


def nearest(places: Sequence[Place], position: Position) -> Place:
    """Find the place whose gate is nearest."""
    return min(places, key=lambda place: metres(place.gate, position))


def load_city(path: Path = HANGZHOU) -> City:
    """Read a city: a file as `cities/hangzhou.toml`, or GeoJSON (`scansim.geojson`).

    Raises:
        SimulationError: it cannot be read; the message names the file, the place in it and what is wrong.

    """
    if path.suffix in (".geojson", ".json"):
        from scansim.geojson import city_of

        return city_of(path)
    return load(path, City)


def find_city(name: str, beside: Path) -> City:
    """Read a city by the name of a shipped one, or by a path as seen from the folder `beside`.

    Raises:
        SimulationError: there is none, or it cannot be read.

    """
    shipped: Mapping[str, Path] = {path.stem: path for path in sorted(CITIES.glob("*.toml"))}
    path = shipped.get(name, beside / name)
    if not path.is_file():
        raise SimulationError(f"no city {name!r}: give a path, or one of {', '.join(shipped)}")
    return load_city(path)
