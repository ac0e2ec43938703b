"""The mobility tables: column names, types and units, in one place, checked at the boundary.

Names are trackintel's (https://trackintel.readthedocs.io), so that its users feel at home. Positions are WGS-84 degrees
in `latitude` and `longitude`; times are aware and UTC. `user_id` is a subject: a person as the server can tell them
apart, not as the truth knows them.
"""

from typing import Any, Literal, NamedTuple

import pandas as pd
from pandas.api.types import is_integer_dtype

type Kind = Literal["id", "text", "time", "float", "int", "bool", "list"]

_DTYPES: dict[Kind, str] = {
    "text": "str",
    "time": "datetime64[us, UTC]",
    "float": "float64",
    "int": "int64",
    "bool": "bool",
    "list": "object",
}


class SchemaError(ValueError):
    """A table that does not have the columns it must have. The message names table and columns."""


class Column(NamedTuple):
    """One column: its name, type and meaning (with the unit).

    An `id` is text or an integer, as it comes: a city is analysed with integers. An optional column may be absent, and
    then is absent from what is made of the table, too.
    """

    name: str
    kind: Kind
    meaning: str
    optional: bool = False


class Table(NamedTuple):
    """One table: its name, what a row is, and its columns in order."""

    name: str
    row: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """The column names in order."""
        return [column.name for column in self.columns]

    @property
    def required(self) -> list[str]:
        """The names of the columns that must be there."""
        return [column.name for column in self.columns if not column.optional]

    def frame(self, rows: Any = None) -> pd.DataFrame:
        """Make a table from rows (dicts, a frame, a dict of arrays, or nothing), typed and in column order.

        Raises:
            SchemaError: a column is missing or cannot be given its type.

        """
        frame = pd.DataFrame(rows)
        if frame.columns.empty:
            frame = pd.DataFrame(columns=self.names)
        absent = [name for name in self.required if name not in frame.columns]
        if absent:
            raise SchemaError(f"table {self.name}: no column {', '.join(absent)}; it has {', '.join(frame.columns)}")
        there = [column for column in self.columns if column.name in frame.columns]
        try:
            dtypes: Any = {column.name: _dtype(column, frame[column.name]) for column in there}
            return frame[list(dtypes)].astype(dtypes).reset_index(drop=True)
        except (TypeError, ValueError) as error:
            raise SchemaError(f"table {self.name}: {error}") from error


def _dtype(column: Column, values: pd.Series) -> str:
    if column.kind == "id":
        return "int64" if is_integer_dtype(values.dtype) else "str"
    return _DTYPES[column.kind]


_USER = Column("user_id", "id", "subject: a person as the server can tell them apart")
_LATITUDE = Column("latitude", "float", "degrees north, WGS-84")
_LONGITUDE = Column("longitude", "float", "degrees east, WGS-84")
_STARTED = Column("started_at", "time", "first moment, UTC")
_FINISHED = Column("finished_at", "time", "last moment, UTC")
_PLACE = Column("place_id", "id", "the place by its code, as scans name it; missing: none was named", True)
_LOCATION = Column("location_id", "int", "row of the locations table; -1: none")

