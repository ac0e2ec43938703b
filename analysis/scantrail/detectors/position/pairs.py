"""Candidates: pairs of numbers, and cells, that names or shapes say to be a position."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from scantrail.detectors.opened import Opened, normal_key
from scantrail.detectors.position.keys import Role, role_of
from scantrail.detectors.position.numbers import Number, number, plain
from scantrail.detectors.position.texts import Reading, numbers_in, shaped
from scantrail.model import Datum, Field


class Pair(NamedTuple):
    """Two numbers that are a latitude and a longitude, and who says so.

    `unit` and `datum` are what names or shapes state; `radius_m` an accuracy that stands with them; `guess`: too
    coarse to be believed unless it is a known position. `scope` is the object in which they stand.
    """

    latitude: Number
    longitude: Number
    because: tuple[Field, ...]
    rule: str
    reasoning: str
    scope: str
    value: str = ""
    unit: str = ""
    datum: str = ""
    form_datum: Datum | None = None
    radius_m: float | None = None
    half_m: float | None = None
    guess: bool = False


class Coordinate(NamedTuple):
    """One number that is a latitude or a longitude, and the object it belongs to."""

    role: Role
    number: Number
    field: Field
    scope: str


_NAUGHT = Role("other")
_SIDES = {"S": -1, "W": -1, "SOUTH": -1, "WEST": -1, "南": -1, "西": -1}


@lru_cache(maxsize=16384)
def outer(path: str) -> tuple[str, str]:
    """The object around an object, and the name of the inner one: `a|json.loc.lat` gives (`a|json.loc`, `lat`)."""
    bare = path.rsplit("|", 1)[0] if path.rfind("|") > path.rfind(".") else path
    bare = bare.rsplit("[", 1)[0] if bare.endswith("]") and bare.rfind("[") > bare.rfind(".") else bare
    scope, _, name = bare.rpartition(".")
    return scope, name


def is_item(field: Field) -> bool:
    """Whether it is an item of an array, and so has the array's name."""
    at = len(field.parent)
    return field.path[at : at + 1] == "["


# Two fields


def coordinate(field: Field, role: Role) -> Coordinate | None:
    """The coordinate that a field is, which has the name of one."""
    found = number(field.value)
    if found is None and isinstance(field.value, str):
        found = _triple(field.value)
    return Coordinate(role, found, field, field.parent) if found else None


def inner_coordinate(field: Field, role: Role) -> Coordinate | None:
    """The coordinate that a field called `value` is, whose object has the name of one; or x and y of a position."""
    key = field.key.lower()
    if role.what in ("lat", "lon") and key not in ("x", "y"):
        found = number(field.value)
        return Coordinate(role, found, field, outer(field.parent)[0]) if found else None
    if role.what in ("pair", "vague") and key in ("x", "y"):
        found = number(field.value)
        fine = found is not None and (found.decimals >= 4 or abs(found.value) > 20_000)
        return Coordinate(Role("lat" if key == "y" else "lon"), found, field, field.parent) if found and fine else None
    return None


def listed_coordinate(value: str, field: Field, opened: Opened) -> Coordinate | None:
    """The coordinate of `{"name": "lat", "value": "30.25"}`."""
    role = role_of(value)
    if not role or role.what not in ("lat", "lon"):
        return None
    for other in opened.siblings[field.parent]:
        beside = role_of(other.key)
        if beside and beside.what == "value" and (found := number(other.value)):
            return Coordinate(role, found, other, field.parent.rsplit("[", 1)[0])
    return None


def in_two_fields(coordinates: Sequence[Coordinate], refs: dict[tuple[str, str], str]) -> Iterator[Pair]:
    """Latitude and longitude of one object; what is around their names tells several pairs apart.

    What is left over of one object is paired with what is left over of another, if there is but one of each.
    """
    scopes: dict[str, list[Coordinate]] = defaultdict(list)
    for found in coordinates:
        scopes[found.scope].append(found)
    left: dict[str, list[Coordinate]] = defaultdict(list)
    for inside in scopes.values():
        paired: set[int] = set()
        for latitude, longitude in _by_stem(inside):
            paired |= {id(latitude), id(longitude)}
            yield _two(latitude, longitude, refs, "position-two-fields")
        for rest in inside:
            if id(rest) not in paired:
                left[rest.field.side].append(rest)
    for rest_of_side in left.values():
        latitudes = [found for found in rest_of_side if found.role.what == "lat"]
        longitudes = [found for found in rest_of_side if found.role.what == "lon"]
        if len(latitudes) == len(longitudes) == 1 and latitudes[0].role.stem == longitudes[0].role.stem:
            yield _two(latitudes[0], longitudes[0], refs, "position-split")


