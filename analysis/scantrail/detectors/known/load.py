"""Reading the file of known values and positions (docs/known.md)."""

import json
import math
import tomllib
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import NoReturn

from scantrail.model import CaptureError, Known, KnownPosition, KnownValue

SHORTEST = 3  # characters of a value: what is shorter stands everywhere
_POSITION_KEYS = ("lat", "lon", "from", "to", "name")


def load(path: Path) -> Known:
    """Read a file of known values and positions.

    Args:
        path: TOML with `[values]` and `[[position]]`, or TOML or JSON that is no more than names and values.

    Raises:
        CaptureError: it cannot be read; the message says which key is wrong and what is expected.

    """
    table = _table(path)
    if not table.keys() & {"values", "position"}:
        return Known(_values(path, "", table))
    if unknown := sorted(table.keys() - {"values", "position"}):
        _refuse(path, unknown[0], "is not known", "[values] and [[position]] alone, names standing under [values]")
    values, positions = table.get("values", {}), table.get("position", [])
    if not isinstance(values, dict):
        _refuse(path, "values", f"is {_type(values)}", "a table: [values]")
    if not isinstance(positions, list):
        _refuse(path, "position", f"is {_type(positions)}", "tables: [[position]]")
    return Known(
        _values(path, "values.", values),
        tuple(_position(path, number, position) for number, position in enumerate(positions, start=1)),
    )


def _table(path: Path) -> dict[str, object]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CaptureError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise CaptureError(f"{path}: is not UTF-8 at byte {error.start}; a TOML file of known values is") from None
    is_json = path.suffix.lower() == ".json"
    try:
        table = json.loads(text) if is_json else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise CaptureError(f"{path}: is not {'JSON' if is_json else 'TOML'}: {error}") from None
    if not isinstance(table, dict):
        raise CaptureError(f"{path}: holds {_type(table)}; expected names and their values")
    return table


def _values(path: Path, prefix: str, table: dict[str, object]) -> tuple[KnownValue, ...]:
    return tuple(KnownValue(name, _spelled(path, prefix + name, values)) for name, values in table.items())


def _spelled(path: Path, key: str, values: object) -> tuple[str, ...]:
    """The values of one name, trimmed, each once; a bare text or whole number is a list of one."""
    listed: Iterable[object] = values if isinstance(values, list) else [values]
    spelled: dict[str, None] = {}
    for value in listed:
        if isinstance(value, bool) or not isinstance(value, str | int | date):
            _refuse(path, key, f"holds {_type(value)}", 'a text or a list of texts: ["…", "…"]')
        text = str(value).strip()
        if len(text) < SHORTEST:
            _refuse(
                path, key, f"holds {text!r}", f"at least {SHORTEST} characters, since shorter values stand everywhere"
            )
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            _refuse(path, key, "holds half of a surrogate pair", "text")
        spelled[text] = None
    if not spelled:
        _refuse(path, key, "is empty", "one value or more")
    return tuple(spelled)


def _position(path: Path, number: int, table: object) -> KnownPosition:
    key = f"position {number}"
    if not isinstance(table, dict):
        _refuse(path, key, f"is {_type(table)}", "a table: [[position]]")
    if unknown := sorted(table.keys() - set(_POSITION_KEYS)):
        _refuse(path, f"{key}.{unknown[0]}", "is not known", f"one of {', '.join(_POSITION_KEYS)}")
    name = table.get("name", key)
    if not isinstance(name, str) or not name.strip():
        _refuse(path, f"{key}.name", f"is {_type(name)}", "a text that is not empty")
    begin, end = (_time(path, f"{key}.{bound}", table.get(bound)) for bound in ("from", "to"))
    if begin and end and end < begin:
        _refuse(path, f"{key}.to", f"is {end.isoformat()}", f"a time not before `from`, {begin.isoformat()}")
    return KnownPosition(
        name.strip(),
        _degrees(path, f"{key}.lat", table.get("lat"), 90),
        _degrees(path, f"{key}.lon", table.get("lon"), 180),
        begin,
        end,
    )


def _degrees(path: Path, key: str, value: object, most: int) -> float:
    expected = f"a number of WGS-84 degrees from -{most} to {most}"
    if value is None:
        _refuse(path, key, "is missing", expected)
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(path, key, f"is {_type(value)}", expected)
    if not (math.isfinite(value) and -most <= value <= most):
        _refuse(path, key, f"is {value}", expected)
    return float(value)


def _time(path: Path, key: str, value: object) -> datetime | None:
    """A TOML date or time, or ISO 8601 text, in UTC; one without a zone is taken as UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            _refuse(path, key, f"is {value!r}", "an ISO 8601 time such as 2020-02-17T08:00:00Z")
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if value is None:
        return None
    if not isinstance(value, datetime):
        _refuse(path, key, f"is {_type(value)}", "a date and time such as 2020-02-17T08:00:00Z")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else _utc(path, key, value)


def _utc(path: Path, key: str, value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        _refuse(path, key, f"is {value.isoformat()}", "a time between the years 1 and 9999 in UTC")


def _type(value: object) -> str:
    """What a value is, as a person who writes TOML would say it."""
    if isinstance(value, bool):
        return str(value).lower()
    names = {str: "a text", int: "a number", float: "a number", list: "a list", dict: "a table", type(None): "nothing"}
    return names.get(type(value), f"a {type(value).__name__}")


def _refuse(path: Path, key: str, wrong: str, expected: str) -> NoReturn:
    raise CaptureError(f"{path}: {key} {wrong}; expected {expected}")
