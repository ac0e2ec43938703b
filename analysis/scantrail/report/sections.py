"""What the page tells in tables: who received what, what left when, and what nobody could read."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from scantrail.detectors import KINDS
from scantrail.model import Capture, Disclosure, Gap, Request, site

BEFORE = "before any moment"
_WHAT = {"unread": "unread connection", "unsent": "did not leave", "cut": "answer cut"}


class Tally(NamedTuple):
    """Some requests: how many, in how many of them what was told, and of how many that cannot be said."""

    requests: int
    told: Mapping[str, int]
    unread: int
    unsent: int


class Receiver(NamedTuple):
    """A host and what it was told."""

    host: str
    site: str
    tally: Tally
    first: datetime
    last: datetime


class Occasion(NamedTuple):
    """Everything that left after moments of one name, and how often they came."""

    name: str
    times: int
    tally: Tally


class Unreadable(NamedTuple):
    """Something that nobody could read, or that did not leave: to whom, what and why, in which requests."""

    receiver: str
    what: str
    why: str
    requests: Sequence[int]


class Counts(NamedTuple):
    """How many requests there are, and of them: unread, unsent (both are no evidence of silence), telling something."""

    requests: int
    unread: int
    unsent: int
    telling: int

    @property
    def outcome(self) -> str:
        """What the capture comes to. Nothing recorded, nothing readable and nothing found are different results."""
        if not self.requests:
            return "nothing recorded"
        if self.telling:
            return "found"
        if self.unread + self.unsent == self.requests:
            return "nothing readable"
        return "nothing found in what was readable" if self.unread else "nothing found"


def tell(disclosures: Iterable[Disclosure]) -> dict[int, dict[str, None]]:
    """By request that left: the kinds it disclosed, in the order of `KINDS`."""
    told: dict[int, set[str]] = defaultdict(set)
    for disclosure in disclosures:
        if disclosure.side == "sent" and not disclosure.request.unsent:
            told[disclosure.request.index].add(disclosure.kind)
    return {index: {kind: None for kind in KINDS if kind in kinds} for index, kinds in told.items()}


def counts(capture: Capture, told: Mapping[int, Iterable[str]]) -> Counts:
    """Count the requests of a capture."""
    unread = sum(request.unread is not None for request in capture.requests)
    unsent = sum(request.unsent is not None and request.unread is None for request in capture.requests)
    return Counts(len(capture.requests), unread, unsent, len(told))


def receivers(capture: Capture, told: Mapping[int, Iterable[str]]) -> list[Receiver]:
    """All hosts, those that were told most first."""
    by_host: dict[str, list[Request]] = defaultdict(list)
    for request in capture.requests:
        by_host[request.receiver].append(request)
    found = []
    for host, requests in by_host.items():
        times = [request.at for request in requests]
        found.append(Receiver(host, site(host), _tally(requests, told), min(times), max(times)))
    return sorted(found, key=lambda it: (-sum(it.tally.told.values()), -it.tally.requests, it.host))


def occasions(capture: Capture, told: Mapping[int, Iterable[str]]) -> list[Occasion]:
    """By name of moment, in the order in which they first came."""
    times = Counter(moment.name for moment in capture.moments)
    after: dict[str, list[Request]] = {name: [] for name in (BEFORE, *times)}
    for request in capture.requests:
        moment = capture.moment(request)
        after[moment.name if moment else BEFORE].append(request)
    return [Occasion(name, times[name], _tally(found, told)) for name, found in after.items() if found or times[name]]


def unreadable(gaps: Iterable[Gap]) -> list[Unreadable]:
    """What nobody could read, by receiver, the most frequent first."""
    found: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for gap in gaps:
        what = _WHAT.get(gap.what, gap.source)
        requests = found[gap.because.receiver, what, gap.why]
        if gap.because.index not in requests[-1:]:
            requests.append(gap.because.index)
    rows = [Unreadable(*group, requests) for group, requests in found.items()]
    return sorted(rows, key=lambda row: (row.receiver, -len(row.requests), row.what, row.why))


def _tally(requests: Sequence[Request], told: Mapping[int, Iterable[str]]) -> Tally:
    number = Counter(kind for request in requests for kind in told.get(request.index, ()))
    return Tally(
        requests=len(requests),
        told={kind: number[kind] for kind in KINDS if number[kind]},
        unread=sum(request.unread is not None for request in requests),
        unsent=sum(request.unsent is not None and request.unread is None for request in requests),
    )
