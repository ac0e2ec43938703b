"""All that the page says, as values for its template."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from scantrail import Analysis
from scantrail.detectors import IDENTIFIERS
from scantrail.model import Disclosure
from scantrail.report import evidence, methods, sections, summary
from scantrail.report.crowd import Crowd
from scantrail.report.moments import left
from scantrail.report.moving import Moving
from scantrail.report.pairs import pairs
from scantrail.report.people import Inferred, count, listed
from scantrail.report.pictures import Picture
from scantrail.report.truth import Known

LINKS, MOST_LINKS = 8, 400  # to requests: shown at once, and on demand
ROWS = 200  # of a table
HEADINGS = {
    "findings": "Verdicts",
    "receivers": "Receivers",
    "moments": "What left when",
    "history": "History, home and work",
    "meetings": "Meetings",
    "unique": "Uniqueness",
    "truth": "Inferred against true",
    "unread": "What could not be read",
    "evidence": "Evidence",
    "methods": "Methods",
}


class Anchor(NamedTuple):
    """Home or work as a row of a table."""

    purpose: str
    position: str
    share: str
    because: str
    requests: Sequence[int]


class Subject(NamedTuple):
    """One subject as the page shows it."""

    user_id: str
    known_by: str
    joined: bool
    summary: str
    figures: Sequence[Picture]
    anchors: Sequence[Anchor]
    undecided: str


def context(
    analysis: Analysis,
    *,
    people: Sequence[tuple[Inferred, Sequence[Picture]]],
    matrix: Picture | None,
    truth: Known,
    unique: Crowd,
    curve: Picture | None,
    moving: Moving | None,
) -> dict[str, object]:
    """Gather what the template needs.

    Args:
        analysis: of the capture.
        people: those that are shown, with their figures.
        matrix: the figure of what each receiver learned, if any learned anything.
        truth: what is known of it.
        unique: how few points single somebody out.
        curve: its figure, if there are people to be told apart.
        moving: the map with a time slider, if anybody told a position.

    """
    capture, findings, tz = analysis.capture, analysis.findings, analysis.capture.tz
    subjects = analysis.history.positionfixes["user_id"].nunique()
    shown = {**HEADINGS}
    if subjects < 2:
        del shown["meetings"]
    if truth.summary is None:
        del shown["truth"]
    told = sections.tell(analysis.disclosures)
    counts = sections.counts(capture, told)
    return {
        "name": capture.path.resolve().name,
        "about": capture.about,
        "facts": summary.facts(capture, counts, tz),
        "contents": shown,
        "counts": counts,
        "found": summary.found(capture, counts, told, tz),
        "verdicts": summary.verdicts(findings),
        "findings": findings,
        "quoted": summary.quoted(findings),
        "people": [_subject(analysis, person, pictures) for person, pictures in people],
        "more_people": _more(subjects, len(people), "subject"),
        **_limited("pairs", pairs(analysis.history) if subjects > 1 else [], "pair"),
        "truth": truth,
        "matrix": matrix,
        "unique": unique,
        "curve": curve,
        "moving": moving,
        **_limited("receivers", sections.receivers(capture, told), "receiver"),
        "occasions": sections.occasions(capture, told),
        **_limited("left", left(analysis.evidence), "line"),
        "idle": any(moment.name == "idle" for moment in capture.moments),
        **_limited("unreadable", sections.unreadable(analysis.gaps), "line"),
        **_limited("problems", capture.problems, "line"),
        **_evidence(analysis),
        "links": LINKS,
        "most": MOST_LINKS,
        "methods": methods.steps(tz),
        "zone": tz.key,
        "versions": methods.versions(),
    }


def _evidence(analysis: Analysis) -> dict[str, object]:
    """The requests that findings, anchors and positions rest on, and which of them the page shows."""
    groups: list[Sequence[int]] = [part.requests for finding in analysis.findings for part in finding.parts]
    groups += [*analysis.history.anchors["requests"], analysis.history.positionfixes["request"].tolist()]
    chosen, more = evidence.choose(groups)
    disclosures: dict[int, list[Disclosure]] = defaultdict(list)
    for disclosure in analysis.disclosures:
        disclosures[disclosure.request.index].append(disclosure)
    wanted = frozenset(chosen)
    shown = {request.index: request for request in analysis.capture.requests if request.index in wanted}
    return {
        "exhibits": [
            evidence.exhibit(request, analysis.capture.moment(request), disclosures[index])
            for index, request in shown.items()
        ],
        "shown": wanted,
        "more_evidence": _more(len(shown) + more, len(shown), "request"),
    }


def _subject(analysis: Analysis, person: Inferred, figures: Sequence[Picture]) -> Subject:
    known = Counter(kind for kind, _ in analysis.subjects.identifiers.get(person.user_id, ()))
    kinds = {kind.replace("_", " "): known[kind] for kind in IDENTIFIERS if known[kind]}
    days = person.positionfixes["tracked_at"].dt.tz_convert(analysis.capture.tz).dt.date.nunique()
    places = count(len(person.locations), "place")
    doubted = f" Another {person.doubted} cannot be true (a code scanned elsewhere, or too fast)." * (
        person.doubted > 0
    )
    absent = [purpose for purpose in ("home", "work") if purpose not in set(person.anchors["purpose"])]
    return Subject(
        user_id=person.user_id,
        known_by=listed([f"one {kind}" if number == 1 else count(number, kind) for kind, number in kinds.items()]),
        joined=known.total() > 1,
        summary=f"Requests that carry them hold {person.trail} at {places} on {count(days, 'day')}.{doubted}",
        figures=figures,
        anchors=[_anchor(row) for _, row in person.anchors.iterrows()],
        undecided=f"Not decidable from these positions: {listed(absent)}." if absent else "",
    )


def _anchor(row: pd.Series) -> Anchor:
    return Anchor(
        purpose=row["purpose"],
        position="known by its code alone"
        if pd.isna(row["latitude"])
        else f"{row['latitude']:.5f}, {row['longitude']:.5f}",
        share=f"{row['share']:.0%} of {row['days']}",
        because=row["because"],
        requests=row["requests"],
    )


def _limited(name: str, rows: Sequence[object], noun: str) -> dict[str, object]:
    """The rows of a table, as many as the page shows, and how many more there are."""
    return {name: rows[:ROWS], f"more_{name}": _more(len(rows), ROWS, noun)}


def _more(there: int, shown: int, noun: str) -> str:
    return count(there - shown, f"further {noun}") if there > shown else ""
