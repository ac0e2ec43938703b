"""What the headers of a message say of its body: the codings to undo and the type of what is beneath."""

from scantrail.decoders.values import Value
from scantrail.model import Pair


def undo(headers: tuple[Pair, ...], data: bytes, most: int = 1 << 24) -> tuple[str, Value]:
    """Undo what the headers state.

    Args:
        headers: of the request or response.
        data: its body.
        most: bytes that it may become at most.

    Returns:
        The layers that were undone, as in `Field.path` (`|gzip`), and what is beneath; None for an empty body.

    """
    return "", data or None
