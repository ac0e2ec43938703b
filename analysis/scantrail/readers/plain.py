"""Files as they were before somebody compressed them, by what their bytes are and not by their names."""

import gzip
import io
import zipfile
import zlib
from pathlib import Path

DAMAGED = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError)
"""What reading raises where the compression is damaged."""


def opened(path: Path) -> io.BufferedIOBase:
    """A file, or what is in it: gzip, or the first member of a zip archive.

    Raises:
        DAMAGED: it begins like a compressed file and is none.

    """
    with path.open("rb") as file:
        magic = file.read(4)
    if magic.startswith(b"\x1f\x8b"):
        return gzip.open(path)
    if magic == b"PK\x03\x04":
        with zipfile.ZipFile(path) as archive:  # its file stays open until the member is closed
            return archive.open(_member(archive.namelist()))  # type: ignore[return-value] # a ZipExtFile is one
    return path.open("rb")


def _member(names: list[str]) -> str:
    """Which member of a zip archive is meant: Playwright puts bodies beside its archive."""
    if not names:
        raise EOFError("nothing in it")
    return next((name for name in names if name.endswith(".har")), names[0])
