"""What decoders give: nested values."""

from scantrail.model import Scalar


class Members(list[tuple[str, "Value"]]):
    """Named values in order. Unlike a dict it keeps a name that comes twice: a server may read either."""


type Value = Scalar | Members | list[Value]