POSITIONFIXES = Table(
    "positionfixes",
    "one position of a subject at one time, as one request disclosed it",
    (
        _USER,
        Column("tracked_at", "time", "when, by the phone's clock, UTC"),
        _LATITUDE,
        _LONGITUDE,
        Column("precision_m", "float", "half the last digit's step or the accuracy stated with it, in metres", True),
        Column("datum", "text", "what it was sent in: wgs84, gcj02, bd09, unknown", True),
        Column("request", "int", "index of the request that disclosed it", True),
        _PLACE,
        Column(
            "told_by",
            "text",
            "what told the position: position, wifi, cell, place, or at first an area; missing: nothing did",
            True,
        ),
        Column(
            "doubt",
            "text",
            "why it is not believed: position (not on the Earth), place (it is elsewhere), speed; missing: it is",
            True,
        ),
    ),
)
PLACES = Table(
    "places",
    "where a place is, by the positions that were told together with its code",
    (
        Column("place_id", "id", "the place by its code"),
        Column("latitude", "float", "degrees north, WGS-84; missing: no majority agrees, and so it is no place"),
        _LONGITUDE,
        Column("radius_m", "float", "metres that nine in ten of those who agree keep; at least their precision"),
        Column("agreeing", "float", "share of the votes that agree on it, 0 to 1; each subject has one"),
        Column("users", "int", "how many subjects told a position with it"),
        Column("fixes", "int", "in how many positionfixes"),
    ),
)
STAYPOINTS = Table(
    "staypoints",
    "a time during which the fixes stay at one place; of scans often a single moment",
    (
        _USER,
        _STARTED,
        _FINISHED,
        _LATITUDE,
        _LONGITUDE,
        Column("fixes", "int", "how many positionfixes it was made from", True),
        Column("location_id", "int", "row of the locations table; -1: none", True),
        Column("requests", "list", "indices of those requests", True),
        _PLACE,
    ),
)
LOCATIONS = Table(
    "locations",
    "a place that a subject comes back to: staypoints that lie together",
    (
        _USER,
        _LOCATION,
        _LATITUDE,
        _LONGITUDE,
        Column("staypoints", "int", "how many staypoints lie there"),
        Column("fixes", "int", "how many positionfixes"),
        Column("days", "int", "on how many local days"),
        Column("radius_m", "float", "how far the farthest staypoint is from the centre, in metres"),
    ),
)
TRIPLEGS = Table(
    "triplegs",
    "fixes on the way, between two staypoints",
    (
        _USER,
        _STARTED,
        _FINISHED,
        Column("origin_latitude", "float", "of its first position: degrees north, WGS-84"),
        Column("origin_longitude", "float", "degrees east, WGS-84"),
        Column("destination_latitude", "float", "of its last position: degrees north, WGS-84"),
        Column("destination_longitude", "float", "degrees east, WGS-84"),
        Column("fixes", "int", "how many positionfixes it was made from"),
        Column("length_m", "float", "from position to position, in metres"),
    ),
)
TRIPS = Table(
    "trips",
    "between two staypoints that follow each other at different locations",
    (
        _USER,
        _STARTED,
        _FINISHED,
        Column("origin_staypoint_id", "int", "row of the staypoints table; -1: unknown"),
        Column("destination_staypoint_id", "int", "row of the staypoints table; -1: unknown"),
        Column("distance_m", "float", "great-circle distance between the two, in metres"),
    ),
)
TOURS = Table(
    "tours",
    "trips that follow each other and come back to where they began",
    (
        _USER,
        _STARTED,
        _FINISHED,
        Column("origin_staypoint_id", "int", "row of the staypoints table"),
        Column("destination_staypoint_id", "int", "row of the staypoints table"),
        Column("location_id", "int", "row of the locations table, where it begins and ends; -1: none"),
        Column("trips", "list", "rows of the trips table"),
    ),
)
DWELL_TIMES = Table(
    "dwell_times",
    "how long a subject is expected to have been at one of its locations, from its first scan on",
    (
        _USER,
        _LOCATION,
        Column("expected_h", "float", "hours in all"),
        Column("night_h", "float", "of these, from 22:00 to 07:00"),
        Column("office_h", "float", "of these, from 09:00 to 17:00 on Monday to Friday"),
        Column(
            "share", "float", "of the time from the first scan until 36 h after the last, 0 to 1; the rest is unknown"
        ),
    ),
)
ANCHORS = Table(
    "anchors",
    "home or work of a subject, with the evidence for it; no row where it is not decidable",
    (
        _USER,
        Column("purpose", "text", "home, work, former home (before a move) or second home"),
        _LOCATION,
        _LATITUDE,
        _LONGITUDE,
        Column("share", "float", "share of the days looked at that speak for it, 0 to 1"),
        Column("days", "int", "how many days were looked at"),
        Column("because", "text", "the counts behind it, in words"),
        Column("probability", "float", "that it is the subject's home or workplace, 0 to 1"),
        Column("since", "time", "first visit there (after a move: since it), UTC"),
        Column("until", "time", "last visit there (before a move: until it), UTC"),
        Column("requests", "list", "indices of the requests that speak for it", True),
    ),
)
QUERIES = Table(
    "queries",
    "a question: where was the subject at that time",
    (_USER, Column("at", "time", "when, UTC")),
)
PRESENCE = Table(
    "presence",
    "a place where a subject may have been at a time; the rows of a subject and time sum to one",
    (
        _USER,
        Column("at", "time", "when, UTC"),
        Column("latitude", "float", "degrees north, WGS-84; missing: anywhere else"),
        Column("longitude", "float", "degrees east, WGS-84; missing: anywhere else"),
        Column("probability", "float", "that the subject was there, 0 to 1"),
    ),
)
UNICITY = Table(
    "unicity",
    "how many people are singled out by so many points of their trails",
    (
        Column("points", "int", "how many points are known of each person"),
        Column("people", "int", "how many people were looked at"),
        Column("left_out", "int", "how many have fewer points"),
        Column("share", "float", "share of the people whom nobody else shares all of them with, 0 to 1"),
        Column("low", "float", "lower bound of the share"),
        Column("high", "float", "upper bound of the share"),
    ),
)
ANONYMITY = Table(
    "anonymity",
    "how many people a subject's home and work could be those of, the subject among them",
    (
        _USER,
        Column("home_k", "int", "who have the same home"),
        Column("work_k", "int", "who have the same work"),
        Column("both_k", "int", "who have both"),
    ),
)
PREDICTABILITY = Table(
    "predictability",
    "how regular a subject's sequence of locations is",
    (
        _USER,
        Column("staypoints", "int", "length of the sequence"),
        Column("places", "int", "how many locations there are in it"),
        Column("random_bits", "float", "entropy if all were as frequent, in bits"),
        Column("uncorrelated_bits", "float", "entropy of their frequencies, in bits"),
        Column("real_bits", "float", "entropy of their order, in bits, as estimated"),
        Column("bound", "float", "share of the next locations that can be foretold at best, 0 to 1"),
    ),
)
OBSERVATIONS = Table(
    "observations",
    "where and when somebody was seen, as is known from elsewhere",
    (
        Column("person", "id", "who was seen: rows of one person belong together"),
        Column("tracked_at", "time", "when, UTC"),
        Column("latitude", "float", "degrees north, WGS-84", True),
        Column("longitude", "float", "degrees east, WGS-84", True),
        _PLACE,
    ),
)
SUSPECTS = Table(
    "suspects",
    "a subject who may be the person that was seen",
    (
        Column("person", "id", "who was seen"),
        Column("rank", "int", "1: the most probable"),
        _USER,
        Column("probability", "float", "that it is this subject, 0 to 1"),
    ),
)
MEETINGS = Table(
    "meetings",
    "two subjects at one location at once, or all their meetings of a day",
    (
        Column("user_id", "id", "the one subject: the smaller id"),
        Column("other_id", "id", "the other subject"),
        Column("started_at", "time", "first moment for which both are expected there, UTC"),
        Column("finished_at", "time", "last moment for which both are expected there, UTC"),
        Column("duration_s", "float", "time together, in seconds"),
        Column("probability", "float", "that they were there at once, 0 to 1"),
        Column("latitude", "float", "degrees north, WGS-84; missing: the place has a code alone"),
        Column("longitude", "float", "degrees east, WGS-84"),
        Column("place_id", "text", "the place by its code, if both name it", True),
        Column("staypoint_id", "int", "row of the staypoints table: the one subject's", True),
        Column("other_staypoint_id", "int", "row of the staypoints table: the other subject's", True),
        Column("meetings", "int", "how many meetings the row sums up", True),
    ),
)
LINKS = Table(
    "links",
    "two subjects who are probably one person, whose identifier was changed; by behaviour alone",
    (
        Column("predecessor", "id", "the subject that ends"),
        Column("successor", "id", "the subject that begins afterwards"),
        Column("probability", "float", "that it is the same person, 0 to 1"),
        Column("because", "text", "what they have in common, in words"),
    ),
)
TABLES = (
    *(POSITIONFIXES, PLACES, STAYPOINTS, LOCATIONS, TRIPLEGS, TRIPS, TOURS, DWELL_TIMES, ANCHORS, QUERIES, PRESENCE),
    *(UNICITY, ANONYMITY, PREDICTABILITY, OBSERVATIONS, SUSPECTS, MEETINGS, LINKS),
)
