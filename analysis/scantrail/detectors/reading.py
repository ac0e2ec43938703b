"""What a rule reads in a value."""

from typing import NamedTuple


class Reading(NamedTuple):
    """What is disclosed, as it stands in the value, and what more there is to say of it."""

    value: str
    because: str = ""
