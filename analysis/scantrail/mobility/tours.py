"""Tours: trips that come back to where they began."""

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from numba import njit

from scantrail.mobility.days import microseconds
from scantrail.mobility.points import as_numbers
from scantrail.mobility.trips import UNKNOWN, locations_of
from scantrail.schema import STAYPOINTS, TOURS, TRIPS, SchemaError


def tours(trips: pd.DataFrame, staypoints: pd.DataFrame, *, longest: timedelta = timedelta(days=1)) -> pd.DataFrame:
    """Find the tours: trips of a subject, each from the location where the one before ended, that close a circle.

    They are those of trackintel's `generate_tours` with locations and without gaps. A trip closes one tour at most, the
    shortest; tours lie within each other, or overlap. What trackintel has by chance is kept: a trip that does not begin
    where the one before ended is no tour by itself, even if it comes back to its own origin.

    Args:
        trips: by `schema.TRIPS`, rows in any order.
        staypoints: by `schema.STAYPOINTS`, with locations; those that the trips name by row. One without a location is
            a place of its own.
        longest: the longest time that a tour takes.

    Returns:
        A table by `schema.TOURS`, ordered by subject and time of return.

    Raises:
        SchemaError: not such tables, or a trip from or to no row of the staypoints.

    """
    ways, stays = TRIPS.frame(trips), STAYPOINTS.frame(staypoints)
    ends = ["origin_staypoint_id", "destination_staypoint_id"]
    farthest = int(ways[ends].to_numpy().max(initial=UNKNOWN))
    if farthest >= len(stays):
        raise SchemaError(f"table trips: staypoint {farthest} is no row of the staypoints")
    location = locations_of(stays)
    place = np.append(np.where(location >= 0, location, UNKNOWN - 1 - np.arange(len(stays))), UNKNOWN)
    user = as_numbers(ways["user_id"])
    started, finished = (pd.DatetimeIndex(ways[name]).asi8 for name in ("started_at", "finished_at"))
    origin, destination = (place[ways[name].to_numpy()] for name in ends)
    order = np.lexsort((finished, started, user))
    first, last = _circles(
        *(user[order], started[order], finished[order], origin[order], destination[order]), microseconds(longest)
    )
    start, end = order[first], order[last]
    rows = order.tolist()
    return TOURS.frame(
        {
            "user_id": ways["user_id"].array[start],
            "started_at": ways["started_at"].array[start],
            "finished_at": ways["finished_at"].array[end],
            "origin_staypoint_id": ways["origin_staypoint_id"].array[start],
            "destination_staypoint_id": ways["destination_staypoint_id"].array[end],
            "location_id": np.maximum(origin[start], UNKNOWN),
            "trips": [rows[a : b + 1] for a, b in zip(first.tolist(), last.tolist(), strict=True)],
        }
    )


@njit(cache=True)
def _circles(user: Any, started: Any, finished: Any, origin: Any, destination: Any, longest_us: int) -> tuple[Any, Any]:
    """Rows of the first and last trip of each tour; rows are in the order of person and time."""
    first, last = np.empty(len(user), np.int64), np.empty(len(user), np.int64)
    count = 0
    earliest = 0  # the first trip with which a tour may still begin
    for row in range(len(user)):
        if row == 0 or user[row] != user[row - 1]:
            earliest = row
        elif origin[row] == UNKNOWN or origin[row] != destination[row - 1]:
            earliest = row
            continue
        if destination[row] == UNKNOWN:
            continue
        for start in range(row, earliest - 1, -1):
            if finished[row] - started[start] > longest_us:
                earliest = start
                break
            if origin[start] == destination[row]:
                first[count], last[count] = start, row
                count += 1
                break
    return first[:count].copy(), last[:count].copy()
