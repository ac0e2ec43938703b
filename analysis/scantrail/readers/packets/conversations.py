"""What a connection speaks, by its first bytes; and what is left if it is nothing known: its messages as they are."""

import re
from collections.abc import Callable
from typing import Any, override

from scantrail.model import Side
from scantrail.readers.packets import dns, http2, quic
from scantrail.readers.packets.flows import Flow, Flows, Layer, Link
from scantrail.readers.packets.http1 import ANSWER, REQUEST, Http1
from scantrail.readers.packets.http2 import Http2
from scantrail.readers.packets.secrets import Secrets
from scantrail.readers.packets.tls import Fallback, Tls, is_record

_WORD = re.compile(rb"[A-Z][A-Z0-9_-]{0,39}(?: [^\r\n]*)?\r?")
_MOST_LINE = 1 << 13  # bytes of a first line that may become a request
_DNS_PORT = 53
_MOST_ASKED = 10_000  # queries whose answers are known as theirs
_QUIC_PORT = 443
_DTLS = re.compile(rb"[\x14-\x17]\xfe[\xfd\xff]")


class Reader:
    """What is shared by all connections of a capture, and opens the layers."""

    def __init__(self, flows: Flows, secrets: Secrets, fallback: Fallback) -> None:
        self.flows, self.secrets, self.fallback = flows, secrets, fallback

    def conversation(self, link: Link) -> Layer:
        """Something that came in order: on a TCP connection, or inside of one."""
        return Conversation(link, self)

    def upgraded(self, link: Link, flow: Flow, protocol: str) -> Layer:
        """What an HTTP/1 connection has become: HTTP/2, the tunnel to another server, or anything."""
        if protocol == "h2c":
            link.fresh = True
            return Http2(link, self.flows, flow)
        if flow.values.get("method") == "CONNECT":
            return Conversation(link.inside(flow.values["url"].removeprefix("https://")), self)
        return Messages(flow)


class Conversation(Layer):
    """Waits for bytes that tell, and hands over. Until then, and if none do, the bytes are messages of a flow."""

    def __init__(self, link: Link, reader: Reader) -> None:
        self.link, self.reader = link, reader
        self.waiting: list[tuple[Side, int, bytes]] = []
        self.layer: Layer | None = None
        self.settled = False

    @override
    def feed(self, side: Side, ns: int, data: bytes) -> None:
        """Take the next bytes of a side."""
        if self.layer and not self.settled and (later := self._guess(side, data, late=True)):
            self.layer.close(ns)  # STARTTLS, or a capture that began in the middle of something
            self.waiting.append((side, ns, data))
            self._settle(later)
            return
        if self.layer:
            self.layer.feed(side, ns, data)
            return
        self.waiting.append((side, ns, data))
        whole = b"".join(piece for of, _, piece in self.waiting if of == side)
        if guess := self._guess(side, whole, late=False):
            self._settle(guess)
        elif not _may_become(side, whole):
            self._unknown()

    @override
    def lost(self, side: Side, ns: int, size: int) -> None:
        """What came before cannot become anything more."""
        if self.waiting:
            self._unknown()
        if self.layer:
            self.layer.lost(side, ns, size)

    @override
    def end(self, side: Side, ns: int) -> None:
        """A side says no more."""
        if self.layer:
            self.layer.end(side, ns)

    @override
    def close(self, ns: int) -> None:
        """The connection is over."""
        if self.waiting:
            self._unknown()
        if self.layer:
            self.layer.close(ns)

    def _guess(self, side: Side, data: bytes, *, late: bool) -> Callable[[int], Layer] | None:
        link, shared = self.link, self.reader
        middle = not late or not link.fresh  # of something that may have begun before the capture
        if is_record(data) and (middle or (data[0] == 22 and len(data) > 5 and data[5] == 1)):
            return lambda ns: Tls(link, ns, shared.flows, shared.secrets, shared.conversation, shared.fallback)
        if side == "sent" and data.startswith(http2.PREFACE[:16]):
            link.fresh = True
            return lambda _: Http2(link, shared.flows)
        if b"\n" in data and (REQUEST if side == "sent" else ANSWER).match(data.lstrip(b"\r\n")):
            return lambda _: Http1(link, shared.flows, shared.upgraded)
        if middle and len(data) >= 9 and (data[3] == 4 or not link.fresh) and http2.plausible(data, whole=True):
            return lambda _: Http2(link, shared.flows)
        if not late and link.server[1] == _DNS_PORT and dns.begins_stream(data):
            return lambda _: DnsStream(link, shared.flows)
        return None

    def _settle(self, layer: Callable[[int], Layer]) -> None:
        self.layer = layer(self.waiting[0][1] if self.waiting else 0)
        self.settled = True
        waiting, self.waiting = self.waiting, []
        for side, ns, data in waiting:
            self.layer.feed(side, ns, data)

    def _unknown(self) -> None:
        flow = self.reader.flows.begin(self.link, self.waiting[0][1], protocol="tcp")
        self.layer = Messages(flow)
        waiting, self.waiting = self.waiting, []
        for side, ns, data in waiting:
            self.layer.feed(side, ns, data)


