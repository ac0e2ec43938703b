"""Captures beside each other: what leaves at consent and at a scan beyond what leaves anyhow; who could join visits.

Phones talk when nothing happens, so that what follows an action is not all its doing. The idle baseline says what is:
a kind of disclosure to a receiver belongs to an action if a greater share of the action's moments told it than of idle
ones. Shares, since a request may be a second late and fall to the next moment, of somebody else.
"""

from collections import Counter
from typing import NamedTuple

from scantrail import Analysis
from scantrail.findings import Evidence
from scantrail.model import Verdict

CLAIM = "PU1"


class Told(NamedTuple):
    """A kind of disclosure to a receiver, and at how many of the moments."""

    receiver: str
    kind: str
    moments: int


class Comparison(NamedTuple):
    """A capture in one row.

    `consent` and `scan` are beyond the idle baseline, `idle` is the baseline; None where there was no such moment.
    `visits_alone` are those that some receiver could join by itself, `visits_together` those that all of them could.
    """

    capture: str
    design: str | None
    scans: int
    subjects: int
    consent: tuple[Told, ...] | None
    scan: tuple[Told, ...] | None
    idle: tuple[Told, ...] | None
    visits_alone: int
    visits_together: int
    receivers_alone: tuple[str, ...]
    hiding: int
    pu1: Verdict


def compare(analysis: Analysis) -> Comparison:
    """Sum a capture up, from its traffic alone."""
    evidence = analysis.evidence
    found, design = evidence.visits, analysis.capture.about.get("design")
    return Comparison(
        capture=str(analysis.capture.path),
        design=design if isinstance(design, str) else None,
        scans=len(evidence.scans),
        subjects=len(evidence.subjects.identifiers),
        consent=beyond_idle(evidence, "consent"),
        scan=beyond_idle(evidence, "scan"),
        idle=told(evidence, "idle"),
        visits_alone=len({visit.scan for visits in found.alone.values() for visit in visits}),
        visits_together=len({visit.scan for visit in found.joined}),
        receivers_alone=tuple(found.alone),
        hiding=len(evidence.hiding),
        pu1=next(finding.verdict for finding in analysis.findings if finding.id == CLAIM),
    )


def beyond_idle(evidence: Evidence, name: str) -> tuple[Told, ...] | None:
    """What a greater share of moments of this name told than of idle ones; None if there was none."""
    found, number = told(evidence, name), len(evidence.occasions.get(name, ()))
    idle = {(one.receiver, one.kind): one.moments for one in told(evidence, "idle") or ()}
    idles = len(evidence.occasions.get("idle", ())) or 1
    if found is None:
        return None
    return tuple(one for one in found if one.moments * idles > idle.get((one.receiver, one.kind), 0) * number)


def told(evidence: Evidence, name: str) -> tuple[Told, ...] | None:
    """What moments of a name told, the most frequent first; None if there was none."""
    occasions = evidence.occasions.get(name)
    if not occasions:
        return None
    moments = Counter(
        pair
        for occasion in occasions
        for pair in {(request.receiver, kind) for request in occasion for kind in evidence.told.get(request.index, ())}
    )
    return tuple(Told(*pair, number) for pair, number in sorted(moments.items(), key=lambda row: (-row[1], row[0])))
