"""Meetings over parts: who was where, in the order of places (or areas) and days, and who met within each.

The rule is that of `scantrail.mobility.meetings`, but people are taken to stay for an hour after a scan, on the mean:
of a city, meetings by longer times are more than anybody looks at. Rows go to all partitions in which they may make a
pair (`meeting_keys`), and each pair is found by one of them.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scantrail.mobility.meetings import Bounds, Stay, bounds, meet, meeting_keys, presences
from scantrail.mobility.pairs import Presences
from scantrail.schema import MEETINGS

_RULE = Stay(after_s=3_600.0, before_s=300.0, least=0.5)
_DISTANCE_M = 100.0
_COLUMNS = ["user_id", "started_at", "finished_at", "latitude", "longitude", "place_id"]


def visits(staypoints: pd.DataFrame) -> pd.DataFrame:
    """The staypoints, each as often as it has partitions.

    Args:
        staypoints: by `schema.STAYPOINTS`, all those of some people.

    Returns:
        Their columns of who, when and where; `came_us` and `left_us`, until and from when the subject was elsewhere;
        and `key`, the partition. Nothing in it depends on whose staypoints were handed over together.

    """
    seen = _presences(staypoints)
    limits = bounds(seen, distance_m=_DISTANCE_M)
    row, key = meeting_keys(seen, distance_m=_DISTANCE_M, reach_us=_RULE.reach_us)
    there = staypoints[[name for name in _COLUMNS if name in staypoints]]
    return there.assign(came_us=limits.came_us, left_us=limits.left_us).take(row).assign(key=key)


def met(seen_at: pd.DataFrame) -> pd.DataFrame:
    """The meetings within some partitions: rows by `schema.MEETINGS`, in no particular order, without row numbers."""
    seen = _presences(seen_at)
    limits = Bounds(seen_at["came_us"].to_numpy(), seen_at["left_us"].to_numpy())
    found = meet(seen, limits, _RULE, distance_m=_DISTANCE_M, partition=seen_at["key"].to_numpy())
    first, second = (seen_at.take(rows).reset_index(drop=True) for rows in (found.first, found.second))
    located = first["latitude"].notna()
    columns = {
        "user_id": first["user_id"],
        "other_id": second["user_id"],
        "started_at": pd.to_datetime(found.started_us, unit="us", utc=True),
        "finished_at": pd.to_datetime(found.finished_us, unit="us", utc=True),
        "duration_s": (found.finished_us - found.started_us) / 1e6,
        "probability": found.probability,
        "latitude": first["latitude"].where(located, second["latitude"]),
        "longitude": first["longitude"].where(located, second["longitude"]),
    }
    if "place_id" in seen_at:
        columns["place_id"] = first["place_id"].where(first["place_id"] == second["place_id"])
    return MEETINGS.frame(columns)


def _presences(staypoints: pd.DataFrame) -> Presences:
    """As `meetings.presences`, but a place has the same number everywhere, since parts must agree on it: a hash."""
    seen = presences(staypoints)
    if "place_id" not in staypoints:
        return seen
    return seen._replace(place=np.where(seen.place >= 0, _hashed(staypoints["place_id"]), -1))


def _hashed(text: pd.Series) -> NDArray[np.int64]:
    """Numbers of 62 bits: of ten million places, two share one with a probability of 1 in 90,000."""
    return np.asarray((pd.util.hash_array(text.to_numpy(dtype=object)) >> np.uint64(2)).astype(np.int64))
