"""What a simulation knows to be true, to be shown beside what was inferred; read through `scantrail.scoring` alone."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from scantrail import Analysis, CaptureError, scoring
from scantrail.report.people import OTHER, TRAVELLING, Lived, Point

_LOOKS = {"home": "home", "work": "work", "travel": TRAVELLING}


class Score(NamedTuple):
    """How far an inference is right, and a naive one, in words; `people`: how many, or the truth's name for one."""

    people: str
    metric: str
    value: str
    baseline: str
    meaning: str


class Known(NamedTuple):
    """What is known of the truth.

    Attributes:
        summary: the scores of all people together, None where no truth is known.
        each: those of each, if there are several.
        lived: by subject, the life of the person it is.
        problem: why the truth cannot be read.

    """

    summary: Sequence[Score] | None = None
    each: Sequence[Score] = ()
    lived: Mapping[str, Lived] = {}
    problem: str = ""


def known(analysis: Analysis) -> Known:
    """Read the truth of a capture, if it has one."""
    folder = analysis.capture.path
    if not (folder / "truth").is_dir():
        return Known()
    try:
        truth = scoring.read_truth(folder)
    except CaptureError as error:  # a simulation that was broken off; all else can still be told
        return Known([], problem=str(error))
    identifiers = {user: analysis.subjects.values(user) for user in analysis.subjects.identifiers}
    scores = scoring.score(analysis.history, truth, identifiers)
    lived = {user: _lived(truth, person) for user, person in scoring.match(truth, identifiers).items()}
    each = [_score(row, row.user_id) for row in scores]
    if len(truth.people) == 1:
        return Known(each, lived=lived)
    return Known([_score(row, f"{row.people}") for row in scoring.summarise(scores)], each, lived)


def _lived(truth: scoring.Truth, person: scoring.Person) -> Lived:
    rows = truth.of(person.user_id)
    looks = [_LOOKS.get(activity, OTHER) for activity in rows["activity"]]
    hours = (rows["finished_at"] - rows["started_at"]).dt.total_seconds() / 3600
    anchors = {"home": person.home, "work": person.work}
    points = {name: Point(at.latitude, at.longitude) for name, at in anchors.items() if at}
    return Lived(rows.assign(look=looks, hours=hours), points)


def _score(row: scoring.Score | scoring.Summary, people: str) -> Score:
    values = [in_words(value, row.unit) for value in (row.value, row.baseline)]
    return Score(people, row.metric.replace("_", " "), values[0] or "not measurable", values[1], row.meaning)


def in_words(value: float | None, unit: str) -> str:
    """A value with its unit; nothing where there is none."""
    if value is None:
        return ""
    match unit:
        case "m":
            return f"{value:,.0f} m"
        case "share":
            return f"{value:.0%}"
        case _:
            return f"{round(value, 2):g}"
