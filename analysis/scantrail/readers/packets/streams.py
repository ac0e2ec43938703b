"""TCP connections (RFC 9293) out of segments: in order, once, with what is lost said to be lost.

A capture is not what a peer of the connection saw. It may begin in the middle, hold segments twice or in another order,
and lack some that arrived. Bytes are given on as soon as all before them are there. A hole is given up when the other
side has acknowledged what is behind it and nothing fills it for a while, when too much waits behind it, or at the end.
"""

import re
from bisect import insort
from collections.abc import Callable

from scantrail.model import Side
from scantrail.readers.packets.flows import Flows, Layer, Link, address
from scantrail.readers.packets.frames import ACK, FIN, PSH, RST, SYN, Segment

_MOST_SEGMENTS, _MOST_BYTES = 1024, 1 << 22  # that wait behind a hole
_PATIENCE, _ANSWER = 16, 8  # acknowledgements of what is behind a hole before it is given up; one with data counts more
_MASK, _HALF = (1 << 32) - 1, 1 << 31
_NEAR = 1 << 20  # bytes: how far behind an acknowledgement the first segment seen may be
_CLIENT = re.compile(rb"[A-Z]{3,12} [^\r\n]{1,2000} HTTP/\d|PRI \* HTTP/2|\x16\x03[\x00-\x04]..\x01", re.DOTALL)
_SERVER = re.compile(rb"HTTP/1\.[01] \d|\x16\x03[\x00-\x04]..\x02", re.DOTALL)

type Opener = Callable[[Link], Layer]


class _Half:
    """What one end sends. `next` is the sequence number expected, not wrapped; None before the first."""

    __slots__ = ("acked", "doubt", "finish", "next", "over", "size", "waiting")

    def __init__(self) -> None:
        self.next: int | None = None
        self.waiting: list[tuple[int, int, int, bytes]] = []  # sequence number, order of arrival, time, bytes
        self.size = 0
        self.finish: int | None = None  # the sequence number behind the last byte, once it is known
        self.over = False
        self.acked: int | None = None  # by the other end: as it stands in the packet until `next` is known
        self.doubt = 0

    def unwrap(self, seq: int) -> int:
        """A sequence number as one that goes on counting, near the expected one."""
        base = self.next or 0
        return base + ((seq - base + _HALF) & _MASK) - _HALF


