"""The page's head in words and numbers."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scantrail.model import Capture, Finding, Part
from scantrail.report.page import local
from scantrail.report.people import count
from scantrail.report.sections import Counts

_ABOUT = {"made_by": "Made by", "design": "Design", "seed": "Seed", "people": "People", "days": "Days"}


def facts(capture: Capture, counts: Counts, tz: ZoneInfo) -> list[tuple[str, str]]:
    """Where the capture comes from and how large it is: terms and what they are."""
    found = [(term, str(capture.about[key])) for key, term in _ABOUT.items() if key in capture.about]
    if capture.about.get("complete") is False:
        found.append(("State", "cut short"))
    if capture.requests:
        times = [request.at for request in capture.requests]
        found += [("First request", local(min(times), tz)), ("Last request", local(max(times), tz))]
    numbers = {"Requests": counts.requests, "Could not be read": counts.unread, "Did not leave": counts.unsent}
    return [*found, ("Clock", tz.key), *((term, f"{number:,}") for term, number in numbers.items())]


def found(capture: Capture, counts: Counts, told: Mapping[int, Iterable[str]], tz: ZoneInfo) -> str:
    """What was found, in a sentence or three."""
    days = count(len({request.at.astimezone(tz).date() for request in capture.requests}), "day")
    hosts = count(len({request.receiver for request in capture.requests}), "receiver")
    where = sum("position" in kinds for kinds in told.values())
    sentences = [
        f"In {days}, {count(counts.requests, 'request')} left a phone or tried to, for {hosts}.",
        f"{counts.telling:,} of them told something about a phone or its owner, {where:,} told where it was.",
    ]
    if counts.unread:
        sentences.append(f"{counts.unread:,} could not be read.")
    return " ".join(sentences)


class Quoted(NamedTuple):
    """A claim in one row that can be quoted: its verdict, what shows it, and what this traffic cannot say of it."""

    finding: Finding
    evidence: Sequence[str]
    limits: Sequence[str]


def quoted(findings: Sequence[Finding]) -> list[Quoted]:
    """Each claim in one row."""
    return [
        Quoted(
            finding,
            evidence=[part.shows for part in finding.parts if part.verdict != "not decidable"],
            limits=[_open(part) for part in finding.parts if part.verdict == "not decidable"],
        )
        for finding in findings
    ]


def _open(part: Part) -> str:
    """So that nobody quotes as said what could not be decided."""
    return f"Not decided: “{part.statement}” {part.shows}"


def verdicts(findings: Sequence[Finding]) -> str:
    """How the claims fared, in a sentence."""
    number = Counter(finding.verdict for finding in findings)
    supported, refuted, open_ = (number[name] or "none" for name in ("supported", "refuted", "not decidable"))
    claims = count(len(findings), "published claim")
    return f"Of {claims}, this traffic supports {supported}, refutes {refuted}, and cannot decide {open_}."
