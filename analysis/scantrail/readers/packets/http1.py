"""HTTP/1.0 and 1.1 (RFC 9112): requests and answers of one connection, matched in their order.

Tolerant: a connection may begin in the middle of a message, lack bytes, or hold answers without their requests. Reading
then goes on where a segment begins with a request or status line.
"""

import re
from collections import deque
from collections.abc import Callable
from typing import Any, override

from scantrail.model import Pair, Side
from scantrail.readers.packets.flows import MOST_BYTES, Flow, Flows, Layer, Link, moment
from scantrail.readers.packets.websocket import WebSocket

REQUEST = re.compile(rb"[A-Z][A-Z0-9_-]{0,39} [^\r\n]{1,65536} HTTP/\d\.\d[ \t]*\r?\n")
ANSWER = re.compile(rb"HTTP/\d\.\d[ \t]+\d{3}[^\r\n]*\r?\n")
_END = re.compile(rb"\r?\n\r?\n")
_MOST_HEAD = 1 << 20  # bytes
_MOST_UNANSWERED = 1000  # requests on one connection: its answers are not in the capture
_MOST_LINE = 1 << 13  # bytes of a chunk's size with its extensions
_ALONE = "the capture holds the answer alone, not the request"
_CUT = "the connection or the capture ends within it"


class _Half:
    """What one side sends: the buffer, and the message that is being read."""

    def __init__(self, read: Callable[["_Half"], bool]) -> None:
        self.buffer = bytearray()
        self.searched = 0
        self.read = read
        self.ns = 0  # when the first byte of the buffer came
        self.flow: Flow | None = None
        self.left = 0
        self.body = bytearray()
        self.size = 0
        self.missing = 0
        self.skipped = 0


