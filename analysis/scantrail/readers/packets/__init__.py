"""Captures of packets (pcap, pcapng, as they are or gzipped), with the TLS secrets that are found for them.

    records ──▶ frames ──▶ streams ──▶ conversations ──▶ tls ──▶ http1, http2, websocket ──▶ flows
    scapy       IP, UDP    TCP         which protocol    records                            Requests

Each step keeps only what is still open: bytes are handed on as they come and forgotten. What could not be opened is a
`Request` that says so (`unread`), with the host, the time, and in `unread_bytes` how much left.
"""

from collections.abc import Iterator
from pathlib import Path

from scantrail.model import CaptureError, Problem, Request
from scantrail.readers.packets.files import is_packets, key_logs
from scantrail.readers.packets.secrets import Secrets, key_log_files

__all__ = ["is_packets", "read"]


def read(path: Path, problems: list[Problem]) -> Iterator[Request]:
    """Read a capture of packets (see `scantrail.readers` for the contract). Offsets are those of packets.

    Raises:
        CaptureError: it is none, or a package that reading packets needs is missing.

    """
    try:
        from scantrail.readers.packets.records import records
        from scantrail.readers.packets.traffic import Traffic
    except ImportError as error:
        package = (error.name or "more").partition(".")[0]
        message = f"{path}: reading packets needs {package}: pip install 'scantrail[packets]'"
        raise CaptureError(message) from error
    traffic = Traffic(path, problems, _secrets(path))
    offset = ns = 0
    for offset, ns, linktype, frame in records(path, problems):
        traffic.take(offset, ns, linktype, frame)
        yield from traffic.flows.ready()
    traffic.close(ns)
    yield from traffic.flows.rest()
    if problems and not offset:
        raise CaptureError(f"{path} holds no packet that can be read: {problems[0]}")


def _secrets(path: Path) -> Secrets:
    secrets = Secrets()
    for file in key_log_files(path):
        secrets.add(file.read_bytes())
    for log in key_logs(path):
        secrets.add(log)
    return secrets
