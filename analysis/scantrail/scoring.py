"""How near the inferred history comes to the truth. Nothing else in the package reads truth files.

A simulation leaves `truth/` in its capture folder (docs/format.md): where everybody was at all times, and who they are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scantrail import geo
from scantrail.history import History
from scantrail.model import CaptureError
from scantrail.schema import Column, SchemaError, Table

NEAR_M = 150.0  # a place and a location that are so near are one: the depth of a compound behind its gate
LOCATED_M = 250.0  # a person is located if believed so near, as in the published comparisons
SHORTEST_STAY = timedelta(minutes=15)  # shorter, and nobody would say to have been there

WHEREABOUTS = Table(
    "whereabouts",
    "a stay (it ends where it starts), or a straight way at constant speed",
    (
        Column("user_id", "text", "person"),
        Column("started_at", "time", "first moment, UTC"),
        Column("finished_at", "time", "last moment, UTC"),
        Column("latitude", "float", "degrees north at the start, WGS-84"),
        Column("longitude", "float", "degrees east at the start, WGS-84"),
        Column("end_latitude", "float", "degrees north at the end, WGS-84"),
        Column("end_longitude", "float", "degrees east at the end, WGS-84"),
        Column("activity", "text", "home, work, errand or travel"),
        Column("place", "text", "the name of the place"),
    ),
)


class Point(msgspec.Struct, frozen=True):
    """A position, WGS-84 degrees."""

    latitude: float
    longitude: float


class Person(msgspec.Struct, frozen=True):
    """Who somebody is, and where home and work are."""

    user_id: str
    name: str
    resident_id: str
    phone_number: str
    device_id: str
    code_number: str
    home: Point
    work: Point | None

    @property
    def identifiers(self) -> frozenset[str]:
        """The values by which a server may know the person."""
        return frozenset({self.resident_id, self.phone_number, self.device_id, self.code_number})


@dataclass(frozen=True)
class Truth:
    """Where everybody was (`WHEREABOUTS`) and who they are."""

    whereabouts: pd.DataFrame
    people: tuple[Person, ...]

    @cached_property
    def _by_person(self) -> dict[str, pd.DataFrame]:
        ordered = self.whereabouts.sort_values(["user_id", "started_at", "finished_at"])
        return {str(user_id): rows for user_id, rows in ordered.groupby("user_id")}

    def of(self, user_id: str) -> pd.DataFrame:
        """The whereabouts of one person, in the order of time.

        Raises:
            KeyError: nothing is known of the person.

        """
        return self._by_person[user_id]

    def position(self, user_id: str, times: pd.Series | pd.DatetimeIndex) -> tuple[geo.Array, geo.Array]:
        """Latitude and longitude of a person at times (UTC), straight on between rows; NaN before and after all rows.

        Raises:
            KeyError: nothing is known of the person.

        """
        mine = self.of(user_id)
        knots = _interleaved(_microseconds(mine["started_at"]), _microseconds(mine["finished_at"]))
        at = _microseconds(times)
        latitude, longitude = (
            np.interp(at, knots, _interleaved(mine[name], mine[f"end_{name}"]), left=np.nan, right=np.nan)
            for name in ("latitude", "longitude")
        )
        return latitude, longitude


class Score(msgspec.Struct, frozen=True):
    """One figure about one person (by the truth's id). `value` is None where there is nothing to measure."""

    metric: str
    user_id: str
    value: float | None
    unit: str
    meaning: str


def read_truth(folder: Path) -> Truth:
    """Read the truth that a simulation left in a capture folder.

    Raises:
        CaptureError: there is none, or it cannot be used.

    """
    whereabouts, people = folder / "truth" / "whereabouts.parquet", folder / "truth" / "people.jsonl"
    for path in (whereabouts, people):
        if not path.is_file():
            raise CaptureError(f"{path}: no such file; only captures of a simulation hold the truth to score against")
    try:
        table = WHEREABOUTS.frame(pd.read_parquet(whereabouts))
    except (SchemaError, OSError, ValueError) as error:
        raise CaptureError(f"{whereabouts}: {error}") from error
    try:
        truth = Truth(table, tuple(msgspec.json.Decoder(Person).decode_lines(people.read_bytes())))
    except msgspec.DecodeError as error:
        raise CaptureError(f"{people}: {error}") from error
    if lost := {person.user_id for person in truth.people} - set(table["user_id"]):
        raise CaptureError(f"{whereabouts}: nothing about {', '.join(sorted(lost))}")
    return truth


def score(history: History, truth: Truth, identifiers: Mapping[str, frozenset[str]]) -> list[Score]:
    """Measure a history against the truth, person by person.

    Args:
        history: what was inferred.
        truth: what was so.
        identifiers: by subject, the values by which the server knows it. A subject and a person who share one belong
            together; of several subjects of a person, the one with most fixes is measured.

    """
    who = match(truth, identifiers)
    cases = [_Case(history, truth, person, _subjects(history, person, who)) for person in truth.people]
    return [
        Score(metric.name, case.person.user_id, value, metric.unit, meaning)
        for case in cases
        for metric in METRICS
        for value, meaning in [metric.measure(case)]
    ]


def match(truth: Truth, identifiers: Mapping[str, frozenset[str]]) -> dict[str, Person]:
    """By subject, the person with whom it shares most identifiers; a subject that shares none is left out."""
    shared = {
        subject: max(truth.people, key=lambda person: len(person.identifiers & values))
        for subject, values in identifiers.items()
        if truth.people
    }
    return {subject: person for subject, person in shared.items() if person.identifiers & identifiers[subject]}


def _subjects(history: History, person: Person, who: Mapping[str, Person]) -> tuple[str, ...]:
    """The subjects of a person, the one with most fixes first."""
    fixes = history.positionfixes["user_id"].value_counts()
    known = [subject for subject, matched in who.items() if matched.user_id == person.user_id]
    return tuple(sorted(known, key=lambda subject: (-int(fixes.get(subject, 0)), subject)))


@dataclass(frozen=True)
class _Case:
    """A person and what was inferred about them."""

    history: History
    truth: Truth
    person: Person
    subjects: tuple[str, ...]

    def table(self, name: str) -> pd.DataFrame:
        """The rows of a table of the history that are about the person."""
        table = self.history.tables[name]
        return table[table["user_id"].isin(self.subjects[:1])]

    @cached_property
    def fixes(self) -> pd.DataFrame:
        """The positionfixes in the order of time, each with the true position beside it."""
        fixes = self.table("positionfixes").sort_values("tracked_at", kind="stable")
        latitude, longitude = self.truth.position(self.person.user_id, fixes["tracked_at"])
        return fixes.assign(true_latitude=latitude, true_longitude=longitude)

    @cached_property
    def places(self) -> pd.DataFrame:
        """The places where the person truly stayed, and for how long at most."""
        rows = self.truth.of(self.person.user_id)
        stays = rows[rows["activity"] != "travel"].assign(lasted=rows["finished_at"] - rows["started_at"])
        return stays.groupby("place").agg({"latitude": "mean", "longitude": "mean", "lasted": "max"})


type _Measured = tuple[float | None, str]


class _Metric(NamedTuple):
    """A row: what it is called, its unit and how it is measured."""

    name: str
    unit: str
    measure: Callable[[_Case], _Measured]


def _home_error(case: _Case) -> _Measured:
    return _anchor_error(case, "home", case.person.home)


def _work_error(case: _Case) -> _Measured:
    if case.person.work is None:
        return None, "has no workplace"
    return _anchor_error(case, "work", case.person.work)


def _anchor_error(case: _Case, purpose: str, true: Point) -> _Measured:
    anchors = case.table("anchors")
    found = anchors[anchors["purpose"] == purpose]
    if found.empty:
        return None, f"{purpose} was not decidable"
    error_m = geo.distance_m(found["latitude"], found["longitude"], true.latitude, true.longitude)
    return float(error_m[0]), f"from the inferred to the true {purpose}"


def _work_decision(case: _Case) -> _Measured:
    """Whether work, or its absence, was told rightly: 1 or 0."""
    given = "work" in set(case.table("anchors")["purpose"])
    if case.person.work is None:
        return (0.0, "wrong: was given a workplace and has none") if given else (1.0, "right: has no workplace")
    error_m, meaning = _work_error(case)
    if error_m is None:
        return None, meaning
    return (1.0, "right: a workplace is there") if error_m <= NEAR_M else (0.0, "wrong: works elsewhere")


def _fix_error(percent: float) -> Callable[[_Case], _Measured]:
    def measure(case: _Case) -> _Measured:
        fixes = case.fixes
        error_m = geo.distance_m(fixes["latitude"], fixes["longitude"], fixes["true_latitude"], fixes["true_longitude"])
        told = error_m[~np.isnan(error_m)]
        if not len(told):
            return None, "no positionfix at a time that the truth covers"
        return float(np.percentile(told, percent)), f"of {len(told)} positionfixes against the position at that time"

    return measure


def _places_recall(case: _Case) -> _Measured:
    places = case.places[case.places["lasted"] >= SHORTEST_STAY]
    if places.empty:
        return None, "stayed nowhere for 15 minutes"
    found = _near(places, case.table("locations"))
    return float(found.mean()), f"{found.sum()} of {len(places)} places of stays of 15 min or more have a location"


def _places_precision(case: _Case) -> _Measured:
    locations = case.table("locations")
    if locations.empty:
        return None, "no location was inferred"
    been = case.fixes[["true_latitude", "true_longitude"]].set_axis(["latitude", "longitude"], axis="columns")
    right = _near(locations, pd.concat([case.places, been.dropna()]))
    return float(right.mean()), f"{right.sum()} of {len(locations)} locations are where the person stayed or passed"


def _hours_last_seen(case: _Case) -> _Measured:
    """The simplest answer to where somebody is, for others to beat."""
    fixes, user_id = case.fixes, case.person.user_id
    if fixes.empty:
        return None, "no positionfix"
    end = case.truth.of(user_id)["finished_at"].max()
    hours = pd.date_range(fixes["tracked_at"].iloc[0].ceil("h"), end, freq="h")
    if hours.empty:
        return None, "no full hour after the first positionfix"
    last = fixes.iloc[np.searchsorted(_microseconds(fixes["tracked_at"]), _microseconds(hours), side="right") - 1]
    away_m = geo.distance_m(last["latitude"], last["longitude"], *case.truth.position(user_id, hours))
    return float((away_m <= LOCATED_M).mean()), f"of {len(hours)} hours from the first scan on; carry-forward baseline"


def _subject_count(case: _Case) -> _Measured:
    return float(len(case.subjects)), f"known to the server as {', '.join(case.subjects) or 'nobody'}"


METRICS = (
    _Metric("home_error", "m", _home_error),
    _Metric("work_error", "m", _work_error),
    _Metric("work_decision", "1 or 0", _work_decision),
    _Metric("fix_error_median", "m", _fix_error(50)),
    _Metric("fix_error_p95", "m", _fix_error(95)),
    _Metric("places_recall", "share", _places_recall),
    _Metric("places_precision", "share", _places_precision),
    _Metric("hours_last_seen", "share", _hours_last_seen),
    _Metric("subjects", "subjects", _subject_count),
)


def _near(ours: pd.DataFrame, theirs: pd.DataFrame) -> NDArray[np.bool_]:
    """Which of ours have one of theirs within `NEAR_M`."""
    away_m = geo.distance_m(
        ours["latitude"].to_numpy()[:, None],
        ours["longitude"].to_numpy()[:, None],
        theirs["latitude"].to_numpy()[None, :],
        theirs["longitude"].to_numpy()[None, :],
    )
    return np.asarray((away_m <= NEAR_M).any(axis=1))


def _microseconds(times: pd.Series | pd.DatetimeIndex) -> NDArray[np.int64]:
    """Microseconds since 1970, UTC."""
    return pd.DatetimeIndex(times).as_unit("us").asi8


def _interleaved(first: NDArray[np.int64] | pd.Series, second: NDArray[np.int64] | pd.Series) -> geo.Array:
    """One of the first, one of the second, and so on."""
    return np.column_stack([first, second]).astype(np.float64).ravel()
