"""Positions: location as geometry. What a request says of where the phone is, in whatever unit, order, datum or cell.

Two questions are asked of one look at the fields (`gather`):

- Which pairs and cells do names or shapes call a position? (`pairs`, `texts`; docs/positions.md has the tables.)
- Which numbers, texts and cells are a known position, named or not? (`index`, `match`, `known`)

The answers are joined: one disclosure for each place in the request. A known position knows its order, unit and datum
better than any convention, so that its reading wins.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from scantrail.cells import Cell
from scantrail.detectors.opened import Opened
from scantrail.detectors.position.beside import Beside, Surroundings
from scantrail.detectors.position.datums import DATUMS, STATED, DatumRule, Statement
from scantrail.detectors.position.gather import Gathered, gather
from scantrail.detectors.position.index import Index, index
from scantrail.detectors.position.keys import Role, role_of
from scantrail.detectors.position.known import NAMES, Found, cell_of, find
from scantrail.detectors.position.match import Match, match_cell, match_degrees, match_numbers
from scantrail.detectors.position.numbers import Number
from scantrail.detectors.position.pairs import (
    Coordinate,
    Pair,
    in_array,
    in_shape,
    in_text,
    in_two_fields,
    outer,
    triple,
)
from scantrail.detectors.position.units import Placed, place
from scantrail.geo import METRES_PER_DEGREE, point_is_shifted, point_to_wgs84
from scantrail.mercator import quadkey, tile
from scantrail.model import Datum, Disclosure, Field

__all__ = ["DATUMS", "STATED", "DatumRule", "detect"]

_FINEST_M = 0.001  # of a precision: what digits beyond claim is an artefact of binary numbers


class _Known(NamedTuple):
    places: Index
    active: Collection[int]


def detect(opened: Opened) -> Iterator[Disclosure]:
    """All positions in the fields of one request."""
    if not opened.fields:
        return
    known = _known(opened)
    gathered = gather(opened, known.places if known else None)
    named = [*_pairs(opened, gathered, known), *_cells(opened, gathered, known)]
    taken = {id(field) for disclosure in named for field in disclosure.because}
    yield from _distinct(named)
    if known:
        for found in find(gathered, opened, known.places, known.active):
            if not any(id(field) in taken for field in found.because) and not _repeats(found, named):
                taken |= {id(field) for field in found.because if "text" not in found.form}
                yield _bare(found, known)


def _repeats(found: Found, named: Sequence[Disclosure]) -> bool:
    """Whether a position stands under a name beside: maps write one position twice in one object."""
    parent, distance_m = found.because[0].parent, found.match.distance_m
    return any(other.known and other.distance_m == distance_m and other.because[0].parent == parent for other in named)


def _known(opened: Opened) -> _Known | None:
    positions = opened.known.positions
    if not positions:
        return None
    made = index(positions)
    if not made.windowed:
        return _Known(made, range(len(positions)))
    at = opened.fields[0].because.at
    active = [
        place
        for place, position in enumerate(positions)
        if (position.begin is None or position.begin <= at) and (position.end is None or at <= position.end)
    ]
    return _Known(made, active) if active else None


def _distinct(named: Sequence[Disclosure]) -> Iterator[Disclosure]:
    """One disclosure of one place of a request: maps repeat a position under two names in one object."""
    seen: set[tuple[str, float | None, float | None]] = set()
    fields: set[tuple[int, ...]] = set()
    for disclosure in named:
        ids = tuple(id(field) for field in disclosure.because)
        key = (disclosure.because[0].parent, disclosure.latitude, disclosure.longitude)
        if key in seen or (ids in fields and len(ids) > 1):
            continue
        seen.add(key)
        fields.add(ids)
        yield disclosure


# Pairs


def _pairs(opened: Opened, gathered: Gathered, known: _Known | None) -> Iterator[Disclosure]:
    if not (gathered.coordinates or gathered.texts or gathered.shapes or gathered.arrays):
        return
    surroundings = Surroundings(opened)
    for pair in _candidates(gathered):
        found = _disclosure(pair, surroundings, known)
        if found:
            yield found


def _candidates(gathered: Gathered) -> Iterator[Pair]:
    coordinates = list(gathered.coordinates)
    for parent, items in gathered.arrays.items():
        role = role_of(items[0][0].key)
        if role and role.what in ("lat", "lon"):
            coordinates.extend(_of_array(role, parent, items))
        elif role:
            yield from in_array(items, role)
    yield from in_two_fields(coordinates, gathered.refs)
    shaped = set()
    for field, text in gathered.shapes:
        for pair in in_shape(field, text):
            shaped.add(id(field))
            yield pair
    for field, role in gathered.texts:
        if id(field) not in shaped:
            yield from in_text(field, role)


def _of_array(role: Role, parent: str, items: Sequence[tuple[Field, Number]]) -> Iterator[Coordinate]:
    """Degrees, minutes and seconds as three numbers; or the latitudes, or longitudes, of several places."""
    scope = outer(parent)[0]
    found = triple([each for _, each in items], 3) if len(items) == 3 else None
    if found:
        yield Coordinate(role, found, items[0][0], scope)
        return
    for at, (field, each) in enumerate(items):
        yield Coordinate(role._replace(stem=f"{role.stem}[{at}]"), each, field, scope)


def _disclosure(pair: Pair, surroundings: Surroundings, known: _Known | None) -> Disclosure | None:
    first = pair.because[0]
    beside = surroundings.beside(first.parent, pair.scope)
    statement = _named_datum(pair) or beside.stated or _of_form(pair) or surroundings.anywhere(first.side)
    placed = place(pair.latitude, pair.longitude, pair.unit, statement.datum if statement else "")
    match = _matched(pair, placed, known)
    if match and known:
        return _enriched(pair, match, known, beside, statement)
    if not placed or pair.guess:
        return None
    datum, why = _datum(placed, statement, beside)
    latitude, longitude = point_to_wgs84((placed.latitude, placed.longitude), datum)
    return Disclosure(
        kind="position",
        value=pair.value or f"{pair.latitude.text},{pair.longitude.text}",
        rule=pair.rule,
        reasoning=pair.reasoning if placed.unit == "degrees" else f"{pair.reasoning}; in {placed.unit}",
        because=pair.because,
        latitude=latitude,
        longitude=longitude,
        datum=datum,
        datum_because=why,
        precision_m=_precision_m(pair, placed, beside),
    )


def _matched(pair: Pair, placed: Placed | None, known: _Known | None) -> Match | None:
    if not known:
        return None
    found = match_numbers(known.places, pair.latitude, pair.longitude, known.active)
    if found or not placed:
        return found
    steps = (placed.step_latitude, placed.step_longitude)
    if pair.half_m:
        half = pair.half_m / METRES_PER_DEGREE
        return match_cell(known.places, Cell(placed.latitude, placed.longitude, half, half), known.active)
    return match_degrees(known.places, (placed.latitude, placed.longitude), steps, known.active)


def _enriched(pair: Pair, match: Match, known: _Known, beside: Beside, statement: Statement | None) -> Disclosure:
    """A named pair that is a known position: read as that says."""
    name = known.places.places[match.place].known.name
    why = match.datum_because
    if statement and statement.datum.removesuffix("mc") == match.datum:
        why = statement.because
    elif statement and match.datum == "unknown" and statement.datum in STATED.values():
        match = match._replace(datum=_as_datum(statement.datum))
        why = statement.because
    elif statement and match.datum != "unknown":
        why = f"{match.datum_because}, though it is {statement.because}"
    return Disclosure(
        kind="position",
        value=pair.value or f"{pair.latitude.text},{pair.longitude.text}",
        rule=pair.rule,
        reasoning=f"{pair.reasoning}; {_is(name, match)}",
        because=pair.because,
        latitude=match.latitude,
        longitude=match.longitude,
        datum=match.datum,
        datum_because=why,
        precision_m=max(
            match.precision_m, pair.half_m or 0.0, pair.radius_m or 0.0, beside.accuracy_m or 0.0, _FINEST_M
        ),
        known=name,
        distance_m=match.distance_m,
    )


def _is(name: str, match: Match) -> str:
    how = f" ({match.how})" if match.how else ""
    return f"it is the known position {name}{how}, {match.distance_m:.0f} m from it"


def _named_datum(pair: Pair) -> Statement | None:
    datum = STATED.get(pair.datum) if pair.datum else None
    return Statement(datum, f"stated: the name {pair.because[0].key} says so") if datum else None


def _of_form(pair: Pair) -> Statement | None:
    return Statement(pair.form_datum, "stated: the form of the text says so") if pair.form_datum else None


def _as_datum(datum: str) -> Datum:
    return "bd09" if datum.startswith("bd09") else datum  # type: ignore[return-value]


def _datum(placed: Placed, statement: Statement | None, beside: Beside) -> tuple[Datum, str]:
    """The datum and why. Outside the shifted region GCJ-02 is WGS-84, so nothing there hangs on an inference."""
    if placed.datum:
        why = statement.because if statement else "inferred: the numbers can only be metres of a map"
        return placed.datum, why
    if statement and statement.datum not in ("webmercator", "bd09mc"):
        return _as_datum(statement.datum), statement.because
    if point_is_shifted((placed.latitude, placed.longitude)):
        guess = beside.inferred
        if guess:
            return _as_datum(guess.datum), guess.because
    return "unknown", "not stated, and nothing beside it tells; taken as WGS-84"


def _precision_m(pair: Pair, placed: Placed, beside: Beside) -> float:
    """Half the last digit's step in metres, or the accuracy stated beside it where that is coarser."""
    digits_m = max(placed.step_latitude, placed.step_longitude) / 2 * METRES_PER_DEGREE
    found = (digits_m, pair.half_m, pair.radius_m, beside.accuracy_m, _FINEST_M)
    return round(max(value for value in found if value), 3)


