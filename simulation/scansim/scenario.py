"""Scenarios: everything that may be chosen about a simulation, as a TOML file (docs/scenarios.md)."""

from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from scansim import SimulationError
from scansim.city import City, find_city
from scansim.clock import FIRST_DAY
from scansim.designs import DESIGNS
from scansim.life.habits import Checks, Households, Moves, Phones, Share, habits_of, receiver_of
from scansim.toml import explain, load

SCENARIOS = Path(str(files("scansim") / "scenarios"))
DEFAULT = "hangzhou-2020"

YEARS = range(1970, 2101)
"""In which simulations may happen: phones count time from 1970."""

type Seed = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
type People = Annotated[int, msgspec.Meta(ge=1, le=10**10)]
type Days = Annotated[int, msgspec.Meta(ge=1, le=3_660)]
type Count = Annotated[int, msgspec.Meta(ge=1)]
type RuleSetName = Literal["zhejiang-2020-02", "chengdu-2021-11", "declared-alone", "strict"]


class OwnRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule: one of `values` among the input (any, if there are none) gives the colour."""

    input: Literal["symptoms", "travel", "booking", "case", "contact", "companion"]
    colour: Literal["yellow", "red"]
    values: tuple[str, ...] = ()


class KnownCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody whom the authorities know to be ill: the person's number, and the day on which it is confirmed."""

    person: People
    confirmed: date


class Colours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a code gets its colour, in designs that have colours."""

    rules: RuleSetName = "zhejiang-2020-02"
    """One of the published sets, or of the assumed ones beside them (docs/colours.md)."""
    own: tuple[OwnRule, ...] = ()
    """Rules of one's own, in place of those of the set; `release` stays that of the set."""
    symptoms: dict[str, Share] = msgspec.field(default_factory=lambda: {"发热": 0.01, "咳嗽": 0.02})
    """How many people have which symptom at the beginning, and declare it: an assumption."""
    ill_days: Count = 3
    """After so many days they are well: an assumption."""
    cases: tuple[KnownCase, ...] = ()


class Browser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people deal with the page in a browser (`--phone chromium`)."""

    location: Literal["granted", "refused"] = "granted"
    """What they answer when the page asks where they are."""
    revoked_after_scans: Count | None = None
    """After so many scans they take it back."""
    offline_at_scan: Count | None = None
    """In the midst of this scan the network is lost, until the next thing they do."""


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A simulation, as its file has it: `scenarios/hangzhou-2020.toml` shows every key. All have defaults."""

    about: str = ""
    """What the scenario is for, in a sentence."""
    design: str = "alipay"
    city: str = "hangzhou"
    """The name of a shipped city, or the path of a file as seen from the scenario's."""
    seed: Seed = 1
    people: People = 1
    first_day: date = FIRST_DAY
    days: Days = 7
    households: Households = Households()
    moves: Moves = Moves()
    checks: Checks = Checks()
    phones: Phones = Phones()
    colours: Colours = Colours()
    browser: Browser = Browser()


def load_scenario(name: str = DEFAULT, **changes: Any) -> tuple[Scenario, City]:
    """Read a scenario and its city.

    Args:
        name: that of a shipped scenario, or a path.
        changes: values of its keys that count instead of the file's.

    Raises:
        SimulationError: there is none, or a mistake in it: one line with file, key and what is allowed.

    """
    path = shipped().get(name, Path(name))
    if not path.is_file():
        raise SimulationError(f"no scenario {name!r}: give a path, or one of {', '.join(shipped())}")
    scenario = load(path, Scenario)
    try:
        scenario = msgspec.convert(msgspec.structs.asdict(scenario) | changes, Scenario)
        _check(scenario)
        city = _city(scenario.city, path.parent)
    except msgspec.ValidationError as error:  # the file was right: it is what counts instead
        raise SimulationError(explain(str(error), Scenario)) from error
    except SimulationError as error:
        raise SimulationError(f"{path}: {error}") from error
    return scenario, city


def _city(name: str, beside: Path) -> City:
    try:
        return find_city(name, beside)
    except SimulationError as error:
        raise SimulationError(f"city: {error}") from error


def _check(scenario: Scenario) -> None:
    """Hold what the types cannot."""
    if scenario.design not in DESIGNS:
        raise SimulationError(f"design: {scenario.design!r} is not one of {', '.join(DESIGNS)}")
    if scenario.first_day.year not in YEARS:
        raise SimulationError(f"first_day: {scenario.first_day} is not in the years {YEARS[0]} to {YEARS[-1]}")
    habits_of(scenario.seed, scenario.households, scenario.moves, scenario.checks)
    receiver_of(scenario.seed, scenario.phones)


def shipped() -> Mapping[str, Path]:
    """List the scenarios that come with the simulation, by name."""
    return {path.stem: path for path in sorted(SCENARIOS.glob("*.toml"))}
