"""A history as features, for the formats that draw maps: rows with their points, values as such formats take them."""

import math
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pandas as pd

from scantrail.history import History

type Point = tuple[float, float]  # latitude, longitude: the formats differ in the order, and say so

TABLES = ("positionfixes", "places", "staypoints", "locations", "trips", "anchors")
"""The tables that have positions, or follow from rows that do."""

_LONE = re.compile("[\ud800-\udfff]")
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2


class Feature(NamedTuple):
    """One row: the table, the row's number, one point or two (or none), and its values by column."""

    table: str
    row: int
    points: tuple[Point, ...]
    values: dict[str, Any]


def features(history: History, tables: Sequence[str] = TABLES) -> Iterator[Feature]:
    """The rows of some tables, in order. What is missing is None, times are aware datetimes, trips have both ends."""
    stays = points_of(history.staypoints)
    for table in tables:
        for number, values in enumerate(records(history.tables[table])):
            latitude, longitude = values.pop("latitude", None), values.pop("longitude", None)
            points: tuple[Point, ...] = ((latitude, longitude),) if on_earth(latitude, longitude) else ()
            if table == "trips":
                ends = [stays.get(values[f"{end}_staypoint_id"]) for end in ("origin", "destination")]
                points = tuple(end for end in ends if end) if all(ends) else ()
            yield Feature(table, number, points, values)


def points_of(table: pd.DataFrame) -> dict[int, Point]:
    """The points of a table by the number of the row, where there is one."""
    pairs = zip(table["latitude"], table["longitude"], strict=True)
    return {row: (float(lat), float(lon)) for row, (lat, lon) in enumerate(pairs) if on_earth(lat, lon)}


def track(history: History, user: object) -> list[tuple[Point, dict[str, Any]]]:
    """Where a subject was, in order of time: the positionfixes that nothing speaks against, with their rows."""
    believed = history.believed
    fixes = believed[believed["user_id"] == user].sort_values("tracked_at", kind="stable")
    rows = list(records(fixes))
    return [(point, rows[row]) for row, point in points_of(fixes).items()]


def on_earth(latitude: float | None, longitude: float | None) -> bool:
    """Whether it is a position at all: formats have no room for others."""
    return (
        latitude is not None
        and longitude is not None
        and math.isfinite(latitude)
        and math.isfinite(longitude)
        and abs(latitude) <= 90
        and abs(longitude) <= 180
    )


def records(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The rows of a table as values of Python; what is missing is None."""
    for row in table.to_dict("records"):
        yield {str(name): _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_value(one) for one in value]
    if isinstance(value, str):
        return _LONE.sub("\ufffd", value)  # half a character: UTF-8 has none
    if pd.isna(value):
        return None
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value


def xml_text(value: object) -> str:
    """Text that XML can hold: control characters, which cannot even be escaped there, are replaced."""
    return _NOT_IN_XML.sub("\ufffd", str(value))


def utc(time: datetime) -> str:
    """RFC 3339 in UTC."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def plain(value: Any) -> str:
    """A value as text for people: times in UTC, lists with spaces."""
    if isinstance(value, datetime):
        return utc(value)
    return " ".join(map(plain, value)) if isinstance(value, list) else str(value)


def described(values: dict[str, Any]) -> str:
    """What is there of a row's values, in one line that XML can hold."""
    return xml_text("; ".join(f"{name}: {plain(value)}" for name, value in values.items() if value not in (None, [])))


def subjects(history: History) -> list[Any]:
    """Who is in it, in the order in which they first appear."""
    return list(dict.fromkeys(history.positionfixes["user_id"]))