# Cells


def _cells(opened: Opened, gathered: Gathered, known: _Known | None) -> Iterator[Disclosure]:
    """Cells whose names say of which grid they are, and map tiles."""
    surroundings = Surroundings(opened)
    for field, role in gathered.cells:
        if not isinstance(field.value, str | int) or isinstance(field.value, bool):
            continue
        kind = role.kind or "tile"
        cell = _tile(field) if kind == "tile" else _named_cell(kind, field.value, known)
        if not cell or (abs(cell.latitude) < 1e-3 and abs(cell.longitude) < 1e-3):
            continue
        match = match_cell(known.places, cell, known.active) if known else None
        yield _cell_disclosure(surroundings, field, kind, cell, match, known)


def _named_cell(kind: str, value: str | int, known: _Known | None) -> Cell | None:
    near = known.places.places[next(iter(known.active))].images[0][1] if known else None
    if isinstance(value, str):
        value = value.strip()
    return cell_of(kind, value, near) if value != "" else None


def _tile(field: Field) -> Cell | None:
    """z/x/y of a map tile, or its quadkey."""
    text = field.text.strip()
    parts = text.split(".")[0].replace("-", "/").replace("_", "/").replace(",", "/").split("/")
    if len(parts) == 3 and all(part.isdecimal() and len(part) <= 9 for part in parts):
        found = tile(*map(int, parts))
    else:
        found = quadkey(text) if len(text) >= 8 else None
    return Cell(*found) if found and found.half_latitude < 1 else None


