"""TLS connections: opened with the secrets of a key log, and otherwise said to be unread."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import override

from scantrail.model import Side
from scantrail.readers.packets import hellos
from scantrail.readers.packets.ciphers import SUITES, Aead13, Records, tls12
from scantrail.readers.packets.flows import Flow, Flows, Layer, Link
from scantrail.readers.packets.secrets import Secrets

_CCS, _ALERT, _HANDSHAKE, _CONTENT = 20, 21, 22, 23
_MOST_RECORD = (1 << 14) + 2048
_MOST_EARLY = 1 << 20  # bytes of early data that wait for the ServerHello
_MOST_SKIPPED = 512  # records that may be missing before one that opens
_SMALLEST = 22  # bytes of a record with one byte in it

NO_SECRETS = "TLS, and no key log has its secrets"
NO_HANDSHAKE = "TLS whose handshake is not in the capture"
NO_KEYS = "TLS whose records do not open with the secrets in the key log"
NOTHING = "a TLS handshake after which nothing was sent"
_FATAL = 2
_ALERTS = {
    42: "bad certificate",
    43: "unsupported certificate",
    44: "certificate revoked",
    45: "certificate expired",
    46: "certificate unknown",
    48: "unknown certificate authority",
}
"""RFC 8446 §6.2: those that say that one side does not trust the other."""

type Fallback = Callable[[Link, bytes], list[tuple[Side, bytes]]]


@dataclass(slots=True)
class _Half:
    buffer: bytearray = field(default_factory=bytearray)
    handshake: hellos.Handshake = field(default_factory=hellos.Handshake)
    stages: list[Records] = field(default_factory=list)  # TLS 1.3 goes from one to the next
    locked: bool = False  # encrypted from here on
    gap: int = 0  # bytes lost since the last record that opened
    unread: int = 0
    content: int = 0


class Tls(Layer):
    """Reads both sides, and hands what it opens to what `opener` makes."""

    def __init__(
        self, link: Link, ns: int, flows: Flows, secrets: Secrets, opener: Callable[[Link], Layer], fallback: Fallback
    ) -> None:
        self.link, self.flows, self.secrets, self.opener, self.fallback = link, flows, secrets, opener, fallback
        self.ns = ns
        self.row: Flow | None = flows.begin(link, ns, protocol="tls")
        self.halves: dict[Side, _Half] = {"sent": _Half(), "received": _Half()}
        self.client: hellos.ClientHello | None = None
        self.server: hellos.ServerHello | None = None
        self.early: list[tuple[int, bytes, bytes]] = []
        self.inner: Layer | None = None
        self.why = ""

    @override
    def feed(self, side: Side, ns: int, data: bytes) -> None:
        """Take the next bytes of a side."""
        half = self.halves[side]
        if half.gap and not half.buffer and not is_record(data):
            half.gap += len(data)
            half.unread += len(data)
            return
        half.buffer += data
        buffer, at = bytes(half.buffer), 0
        while len(buffer) - at >= 5:
            size = int.from_bytes(buffer[at + 3 : at + 5])
            if not is_record(buffer[at : at + 5]):
                half.unread += len(buffer) - at
                half.gap += len(buffer) - at
                at = len(buffer)
                break
            if len(buffer) - at < 5 + size:
                break
            self._record(side, ns, buffer[at : at + 5], buffer[at + 5 : at + 5 + size])
            at += 5 + size
        del half.buffer[:at]

    @override
    def lost(self, side: Side, ns: int, size: int) -> None:
        """Go on with the next record that begins where a segment does."""
        half = self.halves[side]
        half.unread += len(half.buffer)
        half.gap += size + len(half.buffer)
        half.buffer.clear()
        half.handshake.buffer.clear()
        if self.inner:
            self.inner.lost(side, ns, size)

    @override
    def end(self, side: Side, ns: int) -> None:
        """A side says no more."""
        if self.inner:
            self.inner.end(side, ns)

    @override
    def close(self, ns: int) -> None:
        """Say what was not opened."""
        half = self.halves["sent"]
        half.unread += sum(len(data) for _, _, data in self.early) + len(half.buffer)
        if self.why.startswith("TLS with") and self.client:
            self._fall_back(ns)
        if self.inner:
            self.inner.close(ns)
        if half.unread or self.row:
            self._unread(half)

    def _unread(self, half: _Half) -> None:
        row = self.row or self.flows.begin(self.link, self.ns, protocol="tls")
        idle = not half.unread and not self.halves["received"].unread
        if not idle and (self.client is None or self.server is None):
            self.why = NO_HANDSHAKE
        if half.unread or self.why:
            row.values |= {"unread": self.why or NO_KEYS, "unread_bytes": half.unread}
        elif idle:
            row.values["error"] = NOTHING
        row.done = True

    def _fall_back(self, ns: int) -> None:
        """Have tshark open it."""
        for side, data in self.fallback(self.link, self.client.random if self.client else b""):
            self._content(side, ns, data)
            self.halves["sent"].unread = 0

    # records

    def _record(self, side: Side, ns: int, header: bytes, data: bytes) -> None:
        half = self.halves[side]
        kind = header[0]
        if half.stages and not (kind == _CCS and self._is13()):
            opened = self._open(half, kind, header, data)
            if opened is None:
                self._failed(half, kind, data)
                return
            half.gap = 0
            kind, data = opened
            self._opened(side, ns, kind, data)
        elif half.locked:
            self._failed(half, kind, data)
        elif kind == _CONTENT:
            self._early(side, ns, header, data)
        else:
            self._opened(side, ns, kind, data)

    def _opened(self, side: Side, ns: int, kind: int, data: bytes) -> None:
        half = self.halves[side]
        if kind == _CONTENT:
            if data:
                self._content(side, ns, data)
        elif kind == _HANDSHAKE:
            for message, body in half.handshake.add(data):
                self._handshake(side, message, body)
        elif kind == _CCS and self.server and not self._is13():
            self._change(side, half, self.server)
        elif kind == _ALERT:
            self._alert(half, data)

    def _alert(self, half: _Half, data: bytes) -> None:
        if len(data) == 2 and data[0] == _FATAL and data[1] in _ALERTS:
            who = "the client" if half is self.halves["sent"] else "the server"
            self.why = f"{who} broke off the TLS handshake ({_ALERTS[data[1]]})"

    def _content(self, side: Side, ns: int, data: bytes) -> None:
        if self.inner is None:
            self.inner = self.opener(self.link)
        if self.row:  # its requests speak for it
            self.row.dropped = self.row.done = True
            self.row = None
        self.inner.feed(side, ns, data)

    def _open(self, half: _Half, kind: int, header: bytes, data: bytes) -> tuple[int, bytes] | None:
        """Open a record with the keys in use, else with those that come next, which are then in use."""
        for number, stage in enumerate(half.stages):
            opened = stage.open(kind, header, data)
            if opened is None and half.gap:
                opened = _skip(stage, kind, header, data, half.gap)
            if opened is not None:
                del half.stages[:number]
                return opened
        return None

    def _failed(self, half: _Half, kind: int, data: bytes) -> None:
        if kind == _CONTENT:
            half.unread += len(data)
        elif kind == _ALERT:
            self._alert(half, data)

    def _early(self, side: Side, ns: int, header: bytes, data: bytes) -> None:
        """Content before any key: early data (RFC 8446 §2.3), or a connection that began before the capture."""
        if side == "sent" and self.client and self.server is None and self.client.early_data:
            if sum(len(waiting) for _, _, waiting in self.early) < _MOST_EARLY:
                self.early.append((ns, header, data))
                return
        elif self.client is None:
            self.why = NO_HANDSHAKE
        self._failed(self.halves[side], _CONTENT, data)

    # handshake

    def _is13(self) -> bool:
        return self.server is None or self.server.version >= hellos.TLS13

    def _handshake(self, side: Side, kind: int, body: bytes) -> None:
        if kind == hellos.CLIENT_HELLO and side == "sent" and (client := hellos.client_hello(body)):
            self.client = client
            self.link.sni = client.sni or self.link.sni
        elif kind == hellos.SERVER_HELLO and side == "received" and (server := hellos.server_hello(body)):
            if not server.retry:
                self._chosen(server)
        elif kind == hellos.TICKET and side == "received" and not self._is13():
            if master := self._master():
                self.secrets.sessions[hellos.ticket(body)] = master
        elif kind == hellos.KEY_UPDATE:
            stages = self.halves[side].stages
            if stages and isinstance(stages[0], Aead13):
                stages[0].update()

    def _chosen(self, server: hellos.ServerHello) -> None:
        self.server = server
        self.link.tls_version = hellos.VERSIONS.get(server.version, f"TLS 0x{server.version:04x}")
        if self._is13():
            self._keys13(server)
            for half in self.halves.values():
                half.locked = True
        early, self.early = self.early, []
        for ns, header, data in early:
            self._record("sent", ns, header, data)

    def _keys13(self, server: hellos.ServerHello) -> None:
        suite, random = SUITES.get(server.suite), self.client.random if self.client else b""
        labels: dict[Side, tuple[str, ...]] = {
            "sent": ("CLIENT_EARLY_TRAFFIC_SECRET", "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0"),
            "received": ("SERVER_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"),
        }
        for side, names in labels.items():
            secrets = [secret for name in names if (secret := self.secrets.get(name, random))]
            if not secrets:
                self.why = self.why or (NO_SECRETS if side == "sent" else "")
            elif suite is None:
                self.why = _unsupported(server)
            else:
                self.halves[side].stages = [Aead13(suite, secret) for secret in secrets]

    def _change(self, side: Side, half: _Half, server: hellos.ServerHello) -> None:
        """A ChangeCipherSpec: the records that follow are under the keys just agreed on."""
        half.locked, half.stages = True, []
        suite, master = SUITES.get(server.suite), self._master()
        if master is None or self.client is None:
            self.why = NO_SECRETS if self.client else NO_HANDSHAKE
        elif suite is None or server.compressed:
            self.why = _unsupported(server)
        else:
            if server.session:
                self.secrets.sessions[server.session] = master
            randoms = server.random + self.client.random
            version, is_server = server.version, side == "received"
            mac_last = server.mac_last
            half.stages = [tls12(version, suite, master, randoms, server=is_server, mac_last=mac_last)]

    def _master(self) -> bytes | None:
        """The master secret: logged for this connection, or for the one that it resumes."""
        if self.client is None or self.server is None:
            return None
        if logged := self.secrets.get("CLIENT_RANDOM", self.client.random):
            return logged
        sessions = self.secrets.sessions
        resumed = self.server.session and self.server.session == self.client.session
        return (resumed and sessions.get(self.server.session)) or sessions.get(self.client.ticket or b"-")


def is_record(data: bytes) -> bool:
    """Whether bytes begin as a record of TLS does."""
    return (
        len(data) >= 5
        and 20 <= data[0] <= 24
        and data[1] == 3
        and data[2] <= 4
        and 256 * data[3] + data[4] <= _MOST_RECORD
    )


def _skip(stage: Records, kind: int, header: bytes, data: bytes, gap: int) -> tuple[int, bytes] | None:
    """Open a record behind a loss: the number of records lost is not known."""
    before = stage.seq
    for seq in range(before + 1, before + 1 + min(_MOST_SKIPPED, gap // _SMALLEST + 1)):
        stage.seq = seq
        if (opened := stage.open(kind, header, data)) is not None:
            return opened
    stage.seq = before
    return None


def _unsupported(server: hellos.ServerHello) -> str:
    how = " and compression" if server.compressed else ""
    return f"TLS with cipher suite 0x{server.suite:04x}{how}, which is not supported"
