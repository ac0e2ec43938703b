"""Known values: what the phone or the person is known to be, found in whatever encoding and through hashes."""

from collections.abc import Iterator
from pathlib import Path

from scantrail.detectors.opened import Opened
from scantrail.model import Disclosure, Known


def load(path: Path) -> Known:
    """Read a file of known values and positions (docs/known.md).

    Raises:
        CaptureError: it cannot be read; the message says which key is wrong and what is expected.

    """
    raise NotImplementedError


def detect(opened: Opened) -> Iterator[Disclosure]:
    """All known values in the fields of one request."""
    yield from ()
