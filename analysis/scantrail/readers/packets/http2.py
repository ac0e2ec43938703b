"""HTTP/2 (RFC 9113), with the header compression of the `hpack` package.

`h2` checks that peers behave; a capture has to be read as it is, so frames are taken apart here. Tolerant: where the
beginning of a connection is missing, headers that refer to it are left out and counted; after a loss, reading goes on
where bytes arrive that are frames to their end.
"""

from dataclasses import dataclass, field
from typing import Any, override

from hpack import Decoder
from hpack.exceptions import HPACKError, InvalidTableIndex
from hpack.table import HeaderTable

from scantrail.model import Pair, Side
from scantrail.readers.packets.flows import MOST_BYTES, Flow, Flows, Layer, Link, moment
from scantrail.readers.packets.websocket import WebSocket

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RST_STREAM, _PUSH_PROMISE, _CONTINUATION = 0, 1, 3, 5, 9
_OF_STREAMS = (_DATA, _HEADERS, _RST_STREAM, _CONTINUATION)
_END_STREAM, _END_HEADERS, _PADDED, _PRIORITY = 1, 4, 8, 32
_LAST_TYPE = 0x10  # PRIORITY_UPDATE; beyond it, only grease (RFC 8701)
_MOST_FRAME = 1 << 20  # bytes: SETTINGS may allow 16 MB, nobody does
_MOST_HEADERS = 1 << 18  # bytes of one block, packed or not
_MOST_EXPANDED = 1 << 28  # bytes of all headers of one side: a table can make a byte many
_MOST_STREAMS = 10_000  # open at once


@dataclass(slots=True)
class _Message:
    """One side of a stream."""

    headers: list[Pair] = field(default_factory=list)
    pseudo: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    size: int = 0
    seen: bool = False
    over: bool = False
    ns: int = 0


@dataclass(slots=True)
class _Stream:
    flow: Flow
    sent: _Message = field(default_factory=_Message)
    received: _Message = field(default_factory=_Message)
    socket: WebSocket | None = None
    missing: int = 0


