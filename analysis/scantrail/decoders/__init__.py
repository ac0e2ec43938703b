"""From bytes to Fields: every part of a request is opened, layer by layer, as a server would.

The contract of the family: a decoder takes a text or bytes and gives what they hold, or None for "not mine"; it never
raises. What it gives is a scalar (one layer less), `Members` (named values in order, names may repeat), a list, or
`Readings` (one value that can be meant in several ways). The rows of `DECODERS` are tried in order; the first that
opens a text, or bytes, has it. What none opens is a field; if it is bytes, an opaque one.

Texts repeat (a browser sends the same headers with each request), so what short ones hold is remembered.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from scantrail.decoders import body, text
from scantrail.decoders.limits import Limits
from scantrail.decoders.values import Value
from scantrail.decoders.walk import PLACES, REMEMBERED, Leaf, leaves
from scantrail.model import Field, Pair, Request, Side, split_url


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
        if not value:
            continue
        part = _remembered_part if isinstance(value, str | bytes) and len(value) <= REMEMBERED else _part
        side, source = place.side, place.source
        found += [
            Field(path, parent, key, scalar, source, side, request, opaque, limit)
            for path, parent, key, scalar, opaque, limit in part(place, opener, value, limits)
        ]
    return found


def _parts(request: Request, limits: Limits) -> Iterator[tuple[_Place, _Opener, Value]]:
    """The parts that a request has by its protocol: what is in them is for the decoders to find out."""
    if url := split_url(request.url):
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


def _part(place: _Place, opener: _Opener, value: Value, limits: Limits) -> list[Leaf]:
    """All leaves of a part of a request."""
    if opener and isinstance(value, str):
        value = opener(value)
    return leaves(place.path, place.parent, place.key, value, limits)


_remembered_part = lru_cache(maxsize=PLACES)(_part)
