"""What answers are written with."""

from collections.abc import Iterable, Sized

from scantrail.model import Request


def indices(requests: Iterable[Request]) -> list[int]:
    """The places of requests in the capture."""
    return [request.index for request in requests]


def count(things: Sized, noun: str) -> str:
    """How many there are, in words."""
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"


def listed(words: Iterable[str]) -> str:
    """Words one after the other."""
    return ", ".join(words)
