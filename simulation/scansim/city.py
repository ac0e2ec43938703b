"""A city as data: its places, each with one gate, and what a map service says of a position in it."""

from collections.abc import Sequence
from datetime import datetime, time
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from scansim import SimulationError
from scansim.position import Position, metres

type Category = Literal["station", "office", "mall", "park", "hospital", "compound"]
type Adcode = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}$")]  # GB/T 2260

NEEDED: tuple[Category, ...] = ("station", "office", "mall", "compound")
"""A city without one of these has no week that could be lived in it."""
HANGZHOU = Path(str(files("scansim") / "cities" / "hangzhou.toml"))


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When places of a category are open, by the city's clock."""

    opens: time
    closes: time


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place and its gate. `id` begins with the district's adcode; an invented place exists nowhere else."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}-[0-9]{4}$")]
    category: Category
    name: str
    english: str
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    invented: bool = False

    @property
    def adcode(self) -> str:
        """The district's GB/T 2260 code."""
        return self.id[:6]

    @property
    def gate(self) -> Position:
        """Where one enters, and where a scan happens."""
        return Position(self.latitude, self.longitude)


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

    def __post_init__(self) -> None:
        """Hold what the types cannot; msgspec reports a ValueError with the file's other mistakes."""
        ids = [place.id for place in self.places]
        if twice := [wrong for wrong in ids if ids.count(wrong) > 1]:
            raise ValueError(f"two places have the id {twice[0]}")
        for place in self.places:
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

    def of(self, *categories: Category) -> tuple[Place, ...]:
        """Pick the places of these categories, in the file's order."""
        return tuple(place for place in self.places if place.category in categories)

    def is_open(self, place: Place, at: datetime) -> bool:
        """Tell whether the place is open."""
        hours = self.categories[place.category]
        return hours.opens <= at.astimezone(self.zone).time() <= hours.closes

    def district(self, position: Position) -> str:
        """Tell the adcode of a position's district: that of the nearest place, for want of boundaries."""
        return nearest(self.places, position).adcode


def nearest(places: Sequence[Place], position: Position) -> Place:
    """Find the place whose gate is nearest."""
    return min(places, key=lambda place: metres(place.gate, position))


def load_city(path: Path = HANGZHOU) -> City:
    """Read a gazetteer.

    Raises:
        SimulationError: it cannot be read; the message names the file, the place in it and what is wrong.

    """
    try:
        return msgspec.toml.decode(path.read_bytes(), type=City)
    except OSError as error:
        raise SimulationError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise SimulationError(f"{path}: {error}") from error
