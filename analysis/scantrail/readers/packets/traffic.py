"""From packets to conversations: which packet belongs to which, and when one is over."""

from pathlib import Path

from scantrail.model import Problem, Side
from scantrail.readers.packets.conversations import Reader, datagrams
from scantrail.readers.packets.flows import Flows, Layer, Link, address
from scantrail.readers.packets.frames import Frames, Segment
from scantrail.readers.packets.secrets import Secrets
from scantrail.readers.packets.streams import Connection
from scantrail.readers.packets.tshark import Tshark

_IDLE_NS = 120 * 10**9  # after which datagrams between two addresses are another conversation (RFC 4787 §4.3)
_MOST_KEYS = 200_000  # twice the connections that are kept apart
_SERVICES = 1024  # ports below are those of servers (RFC 6335 §6)


class Traffic:
    """All that is open in a capture."""

    def __init__(self, path: Path, problems: list[Problem], secrets: Secrets) -> None:
        self.flows = Flows(path.name, problems)
        self.frames = Frames()
        self.reader = Reader(self.flows, secrets, Tshark(path, secrets).decrypted)
        self.connections: dict[bytes, Connection] = {}
        self.exchanges: dict[bytes, _Exchange] = {}
        self.swept = 0
        self.count = 0

    def take(self, offset: int, ns: int, linktype: int, frame: bytes) -> None:
        """Take the next packet."""
        self.flows.offset = offset
        segment = self.frames.open(linktype, frame)
        if segment is None:
            return
        if segment.udp:
            self._datagram(segment, ns)
        else:
            self._segment(segment, ns)

    def _segment(self, segment: Segment, ns: int) -> None:
        key = segment.source + segment.target
        connection = self.connections.get(key)
        if connection is None or connection.restarts(segment):
            if connection:
                connection.close(ns)
            self.count += 1
            if len(self.connections) > _MOST_KEYS:
                self._forget(ns)
            connection = Connection(segment, ns, self.count, self.flows, self.reader.conversation)
            self.connections[key] = self.connections[segment.target + segment.source] = connection
        connection.take(segment, ns)

    def _forget(self, ns: int) -> None:
        """Make room: forget what is closed and, if that is not enough, close what is oldest."""
        self.connections = {key: each for key, each in self.connections.items() if not each.closed}
        if len(self.connections) > _MOST_KEYS // 2:
            for connection in list(self.connections.values())[: _MOST_KEYS // 4]:
                connection.close(ns)

    def _datagram(self, datagram: Segment, ns: int) -> None:
        if ns - self.swept > _IDLE_NS:
            self._sweep(ns)
        key = datagram.source + datagram.target
        exchange = self.exchanges.get(key)
        if exchange is None:
            self.count += 1
            exchange = _Exchange(datagram, ns, self.count, self.flows)
            self.exchanges[key] = self.exchanges[datagram.target + datagram.source] = exchange
        exchange.take(datagram, ns)

    def _sweep(self, ns: int) -> None:
        """Close what has been idle."""
        self.swept = ns
        idle = {key: exchange for key, exchange in self.exchanges.items() if ns - exchange.ns > _IDLE_NS}
        for key, exchange in idle.items():
            exchange.layer.close(exchange.ns)
            del self.exchanges[key]

    def close(self, ns: int) -> None:
        """The capture ends: so does all that is open, and what was not opened is summed up."""
        for connection in self.connections.values():
            connection.close(ns)
        for exchange in self.exchanges.values():
            exchange.layer.close(ns)
        if self.frames.fragments:
            self.frames.unopened["a fragment whose other parts are missing"] += len(self.frames.fragments)
        for why, number in self.frames.unopened.items():
            self.flows.problem(f"{number:,} packet{'s' * (number > 1)} left out: {why}")


class _Exchange:
    """The datagrams between two addresses."""

    def __init__(self, first: Segment, ns: int, number: int, flows: Flows) -> None:
        ports = int.from_bytes(first.source[-2:]), int.from_bytes(first.target[-2:])
        answers = ports[0] < _SERVICES < ports[1]  # the query is not in the capture
        self.client = first.target if answers else first.source
        server = first.source if answers else first.target
        link = Link(f"udp-{number}", address(self.client), address(server))
        self.layer: Layer = datagrams(link, ns, flows, first.payload)
        self.ns = ns

    def take(self, datagram: Segment, ns: int) -> None:
        self.ns = ns
        side: Side = "sent" if datagram.source == self.client else "received"
        self.layer.feed(side, ns, datagram.payload)
        if datagram.missing:
            self.layer.lost(side, ns, datagram.missing)
