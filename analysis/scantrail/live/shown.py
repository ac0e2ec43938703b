"""From values to what stands on the live page. Everything passes the report's `environment`: escaped, and visible."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scantrail.live.lane import Lane
from scantrail.live.line import Line
from scantrail.live.protocol import ACTS
from scantrail.live.scene import Scene
from scantrail.report.evidence import exhibit
from scantrail.report.page import environment
from scantrail.wording import content

SHOWN_LINES = 60  # on the page; all others are a click away
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
        self._environment.globals |= {"acts": ACTS, "content": content, "most": SHOWN_LINES, "speeds": SPEEDS}
        self._parts = self._environment.get_template("live_parts.html.j2").module

    def page(self, scenes: Sequence[Scene], role: str) -> str:
        """The page itself, still empty: events fill it."""
        context = {"scenes": scenes, "role": role, "designs": self.designs, "zone": self.tz.key}
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

    def clock(self, now: datetime | None, front: Scene | None, message: str) -> str:
        """What time it is, whether time runs in the lane whose clock that is, and what is to be said about all."""
        return self._part("clock", now, front, message)

    def lines(self, number: int, lines: Sequence[Line], count: int) -> str:
        """The latest lines, the last one first, in place of those that are shown, and how many there are."""
        return self._part("lines", number, lines) + self.count(number, count)

    def count(self, number: int, count: int) -> str:
        """How many lines there are."""
        return self._part("count", number, count)

    def line(self, number: int, line: Line, *, is_new: bool) -> str:
        """One line: a new one, or one in place of itself."""
        return self._part("line", number, line, not is_new)

    def raw(self, line: Line) -> str:
        """The request as it left, what it discloses marked."""
        return self._part("raw", exhibit(line.request, None, line.told.disclosures))

    def who(self, lane: Lane) -> str:
        """Whose history may be shown: the options of a list."""
        return self._part("who", lane.known)

    def knows(self, lane: Lane) -> str:
        """What the server knows of one person."""
        return self._part("knows", lane)

    def phone(self, scene: Scene) -> str:
        """The phone in the hand, as far as it is no page of its own, and where it is."""
        return self._part("phone", scene)

    def _part(self, name: str, *values: object) -> str:
        return str(getattr(self._parts, name)(*values))
