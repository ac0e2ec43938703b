"""TLS key logs (the NSS format: https://www.ietf.org/archive/id/draft-ietf-tls-keylogfile-02.html).

A connection's secrets are found by the random value of its ClientHello, so it does no harm to read more logs than
belong to a capture.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

_SUFFIXES = frozenset({".keys", ".key", ".keylog", ".sslkeylog", ".sslkeylogfile", ".nss", ".log", ".txt"})
_LINE = re.compile(rb"^([A-Z][A-Z0-9_]+) ([0-9A-Fa-f]{64}) ([0-9A-Fa-f]{32,256})\s*$", re.MULTILINE)
_SESSION = re.compile(rb"^RSA Session-ID:([0-9A-Fa-f]{2,64}) Master-Key:([0-9A-Fa-f]{96})\s*$", re.MULTILINE)
_MOST_FILES, _BEGINNING, _MOST_BYTES = 1000, 1 << 14, 1 << 28


class Secrets:
    """The secrets of connections, by label and client random; master secrets also by session id and ticket."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, bytes], bytes] = {}
        self.sessions: dict[bytes, bytes] = {}

    def add(self, log: bytes) -> None:
        """Take the lines of a key log."""
        for label, random, secret in _LINE.findall(log):
            if len(secret) % 2 == 0:
                self.known[label.decode(), bytes.fromhex(random.decode())] = bytes.fromhex(secret.decode())
        for session, master in _SESSION.findall(log):
            if len(session) % 2 == 0:
                self.sessions[bytes.fromhex(session.decode())] = bytes.fromhex(master.decode())

    def get(self, label: str, random: bytes) -> bytes | None:
        """A secret, if it is known."""
        return self.known.get((label, random))

    def text(self) -> str:
        """All of them as a key log, for tshark."""
        lines = (f"{label} {random.hex()} {secret.hex()}\n" for (label, random), secret in self.known.items())
        return "".join(lines)


def key_log_files(capture: Path) -> Iterator[Path]:
    """Where a capture's secrets may be: in the file that SSLKEYLOGFILE names, and in every key log beside it."""
    stated = os.environ.get("SSLKEYLOGFILE")
    if stated and Path(stated).is_file():
        yield Path(stated)
    beside = (file for file in capture.parent.iterdir() if file.suffix.lower() in _SUFFIXES and file.is_file())
    for _, file in zip(range(_MOST_FILES), sorted(beside), strict=False):
        with file.open("rb") as log:
            beginning = log.read(_BEGINNING)
        if file.stat().st_size < _MOST_BYTES and (_LINE.search(beginning) or _SESSION.search(beginning)):
            yield file
