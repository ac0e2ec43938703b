"""One pass over the fields of a request: what is named like a position, shaped like one, or can be a known one.

This runs on every field of every request: each test is a look at the name (remembered) or a search in all values at
once, and what passes it is looked at again, more closely, by those who ask.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from scantrail.detectors.opened import Opened, Remembered
from scantrail.detectors.position.index import CELL_ID, Index
from scantrail.detectors.position.keys import Role, role_of
from scantrail.detectors.position.numbers import Number, number
from scantrail.detectors.position.packed import PACKED, candidate
from scantrail.detectors.position.pairs import (
    Coordinate,
    coordinate,
    inner_coordinate,
    is_item,
    listed_coordinate,
    outer,
)
from scantrail.detectors.position.texts import BEGINNINGS, may_be_shaped
from scantrail.model import Field

_PLAIN = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,25})?(?:[eE][+-]?\d{1,2})?")
_TWO_NUMBERS = re.compile(r"[+-]?\d{6,10}[,;|_ /:]{1,3}[+-]?\d{6,10}|[+-]?\d{1,3},\d{3,15}[ ]?[;|/ ]")
_TWO_DECIMAL = re.compile(r"\d\.\d+[^\d.].{0,40}?\d\.\d", re.DOTALL)  # no version, no GA1.2.123.456
_DIGITS = frozenset("+-0123456789")
_MAY_BE_PAIR = frozenset("+-0123456789([{\"'@ \t")
_DEGREES_END = frozenset("NSEWnsew\"'″”°")
_LARGEST = 1 << 65  # larger integers are neither numbers of degrees nor cells
_SHORTEST = 4  # characters: 9.25
_SHORT = 24  # characters of a cell's name at most
_LONGEST = 40  # characters of one number

# Of the values of a request joined by line feeds: quick looks, each of which finds all that the closer one believes.
_SHAPED = (BEGINNINGS, re.compile("at(?<=[Ll]at)(?:itude)?[\"']?\\s{0,2}[:=].*"))
_BARE = re.compile(
    r"\n(?:0x|.{4}\+|[+-]?\d(?:"
    r"\d{5,9}+[,;|_ /:]|\d{0,2}+,\d{3,15}+[ ]?[;|/ ]"  # two
    r"|[\d.]{0,20}+(?:[°º˚度*: '′’‘分北南东西]|[dD](?![\dA-Fa-f]{3})|[mM]|[NSEWOnsewo](?=\s*\n)))).*"  # degrees
)
_NUMBER = re.compile(r"\n([+-]?\d++(?:\.\d*+)?+(?:[eE][+-]?\d++)?+)(?=\n)")
_TWO_DECIMALS = re.compile(r"\.(?<=\d\.)\d++(?=[^\d.](?s:.{0,40}?)\d\.\d).*")


def _role(key: str) -> Role | None:
    role = role_of(key)
    if role and role.what == "other":
        return Role("value") if key in ("x", "y", "X", "Y") else None
    return role


_ROLES = Remembered(_role)


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


def gather(opened: Opened, index: Index | None) -> Gathered:
    """Look at each field once; with an index of known positions, also at what no name speaks for."""
    found = Gathered()
    roles, shaped = _ROLES, opened.values.where(*_SHAPED)
    for at in sorted(shaped.union(opened.under(roles))):
        each = opened.fields[at]
        role = roles[each.key]
        if role is not None:
            _named(found, opened, each, role)
        if at in shaped and isinstance(each.value, str) and may_be_shaped(each.value):
            found.shapes.append((each, each.value))
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
    if each.key == "path" and isinstance(value, str) and value[:1].isdecimal():
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
    _packed(found, opened, index)
    candidates = opened.values.where(_BARE, _TWO_DECIMALS)
    candidates.update(index.cells(opened))
    if any(map(index.may_be, map(float, _NUMBER.findall(opened.values.joined)))):
        candidates |= opened.values.where(_NUMBER)
    for at in sorted(candidates):
        each = opened.fields[at]
        value = each.value
        if isinstance(value, str):
            _bare_text(found, each, value, index)
        elif isinstance(value, int | Decimal) and -_LARGEST < value < _LARGEST and index.may_be(float(value)):
            _number(found, each, index)


def _bare_text(found: Gathered, each: Field, value: str, index: Index) -> None:
    """Take a text that can hold a coordinate, or a cell, of a known position."""
    size = len(value)
    if size < _SHORTEST:
        return
    if value[0] in _DIGITS and size <= _LONGEST:
        _digits(found, each, value, index)
    elif _has_two(value):
        found.bare_texts.append(each)
    if _SHORTEST < size <= _SHORT and (value[:4].lower() in index.prefixes or value[4] == "+" or value[:2] == "0x"):
        found.bare_cells.append(each)


def _packed(found: Gathered, opened: Opened, index: Index) -> None:
    """Bytes, and texts that stand for some, that can be two numbers."""
    candidates = opened.values.where(PACKED)
    candidates.update(at for at, each in enumerate(opened.fields) if each.value.__class__ is bytes)
    for at in sorted(candidates):
        each = opened.fields[at]
        if data := candidate(each.value, index):
            found.bare_bytes.append((each, data))


def _has_two(value: str) -> bool:
    return value.count(".") >= 2 and _TWO_DECIMAL.search(value) is not None


def _digits(found: Gathered, each: Field, value: str, index: Index) -> None:
    """A text that begins with a digit: a number, two, or neither."""
    if _PLAIN.fullmatch(value):
        if index.may_be(float(value)):
            _number(found, each, index)
    elif _has_two(value) or _TWO_NUMBERS.match(value):
        found.bare_texts.append(each)
    elif value[-1] in _DEGREES_END:
        _number(found, each, index)


def _number(found: Gathered, each: Field, index: Index) -> None:
    one = number(each.value)
    if one is None:
        return
    if one.whole and abs(one.value) >= CELL_ID:
        found.bare_cells.append(each)
    if index.hits(one):
        found.bare_numbers.append((each, one))
