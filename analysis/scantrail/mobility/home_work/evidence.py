"""What the scans say about each place of a person: hours, days, first and last of the day, pauses; all in numbers.

A scan claims presence at one moment. Three things are made of it, each in hours of the local week:

- the *claim*: from the scan on, for an hour, or for as long as the stay is known to last, until the next scan;
- the *pause*: from there until the next scan, 14 hours at most, half of it given to either end;
- its *place in the day*, which breaks at 04:00 when the fewest people are about: the first scan or the last.

A place's share in what its person claims tells home and work in dense data, its logarithms in sparse data.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Bools = NDArray[np.bool_]

_CLAIM_H = 1.0
_PAUSE_H = 14.0  # a night out of sight; a longer pause tells of no place
_DAY_STARTS_H = 4.0
_EVENING_H = 16.0  # after an earlier last scan a whole evening is untold
_HALF_DAY_H = 3.0
_DAY_H, _WEEK_H = 24, 168
_SATURDAY = 5

# The hours of a week by what most people do in them: day of the week (Monday is 0) and hour to yes or no.
_HOURS: dict[str, Callable[[Ints, Ints], Bools]] = {
    "night": lambda _, hour: (hour < 6) | (hour >= 23),
    "evening": lambda _, hour: (hour >= 18) & (hour < 23),
    "office": lambda day, hour: (day < _SATURDAY) & (hour >= 9) & (hour < 17),
    "way": lambda day, hour: (day < _SATURDAY) & (((hour >= 6) & (hour < 9)) | (hour == 17)),
    "free": lambda day, hour: (day >= _SATURDAY) & (hour >= 6) & (hour < 18),
}


class Visits(NamedTuple):
    """Staypoints as plain arrays, ordered by person and time; a row is one visit.

    Attributes:
        person: codes from 0, ascending.
        place: codes from 0 in the order of their first row; a place belongs to one person.
        start_h: local hours since a Monday, 00:00.
        finish_h: likewise, not before the start.

    """

    person: Ints
    place: Ints
    start_h: Floats
    finish_h: Floats


class Evidence(NamedTuple):
    """What the visits say.

    Attributes:
        owner: the person of each place, ascending.
        places: by name, one number for each place.
        people: by name, one number for each person: how much there is to go by.
        counts: by name, the plain counts for each place that words are made of.
        rivals: by name, the greatest such count among the person's other places.
        ends: whether each visit is the first or last of its person's day.

    """

    owner: Ints
    places: dict[str, Floats]
    people: dict[str, Floats]
    counts: dict[str, Ints]
    rivals: dict[str, Ints]
    ends: Bools

    @property
    def persons(self) -> int:
        """How many people there are."""
        return int(self.owner.max(initial=-1)) + 1


def evidence(visits: Visits) -> Evidence:
    """Sum up what the visits say about each place. Linear in their number but for nothing."""
    person, place, start_h, finish_h = visits
    tally = _Tally(person, place)
    each, share, rival = tally.each, tally.share, tally.rival

    next_h = np.append(np.where(person[1:] == person[:-1], start_h[1:], np.inf), np.inf)[: len(person)]
    until_h = np.minimum(finish_h, np.maximum(next_h, start_h))
    claimed_h = np.minimum(np.maximum(until_h, start_h + _CLAIM_H), np.maximum(next_h, start_h))
    hours = {name: each(_hours(week, start_h, claimed_h)) for name, week in _WEEKS.items()}
    all_hours = sum(hours.values(), np.zeros(tally.places))
    pauses = _pauses(place, claimed_h, next_h, tally.places)

    date = np.floor(start_h / _DAY_H).astype(np.int64)
    clock_h = start_h - date * _DAY_H
    weekday = date % 7 < _SATURDAY
    at_office = _hours(_WEEKS["office"], start_h, claimed_h) > 0.0
    day = np.floor((start_h - _DAY_STARTS_H) / _DAY_H).astype(np.int64)
    first = np.append(True, (person[1:] != person[:-1]) | (day[1:] != day[:-1]))[: len(person)]
    last = np.append(first[1:], True)[: len(person)]
    last_evening = last & ((clock_h >= _EVENING_H) | (clock_h < _DAY_STARTS_H))
    stayed = weekday & (clock_h >= _DAY_STARTS_H) & (clock_h < 14.0)
    stayed &= (next_h - start_h >= _HALF_DAY_H) & (next_h - start_h <= _PAUSE_H)

    visits_n = each(np.ones(len(place)))
    days, all_days = tally.days(date)
    weekdays, all_weekdays = tally.days(date, weekday)
    office_days, all_office_days = tally.days(date, at_office)
    half_days, _ = tally.days(date, stayed)
    weeks, all_weeks = tally.days(date // 7)
    end_days, all_end_days = tally.days(day, first | last)
    mean_h = each(clock_h) / visits_n
    lasts, firsts = each(last), each(first)
    gap_h = np.where(next_h - until_h < 20.0, next_h - until_h, 0.0)

    places = {
        **{f"{name} hours, share": share(values, 1.0) for name, values in hours.items()},
        **{f"{name} pauses, share": share(values, 4.0) for name, values in pauses.items() if name != "way"},
        **{f"{name} of its own hours": hours[name] / (all_hours + 1.0) for name in hours if name != "way"},
        "last of the day, share": share(lasts, 1.0),
        "last in the evening, share": share(each(last_evening), 1.0),
        "first of the day, share": share(firsts, 1.0),
        "begins or ends days, share": end_days / (all_end_days + 1.0),
        "visits, share": share(visits_n, 1.0),
        "visits, log": np.log1p(visits_n),
        "days, log": np.log1p(days),
        "days, share": days / (all_days + 1.0),
        "weeks, log": np.log1p(weeks),
        "weeks, share": weeks / all_weeks,
        "weekdays of its own days": (weekdays + 0.7) / (days + 1.0),
        "office days, log": np.log1p(office_days),
        "office days, share": office_days / (all_office_days + 1.0),
        "half days, log": np.log1p(half_days),
        "half days, share": half_days / (all_weekdays + 1.0),
        "reached in the morning": each(weekday & (clock_h >= 6.0) & (clock_h < 11.0)) / (visits_n + 1.0),
        "mean hour": mean_h,
        "spread of hours": np.sqrt(np.maximum(each(clock_h**2) / visits_n - mean_h**2, 0.0)),
        "mean stay": np.minimum(each(until_h - start_h) / visits_n, 12.0),
        "mean pause": each(gap_h) / visits_n,
    }
    for name in ("night hours, share", "office hours, share", "days, share", "last of the day, share"):
        places[f"{name}, ahead"] = places[name] - rival(places[name])
    people = {
        "days, log": np.log1p(tally.of_person(all_days)),
        "office days, log": np.log1p(tally.of_person(all_office_days)),
        "visits a day, log": np.log(tally.of_person(tally.total(visits_n) / np.maximum(all_days, 1.0))),
        "mean stay": np.minimum(tally.of_person(tally.total(each(until_h - start_h)) / tally.total(visits_n)), 12.0),
    }
    counts = {
        "last": lasts,
        "first": firsts,
        "days": days,
        "days at home hours": tally.days(date, ~weekday | (clock_h < 8.0) | (clock_h >= _EVENING_H))[0],
        "home days": end_days,
        "home days of all": all_end_days,
        "work days": weekdays,
        "work days of all": all_weekdays,
        "office days": office_days,
    }
    return Evidence(
        owner=tally.owner,
        places=places,
        people=people,
        counts={name: values.astype(np.int64) for name, values in counts.items()},
        rivals={name: rival(counts[name]).astype(np.int64) for name in ("home days", "work days")},
        ends=first | last,
    )


def _pauses(place: Ints, claimed_h: Floats, next_h: Floats, places: int) -> dict[str, Floats]:
    """For each place, by the hours of the week: half of each pause that begins or ends there."""
    paused_h = np.where(np.isfinite(next_h), np.minimum(next_h, claimed_h + _PAUSE_H), claimed_h)
    before = np.flatnonzero(paused_h > claimed_h)  # by the visit before the pause; the next row is the one after
    pauses = {}
    for name, week in _WEEKS.items():
        half = _hours(week, claimed_h[before], paused_h[before]) / 2.0
        begin, end = (np.bincount(place[rows], half, places) for rows in (before, before + 1))
        pauses[name] = begin + end
    return pauses


class _Tally:
    """Sums of visits by place, and of places by person."""

    def __init__(self, person: Ints, place: Ints) -> None:
        self._person, self._place = person, place
        self.places = int(place.max(initial=-1)) + 1
        self.owner = np.zeros(self.places, dtype=np.int64)
        self.owner[place] = person
        self._starts = np.flatnonzero(np.append(True, self.owner[1:] != self.owner[:-1])[: self.places])

    def each(self, values: Floats | Bools) -> Floats:
        """The sum for each place of a number for each visit."""
        return np.bincount(self._place, values, self.places)

    def total(self, values: Floats) -> Floats:
        """The sum over the person's places, for each place."""
        return np.bincount(self.owner, values)[self.owner] if self.places else values

    def share(self, values: Floats, unseen: float) -> Floats:
        """The place's share in its person's; `unseen` is what may have gone elsewhere without a scan."""
        return values / (self.total(values) + unseen)

    def rival(self, values: Floats) -> Floats:
        """The greatest of the person's other places, for each place; 0 without another."""
        if not self.places:
            return values
        best = np.maximum.reduceat(values, self._starts)[self.owner]
        others = np.where(values == best, -np.inf, values)
        tied = self.total((values == best).astype(float)) > 1.0
        second = np.maximum(np.maximum.reduceat(others, self._starts), 0.0)[self.owner]
        return np.where(values < best, best, np.where(tied, best, second))

    def of_person(self, values: Floats) -> Floats:
        """One number for each person of numbers that are the same for all its places."""
        return values[self._starts]

    def days(self, date: Ints, which: Bools | slice = slice(None)) -> tuple[Floats, Floats]:
        """On how many dates each place has a visit, and its person has one anywhere."""
        date = date - date.min(initial=0)
        span = int(date.max(initial=0)) + 1
        at_place = pd.unique(self._place[which] * span + date[which]) // span
        anywhere = pd.unique(self._person[which] * span + date[which]) // span
        people = int(self._person.max(initial=-1)) + 1
        days = np.bincount(at_place, minlength=self.places).astype(float)
        return days, np.bincount(anywhere, minlength=people).astype(float)[self.owner]


def _week(these: Callable[[Ints, Ints], Bools]) -> Floats:
    """How many such hours have passed at each hour of the week."""
    hour = np.arange(_WEEK_H)
    return np.append(0.0, np.cumsum(these(hour // _DAY_H, hour % _DAY_H)))


_WEEKS = {name: _week(these) for name, these in _HOURS.items()}


def _hours(week: Floats, from_h: Floats, to_h: Floats) -> Floats:
    """How many of the hours between two times are such hours."""
    return _passed(week, to_h) - _passed(week, from_h)


def _passed(week: Floats, at_h: Floats) -> Floats:
    weeks, into_h = np.divmod(at_h, _WEEK_H)
    hour = np.minimum(into_h.astype(np.int64), _WEEK_H - 1)
    passed: Floats = weeks * week[-1] + week[hour] + (week[hour + 1] - week[hour]) * (into_h - hour)
    return passed
