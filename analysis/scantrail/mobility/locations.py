"""Locations: the places that a subject comes back to."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scantrail import geo
from scantrail.mobility.days import Zone, by_day
from scantrail.schema import LOCATIONS, STAYPOINTS


def locations(staypoints: pd.DataFrame, *, radius_m: float = 100.0, tz: Zone) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put the staypoints of each subject that lie together into locations.

    Staypoints are together if a chain of them links them with steps of at most `radius_m`: DBSCAN (Ester et al. 1996)
    on the sphere with one staypoint as the least, so that a place seen once is a location too.

    Args:
        staypoints: by `schema.STAYPOINTS`, rows in any order.
        radius_m: the longest step, in metres.
        tz: the zone in which days are counted.

    Returns:
        The staypoints, in their order, with `location_id`; and the locations by `schema.LOCATIONS`, in the order of
        subject and first visit. A location's position is the mean of its staypoints, weighted by their fixes.

    Raises:
        SchemaError: not a table of staypoints.

    """
    stays = STAYPOINTS.frame(staypoints)
    stays["location_id"] = _clusters(stays, radius_m)
    return stays, _describe(stays, tz)


def _clusters(stays: pd.DataFrame, radius_m: float) -> NDArray[np.int64]:
    """The location of each staypoint, numbered by subject and first visit."""
    ids = np.full(len(stays), -1)
    ordered = stays.sort_values(["user_id", "started_at", "finished_at", "latitude", "longitude"])
    found = 0
    for _, mine in ordered.groupby("user_id"):
        labels = _together(mine["latitude"].to_numpy(), mine["longitude"].to_numpy(), radius_m)
        ids[mine.index] = found + labels
        found += int(labels.max()) + 1
    return ids


def _together(latitude: geo.Array, longitude: geo.Array, radius_m: float) -> NDArray[np.int64]:
    """Cluster labels from 0, in the order of their first point."""
    from sklearn.cluster import DBSCAN  # takes a second to import; most commands never come here

    # haversine wants latitude first, in radians: the other order is another place on another sphere
    radians = np.radians(np.column_stack([latitude, longitude]))
    eps = radius_m / geo.EARTH_RADIUS_M
    model = DBSCAN(eps=eps, min_samples=1, metric="haversine", algorithm="ball_tree")
    return np.asarray(model.fit_predict(radians), dtype=np.int64)


def _describe(stays: pd.DataFrame, tz: Zone) -> pd.DataFrame:
    """One row for each location."""
    ids = stays["location_id"].to_numpy()
    latitude, longitude = geo.centres(stays["latitude"], stays["longitude"], ids, stays["fixes"])
    away_m = geo.distance_m(stays["latitude"], stays["longitude"], latitude[ids], longitude[ids])
    by_location = stays.assign(away_m=away_m).groupby("location_id")
    return LOCATIONS.frame(
        {
            "user_id": by_location["user_id"].first(),
            "location_id": np.arange(len(latitude)),
            "latitude": latitude,
            "longitude": longitude,
            "staypoints": by_location.size(),
            "fixes": by_location["fixes"].sum(),
            "days": _days(stays, tz),
            "radius_m": by_location["away_m"].max(),
        }
    )


def _days(stays: pd.DataFrame, tz: Zone) -> pd.Series:
    """On how many local days each location was visited."""
    days = by_day(stays, tz)
    return days["day"].groupby(stays["location_id"].to_numpy()[days["staypoint_id"]]).nunique()