def _by_stem(inside: Sequence[Coordinate]) -> Iterator[tuple[Coordinate, Coordinate]]:
    latitudes: dict[str, Coordinate] = {}
    longitudes: dict[str, Coordinate] = {}
    for found in inside:
        (latitudes if found.role.what == "lat" else longitudes).setdefault(found.role.stem, found)
    shared = [stem for stem in latitudes if stem in longitudes]
    for stem in shared:
        yield latitudes[stem], longitudes[stem]
    if not shared and len(latitudes) == len(longitudes) == 1:
        (latitude,), (longitude,) = latitudes.values(), longitudes.values()
        fine = min(latitude.number.decimals, longitude.number.decimals) >= 2
        if fine and "" in (latitude.role.stem, longitude.role.stem):  # gps_lat beside lng
            yield latitude, longitude


def _two(latitude: Coordinate, longitude: Coordinate, refs: dict[tuple[str, str], str], rule: str) -> Pair:
    unit = latitude.role.unit or longitude.role.unit
    return Pair(
        _signed(latitude, refs),
        _signed(longitude, refs),
        (latitude.field, longitude.field),
        rule,
        f"the pair {_name(latitude)} and {_name(longitude)}",
        latitude.scope,
        unit=unit,
        datum=latitude.role.kind or longitude.role.kind,
    )


def _name(found: Coordinate) -> str:
    role = role_of(found.field.key)
    return found.field.key if role and role.what == found.role.what else f"{found.role.what} ({found.field.key})"


def _signed(found: Coordinate, refs: dict[tuple[str, str], str]) -> Number:
    """The number with the sign that its reference (N, S, E, W) gives it."""
    side = refs.get((found.scope, found.role.what), "").strip().upper()
    number_ = found.number
    return number_._replace(value=-number_.value) if side in _SIDES and number_.value > 0 else number_


def _triple(text: str) -> Number | None:
    """Degrees, minutes and seconds as EXIF and XMP write them: `30/1, 15/1, 0/1`, `30,15,0`, `30,15.5N`."""
    parts = text.replace("(", "").replace(")", "").replace("[", "").replace("]", "").split(",")
    if not 2 <= len(parts) <= 3:
        return None
    side = parts[-1].strip()[-1:].upper()
    if side in ("N", "S", "E", "W"):
        parts[-1] = parts[-1].strip()[:-1]
    numbers = [number(part.strip()) for part in parts]
    found = triple([each for each in numbers if each], len(parts))
    return found and (found._replace(value=-found.value) if side in _SIDES else found)


def triple(numbers: Sequence[Number], expected: int) -> Number | None:
    """One number from degrees, minutes and perhaps seconds."""
    values = [each.value for each in numbers]
    if len(values) != expected or values[0] != int(values[0]) or any(not 0 <= value < 60 for value in values[1:]):
        return None
    if len(values) == 3 and values[1] != int(values[1]):
        return None
    size = abs(values[0]) + sum(value / 60**power for power, value in enumerate(values[1:], start=1))
    step = min(numbers[-1].step, 1.0) / 60 ** (len(values) - 1)
    text = ",".join(each.text for each in numbers)
    return Number(-size if values[0] < 0 else size, step, numbers[-1].decimals, text, degrees=True)


# One field, and arrays


def in_text(field: Field, role: Role) -> Iterator[Pair]:
    """Positions in a text whose name says that it holds one, or several."""
    text = field.text.strip()
    if role.what == "box":
        yield from _box([each for point in numbers_in(text) for each in point], (field,), field.parent)
        return
    for numbers in numbers_in(text):
        if len(numbers) >= 2:
            third = numbers[2].value if len(numbers) == 3 and "|" in text and numbers[2].value > 0 else None
            form = "bars" if third and normal_key(field.key).endswith("gps") else "text"
            yield from _ordered(numbers[0], numbers[1], (field,), role, form, third)


def in_shape(field: Field, text: str) -> Iterator[Pair]:
    """Positions in a text whose shape says that it holds one."""
    shape, readings = shaped(text)
    for reading in readings:
        yield _shaped(field, shape, reading)


def _shaped(field: Field, shape: str, reading: Reading) -> Pair:
    latitude, longitude = (reading.a, reading.b) if reading.first == "lat" else (reading.b, reading.a)
    return Pair(
        latitude,
        longitude,
        (field,),
        f"position-{shape}",
        f"a {shape} text under {field.key}; {reading.why}",
        field.parent,
        value=field.text if len(field.text) <= 100 else f"{latitude.text},{longitude.text}",
        form_datum=reading.datum,
        radius_m=reading.radius_m,
    )


