"""scantrail's own log, as docs/format.md specifies it: also while it is being written, also cut by a kill."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
from msgspec import Struct

from scantrail.model import Address, CaptureError, Message, Pair, Problem, Request, Response, Side
from scantrail.readers.plain import DAMAGED, opened

FORMAT = 1
_YEARS = (1900, 2200)  # of times that tables and zones can hold and somebody can mean
_ANSWERED = "answered by the proxy itself"
_UNUSABLE = (msgspec.MsgspecError, UnicodeDecodeError)
_TLS = b"\x16\x03"  # a handshake record of any version (RFC 8446 §5.1)


class _Line(Struct, tag_field="type", kw_only=True, gc=False):
    v: int
    at: datetime
    wall: datetime
    id: str = ""


class _Ended(_Line, kw_only=True, gc=False):
    """A line that knows both ends of its connection."""

    client: Address | None = None
    server: Address | None = None
    sni: str | None = None
    tls: str | None = None


class _Request(_Ended, tag="request", kw_only=True, gc=False):
    method: str
    url: str
    http: str = ""
    headers: tuple[Pair, ...] = ()
    body: bytes = b""
    trailers: tuple[Pair, ...] = ()
    connection: str = ""
    unsent: str | None = None
    answered: bool = False


class _Response(_Line, tag="response", kw_only=True, gc=False):
    status: int
    reason: str = ""
    headers: tuple[Pair, ...] = ()
    body: bytes = b""
    size: int | None = None
    cut: bool = False
    server: Address | None = None


class _Error(_Line, tag="error", kw_only=True, gc=False):
    message: str


class _Message(_Line, tag="message", kw_only=True, gc=False):
    side: Side
    data: bytes
    text: bool = False


class _Open(_Ended, tag="open", kw_only=True, gc=False):
    protocol: Literal["tcp", "udp"]


class _Close(_Line, tag="close", kw_only=True, gc=False):
    message: str | None = None


class _Dns(_Ended, tag="dns", kw_only=True, gc=False):
    questions: tuple[Pair, ...]
    answered: bool = False


class _Unread(_Ended, tag="unread", kw_only=True, gc=False):
    message: str


class _Refused(_Ended, tag="refused", kw_only=True, gc=False):
    message: str | None


class _Start(_Line, tag="start", kw_only=True, gc=False):
    pass


class _Stop(_Line, tag="stop", kw_only=True, gc=False):
    pass


type _Event = _Request | _Response | _Error | _Message | _Open | _Close | _Dns | _Unread | _Refused | _Start | _Stop


class _Head(Struct):
    """What any version and any event has: read when a line is not one of ours."""

    v: int
    type: str


_decode = msgspec.json.Decoder(_Event).decode
EVENTS = frozenset(str(kind.__struct_config__.tag) for kind in get_args(_Event.__value__))


@dataclass(slots=True)
class _Flow:
    """What is known so far of one request: its first line, and the values that make it, later lines adding theirs."""

    connection: str
    values: dict[str, Any]
    done: bool = False
    messages: list[Message] = field(default_factory=list)

    def finished(self) -> Request:
        if self.values.get("protocol") == "tcp" and any(message.data.startswith(_TLS) for message in self.messages[:1]):
            self.values["unread"] = "TLS that the proxy passed through unopened"
        return Request(messages=tuple(self.messages), **self.values)


class _Join:
    """Joins the lines of each flow into one Request, and gives them out in the order in which they began."""

    def __init__(self) -> None:
        self.waiting: deque[_Flow] = deque()
        self.open: dict[str, _Flow] = {}
        self.unanswered: dict[str, _Flow] = {}  # the latest request of each phone connection
        self.refusals: dict[str, set[str]] = {}  # why servers were not reached, for each phone connection
        self.count = 0

    def add(self, event: _Event) -> _Flow | None:
        """Take a line in, and give the flow that it begins or changes, if it does."""
        match event:
            case _Request():
                return self._begin(event, _http(event), connection=event.connection)
            case _Response():
                return self._answer(event)
            case _Message():
                if flow := self.open.get(event.id):
                    flow.messages.append(Message(event.at, event.side, event.data, event.text))
                    flow.done = False
                return flow
            case _Error() | _Close():
                return self._end(event)
            case _Open():
                return self._begin(event, {"protocol": event.protocol})
            case _Dns():
                names = " ".join(f"{name} {kind}" for name, kind in event.questions)
                values = {"protocol": "dns", "url": f"dns:{names}", "unsent": _unsent(event)}
                return self._begin(event, values, done=True)
            case _Unread():
                return self._begin(event, {"protocol": "tls", "unread": event.message}, done=True)
            case _Refused():
                return self._refuse(event)
        return None

    def _begin(self, event: _Ended, values: dict[str, Any], *, connection: str = "", done: bool = False) -> _Flow:
        values |= {
            "index": self.count,
            "id": event.id,
            "at": event.at,
            "wall": event.wall,
            "client": event.client,
            "server": event.server,
            "sni": event.sni,
            "tls_version": event.tls,
        }
        self.count += 1
        flow = _Flow(connection, values, done)
        self.waiting.append(flow)
        if not done:
            self.open[event.id] = flow
            self.unanswered[connection] = flow
        return flow

    def _answer(self, event: _Response) -> _Flow | None:
        if flow := self.open.get(event.id):
            flow.values["response"] = Response(
                at=event.at,
                status=event.status,
                reason=event.reason,
                headers=event.headers,
                body=event.body,
                size=event.size,
                cut=event.cut,
            )
            flow.values["server"] = event.server or flow.values["server"]
            if flow.values["unsent"] != _ANSWERED:  # an answer shows that it left, whatever was refused beside it
                flow.values["unsent"] = None
            if event.status != 101:  # an upgrade: its messages follow
                self._finish(event.id)
        return flow

    def _end(self, event: _Error | _Close) -> _Flow | None:
        if flow := self.open.get(event.id):
            if event.message and not (isinstance(event, _Close) and flow.values.get("response")):
                flow.values["error"] = event.message  # not what a WebSocket was closed with, which may be "bye"
            if event.message in self.refusals.get(flow.connection, ()):  # it waited for the connection that failed
                flow.values["unsent"] = flow.values.get("unsent") or event.message
            self._finish(event.id)
        return flow

    def _refuse(self, event: _Refused) -> _Flow:
        why = event.message or "no connection"
        self.refusals.setdefault(event.id, set()).add(why)
        flow = self.unanswered.get(event.id)
        if flow and not flow.done:
            flow.values |= {"unsent": why, "server": event.server}
            return flow
        return self._begin(event, {"protocol": "connect", "unsent": why}, done=True)

    def _finish(self, flow_id: str) -> None:
        flow = self.open.pop(flow_id)
        flow.done = True
        if self.unanswered.get(flow.connection) is flow:
            del self.unanswered[flow.connection]

    def ready(self) -> Iterator[Request]:
        """The requests at the front of the line that are complete."""
        while self.waiting and self.waiting[0].done:
            yield self.waiting.popleft().finished()

    def rest(self) -> Iterator[Request]:
        """All others: what the log holds of them is all there will be."""
        while self.waiting:
            yield self.waiting.popleft().finished()


def read(path: Path, problems: list[Problem]) -> Iterator[Request]:
    """Read a log line by line (see `scantrail.readers` for the contract)."""
    join, used = _Join(), 0
    for offset, line in _lines(path, problems):
        if (event := _event(line, path, offset, problems)) is not None:
            used += 1
            join.add(event)
            yield from join.ready()
    if problems and not used:
        raise CaptureError(f"{path} is not a scantrail log: {problems[0]}")
    yield from join.rest()


class Tail:
    """A log that is being written: what is new in it since one last looked.

    A request is given when its line is there, whether it was answered or not, and again, with the same index, with
    each line that says more of it. `problems` is as readers give them.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.problems = path, list[Problem]()
        self._offset, self._join = 0, _Join()

    def look(self, most: int = 1_000) -> list[Request]:
        """Read on, but no more than so many lines at once.

        Raises:
            CaptureError: the log became shorter, so that it is another one, or has a newer format.

        """
        if not self.path.exists():
            return []
        if self.path.stat().st_size < self._offset:
            raise CaptureError(f"{self.path} became shorter: another recording began there; start anew")
        changed: dict[int, _Flow] = {}
        with self.path.open("rb") as lines:
            lines.seek(self._offset)
            for line in islice(lines, most):
                if not line.endswith(b"\n"):  # still being written
                    break
                event = _event(line, self.path, self._offset, self.problems)
                self._offset += len(line)
                if event is not None and (flow := self._join.add(event)):
                    changed[flow.values["index"]] = flow
        found = [flow.finished() for flow in changed.values()]
        deque(self._join.ready(), maxlen=0)  # nobody waits for them here
        return found


