"""Re-identification: whose trail it is, from a few points that somebody knows from elsewhere."""

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from numba import njit

from scantrail.mobility.days import Zone
from scantrail.mobility.points import bins, numbered, places
from scantrail.mobility.unicity import Trails, index
from scantrail.schema import OBSERVATIONS, POSITIONFIXES, SUSPECTS


def reidentify(
    observations: pd.DataFrame,
    positionfixes: pd.DataFrame,
    *,
    place_m: float | None = None,
    every: timedelta | None = timedelta(hours=1),
    tz: Zone = "UTC",
    missed: float = 0.2,
    best: int = 5,
) -> pd.DataFrame:
    """Rank the subjects by how probably each is the person who was observed.

    Somebody saw a person at some places and times (a photograph, a receipt, a shared table). Each observation that
    falls on a point of a subject's trail speaks for the subject, the more so, the fewer others have the point. One may
    be wrong, or its scan be missing: with probability `missed` it tells nothing. All subjects are as probable
    beforehand, so those of whom no point fits share what is left.

    Args:
        observations: by `schema.OBSERVATIONS`: `person` says which belong together.
        positionfixes: by `schema.POSITIONFIXES`, rows in any order.
        place_m: places are squares of so many metres; by default those of `place_id`.
        every: how finely times are known; None for not at all.
        tz: the zone in which hours and days begin.
        missed: the probability that an observation is not among the points of the right trail, 0 to 1 exclusive.
        best: how many subjects to name for each person.

    Returns:
        A table by `schema.SUSPECTS`, ordered by person and falling probability.

    Raises:
        SchemaError: not such tables, or not every row has a place.

    """
    seen, fixes = OBSERVATIONS.frame(observations), POSITIONFIXES.frame(positionfixes)
    user, users = numbered(fixes["user_id"])
    person, persons = numbered(seen["person"])
    both = pd.concat([fixes, seen], ignore_index=True)
    place, time = places(both, place_m), bins(both["tracked_at"], every, tz)
    known = pd.DataFrame({"user": user, "place": place[: len(fixes)], "time": time[: len(fixes)]})
    asked = pd.DataFrame({"person": person, "place": place[len(fixes) :], "time": time[len(fixes) :]})
    keys = known[["place", "time"]].drop_duplicates().sort_values(["place", "time"]).reset_index(drop=True)
    trails = index(*(known[name].to_numpy() for name in ("user", "place", "time")))
    asked = asked.drop_duplicates().merge(keys.reset_index(names="key"), "left", ["place", "time"])
    asked = asked.sort_values(["person", "key"])
    key = asked["key"].fillna(-1).to_numpy(np.int64)
    starts = np.searchsorted(asked["person"].to_numpy(), np.arange(len(persons) + 1))
    suspect, probability = _rank(trails, key, starts, len(users), missed, best)
    row, rank = np.nonzero(suspect >= 0)
    return SUSPECTS.frame(
        {
            "person": persons[row],
            "rank": rank + 1,
            "user_id": users[suspect[row, rank]],
            "probability": probability[row, rank],
        }
    )


@njit(cache=True)
def _rank(trails: Trails, keys: Any, starts: Any, everybody: int, missed: float, best: int) -> Any:
    persons = len(starts) - 1
    suspect, probability = np.full((persons, best), -1, np.int64), np.zeros((persons, best))
    weight = np.zeros(everybody)  # how many times likelier than somebody of whom no observation fits
    for person in range(persons):
        touched = np.empty(0, np.int64)
        for key in keys[starts[person] : starts[person + 1]]:
            if key < 0:
                continue
            users = trails.users[trails.key_starts[key] : trails.key_starts[key + 1]]
            gain = np.log1p((1 - missed) / missed * everybody / len(users))
            weight[users] += gain
            touched = np.append(touched, users)
        touched = np.unique(touched)
        likelihood = np.exp(weight[touched])
        total = likelihood.sum() + everybody - len(touched)
        order = np.argsort(-likelihood, kind="mergesort")[:best]
        suspect[person, : len(order)] = touched[order]
        probability[person, : len(order)] = likelihood[order] / total
        weight[touched] = 0.0
    return suspect, probability
