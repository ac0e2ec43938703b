"""Moves of house: the day from which the nights belong to another place."""

import numpy as np

from scantrail.mobility.home_work.evidence import Bools, Evidence, Floats, Visits

LEAST_NIGHTS = 10  # on either side: a holiday is shorter
_LEAST_SHARE = 0.85  # of the nights on either side: a second home is slept at now and then
_LEAST_APART_H = 14 * 24.0  # from the first such night to the last, on either side


def moved_at(visits: Visits, found: Evidence) -> Floats:
    """When each person moved, in hours like the visits' start; infinite for who did not.

    A change point between two places, those with most nights: the one that best parts the nights, a sign for each
    (Page 1954, *Continuous inspection schemes*), if either place has nearly all the nights on its side.

    """
    moved = np.full(found.persons, np.inf)
    first, second = _most_slept_at(found)
    ours = found.ends & ((visits.place == first[visits.person]) | (visits.place == second[visits.person]))
    day = np.floor(visits.start_h / 24.0)
    ours &= _last_of_date(visits, day, ours)
    rows = np.flatnonzero(ours)
    if not len(rows):
        return moved
    person, sign = visits.person[rows], np.where(visits.place[rows] == first[visits.person[rows]], 1, -1)
    starts = np.flatnonzero(np.append(True, person[1:] != person[:-1]))
    nights = np.diff(np.append(starts, len(rows)))
    at = np.repeat(np.arange(len(starts)), nights)
    passed = np.cumsum(sign)
    passed -= (passed[starts] - sign[starts])[at]
    total = passed[np.append(starts[1:], len(rows)) - 1]
    parted = np.abs(2 * passed - total[at])
    best = np.flatnonzero(parted == np.maximum.reduceat(parted, starts)[at])
    best = best[np.append(True, at[best][1:] != at[best][:-1])]
    before, after = best - starts + 1, nights - (best - starts + 1)
    clear = np.minimum(before, after) >= LEAST_NIGHTS
    here, there = passed[best], total - passed[best]
    agreed = 2.0 * _LEAST_SHARE - 1.0  # what signs add up to at that share
    clear &= (here * there < 0) & (np.abs(here) >= agreed * before) & (np.abs(there) >= agreed * after)
    best, starts, ends = best[clear], starts[clear], (starts + nights)[clear] - 1
    hour = visits.start_h[rows]
    long = (hour[best] - hour[starts] >= _LEAST_APART_H) & (hour[ends] - hour[best + 1] >= _LEAST_APART_H)
    moved[person[best[long]]] = hour[best[long] + 1]
    return moved


def _most_slept_at(found: Evidence) -> tuple[np.ndarray, np.ndarray]:
    """The two places of each person with most nights; -1 for who has but one."""
    order = np.lexsort((-found.counts["home days"], found.owner))
    owner = found.owner[order]
    starts = np.flatnonzero(np.append(True, owner[1:] != owner[:-1])[: len(owner)])
    nexts = np.minimum(starts + 1, len(order) - 1)
    return order[starts], np.where(owner[nexts] == owner[starts], np.where(nexts > starts, order[nexts], -1), -1)


def _last_of_date(visits: Visits, day: Floats, which: Bools) -> Bools:
    """Of these visits, the last one of each person and date: it begins the night."""
    rows = np.flatnonzero(which)
    ends = np.append((visits.person[rows][1:] != visits.person[rows][:-1]) | (day[rows][1:] != day[rows][:-1]), True)
    chosen = np.zeros(len(day), dtype=bool)
    chosen[rows[ends[: len(rows)]]] = True
    return chosen
