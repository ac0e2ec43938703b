"""Real movement as truth, and scans drawn from it: GPS tracks of people in Beijing (Geolife 1.3).

The truth is a position for each ten minutes in which the logger was on, and for those between two of them that are at
most twelve hours and less than 200 m apart: there the person stayed. Longer silences of the logger are not presence,
and are not scored.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scantrail import geo

TZ = "Asia/Shanghai"
SLOT_S = 600
SEEDS = (1, 2, 3, 4, 5)
LEAST_DAYS = 20
_UTC_OFFSET_S = 8 * 3600
_FIRST_S = 1_167_609_600  # 2007: the loggers' clocks that say less are wrong
_BEIJING = (39.4, 41.1, 115.4, 117.6)  # south, north, west, east
_SAME_M = 1.0  # two people nearer in the same second are one track that was uploaded twice
_LONGEST_GAP = 12 * 3600 // SLOT_S
_STAYED_M = 200.0


class Regime(NamedTuple):
    """How scans are drawn: `random`, so many a day at any time; `arrival`, so large a share of the arrivals."""

    kind: str
    rate: float
    label: str


REGIMES = (
    *(Regime("random", k, f"random, {k} a day") for k in (1, 2, 3, 5, 10)),
    *(
        Regime("arrival", share, f"on arrival, {a_day}")
        for share, a_day in ((0.36, "0.8"), (0.58, "1.3"), (0.76, "1.7"), (1.0, "2.4"))
    ),
)


def slots(path: Path, least_days: int = LEAST_DAYS) -> pd.DataFrame:
    """Read the truth.

    Args:
        path: Parquet of `user`, `t` (Unix seconds), `lat_e6`, `lon_e6` (millionths of a degree, WGS-84).
        least_days: leave out people with fewer days.

    Returns:
        `user_id`, `slot` (ten minutes since 1970), `day` (local), `latitude`, `longitude`, ordered by person and slot;
        of people with so many days or more.

    """
    fixes = pd.read_parquet(path).drop_duplicates(["user", "t"])
    fixes = pd.DataFrame(
        {
            "user_id": fixes["user"],
            "t": fixes["t"],
            "latitude": fixes["lat_e6"] / 1e6,
            "longitude": fixes["lon_e6"] / 1e6,
        }
    )
    south, north, west, east = _BEIJING
    in_box = fixes["latitude"].between(south, north) & fixes["longitude"].between(west, east)
    fixes = fixes[in_box & (fixes["t"] >= _FIRST_S)]
    fixes = fixes[~_uploaded_twice(fixes)].sort_values(["user_id", "t"], ignore_index=True)
    fixes["slot"] = fixes["t"] // SLOT_S
    seen = fixes.groupby(["user_id", "slot"], as_index=False)[["latitude", "longitude"]].median()
    truth = pd.concat([seen, _stayed(fixes)]).sort_values(["user_id", "slot"])
    truth["day"] = (truth["slot"] * SLOT_S + _UTC_OFFSET_S) // 86400
    return truth[truth.groupby("user_id")["day"].transform("nunique") >= least_days].reset_index(drop=True)


def _uploaded_twice(fixes: pd.DataFrame) -> pd.Series:
    """Whether somebody with a smaller number was at the very place in the very second."""
    ordered = fixes.sort_values(["t", "latitude", "user_id"])
    twice = np.zeros(len(ordered), dtype=bool)
    t, user = ordered["t"].to_numpy(), ordered["user_id"].to_numpy()
    latitude, longitude = ordered["latitude"].to_numpy(), ordered["longitude"].to_numpy()
    for step in (1, 2, 3):  # how many people are at one place in one second
        near = (t[step:] == t[:-step]) & (user[step:] != user[:-step])
        near &= geo.distance_m(latitude[step:], longitude[step:], latitude[:-step], longitude[:-step]) < _SAME_M
        first_is_smaller = user[:-step] < user[step:]
        twice[step:] |= near & first_is_smaller
        twice[:-step] |= near & ~first_is_smaller
    return pd.Series(twice, index=ordered.index).reindex(fixes.index)


def _stayed(fixes: pd.DataFrame) -> pd.DataFrame:
    """The slots without a fix between two fixes across which a person stayed: in the first half where it was last."""
    user, slot = fixes["user_id"].to_numpy(), fixes["slot"].to_numpy()
    latitude, longitude = fixes["latitude"].to_numpy(), fixes["longitude"].to_numpy()
    silent = np.diff(slot) - 1
    near = geo.distance_m(latitude[:-1], longitude[:-1], latitude[1:], longitude[1:]) < _STAYED_M
    stayed = near & (user[1:] == user[:-1]) & (silent > 0) & (silent < _LONGEST_GAP)
    before = np.flatnonzero(stayed)
    row = np.repeat(before, silent[before])
    number = np.arange(len(row)) - np.repeat(np.cumsum(silent[before]) - silent[before], silent[before]) + 1
    position = row + (2 * number > silent[row])
    return pd.DataFrame(
        {
            "user_id": user[row],
            "slot": slot[row] + number,
            "latitude": latitude[position],
            "longitude": longitude[position],
        }
    )


def scans(truth: pd.DataFrame, regime: Regime, seed: int) -> pd.DataFrame:
    """Draw scans from the truth: `user_id`, `slot`, `latitude`, `longitude`, as the truth has them."""
    rng = np.random.default_rng([seed, *regime.label.encode()])
    if regime.kind == "random":
        shuffled = truth.iloc[rng.permutation(len(truth))]
        drawn = shuffled.groupby(["user_id", "day"]).head(int(regime.rate))
    else:
        arrived = truth[_arrivals(truth)]
        drawn = arrived[rng.random(len(arrived)) < regime.rate]
    return drawn.sort_values(["user_id", "slot"]).drop(columns="day").reset_index(drop=True)


def _arrivals(truth: pd.DataFrame) -> NDArray[np.bool_]:
    """Where a stay begins: the first of two slots or more within 200 m of it, with no gap above twelve hours."""
    arrived = np.zeros(len(truth), dtype=bool)
    for start, end in _runs(truth):
        if end - start >= 2:
            arrived[start] = True
    return arrived


def _runs(truth: pd.DataFrame) -> Iterator[tuple[int, int]]:
    """Rows from, to (exclusive): as long as the person stays within 200 m of the first of them."""
    user, slot = truth["user_id"].to_numpy(), truth["slot"].to_numpy()
    latitude, longitude = truth["latitude"].tolist(), truth["longitude"].tolist()
    broken = np.flatnonzero((user[1:] != user[:-1]) | (np.diff(slot) > _LONGEST_GAP)) + 1
    for first, last in pairwise([0, *broken.tolist(), len(truth)]):
        start = first
        for row in range(first + 1, last):
            if geo.point_distance_m((latitude[start], longitude[start]), (latitude[row], longitude[row])) >= _STAYED_M:
                yield start, row
                start = row
        yield start, last


def times(slot: pd.Series) -> pd.Series:
    """The middle of each slot, UTC."""
    return pd.to_datetime(slot * SLOT_S + SLOT_S // 2, unit="s", utc=True)
