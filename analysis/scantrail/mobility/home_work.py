"""Home and work, by a rule that fits scans: they are few, and they are made on arriving, not while staying."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import chain
from typing import NamedTuple

import pandas as pd

from scantrail.mobility.days import Zone, by_day
from scantrail.schema import ANCHORS, LOCATIONS, STAYPOINTS

_DAY_STARTS_AT = timedelta(hours=4)  # when the fewest people are about; midnight would cut evenings in two
# Hours below count from there.
_EVENING_H = 12.0  # 16:00: after an earlier last scan, a whole evening is untold
_MORNING_H = 4.0  # 08:00: a later first scan is as likely at work
_HALF_DAY_H = 10.0  # 14:00: who arrives later does not stay for half a working day
_HALF_DAY_LENGTH_H = 3.0
_LEAST_STAYED = 2 / 3  # of the days on which a place is reached: less, and it is on the way to another


class _Rule(NamedTuple):
    """What it takes to be a subject's home or work, and the words that tell the evidence.

    `weights` are the points of each sign; `least_support` counts days with any sign.
    """

    purpose: str
    weights: Mapping[str, float]
    least_support: int
    least_share: float
    because: str


_HOME = _Rule(
    "home",
    {"last": 1.0, "first": 0.5},  # who leaves home may pass the first gate that checks elsewhere
    2,  # one night may be spent anywhere
    0.3,  # gates check unevenly, so not every night shows
    "last scan of the day on {last}, first of the next day on {first} of {days} nights; next place: {next_support}",
)
_WORK = _Rule(
    "work",
    {"stayed": 1.0},
    3,  # by chance, half a day may be spent at one place twice in a week
    0.3,  # the other days may be spent elsewhere, or their scans be missing
    "reached by 14:00 for 3 h or more on {support} of {days} weekdays away from home; next place: {next_support}",
)


def home_and_work(staypoints: pd.DataFrame, locations: pd.DataFrame, *, tz: Zone) -> pd.DataFrame:
    """Find where each subject lives and works, or say nothing where the scans do not tell.

    Rules for telephone records ask where a person is at night or in office hours. Scans do not say: they are made at
    gates, and nobody passes one asleep. What tells is the pause after a scan. The place that was entered before a long
    pause is where the time was spent; a station's gate is passed as often, but the next scan follows soon.

    Home is where nights begin and end (last destination of the day: Krumm 2007, *Inference attacks on location
    tracks*). A day breaks at 04:00. The place of its last scan, from 16:00 on, has one vote, and the place of the next
    day's first scan, before 08:00, half a vote. Home has most votes, and at least two nights and 30 % of the nights.

    Work is where weekdays are spent. Each weekday's vote goes to the first place that was reached between 04:00 and
    14:00 and where the pauses of that day (until a scan elsewhere) add up to three hours. A place where they do so on
    less than two thirds of the days is on the way to another, whose scan is sometimes missing. Work has most votes, at
    least three and 30 % of the weekdays on which the subject was seen away from home. It is neither home nor a place
    where as many nights were spent as such days: that is somebody's home, and the usual false workplace.

    A tie decides nothing. People who sleep by day are not served, nor those whose home is hardly ever scanned. The
    thresholds were settled on annotated people (HoWDe, arXiv 2506.20679), except the two thirds, which simulated
    stations suggested and those people left unchanged.

    Args:
        staypoints: by `schema.STAYPOINTS`, with locations, rows in any order.
        locations: by `schema.LOCATIONS`.
        tz: the zone in which the people live.

    Returns:
        A table by `schema.ANCHORS`, ordered by subject; no row where it is not decidable.

    Raises:
        SchemaError: not such tables.

    """
    stays = STAYPOINTS.frame(staypoints).sort_values(["user_id", "started_at", "finished_at"], ignore_index=True)
    visits = _visits(stays, tz)
    nights = _nights(visits)
    homes = _elect(nights, _HOME, _days_of(nights, "user_id"))
    away = visits[~visits["location_id"].isin(homes["location_id"])]
    workdays = _workdays(away, nights)
    works = _elect(workdays, _WORK, _days_of(away[_weekday(away)], "user_id"))
    elected = pd.concat([_with_requests(homes, nights, stays), _with_requests(works, workdays, stays)])
    places = LOCATIONS.frame(locations)[["location_id", "latitude", "longitude"]]
    return ANCHORS.frame(elected.merge(places, on="location_id").sort_values(["user_id", "purpose"]))


def _visits(stays: pd.DataFrame, tz: Zone) -> pd.DataFrame:
    """The staypoints day by day; `pause_h` is the time until the next one begins, or the day ends."""
    visits = by_day(stays, tz, starts_at=_DAY_STARTS_AT)
    for name in ("user_id", "location_id"):
        visits[name] = stays[name].array[visits["staypoint_id"]]
    following = visits.groupby(["user_id", "day"])["from_hour"].shift(-1)
    return visits.assign(pause_h=following.fillna(24.0) - visits["from_hour"])


def _nights(visits: pd.DataFrame) -> pd.DataFrame:
    """The votes for home; `day` is the one before the night."""
    of_day = visits.groupby(["user_id", "day"])
    last, first = of_day.tail(1), of_day.head(1)
    evening = last[last["to_hour"] >= _EVENING_H].assign(sign="last")
    morning = first[first["from_hour"] <= _MORNING_H].assign(sign="first")
    return pd.concat([evening, morning.assign(day=morning["day"] - timedelta(days=1))])


def _workdays(away: pd.DataFrame, nights: pd.DataFrame) -> pd.DataFrame:
    """The votes for work: one for each weekday with a place that the subject stays at."""
    at_place = away.groupby(["day", "location_id"])
    arrived_h, stayed_h = at_place["from_hour"].transform("min"), at_place["pause_h"].transform("sum")
    reached = away.assign(stayed=stayed_h >= _HALF_DAY_LENGTH_H)[(arrived_h > 0.0) & (arrived_h <= _HALF_DAY_H)]
    reached = reached.drop_duplicates(["day", "location_id"])
    usually = reached.groupby("location_id")["stayed"].transform("mean") >= _LEAST_STAYED
    there = reached[_weekday(reached) & reached["stayed"] & usually]
    votes = there.groupby(["user_id", "day"]).head(1).assign(sign="stayed")
    slept = votes["location_id"].map(_days_of(nights, "location_id")).fillna(0)
    return votes[votes["location_id"].map(_days_of(votes, "location_id")) > slept]


def _weekday(rows: pd.DataFrame) -> pd.Series:
    """Whether a row's day is one from Monday to Friday."""
    weekday: pd.Series = rows["day"].dt.day_of_week < 5
    return weekday


