"""From values to what stands on the live page. Everything passes the report's `environment`: escaped, and visible."""

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from scantrail.live.knows import Knows
from scantrail.live.lane import Lane, Line
from scantrail.live.protocol import ACTS
from scantrail.report.evidence import exhibit
from scantrail.report.page import environment
from scantrail.report.segments import Segment
from scantrail.wording import say

if TYPE_CHECKING:
    from scantrail.live.session import Scene, Session

EXCERPT = 28  # characters on either side of what is marked
EXCERPTS = 2  # of one line
LONGEST_MARK = 60
LARGEST = 20_000  # bytes of a request of which an excerpt is shown at once; of larger ones when it is opened
PAGE_LINES = 100


class Speed(NamedTuple):
    """How fast time may run: simulated seconds a second, and that in words."""

    seconds: float
    words: str


SPEEDS = (Speed(10_080, "a week in a minute"), Speed(3_600, "an hour in a second"), Speed(60, "an hour in a minute"))


class Shown:
    """Fills the templates of one page."""

    def __init__(self, tz: ZoneInfo, designs: Sequence[str] = ()) -> None:
        """Begin. `designs` are those that may be chosen; none, if a recording is shown."""
        self.tz, self.designs = tz, designs
        self._environment = environment(tz, "scantrail.live")
        self._parts = self._environment.get_template("live_parts.html.j2")
        self._environment.globals |= {"say": say, "excerpts": excerpts, "speeds": SPEEDS, "acts": ACTS, "bare": _bare}

    def page(self, session: "Session", role: str) -> str:
        """The page itself, still empty: events fill it."""
        context = {"session": session, "role": role, "designs": self.designs, "zone": self.tz.key}
        return self._environment.get_template("live.html.j2").render(context)

    def requests(self, number: int, lane: Lane, before: int) -> str:
        """A page of requests, those before a number, the latest first."""
        lines = lane.lines[max(before - PAGE_LINES, 0) : before][::-1]
        context = {
            "number": number,
            "lane": lane,
            "lines": lines,
            "first": max(before - PAGE_LINES, 0),
            "step": PAGE_LINES,
        }
        return self._environment.get_template("live_requests.html.j2").render(context)

    def clock(self, session: "Session") -> str:
        """The clock, and what is to be said about all."""
        return self._part("clock", session)

    def lines(self, number: int, lane: Lane, most: int) -> str:
        """The list of the latest lines."""
        return self._part("lines", number, lane.lines[: -most - 1 : -1], len(lane.lines))

    def line(self, number: int, line: Line, *, is_new: bool) -> str:
        """One line: a new one, or one in place of itself."""
        return self._part("line", number, line, not is_new)

    def raw(self, line: Line) -> str:
        """The request as it left, what it discloses marked."""
        return self._part("raw", exhibit(line.request, None, line.told.disclosures))

    def knows(self, number: int, lane: Lane) -> str:
        """What the server knows."""
        return self._part("knows", number, lane)

    def phone(self, scene: "Scene") -> str:
        """The phone in the hand, as far as it is no page of its own, and where it is."""
        return self._part("phone", scene)

    def _part(self, name: str, *values: object) -> str:
        macro = getattr(self._parts.make_module({}), name)
        return str(macro(*values))


def excerpts(line: Line) -> list[list[Segment]]:
    """The first places in a request at which it discloses something, each with a little before and after it."""
    if line.request.sent_bytes > LARGEST:
        return []
    sent = [told for told in line.told.disclosures if told.side == "sent"]
    parts = exhibit(line.request, None, sent).parts if sent else ()
    return list(islice((found for part in parts for found in _around(part.segments)), EXCERPTS))


def _around(segments: Sequence[Segment]):  # type: ignore[no-untyped-def]
    for place, segment in enumerate(segments):
        if segment.marks:
            before = segments[place - 1].text[-EXCERPT:] if place else ""
            after = segments[place + 1].text[:EXCERPT] if place + 1 < len(segments) else ""
            yield [Segment(before), Segment(segment.text[:LONGEST_MARK], segment.marks), Segment(after)]


def _bare(known: Knows) -> bool:
    """Whether nothing at all is known."""
    return not known.user_id
