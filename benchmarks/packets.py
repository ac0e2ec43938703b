"""How fast a capture of packets is read, beside tshark: the same requests of the same file, TLS opened by both.

The capture: 480 connections in turns of three packets, half of them HTTP/1.1 in the clear and half inside of TLS 1.3, 8
requests each with a body of 600 bytes and answers of 500 to 60,000 bytes. Both are counted in seconds of their own
processor time, start included.
"""

import os
import random
import ssl
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from packet_builders import Said, TlsEnds

_READ = """
import sys
from pathlib import Path
from scantrail.readers.packets import read
print(sum(request.method == "POST" for request in read(Path(sys.argv[1]), [])))
"""
_SYN, _ACK, _PSH, _FIN = 2, 16, 8, 1
_SEGMENT = 1400


def frames(said: list[Said], port: int, server_port: int) -> Iterator[bytes]:
    """The frames of one connection. scapy would take minutes to make as many."""
    seq = {"sent": 1000, "received": 5000}

    def frame(side: str, flags: int, data: bytes = b"") -> bytes:
        other = "received" if side == "sent" else "sent"
        ports, hosts = [port, server_port], [b"\x0a\0\0\2", b"\xc0\0\2\1"]
        if side == "received":
            ports.reverse()
            hosts.reverse()
        tcp = struct.pack(">HHIIBBHHH", *ports, seq[side], seq[other], 0x50, flags, 65535, 0, 0) + data
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + b"".join(hosts)
        seq[side] += len(data) + bool(flags & (_SYN | _FIN))
        return bytes(12) + b"\x08\x00" + ip + tcp

    yield frame("sent", _SYN)
    yield frame("received", _SYN | _ACK)
    for side, data in said:
        for at in range(0, len(data), _SEGMENT):
            yield frame(side, _PSH | _ACK, data[at : at + _SEGMENT])
            if at // _SEGMENT % 2:
                yield frame("received" if side == "sent" else "sent", _ACK)
    yield frame("sent", _FIN | _ACK)
    yield frame("received", _FIN | _ACK)


def talk(chance: random.Random) -> list[Said]:
    """Eight requests with their answers."""
    said: list[Said] = []
    for number in range(8):
        size = chance.choice((500, 3_000, 20_000, 60_000))
        body = b'{"location":"' + b"x" * 585 + b'"}'
        said.append(
            ("sent", b"POST /api/%d HTTP/1.1\r\nHost: h.test\r\nContent-Length: 600\r\n\r\n%s" % (number, body))
        )
        said.append(("received", b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + chance.randbytes(size)))
    return said


def write(folder: Path) -> Path:
    """The capture, its key log beside it."""
    chance, path = random.Random(1), folder / "capture.pcap"  # noqa: S311 # the same each time
    live = []
    for number in range(480):
        said = talk(chance)
        if number % 2:
            said, _ = TlsEnds(folder, ssl.TLSVersion.TLSv1_3).session(said)
        live.append(frames(said, 10_000 + number, 443 if number % 2 else 80))
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1))
        count = 0
        while live:
            turn = chance.randrange(min(len(live), 12))
            for _ in range(3):
                if (frame := next(live[turn], None)) is None:
                    live.pop(turn)
                    break
                count += 1
                file.write(
                    struct.pack("<IIII", 1_581_897_600 + count // 10_000, count % 10_000 * 100, *[len(frame)] * 2)
                )
                file.write(frame)
    return path


def spent(command: list[str]) -> tuple[float, str]:
    """Seconds of processor time that a command takes, and what it prints."""
    before = os.times()
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system, out


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder))
        megabytes = path.stat().st_size / 1e6
        rows = {"scantrail": [sys.executable, "-c", _READ, str(path)]}
        keys = f"tls.keylog_file:{path.with_name('secrets.keys')}"
        rows["tshark"] = [
            "tshark",
            "-r",
            str(path),
            "-o",
            keys,
            "-Y",
            "http.request",
            "-T",
            "fields",
            "-e",
            "http.request.uri",
        ]
        print(f"packets: {megabytes:.1f} MB")
        for name, command in rows.items():
            try:
                seconds, out = min(spent(command) for _ in range(3))
            except FileNotFoundError:
                print(f"  {name:10} is not installed")
                continue
            requests = int(out) if name == "scantrail" else len(out.split())
            print(f"  {name:10} {megabytes / seconds:6.1f} MB/s of processor time, {requests:,} requests")
