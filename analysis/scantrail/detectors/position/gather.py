"""One pass over the fields of a request: what is named like a position, shaped like one, or can be a known one.

This runs on every field of every request: each test is a look at the name (remembered) or at a few characters, and
what passes it is looked at again, more closely, by those who ask.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from scantrail.detectors.opened import Opened
from scantrail.detectors.position.index import Index
from scantrail.detectors.position.keys import Role, role_of
from scantrail.detectors.position.numbers import Number, number
from scantrail.detectors.position.packed import LENGTHS, candidate
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
_TWO_NUMBERS = re.compile(r"[+-]?\d{6,10}[,;|_ /:]{1,3}[+-]?\d{6,10}|[+-]?\d{1,3},\d{3,15}[ ]?[;|/ ]")
_TWO_DECIMAL = re.compile(r"\d\.\d+[^\d.].{0,40}?\d\.\d", re.DOTALL)  # no version, no GA1.2.123.456
_DIGITS = frozenset("+-0123456789")
_MAY_BE_PAIR = frozenset("+-0123456789([{\"'@ \t")
_DEGREES_END = frozenset("NSEWnsew\"'″”°")
_UNSIGNED = 2.0**31  # integers from here on may be negative ones in 32 or 64 bits, or cells
_CELL_ID = 1e15
_LARGEST = 1 << 65  # larger integers are neither numbers of degrees nor cells
_SHORTEST = 4  # characters: 9.25
_SHORT = 24  # characters of a cell's name at most
_LONGEST = 40  # characters of one number
_KEPT = 32768  # names, or texts, that are remembered
_MEMORABLE = 100  # characters of such a text


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
    bare_bytes: list[tuple[Field, bytes]] = field(default_factory=list)
    tiled: dict[str, None] = field(default_factory=dict)


_SHAPELESS: set[str] = set()
"""Texts that have no shape of a position: most texts of a capture come again, and are then passed over."""


def _remember(nothing: set[str], text: str) -> None:
    if len(text) <= _MEMORABLE:
        if len(nothing) >= _KEPT:
            nothing.clear()
        nothing.add(text)


def gather(opened: Opened, index: Index | None) -> Gathered:
    """Look at each field once; with an index of known positions, also at what no name speaks for."""
    found = Gathered()
    roles, shapeless = _ROLES, _SHAPELESS
    for each in opened.fields:
        role = roles[each.key]
        if role is not None:
            _named(found, opened, each, role)
        value = each.value
        if isinstance(value, str) and value not in shapeless:
            if may_be_shaped(value):
                found.shapes.append((each, value))
            else:
                _remember(shapeless, value)
    if index:
        _bare(found, opened, index)
    return found


def _named(found: Gathered, opened: Opened, each: Field, role: Role) -> None:
    value, what = each.value, role.what
    if value is None or isinstance(value, bool | bytes):
        return
    if what == "name":
        if isinstance(value, str) and len(value) < 30 and (listed := listed_coordinate(value, each, opened)):
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
    if each.key == "path":
        found.tiled[each.parent] = None
    if isinstance(value, str) and (not value or value[0] not in _MAY_BE_PAIR):
        return
    if is_item(each) and (item := number(value)):
        found.arrays[each.parent].append((each, item))
    elif isinstance(value, str):
        found.texts.append((each, role))


def _inner(found: Gathered, each: Field) -> None:
    """What is called `value`, `x` or `y` is what the object around it is called."""
    if each.key in ("x", "X"):
        found.tiled[each.parent] = None
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
    nothing = index.nothing
    for each in opened.fields:
        value = each.value
        if isinstance(value, str):
            if value not in nothing and not _bare_text(found, each, value, index):
                _remember(nothing, value)
        elif isinstance(value, int) or (isinstance(value, Decimal) and value.is_finite()):
            size = float(value) if -_LARGEST < value < _LARGEST else 0.0
            if index.near(size) or size >= _UNSIGNED or size <= -_CELL_ID:
                _number(found, each, index)
        elif isinstance(value, bytes) and candidate(value, index):
            found.bare_bytes.append((each, value))


def _bare_text(found: Gathered, each: Field, value: str, index: Index) -> bool:
    """Whether a text can hold a coordinate, or a cell, of a known position."""
    size = len(value)
    if size < _SHORTEST:
        return False
    if value[0] in _DIGITS and size <= _LONGEST:
        seen = _digits(found, each, value, index)
    elif seen := _has_two(value) or value[-1] in _DEGREES_END:
        found.bare_texts.append(each)
    if size in LENGTHS and (data := candidate(value, index)):
        found.bare_bytes.append((each, data))
        seen = True
    if _SHORTEST < size <= _SHORT and (value[:4].lower() in index.prefixes or value[4] == "+" or value[:2] == "0x"):
        found.bare_cells.append(each)
        return True
    return seen


def _has_two(value: str) -> bool:
    return value.count(".") >= 2 and _TWO_DECIMAL.search(value) is not None


def _digits(found: Gathered, each: Field, value: str, index: Index) -> bool:
    """A text that begins with a digit: a number, two, or neither."""
    if _PLAIN.fullmatch(value):
        size = float(value)
        if index.near(size) or size >= _UNSIGNED or size <= -_CELL_ID:
            _number(found, each, index)
            return True
    elif _has_two(value) or _TWO_NUMBERS.match(value):
        found.bare_texts.append(each)
        return True
    elif value[-1] in _DEGREES_END:
        _number(found, each, index)
        return True
    return False


def _number(found: Gathered, each: Field, index: Index) -> None:
    one = number(each.value)
    if one is None:
        return
    if one.whole and abs(one.value) >= _CELL_ID:
        found.bare_cells.append(each)
    if index.hits(one):
        found.bare_numbers.append((each, one))
