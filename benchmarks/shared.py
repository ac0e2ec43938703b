"""The folder of real data that nobody here wrote, beside the project's folder; none of it is in the project."""

import sys
from pathlib import Path

_DATA = Path(__file__).parents[2] / "shared" / "data"


def shared(path: str) -> Path:
    """A file of it. Without it there is nothing to measure: the benchmark ends."""
    if not (_DATA / path).exists():
        sys.exit(f"{_DATA / path} is missing: this benchmark needs the folder shared/ beside the project")
    return _DATA / path
