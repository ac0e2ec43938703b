"""The requests that a report refers to, each with what it discloses marked in the bytes that left."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import NamedTuple

from scantrail.model import Disclosure, Moment, Request
from scantrail.report.segments import Segment, segments
from scantrail.report.wires import wires

SHOWN_REQUESTS = 200
SHOWN_DISCLOSURES = 60  # of one request


class Told(NamedTuple):
    """One disclosure of a request, numbered as its marks are. `located`: it is marked somewhere in the parts shown."""

    number: int
    disclosure: Disclosure
    located: bool


class Part(NamedTuple):
    """One part of a request: its bodies, and whatever else of it discloses something."""

    source: str
    segments: Sequence[Segment]


class Exhibit(NamedTuple):
    """One request as evidence. `more`: how many disclosures it has beyond those shown."""

    request: Request
    moment: Moment | None
    parts: Sequence[Part]
    told: Sequence[Told]
    more: int


def choose(groups: Iterable[Sequence[int]], limit: int = SHOWN_REQUESTS) -> tuple[list[int], int]:
    """Choose the requests to show of those that statements refer to.

    Args:
        groups: for each statement, the requests it rests on. When there are too many, each keeps its first ones.
        limit: how many requests to show.

    Returns:
        Their indices in order, and how many more there are.

    """
    ranked = dict.fromkeys(index for rank in zip_longest(*groups) for index in rank if index is not None)
    return sorted(list(ranked)[:limit]), max(len(ranked) - limit, 0)


def exhibit(request: Request, moment: Moment | None, disclosures: Sequence[Disclosure]) -> Exhibit:
    """Lay out one request with its disclosures."""
    shown = dict(enumerate(disclosures[:SHOWN_DISCLOSURES], start=1))
    sources = {"body", "response body", *(field.source for told in shown.values() for field in told.because)}
    found = [wire for wire in wires(request, sources) if wire.text]
    marks = [{number: wire.spans(disclosure) for number, disclosure in shown.items()} for wire in found]
    return Exhibit(
        request=request,
        moment=moment,
        parts=[Part(wire.source, segments(wire.text, spans)) for wire, spans in zip(found, marks, strict=True)],
        told=[Told(number, told, any(spans[number] for spans in marks)) for number, told in shown.items()],
        more=len(disclosures) - len(shown),
    )