def _cell_disclosure(
    surroundings: Surroundings, field: Field, kind: str, cell: Cell, match: Match | None, known: _Known | None
) -> Disclosure:
    reasoning = f"the {NAMES.get(kind, 'map tile')} cell under {field.key}; its middle, and as precise as it is wide"
    if match and known:
        return Disclosure(
            kind="position",
            value=field.text,
            rule=f"position-{kind}",
            reasoning=f"{reasoning}; {_is(known.places.places[match.place].known.name, match)}",
            because=(field,),
            latitude=match.latitude,
            longitude=match.longitude,
            datum=match.datum,
            datum_because=match.datum_because,
            precision_m=match.precision_m,
            known=known.places.places[match.place].known.name,
            distance_m=match.distance_m,
        )
    beside = surroundings.beside(field.parent, field.parent)
    placed = Placed(cell.latitude, cell.longitude, 0.0, 0.0, "degrees")
    datum, why = _datum(placed, beside.stated, beside)
    latitude, longitude = point_to_wgs84((cell.latitude, cell.longitude), datum)
    return Disclosure(
        kind="position",
        value=field.text,
        rule=f"position-{kind}",
        reasoning=reasoning,
        because=(field,),
        latitude=latitude,
        longitude=longitude,
        datum=datum,
        datum_because=why,
        precision_m=round(max(cell.radius_m, _FINEST_M), 3),
    )


def _bare(found: Found, known: _Known) -> Disclosure:
    name, match = known.places.places[found.match.place].known.name, found.match
    keys = " and ".join(dict.fromkeys(field.key for field in found.because))
    return Disclosure(
        kind="position",
        value=found.value,
        rule="known-position",
        reasoning=f"{found.form} under {keys}: {_is(name, match)}",
        because=found.because,
        latitude=match.latitude,
        longitude=match.longitude,
        datum=match.datum,
        datum_because=match.datum_because,
        precision_m=max(match.precision_m, _FINEST_M),
        known=name,
        distance_m=match.distance_m,
    )
