"""Known positions in what no name speaks for: any two numbers that stand together, any text with two, any cell.

How fine the digits must be depends on what stands around them (`match.FINE_STEP`):

- fine pairs (33 m or better in both numbers) count wherever the two are in one object, array, path or text; if both
  have four decimals or more, also in different parts of a request;
- coarser pairs (to two decimals) count where the two stand side by side in one place whose names say nothing else.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from scantrail import mercator
from scantrail.cells import Cell, geohash, h3_cell, plus_code, s2_cell
from scantrail.detectors.opened import Opened
from scantrail.detectors.position.gather import Gathered
from scantrail.detectors.position.index import Index
from scantrail.detectors.position.keys import measures, says_else
from scantrail.detectors.position.match import Match, match_cell, match_hits, match_numbers
from scantrail.detectors.position.numbers import Number, number, plain
from scantrail.detectors.position.packed import find as packed_pairs
from scantrail.detectors.position.pairs import is_item, outer
from scantrail.detectors.position.texts import two_commas
from scantrail.geo import METRES_PER_DEGREE
from scantrail.model import Field

_COARSEST_BARE = 0.0101  # degrees: two decimals
_FEWEST_DIGITS_APART = 6
_MOST = 2000  # numbers of one request that can be a coordinate of a known position
_REACH = 64  # of those, how many after one are paired with it
_REMEMBERED = 1000  # characters of a text
_TILE_RUNS = 50  # segments of a path that are looked at
_ROW = 4  # numbers in one array, more of which are a series of measurements
_CROWD = 8  # numbers in one object, more of which are a table of measurements
_IN_TEXT = re.compile(
    r"(?<![A-Za-z0-9.])[+-]?\d{1,20}(?:\.\d{1,20})?(?![A-Za-z0-9]|\.\d|%(?![0-9A-F]{2}))|(?<=[A-Za-z=])[+-]?\d{1,3}\.\d{3,20}(?![\w.])"
)
_FARTHEST = 40  # characters between two numbers of one position
_PLAIN_BETWEEN = re.compile(r"\s{0,3}[,;|_，]?\s{0,3}")


class Found(NamedTuple):
    """A known position in certain fields; `form` says in what shape."""

    match: Match
    because: tuple[Field, ...]
    value: str
    form: str


def find(gathered: Gathered, opened: Opened, index: Index, active: Collection[int]) -> Iterator[Found]:
    """All known positions in bare numbers, texts and cells."""
    if len(gathered.bare_numbers) > 1:
        yield from _numbers(gathered.bare_numbers, opened, index, active)
    for field in gathered.bare_texts:
        yield from _text(field, index, active)
    for field in gathered.bare_cells:
        found = bare_cell(field, index, active)
        if found:
            yield found
    for field, data in gathered.bare_bytes:
        packed = packed_pairs(data, index, active)
        if packed:
            yield Found(packed[0], (field,), packed[1], "two numbers in bytes")
    for parent in gathered.tiled:
        yield from _tiles(opened.siblings[parent], index, active)


# Numbers


class _Option(NamedTuple):
    apart: bool
    distance: int
    distance_m: float
    first: int
    second: int
    found: Found


def _numbers(
    bare: Sequence[tuple[Field, Number]], opened: Opened, index: Index, active: Collection[int]
) -> Iterator[Found]:
    looked = [(field, number, index.hits(number)) for field, number in bare[:_MOST]]
    options = []
    for i, (field_a, a, hits_a) in enumerate(looked):
        for j in range(i + 1, min(i + 1 + _REACH, len(looked))):
            field_b, b, hits_b = looked[j]
            if field_a.side != field_b.side:
                continue
            match = match_hits(index, hits_a, hits_b, active)
            if match and _fine_enough(match, (field_a, field_b), (a, b), opened):
                found = Found(match, (field_a, field_b), f"{a.text},{b.text}", "two numbers")
                options.append(_Option(field_a.parent != field_b.parent, j - i, match.distance_m, i, j, found))
    used: set[int] = set()
    for option in sorted(options, key=lambda row: row[:5]):
        if option.first not in used and option.second not in used:
            used |= {option.first, option.second}
            yield option.found


def _fine_enough(match: Match, fields: tuple[Field, Field], numbers: tuple[Number, Number], opened: Opened) -> bool:
    """Whether the digits of two numbers are fine enough for where they stand."""
    a, b = fields
    if _measures(a) or _measures(b):
        return False
    if a.parent != b.parent:
        return match.fine and min(map(_digits, numbers)) >= _FEWEST_DIGITS_APART
    if match.fine or _lost_zeros(numbers):
        return True
    beside = opened.siblings[a.parent]
    if 2 * match.precision_m / METRES_PER_DEGREE > _COARSEST_BARE or _says_else(a) or _says_else(b):
        return False
    at = next(place for place, field in enumerate(beside) if field is a)
    numeric = sum(number(field.value) is not None for field in beside[: 4 * _CROWD])
    return numeric <= (_ROW if is_item(a) else _CROWD) and any(field is b for field in beside[at + 1 : at + 2])


def _digits(number: Number) -> int:
    return len(number.text.strip("+-").replace(".", "").lstrip("0"))


def _lost_zeros(numbers: tuple[Number, Number]) -> bool:
    """One number with four decimals or more beside a shorter one, whose zeros at the end were lost."""
    decimals = sorted(number.decimals for number in numbers)
    return not numbers[0].whole and not numbers[1].whole and decimals[0] >= 2 and decimals[1] >= 4


def _measures(field: Field) -> bool:
    """Whether the name of a field, or of what it stands in, says what its number counts: then it is no coordinate."""
    return measures(field.key) or measures(outer(field.parent)[1])


def _says_else(field: Field) -> bool:
    """Whether the name of a field, or of what it stands in, says that its numbers are something else."""
    return says_else(field.key) or says_else(outer(field.parent)[1])


# Texts


def _text(field: Field, index: Index, active: Collection[int]) -> Iterator[Found]:
    """Known positions in a text: two of its numbers that follow each other."""
    text = field.text
    near, pairs = (_near if len(text) <= _REMEMBERED else _near.__wrapped__)(index, text)
    used: set[str] = set()
    for one, between, other in near:
        if used & {one, other}:
            continue
        a, b = plain(one), plain(other)
        match = match_numbers(index, a, b, active) if a and b else None
        if a and b and match and _believed(field, between, (a, b), match, pairs):
            yield Found(match, (field,), f"{one},{other}", "two numbers in a text")
            used |= {one, other}


@lru_cache(maxsize=8192)
def _near(index: Index, text: str) -> tuple[tuple[tuple[str, str, str], ...], int]:
    """Those `_neighbours` that can both be coordinates of a known position, and how many neighbours there are at all.

    Texts repeat (a browser's name goes with each request), so short ones are remembered.
    """
    pairs = _neighbours(text)
    near = (pair for pair in dict.fromkeys(pairs) if index.near(float(pair[0])) and index.near(float(pair[2])))
    return tuple(near), len(pairs)


def _neighbours(text: str) -> tuple[tuple[str, str, str], ...]:
    """Each two numbers of a text that follow each other closely, and what is between them."""
    if two_commas(text):
        text = text.replace(",", ".")
    found = list(_IN_TEXT.finditer(text))
    near = (*pairwise(found), *zip(found, found[2:], strict=False))  # lat=30.25 acc=5 lng=120.16
    return tuple(
        (one[0], text[one.end() : other.start()], other[0])
        for one, other in near
        if other.start() - one.end() <= _FARTHEST
    )


def _believed(field: Field, between: str, numbers: tuple[Number, Number], found: Match, pairs: int) -> bool:
    """Whether digits are fine enough for a text: coarse ones must be all that it holds, but for a third number."""
    if found.fine or _lost_zeros(numbers):
        return True
    alone = pairs <= 3 and len(field.text) <= sum(len(number.text) for number in numbers) + 20
    coarse = 2 * found.precision_m / METRES_PER_DEGREE
    return alone and not _says_else(field) and bool(_PLAIN_BETWEEN.fullmatch(between)) and coarse <= _COARSEST_BARE


# Cells


def cell_of(kind: str, value: str | int, near: tuple[float, float] | None = None) -> Cell | None:
    """The cell of a kind that a value is."""
    text = value if isinstance(value, str) else ""
    decimal = int(text) if 15 <= len(text) <= 20 and text.lstrip("-").isdecimal() and text.isascii() else value
    bare = text.lower().removeprefix("0x")
    match kind:
        case "geohash":
            return geohash(text)
        case "h3":
            return h3_cell(bare or value) or h3_cell(decimal)
        case "s2":
            return s2_cell((bare.rstrip("0") if len(bare) == 16 else bare) if text and decimal is value else decimal)
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
        for place in active if kind == "olc" else (0,):
            near = index.places[place].images[0][1] if kind == "olc" else None
            cell = cell_of(kind, value, near)
            found = match_cell(index, cell, active) if cell and cell.radius_m <= _LARGEST_M else None
            if found:
                return Found(found, (field,), str(value), f"the {NAMES[kind]} cell")
    return None


NAMES = {"geohash": "geohash", "h3": "H3", "s2": "S2", "olc": "plus code", "quadkey": "quadkey"}


def _tiles(fields: Sequence[Field], index: Index, active: Collection[int]) -> Iterator[Found]:
    """Map tiles z/x/y of zoom 14 and more: three numbers of a path in a row, or three members called so."""
    members = {field.key.lower(): field for field in fields}
    named = [members[key] for key in ("z", "zoom", "x", "y") if key in members]
    runs = [named] if len(named) == 3 else []
    if fields[0].key == "path":
        runs += [list(fields[at : at + 3]) for at in range(min(len(fields) - 2, _TILE_RUNS))]
    for run in runs:
        digits = [field.text.split(".")[0].split("@")[0] for field in run]
        if not all(each.isdecimal() and each.isascii() and len(each) <= 9 for each in digits):
            continue
        zoom, x, y = map(int, digits)
        tile = mercator.tile(zoom, x, y) if 14 <= zoom <= 22 else None
        found = match_cell(index, Cell(*tile), active) if tile else None
        if found:
            yield Found(found, tuple(run), "/".join(digits), "the map tile")
