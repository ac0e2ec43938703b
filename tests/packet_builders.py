"""Captures of packets for tests: conversations as real ends would have had them, written with scapy."""

import datetime
import ssl
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Packet
from scapy.utils import RawPcapWriter

from scantrail.model import Capture, Side
from scantrail.readers import read

START_NS = 1_581_897_600 * 10**9  # 2020-02-17T00:00:00Z
CLIENT, SERVER = ("10.0.0.2", 50_000), ("192.0.2.1", 80)

SIDES: tuple[Side, Side] = "sent", "received"

type Said = tuple[Side, bytes]


@dataclass
class Tcp:
    """One TCP connection, whose packets gather in `packets`. Names of hosts with a colon make it IPv6."""

    client: tuple[str, int] = CLIENT
    server: tuple[str, int] = SERVER
    seq: dict[Side, int] = field(default_factory=lambda: {"sent": 1000, "received": 5000})
    packets: list[Packet] = field(default_factory=list)

    def packet(self, side: Side, flags: str, data: bytes = b"", seq: int | None = None) -> Packet:
        ends = (self.client, self.server) if side == "sent" else (self.server, self.client)
        network = IPv6 if ":" in self.client[0] else IP
        other: Side = "received" if side == "sent" else "sent"
        at = self.seq[side] if seq is None else seq
        header = TCP(
            sport=ends[0][1], dport=ends[1][1], seq=at & 0xFFFFFFFF, ack=self.seq[other] & 0xFFFFFFFF, flags=flags
        )
        return network(src=ends[0][0], dst=ends[1][0]) / header / data

    def open(self) -> "Tcp":
        for side, flags in zip(SIDES, ("S", "SA"), strict=True):
            self.packets.append(self.packet(side, flags))
            self.seq[side] += 1
        return self

    def say(self, side: Side, data: bytes, size: int = 1400) -> "Tcp":
        for at in range(0, len(data), size):
            self.packets.append(self.packet(side, "PA", data[at : at + size]))
            self.seq[side] += len(data[at : at + size])
        return self

    def all(self, said: Iterable[Said], size: int = 1400) -> "Tcp":
        for side, data in said:
            self.say(side, data, size)
        return self

    def close(self) -> "Tcp":
        for side in SIDES:
            self.packets.append(self.packet(side, "FA"))
            self.seq[side] += 1
        return self


def udp(data: bytes, *, port: int = 443, side: Side = "sent", client: int = 50_000) -> Packet:
    a, b = ("10.0.0.2", client), ("192.0.2.1", port)
    source, target = (a, b) if side == "sent" else (b, a)
    return IP(src=source[0], dst=target[0]) / UDP(sport=source[1], dport=target[1]) / data


def ethernet(packet: Packet) -> bytes:
    return bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / packet)


def write_pcap(
    path: Path, frames: Sequence[bytes], *, linktype: int = 1, nano: bool = False, endian: str = "<"
) -> Path:
    with RawPcapWriter(str(path), linktype=1, nano=nano, endianness=endian) as writer:
        writer.write_header(None)
        for number, frame in enumerate(frames):
            ns = START_NS + number * 1_001_001
            seconds, rest = divmod(ns, 10**9)
            writer.write_packet(frame, sec=seconds, usec=rest if nano else rest // 1000)
    data = bytearray(path.read_bytes())
    data[20:24] = struct.pack(f"{endian}I", linktype)  # scapy refuses 0
    path.write_bytes(data)
    return path


def block(kind: int, body: bytes, endian: str = "<") -> bytes:
    """A block of pcapng."""
    body += b"\0" * (-len(body) % 4)
    size = len(body) + 12
    return struct.pack(f"{endian}II", kind, size) + body + struct.pack(f"{endian}I", size)


def pcapng(
    frames: Sequence[bytes], *, linktype: int = 1, endian: str = "<", secrets: bytes = b"", options: bytes = b""
) -> bytes:
    """A section with one interface, and its secrets behind the packets that need them."""
    out = block(0x0A0D0D0A, struct.pack(f"{endian}IHHq", 0x1A2B3C4D, 1, 0, -1), endian)
    out += block(1, struct.pack(f"{endian}HHI", linktype, 0, 0) + options, endian)
    for number, frame in enumerate(frames):
        us = (START_NS + number * 1_001_001) // 1000
        head = struct.pack(f"{endian}IIIII", 0, us >> 32, us & 0xFFFFFFFF, len(frame), len(frame))
        out += block(6, head + frame, endian)
    if secrets:
        out += block(10, struct.pack(f"{endian}II", 0x544C534B, len(secrets)) + secrets, endian)
    return out


def capture(folder: Path, *packets: Packet, name: str = "capture.pcap") -> Capture:
    """The capture of these packets."""
    return read(write_pcap(folder / name, [ethernet(packet) for packet in packets]))


# TLS, as Python's own speaks it


def certificate(folder: Path, kind: str = "rsa") -> Path:
    """A self-signed certificate of `phone.test` with its key, in one file."""
    path = folder / f"{kind}.pem"
    if path.exists():
        return path
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "phone.test")])
    begin = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(begin).not_valid_after(begin + datetime.timedelta(days=36500))
    signed = builder.sign(key, hashes.SHA256())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    path.write_bytes(pem + signed.public_bytes(serialization.Encoding.PEM))
    return path


