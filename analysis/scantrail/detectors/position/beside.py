"""What stands beside positions and tells of their datum and accuracy, asked once for all that stand there."""

from collections.abc import Sequence
from functools import cached_property

from scantrail.detectors.opened import Opened
from scantrail.detectors.position.datums import Statement, inferred, stated, stated_anywhere
from scantrail.detectors.position.keys import role_of
from scantrail.detectors.position.numbers import number
from scantrail.model import Field


class Beside:
    """The fields of one object, and what they say of the positions in it."""

    def __init__(self, fields: Sequence[Field], receiver: str) -> None:
        self._fields, self._receiver = fields, receiver

    @cached_property
    def stated(self) -> Statement | None:
        """The datum that a field names."""
        return stated(self._fields)

    @cached_property
    def inferred(self) -> Statement | None:
        """The datum that the names of the fields or the receiver let expect."""
        return inferred(self._fields, self._receiver)

    @cached_property
    def accuracy_m(self) -> float | None:
        """The accuracy that the first field of such a name tells, in metres."""
        for field in self._fields:
            role = role_of(field.key)
            if role and role.what == "accuracy":
                found = number(field.value)
                return found.value if found and 0 < found.value < 100_000 else None
        return None


class Surroundings:
    """All objects of one request, each looked at when first asked for: a trail has thousands of positions in one."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._beside: dict[tuple[str, str], Beside] = {}
        self._anywhere: dict[str, Statement | None] = {}

    def beside(self, parent: str, scope: str) -> Beside:
        """What stands in an object, then what stands in the one around it."""
        key = parent, scope
        if key not in self._beside:
            siblings = self._opened.siblings
            fields = [*siblings[parent], *siblings[scope]] if scope != parent else siblings[parent]
            self._beside[key] = Beside(fields, self._opened.fields[0].because.receiver)
        return self._beside[key]

    def anywhere(self, side: str) -> Statement | None:
        """The datum that one side of the request states, if it states one only."""
        if side not in self._anywhere:
            self._anywhere[side] = stated_anywhere(self._opened, side)
        return self._anywhere[side]