class Http1(Layer):
    """Reads both sides. After an upgrade or CONNECT it hands on to what `opener` makes."""

    def __init__(self, link: Link, flows: Flows, opener: Callable[[Link, Flow, str], Layer]) -> None:
        self.link, self.flows, self.opener = link, flows, opener
        self.halves: dict[Side, _Half] = {"sent": _Half(self._request), "received": _Half(self._answer)}
        self.sent, self.received = self.halves["sent"], self.halves["received"]
        self.unanswered: deque[Flow] = deque()
        self.inner: Layer | None = None
        self.now = 0

    @override
    def feed(self, side: Side, ns: int, data: bytes) -> None:
        """Take the next bytes of a side."""
        if self.inner:
            self.inner.feed(side, ns, data)
            return
        half, self.now = self.halves[side], ns
        if not half.buffer:
            half.ns = ns
        half.buffer += data
        self._run(half)

    def _run(self, half: _Half) -> None:
        while half.buffer and self.inner is None and half.read(half):
            half.ns = self.now

    @override
    def lost(self, side: Side, ns: int, size: int) -> None:
        """Step over what is missing of a body; where else it is missing, look for the next message."""
        if self.inner:
            self.inner.lost(side, ns, size)
            return
        half, self.now = self.halves[side], ns
        if half.read in (self._length, self._chunk, self._rest) and (size < half.left or half.read == self._rest):
            half.left -= size
            half.missing += size
            return
        if half.flow:
            half.missing += size
            self._complete(half)
        half.buffer.clear()
        half.searched = 0
        half.read = self._seek

    @override
    def end(self, side: Side, ns: int) -> None:
        """A body that lasts until the end is complete."""
        half, self.now = self.halves[side], ns
        if self.inner:
            self.inner.end(side, ns)
        elif half.read == self._rest:
            self._complete(half)

    @override
    def close(self, ns: int) -> None:
        """What is not complete stays as it is."""
        self.now = ns
        held = self.sent
        if self.inner is None and held.read == self._hold and held.buffer and self.unanswered:
            self._switch(self.unanswered[0])  # nobody saw the answer, and yet it went on
        if self.inner:
            self.inner.close(ns)
        for half in self.halves.values():
            if half.flow:
                if half.read != self._rest:
                    self._note(half, _CUT)
                self._complete(half)
            elif half.buffer and REQUEST.match(half.buffer) and half is self.sent and not self.inner:
                self._begin(half, bytes(half.buffer), _CUT)
        for flow in self.unanswered:
            flow.done = True
        for side, half in self.halves.items():
            if half.skipped:
                self.flows.problem(f"{self.link.id}: {half.skipped:,} bytes {side} that are no HTTP/1 message, skipped")

    # heads

    def _head(self, half: _Half) -> bytes | None:
        """The next head, if it is whole."""
        while half.buffer.startswith((b"\r", b"\n")):  # RFC 9112 §2.2
            del half.buffer[0]
        found = _END.search(half.buffer, max(0, half.searched - 3))
        half.searched = len(half.buffer)
        if not found:
            if half.searched > _MOST_HEAD:
                half.read = self._seek
            return None
        head = bytes(half.buffer[: found.start()])
        del half.buffer[: found.end()]
        half.searched = 0
        return head

    def _request(self, half: _Half) -> bool:
        head = self._head(half)
        if head is None:
            return False
        if not REQUEST.match(head + b"\n"):
            half.read = self._seek
            return bool(half.buffer)
        flow = self._begin(half, head)
        half.flow = flow
        headers = flow.values["headers"]
        if not self._body(half, headers, until_end=False):
            self._complete(half)
            if flow.values["method"] == "CONNECT" or _value(headers, "upgrade"):
                half.read = self._hold
        return True

    def _begin(self, half: _Half, head: bytes, error: str | None = None) -> Flow:
        line, headers = _parse(head)
        method, target, version = line.split(" ", 1)[0], line.split(" ", 1)[-1].rsplit(" ", 1)[0], line[-8:]
        connect = method == "CONNECT"
        flow = self.flows.begin(
            self.link,
            half.ns,
            protocol="connect" if connect else "http",
            method=method,
            url=f"https://{target}" if connect else self._url(target, headers),
            http_version=version,
            headers=headers,
            error=error,
        )
        self.unanswered.append(flow)
        if len(self.unanswered) > _MOST_UNANSWERED:
            self.unanswered.popleft().done = True
        return flow

    def _url(self, target: str, headers: tuple[Pair, ...]) -> str:
        if "://" in target[:12] and target[0] != "/":  # through a proxy
            return target
        authority = _value(headers, "host") or self.link.authority
        return f"{self.link.scheme}://{authority}{'' if target == '*' else target}"

    def _answer(self, half: _Half) -> bool:
        head = self._head(half)
        if head is None:
            return False
        if not ANSWER.match(head + b"\n"):
            half.read = self._seek
            return bool(half.buffer)
        line, headers = _parse(head)
        _, status, reason = [*line.split(None, 2), ""][:3]
        code = int(status[:3])
        if code < 200 and code != 101:  # more is to come
            return True
        flow = self._asked(half)
        answer = {"status": code, "reason": reason, "headers": headers, "at": moment(self.now)}
        flow.values["response"] = answer
        method = flow.values.get("method")
        if code == 101 or (method == "CONNECT" and code < 300):
            self._switch(flow)
            return False
        half.flow = flow
        if self.sent.read == self._hold and len(self.unanswered) == 1:
            self.sent.read = self._request
        empty = method == "HEAD" or code in (204, 304)
        if empty or not self._body(half, headers, until_end=True):
            self._complete(half)
        if self.sent.read == self._request:
            self._run(self.sent)
        return True

    def _asked(self, half: _Half) -> Flow:
        if self.unanswered:
            return self.unanswered[0]
        flow = self.flows.begin(self.link, half.ns, unread=_ALONE)
        self.unanswered.append(flow)
        return flow

    # bodies

    def _body(self, half: _Half, headers: tuple[Pair, ...], *, until_end: bool) -> bool:
        """Whether a body follows, and how it ends (RFC 9112 §6.3)."""
        half.body, half.size, half.missing = bytearray(), 0, 0
        length = _value(headers, "content-length").split(",")[0].strip()
        if "chunked" in _value(headers, "transfer-encoding").lower():
            half.read = self._chunk_size
        elif length.isdecimal() and len(length) < 19:
            half.left = int(length)
            half.read = self._length
            return half.left > 0
        elif until_end:
            half.read = self._rest
        else:
            return False
        return True

    def _keep(self, half: _Half, size: int) -> None:
        """Move so much from the buffer to the body."""
        if len(half.body) < MOST_BYTES:
            half.body += half.buffer[: min(size, MOST_BYTES - len(half.body))]
        half.size += size
        del half.buffer[:size]

    def _length(self, half: _Half) -> bool:
        size = min(half.left, len(half.buffer))
        self._keep(half, size)
        half.left -= size
        if not half.left:
            self._complete(half)
        return not half.left

    def _rest(self, half: _Half) -> bool:
        self._keep(half, len(half.buffer))
        return False

    def _chunk_size(self, half: _Half) -> bool:
        end = half.buffer.find(b"\n")
        if end < 0 and len(half.buffer) < _MOST_LINE:
            return False
        digits = bytes(half.buffer[: max(end, 0)]).partition(b";")[0].strip()
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,15}", digits):
            self._note(half, "a chunk without a size; what follows is not read")
            self._complete(half)
            half.read = self._seek
            return True
        del half.buffer[: end + 1]
        half.left = int(digits, 16)
        half.read = self._chunk if half.left else self._trailers
        return True

    def _chunk(self, half: _Half) -> bool:
        size = min(half.left, len(half.buffer))
        self._keep(half, size)
        half.left -= size
        if not half.left:
            half.read = self._chunk_end
        return not half.left

    def _chunk_end(self, half: _Half) -> bool:
        end = half.buffer.find(b"\n", 0, 2)
        if end < 0 and half.buffer == b"\r":
            return False
        del half.buffer[: end + 1]
        half.read = self._chunk_size
        return True

    def _trailers(self, half: _Half) -> bool:
        end = half.buffer.find(b"\n")
        if end < 0:
            return len(half.buffer) > _MOST_HEAD and self._complete(half)
        line = bytes(half.buffer[:end]).rstrip(b"\r")
        del half.buffer[: end + 1]
        if not line:
            return self._complete(half)
        values = self._part(half)
        if values is not None:
            values["headers"] += _parse(b"\n" + line)[1]
        return True

    def _part(self, half: _Half) -> dict[str, Any] | None:
        """The values of the request or answer being read."""
        if half.flow is None:
            return None
        values: dict[str, Any] = half.flow.values
        return values if half is self.sent else values.get("response")

    def _note(self, half: _Half, why: str) -> None:
        if half.flow:
            side = "" if half is self.sent else "the answer: "
            half.flow.values["error"] = half.flow.values.get("error") or side + why

    def _complete(self, half: _Half) -> bool:
        """The message is complete, or as complete as it will be."""
        flow, values = half.flow, self._part(half)
        if half.missing:
            self._note(half, f"{half.missing:,} bytes of the body are not in the capture")
        if half.size > len(half.body):
            self._note(half, f"the body is cut at {MOST_BYTES:,} of {half.size:,} bytes")
        if values is not None:
            values["body"] = bytes(half.body)
        if half is self.received and flow and values is not None:
            cut = bool(half.missing) or half.size > len(half.body)
            values |= {"size": half.size + half.missing, "cut": cut, "at": moment(self.now)}
            flow.answered = True
            flow.done = flow is not self.sent.flow
            if self.unanswered and self.unanswered[0] is flow:
                self.unanswered.popleft()
        elif flow and flow.answered:  # before it was complete
            flow.done = True
        half.flow, half.body, half.size, half.missing = None, bytearray(), 0, 0
        half.read = self._request if half is self.sent else self._answer
        return True

    # what is neither

    def _seek(self, half: _Half) -> bool:
        """After a loss: go on where the bytes that came begin with a message."""
        begins = REQUEST if half is self.sent else ANSWER
        if begins.match(half.buffer):
            half.read = self._request if half is self.sent else self._answer
            half.searched = 0
            return True
        half.skipped += len(half.buffer)
        half.buffer.clear()
        return False

    def _hold(self, half: _Half) -> bool:
        """After a request to upgrade: what follows depends on the answer."""
        if len(half.buffer) > MOST_BYTES:
            half.buffer.clear()
        return False

    def _switch(self, flow: Flow) -> None:
        """The connection goes on as something else."""
        protocol = _value(flow.values["headers"], "upgrade").lower() if flow.values.get("headers") else ""
        extensions = _value((flow.values.get("response") or {}).get("headers") or (), "sec-websocket-extensions")
        if flow in self.unanswered:
            self.unanswered.remove(flow)
        if protocol == "websocket":
            self.inner = WebSocket(flow, extensions)
        else:
            flow.done = flow.values.get("method") == "CONNECT"
            self.inner = self.opener(self.link, flow, protocol)
        for side, half in self.halves.items():
            if half.buffer:
                self.inner.feed(side, half.ns, bytes(half.buffer))
                half.buffer.clear()


def _parse(head: bytes) -> tuple[str, tuple[Pair, ...]]:
    """The first line and the headers; one character for each byte. A folded line goes on with the one before."""
    line, *rest = head.decode("latin-1").split("\n")
    headers: list[Pair] = []
    for text in rest:
        name, colon, value = text.partition(":")
        if text[:1] in (" ", "\t") and headers:
            headers[-1] = headers[-1][0], f"{headers[-1][1]} {text.strip()}"
        elif colon:
            headers.append((name.strip(), value.strip(" \t\r")))
    return line.strip(), tuple(headers)


def _value(headers: tuple[Pair, ...], name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")
