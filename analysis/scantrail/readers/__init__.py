"""From files to Requests. One reader for each format, picked by suffix from the table `READERS`, else by content.

The contract of the family: a reader takes a path and a list for problems, and yields `Request`s in the order of the
file, each as soon as it is complete, with `index` counting from 0. It is lazy and keeps no more in memory than what is
still open. What cannot be used is described in the list (file, offset, why) and skipped; only a file of which nothing
can be used raises `CaptureError`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from scantrail.model import Capture, CaptureError, Moment, Problem, Request
from scantrail.readers import har, log, mitm, packets, plain

type Reader = Callable[[Path, list[Problem]], Iterator[Request]]


LOG, ABOUT, MOMENTS = "log.jsonl", "capture.json", "moments.jsonl"
READERS: dict[str, Reader] = {
    ".jsonl": log.read,
    ".mitm": mitm.read,
    ".flow": mitm.read,
    ".flows": mitm.read,
    ".har": har.read,
    ".zhar": har.read,
    ".pcap": packets.read,
    ".pcapng": packets.read,
    ".cap": packets.read,
}
type _Beginnings = tuple[tuple[re.Pattern[bytes], Reader], ...]
_BEGINNINGS: _Beginnings = ((re.compile(rb'\{"v":'), log.read), (re.compile(rb"\d{1,12}:"), mitm.read))
_GUESSES: _Beginnings = ((re.compile(rb"\{"), har.read),)


def read(path: Path, *, tz: str | None = None) -> Capture:
    """Read a capture folder, or one file of any format in `READERS`.

    Args:
        path: the folder or file.
        tz: IANA zone in which hours of the day are meant; by default what the capture says, else UTC.

    Raises:
        CaptureError: there is nothing there that can be read.

    """
    problems: list[Problem] = []
    capture = glance(path, problems, tz=tz)
    return replace(capture, requests=tuple(stream(path, problems)), problems=tuple(problems))


def glance(path: Path, problems: list[Problem], *, tz: str | None = None) -> Capture:
    """All of a capture but its requests, which `stream` gives: what was done meanwhile, and where.

    Args:
        path: the folder or file.
        problems: what could not be used is added to it.
        tz: IANA zone in which hours of the day are meant; by default what the capture says, else UTC.

    Raises:
        CaptureError: there is nothing there that can be read.

    """
    file = _file(path)
    about = _about(file.with_name(ABOUT))
    return Capture(
        path=path,
        requests=(),
        moments=tuple(_moments(file.with_name(MOMENTS), problems)),
        tz=zone(tz or str(about.get("tz", "UTC"))),
        about=about,
    )


def stream(path: Path, problems: list[Problem]) -> Iterator[Request]:
    """The requests of a capture one at a time, for whoever need not have them all at once.

    Args:
        path: the folder or file.
        problems: what could not be used is added to it, as far as the requests have been taken.

    Raises:
        CaptureError: there is nothing there that can be read; at once, or when the first request is asked for.

    """
    file = _file(path)
    return _reader(file)(file, problems)


def _file(path: Path) -> Path:
    """The file that holds the requests of a capture."""
    folder = path.is_dir()
    file = path / LOG if folder else path
    if not file.exists():
        what = f"is not a capture folder: it has no {LOG}" if folder else "does not exist"
        raise CaptureError(f"{path} {'is a link that leads nowhere' if file.is_symlink() else what}")
    if not file.is_file():
        what = "a folder" if file.is_dir() else "a pipe or a device: save what comes out of it first"
        raise CaptureError(f"{file} is {what}")
    return file


def _reader(file: Path) -> Reader:
    """By how the content begins, where that leaves no doubt; else by the last suffix, or by the one before `.gz`."""
    suffix = file.suffix.lower()
    if suffix == ".gz":
        suffix = Path(file.stem).suffix.lower()
    head = _head(file)
    certain = packets.read if packets.is_packets(file) else _like(head, _BEGINNINGS)
    reader = certain or READERS.get(suffix) or _like(head, _GUESSES)
    if not head and reader not in (log.read, mitm.read):  # those are made when recording begins
        raise CaptureError(f"{file} is empty: nothing was saved in it")
    if reader is None:
        raise CaptureError(f"{file}: no reader for {suffix or 'a file without suffix'}; there is {', '.join(READERS)}")
    return reader


def _head(file: Path) -> bytes:
    """How the content begins."""
    try:
        with plain.opened(file) as opened:
            return opened.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    except plain.DAMAGED as error:
        raise CaptureError(f"{file}: the compression is damaged ({error})") from error


def _like(head: bytes, beginnings: _Beginnings) -> Reader | None:
    return next((reader for begins, reader in beginnings if begins.match(head)), None)


def _about(file: Path) -> dict[str, object]:
    if not file.exists():
        return {}
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, object])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CaptureError(f"{file}: {error}. Mend it or remove it") from error


def _moments(file: Path, problems: list[Problem]) -> list[Moment]:
    if not file.exists():
        return []
    moments, offset = [], 0
    for line in file.read_bytes().splitlines(keepends=True):
        if line.strip():
            try:
                moment = msgspec.json.decode(line, type=Moment)
                at = moment.at if moment.at.tzinfo else moment.at.replace(tzinfo=UTC)
                moments.append(msgspec.structs.replace(moment, at=at))
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                problems.append(Problem(file.name, offset, f"not a moment ({error}), skipped"))
        offset += len(line)
    return sorted(moments, key=lambda moment: moment.at)


def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name.

    Raises:
        CaptureError: there is none.

    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CaptureError(f"{name!r} is not a time zone; give an IANA name such as Asia/Shanghai") from error