class Http2(Layer):
    """Reads both sides and makes a request of each stream that the client opens."""

    def __init__(self, link: Link, flows: Flows, upgraded: Flow | None = None) -> None:
        self.link, self.flows = link, flows
        self.halves: dict[Side, _Half] = {"sent": _Half(link.fresh), "received": _Half(link.fresh)}
        self.halves["sent"].preface = True
        self.streams: dict[int, _Stream] = {}
        self.past = 0  # the highest stream that the client opened
        if upgraded:  # RFC 7540 §3.2: the request that asked is stream 1, and complete
            self.streams[1] = stream = _Stream(upgraded)
            stream.sent.over = True
            self.past = 1

    @override
    def feed(self, side: Side, ns: int, data: bytes) -> None:
        """Take the next bytes of a side."""
        half = self.halves[side]
        if not half.synchronous:
            if not plausible(data):
                half.skipped += len(data)
                return
            half.synchronous = True
        half.buffer += data
        if half.preface and not half.strip():
            return
        buffer, at = half.buffer, 0
        while len(buffer) - at >= 9:
            size = int.from_bytes(buffer[at : at + 3])
            if size > _MOST_FRAME:
                half.skipped += len(buffer) - at
                self.lost(side, ns, 0)
                return
            if len(buffer) - at < 9 + size:
                break
            kind, flags = buffer[at + 3], buffer[at + 4]
            number = int.from_bytes(buffer[at + 5 : at + 9]) & 0x7FFFFFFF
            payload = bytes(buffer[at + 9 : at + 9 + size])
            at += 9 + size
            self._frame(side, half, ns, kind, flags, number, payload)
        del buffer[:at]

    @override
    def lost(self, side: Side, ns: int, size: int) -> None:
        """Wait for frames again; the streams that are open lack something."""
        half = self.halves[side]
        half.buffer.clear()
        half.block = bytearray()
        half.hpack = _decoder()  # what was lost may have moved what the table holds
        half.preface = half.synchronous = False
        for stream in self.streams.values():
            if not getattr(stream, side).over:
                stream.flow.values["error"] = "bytes of it are not in the capture"

    @override
    def close(self, ns: int) -> None:
        """What is open stays as it is."""
        for stream in list(self.streams.values()):
            self._finish(stream)
        self.streams.clear()
        for side, half in self.halves.items():
            if half.skipped:
                self.flows.problem(f"{self.link.id}: {half.skipped:,} bytes {side} that are no HTTP/2 frames, skipped")

    def _frame(self, side: Side, half: "_Half", ns: int, kind: int, flags: int, number: int, payload: bytes) -> None:
        if kind == _DATA:
            self._data(side, ns, number, _unpadded(payload, flags), over=bool(flags & _END_STREAM))
        elif kind == _HEADERS:
            payload = _unpadded(payload, flags)
            half.block = bytearray(payload[5:] if flags & _PRIORITY else payload)
            half.stream, half.over = number, bool(flags & _END_STREAM)
        elif kind == _PUSH_PROMISE:
            half.block = bytearray(_unpadded(payload, flags)[4:])
            half.stream, half.over = 0, False  # asked by the server itself: decoded for what it adds to the table
        elif kind == _CONTINUATION:
            half.block += payload
            if len(half.block) > _MOST_HEADERS:
                self.lost(side, ns, 0)
        elif kind == _RST_STREAM and (stream := self.streams.pop(number, None)):
            code = int.from_bytes(payload[:4])
            if code or not stream.received.seen:
                who = "the client" if side == "sent" else "the server"
                stream.flow.values["error"] = f"{who} reset the stream (HTTP/2 error {code})"
            self._finish(stream)
        if kind in (_HEADERS, _PUSH_PROMISE, _CONTINUATION) and flags & _END_HEADERS:
            self._headers(side, half, ns)

    def _headers(self, side: Side, half: "_Half", ns: int) -> None:
        headers, missing = half.decode()
        half.block = bytearray()
        stream = self._stream(side, half.stream, ns)
        if stream is None:
            return
        stream.missing += missing
        message = stream.sent if side == "sent" else stream.received
        pseudo = {name: value for name, value in headers if name.startswith(":")}
        if side == "received" and pseudo.get(":status", "").startswith("1"):  # more is to come
            return
        message.seen, message.ns = True, ns
        message.pseudo = pseudo | message.pseudo
        message.headers += [pair for pair in headers if not pair[0].startswith(":")]
        if side == "received" and stream.sent.pseudo.get(":protocol") == "websocket" and stream.socket is None:
            extensions = dict(message.headers).get("sec-websocket-extensions", "")
            stream.socket = WebSocket(stream.flow, extensions)  # RFC 8441
        if half.over:
            self._over(message, stream, half.stream)

    def _stream(self, side: Side, number: int, ns: int) -> _Stream | None:
        stream = self.streams.get(number)
        if stream or not number & 1:  # even ones are the server's pushes
            return stream
        if number <= self.past and (self.link.fresh or side == "received"):  # over already
            return None
        if len(self.streams) >= _MOST_STREAMS:
            self._finish(self.streams.pop(next(iter(self.streams))))
        stream = self.streams[number] = _Stream(self.flows.begin(self.link, ns, http_version="HTTP/2.0"))
        self.past = max(self.past, number)
        return stream

    def _data(self, side: Side, ns: int, number: int, data: bytes, *, over: bool) -> None:
        stream = self._stream(side, number, ns)
        if stream is None:
            return
        message = stream.sent if side == "sent" else stream.received
        if stream.socket:
            stream.socket.feed(side, ns, data)
        else:
            message.size += len(data)
            message.body += data[: max(0, MOST_BYTES - len(message.body))]
        message.seen, message.ns = True, ns
        if over:
            self._over(message, stream, number)

    def _over(self, message: _Message, stream: _Stream, number: int) -> None:
        message.over = True
        if stream.sent.over and stream.received.over:
            self.streams.pop(number, None)
            self._finish(stream)

    def _finish(self, stream: _Stream) -> None:
        flow, sent, received = stream.flow, stream.sent, stream.received
        values = flow.values
        if "method" not in values:  # not the one that asked to upgrade
            values |= self._request(sent)
        if received.seen:
            values["response"] = _answer(received)
        if stream.missing:
            values.setdefault(
                "error", f"{stream.missing} headers refer to others that are not in the capture, and are missing"
            )
        if max(sent.size, received.size) > MOST_BYTES:
            values["error"] = f"a body is cut at {MOST_BYTES:,} bytes"
        flow.done = True

    def _request(self, message: _Message) -> dict[str, Any]:
        if not message.seen:
            return {"unread": "the capture holds the answer alone, not the request"}
        pseudo, headers = message.pseudo, tuple(message.headers)
        host = next((value for name, value in headers if name == "host"), "")
        authority = pseudo.get(":authority") or host or self.link.authority
        connect = pseudo.get(":method") == "CONNECT" and ":protocol" not in pseudo
        scheme = "https" if connect else pseudo.get(":scheme") or self.link.scheme
        return {
            "protocol": "connect" if connect else "http",
            "method": pseudo.get(":method", ""),
            "url": f"{scheme}://{authority}{pseudo.get(':path', '')}",
            "headers": headers,
            "body": bytes(message.body),
        }


