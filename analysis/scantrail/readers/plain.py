"""Files as they were before somebody compressed them, by what their bytes are and not by their names."""

import gzip
import io
import zipfile
import zlib
from pathlib import Path
from typing import Any, override

DAMAGED = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError)
"""What reading raises where the compression is damaged."""


class _Unpacked(io.RawIOBase):
    """What can be had of a compressed file. Where it is damaged it seems to end, and what is read after that raises."""

    def __init__(self, packed: gzip.GzipFile | zipfile.ZipExtFile) -> None:
        self._packed = packed
        self._damage: Exception | None = None

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: Any) -> int:
        if self._damage:
            raise self._damage
        try:
            part = self._packed.read1(len(buffer))  # what is at hand
        except DAMAGED as error:
            self._damage, part = error, b""
        buffer[: len(part)] = part
        return len(part)

    @override
    def close(self) -> None:
        self._packed.close()
        super().close()


def opened(path: Path) -> io.BufferedReader:
    """A file, or what is in it: gzip, or the first member of a zip archive.

    Raises:
        DAMAGED: it begins like a compressed file and is none. Where it is damaged further on, reading raises the same,
            after it gave all that stands before and then nothing, once.

    """
    with path.open("rb") as file:
        magic = file.read(4)
    if magic.startswith(b"\x1f\x8b"):
        return io.BufferedReader(_Unpacked(gzip.open(path)))
    if magic == b"PK\x03\x04":
        with zipfile.ZipFile(path) as archive:  # its file stays open until the member is closed
            return io.BufferedReader(_Unpacked(archive.open(_member(archive.namelist()))))  # type: ignore[arg-type]
    return path.open("rb")


def _member(names: list[str]) -> str:
    """Which member of a zip archive is meant: Playwright puts bodies beside its archive."""
    if not names:
        raise EOFError("nothing in it")
    return next((name for name in names if name.endswith(".har")), names[0])
