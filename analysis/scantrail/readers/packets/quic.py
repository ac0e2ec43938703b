"""QUIC (RFC 9000, RFC 9369): whom a connection leads to, from its Initial packets. What follows stays unread.

The keys of Initial packets are derived from a connection id that is in them (RFC 9001 §5.2), so the ClientHello can be
opened by anybody, also where it spans several packets.
"""

import hmac
from typing import NamedTuple, override

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from scantrail.model import Side
from scantrail.readers.packets.ciphers import expand_label
from scantrail.readers.packets.flows import Flow, Flows, Layer, Link
from scantrail.readers.packets.hellos import CLIENT_HELLO, Handshake, client_hello

UNREAD = "QUIC (HTTP/3), which is not opened"
_FIXED_BIT, _LONG = 0x40, 0x80
_MOST_LOOKS = 32  # datagrams that a ClientHello is looked for in
_MOST_CRYPTO = 1 << 16  # bytes of a ClientHello
_PADDING, _PING, _ACK, _ACK_ECN, _CRYPTO = 0, 1, 2, 3, 6


class Version(NamedTuple):
    """What Initial packets of a version are protected with."""

    salt: bytes
    label: str
    initial: int  # the two bits of a long header that mark an Initial packet


_V1 = Version(bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"), "quic", 0)
_V2 = Version(bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"), "quicv2", 1)
_DRAFT_29 = Version(bytes.fromhex("afbfec289993d24c9e9786f19c6111e04390a899"), "quic", 0)
VERSIONS = {1: _V1, 0x6B3343CF: _V2} | {0xFF000000 + draft: _DRAFT_29 for draft in range(29, 33)}
VERSIONS |= {0xFF000021: _V1, 0xFF000022: _V1}


class _Keys(NamedTuple):
    aead: AESGCM
    iv: bytes
    header: bytes


def begins(data: bytes) -> bool:
    """Whether a datagram is a long header packet of a QUIC version known here."""
    return (
        len(data) > 20
        and data[0] & (_LONG | _FIXED_BIT) == _LONG | _FIXED_BIT
        and int.from_bytes(data[1:5]) in VERSIONS
        and data[5] <= 20
    )


def in_the_middle(data: bytes) -> bool:
    """Whether a datagram to port 443 may be a packet of a connection already made, or of a version unknown here."""
    return len(data) > 20 and bool(data[0] & _FIXED_BIT)


class Quic(Layer):
    """One connection, as one row."""

    def __init__(self, link: Link, ns: int, flows: Flows) -> None:
        self.link = link
        self.flow: Flow = flows.begin(link, ns, protocol="quic", unread=UNREAD, unread_bytes=0)
        self.keys: dict[tuple[bytes, Version], _Keys] = {}
        self.crypto: dict[int, bytes] = {}
        self.looked = 0

    @override
    def feed(self, side: Side, ns: int, data: bytes) -> None:
        """Take a datagram."""
        if side != "sent":
            return
        self.flow.values["unread_bytes"] += len(data)
        if self.looked < _MOST_LOOKS:
            self.looked += 1
            self._look(data)

    @override
    def lost(self, side: Side, ns: int, size: int) -> None:
        """What is missing of a datagram left all the same."""
        if side == "sent":
            self.flow.values["unread_bytes"] += size

    @override
    def close(self, ns: int) -> None:
        """The row is complete."""
        self.flow.done = True

    def _look(self, data: bytes) -> None:
        """Go through the packets of a datagram, and collect what their CRYPTO frames say."""
        try:
            while data and begins(data):
                version = VERSIONS[int.from_bytes(data[1:5])]
                at = 6 + data[5]
                target = data[6:at]
                at += 1 + data[at]
                if data[0] >> 4 & 3 == version.initial:
                    size, at = _integer(data, at)
                    at += size
                length, at = _integer(data, at)
                if data[0] >> 4 & 3 == version.initial and (plain := self._open(version, target, data, at, length)):
                    self._frames(plain)
                data = data[at + length :]
        except IndexError:
            return
        self._hello()

    def _open(self, version: Version, target: bytes, data: bytes, at: int, length: int) -> bytes | None:
        """Remove both protections (RFC 9001 §5.3, §5.4), with the first id's keys or, after a Retry, the new one's."""
        tried = list(self.keys.values())
        if (target, version) not in self.keys and len(tried) < 4:
            self.keys[target, version] = keys = derive(version, target)
            tried.append(keys)
        for keys in tried:
            sample = data[at + 4 : at + 20]
            encryptor = Cipher(algorithms.AES(keys.header), modes.ECB()).encryptor()  # noqa: S305 # §5.4.3
            mask = encryptor.update(sample.ljust(16, b"\0"))
            first = data[0] ^ mask[0] & 15
            size = (first & 3) + 1
            number = bytes(a ^ b for a, b in zip(data[at : at + size], mask[1:], strict=False))
            nonce = (int.from_bytes(keys.iv) ^ int.from_bytes(number)).to_bytes(12)
            try:
                header = bytes([first]) + data[1:at] + number
                return keys.aead.decrypt(nonce, data[at + size : at + length], header)
            except InvalidTag:
                continue
        return None

    def _frames(self, plain: bytes) -> None:
        at = 0
        while at < len(plain):
            kind = plain[at]
            at += 1
            if kind in (_PADDING, _PING):
                continue
            if kind in (_ACK, _ACK_ECN):
                at = _past_ack(plain, at, ecn=kind == _ACK_ECN)
            elif kind == _CRYPTO:
                offset, at = _integer(plain, at)
                size, at = _integer(plain, at)
                if offset + size <= _MOST_CRYPTO:
                    self.crypto.setdefault(offset, plain[at : at + size])
                at += size
            else:
                return

    def _hello(self) -> None:
        """Read the ClientHello once its parts are there."""
        whole = bytearray()
        for offset, part in sorted(self.crypto.items()):
            if offset > len(whole):
                break
            whole += part[len(whole) - offset :]
        for kind, body in Handshake().add(bytes(whole)):
            if kind == CLIENT_HELLO and (hello := client_hello(body)):
                self.link.sni = hello.sni
                self.link.tls_version = "TLSv1.3"
                self.looked = _MOST_LOOKS
                self.crypto.clear()


def derive(version: Version, target: bytes) -> _Keys:
    """What protects the client's Initial packets (RFC 9001 §5.2, RFC 9369 §3.3)."""
    secret = expand_label(hmac.digest(version.salt, target, "sha256"), "client in", 32, "sha256")
    key, iv, header = (
        expand_label(secret, f"{version.label} {name}", size, "sha256")
        for name, size in (("key", 16), ("iv", 12), ("hp", 16))
    )
    return _Keys(AESGCM(key), iv, header)


def _integer(data: bytes, at: int) -> tuple[int, int]:
    """A variable-length integer (RFC 9000 §16), and where it ends."""
    size = 1 << (data[at] >> 6)
    value = int.from_bytes(data[at : at + size]) & ((1 << (8 * size - 2)) - 1)
    return value, at + size


def _past_ack(plain: bytes, at: int, *, ecn: bool) -> int:
    """Where an ACK frame ends (RFC 9000 §19.3)."""
    _, at = _integer(plain, at)
    _, at = _integer(plain, at)
    ranges, at = _integer(plain, at)
    for _ in range(min(2 * ranges + 1, len(plain)) + (3 if ecn else 0)):
        _, at = _integer(plain, at)
    return at
