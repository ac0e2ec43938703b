"""One request on the wire, as the page shows it."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from scantrail import Told, disclose
from scantrail.model import Request
from scantrail.report.evidence import exhibit
from scantrail.report.segments import Segment

EXCERPTS = 2  # of one request
AROUND = 24  # characters on either side of what is marked
LONGEST_MARK = 60
LARGEST = 20_000  # bytes of a request of which excerpts are made; larger ones are marked when somebody opens them

type Excerpt = Sequence[Segment]


class Line(NamedTuple):
    """A request, what it tells, and the first places in it that do, each with a little before and after it."""

    request: Request
    told: Told
    excerpts: Sequence[Excerpt]

    @classmethod
    def of(cls, request: Request) -> "Line":
        """Look into a request."""
        told = disclose(request)
        return cls(request, told, _excerpts(request, told))


def _excerpts(request: Request, told: Told) -> list[Excerpt]:
    sent = [one for one in told.disclosures if one.side == "sent"]
    if not sent or request.sent_bytes > LARGEST:
        return []
    parts = exhibit(request, None, sent).parts
    return list(islice((found for part in parts for found in _around(part.segments)), EXCERPTS))


def _around(segments: Sequence[Segment]) -> Iterator[Excerpt]:
    for place, segment in enumerate(segments):
        if segment.marks:
            before = segments[place - 1].text[-AROUND:] if place else ""
            after = segments[place + 1].text[:AROUND] if place + 1 < len(segments) else ""
            yield Segment(before), Segment(segment.text[:LONGEST_MARK], segment.marks), Segment(after)