class _Half:
    """One side: its buffer, its header table and the header block being collected."""

    def __init__(self, fresh: bool) -> None:
        self.buffer = bytearray()
        self.preface = False
        self.synchronous = fresh
        self.block = bytearray()
        self.stream = 0
        self.over = False
        self.hpack = _decoder()
        self.expanded = 0
        self.skipped = 0

    def strip(self) -> bool:
        """Leave out the preface, if it is there; false as long as it may be."""
        if self.buffer.startswith(PREFACE):
            del self.buffer[: len(PREFACE)]
        elif PREFACE.startswith(self.buffer):
            return False
        self.preface = False
        return True

    def decode(self) -> tuple[list[Pair], int]:
        """The headers of the block, and how many of them cannot be known."""
        try:
            pairs = list(self.hpack.decode(bytes(self.block), raw=True))
        except HPACKError:
            return [], 1
        self.expanded += sum(len(name) + len(value) for name, value in pairs)
        if self.expanded > _MOST_EXPANDED:
            return [], len(pairs)
        known = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs if name]
        return known, len(pairs) - len(known)


class _Table(HeaderTable):
    """A header table that takes references to what it has not seen for an empty name."""

    def get_by_index(self, index: int) -> tuple[bytes, bytes]:
        try:
            return super().get_by_index(index)
        except InvalidTableIndex:
            return b"", b""


def _decoder() -> Decoder:
    decoder = Decoder(_MOST_HEADERS)
    decoder.header_table = _Table()
    decoder.max_allowed_table_size = 1 << 20  # what the other side allows may stand before the capture
    return decoder


def _answer(message: _Message) -> dict[str, Any]:
    status = message.pseudo.get(":status", "")
    return {
        "at": moment(message.ns),
        "status": int(status) if status.isdecimal() and len(status) == 3 else 0,
        "headers": tuple(message.headers),
        "body": bytes(message.body),
        "size": message.size,
        "cut": message.size > len(message.body),
    }


def _unpadded(payload: bytes, flags: int) -> bytes:
    if not flags & _PADDED or not payload:
        return payload
    return payload[1 : max(1, len(payload) - payload[0])]


def plausible(data: bytes, *, whole: bool = False) -> bool:
    """Whether bytes are HTTP/2 frames, one after the other; with `whole`, up to the very end."""
    at = 0
    while at + 9 <= len(data):
        size, kind, stream = int.from_bytes(data[at : at + 3]), data[at + 3], int.from_bytes(data[at + 5 : at + 9])
        if kind > _LAST_TYPE or size > _MOST_FRAME or stream >> 31 or (kind in _OF_STREAMS and not stream):
            return False
        at += 9 + size
    return at == len(data) > 0 or (at >= 9 and not whole)
