"""A city as columns, for kernels; and what is asked of it."""

from datetime import time
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scansim import SimulationError
from scansim.city import CATEGORIES, City
from scansim.life.columns import Floats, Ints, Point, Records
from scansim.life.draws import small
from scansim.life.habits import Moves
from scantrail import geo

STATION, RAILWAY, OFFICE, MALL, RESTAURANT, MARKET, PARK, SCHOOL, HOSPITAL, COMPOUND = range(len(CATEGORIES))
MOST_PLACES = 5_000
"""The table of gravity has a row and a column for each."""

PLACE = np.dtype(
    [
        ("latitude", np.float64), ("longitude", np.float64), ("category", np.int64), ("opens_s", np.int64),
        ("closes_s", np.int64), ("weight", np.float64), ("station", np.int64), ("gate", np.int64), ("gates", np.int64),
    ]
)  # fmt: skip
"""`weight` is relative to the greatest of the category; `station` the row of the nearest, or -1; `gate` the row of the
first of so many `gates`."""


class Town(NamedTuple):
    """A city's `places`, and after them the stations of other cities.

    `of` and `of_first` list the places of each category (of the city alone). `errands` are the places where people go
    on errands, and a row of `gravity` has the running sums of how much each draws somebody from a place. `elsewhere`
    has the running sums of the other cities' weights, `degree` the metres of a degree of latitude and of longitude.
    """

    places: Records
    of: Ints
    of_first: Ints
    gates: Floats
    errands: Ints
    gravity: NDArray[np.float32]
    elsewhere: Floats
    degree: Floats


def town_of(city: City, moves: Moves) -> Town:
    """Turn a city into columns.

    Raises:
        SimulationError: it has too many places, or none for an errand.

    """
    if len(city.places) > MOST_PLACES:
        raise SimulationError(
            f"{city.english} has {len(city.places):,} places; no more than {MOST_PLACES:,} can be used"
        )
    places, gates = city.all_places, [(g.latitude, g.longitude) for p in city.all_places for g in p.all_gates]
    table = np.zeros(len(places), PLACE)
    for row, place in zip(table, places, strict=True):
        row["latitude"], row["longitude"], row["weight"] = place.latitude, place.longitude, place.weight
        row["category"], row["gates"] = CATEGORIES.index(place.category), len(place.all_gates)
    table["gate"] = np.cumsum(table["gates"]) - table["gates"]
    table["closes_s"] = 86_400
    for number, category in enumerate(CATEGORIES):
        if hours := city.categories.get(category):
            of = table["category"] == number
            table["opens_s"][of], table["closes_s"][of] = _seconds(hours.opens), _seconds(hours.closes)
            table["weight"][of] /= table["weight"][of].max(initial=1e-9)
    own = table[: len(city.places)]
    by_category = [np.flatnonzero(own["category"] == number) for number in range(len(CATEGORIES))]
    table["station"] = _nearest(table, by_category[STATION])
    degree = geo.METRES_PER_DEGREE * np.array([1.0, np.cos(np.radians(own["latitude"].mean()))])
    errands, gravity = _gravity(table, by_category, degree, moves)
    if not len(errands):
        raise SimulationError(
            f"{city.english} has no place of a category of moves.errands ({', '.join(moves.errands)})"
        )
    return Town(
        places=table,
        of=np.concatenate(by_category).astype(np.int64),
        of_first=np.cumsum([0, *map(len, by_category)]).astype(np.int64),
        gates=np.array(gates),
        errands=errands,
        gravity=gravity,
        elsewhere=np.cumsum([other.weight for other in city.elsewhere]),
        degree=degree,
    )


def _seconds(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second


def _nearest(table: Records, stations: Ints) -> Ints:
    """The station nearest to each place."""
    if not len(stations):
        return np.full(len(table), -1)
    there = table[stations]
    far = geo.distance_m(table["latitude"][:, None], table["longitude"][:, None], there["latitude"], there["longitude"])
    return np.asarray(stations[far.argmin(axis=1)])


def _gravity(table: Records, by_category: list[Ints], degree: Floats, moves: Moves) -> tuple[Ints, NDArray[np.float32]]:
    """How much each place for an errand draws from each place: its weight over squared distance, summed along a row."""
    weights = [moves.errands.get(category, 0.0) for category in CATEGORIES]
    errands = np.concatenate([places for places, weight in zip(by_category, weights, strict=True) if weight])
    there = table[errands]
    # A category draws by its weight as a whole, however many places it has.
    whole = np.bincount(there["category"], there["weight"], len(CATEGORIES))
    draws = there["weight"] * np.array(weights)[there["category"]] / whole[there["category"]]
    north = (table["latitude"][:, None] - there["latitude"]) * degree[0]
    east = (table["longitude"][:, None] - there["longitude"]) * degree[1]
    square = np.maximum(north**2 + east**2, moves.gravity_m**2)
    pull = np.where(np.arange(len(table))[:, None] == errands, 0.0, draws / square)
    pull /= np.maximum(pull.sum(axis=1, keepdims=True), 1e-300)
    return errands.astype(np.int64), pull.cumsum(axis=1).astype(np.float32)


@small
def apart_m(town: Town, a: Point, b: Point) -> float:
    """Measure how far apart two positions of the city are, on its plane (a thousandth off over 50 km)."""
    north, east = (b[0] - a[0]) * town.degree[0], (b[1] - a[1]) * town.degree[1]
    return float(np.sqrt(north * north + east * east))


@small
def point_of(town: Town, place: int) -> Point:
    """Where a place is."""
    row = town.places[place]
    return row["latitude"], row["longitude"]


@small
def gate_of(town: Town, gate: int) -> Point:
    """Where a gate is, a row of `gates`."""
    return town.gates[gate, 0], town.gates[gate, 1]


@small
def between_m(town: Town, place: int, other: int) -> float:
    """Measure how far apart two places are."""
    return apart_m(town, point_of(town, place), point_of(town, other))


@small
def gate_from(town: Town, place: int, position: Point) -> int:
    """Choose the gate of a place that is nearest to somebody: a row of `gates`."""
    first, number = town.places[place]["gate"], town.places[place]["gates"]
    best, best_m = first, 1e18
    for gate in range(first, first + number) if number > 1 else range(0):
        gate_m = apart_m(town, position, gate_of(town, gate))
        if gate_m < best_m:
            best, best_m = gate, gate_m
    return int(best)


@small
def is_open(town: Town, place: int, second_of_day: int) -> bool:
    """Tell whether a place is open."""
    row = town.places[place]
    return bool(row["opens_s"] <= second_of_day <= row["closes_s"])


@small
def first_elsewhere(town: Town) -> int:
    """The first place that is not in the city."""
    return len(town.places) - len(town.elsewhere)
