"""Predictability: how often the best possible forecast of somebody's next place can be right."""

import math
from typing import Any

import numpy as np
import pandas as pd
from numba import njit

from scantrail.mobility.points import numbered
from scantrail.schema import PREDICTABILITY, STAYPOINTS

_HALVINGS = 60  # of the interval in which the bound lies: to the last bit


def predictability(staypoints: pd.DataFrame) -> pd.DataFrame:
    """Measure the entropy of each subject's sequence of locations, and the bound that follows for any forecast.

    After Song et al. 2010 (*Limits of predictability in human mobility*): the random entropy is that of the number of
    places, the uncorrelated one that of how often each is visited, the real one also that of their order, estimated
    from how soon a stretch of the sequence is a new one (Kontoyiannis et al. 1998). Fano's inequality turns it into
    the share of next places that can be foretold at best. Short sequences make it look higher than it is.

    Args:
        staypoints: by `schema.STAYPOINTS`, with locations, rows in any order. Time grows with the square of the number
            of a subject's staypoints.

    Returns:
        A table by `schema.PREDICTABILITY`, a row for each subject in order.

    Raises:
        SchemaError: not such a table, or without `location_id`.

    """
    stays = STAYPOINTS.frame(staypoints).sort_values(["user_id", "started_at", "finished_at", "location_id"])
    user, users = numbered(stays["user_id"])
    starts = np.searchsorted(user, np.arange(len(users) + 1))
    places, random, uncorrelated, real, bound = _measure(stays["location_id"].to_numpy(), starts)
    return PREDICTABILITY.frame(
        {
            "user_id": users,
            "staypoints": np.diff(starts),
            "places": places,
            "random_bits": random,
            "uncorrelated_bits": uncorrelated,
            "real_bits": real,
            "bound": bound,
        }
    )


@njit(cache=True)
def _measure(place: Any, starts: Any) -> Any:
    people = len(starts) - 1
    places = np.zeros(people, np.int64)
    random, uncorrelated, real, bound = (np.zeros(people), np.zeros(people), np.zeros(people), np.ones(people))
    for person in range(people):
        sequence = place[starts[person] : starts[person + 1]]
        ordered = np.sort(sequence)
        run = 0
        for row in range(len(ordered)):
            run += 1
            if row == len(ordered) - 1 or ordered[row + 1] != ordered[row]:
                share = run / len(ordered)
                uncorrelated[person] -= share * math.log2(share)
                places[person] += 1
                run = 0
        random[person] = math.log2(max(places[person], 1))
        # The estimate is of long sequences; of short ones it may exceed what any order can have.
        real[person] = min(lempel_ziv_bits(sequence), uncorrelated[person])
        bound[person] = fano(real[person], places[person])
    return places, random, uncorrelated, real, bound


@njit(cache=True)
def lempel_ziv_bits(sequence: Any) -> float:
    """Entropy per place: n log n over the sum of the lengths of the shortest stretches not met before."""
    size = len(sequence)
    if size < 2:
        return 0.0
    total = 0
    for start in range(size):
        longest = 0
        for before in range(start):
            length = 0
            while (
                start + length < size
                and before + length < start
                and (sequence[before + length] == sequence[start + length])
            ):
                length += 1
            longest = max(longest, length)
        total += longest + 1
    return size * math.log2(size) / total


@njit(cache=True)
def fano(bits: float, places: int) -> float:
    """Find the highest share of right forecasts of one of so many places at such an entropy."""
    if places < 2:
        return 1.0
    low, high = 1.0 / places, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        wrong = 1 - middle
        entropy = wrong * math.log2(places - 1)
        if 0.0 < wrong < 1.0:
            entropy -= middle * math.log2(middle) + wrong * math.log2(wrong)
        if entropy > bits:
            low = middle
        else:
            high = middle
    return (low + high) / 2
