"""Staypoints: when the fixes stay at one place."""

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scantrail import geo
from scantrail.schema import POSITIONFIXES, STAYPOINTS

_ORDER = ["user_id", "tracked_at", "request", "latitude", "longitude"]  # total, so that the order of rows is no input


def staypoints(
    positionfixes: pd.DataFrame, *, distance_m: float = 200.0, gap: timedelta = timedelta(hours=12)
) -> pd.DataFrame:
    """Find the staypoints of scans: maximal runs of fixes that stay near the first fix of the run.

    The method is the sliding one of Li et al. 2008 (*Mining user similarity based on location history*), as trackintel
    has it: the run's first fix is the anchor, and a fix that is `distance_m` away from it, or farther, begins the next
    run. It departs from the paper in two ways, because a scan claims presence at one moment and nobody knows what lies
    between two scans:

    - There is no least duration. One scan at a gate is a staypoint of no duration, which a threshold would drop.
    - A staypoint finishes at the last fix inside, not at the first fix outside. The time between them belongs partly to
      the way, and is left to who interprets it (`home_and_work` does).

    Args:
        positionfixes: by `schema.POSITIONFIXES`, rows in any order.
        distance_m: how far from the anchor is elsewhere, in metres.
        gap: a longer time without a fix begins a new staypoint even at the same place.

    Returns:
        A table by `schema.STAYPOINTS`, ordered by subject and time, without locations (`location_id` -1). Each fix is
        in exactly one of them; the position is the mean of the distinct ones among its fixes.

    Raises:
        SchemaError: not a table of positionfixes.

    """
    fixes = POSITIONFIXES.frame(positionfixes).sort_values(_ORDER, ignore_index=True)
    points = geo.unit_vectors(fixes["latitude"], fixes["longitude"])
    starts = _starts(_cuts(fixes, gap), points, geo.chord(distance_m))
    stay = np.cumsum(starts) - 1
    bounds = np.append(np.flatnonzero(starts), len(fixes))
    first, last = bounds[:-1], bounds[1:] - 1
    latitude, longitude = _centroids(fixes, stay)
    requests = fixes["request"].tolist()
    return STAYPOINTS.frame(
        {
            "user_id": fixes["user_id"].to_numpy()[first],
            "started_at": fixes["tracked_at"].array[first],
            "finished_at": fixes["tracked_at"].array[last],
            "latitude": latitude,
            "longitude": longitude,
            "fixes": np.diff(bounds),
            "location_id": np.full(len(first), -1),
            "requests": [requests[start:end] for start, end in pairwise(bounds.tolist())],
        }
    )


def _cuts(fixes: pd.DataFrame, gap: timedelta) -> NDArray[np.bool_]:
    """Where a staypoint begins whatever the distance: at a new subject and after a gap."""
    return ((fixes["user_id"] != fixes["user_id"].shift()) | (fixes["tracked_at"].diff() > gap)).to_numpy(dtype=bool)


def _starts(cuts: NDArray[np.bool_], points: geo.Array, chord: float) -> NDArray[np.bool_]:
    """Where runs begin: at the cuts, and where a point is `chord` or more from the first one of its run."""
    starts = cuts.copy()
    limit = chord**2
    anchor_x = anchor_y = anchor_z = 0.0
    for row, (cut, x, y, z) in enumerate(zip(cuts.tolist(), *points.T.tolist(), strict=True)):
        if cut or (x - anchor_x) ** 2 + (y - anchor_y) ** 2 + (z - anchor_z) ** 2 >= limit:
            starts[row] = True
            anchor_x, anchor_y, anchor_z = x, y, z
    return starts


def _centroids(fixes: pd.DataFrame, stay: NDArray[np.intp]) -> tuple[geo.Array, geo.Array]:
    """The mean of the distinct positions in each staypoint: a position that is sent twice is no better known."""
    distinct = fixes[["latitude", "longitude"]].assign(stay=stay).drop_duplicates()
    return geo.centres(distinct["latitude"], distinct["longitude"], distinct["stay"].to_numpy())
