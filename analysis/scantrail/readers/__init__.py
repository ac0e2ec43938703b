"""From files to Requests. One reader for each format, picked by suffix from the table `READERS`.

The contract of the family: a reader takes a path and a list for problems, and yields `Request`s in the order of the
file, each as soon as it is complete, with `index` counting from 0. It is lazy and keeps no more in memory than what is
still open. What cannot be used is described in the list (file, offset, why) and skipped; only a file of which nothing
can be used raises `CaptureError`.
"""

from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from scantrail.model import Capture, CaptureError, Moment, Problem, Request
from scantrail.readers import har, log, mitm, packets

type Reader = Callable[[Path, list[Problem]], Iterator[Request]]


def _unpacked(path: Path, problems: list[Problem]) -> Iterator[Request]:
    """A gzipped file, by what is in it."""
    return packets.read(path, problems) if packets.is_packets(path) else har.read(path, problems)


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
    ".gz": _unpacked,
}


def read(path: Path, *, tz: str | None = None) -> Capture:
    """Read a capture folder, or one file of any format in `READERS`.

    Args:
        path: the folder or file.
        tz: IANA zone in which hours of the day are meant; by default what the capture says, else UTC.

    Raises:
        CaptureError: there is nothing there that can be read.

    """
    folder = path.is_dir()
    file = path / LOG if folder else path
    if not file.exists():
        what = f"is not a capture folder: it has no {LOG}" if folder else "does not exist"
        raise CaptureError(f"{path} {what}")
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        raise CaptureError(
            f"{file}: no reader for {file.suffix or 'a file without suffix'}; there is {', '.join(READERS)}"
        )
    problems: list[Problem] = []
    requests = tuple(reader(file, problems))
    about = _about(file.with_name(ABOUT))
    return Capture(
        path=path,
        requests=requests,
        moments=tuple(_moments(file.with_name(MOMENTS), problems)),
        tz=zone(tz or str(about.get("tz", "UTC"))),
        problems=tuple(problems),
        about=about,
    )


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
