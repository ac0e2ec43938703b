"""One pass over the fields of a request: what is named like a position, shaped like one, or can be a known one.

This runs on every field of every request: each test is a look at the name (remembered) or at a few characters, and
what passes it is looked at again, more closely, by those who ask.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from scantrail.detectors.opened import Opened
from scantrail.detectors.position.index import Index
from scantrail.detectors.position.keys import Role, role_of
from scantrail.detectors.position.numbers import Number, number
from scantrail.detectors.position.pairs import (
    Coordinate,
    coordinate,
    inner_coordinate,
    is_item,
    listed_coordinate,
    outer,
)
from scantrail.detectors.position.texts import may_be_shaped
from scantrail.model import Field

_PLAIN = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,25})?(?:[eE][+-]?\d{1,2})?")
_TWO_WHOLE = re.compile(r"[+-]?\d{6,10}[,;|_ /:]{1,3}[+-]?\d{6,10}")
_IMAGE = re.compile(r"\d{1,9}(?:@\dx)?\.(?:png|jpe?g|webp|pbf|mvt|avif|gif)")  # y of a map tile
_DIGITS = frozenset("+-0123456789")
_MAY_BE_PAIR = frozenset("+-0123456789([{\"'@ \t")
_DEGREES_END = frozenset("NSEWnsew\"'″”°")
_SHORT = 24  # characters of a cell's name at most
_LONGEST = 40  # characters of one number
_TILED = frozenset(("path", "x", "y", "z", "zoom"))
_KEPT = 65536  # names that are remembered


class _Roles(dict[str, Role | None]):
    """The roles of names, as a plain dictionary once they are known: a third of a cached function's cost."""

    def __missing__(self, key: str) -> Role | None:
        role: Role | None = role_of(key)
        if role and role.what == "other":
            role = Role("value") if key in ("x", "y", "X", "Y") else None
        if len(self) < _KEPT:
            self[key] = role
        return role


_ROLES = _Roles()


@dataclass(slots=True)
class Gathered:
    """What may be a position, by how it may be one. What is `bare` has no name and is looked at for known ones only."""

    coordinates: list[Coordinate] = field(default_factory=list)
    refs: dict[tuple[str, str], str] = field(default_factory=dict)
    texts: list[tuple[Field, Role]] = field(default_factory=list)
    shapes: list[tuple[Field, str]] = field(default_factory=list)
    arrays: dict[str, list[tuple[Field, Number]]] = field(default_factory=lambda: defaultdict(list))
    cells: list[tuple[Field, Role]] = field(default_factory=list)
    bare_numbers: list[tuple[Field, Number]] = field(default_factory=list)
    bare_texts: list[Field] = field(default_factory=list)
    bare_cells: list[Field] = field(default_factory=list)
    tiles: dict[str, list[Field]] = field(default_factory=lambda: defaultdict(list))


def gather(opened: Opened, index: Index | None) -> Gathered:
    """Look at each field once; with an index of known positions, also at what no name speaks for."""
    found = Gathered()
    roles = _ROLES
    for each in opened.fields:
        role = roles[each.key]
        if role is not None:
            _named(found, opened, each, role)
        value = each.value
        if type(value) is str and may_be_shaped(value):
            found.shapes.append((each, value))
    if index:
        _bare(found, opened, index)
    return found


def _named(found: Gathered, opened: Opened, each: Field, role: Role) -> None:
    value, what = each.value, role.what
    if value is None or type(value) is bool or type(value) is bytes:
        return
    if what == "name":
        if type(value) is str and len(value) < 30 and (listed := listed_coordinate(value, each, opened)):
            found.coordinates.append(listed)
    elif what == "value":
        _inner(found, each)
    elif what in ("lat", "lon"):
        _coordinate(found, each, role)
    elif what in ("pair", "vague", "box"):
        _pair(found, each, role)
    elif what in ("cell", "tile"):
        found.cells.append((each, role))
    elif what == "ref" and isinstance(value, str):
        found.refs[each.parent, role.kind] = value


def _coordinate(found: Gathered, each: Field, role: Role) -> None:
    if is_item(each) and (item := number(each.value)):
        found.arrays[each.parent].append((each, item))
    elif one := coordinate(each, role):
        found.coordinates.append(one)
    elif isinstance(each.value, str) and len(each.value) < 200:
        found.shapes.append((each, f"{each.key}={each.value}"))


def _pair(found: Gathered, each: Field, role: Role) -> None:
    value = each.value
    if isinstance(value, str) and (not value or value[0] not in _MAY_BE_PAIR):
        return
    if is_item(each) and (item := number(value)):
        found.arrays[each.parent].append((each, item))
    elif isinstance(value, str):
        found.texts.append((each, role))


def _inner(found: Gathered, each: Field) -> None:
    """What is called `value`, `x` or `y` is what the object around it is called."""
    name = outer(each.parent)[1]
    role = role_of(name) if name else None
    if role is None or role.what == "other":
        return
    if one := inner_coordinate(each, role):
        found.coordinates.append(one)
    elif role.what == "cell":
        found.cells.append((each, role))
    elif role.what in ("pair", "vague") and isinstance(each.value, str):
        found.texts.append((each, role))


# What no name speaks for


def _bare(found: Gathered, opened: Opened, index: Index) -> None:
    starts, ends = index.starts, index.ends
    prefixes = index.prefixes
    for each in opened.fields:
        value = each.value
        kind = type(value)
        if kind is str:
            size = len(value)  # type: ignore[arg-type]
            if size < 4:
                if each.key in _TILED:
                    found.tiles[each.parent].append(each)
                continue
            if value[0] in _DIGITS:  # type: ignore[index]
                if size <= _LONGEST:
                    _digits(found, each, value, index)  # type: ignore[arg-type]
            elif value.count(".") >= 2 or value[-1] in _DEGREES_END:  # type: ignore[union-attr,index]
                found.bare_texts.append(each)
            if size <= _SHORT and (value[:4].lower() in prefixes or value[4:5] == "+"):  # type: ignore[index]
                found.bare_cells.append(each)
            elif size > _LONGEST and value[0] in _DIGITS and value.count(".") >= 2:  # type: ignore[union-attr,index]
                found.bare_texts.append(each)
        elif kind is Decimal or kind is int:
            size_of = float(value)  # type: ignore[arg-type]
            at = bisect_right(starts, size_of) - 1
            if (at >= 0 and size_of <= ends[at]) or size_of >= 2147483648.0 or size_of <= -9e14:
                _number(found, each, index)
            if each.key in _TILED:
                found.tiles[each.parent].append(each)


def _digits(found: Gathered, each: Field, value: str, index: Index) -> None:
    """A text that begins with a digit: a number, two, or neither."""
    if _PLAIN.fullmatch(value):
        if index.near(float(value)) or len(value) >= 10:
            _number(found, each, index)
        if each.key in _TILED:
            found.tiles[each.parent].append(each)
    elif value.count(".") >= 2 or _TWO_WHOLE.match(value):
        found.bare_texts.append(each)
    elif value[-1] in _DEGREES_END:
        _number(found, each, index)
    elif each.key in _TILED and _IMAGE.fullmatch(value):
        found.tiles[each.parent].append(each)


def _number(found: Gathered, each: Field, index: Index) -> None:
    one = number(each.value)
    if one is None:
        return
    if one.whole and abs(one.value) >= 1e15:
        found.bare_cells.append(each)
    if index.hits(one):
        found.bare_numbers.append((each, one))
