"""From bytes to Fields: every part of a request is opened, layer by layer, as a server would.

The contract of the family: a decoder takes text and gives what it holds, or None for "not mine"; it never raises. What
it gives is a scalar (one layer less), `Members` (named values in order, names may repeat) or a list. The rows of
`DECODERS` are tried in order; the first that opens a text has it. A text that none opens is a field.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from scantrail.decoders import text
from scantrail.decoders.values import Members, Value
from scantrail.model import Field, Pair, Request, Scalar, Side, split_url


class Decoder(NamedTuple):
    """A row: the name that appears in `Field.path`, and what opens a text."""

    name: str
    open: Callable[[str], Value]


DECODERS = (
    Decoder("json", text.json_value),
    Decoder("url", text.url),
    Decoder("form", text.form),
    Decoder("percent", text.percent),
    Decoder("base64", text.base64_text),
)
DEPTH = 12  # layers; real traffic has been seen to use five
NESTING = 40  # objects and arrays within each other, in one layer


class _Place(NamedTuple):
    """Where in a request a value stands: what Field needs beside the value."""

    path: str
    parent: str
    key: str
    source: str

    def member(self, name: str) -> "_Place":
        return _Place(f"{self.path}.{name}", self.path, name, self.source)

    def item(self, index: int) -> "_Place":
        return _Place(f"{self.path}[{index}]", self.path, self.key, self.source)

    def layer(self, name: str) -> "_Place":
        return self._replace(path=f"{self.path}|{name}")


def fields(request: Request, *, depth: int = DEPTH) -> Iterator[Field]:
    """Open a request and what came back of it.

    Args:
        request: what to open.
        depth: how many layers to undo at most; a text at that depth is given as it is, its path ending in `|limit`.

    """
    for side, place, value in _parts(request):
        for found, scalar in _walk(place, value, depth):
            yield Field(
                path=found.path,
                parent=found.parent,
                key=found.key,
                value=scalar,
                source=found.source,
                side=side,
                because=request,
            )


def _parts(request: Request) -> Iterator[tuple[Side, _Place, Value]]:
    """The parts that a request has by its protocol: what is in them is for the decoders to find out."""
    if url := split_url(request.url):
        yield "sent", _root("path", "url"), list(filter(None, url.path.split("/")))
        yield "sent", _root("query", "url"), text.query(url.query)
        yield "sent", _root("fragment", "url"), url.fragment or None
    elif request.url:
        yield "sent", _root("url", "url"), request.url
    yield from _headers("sent", "", request.headers)
    yield "sent", _root("body", "body"), _text(request.body)
    for index, message in enumerate(request.messages):
        yield message.side, _root(f"message[{index}]", f"message {index}"), _text(message.data)
    if request.response:
        yield from _headers("received", "response.", request.response.headers)
        yield "received", _root("response.body", "response body"), _text(request.response.body)


def _root(path: str, source: str) -> _Place:
    return _Place(path, "", path, source)


def _headers(side: Side, prefix: str, headers: tuple[Pair, ...]) -> Iterator[tuple[Side, _Place, Value]]:
    for name, value in headers:
        lower = name.lower()
        source = f"{prefix.replace('.', ' ')}header {name}"
        if lower == "cookie":
            yield side, _root(f"{prefix}cookie", source), text.cookies(_utf8(value))
        else:
            yield side, _root(f"{prefix}header", source).member(lower), _utf8(value)


def _utf8(wire: str) -> str:
    """A header's text: UTF-8 if it is that, else one character per byte as the log has it."""
    try:
        return wire.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return wire


def _text(data: bytes) -> Value:
    """A body: text if it is UTF-8, else the bytes; nothing if there is none."""
    if not data:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data


def _walk(place: _Place, value: Value, depth: int, nested: int = 0) -> Iterator[tuple[_Place, Scalar]]:
    if isinstance(value, Members | list) and nested == NESTING:
        yield place.layer("limit"), "nested deeper than is looked at"
    elif isinstance(value, Members):
        for name, member in value.pairs:
            yield from _walk(place.member(name), member, depth, nested + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(place.item(index), item, depth, nested + 1)
    elif isinstance(value, str) and value:
        yield from _open(place, value, depth)
    elif value is not None and value != "":
        yield place, value


def _open(place: _Place, value: str, depth: int) -> Iterator[tuple[_Place, Scalar]]:
    for decoder in DECODERS:
        opened = decoder.open(value)
        if opened is not None:
            if depth <= 0:
                yield place.layer("limit"), value
            else:
                yield from _walk(place.layer(decoder.name), opened, depth - 1)
            return
    yield place, value
