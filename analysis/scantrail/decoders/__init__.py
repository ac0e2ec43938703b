"""From bytes to Fields: every part of a request is opened, layer by layer, as a server would.

The contract of the family: a decoder takes a text or bytes and gives what they hold, or None for "not mine"; it never
raises. What it gives is a scalar (one layer less), `Members` (named values in order, names may repeat), a list, or
`Readings` (one value that can be meant in several ways). The rows of `DECODERS` are tried in order; the first that
opens a text, or bytes, has it. What none opens is a field; if it is bytes, an opaque one.

Headers and short texts repeat, so what they hold is remembered. Nothing else is: most values of an archive are fresh.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from scantrail.decoders import body, text
from scantrail.decoders.limits import Limits
from scantrail.decoders.values import Members
from scantrail.decoders.walk import PLACES, REMEMBERED, Leaf, leaves
from scantrail.model import Field, Pair, Request, Side, split_url

type _Part = tuple[Side, str, Sequence[Leaf]]  # `Field.side`, `Field.source`, and what is in it


def fields(request: Request, limits: Limits = Limits(), *, received: bool = True) -> list[Field]:
    """Open a request and, unless `received` says no, what came back of it; within `limits`."""
    return [
        Field(path, parent, key, value, source, side, request, opaque, limit)
        for parts in (_sent, _received)[: 1 + received]
        for side, source, part in parts(request, limits)
        for path, parent, key, value, opaque, limit in part
    ]


def _sent(request: Request, limits: Limits) -> Iterator[_Part]:
    """The parts of what was sent, by the protocol: what is in them is for the decoders to find out."""
    if url := split_url(request.url):
        if "@" in url.netloc:
            yield "sent", "url", _userinfo(url.netloc.rpartition("@")[0], limits)
        yield "sent", "url", _path(url.path, limits)
        yield "sent", "url", _query(url.query, limits)
        yield "sent", "url", leaves("fragment", "", "fragment", url.fragment, limits)
    elif request.url:
        yield "sent", "url", leaves("url", "", "url", request.url, limits)
    yield from _headers("sent", "", request.headers, limits)
    yield "sent", "body", _body("body", request.headers, request.body, limits)
    yield from _messages(request, "sent", limits)


def _received(request: Request, limits: Limits) -> Iterator[_Part]:
    """The parts of what came back."""
    yield from _messages(request, "received", limits)
    if response := request.response:
        yield from _headers("received", "response.", response.headers, limits)
        yield "received", "response body", _body("response.body", response.headers, response.body, limits)


def _path(path: str, limits: Limits) -> list[Leaf]:
    return leaves("path", "", "path", list(filter(None, path.split("/"))), limits)


def _query(query: str, limits: Limits) -> list[Leaf]:
    return leaves("query", "", "query", text.query(query), limits)


def _messages(request: Request, side: Side, limits: Limits) -> Iterator[_Part]:
    for index, message in enumerate(request.messages):
        if message.side == side:
            root = f"message[{index}]"
            yield side, f"message {index}", leaves(root, "", root, message.data, limits)


def _userinfo(userinfo: str, limits: Limits) -> list[Leaf]:
    """What stands before the host (RFC 3986 §3.2.1)."""
    user, colon, password = userinfo.partition(":")
    members = Members((("user", user), ("password", password)) if colon else (("user", user),))
    return leaves("userinfo", "", "userinfo", members, limits)


def _headers(side: Side, prefix: str, headers: tuple[Pair, ...], limits: Limits) -> Iterator[_Part]:
    for name, value in headers:
        open_ = _remembered_header if len(value) <= REMEMBERED else _header
        yield side, *open_(prefix, name, value, limits)


def _header(prefix: str, name: str, value: str, limits: Limits) -> tuple[str, list[Leaf]]:
    """A header's `Field.source`, and what is in it."""
    lower = name.lower()
    source = f"{prefix.replace('.', ' ')}header {name}"
    if lower == "cookie":
        root = f"{prefix}cookie"
        return source, leaves(root, "", root, text.cookies(_utf8(value)), limits)
    return source, leaves(f"{prefix}header.{lower}", f"{prefix}header", lower, _utf8(value), limits)


_remembered_header = lru_cache(maxsize=PLACES)(_header)


def _body(root: str, headers: tuple[Pair, ...], data: bytes, limits: Limits) -> Sequence[Leaf]:
    if not data:
        return ()
    layers, value = body.undo(headers, data, limits.expansion)
    if isinstance(value, bytes) and len(value) <= REMEMBERED:
        return _remembered_body(root + layers, root, value, limits)
    return leaves(root + layers, "", root, value, limits)


@lru_cache(maxsize=PLACES)
def _remembered_body(path: str, root: str, data: bytes, limits: Limits) -> list[Leaf]:
    return leaves(path, "", root, data, limits)


def _utf8(wire: str) -> str:
    """A header's text: UTF-8 if it is that, else one character per byte as the log has it."""
    if wire.isascii():
        return wire
    try:
        return wire.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return wire
