"""Reading the simulation's own files: TOML into a struct, a mistake as one line with file, key and what is allowed."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from scansim import SimulationError

_WHERE = re.compile(r"(?P<what>.*?)(?: - at (?P<names>`key` in )?`\$\.?(?P<key>[^`]*)`)?", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>[^`]*)`")
_WRONG_VALUE = re.compile(r"Invalid enum value (?P<value>.*)")


def load[T](path: Path, kind: type[T]) -> T:
    """Read a file.

    Raises:
        SimulationError: it cannot be read, is no TOML, or does not fit; one line.

    """
    try:
        return msgspec.toml.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise SimulationError(f"{path}: {error.strerror}") from error
    except msgspec.ValidationError as error:
        raise SimulationError(f"{path}: {explain(str(error), kind).replace('`object`', 'a table')}") from error
    except ValueError as error:
        raise SimulationError(f"{path}: no TOML: {' '.join(str(error).split())}") from error


def explain(message: str, kind: Any) -> str:
    """Say of msgspec's message where the mistake is, and what is allowed there."""
    match = _WHERE.fullmatch(message)
    what, key = (match["what"], match["key"] or "") if match else (message, "")
    there = _at(kind, key)
    if match and match["names"]:  # of a table whose keys are words of a list
        there = _plain(get_args(there)[0])
    if unknown := _UNKNOWN.fullmatch(what):
        name, allowed = unknown["name"], _fields(there)
        meant = get_close_matches(name, allowed, 1)
        hint = f"did you mean {meant[0]}?" if meant else f"allowed are {', '.join(allowed)}"
        return f"{_dotted(key, name)}: no such key; {hint}"
    if (wrong := _WRONG_VALUE.fullmatch(what)) and (choices := _choices(there)):
        return f"{_dotted(key)}: {wrong['value']} is not one of {', '.join(map(str, choices))}"
    return f"{_dotted(key)}: {what}" if key else what


def _dotted(*keys: str) -> str:
    return ".".join(key for key in keys if key)


def _steps(key: str) -> Iterator[str]:
    yield from re.findall(r"\[(?:\.\.\.|\d+)\]|[^.\[\]]+", key)


def _at(kind: Any, key: str) -> Any:
    """The type at a key such as `places[3].category`."""
    for step in _steps(key):
        kind = _plain(kind)
        if step.startswith("["):
            arguments = get_args(kind)
            kind = arguments[-1] if get_origin(kind) is dict else arguments[0]
        elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            kind = next((field.type for field in msgspec.structs.fields(kind) if field.encode_name == step), None)
        else:
            return None
    return _plain(kind)


def _plain(kind: Any) -> Any:
    """A type without its alias, annotations and `None`."""
    if hasattr(kind, "__value__"):
        return _plain(kind.__value__)
    if hasattr(kind, "__metadata__"):
        return _plain(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        [*kinds] = [one for one in get_args(kind) if one is not type(None)]
        return _plain(kinds[0]) if len(kinds) == 1 else kind
    return kind


def _fields(kind: Any) -> list[str]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return [field.encode_name for field in msgspec.structs.fields(kind)]
    return []


def _choices(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) is Literal else ()
