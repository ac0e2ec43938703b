"""What a test of a claim looks at, and what it answers."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from scantrail.history import History
from scantrail.model import Capture, Disclosure, Gap, Request, Verdict
from scantrail.subjects import Subjects
from scantrail.visits import Visits, visits

_POLICE_LABEL = re.compile(r"police|gongan|公安|publicsecurity|lawenforcement", re.IGNORECASE)  # as rule `label-police`


@dataclass(frozen=True)
class Evidence:
    """All that a test may look at: what was recorded, what of it arrived, what follows. Truth is not among it."""

    capture: Capture
    disclosures: Sequence[Disclosure]
    gaps: Sequence[Gap]
    history: History
    subjects: Subjects

    @cached_property
    def told(self) -> dict[int, set[str]]:
        """Kinds that were sent, by request index."""
        told: dict[int, set[str]] = defaultdict(set)
        for disclosure in self.disclosures:
            if disclosure.side == "sent":
                told[disclosure.request.index].add(disclosure.kind)
        return told

    @cached_property
    def occasions(self) -> dict[str, list[list[Request]]]:
        """By moment name: for each time it happened, the requests that followed until the next moment."""
        by_moment: dict[int, list[Request]] = {id(moment): [] for moment in self.capture.moments}
        for request in self.capture.requests:
            if moment := self.capture.moment(request):
                by_moment[id(moment)].append(request)
        occasions: dict[str, list[list[Request]]] = defaultdict(list)
        for moment in self.capture.moments:
            occasions[moment.name].append(by_moment[id(moment)])
        return occasions

    @cached_property
    def scans(self) -> list[list[Request]]:
        """For each scan, the requests that followed it."""
        return self.occasions.get("scan", [])

    @cached_property
    def since_first_scan(self) -> list[Request]:
        """All requests from the first scan on."""
        begins = min((moment.at for moment in self.capture.moments if moment.name == "scan"), default=None)
        return [request for request in self.capture.requests if begins is not None and request.at >= begins]

    @cached_property
    def visits(self) -> Visits:
        """What scans told of where whom, to each receiver and to all together."""
        return visits(self.scans, self.disclosures)

    @cached_property
    def hiding(self) -> set[int]:
        """Indices of requests of which something that they told could not be read."""
        return {gap.because.index for gap in self.gaps if gap.hides}

    @cached_property
    def closed_answers(self) -> set[int]:
        """Indices of requests whose answer could not be read as a whole."""
        whole = ("response body", "connection")
        return {gap.because.index for gap in self.gaps if gap.source in whole and gap.what != "unsent"}

    @cached_property
    def empty(self) -> bool:
        """Whether nothing at all was recorded that left and could be read: then nothing can be refuted."""
        return all(request.unread or request.unsent for request in self.capture.requests)

    def sent(self, kind: str) -> list[Disclosure]:
        """What was sent of a kind, in order."""
        return [d for d in self.disclosures if d.kind == kind and d.side == "sent"]

    @cached_property
    def police_labels(self) -> list[Disclosure]:
        """Names in requests that name the police; a gateway names each of its operations."""
        return [label for label in self.sent("label") if _POLICE_LABEL.search(label.value)]

    def received(self, kind: str) -> list[Disclosure]:
        """What came back of a kind, in order."""
        return [d for d in self.disclosures if d.kind == kind and d.side == "received"]


class Answer(NamedTuple):
    """What a test says. `missing`: traffic could have decided it, the capture does not hold it."""

    verdict: Verdict
    shows: str
    requests: Iterable[int] = ()
    missing: bool = False


type Test = Callable[[Evidence], Answer]


class Claim(NamedTuple):
    """A row: the claim, where it was made, and its parts (statement, test)."""

    id: str
    claim: str
    source: str
    parts: tuple[tuple[str, Test], ...]


def missing(shows: str) -> Answer:
    """Traffic could have decided it; the capture does not hold it."""
    return Answer("not decidable", shows, missing=True)


def beyond(why: str) -> Test:
    """A statement that no traffic can decide, and why."""
    return lambda _: Answer("not decidable", f"Traffic cannot tell: {why}")
