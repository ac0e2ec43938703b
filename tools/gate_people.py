"""Simulated people who scan at gates, to train beside real ones: on the way, at home and at work.

Real people who were tracked have stops, not gates. What they cannot teach: a station's gate is passed as often as the
office door, and is no workplace; a gate at home may hardly ever check, and another always.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

_HOUR_S, _DAY_S = 3600, 86_400
_HOME, _WORK, _HOME_STATION, _WORK_STATION, _SECOND_HOME, _ERRANDS = 0, 1, 2, 3, 4, 5
_ERRAND_PLACES = 8
PLACES = _ERRANDS + _ERRAND_PLACES
_LABELS = np.array(["H", "W"] + ["O"] * (PLACES - 2))
STATION_OF = {_HOME_STATION: _HOME, _WORK_STATION: _WORK}
# Shares of the people.
_WORKERS, _OFF_AT_WEEKENDS, _UNSEEN_HOMES, _SECOND_HOMES, _HABITS = 0.6, 0.85, 0.15, 0.15, 0.4
_ONE_GATE = 0.08  # checks, and no other

type Arrival = tuple[float, int]  # hours since the first day's midnight, place


def gate_people(number: int, seed: int) -> pd.DataFrame:
    """The scans of so many people, with the columns of annotated ones."""
    table = arrivals(number, seed)
    person, place = table["user_id"], table["place"]
    at = (table["hour"] * _HOUR_S).astype("int64")
    scans = pd.DataFrame({"user_id": person, "location_id": person * PLACES + place, "start_s": at, "finish_s": at})
    scans = scans.assign(label=_LABELS[place])[table["checked"]]
    return scans.sort_values(["user_id", "start_s", "location_id"], ignore_index=True)


def arrivals(number: int, seed: int) -> pd.DataFrame:
    """Every arrival of so many people: `user_id`, `hour`, `place` (0 to `PLACES`), and whether its gate `checked`."""
    rng = np.random.default_rng(seed)
    rows = [(person, *arrival) for person in range(number) for arrival in _life(rng)]
    return pd.DataFrame(rows, columns=["user_id", "hour", "place", "checked"])


def _life(rng: np.random.Generator) -> Iterator[tuple[float, int, bool]]:
    """One person's arrivals: each gate checks with a chance of its own."""
    works = rng.random() < _WORKERS
    checks = rng.beta(2.0, 1.0, PLACES)
    checks[_HOME] = 0.0 if rng.random() < _UNSEEN_HOMES else rng.beta(1.0, 0.6)
    if rng.random() < _ONE_GATE:
        checks *= np.arange(PLACES) == (_WORK if works else _ERRANDS)
    starts_h = rng.normal(8.7, 0.7)
    lasts_h, way_h = rng.normal(9.0, 0.7), rng.uniform(0.2, 0.9)
    off = {5, 6} if rng.random() < _OFF_AT_WEEKENDS else set(rng.choice(7, 2, replace=False).tolist())
    favours = rng.dirichlet(np.full(_ERRAND_PLACES, 0.5))
    goes_out, by_train = rng.uniform(0.2, 1.2), rng.random() < 0.6
    has_second, has_habit = rng.random() < _SECOND_HOMES, rng.random() < _HABITS
    habit_days, habit_h = rng.choice(7, int(rng.integers(2, 8)), replace=False), rng.uniform(7.0, 19.0)
    first = int(rng.integers(7))
    for day in range(first, first + int(rng.choice([4, 5, 7, 14, 21, 28]))):
        plan: list[Arrival] = []
        midnight, begins_h = 24.0 * day, starts_h + rng.normal(0.0, 0.4)
        if works and day % 7 not in off and rng.random() < 0.95:
            ends_h = begins_h + lasts_h + rng.normal(0.0, 0.7)
            plan += [(begins_h, _WORK)]
            if by_train:
                plan += [(begins_h - way_h, _HOME_STATION), (ends_h, _WORK_STATION)]
            if rng.random() < 0.3:
                out_h = begins_h + rng.uniform(3.0, 5.0)
                plan += [(out_h, _errand(rng, favours)), (out_h + rng.uniform(0.4, 1.0), _WORK)]
            plan += _errands(rng, ends_h + way_h, goes_out * 0.4, favours)
        else:
            wakes_h = rng.uniform(8.0, 12.0)
            plan += _errands(rng, wakes_h, goes_out, favours)
            if rng.random() < goes_out / 2:
                plan += _errands(rng, wakes_h + rng.uniform(4.0, 7.0), 1.0, favours)
        if has_habit and day % 7 in habit_days and not any(place == _WORK for _, place in plan):
            plan = [(habit_h, _ERRANDS), (habit_h + rng.uniform(0.7, 5.0), _HOME)]
        if has_second and day % 7 in off:
            plan = [(hour, _SECOND_HOME if place == _HOME else place) for hour, place in plan]
        yield from ((midnight + hour, place, bool(rng.random() < checks[place])) for hour, place in plan)


def _errand(rng: np.random.Generator, favours: np.ndarray) -> int:
    return _ERRANDS + int(rng.choice(_ERRAND_PLACES, p=favours))


def _errands(rng: np.random.Generator, from_h: float, chance: float, favours: np.ndarray) -> list[Arrival]:
    """Some places one after another, or none, and home again."""
    plan: list[Arrival] = []
    while rng.random() < chance and len(plan) < 3:
        plan.append((from_h, _errand(rng, favours)))
        from_h += rng.uniform(0.5, 2.5)
        chance *= 0.5
    return [*plan, (from_h, _HOME)]