def _days_of(rows: pd.DataFrame, whose: str) -> pd.Series:
    """On how many days each of them has a row."""
    days: pd.Series = rows.groupby(whose)["day"].nunique()
    return days


def _elect(votes: pd.DataFrame, rule: _Rule, days: pd.Series) -> pd.DataFrame:
    """The location of each subject that wins by the rule among the days looked at, with the words for it."""
    tally = _tally(votes, rule.weights)
    tally["days"] = days.reindex(tally["user_id"]).to_numpy(dtype=int)
    tally["share"] = tally["support"] / tally["days"]
    clear = (tally["points"] > tally["next_points"]) & ~tally["user_id"].duplicated()
    won = tally[clear & (tally["support"] >= rule.least_support) & (tally["share"] >= rule.least_share)]
    because = [rule.because.format_map(row) for row in won.to_dict("records")]
    return won.assign(purpose=rule.purpose, because=because)


def _tally(votes: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Signs, points and days for each location, best first; points and days of the subject's next one beside them."""
    names = ["user_id", "location_id"]
    signs = votes.groupby([*names, "sign"]).size().unstack(fill_value=0).reindex(columns=list(weights), fill_value=0)
    tally = signs.assign(points=signs @ pd.Series(weights), support=votes.groupby(names)["day"].nunique())
    tally = tally.reset_index().sort_values(["user_id", "points"], ascending=[True, False], kind="stable")
    following = tally.groupby("user_id")[["points", "support"]].shift(-1, fill_value=0)
    return tally.assign(next_points=following["points"], next_support=following["support"])


def _with_requests(won: pd.DataFrame, votes: pd.DataFrame, stays: pd.DataFrame) -> pd.DataFrame:
    """Add the requests behind the votes for the winners."""
    voting = votes[votes["location_id"].isin(won["location_id"])].groupby("location_id")["staypoint_id"]
    requests = {location: _distinct(stays["requests"].array[rows]) for location, rows in voting}
    return won.assign(requests=won["location_id"].map(requests).astype(object))


def _distinct(lists: Iterable[list[int]]) -> list[int]:
    return sorted(set(chain.from_iterable(lists)))
