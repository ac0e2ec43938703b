"""How far the decoders go."""

from typing import NamedTuple

LIMITS = {
    "depth": "Layers that are undone at most.",
    "nesting": "Objects and arrays within each other, in one layer.",
    "size": "Bytes or characters of one value that is opened.",
    "expansion": "Bytes that one compressed value may become.",
    "fields": "Fields of one part of a request.",
}


class Limits(NamedTuple):
    """Where the walk stops (`LIMITS` says what is limited). Each limit that is reached is a Field with `limit` set."""

    depth: int = 12  # real traffic has been seen to use five
    nesting: int = 40
    size: int = 1 << 26
    expansion: int = 1 << 24
    fields: int = 100_000
