"""Staypoints: when the fixes stay at one place."""

from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pandas.api.extensions import take

from scantrail import geo
from scantrail.mobility.days import microseconds
from scantrail.mobility.points import as_numbers
from scantrail.mobility.runs import Ints, Runs, centroids, in_order, runs
from scantrail.schema import POSITIONFIXES, STAYPOINTS, SchemaError

_NO_COLUMN = np.empty(0, np.int64)


def staypoints(
    positionfixes: pd.DataFrame,
    *,
    distance_m: float = 200.0,
    gap: timedelta = timedelta(hours=12),
    duration: timedelta | None = None,
    include_last: bool = False,
) -> pd.DataFrame:
    """Find the staypoints: runs of fixes that stay near the first fix of the run.

    The method is the sliding one of Li et al. 2008 (*Mining user similarity based on location history*), as trackintel
    has it: the run's first fix is the anchor, and a fix that is `distance_m` away from it, or farther, begins the next
    run. With a `duration`, the rows are those of trackintel's `generate_staypoints`: a staypoint takes at least so
    long, and finishes at the first fix outside; a run that a gap ends, or the end of the data, is none.

    Without a `duration`, the method departs from the paper in two ways, because a scan claims presence at one moment
    and nobody knows what lies between two scans:

    - There is no least duration. One scan at a gate is a staypoint of no duration, which a threshold would drop.
    - A staypoint finishes at the last fix inside, not at the first fix outside. The time between them belongs partly to
      the way, and is left to who interprets it (`home_and_work` does).

    Fixes that name different places (`place_id`) never share a staypoint, however near. A fix without a position stays
    at the place that it names.

    Args:
        positionfixes: by `schema.POSITIONFIXES`, rows in any order; in the order of person and time none is moved.
        distance_m: how far from the anchor is elsewhere, in metres.
        gap: a longer time without a fix begins a new staypoint even at the same place.
        duration: the least time that a staypoint takes; None for scans.
        include_last: with a `duration`, also take the run at the end of a person's data, to its last fix.

    Returns:
        A table by `schema.STAYPOINTS`, ordered by subject and time, without locations (`location_id` -1). Each fix is
        in at most one of them, and without a `duration` in exactly one; the position is the mean of the distinct ones
        among its fixes.

    Raises:
        SchemaError: not a table of positionfixes, or a row with neither a position nor a place.

    """
    fixes = POSITIONFIXES.frame(positionfixes)
    columns, places = columns_of(fixes)
    order = order_of(fixes, columns)
    if order is not None:
        columns = columns.in_order(order)
    found = runs(*columns, distance_m=distance_m, gap_us=microseconds(gap))
    finished = found.end - 1
    if duration is not None:
        found = _lasting(found, columns, microseconds(duration), include_last=include_last)
        finished = np.where(found.left, found.end, found.end - 1)
    latitude, longitude = centroids(found.first, found.end, columns.latitude, columns.longitude)
    row = slice(None) if order is None else order
    user_id, tracked_at = (fixes[name].array[row] for name in ("user_id", "tracked_at"))
    stays: dict[str, Any] = {
        "user_id": user_id[found.first],
        "started_at": tracked_at[found.first],
        "finished_at": tracked_at[finished],
        "latitude": latitude,
        "longitude": longitude,
        "fixes": found.end - found.first,
        "location_id": np.full(len(latitude), -1),
    }
    if "request" in fixes:
        requests = fixes["request"].to_numpy()[row].tolist()
        stays["requests"] = [requests[a:b] for a, b in zip(found.first.tolist(), found.end.tolist(), strict=True)]
    if "place_id" in fixes:
        stays["place_id"] = take(places, found.place, allow_fill=True)
    return STAYPOINTS.frame(stays)


class Columns(NamedTuple):
    """What `runs` takes."""

    user: Ints
    time_us: Ints
    latitude: geo.Array
    longitude: geo.Array
    place: Ints

    def in_order(self, order: Ints) -> "Columns":
        """The rows in that order."""
        user, time_us, latitude, longitude, place = self
        ordered = place[order] if len(place) else place
        return Columns(user[order], time_us[order], latitude[order], longitude[order], ordered)


def order_of(fixes: pd.DataFrame, columns: Columns) -> Ints | None:
    """Where each row comes from in a total order, so that the order of rows is no input; None if they are in it."""
    user, time_us, latitude, longitude, _ = columns
    request = fixes["request"].to_numpy() if "request" in fixes else np.zeros(1, np.int64)
    keys = (longitude, latitude, np.broadcast_to(request, user.shape), time_us, user)
    sorted_, tied = in_order(user, time_us)
    if not sorted_:
        return np.lexsort(keys)
    if not tied:
        return None
    again = (np.diff(user) == 0) & (np.diff(time_us) == 0)
    rows = np.flatnonzero(np.append(again, False) | np.append(False, again))
    order = np.arange(len(user))
    order[rows] = rows[np.lexsort([key[rows] for key in keys])]
    return order


def columns_of(fixes: pd.DataFrame) -> tuple[Columns, pd.Index]:
    """What kernels read of positionfixes, people and places numbered in the order of their ids; and the places' ids.

    Raises:
        SchemaError: a row has neither a position nor a place.

    """
    user, time_us = as_numbers(fixes["user_id"]), pd.DatetimeIndex(fixes["tracked_at"]).asi8
    latitude, longitude = fixes["latitude"].to_numpy(), fixes["longitude"].to_numpy()
    place, places = _NO_COLUMN, pd.Index([])
    if "place_id" in fixes:
        place, places = pd.factorize(fixes["place_id"], sort=True)
    somewhere = np.isfinite(latitude) & np.isfinite(longitude)
    if not somewhere.all():
        nowhere = ~somewhere & ((place < 0) if len(place) else True)
        if nowhere.any():
            row = fixes.index[nowhere][0]
            raise SchemaError(f"table positionfixes: row {row} has neither a position nor a place")
        latitude, longitude = (np.where(somewhere, values, np.nan) for values in (latitude, longitude))
    return Columns(user, time_us, latitude, longitude, place), places


def _lasting(found: Runs, columns: Columns, duration_us: int, *, include_last: bool) -> Runs:
    """The runs that the person left, or the last ones, if they take so long."""
    users, rows = columns.user, len(columns.user)
    until = np.where(found.left, found.end, found.end - 1)
    lasts = columns.time_us[until] - columns.time_us[found.first] >= duration_us
    taken = found.left
    if include_last:
        taken = taken | (found.end == rows) | (users[np.minimum(found.end, rows - 1)] != users[found.first])
    return found.only(lasts & taken)
