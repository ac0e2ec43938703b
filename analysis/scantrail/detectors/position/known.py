"""Known positions in what no name speaks for: any two numbers that stand together, any text with two, any cell.

How fine the digits must be depends on what stands around them (`match.FINE_STEP`):

- fine pairs (33 m or better in both numbers) count wherever the two are in one object, array, path or text; if both
  have four decimals or more, also in different parts of a request;
- coarser pairs (to two decimals) count where the two stand side by side in one place whose names say nothing else.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from scantrail import mercator
from scantrail.cells import Cell, geohash, h3_cell, plus_code, s2_cell
from scantrail.detectors.position.gather import Gathered
from scantrail.detectors.position.index import Hit, Index
from scantrail.detectors.position.keys import says_else
from scantrail.detectors.position.match import FINE_STEP, Match, match_cell, match_hits, match_numbers
from scantrail.detectors.position.numbers import Number, plain
from scantrail.detectors.position.pairs import outer
from scantrail.model import Field

_COARSEST_BARE = 0.0101  # degrees: two decimals
_CROWD = 8  # numbers in one object, more of which are a table of measurements
_IN_TEXT = re.compile(
    r"(?<![A-Za-z0-9.])[+-]?\d{1,20}(?:\.\d{1,20})?(?![A-Za-z0-9]|\.\d)|(?<=[A-Za-z=])[+-]?\d{1,3}\.\d{3,20}(?![\w.])"
)
_BETWEEN = re.compile(r"[^\d]{1,40}")
_PLAIN_BETWEEN = re.compile(r"\s{0,3}[,;|_，]?\s{0,3}")


class Found(NamedTuple):
    """A known position in certain fields; `form` says in what shape."""

    match: Match
    because: tuple[Field, ...]
    value: str
    form: str


def find(gathered: Gathered, index: Index, active: Collection[int]) -> Iterator[Found]:
    """All known positions in bare numbers, texts and cells."""
    yield from _numbers(gathered.bare_numbers, index, active)
    for field in gathered.bare_texts:
        yield from _text(field, index, active)
    for field in gathered.bare_cells:
        found = bare_cell(field, index, active)
        if found:
            yield found
    yield from _tiles(gathered, index, active)


# Numbers


def _numbers(bare: Sequence[tuple[Field, Number]], index: Index, active: Collection[int]) -> Iterator[Found]:
    looked = [
        (place, field, number, hits) for place, (field, number) in enumerate(bare) if (hits := index.hits(number))
    ]
    if len(looked) < 2:
        return
    counts: dict[str, int] = defaultdict(int)
    for field, _ in bare:
        counts[field.parent] += 1
    used: set[int] = set()
    options = []
    for at, (i, field_a, a, hits_a) in enumerate(looked):
        for j, field_b, b, hits_b in looked[at + 1 : at + 65]:
            if field_a.side != field_b.side or field_a.path == field_b.path:
                continue
            found = _pair((field_a, field_b), (a, b), (hits_a, hits_b), j - i, counts, index, active)
            if found:
                together = field_a.parent == field_b.parent
                options.append(
                    (not together, j - i, found.distance_m, i, j, found, (field_a, field_b), f"{a.text},{b.text}")
                )
    for _, _, _, i, j, found, because, value in sorted(options, key=lambda row: row[:5]):
        if i not in used and j not in used:
            used |= {i, j}
            yield Found(found, because, value, "two numbers")


def _pair(
    fields: tuple[Field, Field],
    numbers: tuple[Number, Number],
    hits: tuple[list[Hit], list[Hit]],
    apart: int,
    counts: dict[str, int],
    index: Index,
    active: Collection[int],
) -> Match | None:
    """Whether two numbers are a known position, and fine enough for where they stand."""
    found = match_hits(index, *hits, active)
    if not found:
        return None
    a, b = fields
    together = a.parent == b.parent
    if not together and not (found.fine and min(numbers, key=_digits) and min(map(_digits, numbers)) >= 6):
        return None
    fine = found.fine or (together and _lost_zeros(numbers))
    if fine and (together or apart < 65):
        return found
    neutral = not (_says_else(a) or _says_else(b))
    coarse = max(2 * found.precision_m / 111_195, 0.0)
    beside = apart <= 1 and counts[a.parent] <= _CROWD
    return found if together and neutral and beside and coarse <= _COARSEST_BARE else None


def _digits(number: Number) -> int:
    return len(number.text.strip("+-").replace(".", "").lstrip("0"))


def _lost_zeros(numbers: tuple[Number, Number]) -> bool:
    """One number with four decimals or more beside a shorter one, whose zeros at the end were lost."""
    decimals = sorted(number.decimals for number in numbers)
    return not numbers[0].whole and not numbers[1].whole and decimals[0] >= 2 and decimals[1] >= 4


def _says_else(field: Field) -> bool:
    """Whether the name of a field, or of what it stands in, says that its numbers are something else."""
    return says_else(field.key) or says_else(outer(field.parent)[1])


# Texts


def _text(field: Field, index: Index, active: Collection[int]) -> Iterator[Found]:
    """Known positions in a text: two of its numbers that follow each other."""
    text = field.text
    matches = list(_IN_TEXT.finditer(text))
    at = 0
    while at + 1 < len(matches):
        one, other = matches[at], matches[at + 1]
        a, b = plain(one[0]), plain(other[0])
        between = text[one.end() : other.start()]
        found = match_numbers(index, a, b, active) if a and b and _BETWEEN.fullmatch(between) else None
        if a and b and found and _believed(field, text, between, (a, b), found, len(matches)):
            yield Found(found, (field,), f"{one[0]},{other[0]}", "two numbers in a text")
            at += 1
        at += 1


def _believed(field: Field, text: str, between: str, numbers: tuple[Number, Number], found: Match, count: int) -> bool:
    if found.fine or _lost_zeros(numbers):
        return True
    alone = count <= 3 and len(text) <= sum(len(number.text) for number in numbers) + 20
    coarse = 2 * found.precision_m / 111_195
    return alone and not _says_else(field) and bool(_PLAIN_BETWEEN.fullmatch(between)) and coarse <= _COARSEST_BARE


# Cells


def cell_of(kind: str, value: str | int, near: tuple[float, float] | None = None) -> Cell | None:
    """The cell of a kind that a value is."""
    text = value if isinstance(value, str) else ""
    decimal = int(text) if 15 <= len(text) <= 20 and text.lstrip("-").isdecimal() and text.isascii() else value
    match kind:
        case "geohash":
            return geohash(text)
        case "h3":
            return h3_cell(value) or h3_cell(decimal)
        case "s2":
            return s2_cell(text.lower().removeprefix("0x") if text and decimal is value else decimal)
        case "olc":
            return plus_code(text.replace(" ", "+", 1) if "+" not in text else text.split()[0] if text else text, near)
        case "quadkey":
            found = mercator.quadkey(text)
            return Cell(*found) if found else None
    return None


_KINDS = (("h3", 15, 20), ("s2", 6, 20), ("geohash", 5, 12), ("olc", 6, 24), ("quadkey", 12, 24))
_LARGEST_M = 12_000.0  # of a cell that no name speaks for


def bare_cell(field: Field, index: Index, active: Collection[int]) -> Found | None:
    """The known position that a value is as a cell of some kind."""
    value = field.value if isinstance(field.value, int) else field.text.strip()
    size = len(str(value))
    for kind, shortest, longest in _KINDS:
        if not shortest <= size <= longest:
            continue
        for number in active if kind == "olc" else (0,):
            near = index.places[number].images[0][1] if kind == "olc" else None
            cell = cell_of(kind, value, near)
            found = match_cell(index, cell, active) if cell and cell.radius_m <= _LARGEST_M else None
            if found:
                return Found(found, (field,), str(value), f"the {NAMES[kind]} cell")
    return None


NAMES = {"geohash": "geohash", "h3": "H3", "s2": "S2", "olc": "plus code", "quadkey": "quadkey"}


def _tiles(gathered: Gathered, index: Index, active: Collection[int]) -> Iterator[Found]:
    """Map tiles z/x/y of zoom 14 and more: three numbers of a path in a row, or three members called so."""
    by_parent: dict[str, list[tuple[Field, int]]] = defaultdict(list)
    for field, number in gathered.bare_numbers:
        if number.whole and 0 <= number.value < 1 << 30:
            by_parent[field.parent].append((field, int(number.value)))
    for items in by_parent.values():
        for at in range(len(items) - 2):
            (one, z), (_, x), (_, y) = run = items[at : at + 3]
            if 14 <= z <= 22 and _in_a_row([field for field, _ in run]):
                tile = mercator.tile(z, x, y)
                found = match_cell(index, Cell(*tile), active) if tile else None
                if found:
                    yield Found(found, tuple(field for field, _ in run), f"{z}/{x}/{y}", "the map tile")
            del one


def _in_a_row(fields: Sequence[Field]) -> bool:
    keys = [field.key.lower() for field in fields]
    return len(set(keys)) == 1 or sorted(keys) == ["x", "y", "z"] or keys[1:] == ["x", "y"]
