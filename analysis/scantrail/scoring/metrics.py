"""The figures: rows, each of which measures an answer about one person against how that person lived."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scantrail import geo
from scantrail.scoring.answers import Answer
from scantrail.scoring.case import Case
from scantrail.scoring.truth import SHORTEST_STAY, Point

NEAR_M = 150.0  # a place and a location that are so near are one: the depth of a compound behind its gate
LOCATED_M = 250.0  # a person is located if believed so near, as in the published comparisons

type Measured = tuple[float | None, str]


class Metric(NamedTuple):
    """A row: its name and unit, how an answer is measured, what it means; `baseline`: the naive answer in words.

    Without a baseline there is no other answer, since the figure is about the scans themselves.
    """

    name: str
    unit: str
    measure: Callable[[Case, Answer], Measured]
    meaning: str
    baseline: str = ""


def _home_error(case: Case, answer: Answer) -> Measured:
    return _anchor_error("home", answer.home, case.person.home)


def _work_error(case: Case, answer: Answer) -> Measured:
    if case.person.work is None:
        return None, "has no workplace"
    return _anchor_error("work", answer.work, case.person.work)


def _anchor_error(purpose: str, said: Point | None, true: Point) -> Measured:
    if said is None:
        return None, f"{purpose} was not decidable"
    error_m = geo.point_distance_m((said.latitude, said.longitude), (true.latitude, true.longitude))
    return error_m, f"from the inferred to the true {purpose}"


def _work_decision(case: Case, answer: Answer) -> Measured:
    """Whether work, or its absence, was told rightly: 1 or 0."""
    if case.person.work is None:
        given = answer.work is not None
        return (0.0, "wrong: was given a workplace and has none") if given else (1.0, "right: has no workplace")
    error_m, meaning = _work_error(case, answer)
    if error_m is None:
        return None, meaning
    return (1.0, "right: a workplace is there") if error_m <= NEAR_M else (0.0, "wrong: works elsewhere")


def _hours_located(case: Case, answer: Answer) -> Measured:
    if case.fixes.empty:
        return None, "no positionfix"
    hours = case.hours
    if hours.empty:
        return None, "no full hour after the first positionfix"
    away_m = geo.distance_m(*answer.at(hours), *case.scene.truth.position(case.person.user_id, hours))
    return float((away_m <= LOCATED_M).mean()), f"of {len(hours)} hours from the first scan on, within 250 m"


def _places_recall(case: Case, answer: Answer) -> Measured:
    places = case.places[case.places["lasted"] >= SHORTEST_STAY]
    if places.empty:
        return None, "stayed nowhere for 15 minutes"
    found = _near(places, answer.places)
    return float(found.mean()), f"{found.sum()} of {len(places)} places of stays of 15 min or more have a location"


def _places_precision(case: Case, answer: Answer) -> Measured:
    if answer.places.empty:
        return None, "no location was inferred"
    been = case.fixes[["true_latitude", "true_longitude"]].set_axis(["latitude", "longitude"], axis="columns")
    right = _near(answer.places, pd.concat([case.places, been.dropna()]))
    return (
        float(right.mean()),
        f"{right.sum()} of {len(answer.places)} locations are where the person stayed or passed",
    )


def _meetings_recall(case: Case, answer: Answer) -> Measured:
    if not case.met:
        return None, "met nobody for 15 minutes"
    found = len(case.met & answer.met)
    return found / len(case.met), f"{found} of {len(case.met)} meetings (another person, a day) were found"


def _meetings_precision(case: Case, answer: Answer) -> Measured:
    if not answer.met:
        return None, "is said to have met nobody"
    right = len(case.met & answer.met)
    return right / len(answer.met), f"{right} of {len(answer.met)} meetings (another person, a day) are true"


def _fix_error(percent: int) -> Callable[[Case, Answer], Measured]:
    def measure(case: Case, _: Answer) -> Measured:
        fixes = case.fixes
        error_m = geo.distance_m(fixes["latitude"], fixes["longitude"], fixes["true_latitude"], fixes["true_longitude"])
        told = error_m[~np.isnan(error_m)]
        if not len(told):
            return None, "no positionfix at a time that the truth covers"
        return float(np.percentile(told, percent)), f"so near to the truth are {percent}% of {len(told)} positions told"

    return measure


def _subject_count(case: Case, _: Answer) -> Measured:
    return float(len(case.subjects)), f"known to the server as {', '.join(case.subjects) or 'nobody'}"


METRICS = (
    Metric("home_error", "m", _home_error, "from the inferred to the true home", "the place scanned most at night"),
    Metric(
        "work_error", "m", _work_error, "from the inferred to the true work", "the place scanned most in office hours"
    ),
    Metric(
        "work_decision",
        "1 or 0",
        _work_decision,
        "work, or that there is none, was told rightly, of those where it was decided",
        "the place scanned most in office hours",
    ),
    Metric("hours_located", "share", _hours_located, "hours told within 250 m", "where last seen"),
    Metric(
        "places_recall",
        "share",
        _places_recall,
        "places of stays of 15 min or more that were found; of a published reconstruction from GPS: 61 %",
        "each scan a place",
    ),
    Metric(
        "places_precision",
        "share",
        _places_precision,
        "inferred locations where the person stayed or passed",
        "each scan a place",
    ),
    Metric(
        "meetings_recall",
        "share",
        _meetings_recall,
        "days with another person at one place for 15 min or more that were found",
        "scans within 100 m and 30 min",
    ),
    Metric(
        "meetings_precision",
        "share",
        _meetings_precision,
        "days said to have been with another person that were",
        "scans within 100 m and 30 min",
    ),
    Metric("fix_error_median", "m", _fix_error(50), "so near to the truth are 50% of the positions told"),
    Metric("fix_error_p95", "m", _fix_error(95), "so near to the truth are 95% of the positions told"),
    Metric("subjects", "subjects", _subject_count, "how many people the server takes one person for"),
)


def _near(ours: pd.DataFrame, theirs: pd.DataFrame) -> NDArray[np.bool_]:
    """Which of ours have one of theirs within `NEAR_M`."""
    away_m = geo.distance_m(
        ours["latitude"].to_numpy()[:, None],
        ours["longitude"].to_numpy()[:, None],
        theirs["latitude"].to_numpy()[None, :],
        theirs["longitude"].to_numpy()[None, :],
    )
    return np.asarray((away_m <= NEAR_M).any(axis=1))
