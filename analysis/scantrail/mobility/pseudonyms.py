"""Pseudonyms: an identifier that was changed, and is followed by behaviour alone.

Who gets a new identifier goes on sleeping, working and shopping where they did. A subject that ends and one that begins
afterwards are compared by the places they visit, the rarer the more telling (inverse document frequency, Spärck Jones
1972), by the hours of the week at which they are there, and by what the one visited last and the other first. What
comes out is a probability and no more: nobody showed the two to be one person.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from scantrail.geo import METRES_PER_DEGREE
from scantrail.mobility.days import Zone
from scantrail.schema import LINKS, POSITIONFIXES

type Floats = NDArray[np.float64]
type Numbers = NDArray[np.int64]

CELL_M = 250.0
"""Side of the cells in which places without a code are counted."""
SUBJECTS = 20
"""With fewer subjects than these nothing is linked: how rare a place is cannot be told."""
AREA_M = 1000.0
"""Side of the wider cells, whatever the code of a place: fixes beside a border of cells, places next door."""
RARE = 50
"""Cells with more subjects find no candidates, so that candidates grow with the subjects and not with their square."""
EDGE_DAYS = 7
"""How many days are the last ones of a subject, and the first ones of the next."""
HOURS = 4
"""Length of the parts of a day in which rhythm is counted, weekdays and weekends apart."""

FEATURES = ("areas", "places", "rhythm", "edges", "evidence", "gap")
WEIGHTS = (3.91, 6.44, 3.23, 1.04, 1.05, -1.64)
NONE = -2.02
CALIBRATION = (0.61, 1.52)
"""The odds of one successor against another and against none (a conditional logit; McFadden 1974): weights of the
features, and what "no successor" weighs. `CALIBRATION` (slope and intercept of a logistic; Platt 1999) turns a pair's
log odds into those of a link, which is the best of both its ends and so more often right. Fitted by
`benchmarks.identity` on half of the people of two data sets."""


class Pairs(NamedTuple):
    """Subjects that could be one after the other: their numbers in `subjects`, and a row of features for each pair."""

    subjects: pd.Index
    predecessor: Numbers
    successor: Numbers
    features: Floats
    shared: Numbers


def follow(positionfixes: pd.DataFrame, *, tz: Zone, at_least: float = 0.5) -> pd.DataFrame:
    """Find subjects that are probably one person, whose identifier was changed.

    Args:
        positionfixes: by `schema.POSITIONFIXES`, rows in any order; `place_id`, where there is one, is the place.
        tz: the zone in which hours of the week are meant.
        at_least: the least probability of a link, above 0.

    Returns:
        A table by `schema.LINKS`, ordered by predecessor: for each subject its most probable successor, if it is that
        one's most probable predecessor, too. Subjects whose times overlap are never linked, nor is anybody among fewer
        than `SUBJECTS`.

    Raises:
        SchemaError: not a table of positionfixes.

    """
    pairs = candidates(positionfixes, tz=tz)
    chance = probabilities(pairs, np.array(WEIGHTS), NONE)
    best = mutual(pairs, chance)
    chance = calibrated(chance, *CALIBRATION)
    best &= (chance >= at_least) & (pairs.features[:, 1] > 0) & (len(pairs.subjects) >= SUBJECTS)
    rows = pd.DataFrame(
        {
            "predecessor": pairs.subjects[pairs.predecessor[best]],
            "successor": pairs.subjects[pairs.successor[best]],
            "probability": chance[best],
            "because": [
                f"{count} places in common; likeness of places {places:.2f}, of hours there {rhythm:.2f}, "
                f"of the last and first days {edges:.2f}; {np.expm1(gap):.1f} days between"
                for count, (_, places, rhythm, edges, _, gap) in zip(
                    pairs.shared[best], pairs.features[best], strict=True
                )
            ],
        }
    )
    return LINKS.frame(rows if len(rows) else None).sort_values("predecessor", ignore_index=True)


def candidates(positionfixes: pd.DataFrame, *, tz: Zone) -> Pairs:
    """Subjects with a rare place in common, of whom one ends before the other begins, and how alike they are."""
    fixes = POSITIONFIXES.frame(positionfixes)
    fixes = fixes[fixes["tracked_at"].notna() & (fixes["latitude"].notna() | _placed(fixes))]
    user, subjects = pd.factorize(fixes["user_id"], sort=True)
    cell, many = cells(fixes)
    at = fixes["tracked_at"]
    days = at.astype("datetime64[us, UTC]").astype("int64").to_numpy() / 86_400e6
    count = len(subjects)
    begin, end = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(begin, user, days)
    np.maximum.at(end, user, days)
    local = at.dt.tz_convert(tz)
    part = (local.dt.hour // HOURS + (local.dt.day_of_week >= 5) * (24 // HOURS)).to_numpy(np.int64)
    day = np.floor(days).astype(np.int64)

    visits = _counts(user, cell, day, (count, many))
    places = _weighed(visits)
    area, areas_many = cells(fixes.drop(columns="place_id", errors="ignore"), side_m=AREA_M)
    areas = _weighed(_counts(user, area, day, (count, areas_many)))
    rhythm = _weighed(_counts(user, cell * (48 // HOURS) + part, day, (count, many * (48 // HOURS))))
    is_last, is_first = days >= end[user] - EDGE_DAYS, days <= begin[user] + EDGE_DAYS
    last, first = (
        _weighed(_counts(user[chosen], cell[chosen], day[chosen], (count, many)), like=visits)
        for chosen in (is_last, is_first)
    )

    seen = _indicator(visits)
    bits = csr_array((_rarity(seen)[seen.indices], seen.indices, seen.indptr), shape=seen.shape)
    rare = seen[:, np.asarray(seen.sum(axis=0)).ravel() <= RARE]
    pairs = (rare @ rare.T).tocoo()
    one, other = (np.asarray(index, dtype=np.int64) for index in pairs.coords)
    after = end[one] < begin[other]
    one, other = one[after], other[after]
    features = np.column_stack(
        [
            _along(areas, areas, one, other),
            _along(places, places, one, other),
            _along(rhythm, rhythm, one, other),
            _along(last, first, one, other),
            np.log1p(_along(bits, seen, one, other)),
            np.log1p(begin[other] - end[one]),
        ]
    )
    return Pairs(pd.Index(subjects), one, other, features, _along(seen, seen, one, other).astype(np.int64))


def probabilities(pairs: Pairs, weights: Floats, none: float) -> Floats:
    """How probable each pair is, beside all others of its predecessor and of its successor, and beside none."""
    odds = np.exp(np.clip(pairs.features @ weights - none, -50.0, 50.0))
    count = len(pairs.subjects)
    of_one, of_other = (np.bincount(index, odds, count)[index] for index in (pairs.predecessor, pairs.successor))
    chance: Floats = odds / (1.0 + of_one + of_other - odds)
    return chance


def mutual(pairs: Pairs, chance: Floats) -> NDArray[np.bool_]:
    """Whether a pair is the most probable of its predecessor and of its successor."""
    return _best(pairs.predecessor, chance) & _best(pairs.successor, chance)


def calibrated(chance: Floats, slope: float, intercept: float) -> Floats:
    """Probabilities of links, from those of pairs."""
    chance = np.clip(chance, 1e-12, 1 - 1e-12)
    found: Floats = 1.0 / (1.0 + np.exp(-intercept) * (1.0 / chance - 1.0) ** slope)
    return found


def _placed(fixes: pd.DataFrame) -> pd.Series | bool:
    return fixes["place_id"].notna() if "place_id" in fixes else False


def cells(fixes: pd.DataFrame, *, side_m: float = CELL_M) -> tuple[Numbers, int]:
    """A number for the place of each fix: its code, else the cell it lies in; and how many there are."""
    latitude = fixes["latitude"].to_numpy()
    row = np.floor(np.nan_to_num(latitude) * METRES_PER_DEGREE / side_m)
    around = np.cos(np.radians((row + 0.5) * side_m / METRES_PER_DEGREE)).clip(1e-6)  # the same for a whole row
    column = np.floor(np.nan_to_num(fixes["longitude"].to_numpy()) * METRES_PER_DEGREE * around / side_m)
    cell, _ = pd.factorize((row * 1_000_000 + column).astype(np.int64), sort=True)
    if "place_id" in fixes:
        code, _ = pd.factorize(fixes["place_id"], sort=True)
        cell, _ = pd.factorize(np.where(code >= 0, -1 - code, cell), sort=True)
    return np.asarray(cell, dtype=np.int64), int(cell.max(initial=-1)) + 1


def _counts(user: Numbers, cell: Numbers, day: Numbers, shape: tuple[int, int]) -> csr_array:
    """On how many days each subject was in each cell."""
    days = pd.DataFrame({"user": user, "cell": cell, "day": day}).drop_duplicates()
    ones = np.ones(len(days))
    return csr_array((ones, (days["user"].to_numpy(), days["cell"].to_numpy())), shape=shape)


def _indicator(counts: csr_array) -> csr_array:
    return csr_array((np.ones(counts.nnz), counts.indices, counts.indptr), shape=counts.shape)


def _rarity(seen: csr_array) -> Floats:
    """The inverse document frequency of each cell: the logarithm of how few of the subjects were there."""
    rarity: Floats = np.log((1 + seen.shape[0]) / (1 + np.asarray(seen.sum(axis=0)).ravel()))
    return rarity


def _weighed(counts: csr_array, *, like: csr_array | None = None) -> csr_array:
    """Rows of length one: the logarithm of the days, times how rare the cell is (among the rows of `like`)."""
    counts.sum_duplicates()
    known = _indicator(counts if like is None else like)
    values = np.log1p(counts.data) * _rarity(known)[counts.indices]
    row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    length = np.sqrt(np.bincount(row, values**2, counts.shape[0]))
    values = np.divide(values, length[row], out=np.zeros_like(values), where=length[row] > 0)
    return csr_array((values, counts.indices, counts.indptr), shape=counts.shape)


def _along(left: csr_array, right: csr_array, one: Numbers, other: Numbers, *, at_once: int = 200_000) -> Floats:
    """The products of rows, pair by pair; so many pairs at a time, which bounds the memory."""
    parts = [
        np.asarray(left[one[start : start + at_once]].multiply(right[other[start : start + at_once]]).sum(axis=1))
        for start in range(0, len(one), at_once)
    ]
    return np.concatenate(parts).ravel() if parts else np.empty(0)


def _best(of: Numbers, chance: Floats) -> NDArray[np.bool_]:
    """Whether a pair is the most probable of its subject; of equals, the first."""
    order = np.lexsort((-chance, of))
    best = np.zeros(len(of), dtype=bool)
    best[order[np.r_[True, np.diff(of[order]) > 0][: len(order)]]] = True
    return best
