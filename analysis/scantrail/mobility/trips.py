"""Trips: from one place to the next."""

import pandas as pd

from scantrail import geo
from scantrail.schema import STAYPOINTS, TRIPS


def trips(staypoints: pd.DataFrame) -> pd.DataFrame:
    """Find the trips: one between any two staypoints of a subject that follow each other at different locations.

    A trip lies somewhere in the time from the last fix at its origin to the first fix at its destination; with scans,
    most of that time may have been spent at either.

    Args:
        staypoints: by `schema.STAYPOINTS`, rows in any order. One without a location is a place of its own.

    Returns:
        A table by `schema.TRIPS`, ordered by subject and time.

    Raises:
        SchemaError: not a table of staypoints.

    """
    stays = STAYPOINTS.frame(staypoints)
    ordered = stays.sort_values(["user_id", "started_at", "finished_at"], kind="stable")
    following = ordered.shift(-1)
    elsewhere = (ordered["location_id"] != following["location_id"]) | (ordered["location_id"] == -1)
    leaves = (ordered["user_id"] == following["user_id"]) & elsewhere
    origin = ordered[leaves]
    destination = ordered.loc[ordered.index[leaves.shift(1, fill_value=False)]]
    return TRIPS.frame(
        {
            "user_id": origin["user_id"].array,
            "started_at": origin["finished_at"].array,
            "finished_at": destination["started_at"].array,
            "origin_staypoint_id": origin.index,
            "destination_staypoint_id": destination.index,
            "distance_m": geo.distance_m(
                origin["latitude"], origin["longitude"], destination["latitude"], destination["longitude"]
            ),
        }
    )
