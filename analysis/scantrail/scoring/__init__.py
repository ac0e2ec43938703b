"""How near the inferred history comes to the truth, and how much nearer than a naive answer from the same scans."""

from collections.abc import Mapping
from statistics import median

import msgspec

from scantrail.history import History
from scantrail.scoring.answers import inferred, naive
from scantrail.scoring.case import Case, Scene
from scantrail.scoring.metrics import METRICS, Metric
from scantrail.scoring.truth import WHEREABOUTS, Person, Point, Truth, read_truth, used_rules

__all__ = [
    "METRICS",
    "WHEREABOUTS",
    "Person",
    "Point",
    "Score",
    "Summary",
    "Truth",
    "match",
    "read_truth",
    "score",
    "summarise",
    "used_rules",
]


class Score(msgspec.Struct, frozen=True):
    """One figure about one person (by the truth's id), and what the naive answer gets in its place.

    `value` is None where there is nothing to measure, `baseline` also where there is no naive answer.
    """

    metric: str
    user_id: str
    value: float | None
    baseline: float | None
    unit: str
    meaning: str


class Summary(msgspec.Struct, frozen=True):
    """One figure over all people: of errors and counts the median, of shares the mean, over those who have one."""

    metric: str
    value: float | None
    baseline: float | None
    unit: str
    people: int
    meaning: str


def score(history: History, truth: Truth, identifiers: Mapping[str, frozenset[str]]) -> list[Score]:
    """Measure a history against the truth, person by person.

    Args:
        history: what was inferred.
        truth: what was so.
        identifiers: by subject, the values by which the server knows it. A subject and a person who share one belong
            together; of several subjects of a person, the one with most fixes is measured.

    """
    scene = Scene(history, truth, match(truth, identifiers))
    return [row for person in truth.people for row in _rows(Case(scene, person))]


def _rows(case: Case) -> list[Score]:
    ours, theirs = inferred(case), naive(case)
    return [
        Score(
            metric.name,
            case.person.user_id,
            *(value, baseline if metric.baseline else None),
            metric.unit,
            f"{meaning}; beside it: {metric.baseline}" if metric.baseline and value is not None else meaning,
        )
        for metric in METRICS
        for (value, meaning), (baseline, _) in [(metric.measure(case, ours), metric.measure(case, theirs))]
    ]


def summarise(scores: list[Score]) -> list[Summary]:
    """One row for each metric, over all people."""
    return [_over(metric, [row for row in scores if row.metric == metric.name]) for metric in METRICS]


def _over(metric: Metric, rows: list[Score]) -> Summary:
    ours, theirs = ([v for row in rows if (v := getattr(row, name)) is not None] for name in ("value", "baseline"))
    return Summary(
        metric.name, _middle(ours, metric.unit), _middle(theirs, metric.unit), metric.unit, len(ours), metric.meaning
    )


def _middle(values: list[float], unit: str) -> float | None:
    if not values:
        return None
    return median(values) if unit in {"m", "subjects"} else sum(values) / len(values)


def match(truth: Truth, identifiers: Mapping[str, frozenset[str]]) -> dict[str, Person]:
    """By subject, the person with whom it shares most identifiers; a subject that shares none is left out."""
    shared = {
        subject: max(truth.people, key=lambda person: len(person.identifiers & values))
        for subject, values in identifiers.items()
        if truth.people
    }
    return {subject: person for subject, person in shared.items() if person.identifiers & identifiers[subject]}
