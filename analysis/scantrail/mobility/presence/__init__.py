"""Where a person was between two scans, with the probability that it is so."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from scantrail import geo
from scantrail.mobility.days import Zone
from scantrail.mobility.presence.model import NEAR_M, REGION, Model, Placed, place, shipped
from scantrail.mobility.presence.scans import Scans, gather, local_hours
from scantrail.schema import POSITIONFIXES, PRESENCE, QUERIES

__all__ = ["NEAR_M", "REGION", "hourly", "locate", "presence"]

_AT_ONCE = 20_000  # queries: some 3 KB each while they are worked on


def locate(positionfixes: pd.DataFrame, queries: pd.DataFrame, tz: Zone, *, model: Model | None = None) -> pd.DataFrame:
    """Say where people were, at times between, before and after their scans.

    The candidates are the places of the person's own scans. What speaks for each of them is gathered from the scans
    around the time, the person's routine, the ways and other people (`features`), and weighed by boosted trees that
    were fitted to real movement. The answer is the most probable candidate.

    Args:
        positionfixes: by `schema.POSITIONFIXES`, rows in any order; those without a position say nothing.
        queries: by `schema.QUERIES`, of anybody at any time.
        tz: the zone in which the people live.
        model: other weights than those that are shipped.

    Returns:
        A row for each query, with its index: `latitude`, `longitude` (degrees, WGS-84), `radius_m` (metres; the truth
        is within it in nine cases of ten), `probability` (that the truth is within 250 m). Of a person without scans
        nothing is known: no position, and probability 0.

    Raises:
        SchemaError: not such tables.

    """
    answers = {name: np.full(len(queries), np.nan) for name in ("latitude", "longitude", "radius_m")}
    answers["probability"] = np.zeros(len(queries))
    for rows, scans, placed in _placed(positionfixes, queries, tz, model or shipped()):
        best = placed.place[:, 0]
        answers["latitude"][rows] = scans.place_latitude[best]
        answers["longitude"][rows] = scans.place_longitude[best]
        answers["radius_m"][rows] = placed.radius_m
        answers["probability"][rows] = placed.probability[:, 0]
    return pd.DataFrame(answers, index=queries.index)


def presence(
    positionfixes: pd.DataFrame, queries: pd.DataFrame, tz: Zone, *, model: Model | None = None
) -> pd.DataFrame:
    """Spread each query over the places where the person may have been, each with its probability.

    Candidates within 250 m of a more probable one are that one. Where the others leave something, it is for everywhere
    else; where they add up to more than one, they share it.

    Args:
        positionfixes: as for `locate`.
        queries: as for `locate`; `hourly` makes them for every hour.
        tz: the zone in which the people live.
        model: other weights than those that are shipped.

    Returns:
        A table by `schema.PRESENCE`, in the order of the queries and of falling probability, the row for elsewhere
        (without a position) last. The probabilities of a query sum to one.

    Raises:
        SchemaError: not such tables.

    """
    asked = QUERIES.frame(queries)
    nowhere = np.ones(len(asked), dtype=bool)
    found = []
    for rows, scans, placed in _placed(positionfixes, queries, tz, model or shipped()):
        nowhere[rows] = False
        found.append(_spread(rows, scans, placed))
    unknown = np.flatnonzero(nowhere)
    found.append(pd.DataFrame({"row": unknown, "latitude": np.nan, "longitude": np.nan, "probability": 1.0}))
    table = pd.concat(found).sort_values("row", kind="stable")
    asked = asked.iloc[table["row"]].reset_index(drop=True)
    return PRESENCE.frame(pd.concat([asked, table.drop(columns="row").reset_index(drop=True)], axis=1))


def hourly(positionfixes: pd.DataFrame) -> pd.DataFrame:
    """Ask for every full hour from each person's first scan to the last: a table by `schema.QUERIES`."""
    fixes = POSITIONFIXES.frame(positionfixes)
    spans = fixes.groupby("user_id")["tracked_at"].agg(["min", "max"])
    first, last = (spans[name].dt.floor("h") for name in ("min", "max"))
    hours = ((last - first) // pd.Timedelta(hours=1)).to_numpy() + 1
    number = np.arange(hours.sum()) - np.repeat(np.cumsum(hours) - hours, hours)
    at = first.repeat(hours) + pd.to_timedelta(number, unit="h")
    return QUERIES.frame({"user_id": at.index, "at": at.array})


def _placed(
    positionfixes: pd.DataFrame, queries: pd.DataFrame, tz: Zone, model: Model
) -> Iterator[tuple[np.ndarray, Scans, Placed]]:
    """The rows of the queries about people who were scanned, some at a time, and what is said of them."""
    fixes = POSITIONFIXES.frame(positionfixes).dropna(subset=["latitude", "longitude"])
    asked = QUERIES.frame(queries)
    scans = gather(fixes, tz)
    user = scans.users.get_indexer(pd.Index(asked["user_id"]))
    at_h = local_hours(asked["at"], tz)
    known = np.flatnonzero(user >= 0)
    for start in range(0, len(known), _AT_ONCE):
        rows = known[start : start + _AT_ONCE]
        yield rows, scans, place(scans, user[rows], at_h[rows], model)


def _spread(rows: np.ndarray, scans: Scans, placed: Placed) -> pd.DataFrame:
    lat, lon = (values[placed.place] for values in (scans.place_latitude, scans.place_longitude))
    probability = np.where(placed.place >= 0, placed.probability, 0.0)
    for after in range(1, probability.shape[1]):
        apart_m = geo.distance_m(lat[:, :after], lon[:, :after], lat[:, after : after + 1], lon[:, after : after + 1])
        probability[((apart_m < NEAR_M) & (probability[:, :after] > 0)).any(axis=1), after] = 0.0
    probability /= np.maximum(probability.sum(axis=1, keepdims=True), 1.0)
    at, rank = np.nonzero(probability)
    here = placed.place[at, rank]
    places = pd.DataFrame(
        {
            "row": rows[at],
            "latitude": scans.place_latitude[here],
            "longitude": scans.place_longitude[here],
            "probability": probability[at, rank],
        }
    )
    left = 1.0 - probability.sum(axis=1)
    elsewhere = pd.DataFrame({"row": rows, "latitude": np.nan, "longitude": np.nan, "probability": left.clip(0.0)})
    return pd.concat([places, elsewhere])
