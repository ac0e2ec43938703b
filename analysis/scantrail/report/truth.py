"""What a simulation knows to be true, to be shown beside what was inferred; read through `scantrail.scoring` alone."""

from collections.abc import Mapping
from typing import NamedTuple

from scantrail import Analysis, CaptureError, scoring
from scantrail.report.people import OTHER, Lived, Point

_LOOKS = {"home": "home", "work": "work", "travel": "travelling"}


class Score(NamedTuple):
    """How far an inference is right, in words; of a person, by the truth's name for them."""

    person: str
    metric: str
    value: str
    meaning: str


class Known(NamedTuple):
    """The scores, None where no truth is known; by subject the life of the person it is; why truth cannot be read."""

    scores: list[Score] | None = None
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
        return Known([], {}, str(error))
    identifiers = {user: analysis.subjects.values(user) for user in analysis.subjects.identifiers}
    scores = scoring.score(analysis.history, truth, identifiers)
    lived = {user: _lived(truth, person) for user, person in scoring.match(truth, identifiers).items()}
    return Known([Score(s.user_id, s.metric.replace("_", " "), _value(s), s.meaning) for s in scores], lived)


def _lived(truth: scoring.Truth, person: scoring.Person) -> Lived:
    rows = truth.of(person.user_id)
    looks = [_LOOKS.get(activity, OTHER) for activity in rows["activity"]]
    hours = (rows["finished_at"] - rows["started_at"]).dt.total_seconds() / 3600
    anchors = {"home": person.home, "work": person.work}
    points = {name: Point(at.latitude, at.longitude) for name, at in anchors.items() if at}
    return Lived(rows.assign(look=looks, hours=hours), points)


def _value(score: scoring.Score) -> str:
    if score.value is None:
        return "not measurable"
    match score.unit:
        case "m":
            return f"{score.value:,.0f} m"
        case "share":
            return f"{score.value:.0%}"
        case _:
            return f"{score.value:g}"
