"""How far the decoders go."""

from typing import NamedTuple


class Limits(NamedTuple):
    """Where the walk stops. Each limit that is reached is a Field with `limit` set, and so counted."""

    depth: int = 12  # layers; real traffic has been seen to use five
    nesting: int = 40  # objects and arrays within each other, in one layer
    size: int = 1 << 26  # bytes or characters of one value that is opened
    expansion: int = 1 << 24  # bytes that one compressed value may become
    fields: int = 100_000  # of one part of a request
