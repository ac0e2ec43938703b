"""What decoders give: nested values."""

from collections.abc import Sequence
from dataclasses import dataclass

from scantrail.model import Scalar


@dataclass(frozen=True, slots=True)
class Members:
    """Named values in order. Unlike a dict it keeps a name that comes twice: a server may read either."""

    pairs: Sequence[tuple[str, "Value"]]


@dataclass(frozen=True, slots=True)
class Readings:
    """One value that may be meant in several ways (eight bytes: an integer or a double), each named as a layer."""

    pairs: Sequence[tuple[str, Scalar]]


type Value = Scalar | Members | Readings | list[Value]