class Connection:
    """One TCP connection: reassembles both directions and hands them to the layer that reads them."""

    def __init__(self, first: Segment, ns: int, number: int, flows: Flows, opener: Opener) -> None:
        self.flows = flows
        self.opener = opener
        self.id = f"tcp-{number}"
        self.began = ns
        self.ends = (first.source, first.target)
        self.halves = {first.source: _Half(), first.target: _Half()}
        self.client: bytes | None = None
        self.layer: Layer | None = None
        self.fresh = bool(first.flags & SYN)
        self.answered = False
        self.refused = False
        self.closed = False
        self.order = 0
        self.lost = self.holes = 0

    def restarts(self, segment: Segment) -> bool:
        """Whether a segment begins another connection between the same ports."""
        if segment.flags & (SYN | ACK) != SYN:
            return False
        if self.closed:
            return True
        half = self.halves[segment.source]
        return self.answered and half.next is not None and half.unwrap(segment.seq + 1) != half.next

    def take(self, segment: Segment, ns: int) -> None:
        """Take the next segment of the capture."""
        if self.closed:
            return
        source, flags = segment.source, segment.flags
        half = self.halves[source]
        other = self.halves[segment.target]
        if flags & SYN:
            self._synchronise(half, segment)
        elif source == self.ends[1] and flags & (ACK | RST) == ACK:
            self.answered = True
        seq = segment.seq + (1 if flags & SYN else 0)
        if flags & ACK:
            self._acknowledge(segment.target, other, segment, ns)
        if segment.payload or segment.missing:
            self._data(source, half, seq, segment, ns)
        if flags & FIN and half.finish is None and half.next is not None:
            half.finish = half.unwrap(seq + len(segment.payload) + segment.missing)
        if half.finish is not None:
            self._finish(source, half, ns)
        if flags & RST:
            self.refused = not self.answered
            self.close(ns)

    def _synchronise(self, half: _Half, segment: Segment) -> None:
        self.client = segment.target if segment.flags & ACK else segment.source
        self.answered = self.answered or bool(segment.flags & ACK)
        if half.next is None or not self.answered:  # nobody heard the first SYN
            half.next = segment.seq + 1

    def _data(self, source: bytes, half: _Half, seq32: int, segment: Segment, ns: int) -> None:
        if half.next is None:
            if len(segment.payload) == 1 and not segment.flags & PSH:  # a keep-alive (RFC 9293 §3.8.4)
                half.next = seq32 + 1
                return
            near = half.acked is not None and 0 < (seq32 - half.acked) & _MASK < _NEAR
            half.next = half.acked if near else seq32
        seq = half.unwrap(seq32)
        if seq <= (half.next or 0):
            self._deliver(source, half, seq, ns, segment.payload)
            if half.waiting:
                self._drain(source, half)
        else:
            self.order += 1
            insort(half.waiting, (seq, self.order, ns, segment.payload))
            half.size += len(segment.payload)
        end = seq + len(segment.payload)
        if segment.missing and end == half.next:
            self._give_up(source, half, end + segment.missing, ns)
        while len(half.waiting) > _MOST_SEGMENTS or half.size > _MOST_BYTES:
            self._skip(source, half, ns)

    def _deliver(self, source: bytes, half: _Half, seq: int, ns: int, data: bytes) -> None:
        known = (half.next or 0) - seq
        if known >= len(data):
            return
        half.next = seq + len(data)
        self._reader(source, data).feed(self._side(source), ns, data[known:] if known else data)

    def _drain(self, source: bytes, half: _Half) -> None:
        used = 0
        for seq, _, ns, data in half.waiting:
            if seq > (half.next or 0):
                break
            used += 1
            half.size -= len(data)
            self._deliver(source, half, seq, ns, data)
        del half.waiting[:used]

    def _skip(self, source: bytes, half: _Half, ns: int) -> None:
        """Give up the first hole."""
        half.doubt = 0
        self._give_up(source, half, half.waiting[0][0], ns)
        self._drain(source, half)

    def _give_up(self, source: bytes, half: _Half, upto: int, ns: int) -> None:
        size = upto - (half.next or 0)
        if size > 0:
            half.next = upto
            self.lost += size
            self.holes += 1
            self._reader(source, b"").lost(self._side(source), ns, size)

    def _acknowledge(self, target: bytes, half: _Half, segment: Segment, ns: int) -> None:
        """An end has what it acknowledges, so what the capture lacks of it is lost to us, unless it comes late."""
        if half.next is None:
            half.acked = segment.ack
            return
        half.acked = max(half.unwrap(segment.ack), half.acked or 0)
        if half.acked <= half.next or (half.waiting and half.acked < half.waiting[0][0]):
            half.doubt = 0
            return
        half.doubt += _ANSWER if segment.payload else 1
        if half.doubt >= _PATIENCE:
            if half.waiting:
                self._skip(target, half, ns)
            elif half.finish is None:
                self._give_up(target, half, half.acked, ns)

    def _finish(self, source: bytes, half: _Half, ns: int) -> None:
        if half.over or (half.next or 0) < (half.finish or 0):
            return
        half.over = True
        if self.layer:
            self.layer.end(self._side(source), ns)
        if all(each.over for each in self.halves.values()):
            self.close(ns)

    def _reader(self, source: bytes, data: bytes) -> Layer:
        if self.layer is None:
            if self.client is None:
                self.client = self._guess(source, data)
            self.layer = self.opener(self._link())
        return self.layer

    def _link(self) -> Link:
        client = self.client or self.ends[0]
        server = self.ends[0] if client == self.ends[1] else self.ends[1]
        return Link(self.id, address(client), address(server), fresh=self.fresh)

    def _guess(self, source: bytes, data: bytes) -> bytes:
        """Which end is the client, where no SYN tells: by what it says, else by the ports."""
        other = self.ends[0] if source == self.ends[1] else self.ends[1]
        if _CLIENT.match(data):
            return source
        if _SERVER.match(data):
            return other
        ports = int.from_bytes(source[-2:]), int.from_bytes(other[-2:])
        return other if ports[0] < ports[1] else source

    def _side(self, source: bytes) -> Side:
        return "sent" if source == self.client else "received"

    def close(self, ns: int) -> None:
        """Give out what is left: nothing more will come."""
        if self.closed:
            return
        self.closed = True
        for source, half in self.halves.items():
            while half.waiting:
                self._skip(source, half, ns)
            if half.next is not None and half.acked is not None and self.layer:
                # a FIN counts as one, and a capture without it ends anywhere
                end = half.finish if half.finish is not None else half.acked - 1
                self._give_up(source, half, min(end, half.next + _NEAR), ns)
        if self.layer:
            self.layer.close(ns)
        elif self.fresh and not self.answered and self.client == self.ends[0]:
            why = "the server refused the connection" if self.refused else "nobody answered the connection"
            self.flows.whole(self._link(), self.began, protocol="connect", unsent=why)
        if self.lost:
            names = " to ".join(f"{host} port {port}" for host, port in map(address, self.ends))
            times = "once" if self.holes == 1 else f"in {self.holes:,} places"
            self.flows.problem(f"{self.id}, {names}: {self.lost:,} bytes are not in the capture, {times}")
        self.layer = None
        self.halves.clear()
