"""From bytes to Fields: every part of a request is opened, layer by layer, as a server would.

The contract of the family: a decoder takes a text or bytes and gives what they hold, or None for "not mine"; it never
raises. What it gives is a scalar (one layer less), `Members` (named values in order, names may repeat), a list, or
`Readings` (one value that can be meant in several ways). The rows of `DECODERS` are tried in order; the first that
opens a text, or bytes, has it. What none opens is a field; if it is bytes, an opaque one.

Texts repeat (a browser sends the same headers with each request), so what short ones hold is remembered.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from scantrail.decoders import body, text
from scantrail.decoders.layers import WRAPPERS, open_layer
from scantrail.decoders.limits import Limits
from scantrail.decoders.values import Members, Readings, Value
from scantrail.model import Field, Limit, Opaque, Pair, Request, Scalar, Side, split_url

_REMEMBERED = 4096  # characters of a text, or bytes, whose leaves are remembered
_PLACES = 1 << 14  # how many values are remembered


class _Leaf(NamedTuple):
    """A Field as seen from the value that it was found in: `path` and `parent` are relative to that value's own.

    Where `parent` or `key` is None, it is the one that the value itself has.
    """

    path: str
    parent: str | None
    key: str | None
    value: Scalar
    opaque: Opaque | None = None
    limit: Limit | None = None


class _Place(NamedTuple):
    """Where in a request a part of it stands."""

    side: Side
    source: str
    path: str
    parent: str
    key: str


type _Opener = Callable[[str], Value] | None  # what the protocol says that a part is


def fields(request: Request, limits: Limits = Limits()) -> list[Field]:
    """Open a request and what came back of it, within `limits`."""
    found: list[Field] = []
    for place, opener, value in _parts(request, limits):
        if isinstance(value, str | bytes) and len(value) <= _REMEMBERED:
            leaves: Sequence[_Leaf] = _remembered_part(place, opener, value, limits)
        else:
            leaves = _part(place, opener, value, limits)
        side, source = place.side, place.source
        found.extend(
            Field(path, parent or "", key or "", scalar, source, side, request, opaque, limit)
            for path, parent, key, scalar, opaque, limit in leaves
        )
    return found


def _parts(request: Request, limits: Limits) -> Iterator[tuple[_Place, _Opener, Value]]:
    """The parts that a request has by its protocol: what is in them is for the decoders to find out."""
    if url := split_url(request.url):
        if "@" in url.netloc:
            yield _USERINFO, _userinfo, url.netloc.rpartition("@")[0]
        yield _PATH, _segments, url.path
        yield _QUERY, text.query, url.query
        yield _FRAGMENT, None, url.fragment
    elif request.url:
        yield _URL, None, request.url
    yield from _headers("sent", "", request.headers)
    yield _body("sent", "body", "body", request.headers, request.body, limits)
    for index, message in enumerate(request.messages):
        yield _root(message.side, f"message {index}", f"message[{index}]"), None, message.data
    if response := request.response:
        yield from _headers("received", "response.", response.headers)
        yield _body("received", "response body", "response.body", response.headers, response.body, limits)


def _root(side: Side, source: str, path: str) -> _Place:
    return _Place(side, source, path, "", path)


_PATH, _QUERY, _FRAGMENT, _URL = (_root("sent", "url", part) for part in ("path", "query", "fragment", "url"))


_USERINFO = _root("sent", "url", "userinfo")


def _userinfo(text: str) -> Value:
    """What stands before the host (RFC 3986 §3.2.1)."""
    user, colon, password = text.partition(":")
    return Members((("user", user), ("password", password)) if colon else (("user", user),))


def _segments(path: str) -> Value:
    return list(filter(None, path.split("/")))


def _headers(side: Side, prefix: str, headers: tuple[Pair, ...]) -> Iterator[tuple[_Place, _Opener, str]]:
    for name, value in headers:
        place = _header(side, prefix, name)
        yield place, text.cookies if place.key == f"{prefix}cookie" else None, _utf8(value)


@lru_cache(maxsize=4096)
def _header(side: Side, prefix: str, name: str) -> _Place:
    lower = name.lower()
    source = f"{prefix.replace('.', ' ')}header {name}"
    if lower == "cookie":
        return _root(side, source, f"{prefix}cookie")
    return _Place(side, source, f"{prefix}header.{lower}", f"{prefix}header", lower)


def _body(
    side: Side, source: str, path: str, headers: tuple[Pair, ...], data: bytes, limits: Limits
) -> tuple[_Place, _Opener, Value]:
    layers, value = body.undo(headers, data, limits.expansion) if data else ("", None)
    return _Place(side, source, path + layers, "", path), None, value


def _utf8(wire: str) -> str:
    """A header's text: UTF-8 if it is that, else one character per byte as the log has it."""
    if wire.isascii():
        return wire
    try:
        return wire.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return wire


