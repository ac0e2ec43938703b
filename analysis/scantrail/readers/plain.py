"""Files as they were before somebody compressed them, by what their bytes are and not by their names."""

import gzip
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

DAMAGED = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError)
"""What reading raises where the compression is damaged."""


def opened(path: Path) -> BinaryIO:
    """A file, or what is in it: gzip, or the first member of a zip archive.

    Raises:
        DAMAGED: it begins like a compressed file and is none.

    """
    with path.open("rb") as file:
        magic = file.read(4)
    if magic.startswith(b"\x1f\x8b"):
        return gzip.open(path)  # type: ignore[return-value] # a GzipFile is a binary file
    if magic == b"PK\x03\x04":
        with zipfile.ZipFile(path) as archive:  # its file stays open until the member is closed
            return archive.open(archive.namelist()[0])  # type: ignore[return-value]
    return path.open("rb")