@dataclass
class TlsEnds:
    """A client and a server that may hold several sessions, and the key log that both write to."""

    folder: Path
    version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    ciphers: str | None = None
    group: str | None = None
    key: str = "rsa"
    alpn: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.log = self.folder / "secrets.keys"
        self.server, self.client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.client.check_hostname, self.client.verify_mode = False, ssl.CERT_NONE
        self.server.load_cert_chain(certificate(self.folder, self.key))
        for context in (self.server, self.client):
            context.minimum_version = context.maximum_version = self.version
            if self.ciphers:
                context.set_ciphers(self.ciphers)
            if self.alpn:
                context.set_alpn_protocols(self.alpn)
        if self.group:
            self.server.set_ecdh_curve(self.group)
        self.client.keylog_filename = str(self.log)

    def session(self, said: Iterable[Said], resume: ssl.SSLSession | None = None) -> tuple[list[Said], ssl.SSLObject]:
        """What goes over the wire when both ends say this inside of TLS."""
        wires = [ssl.MemoryBIO() for _ in range(4)]
        client = self.client.wrap_bio(wires[0], wires[1], server_hostname="phone.test", session=resume)
        server = self.server.wrap_bio(wires[2], wires[3], server_side=True)
        out: list[Said] = []

        def flush() -> None:
            for side, wire, other in (("sent", wires[1], wires[2]), ("received", wires[3], wires[0])):
                if data := wire.read():
                    out.append((side, data))  # type: ignore[arg-type]
                    other.write(data)

        for _ in range(8):
            for end in (client, server):
                _quietly(end.do_handshake)
                flush()
        for side, data in said:
            talker, listener = (client, server) if side == "sent" else (server, client)
            talker.write(data)
            flush()
            read_to = 0
            while read_to < len(data):
                read_to += len(listener.read(1 << 20))
            flush()
        _quietly(lambda: client.read(1))  # takes the session tickets
        return out, client


def _quietly(call: Callable[[], object]) -> None:
    try:
        call()
    except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
        return


# QUIC


def integer(value: int, size: int | None = None) -> bytes:
    """A variable-length integer (RFC 9000 §16), in `size` bytes."""
    size = size or next(n for n in (1, 2, 4, 8) if value < 1 << (8 * n - 2))
    return (value | {1: 0, 2: 1, 4: 2, 8: 3}[size] << (8 * size - 2)).to_bytes(size)


def hello() -> bytes:
    """The ClientHello of Python's TLS to phone.test, as a handshake message."""
    context, wire = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.MemoryBIO()
    end = context.wrap_bio(ssl.MemoryBIO(), wire, server_hostname="phone.test")
    _quietly(end.do_handshake)
    return wire.read()[5:]


def initial(frames: bytes, target: bytes, *, version: int = 1, number: int = 0, salt: bytes, label: str) -> bytes:
    """An Initial packet of a client (RFC 9001 §5), by the `cryptography` package's own HKDF."""

    def expand(secret: bytes, name: str, size: int) -> bytes:
        full = b"tls13 " + name.encode()
        info = struct.pack(">HB", size, len(full)) + full + b"\0"
        return HKDFExpand(hashes.SHA256(), size, info).derive(secret)

    extract = HMAC(salt, hashes.SHA256())
    extract.update(target)
    secret = expand(extract.finalize(), "client in", 32)
    key, iv, protect = (
        expand(secret, f"{label} key", 16),
        expand(secret, f"{label} iv", 12),
        expand(secret, f"{label} hp", 16),
    )
    first = 0xC3 | (0 if version != 0x6B3343CF else 0x10)
    frames = frames.ljust(1162, b"\0")
    head = bytes([first]) + struct.pack(">IB", version, len(target)) + target + b"\0\0" + integer(len(frames) + 20, 2)
    packet_number = number.to_bytes(4)
    nonce = bytes(a ^ b for a, b in zip(iv, bytes(8) + packet_number, strict=True))
    sealed = AESGCM(key).encrypt(nonce, frames, head + packet_number)
    mask = Cipher(algorithms.AES(protect), modes.ECB()).encryptor().update(sealed[:16])  # noqa: S305 # as QUIC does
    hidden = bytes(a ^ b for a, b in zip(packet_number, mask[1:], strict=False))
    return bytes([head[0] ^ mask[0] & 15]) + head[1:] + hidden + sealed
