"""What decoders give: nested values."""

from collections.abc import Sequence
from dataclasses import dataclass

from scantrail.model import Scalar


@dataclass(frozen=True, slots=True)
class Members:
    """Named values in order. Unlike a dict it keeps a name that comes twice: a server may read either."""

    pairs: Sequence[tuple[str, "Value"]]


type Value = Scalar | Members | list[Value]
