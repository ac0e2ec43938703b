"""Where places are: codes that scans name, located by the positions that were told together with them."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from scantrail import geo
from scantrail.mobility.points import Ints, numbered
from scantrail.schema import PLACES, POSITIONFIXES

FINEST_M = 1_000.0  # a position that is no finer than this tells of a city or district, not of a place
_NEAR_M = 100.0  # how far from the middle of a place anybody may stand, who is there
_SPREAD = 3.0  # times what half of its scans keep, or their precision: what is farther away is no scan at the place
_MOST = 0.5  # of the votes: a code that tells of no place by more than these is none
_REGION = 0.9  # the share of a place's scans that its radius holds
_ROUNDED = 1e-4  # degrees: so far, some 10 m, rounding may lead past the edge of the map


def places(positionfixes: pd.DataFrame) -> pd.DataFrame:
    """Find where each place is.

    Everybody who told a position together with a place's code votes for where it is, and all votes of one subject
    count as one. The middle is the median in each of three axes, so that the place stays where it is as long as most
    votes are honest: a code may have been photographed and scanned elsewhere. What is far from the middle is then left
    out. Positions of a city or district count only for a place of which nothing finer was told.

    Positions that are not on the Earth are no votes.

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
    votes, codes = _votes(fixes[fixes["place_id"].notna() & positioned(fixes) & on_earth(fixes)])
    agrees = _agrees(votes)
    everybody = np.bincount(votes.place, votes.weight)
    agreeing = np.bincount(votes.place, votes.weight * agrees) / everybody
    users = np.rint(everybody).astype(np.int64)  # each has one vote
    is_place = agreeing > _MOST
    centre = np.full((len(codes), 3), np.nan)
    centre[is_place] = _centres(votes.take(agrees & is_place[votes.place]))
    table = pd.DataFrame(centre, columns=["latitude", "longitude", "radius_m"])
    return PLACES.frame(table.assign(place_id=codes, agreeing=agreeing, users=users, fixes=np.bincount(votes.place)))


class _Votes(NamedTuple):
    """Who said where a place is: places and users by their numbers, positions as unit vectors, how much each counts."""

    place: Ints
    user: Ints
    points: geo.Array
    precision_m: geo.Array
    weight: geo.Array

    def take(self, rows: NDArray[np.bool_] | Ints) -> "_Votes":
        """Some of them."""
        columns: Any = (column[rows] for column in self)
        return _Votes(*columns)


def _votes(fixes: pd.DataFrame) -> tuple[_Votes, pd.Index]:
    """The votes that are heard, ordered by place, and the places' codes."""
    (place, codes), (user, _) = numbered(fixes["place_id"]), numbered(fixes["user_id"])
    precision_m = precisions(fixes)
    coarse = precision_m > FINEST_M
    finer = np.zeros(len(codes), np.bool_)
    finer[place[~coarse]] = True
    points = geo.unit_vectors(fixes["latitude"], fixes["longitude"])
    votes = _Votes(place, user, points, precision_m, np.ones(len(fixes))).take(~(coarse & finer[place]))
    votes = votes.take(np.lexsort((votes.user, votes.place)))
    others = np.flatnonzero((np.diff(votes.place, prepend=-1) != 0) | (np.diff(votes.user, prepend=-1) != 0))
    count = np.diff(others, append=len(votes.place))
    return votes._replace(weight=np.repeat(1.0 / count, count)), codes


def _agrees(votes: _Votes) -> NDArray[np.bool_]:
    """Which votes are near enough to the middle of their place."""
    place, weight = votes.place, votes.weight
    middle = np.stack([_quantile(votes.points[:, axis], place, weight, 0.5) for axis in range(3)], axis=-1)
    away_m = _apart_m(votes.points, middle[place])
    half_m = _quantile(np.maximum(away_m, votes.precision_m), place, weight, 0.5)[place]
    allowed_m = np.maximum(_NEAR_M + votes.precision_m, _SPREAD * half_m)
    return np.asarray(away_m <= np.minimum(allowed_m, FINEST_M + votes.precision_m))


def _centres(votes: _Votes) -> geo.Array:
    """Latitude, longitude and radius of each place that has votes: at their mean, of which precise ones count more."""
    (place, _), weight = numbered(pd.Series(votes.place)), votes.weight
    sharp = weight / (_NEAR_M + votes.precision_m) ** 2
    centre = np.stack([np.bincount(place, sharp * votes.points[:, axis]) for axis in range(3)], axis=-1)
    spread_m = _quantile(_apart_m(votes.points, centre[place]), place, weight, _REGION)
    radius_m = np.maximum(spread_m, _quantile(votes.precision_m, place, weight, 0.5))
    return np.stack([*geo.positions(centre), radius_m], axis=-1)


def positioned(fixes: pd.DataFrame) -> NDArray[np.bool_]:
    """Which fixes were told a position, other than that of the place that they name."""
    there = fixes["latitude"].notna() & fixes["longitude"].notna()
    return np.asarray(there & (fixes["told_by"] != "place") if "told_by" in fixes else there)


def on_earth(fixes: pd.DataFrame) -> NDArray[np.bool_]:
    """Which positions there can be: 90 degrees north or south at most, 180 east or west."""
    north, east = fixes["latitude"].abs(), fixes["longitude"].abs()
    return np.asarray((north <= 90.0 + _ROUNDED) & (east <= 180.0 + _ROUNDED))


def precisions(fixes: pd.DataFrame) -> geo.Array:
    """How precise each position is, in metres; 0 where it is not known, or negative: phones say so too."""
    if "precision_m" not in fixes:
        return np.zeros(len(fixes))
    return np.asarray(fixes["precision_m"].fillna(0.0).clip(0.0, np.pi * geo.EARTH_RADIUS_M))


@njit(cache=True)
def _quantile(values: Any, group: Any, weight: Any, share: float) -> Any:
    """The value up to which so large a share of each group's weight lies; groups are 0, 1, … in this order."""
    result = np.empty(group[-1] + 1 if len(group) else 0)
    start = 0
    for end in range(1, len(group) + 1):
        if end < len(group) and group[end] == group[start]:
            continue
        order = start + np.argsort(values[start:end], kind="mergesort")
        # A hair less: sums of the same weights in another order must find the same row.
        wanted = share * weight[start:end].sum() * (1 - 1e-12)
        at, reached = 0, weight[order[0]]
        while reached < wanted:
            at += 1
            reached += weight[order[at]]
        result[group[start]] = values[order[at]]
        start = end
    return result


def _apart_m(points: geo.Array, others: geo.Array) -> geo.Array:
    """Distance to others, which need not be of unit length."""
    unit = others / np.maximum(np.linalg.norm(others, axis=-1, keepdims=True), 1e-12)
    chord = np.asarray(np.linalg.norm(points - unit, axis=-1), dtype=np.float64)
    return np.asarray(2 * geo.EARTH_RADIUS_M * np.arcsin(np.minimum(chord / 2, 1.0)))