def _part(place: _Place, opener: _Opener, value: Value, limits: Limits) -> list[_Leaf]:
    """All leaves of a part of a request, their paths, parents and keys complete."""
    if opener and isinstance(value, str):
        value = opener(value)
    leaves: list[_Leaf] = []
    _walk(leaves, place.path, place.parent, place.key, value, limits, 0)
    return leaves


_remembered_part = lru_cache(maxsize=_PLACES)(_part)


def _walk(
    leaves: list[_Leaf], path: str, parent: str | None, key: str | None, value: Value, limits: Limits, nested: int
) -> None:
    """Add all that is in a value that stands at `path`."""
    if isinstance(value, str | bytes):
        for at, over, name, scalar, opaque, limit in _opened(value, limits):
            leaves.append(
                _Leaf(
                    path + at,
                    parent if over is None else path + over,
                    key if name is None else name,
                    scalar,
                    opaque,
                    limit,
                )
            )
    elif isinstance(value, Members | list):
        _walk_items(leaves, path, parent, key, value, limits, nested)
    elif isinstance(value, Readings):
        leaves.extend(_Leaf(f"{path}|{name}" if name else path, parent, key, reading) for name, reading in value.pairs)
    elif value is not None:
        leaves.append(_Leaf(path, parent, key, value))


def _walk_items(
    leaves: list[_Leaf],
    path: str,
    parent: str | None,
    key: str | None,
    value: Members | list[Value],
    limits: Limits,
    nested: int,
) -> None:
    if nested == limits.nesting:
        leaves.append(_Leaf(path + "|limit", parent, key, "nested deeper than is looked at", limit="nesting"))
        return
    items: Iterator[tuple[str, str | None, Value]]
    if isinstance(value, Members):
        items = ((f"{path}.{name}", name, member) for name, member in value.pairs)
    else:
        items = ((f"{path}[{index}]", key, item) for index, item in enumerate(value))
    for place, name, item in items:
        if len(leaves) >= limits.fields:
            leaves.append(_Leaf(path + "|limit", parent, key, "more fields than are looked at", limit="fields"))
            return
        _walk(leaves, place, path, name, item, limits, nested + 1)


def _opened(value: str | bytes, limits: Limits) -> tuple[_Leaf, ...]:
    """What a text or bytes hold, or they themselves."""
    if not value:
        return ()
    return _remembered(value, limits) if len(value) <= _REMEMBERED else _open(value, limits)


def _open(value: str | bytes, limits: Limits) -> tuple[_Leaf, ...]:
    if len(value) > limits.size:
        return (_Leaf("|limit", None, None, value, limit="size"),)
    layer = open_layer(value, limits)
    if layer is None:
        return (_Leaf("", None, None, value, _opaque(value)),)
    name, opened = layer
    path = f"|{name}" if name else ""
    if limits.depth <= 0:
        return (_Leaf("|limit", None, None, value, limit="depth"),)
    if isinstance(opened, str | bytes) and len(opened) > max(limits.expansion, len(value)):
        return (_Leaf(f"{path}|limit", None, None, value, limit="expansion"),)
    leaves: list[_Leaf] = []
    deeper = limits._replace(depth=limits.depth - 1) if name else limits
    _walk(leaves, path, None, None, opened, deeper, 0)
    return tuple(leaves)


_remembered = lru_cache(maxsize=_PLACES)(_open)


_RANDOM = re.compile(  # as long as a key or digest in base64 or hex: what is shorter is a name, a number or a UUID
    r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9+/_=-]{43,}|(?=.*\d)[0-9a-f]{64,}|(?=.*\d)[0-9A-F]{64,}"
)


def _opaque(value: str | bytes) -> Opaque | None:
    """What is known of a value that no decoder opened: bytes are opaque, and text that looks like encoded bytes is."""
    if isinstance(value, bytes):
        return Opaque(len(value), entropy(value))
    if _RANDOM.fullmatch(value):
        data = next((data for wrapper in WRAPPERS if (data := wrapper.open(value)) is not None), None)
        if isinstance(data, bytes):
            return Opaque(len(data), entropy(data))
    return None


def entropy(data: bytes) -> float:
    """Shannon entropy of the bytes' frequencies, in bits per byte: 8 for long random data, less for short."""
    size = len(data)
    return round(-sum(n / size * math.log2(n / size) for n in Counter(data).values()), 2) + 0.0
