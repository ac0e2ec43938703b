"""Randomness: every question has a stream of its own, so that a new question does not change the old answers."""

from random import Random


def stream(*names: object) -> Random:
    """Make a generator that depends on its names alone, for instance `stream(seed, "week", user_id)`."""
    return Random("/".join(str(name) for name in names))  # noqa: S311 - a simulation must repeat, not surprise
