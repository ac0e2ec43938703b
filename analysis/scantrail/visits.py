"""Visits: which scans told a receiver where somebody was, and which of them it can put together as one person's.

A visit is a scan of which a request carries a place and an identifier. Whose it is depends on who looks: one receiver
knows the identifiers that came to it, all receivers together know more. Nothing is asked here of who shares what.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from scantrail.model import Disclosure, Request
from scantrail.subjects import join

PLACES = frozenset({"position", "place_id", "address", "wifi", "cell"})
"""Kinds that tell where in a city somebody is; its name, a district or a postal code is no visit."""


class Visit(NamedTuple):
    """A scan (by its number, from 0), the subject as the receiver knows them, and a request that told of it."""

    scan: int
    user_id: str
    request: int


@dataclass(frozen=True)
class Visits:
    """Visits as each receiver was told of them, and as all receivers could tell together."""

    by_receiver: Mapping[str, tuple[Visit, ...]]
    together: tuple[Visit, ...]

    @cached_property
    def alone(self) -> dict[str, tuple[Visit, ...]]:
        """By receiver: the visits of subjects whom it knows from two scans or more. Those without any are left out."""
        found = {receiver: history(visits) for receiver, visits in self.by_receiver.items()}
        return {receiver: visits for receiver, visits in found.items() if visits}

    @cached_property
    def joined(self) -> tuple[Visit, ...]:
        """The visits of subjects whom all receivers together know from two scans or more."""
        return history(self.together)


def visits(scans: Sequence[Sequence[Request]], disclosures: Iterable[Disclosure]) -> Visits:
    """Find the visits.

    Args:
        scans: for each scan the requests that followed it.
        disclosures: of requests that arrived, of any moment: what joins two scans may be told at sign-up.

    """
    scan_of = {request.index: number for number, scan in enumerate(scans) for request in scan}
    found = list(disclosures)
    to: dict[str, list[Disclosure]] = defaultdict(list)
    for disclosure in found:
        to[disclosure.request.receiver].append(disclosure)
    by_receiver = {receiver: _visits(scan_of, told) for receiver, told in sorted(to.items())}
    return Visits({receiver: seen for receiver, seen in by_receiver.items() if seen}, _visits(scan_of, found))


def history(visits: Iterable[Visit]) -> tuple[Visit, ...]:
    """Those of subjects who have visits at two scans or more."""
    scans: dict[str, set[int]] = defaultdict(set)
    kept = tuple(visits)
    for visit in kept:
        scans[visit.user_id].add(visit.scan)
    return tuple(visit for visit in kept if len(scans[visit.user_id]) > 1)


def _visits(scan_of: Mapping[int, int], disclosures: Sequence[Disclosure]) -> tuple[Visit, ...]:
    """One for each scan and subject, in order."""
    subject_of = join(disclosures).by_request
    placed = {d.request.index for d in disclosures if d.side == "sent" and d.kind in PLACES}
    first: dict[tuple[int, str], int] = {}
    for request in sorted(placed & subject_of.keys() & scan_of.keys()):
        first.setdefault((scan_of[request], subject_of[request]), request)
    return tuple(Visit(*key, request) for key, request in first.items())