def in_array(items: Sequence[tuple[Field, Number]], role: Role) -> Iterator[Pair]:
    """The position or positions of an array of numbers: [longitude, latitude], perhaps with an altitude."""
    fields, numbers = [field for field, _ in items], [found for _, found in items]
    if role.what == "box":
        yield from _box(numbers, tuple(fields), fields[0].parent)
        return
    size = 2 if len(items) % 2 == 0 else len(items)
    for at in range(0, len(items) - 1, size):
        if size <= 3:
            yield from _ordered(numbers[at], numbers[at + 1], tuple(fields[at : at + 2]), role, "array")


def _ordered(
    a: Number, b: Number, because: tuple[Field, ...], role: Role, form: str, radius_m: float | None = None
) -> Iterator[Pair]:
    fewest = 4 if role.what == "vague" else 2
    scaled = a.whole and b.whole and min(abs(a.value), abs(b.value)) >= 1e5
    metres = min(abs(a.value), abs(b.value)) > 20_000
    guess = max(a.decimals, b.decimals) < fewest and not (role.what == "pair" and (scaled or metres))
    if guess and role.what == "vague":
        return
    if min(a.decimals, b.decimals) == 0 and not (scaled or metres):
        return
    if role.what == "vague" and max(abs(a.value), abs(b.value)) <= 1:  # shares of a screen
        return
    key = because[0].key
    first, why = order(key, role, a, b, form)
    latitude, longitude = (a, b) if first == "lat" else (b, a)
    what = "two numbers under" if form != "array" else "an array under"
    rule = "position-one-field" if form != "array" else "position-array"
    yield Pair(
        latitude,
        longitude,
        because,
        rule,
        f"{what} {key}; {why}",
        because[0].parent,
        datum=role.kind,
        guess=guess,
        radius_m=radius_m,
    )


class OrderRule(NamedTuple):
    """A row: which coordinate stands first where neither names nor values say it."""

    form: str
    first: str
    reasoning: str


ORDERS = (
    OrderRule("array", "lon", "order not stated: taken as longitude first, as GeoJSON and most databases have arrays"),
    OrderRule("bars", "lon", "order not stated: taken as longitude first, as Baidu's gps=lng|lat|radius has it"),
    OrderRule("text", "lat", "order not stated: taken as latitude first"),
)


def order(key: str, role: Role, a: Number, b: Number, form: str) -> tuple[str, str]:
    """Which of two numbers is the latitude (`lat`: the first), and why we think so."""
    if role.first:
        names = {"lat": "latitude", "lon": "longitude"}
        return role.first, f"{names[role.first]} first, as {normal_key(key)} has it"
    first, second = _unscaled(a, b)
    if first > 90 >= second:
        return "lon", "longitude first, since the first cannot be a latitude"
    if second > 90 >= first:
        return "lat", "latitude first, since the second cannot be a latitude"
    if first > 72 >= second > 15:
        return "lon", "longitude first, since hardly anybody lives as far from the equator as the first would say"
    if normal_key(key).endswith("coordinates"):
        return "lon", "longitude first, as GeoJSON and KML have coordinates"
    if key.lower().endswith("geo"):
        return "lat", f"latitude first, as {key} has it"
    row = next(row for row in ORDERS if row.form == form)
    return row.first, row.reasoning


def _unscaled(a: Number, b: Number) -> tuple[float, float]:
    """The sizes of two numbers in degrees, integers by the smallest scale that makes them coordinates."""
    first, second = abs(a.value), abs(b.value)
    if a.whole and b.whole:
        for scale in (1.0, 1e5, 1e6, 1e7):
            if max(first, second) <= 180 * scale and min(first, second) <= 90 * scale:
                return first / scale, second / scale
    return first, second


def _box(numbers: Sequence[Number], because: tuple[Field, ...], scope: str) -> Iterator[Pair]:
    """The middle of west, south, east, north (GeoJSON), or of the corners latitude first where that is not possible."""
    if len(numbers) != 4 or max(each.decimals for each in numbers) < 2:
        return
    a, b, c, d = (each.value for each in numbers)
    lat_first = abs(b) > 90 or abs(d) > 90 or (abs(a) <= 90 and abs(c) <= 90 and not (abs(b) <= 90 and abs(d) <= 90))
    south, west, north, east = (a, b, c, d) if lat_first else (b, a, d, c)
    if max(abs(south), abs(north)) > 90 or max(abs(east), abs(west)) > 180 or abs(north - south) > 20:
        return
    half_m = max(abs(north - south), abs(east - west)) / 2 * 111_195
    middle = [plain(f"{(one + other) / 2:.6f}") for one, other in ((south, north), (west, east))]
    if middle[0] and middle[1]:
        text = ",".join(each.text for each in numbers)
        yield Pair(
            middle[0], middle[1], because, "position-box", f"the middle of the box under {because[0].key}", scope, text,
            half_m=half_m,
        )  # fmt: skip
