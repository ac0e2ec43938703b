"""The parts of a request as they stood on the wire, and where in each of them its Fields stand."""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from scantrail.decoders import body
from scantrail.decoders.layers import open_layer
from scantrail.decoders.limits import Limits
from scantrail.decoders.text import query
from scantrail.decoders.values import Members, Readings, Value
from scantrail.model import Disclosure, Field, Pair, Request, Scalar
from scantrail.report.trace import TRACERS, Span, Traced, form, url_parts, wire

REPEATS = 20  # of a name that comes more often with the same value, so many are marked

type Places = Mapping[str, list[tuple[Scalar, Span]]]
"""By `Field.path`: the values found there (a name may come twice) and where they stand."""


class Wire(NamedTuple):
    """One part of a request: which one (`Field.source`), its text, and where in it the fields stand."""

    source: str
    text: str
    places: Places

    def spans(self, disclosure: Disclosure) -> list[Span]:
        """Where the fields of a disclosure stand in it. None of them: it is in another part, or cannot be located."""
        here = (field for field in disclosure.because if field.source == self.source)
        return [span for field in here for span in self._spans(field)]

    def _spans(self, field: Field) -> Iterator[Span]:
        return islice((span for value, span in self.places.get(field.path, ()) if value == field.value), REPEATS)


def wires(request: Request, sources: Container[str]) -> Iterator[Wire]:
    """The parts of a request that `sources` names, in the order in which `scantrail.decoders` opens them."""
    if "url" in sources:
        yield _url(request.url)
    yield from _headers("", request.headers, sources)
    bodies = [("body", "body", request.headers, request.body)]
    bodies += [(f"message {n}", f"message[{n}]", (), message.data) for n, message in enumerate(request.messages)]
    if request.response:
        bodies += [("response body", "response.body", request.response.headers, request.response.body)]
        yield from _headers("response.", request.response.headers, sources)
    for source, path, headers, data in bodies:
        if source in sources:
            yield _body(source, path, headers, data)


def _url(url: str) -> Wire:
    walk, parts = _Walk(), url_parts(wire(url))
    if parts:
        for index, segment in enumerate(piece for piece in _split(parts["path"], "/") if piece.text):
            walk.open(f"path[{index}]", segment.text, segment)
        pairs = query(parts["query"].text)
        walk.values("query", pairs, form(parts["query"], pairs))
        walk.open("fragment", parts["fragment"].text, parts["fragment"])
    else:
        walk.open("name", url, wire(url))
    return Wire("url", url, walk.found)


def _headers(prefix: str, headers: tuple[Pair, ...], sources: Container[str]) -> Iterator[Wire]:
    for name, value in headers:
        source = f"{prefix.replace('.', ' ')}header {name}"
        if source in sources:
            yield _header(prefix, source, name, _utf8(value))


def _header(prefix: str, source: str, name: str, value: str) -> Wire:
    walk, line = _Walk(), wire(f"{name}: {value}")
    content = line.cut(len(name) + 2, len(line.text))
    if name.lower() == "cookie":
        for cookie in _split(content, ";"):
            key, equals, crumb = cookie.text.strip().partition("=")
            start = len(cookie.text) - len(cookie.text.lstrip()) + len(key + equals)
            walk.open(f"{prefix}cookie.{key}", crumb, cookie.cut(start, start + len(crumb)))
    else:
        walk.open(f"{prefix}header.{name.lower()}", value, content)
    return Wire(source, line.text, walk.found)


def _body(source: str, path: str, headers: tuple[Pair, ...], data: bytes) -> Wire:
    """A body: as text where it is that, so that its fields are located by character; else each stands for all of it."""
    walk, (layers, value) = _Walk(), body.undo(headers, data)
    opened = None if layers or not isinstance(value, bytes) else open_layer(value)
    text = opened[1] if opened and isinstance(opened[1], str) else data.decode("utf-8", "backslashreplace")
    walk.open(path + layers, value, wire(text))
    return Wire(source, text, walk.found)


def _split(text: Traced, separator: str) -> list[Traced]:
    pieces, start = [], 0
    for piece in text.text.split(separator):
        pieces.append(text.cut(start, start + len(piece)))
        start += len(piece) + len(separator)
    return pieces


def _utf8(text: str) -> str:
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


class _Walk:
    """The walk of `scantrail.decoders` once more, over traced texts: same order, same paths, same depth."""

    def __init__(self) -> None:
        self.found: dict[str, list[tuple[Scalar, Span]]] = defaultdict(list)

    def open(self, path: str, value: Value, place: Traced) -> None:
        """Open the value that stands at a place. What lies too deep for Python to walk stays without place."""
        with suppress(RecursionError):
            self.values(path, value, place)

    def values(self, path: str, value: Value, place: Traced, depth: int = Limits().depth) -> None:
        """Note where each scalar stands in a value."""
        if isinstance(value, Members):
            for (name, item), own in zip(value.pairs, _each(place, len(value.pairs)), strict=True):
                self.values(f"{path}.{name}", item, own, depth)
        elif isinstance(value, list):
            for index, (item, own) in enumerate(zip(value, _each(place, len(value)), strict=True)):
                self.values(f"{path}[{index}]", item, own, depth)
        elif isinstance(value, Readings):
            for name, reading in value.pairs:
                self.found[f"{path}|{name}" if name else path].append((reading, place.span))
        elif isinstance(value, str) and value:
            self._layer(path, value, place if place.text == value else place.holding(value), depth)
        elif isinstance(value, bytes) and value:
            self._layer(path, value, place, depth)
        elif value is not None and value not in ("", b""):
            self.found[path].append((value, place.span))

    def _layer(self, path: str, value: str | bytes, place: Traced, depth: int) -> None:
        layer = open_layer(value)
        if layer is None:
            self.found[path].append((value, place.span))
        elif depth <= 0:
            self.found[f"{path}|limit"].append((value, place.span))
        else:
            name, opened = layer
            tracer = TRACERS.get(name)
            inner = tracer(place, opened) if tracer else place
            self.values(f"{path}|{name}" if name else path, opened, inner, depth - 1 if name else depth)


def _each(place: Traced, count: int) -> Sequence[Traced]:
    """One for each of the values: their own, or else what encloses them all."""
    return place.inner if len(place.inner) == count else [place] * count
