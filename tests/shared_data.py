"""The folder of real captures that nobody here wrote, beside the project's folder; none of it is in the project."""

import os
from pathlib import Path

import pytest

_DATA = Path(__file__).parents[2] / "shared" / "data"


def shared(path: str) -> Path:
    """A file of it. Where it must be (in CI) its absence fails; elsewhere the test says why it does not run."""
    if not (_DATA / path).exists():
        message = f"{_DATA / path} is missing: the tests of real captures need the folder shared/ beside the project"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return _DATA / path