def _lines(path: Path, problems: list[Problem]) -> Iterator[tuple[int, bytes]]:
    """The whole lines of a log, also a gzipped one, and where they begin."""
    offset, cut = 0, 0
    try:
        with opened(path) as lines:
            for line in lines:
                if line.endswith(b"\n"):
                    yield offset, line
                    offset += len(line)
                else:
                    cut = len(line)  # read on: the compression may be damaged there
    except DAMAGED as error:
        problems.append(Problem(path.name, offset, f"the compression is damaged ({error})"))
    else:
        if cut:
            problems.append(Problem(path.name, offset, f"the last line is cut after {cut} bytes, ignored"))


def _event(line: bytes, path: Path, offset: int, problems: list[Problem]) -> _Event | None:
    try:
        event: _Event = _decode(line)
    except _UNUSABLE as error:
        if line.strip() and (problem := _problem(line, error)):
            problems.append(Problem(path.name, offset, problem))
        return None
    if not _YEARS[0] <= event.at.year < _YEARS[1]:
        problems.append(Problem(path.name, offset, f"a line that says it is of {event.at.year}, skipped"))
        return None
    if event.v > FORMAT:
        raise CaptureError(
            f"{path}, byte {offset}: written in version {event.v} of the format; this scantrail reads {FORMAT}"
        )
    return event


def _problem(line: bytes, error: Exception) -> str | None:
    """Why a line cannot be used; None for an event of a later recorder, which the format lets us ignore."""
    try:
        head = msgspec.json.decode(line, type=_Head)
    except _UNUSABLE:
        return f"not a log line ({error}), skipped"
    return None if head.type not in EVENTS else f"a {head.type} line that cannot be used ({error}), skipped"


def _http(event: _Request) -> dict[str, Any]:
    return {
        "method": event.method,
        "url": event.url,
        "http_version": event.http,
        "headers": event.headers + event.trailers,
        "body": event.body,
        "unsent": _unsent(event),
    }


def _unsent(event: _Request | _Dns) -> str | None:
    if event.answered:
        return _ANSWERED
    return event.unsent if isinstance(event, _Request) else None
