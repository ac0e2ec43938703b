"""One pass over the fields of a request: what is named like a position, shaped like one, or can be a known one.

This runs on every field of every request, so each test is a look at the name (remembered) and at the first characters.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

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

_PAIRISH = re.compile(r"\d\.\d\d?\d?[^\n]{0,60}?\d\.\d\d|\d{6,10}[,;|_ /]{1,3}-?\d{6,10}")
_IMAGE = re.compile(r"(\d{1,9})(?:@\dx)?\.(?:png|jpe?g|webp|pbf|mvt|avif|gif)")  # y of a map tile
_SHORT = 24  # characters of a cell's name at most
_STARTS = frozenset("+-.0123456789NSEWnsew")
_LONGEST = 40  # characters of one number


@dataclass(slots=True)
class Gathered:
    """What may be a position, by how it may be one. What is `bare` has no name and is looked at for known ones only."""

    coordinates: list[Coordinate] = field(default_factory=list)
    refs: dict[tuple[str, str], str] = field(default_factory=dict)
    texts: list[tuple[Field, Role]] = field(default_factory=list)
    shapes: list[tuple[Field, str]] = field(default_factory=list)
    arrays: dict[str, list[tuple[Field, Number]]] = field(default_factory=dict)
    cells: list[tuple[Field, Role]] = field(default_factory=list)
    bare_numbers: list[tuple[Field, Number]] = field(default_factory=list)
    bare_texts: list[Field] = field(default_factory=list)
    bare_cells: list[Field] = field(default_factory=list)


def gather(opened: Opened, index: Index | None) -> Gathered:
    """Look at each field once; with an index of known positions, also at what no name speaks for."""
    found = Gathered()
    arrays: dict[str, list[tuple[Field, Number]]] = defaultdict(list)
    found.arrays = arrays
    siblings: Mapping[str, object] = opened.siblings
    prefixes = index.prefixes if index else None
    for each in opened.fields:
        value = each.value
        kind = type(value)
        if kind is bytes or kind is bool or value is None or value == "":
            continue
        role = role_of(each.key)
        if role is not None and role.what != "other":
            _named(found, arrays, opened, each, role)
        elif role is not None and each.key in ("x", "y", "X", "Y"):
            _inner(found, each)
        if kind is str:
            if may_be_shaped(value):  # type: ignore[arg-type]
                found.shapes.append((each, value))  # type: ignore[arg-type]
            if prefixes is not None:
                _bare_text(found, each, value, prefixes)  # type: ignore[arg-type]
        elif prefixes is not None and (bare := number(value)):
            found.bare_numbers.append((each, bare))
            if bare.whole and abs(bare.value) >= 1e15:
                found.bare_cells.append(each)
    del siblings
    return found


def _named(
    found: Gathered, arrays: dict[str, list[tuple[Field, Number]]], opened: Opened, each: Field, role: Role
) -> None:
    match role.what:
        case "lat" | "lon":
            if is_item(each) and (bare := number(each.value)):
                arrays[each.parent].append((each, bare))
            elif coordinate_ := coordinate(each, role):
                found.coordinates.append(coordinate_)
            elif isinstance(each.value, str) and len(each.value) < 200:
                found.shapes.append((each, f"{each.key}={each.value}"))
        case "pair" | "vague" | "box":
            if isinstance(each.value, str) and not (is_item(each) and number(each.value)):
                found.texts.append((each, role))
            elif is_item(each) and (bare := number(each.value)):
                arrays[each.parent].append((each, bare))
        case "cell":
            found.cells.append((each, role))
        case "tile":
            found.cells.append((each, role))
        case "ref":
            if isinstance(each.value, str):
                found.refs[each.parent, role.kind] = each.value
        case "value":
            _inner(found, each)
        case "name":
            if coordinate_ := listed_coordinate(each, opened):
                found.coordinates.append(coordinate_)


def _inner(found: Gathered, each: Field) -> None:
    """What is called `value`, `x` or `y` is what the object around it is called."""
    if coordinate_ := inner_coordinate(each):
        found.coordinates.append(coordinate_)
        return
    role = role_of(outer(each.parent)[1])
    if role and role.what == "cell":
        found.cells.append((each, role))
    elif role and role.what in ("pair", "vague") and isinstance(each.value, str):
        found.texts.append((each, role))


def _bare_text(found: Gathered, each: Field, value: str, prefixes: frozenset[str]) -> None:
    size = len(value)
    if size <= _LONGEST and value[0] in _STARTS and (bare := number(value)):
        found.bare_numbers.append((each, bare))
        if bare.whole and abs(bare.value) >= 1e15:
            found.bare_cells.append(each)
    elif size <= _LONGEST and value[0] in _STARTS and (image := _IMAGE.fullmatch(value)) and (bare := number(image[1])):
        found.bare_numbers.append((each, bare))
    elif size >= 7 and _PAIRISH.search(value):
        found.bare_texts.append(each)
    if 5 <= size <= _SHORT and (value[:4].lower() in prefixes or value[4] == "+"):
        found.bare_cells.append(each)
