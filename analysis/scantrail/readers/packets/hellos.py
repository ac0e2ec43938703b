"""TLS handshake messages: what their hellos say (RFC 5246 §7.4, RFC 8446 §4.1)."""

from collections.abc import Iterator
from dataclasses import dataclass

CLIENT_HELLO, SERVER_HELLO, TICKET, KEY_UPDATE = 1, 2, 4, 24
TLS13 = 0x0304
VERSIONS = {0x0300: "SSLv3", 0x0301: "TLSv1", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", TLS13: "TLSv1.3"}
_SNI, _ENCRYPT_THEN_MAC, _TICKET, _EARLY_DATA, _SUPPORTED_VERSIONS = 0, 22, 35, 42, 43
_MOST_HANDSHAKE = 1 << 18  # bytes of one message
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


@dataclass(frozen=True, slots=True)
class ClientHello:
    """What a client says of the connection it wants."""

    random: bytes
    session: bytes
    ticket: bytes = b""
    sni: str | None = None
    early_data: bool = False


@dataclass(frozen=True, slots=True)
class ServerHello:
    """What a server chose. `retry`: it asks for another ClientHello (§4.1.4)."""

    random: bytes
    session: bytes
    version: int
    suite: int
    compressed: bool = False
    mac_last: bool = False

    @property
    def retry(self) -> bool:
        """Whether it is a HelloRetryRequest."""
        return self.random == _RETRY


class Handshake:
    """Collects the handshake messages of one side."""

    def __init__(self) -> None:
        self.buffer = bytearray()

    def add(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The messages that are whole with these bytes: type and body. A message too large is skipped."""
        self.buffer += data
        while len(self.buffer) >= 4:
            size = int.from_bytes(self.buffer[1:4])
            if size > _MOST_HANDSHAKE:
                self.buffer.clear()
                return
            if len(self.buffer) < 4 + size:
                return
            message = self.buffer[0], bytes(self.buffer[4 : 4 + size])
            del self.buffer[: 4 + size]
            yield message


def client_hello(body: bytes) -> ClientHello | None:
    """Read a ClientHello; None if it is damaged."""
    try:
        session, at = _vector(body, 34, 1)
        _, at = _vector(body, at, 2)
        _, at = _vector(body, at, 1)
        extensions = _extensions(body, at)
    except IndexError:
        return None
    return ClientHello(
        random=body[2:34],
        session=session,
        ticket=extensions.get(_TICKET, b""),
        sni=_server_name(extensions.get(_SNI, b"")),
        early_data=_EARLY_DATA in extensions,
    )


def server_hello(body: bytes) -> ServerHello | None:
    """Read a ServerHello; None if it is damaged."""
    try:
        session, at = _vector(body, 34, 1)
        extensions = _extensions(body, at + 3)
        version = int.from_bytes(extensions.get(_SUPPORTED_VERSIONS, body[:2]))
        compressed = body[at + 2] != 0
    except IndexError:
        return None
    suite = int.from_bytes(body[at : at + 2])
    return ServerHello(body[2:34], session, version, suite, compressed, _ENCRYPT_THEN_MAC in extensions)


def ticket(body: bytes) -> bytes:
    """The ticket in a NewSessionTicket up to TLS 1.2 (RFC 5077 §3.3)."""
    return body[6 : 6 + int.from_bytes(body[4:6])]


def _vector(data: bytes, at: int, width: int) -> tuple[bytes, int]:
    """A value behind its length, and where it ends.

    Raises:
        IndexError: the data end before.

    """
    end = at + width + int.from_bytes(data[at : at + width])
    if len(data) < at + width or end > len(data):
        raise IndexError
    return data[at + width : end], end


def _extensions(body: bytes, at: int) -> dict[int, bytes]:
    if at >= len(body):
        return {}
    data, _ = _vector(body, at, 2)
    found, at = {}, 0
    while at + 4 <= len(data):
        value, end = _vector(data, at + 2, 2)
        found[int.from_bytes(data[at : at + 2])] = value
        at = end
    return found


def _server_name(extension: bytes) -> str | None:
    """The host name of RFC 6066 §3."""
    if len(extension) < 5 or extension[2]:
        return None
    name = extension[5 : 5 + int.from_bytes(extension[3:5])]
    return name.decode("latin-1") or None
