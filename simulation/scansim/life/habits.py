"""How people move, as numbers. Each has its source, or is an assumption and says so; a scenario may change any."""

from typing import Annotated

import msgspec
import numpy as np
from numpy.typing import NDArray

from scansim import SimulationError
from scansim.city import CATEGORIES, Category

type Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
type Positive = Annotated[float, msgspec.Meta(gt=0, le=1e9)]
type Weight = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
type Hour = Annotated[float, msgspec.Meta(ge=0, le=30)]
"""Of the local day; beyond 24 it is the next morning."""
type Clock = Annotated[float, msgspec.Meta(ge=0, le=24)]
type Range = tuple[Hour, Hour, Hour]
"""Least, most and most likely value: a triangular distribution, which keeps a day within a day."""

ERRANDS: dict[Category, float] = {"mall": 5, "restaurant": 4, "market": 5, "park": 3, "hospital": 0.4}
ENTER: dict[Category, float] = {
    "compound": 0.9,
    "station": 0.9,
    "railway": 1.0,
    "office": 0.9,
    "school": 1.0,
    "mall": 0.9,
    "market": 0.7,
    "restaurant": 0.5,
    "hospital": 1.0,
    "park": 0.3,
}
LEAVE: dict[Category, float] = {"compound": 0.35}


class Households(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who lives together, and what they do by day."""

    sizes: tuple[Weight, ...] = (18, 30, 27, 17, 8)
    """How frequent households of one, two, … people are: 2.67 on average, China's census of 2020 counts 2.62."""
    workers: Share = 0.8
    """How many of the first two of a household work: an assumption, as all that follow."""
    night_shift: Share = 0.06
    """How many of the workers do so by night."""
    pupils: Share = 0.6
    """How many of the others go to school; the rest, as those who do not work, are free all day."""


class Moves(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Exploration and preferential return (Song et al. 2010) around home, work and school (TimeGeo, Jiang et al. 2016).

    A place that was not visited before is chosen with the chance rho S^-gamma, S being how many were, and then by
    gravity: weight over squared distance (d-EPR, Pappalardo et al. 2015). Otherwise one returns to a place, in
    proportion to past visits. Hours and frequencies are assumptions, chosen by looking at real people beside them
    (docs/population.md).
    """

    rho: Share = 0.6
    gamma: Positive = 0.21
    gravity_m: Positive = 200.0
    """Nearer than this, distance does not count."""
    commute_m: tuple[Weight, Positive] = (300.0, 14_000.0)
    """The shortest and longest way to work, straight."""
    leave_home: Range = (6.6, 10.4, 8.2)
    works_h: Range = (8.3, 10.8, 9.3)
    lunch_out: Share = 0.4
    evening_errand: Share = 0.5
    outings: tuple[Range, ...] = ((8.8, 12.5, 10.2), (13.5, 18.5, 15.5))
    """When those who are free that day may go out."""
    outing: Share = 0.8
    second_errand: Share = 0.5
    """How often one errand follows another."""
    errand_takes_h: Range = (0.25, 2.5, 0.8)
    errands: dict[Category, Weight] = msgspec.field(default_factory=ERRANDS.copy)
    """How often each category is gone to."""
    schools_open: bool = False
    """They were closed in February 2020."""
    friends: Share = 0.35
    """How often somebody comes when their five friends meet, once a week."""
    away: Share = 0.02
    """How many people travel to another city in a week."""
    breaks_quarantine: Share = 0.3
    """How often in a day somebody with a yellow or red code tries to go out all the same."""


class Checks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where and how often guards check. Uneven checking was reported at the time; the shares are assumptions."""

    a_day: Positive = 1.55
    """How many scans a person has a day on average (docs/facts.md §4: Hangzhou): all shares are scaled to reach it."""
    hours: tuple[Clock, Clock] = (0.0, 24.0)
    """Between which hours of the day guards stand at gates."""
    enter: dict[Category, Share] = msgspec.field(default_factory=ENTER.copy)
    leave: dict[Category, Share] = msgspec.field(default_factory=LEAVE.copy)
    waves: Share = 0.1
    """How often a guard lets somebody in whose code is not green."""
    remote: Share = 0.0
    """How often in a day somebody at home scans a picture of a poster that was sent to them."""


class Phones(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What phones know of where they are. Shares and ages are assumptions."""

    gps_error_m: Annotated[float, msgspec.Meta(ge=0, le=10_000)] = 12.0
    """Standard deviation in each direction, of a phone in a city."""
    accuracy_m: tuple[Positive, Positive] = (12.0, 30.0)
    """Between what a phone says of it."""
    stale: Share = 0.02
    """How often it hands out an old position for the present one."""
    stale_min: Positive = 8.0
    """How old that is on average, in minutes."""
    no_fix: Share = 0.0
    """How often there is no position at all, on the way and at gates."""
    no_fix_indoors: Share = 0.0
    """The same inside a place."""
    radios: bool = False
    """Whether apps send the Wi-Fi and cells around where there is no position."""
    idle_min: Annotated[float, msgspec.Meta(ge=1, le=100_000)] = 15.0
    """Minutes between two bursts of idle chatter, on average (Leith & Farrell 2020: every 10 to 20)."""
    shared: Share = 0.0
    """How many of those who are neither first nor second in a household use the first one's phone."""
    replaced: Share = 0.0
    """How many get a new phone on one of the days after the first, and sign in again."""
    reset: Share = 0.0
    """How many have the identifier of their phone renewed on one of the days after the first, and sign in again."""


type Habits = np.void
"""What kernels read of households, moves and checks: a record. `sizes` are running sums,
`chance` has a row for entering and one for leaving, by category; `hours_s` are seconds."""
type Receiver = np.void
"""What kernels read of phones: a record."""


def habits_of(seed: int, households: Households, moves: Moves, checks: Checks) -> Habits:
    """Turn the sections of a scenario into numbers.

    Raises:
        SimulationError: a range is none, or nobody ever goes anywhere.

    """
    for name in ("leave_home", "works_h", "errand_takes_h"):
        _check_range(f"moves.{name}", getattr(moves, name))
    for range_ in moves.outings:
        _check_range("moves.outings", range_)
    _check_pair("moves.commute_m", moves.commute_m, "shortest, longest")
    _check_pair("checks.hours", checks.hours, "from, to")
    if not sum(households.sizes):
        raise SimulationError("households.sizes: at least one size must have a weight")
    if not sum(moves.errands.values()):
        raise SimulationError("moves.errands: at least one category must have a weight")
    return _record(
        seed=seed,
        **msgspec.structs.asdict(households) | {"sizes": np.cumsum(households.sizes)},
        **msgspec.structs.asdict(moves) | {"errands": 0, "outings": np.array(moves.outings).reshape(-1, 3)},
        hours_s=np.array(checks.hours) * 3600.0,
        chance=np.array([_by_category(checks.enter), _by_category(checks.leave)]),
        waves=checks.waves,
        remote=checks.remote,
    )


def receiver_of(seed: int, phones: Phones) -> Receiver:
    """Turn the section of a scenario into numbers.

    Raises:
        SimulationError: a range is none.

    """
    _check_pair("phones.accuracy_m", phones.accuracy_m, "least, most")
    return _record(seed=seed, **msgspec.structs.asdict(phones))


def _record(**values: object) -> np.void:
    """Put numbers and arrays of numbers into one record."""
    arrays = {name: np.asarray(value) for name, value in values.items()}
    kind = np.dtype([(name, array.dtype, array.shape) for name, array in arrays.items()])
    record: np.void = np.zeros(1, kind)[0]
    for name, array in arrays.items():
        record[name] = array
    return record


def _by_category(values: dict[Category, float]) -> NDArray[np.float64]:
    return np.array([float(values.get(category, 0.0)) for category in CATEGORIES])


def _check_range(key: str, range_: Range) -> None:
    low, high, likely = range_
    if not low <= likely <= high or low == high:
        raise SimulationError(f"{key}: {list(range_)} is not [least, most, most likely]")


def _check_pair(key: str, pair: tuple[float, float], what: str) -> None:
    low, high = pair
    if not low < high:
        raise SimulationError(f"{key}: {list(pair)} is not [{what}]")
