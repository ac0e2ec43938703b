"""A location history: what a server could infer from the positions it was sent, composed stage by stage."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from scantrail.mobility import dwell_times, home_and_work, locations, meetings, staypoints, trips
from scantrail.mobility.days import Zone


@dataclass(frozen=True)
class History:
    """The tables of `scantrail.schema`, for all subjects; `tz` is the zone in which days and hours were meant."""

    positionfixes: pd.DataFrame
    staypoints: pd.DataFrame
    locations: pd.DataFrame
    trips: pd.DataFrame
    dwell_times: pd.DataFrame
    anchors: pd.DataFrame
    tz: Zone

    @cached_property
    def meetings(self) -> pd.DataFrame:
        """Who was where at once, of all pairs of subjects."""
        return meetings(self.staypoints)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables about each subject by name, in the order in which they are made."""
        names = ("positionfixes", "staypoints", "locations", "trips", "dwell_times", "anchors")
        return {name: getattr(self, name) for name in names}


def reconstruct(positionfixes: pd.DataFrame, *, tz: Zone) -> History:
    """Infer a history from positionfixes.

    Args:
        positionfixes: by `schema.POSITIONFIXES`.
        tz: the zone in which the people live.

    Raises:
        SchemaError: not a table of positionfixes.

    """
    stays, places = locations(staypoints(positionfixes), tz=tz)
    return History(
        positionfixes=positionfixes,
        staypoints=stays,
        locations=places,
        trips=trips(stays),
        dwell_times=dwell_times(stays, tz=tz),
        anchors=home_and_work(stays, places, tz=tz),
        tz=tz,
    )
