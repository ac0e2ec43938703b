"""What is said of one person: by the inference, and naively from the same scans, so that both are measured alike."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from scantrail import geo
from scantrail.mobility import locate
from scantrail.scoring.case import Case
from scantrail.scoring.encounters import Met
from scantrail.scoring.truth import Point, microseconds

type Positions = tuple[geo.Array, geo.Array]
"""Latitudes and longitudes, degrees WGS-84; NaN where nothing is said."""
NIGHT_H, OFFICE_H = (22, 7), (9, 17)  # the hours of the usual rules, local: at home from, to; at work from, to


class Answer(NamedTuple):
    """Home and work (None: not decidable), places (`latitude`, `longitude`), people met, and where at given times."""

    home: Point | None
    work: Point | None
    places: pd.DataFrame
    met: Met
    at: Callable[[pd.DatetimeIndex], Positions]


def inferred(case: Case) -> Answer:
    """What the history says."""
    anchors = case.table("anchors").dropna(subset=["latitude", "longitude"]).set_index("purpose")
    home, work = (
        Point(*anchors.loc[purpose, ["latitude", "longitude"]]) if purpose in anchors.index else None
        for purpose in ("home", "work")
    )

    def at(hours: pd.DatetimeIndex) -> Positions:
        queries = pd.DataFrame({"user_id": case.subjects[0], "at": hours})
        found = locate(case.scene.history.believed, queries, case.scene.history.tz)
        return found["latitude"].to_numpy(), found["longitude"].to_numpy()

    met = case.scene.inferred.get(case.person.user_id, frozenset())
    return Answer(home, work, case.table("locations"), met, at)


def naive(case: Case) -> Answer:
    """What anybody would say at first: each scan is a place, and one is where one was last seen.

    Home is the location that was scanned most between 22:00 and 07:00, or else at all; work the one scanned most on
    weekdays from 09:00 to 17:00. Two scans at one location within half an hour are a meeting.
    """
    stays = case.table("staypoints")
    local = stays["started_at"].dt.tz_convert(case.scene.history.tz)
    night = (local.dt.hour >= NIGHT_H[0]) | (local.dt.hour < NIGHT_H[1])
    office = (local.dt.day_of_week < 5) & local.dt.hour.between(OFFICE_H[0], OFFICE_H[1] - 1)
    fixes = case.fixes

    def at(hours: pd.DatetimeIndex) -> Positions:
        last = np.searchsorted(microseconds(fixes["tracked_at"]), microseconds(hours), side="right") - 1
        seen = fixes.iloc[last]
        return seen["latitude"].to_numpy(), seen["longitude"].to_numpy()

    home = _most_scanned(case, stays[night] if night.any() else stays)
    met = case.scene.coincided.get(case.person.user_id, frozenset())
    return Answer(home, _most_scanned(case, stays[office]), fixes, met, at)


def _most_scanned(case: Case, stays: pd.DataFrame) -> Point | None:
    """The location with most fixes in these staypoints."""
    if stays.empty:
        return None
    best = stays.groupby("location_id")["fixes"].sum().idxmax()
    places = case.table("locations")
    return Point(*places.loc[places["location_id"] == best, ["latitude", "longitude"]].iloc[0])
