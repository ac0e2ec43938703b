"""Dwell times: how much of a subject's time a location takes, as far as scans can tell."""

import math
from datetime import timedelta
from typing import Any, Final

import numpy as np
import pandas as pd
from numba import njit

from scantrail.mobility.days import Zone, wall_us
from scantrail.mobility.meetings import AFTER
from scantrail.mobility.points import numbered
from scantrail.schema import DWELL_TIMES, STAYPOINTS, SchemaError

_HOUR_US = 3.6e9
_DAY_H: Final = 24.0
_LONGEST_H: Final = 36.0  # after a scan: of longer silences the rest is unknown
_BORDERS_H: Final = (7.0, 9.0, 17.0, 22.0, 24.0)  # of the parts of a day
_ANY, _NIGHT, _OFFICE = range(3)


def dwell_times(staypoints: pd.DataFrame, *, tz: Zone, after: timedelta = AFTER) -> pd.DataFrame:
    """Add up how long a subject is expected to have been at each of its locations.

    A staypoint counts as it is. After it, the subject is supposed to stay for a time that is exponential with mean
    `after`, until the next staypoint at most, as `meetings` supposes it; between two at one location it is there if it
    stayed on after the one, or (as long before) was there already for the other. What is left is unknown.

    This is the cheap summary of presence, for everybody of a city at once: a look at each staypoint. `locate` and
    `presence` say more of a single time, and cost more.

    Args:
        staypoints: by `schema.STAYPOINTS` with their locations, rows in any order. One without a location counts for
            none.
        tz: the zone in which hours of the day are meant.
        after: mean time for which a subject stays after a staypoint, above 0.

    Returns:
        A table by `schema.DWELL_TIMES`, ordered by subject and location.

    Raises:
        SchemaError: no such table.
        ValueError: `after` is not positive.

    """
    if after <= timedelta(0):
        raise ValueError("dwell_times: after must be positive")
    stays = STAYPOINTS.frame(staypoints)
    if "location_id" not in stays:
        raise SchemaError("table staypoints: no column location_id, and dwell times are those at locations")
    location, (user, _) = stays["location_id"].to_numpy(), numbered(stays["user_id"])
    began_h, ended_h = (wall_us(stays[name], tz) / _HOUR_US for name in ("started_at", "finished_at"))
    order = np.lexsort((location, ended_h, began_h, user))
    user, location, began_h, ended_h = user[order], location[order], began_h[order], ended_h[order]
    spent_h = _spent(user, location, began_h, ended_h, after / timedelta(hours=1), int(location.max(initial=-1)) + 1)
    span_h = _spans(user, began_h, ended_h)
    ids, first = np.unique(location, return_index=True)
    ids, first = ids[ids >= 0], first[ids >= 0]
    table = pd.DataFrame(
        {
            "user_id": stays["user_id"].array[order[first]],
            "location_id": ids,
            "expected_h": spent_h[ids].sum(axis=1),
            "night_h": spent_h[ids, _NIGHT],
            "office_h": spent_h[ids, _OFFICE],
            "share": spent_h[ids].sum(axis=1) / span_h[user[first]],
        }
    )
    return DWELL_TIMES.frame(table.iloc[np.lexsort((ids, user[first]))].reset_index(drop=True))


def _spans(user: Any, began_h: Any, ended_h: Any) -> Any:
    """By subject, the hours from its first staypoint until as long after the last as is looked at."""
    first = np.flatnonzero(np.diff(user, prepend=-1))
    last_h = np.maximum.reduceat(ended_h, first) if len(first) else ended_h
    return last_h + _LONGEST_H - began_h[first]


@njit(cache=True)
def _spent(user: Any, location: Any, began_h: Any, ended_h: Any, mean_h: float, locations: int) -> Any:
    """(locations, parts): hours by `_ANY` other time, `_NIGHT` and `_OFFICE` hours."""
    spent = np.zeros((locations, 3))
    for row in range(len(user)):
        here = location[row]
        if here < 0:
            continue
        _add(spent[here], began_h[row], ended_h[row], 0.0, math.inf, math.inf)
        until_h, again_h = ended_h[row] + _LONGEST_H, math.inf
        if row + 1 < len(user) and user[row + 1] == user[row]:
            until_h = min(until_h, began_h[row + 1])
            if location[row + 1] == here:
                again_h = began_h[row + 1]
        _add(spent[here], ended_h[row], until_h, mean_h, ended_h[row], again_h)
    return spent


@njit(cache=True)
def _add(spent: Any, from_h: float, to_h: float, mean_h: float, since_h: float, again_h: float) -> None:
    """Add the time from one hour to another, weighed by the chance to be there; all of it, if `mean_h` is 0."""
    while from_h < to_h:
        midnight_h = math.floor(from_h / _DAY_H) * _DAY_H
        weekday = math.floor(from_h / _DAY_H) % 7 not in (2, 3)  # 1970 began on a Thursday
        part, border_h = _NIGHT, midnight_h + _BORDERS_H[0]
        for number in range(1, len(_BORDERS_H)):
            if from_h >= midnight_h + _BORDERS_H[number - 1]:
                border_h = midnight_h + _BORDERS_H[number]
                part = _NIGHT if number == 4 else _OFFICE if number == 2 and weekday else _ANY
        end_h = min(border_h, to_h)
        spent[part] += _expected(from_h, end_h, mean_h, since_h, again_h) if mean_h > 0 else end_h - from_h
        from_h = end_h


@njit(cache=True)
def _expected(from_h: float, to_h: float, mean_h: float, since_h: float, again_h: float) -> float:
    """The integral of the chance that somebody stayed on since, or was there already before being seen again."""
    stayed = mean_h * (math.exp(-(from_h - since_h) / mean_h) - math.exp(-(to_h - since_h) / mean_h))
    if again_h == math.inf:
        return stayed
    came = mean_h * (math.exp(-(again_h - to_h) / mean_h) - math.exp(-(again_h - from_h) / mean_h))
    return stayed + came - (to_h - from_h) * math.exp(-(again_h - since_h) / mean_h)
