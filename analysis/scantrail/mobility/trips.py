"""Trips: from one place to the next."""

from datetime import timedelta

import numpy as np
import pandas as pd

from scantrail import geo
from scantrail.mobility.days import microseconds
from scantrail.mobility.points import as_numbers
from scantrail.mobility.runs import Ints
from scantrail.schema import STAYPOINTS, TRIPLEGS, TRIPS

UNKNOWN = -1  # staypoint or location


def trips(
    staypoints: pd.DataFrame,
    triplegs: pd.DataFrame | None = None,
    *,
    gap: timedelta = timedelta(minutes=15),
    activity: timedelta = timedelta(minutes=15),
) -> pd.DataFrame:
    """Find the trips of each subject.

    Without triplegs, there is one between any two staypoints that follow each other at different locations. It lies
    somewhere in the time from the last fix at its origin to the first fix at its destination; with scans, most of that
    time may have been spent at either.

    With triplegs, the trips are those of trackintel's `generate_trips`: the triplegs between two activities, and the
    shorter staypoints between them, such as a wait. Where nothing is known for longer than `gap`, a trip ends, and what
    follows begins another; its origin or destination there is unknown.

    Args:
        staypoints: by `schema.STAYPOINTS`, rows in any order. One without a location is a place of its own.
        triplegs: by `schema.TRIPLEGS`, rows in any order, as `triplegs` finds them between these staypoints.
        gap: with triplegs, the longest time within a trip of which nothing is known.
        activity: with triplegs, a longer staypoint is an activity.

    Returns:
        A table by `schema.TRIPS`, ordered by subject and time. Its distance is between the two staypoints; where one is
        unknown, the end of the triplegs stands for it.

    Raises:
        SchemaError: not such tables.

    """
    stays = STAYPOINTS.frame(staypoints)
    if triplegs is None:
        return _between_locations(stays)
    return _along(stays, TRIPLEGS.frame(triplegs), microseconds(gap), microseconds(activity))


def _between_locations(stays: pd.DataFrame) -> pd.DataFrame:
    location = locations_of(stays)
    user, (started, finished) = as_numbers(stays["user_id"]), _times(stays)
    order = np.lexsort((location, stays["longitude"], stays["latitude"], finished, started, user))
    before, after = order[:-1], order[1:]
    leaves = (user[before] == user[after]) & ((location[before] != location[after]) | (location[before] == UNKNOWN))
    origin, destination = before[leaves], after[leaves]
    position = stays[["latitude", "longitude"]].to_numpy()
    return TRIPS.frame(
        {
            "user_id": stays["user_id"].array[origin],
            "started_at": stays["finished_at"].array[origin],
            "finished_at": stays["started_at"].array[destination],
            "origin_staypoint_id": origin,
            "destination_staypoint_id": destination,
            "distance_m": geo.distance_m(*position[origin].T, *position[destination].T),
        }
    )


def _along(stays: pd.DataFrame, legs: pd.DataFrame, gap_us: int, activity_us: int) -> pd.DataFrame:
    """Group what lies between activities: rows of staypoints and triplegs in the order of subject and time."""
    user = as_numbers(pd.concat([stays["user_id"], legs["user_id"]], ignore_index=True))
    started, finished = _times(stays, legs)
    row = np.append(np.arange(len(stays)), np.arange(len(legs)))
    leg = np.arange(len(row)) >= len(stays)
    order = np.lexsort((row, leg, finished, started, user))
    user, started, finished, row = (column[order] for column in (user, started, finished, row))
    leg = leg[order]
    stops = ~leg & (finished - started > activity_us)
    lost = np.ones(len(order) + 1, np.bool_)  # from sight, between a row and the one before
    lost[1:-1] = (user[1:] != user[:-1]) | (started[1:] - finished[:-1] > gap_us)
    begins = ~stops & (lost[:-1] | np.roll(stops, 1))
    ends = ~stops & (lost[1:] | np.roll(stops, -1))

    moves, first_leg = np.unique(np.cumsum(begins)[leg] - 1, return_index=True)  # what has no tripleg is no trip
    last_leg = np.append(first_leg[1:], np.count_nonzero(leg))[: len(moves)] - 1
    first, last, leg_id = np.flatnonzero(begins)[moves], np.flatnonzero(ends)[moves], row[leg]
    beside = np.append(row, UNKNOWN)
    origin = np.where(lost[first], UNKNOWN, beside[first - 1])
    destination = np.where(lost[last + 1], UNKNOWN, beside[last + 1])
    start = _ends(stays, origin, legs, leg_id[first_leg], "origin")
    end = _ends(stays, destination, legs, leg_id[last_leg], "destination")
    return TRIPS.frame(
        {
            "user_id": legs["user_id"].array[leg_id[first_leg]],
            "started_at": pd.to_datetime(started[first], unit="us", utc=True),
            "finished_at": pd.to_datetime(finished[last], unit="us", utc=True),
            "origin_staypoint_id": origin,
            "destination_staypoint_id": destination,
            "distance_m": geo.distance_m(*start, *end),
        }
    )


def _ends(stays: pd.DataFrame, stay: Ints, legs: pd.DataFrame, leg: Ints, end: str) -> list[geo.Array]:
    """Latitudes and longitudes of staypoints, or of triplegs where they are unknown."""
    found = []
    for name in ("latitude", "longitude"):
        values = np.append(stays[name].to_numpy(), np.nan)[stay]
        found.append(np.where(np.isnan(values), legs[f"{end}_{name}"].to_numpy()[leg], values))
    return found


def locations_of(stays: pd.DataFrame) -> Ints:
    """The location of each staypoint, -1 for none."""
    return stays["location_id"].to_numpy() if "location_id" in stays else np.full(len(stays), UNKNOWN)


def _times(*tables: pd.DataFrame) -> tuple[Ints, Ints]:
    """When the rows of the tables start and finish, in microseconds."""
    started, finished = (
        np.concatenate([pd.DatetimeIndex(table[name]).asi8 for table in tables])
        for name in ("started_at", "finished_at")
    )
    return started, finished
