"""Unicity: how few points of a trail single out its owner."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numba import njit
from scipy.special import ndtri

from scantrail.mobility.days import Zone
from scantrail.mobility.points import Ints, bins, numbered, places
from scantrail.schema import POSITIONFIXES, UNICITY


def unicity(
    positionfixes: pd.DataFrame,
    *,
    points: Sequence[int] = (1, 2, 4),
    place_m: float | None = None,
    every: timedelta | None = timedelta(hours=1),
    tz: Zone = "UTC",
    people: int | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """Measure how many people are singled out by some random points of their own trails.

    The protocol of de Montjoye et al. 2013 (*Unique in the Crowd*): a point is a place in an hour (or day). Of each
    person, so many of the different points are drawn; the person is unique if nobody else has them all. The draws are
    nested, so more points never make anybody less unique.

    Args:
        positionfixes: by `schema.POSITIONFIXES`, rows in any order.
        points: how many points somebody else is supposed to know, each for itself.
        place_m: places are squares of so many metres; by default those of `place_id`.
        every: how finely times are known; None for not at all.
        tz: the zone in which hours and days begin.
        people: draw so many people to be looked at, by default all. All others are compared with, in any case.
        confidence: of the interval (Wilson's).
        seed: of the draws; the same seed gives the same ones, whatever the order of rows.

    Returns:
        A table by `schema.UNICITY`, a row for each number of points. People who have fewer points are left out, and
        counted.

    Raises:
        SchemaError: not such a table, or not every row has a place.

    """
    fixes = POSITIONFIXES.frame(positionfixes)
    trails = index(numbered(fixes["user_id"])[0], places(fixes, place_m), bins(fixes["tracked_at"], every, tz))
    everybody = len(trails.user_starts) - 1
    rng = np.random.default_rng(seed)
    drawn = np.arange(everybody) if people is None else np.sort(rng.permutation(everybody)[:people])
    wanted = np.unique(np.asarray(points, dtype=np.int64))
    unique, looked_at = _unique(trails, drawn, wanted, int(rng.integers(2**31)))
    low, high = wilson(unique, looked_at, confidence)
    rows = {
        "points": wanted,
        "people": looked_at,
        "left_out": len(drawn) - looked_at,
        "share": np.divide(unique, looked_at, out=np.full(len(wanted), np.nan), where=looked_at > 0),
        "low": low,
        "high": high,
    }
    return UNICITY.frame(rows)


class Trails(NamedTuple):
    """The different points of all people, both ways: `keys` of each person in order, `users` of each key in order."""

    user_starts: Ints
    keys: Ints
    key_starts: Ints
    users: Ints


def index(user: Ints, place: Ints, time: Ints) -> Trails:
    """Index points (a person, a place, a span of time) by person and by what they share."""
    order = np.lexsort((user, time, place))
    user, place, time = user[order], place[order], time[order]
    new_key = np.append(True, (np.diff(place) != 0) | (np.diff(time) != 0))[: len(user)]
    new = new_key | np.append(True, np.diff(user) != 0)[: len(user)]
    key, users = (np.cumsum(new_key) - 1)[new], user[new]
    by_user = np.argsort(users, kind="stable")
    people = int(users.max(initial=-1)) + 1
    return Trails(
        np.searchsorted(users[by_user], np.arange(people + 1)),
        key[by_user],
        np.searchsorted(key, np.arange(int(new_key.sum()) + 1)),
        users,
    )


@njit(cache=True)
def _unique(trails: Trails, drawn: Any, wanted: Any, seed: int) -> Any:
    """Of the people drawn, how many are unique, and how many have enough points, for each number of points."""
    unique, looked_at = np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.int64)
    np.random.seed(seed)
    for person in drawn:
        mine = trails.keys[trails.user_starts[person] : trails.user_starts[person + 1]].copy()
        others = np.empty(0, np.int64)
        known = 0
        for number in range(len(wanted)):
            if len(mine) < wanted[number]:
                break
            for draw in range(known, wanted[number]):  # the next ones of a random order
                other = np.random.randint(draw, len(mine))
                mine[draw], mine[other] = mine[other], mine[draw]
            others = _who_else(trails, mine[known : wanted[number]], others, known == 0, person)
            known = wanted[number]
            looked_at[number] += 1
            unique[number] += len(others) == 0
    return unique, looked_at


@njit(cache=True)
def _who_else(trails: Trails, keys: Any, others: Any, anybody: bool, person: int) -> Any:
    """Who of the others, or of anybody, has all these points, too."""
    if anybody:
        rarest = keys[0]
        for key in keys:
            if _size(trails, key) < _size(trails, rarest):
                rarest = key
        others = trails.users[trails.key_starts[rarest] : trails.key_starts[rarest + 1]]
    left = np.empty(len(others), np.int64)
    count = 0
    for other in others:
        if other != person and _has_all(trails, other, keys):
            left[count] = other
            count += 1
    return left[:count].copy()


@njit(cache=True)
def _size(trails: Trails, key: int) -> Any:
    return trails.key_starts[key + 1] - trails.key_starts[key]


@njit(cache=True)
def _has_all(trails: Trails, person: int, keys: Any) -> bool:
    theirs = trails.keys[trails.user_starts[person] : trails.user_starts[person + 1]]
    for key in keys:
        at = np.searchsorted(theirs, key)
        if at == len(theirs) or theirs[at] != key:
            return False
    return True


def wilson(successes: Ints, trials: Ints, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Find the bounds of shares (Wilson 1927); 0 to 1 where nothing was tried."""
    z = ndtri(0.5 + confidence / 2)
    tried = np.maximum(trials, 1)
    share = successes / tried
    centre = (share + z * z / (2 * tried)) / (1 + z * z / tried)
    half = z * np.sqrt(share * (1 - share) / tried + z * z / (4 * tried * tried)) / (1 + z * z / tried)
    low = np.where(successes == 0, 0.0, centre - half)  # not by rounding above what was found
    high = np.where(successes == trials, 1.0, centre + half)
    return low, high
