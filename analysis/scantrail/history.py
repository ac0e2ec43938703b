"""A location history: what a server could infer from the positions it was sent, composed stage by stage."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from scantrail import notebook
from scantrail.mobility import dwell_times, home_and_work, locations, meetings, staypoints, trips
from scantrail.mobility.days import Zone
from scantrail.mobility.remote import believe, believed


@dataclass(frozen=True)
class History:
    """The tables of `scantrail.schema`, for all subjects; `tz` is the zone in which days and hours were meant."""

    positionfixes: pd.DataFrame
    places: pd.DataFrame
    staypoints: pd.DataFrame
    locations: pd.DataFrame
    trips: pd.DataFrame
    dwell_times: pd.DataFrame
    anchors: pd.DataFrame
    tz: Zone

    @cached_property
    def believed(self) -> pd.DataFrame:
        """The positionfixes that nothing speaks against: what all else is made from."""
        return believed(self.positionfixes)

    @cached_property
    def meetings(self) -> pd.DataFrame:
        """Who was where at once, of all pairs of subjects."""
        return meetings(self.staypoints)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables about each subject by name, in the order in which they are made."""
        names = ("positionfixes", "places", "staypoints", "locations", "trips", "dwell_times", "anchors")
        return {name: getattr(self, name) for name in names}

    def _repr_html_(self) -> str:
        rows = [(name, len(table), _subjects(table), *_times(table)) for name, table in self.tables.items()]
        columns = ("table", "rows", "subjects", "from (UTC)", "until (UTC)")
        return notebook.page("Location history", notebook.table(columns, rows), notebook.paragraph(f"zone: {self.tz}"))


def _subjects(table: pd.DataFrame) -> object:
    return table["user_id"].nunique() if "user_id" in table else ""


def _times(table: pd.DataFrame) -> tuple[str, str]:
    """The first and last moment in a table; nothing if it has none."""
    times = table.select_dtypes("datetimetz")
    if table.empty or times.empty:
        return "", ""
    return f"{times.min().min():%Y-%m-%d %H:%M}", f"{times.max().max():%Y-%m-%d %H:%M}"


def reconstruct(positionfixes: pd.DataFrame, *, tz: Zone, places: pd.DataFrame | None = None) -> History:
    """Infer a history from positionfixes.

    Args:
        positionfixes: by `schema.POSITIONFIXES`.
        tz: the zone in which the people live.
        places: where places are, by `schema.PLACES`; by default that is found from the same fixes.

    Raises:
        SchemaError: not a table of positionfixes.

    """
    fixes, located = believe(positionfixes, places)
    stays, visited = locations(staypoints(believed(fixes)), tz=tz)
    return History(
        positionfixes=fixes,
        places=located,
        staypoints=stays,
        locations=visited,
        trips=trips(stays),
        dwell_times=dwell_times(stays, tz=tz),
        anchors=home_and_work(stays, visited, tz=tz),
        tz=tz,
    )
