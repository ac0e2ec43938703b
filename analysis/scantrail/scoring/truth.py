"""The truth that a simulation leaves in `truth/` of its capture folder: where everybody was, and who they are.

docs/format.md describes the files. Nothing else in the package reads them.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scantrail import geo
from scantrail.model import CaptureError
from scantrail.schema import Column, SchemaError, Table

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
        knots = _interleaved(microseconds(mine["started_at"]), microseconds(mine["finished_at"]))
        at = microseconds(times)
        latitude, longitude = (
            np.interp(at, knots, _interleaved(mine[name], mine[f"end_{name}"]), left=np.nan, right=np.nan)
            for name in ("latitude", "longitude")
        )
        return latitude, longitude


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


def microseconds(times: pd.Series | pd.DatetimeIndex) -> NDArray[np.int64]:
    """Microseconds since 1970, UTC."""
    return pd.DatetimeIndex(times).as_unit("us").asi8


def _interleaved(first: NDArray[np.int64] | pd.Series, second: NDArray[np.int64] | pd.Series) -> geo.Array:
    """One of the first, one of the second, and so on."""
    return np.column_stack([first, second]).astype(np.float64).ravel()


class _Colours(msgspec.Struct, frozen=True):
    rules: str


class _Scenario(msgspec.Struct, frozen=True):
    colours: _Colours


def used_rules(folder: Path) -> str:
    """Read which rule set of colours a simulation used.

    Raises:
        CaptureError: it does not say.

    """
    path = folder / "truth" / "scenario.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Scenario).colours.rules
    except (OSError, msgspec.DecodeError) as error:
        raise CaptureError(f"{path} does not say which rules were used: {error}") from error
