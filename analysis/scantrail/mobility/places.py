"""Where places are: codes that scans name, located by the positions that were told together with them."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scantrail import geo
from scantrail.mobility.points import Ints, numbered
from scantrail.schema import PLACES, POSITIONFIXES

FINEST_M = 1_000.0  # a position that is no finer than this tells of a city or district, not of a place
_NEAR_M = 100.0  # how far from the middle of a place anybody may stand, who is there
_SPREAD = 3.0  # times what half of its scans keep, or their precision: what is farther away is no scan at the place
_MOST = 0.5  # of the votes: a code that tells of no place by more than these is none
_REGION = 0.9  # the share of a place's scans that its radius holds


def places(positionfixes: pd.DataFrame) -> pd.DataFrame:
    """Find where each place is.

    Everybody who told a position together with a place's code votes for where it is, and all votes of one subject
    count as one. The middle is the median in each of three axes, so that the place stays where it is as long as most
    votes are honest: a code may have been photographed and scanned elsewhere. What is far from the middle is then left
    out. Positions of a city or district count only for a place of which nothing finer was told.

    A code that most votes do not agree on is no place (an app's constant, a code on a bus) and has no position.

    Args:
        positionfixes: by `schema.POSITIONFIXES`, rows in any order; those with a place and a position are looked at.

    Returns:
        A table by `schema.PLACES`, ordered by place.

    Raises:
        SchemaError: no such table.

    """
    fixes = POSITIONFIXES.frame(positionfixes)
    if "place_id" not in fixes:
        return PLACES.frame()
    votes, codes = _votes(fixes[fixes["place_id"].notna() & positioned(fixes)])
    agrees = _agrees(votes)
    agreeing = np.bincount(votes.place, votes.weight * agrees) / np.bincount(votes.place, votes.weight)
    is_place = agreeing > _MOST
    centre = np.full((len(codes), 3), np.nan)
    centre[is_place] = _centres(votes.take(agrees & is_place[votes.place]))
    table = pd.DataFrame(centre, columns=["latitude", "longitude", "radius_m"])
    users = np.bincount(np.unique(np.stack([votes.place, votes.user]), axis=1)[0], minlength=len(codes))
    return PLACES.frame(table.assign(place_id=codes, agreeing=agreeing, users=users, fixes=np.bincount(votes.place)))


class _Votes(NamedTuple):
    """Who said where a place is: places and users by their numbers, positions as unit vectors, how much each counts."""

    place: Ints
    user: Ints
    points: geo.Array
    precision_m: geo.Array
    weight: geo.Array

    def take(self, rows: NDArray[np.bool_]) -> "_Votes":
        """Some of them."""
        columns: Any = (column[rows] for column in self)
        return _Votes(*columns)


def _votes(fixes: pd.DataFrame) -> tuple[_Votes, pd.Index]:
    """The votes that are heard, and the places' codes."""
    (place, codes), (user, _) = numbered(fixes["place_id"]), numbered(fixes["user_id"])
    precision_m = precisions(fixes)
    coarse = precision_m > FINEST_M
    finer = np.zeros(len(codes), np.bool_)
    finer[place[~coarse]] = True
    points = geo.unit_vectors(fixes["latitude"], fixes["longitude"])
    votes = _Votes(place, user, points, precision_m, np.ones(len(fixes))).take(~(coarse & finer[place]))
    pair = votes.place * (int(user.max(initial=0)) + 1) + votes.user
    _, number, count = np.unique(pair, return_inverse=True, return_counts=True)
    return votes._replace(weight=1.0 / count[number]), codes


def _agrees(votes: _Votes) -> NDArray[np.bool_]:
    """Which votes are near enough to the middle of their place."""
    place, weight = votes.place, votes.weight
    middle = np.stack([quantile(votes.points[:, axis], place, weight, 0.5) for axis in range(3)], axis=-1)
    away_m = _apart_m(votes.points, middle[place])
    half_m = quantile(np.maximum(away_m, votes.precision_m), place, weight, 0.5)[place]
    allowed_m = np.maximum(_NEAR_M + votes.precision_m, _SPREAD * half_m)
    return np.asarray(away_m <= np.minimum(allowed_m, FINEST_M + votes.precision_m))


def _centres(votes: _Votes) -> geo.Array:
    """Latitude, longitude and radius of each place that has votes: at their mean, of which precise ones count more."""
    (place, _), weight = numbered(pd.Series(votes.place)), votes.weight
    sharp = weight / (_NEAR_M + votes.precision_m) ** 2
    centre = np.stack([np.bincount(place, sharp * votes.points[:, axis]) for axis in range(3)], axis=-1)
    spread_m = quantile(_apart_m(votes.points, centre[place]), place, weight, _REGION)
    radius_m = np.maximum(spread_m, quantile(votes.precision_m, place, weight, 0.5))
    return np.stack([*geo.positions(centre), radius_m], axis=-1)


def positioned(fixes: pd.DataFrame) -> NDArray[np.bool_]:
    """Which fixes were told a position, other than that of the place that they name."""
    there = fixes["latitude"].notna() & fixes["longitude"].notna()
    return np.asarray(there & (fixes["told_by"] != "place") if "told_by" in fixes else there)


def precisions(fixes: pd.DataFrame) -> geo.Array:
    """How precise each position is, in metres; 0 where it is not known, or negative: phones say so too."""
    if "precision_m" not in fixes:
        return np.zeros(len(fixes))
    return np.asarray(fixes["precision_m"].fillna(0.0).clip(0.0, np.pi * geo.EARTH_RADIUS_M))


def quantile(values: geo.Array, group: Ints, weight: geo.Array, share: float) -> geo.Array:
    """The value up to which so large a share of each group's weight lies; groups are 0, 1, … without a gap."""
    order = np.lexsort((values, group))
    reached = np.cumsum(weight[order])
    ends = np.cumsum(np.bincount(group))
    before = np.append(0.0, reached[ends[:-1] - 1])
    wanted = before + share * (reached[ends - 1] - before)
    # A hair less: sums of the same weights in another order must find the same row.
    row = np.searchsorted(reached, wanted * (1 - 1e-12))
    return np.asarray(values[order[np.minimum(row, ends - 1)]])


def _apart_m(points: geo.Array, others: geo.Array) -> geo.Array:
    """Distance to others, which need not be of unit length."""
    unit = others / np.maximum(np.linalg.norm(others, axis=-1, keepdims=True), 1e-12)
    chord = np.asarray(np.linalg.norm(points - unit, axis=-1), dtype=np.float64)
    return np.asarray(2 * geo.EARTH_RADIUS_M * np.arcsin(np.minimum(chord / 2, 1.0)))
