"""The walk through a value: every text and all bytes in it are opened, layer by layer, down to the leaves.

Paths are made on the way down, so that each leaf is made once, where it is found.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from scantrail.decoders.layers import is_plain, open_layer
from scantrail.decoders.limits import Limits
from scantrail.decoders.opaque import LEAST, opaque
from scantrail.decoders.values import Members, Readings, Value
from scantrail.model import Limit, Opaque, Scalar

REMEMBERED = 512
"""Characters of a text, or bytes, for which it is remembered what they hold."""
PLACES = 1 << 13
"""How many of them are remembered. More or longer ones cost fresh traffic a seventh of its time: what is forgotten has
left the processor's cache."""

type Leaf = tuple[str, str, str, Scalar, Opaque | None, Limit | None]
"""What a part of a request gives to a `Field`: its path, parent, key, value, opaque and limit."""

_remembered_layer = lru_cache(maxsize=PLACES)(open_layer)


def leaves(path: str, parent: str, key: str, value: Value, limits: Limits) -> list[Leaf]:
    """All that is in a value that stands at `path`."""
    walk = _Walk(limits)
    walk.value(path, parent, key, value, 0)
    return walk.found


class _Walk:
    """What was found, and where the layer that is being walked must stop."""

    __slots__ = ("depth", "found", "full", "limits", "short")

    def __init__(self, limits: Limits) -> None:
        self.found: list[Leaf] = []
        self.limits = limits
        self.depth = limits.depth
        self.short = min(limits.size, LEAST - 1)
        self.full = limits.fields  # leaves at which the layer holds more than is looked at

    def value(self, path: str, parent: str, key: str, value: Value, nested: int) -> None:
        """Add what is in a value, so many objects and arrays within others of its layer."""
        if isinstance(value, str):
            if len(value) <= self.short and is_plain(value):
                self.found.append((path, parent, key, value, None, None))
            elif value:
                self._layer(path, parent, key, value)
        elif isinstance(value, int | Decimal):
            self.found.append((path, parent, key, value, None, None))
        elif isinstance(value, Members | list):
            self._items(path, parent, key, value, nested)
        elif isinstance(value, Readings):
            for name, reading in value.pairs:
                self.found.append((f"{path}|{name}" if name else path, parent, key, reading, None, None))
        elif value:
            self._layer(path, parent, key, value)

    def _items(self, path: str, parent: str, key: str, value: Members | list[Value], nested: int) -> None:
        if nested == self.limits.nesting:
            self._stop(path, parent, key, "nested deeper than is looked at", "nesting")
            return
        items: Iterator[tuple[str, str, Value]]
        if isinstance(value, Members):
            items = ((f"{path}.{name}", name, member) for name, member in value.pairs)
        else:
            items = ((f"{path}[{index}]", key, item) for index, item in enumerate(value))
        found, full, short, nested = self.found, self.full, self.short, nested + 1
        for at, name, item in items:
            if len(found) >= full:
                self._stop(path, parent, key, "more fields than are looked at", "fields")
                return
            if isinstance(item, str) and len(item) <= short and is_plain(item):  # most are: saves the call
                found.append((at, path, name, item, None, None))
            else:
                self.value(at, path, name, item, nested)

    def _layer(self, path: str, parent: str, key: str, value: str | bytes) -> None:
        """Open a text or bytes and add what is in them, or they themselves."""
        limits = self.limits
        if len(value) > limits.size:
            self._stop(path, parent, key, value, "size")
            return
        opened = (_remembered_layer if len(value) <= REMEMBERED else open_layer)(value, limits)
        if opened is None:
            self.found.append((path, parent, key, value, opaque(value), None))
            return
        if self.depth <= 0:
            self._stop(path, parent, key, value, "depth")
            return
        name, inner = opened
        if name:
            path = f"{path}|{name}"
        if isinstance(inner, str | bytes) and len(inner) > max(limits.expansion, len(value)):
            self._stop(path, parent, key, value, "expansion")
            return
        outside = self.depth, self.full
        self.depth, self.full = self.depth - bool(name), len(self.found) + limits.fields
        self.value(path, parent, key, inner, 0)
        self.depth, self.full = outside

    def _stop(self, path: str, parent: str, key: str, rest: Scalar, limit: Limit) -> None:
        self.found.append((path + "|limit", parent, key, rest, None, limit))