def _may_become(side: Side, data: bytes) -> bool:
    """Whether more bytes could make a request or status line, a preface, a record or a first frame of it."""
    data = data.lstrip(b"\r\n")
    if len(data) < 9:
        return True
    if side == "received":
        return data.startswith(b"HTTP/") and len(data) < _MOST_LINE
    return len(data) < _MOST_LINE and _WORD.fullmatch(data) is not None


class Messages(Layer):
    """Bytes of no known protocol, as messages of one flow."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.full = False

    @override
    def feed(self, side: Side, ns: int, data: bytes) -> None:
        """Take the next bytes of a side."""
        self.full = self.full or not self.flow.say(ns, side, data)

    @override
    def lost(self, side: Side, ns: int, size: int) -> None:
        """Say so."""
        self.flow.values.setdefault("error", "bytes of it are not in the capture")

    @override
    def close(self, ns: int) -> None:
        """The request is complete."""
        self.flow.done = True


class DnsStream(Layer):
    """DNS over TCP (RFC 7766): messages behind their length."""

    def __init__(self, link: Link, flows: Flows) -> None:
        self.buffers: dict[Side, bytearray] = {"sent": bytearray(), "received": bytearray()}
        self.queries = Queries(link, flows)

    @override
    def feed(self, side: Side, ns: int, data: bytes) -> None:
        """Take the next bytes of a side."""
        buffer = self.buffers[side]
        buffer += data
        while len(buffer) >= 2 and len(buffer) >= 2 + (size := int.from_bytes(buffer[:2])):
            self.queries.feed(side, ns, bytes(buffer[2 : 2 + size]))
            del buffer[: 2 + size]

    @override
    def lost(self, side: Side, ns: int, size: int) -> None:
        """Where the next message begins is not known; most segments hold one."""
        self.buffers[side].clear()


class Queries(Layer):
    """DNS messages between two addresses: each query is a request; so is what an answer repeats of one not seen."""

    def __init__(self, link: Link, flows: Flows) -> None:
        self.link, self.flows = link, flows
        self.asked: set[tuple[int, str]] = set()

    @override
    def feed(self, side: Side, ns: int, data: bytes) -> None:
        """Take a message."""
        asked = dns.question(data)
        if asked is None:
            self.flows.problem(f"{self.link.id}: {len(data):,} bytes {side} on a DNS port that are no query, skipped")
            return
        answer, number, url = asked
        if answer and (number, url) in self.asked:
            return
        if len(self.asked) >= _MOST_ASKED:
            self.asked.clear()
        self.asked.add((number, url))
        self.flows.whole(self.link, ns, protocol="dns", url=url)


def datagrams(link: Link, ns: int, flows: Flows, first: bytes) -> Layer:
    """What reads the datagrams between two addresses, by the first of them."""
    if link.server[1] in dns.PORTS and dns.question(first):
        return Queries(link, flows)
    if quic.begins(first) or (link.server[1] == _QUIC_PORT and quic.in_the_middle(first)):
        return quic.Quic(link, ns, flows)
    values: dict[str, Any] = {"unread": "DTLS, which is not opened"} if _DTLS.match(first) else {}
    return Messages(flows.begin(link, ns, protocol="udp", **values))
