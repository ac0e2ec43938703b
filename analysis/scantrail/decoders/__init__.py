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
from collections.abc import Callable, Container, Iterator
from functools import lru_cache
from typing import NamedTuple

from scantrail.decoders import (
    body,
    cbor,
    charsets,
    compression,
    escapes,
    exif,
    grpc,
    jwt,
    lzstring,
    markup,
    messagepack,
    multipart,
    pairs,
    protobuf,
    text,
    wrappers,
)
from scantrail.decoders.limits import Limits
from scantrail.decoders.values import Members, Readings, Value
from scantrail.model import Field, Limit, Opaque, Pair, Request, Scalar, Side, split_url


class Decoder(NamedTuple):
    """A row: the name that appears in `Field.path`, what it opens (`str` or `bytes`), and what opens it.

    A `wrapper` (base64, hex) opens a text to bytes that may be anything: it is believed only if a further decoder opens
    those. An `expander` (gzip) takes a second argument, the size that must not be exceeded: it stops one byte past it.
    The rest saves time, most values on the wire being none of their business: `mark` is what no text that it opens is
    without; `token` says that what it opens is one word, with little but letters and digits in it; `heads` are the
    bytes with which what it opens begins.
    """

    name: str
    opens: type[str] | type[bytes]
    open: Callable[..., Value]
    wrapper: bool = False
    expander: bool = False
    token: bool = False
    mark: str = ""
    heads: Container[int] = range(256)


DECODERS = (
    Decoder("json", str, text.json_value),
    Decoder("jsonp", str, text.jsonp),
    Decoder("ndjson", str, text.json_lines, mark="\n"),
    Decoder("jwt", str, jwt.token, token=True),
    Decoder("multipart", str, multipart.parts_of_text, mark="--"),
    Decoder("plist", str, markup.plist, mark="<plist"),
    Decoder("xml", str, markup.xml, mark="<"),
    Decoder("ascii85", str, wrappers.ascii85, wrapper=True, mark="<~"),
    Decoder("base64", str, wrappers.data_url, mark=";base64,"),
    Decoder("url", str, text.url, mark="://"),
    Decoder("quoted-printable", str, escapes.quoted_printable, mark="="),
    Decoder("form", str, text.form, mark="="),
    Decoder("entities", str, escapes.entities, mark="&"),
    Decoder("percent", str, escapes.percent_bytes, wrapper=True, mark="%"),
    Decoder("percent", str, escapes.percent, mark="%"),
    Decoder("escapes", str, escapes.backslashes, mark="\\"),
    Decoder("credentials", str, text.credentials, mark=" "),
    Decoder("hex", str, wrappers.hexadecimal, wrapper=True, token=True),
    Decoder("lz-string", str, lzstring.token, expander=True, token=True),
    Decoder("base64", str, wrappers.base64_bytes, wrapper=True, token=True),
    Decoder("base32", str, wrappers.base32, wrapper=True, token=True),
    Decoder("lz-string", str, lzstring.utf16, expander=True, mark=" "),
    Decoder("multipart", bytes, multipart.parts, heads=b"-"),
    Decoder("protobuf", bytes, protobuf.like_text, heads=b"\n"),
    Decoder("", bytes, text.utf8, heads=text.UTF8_HEADS),  # plain text is no layer
    Decoder("gzip", bytes, compression.gzip, expander=True, heads=b"\x1f"),
    Decoder("zlib", bytes, compression.zlib_stream, expander=True, heads=range(0x08, 0x80, 0x10)),
    Decoder("zstd", bytes, compression.zstd, expander=True, heads=b"\x28"),
    Decoder("plist", bytes, markup.binary_plist, heads=b"b"),
    Decoder("exif", bytes, exif.position, heads=exif.HEADS),
    Decoder("utf-32", bytes, charsets.utf32),
    Decoder("utf-16", bytes, charsets.utf16),
    Decoder("grpc", bytes, grpc.frames, heads=b"\x00\x01\x80"),
    Decoder("msgpack", bytes, messagepack.sure, heads=messagepack.HEADS),
    Decoder("cbor", bytes, cbor.sure, heads=cbor.HEADS),
    Decoder("protobuf", bytes, protobuf.sure, heads=protobuf.HEADS),
    Decoder("struct", bytes, pairs.coordinates),
    Decoder("gb18030", bytes, charsets.gb18030),
    Decoder("deflate", bytes, compression.deflate, expander=True, heads=compression.DEFLATE_HEADS),
    Decoder("br", bytes, compression.brotli, expander=True, heads=compression.BROTLI_HEADS),
    Decoder("lz-string", bytes, lzstring.uint8_array, expander=True, heads=lzstring.HEADS),
)
type _Step = tuple[str, Callable[..., Value], bool, bool, str]


def _steps(*wanted: Decoder) -> tuple[_Step, ...]:
    return tuple((decoder.name, decoder.open, decoder.wrapper, decoder.expander, decoder.mark) for decoder in wanted)


_FOR_TEXT = _steps(*(decoder for decoder in DECODERS if decoder.opens is str))
_FOR_TOKENS = _steps(*(decoder for decoder in DECODERS if decoder.token))
_FOR_BROKEN = _steps(*(decoder for decoder in DECODERS if decoder.opens is str and not decoder.token))
_FOR_DIGITS = _steps(*(decoder for decoder in DECODERS if decoder.open is wrappers.hexadecimal))
_FOR_BYTES = tuple(
    _steps(*(decoder for decoder in DECODERS if decoder.opens is bytes and head in decoder.heads))
    for head in range(256)
)
_MARKS = re.compile(r'[{\["%=&<\\\n]')
_BROKEN = re.compile(r'[;{}"%&<>()]')  # no token has any of them
_HEADS = re.compile(r"[0-9a-fA-F]{2}[: -][0-9a-fA-F]{2}[: -]|data:|(?:[Bb]earer|[Bb]asic|[Tt]oken|JWT|MAC) ")
_MIN_TOKEN = 12
_TOKEN = re.compile(r"[A-Za-z0-9+/_$ -]+[.,*]{0,2}|e[w3y][\w.-]+")
_DIGITS = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_PLAIN_TOKEN = re.compile(  # words, numbers, UUIDs
    r"(?:[A-Z]?[a-z]{2,}+[ _/-]?)++|[a-z_-]+|[0-9. -]{1,39}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
)
_REMEMBERED = 4096  # characters of a text whose leaves are remembered


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


class _Part(NamedTuple):
    """A part of a request: where it stands, and its value as far as the protocol itself tells."""

    side: Side
    source: str
    path: str
    value: Value
    layers: str = ""
    key: str | None = None


def fields(request: Request, limits: Limits = Limits()) -> Iterator[Field]:
    """Open a request and what came back of it, within `limits`."""
    for side, source, path, value, layers, key in _parts(request, limits):
        name = key or path
        place, parent = (f"{path}.{key}", path) if key else (path + layers, "")
        for leaf in _leaves(value, limits):
            yield Field(
                path=place + leaf.path,
                parent=parent if leaf.parent is None else place + leaf.parent,
                key=name if leaf.key is None else leaf.key,
                value=leaf.value,
                source=source,
                side=side,
                because=request,
                opaque=leaf.opaque,
                limit=leaf.limit,
            )


def open_layer(value: str | bytes, limits: Limits = Limits()) -> tuple[str, Value] | None:
    """Undo one layer: the decoder's name and what it found; None if no decoder opens it.

    The name is empty where bytes are plain text. Past `limits.expansion` an expander's result is cut.
    """
    if not value:
        return None
    for name, open_, wrapper, expander, mark in _for_text(value) if isinstance(value, str) else _FOR_BYTES[value[0]]:
        if mark and mark not in value:
            continue
        opened = open_(value, limits.expansion) if expander else open_(value)
        if opened is not None and not (wrapper and isinstance(opened, bytes) and open_layer(opened, limits) is None):
            return name, opened
    return None


def _for_text(value: str) -> tuple[_Step, ...]:
    """The decoders that a text might be for, by a glance at it: most values on the wire are plain."""
    if _MARKS.search(value) or "://" in value or value[-1:] == " " or _HEADS.match(value):
        return _FOR_BROKEN if _BROKEN.search(value) else _FOR_TEXT
    if len(value) < _MIN_TOKEN or not _TOKEN.fullmatch(value) or _PLAIN_TOKEN.fullmatch(value):
        return ()
    return _FOR_DIGITS if _DIGITS.fullmatch(value) else _FOR_TOKENS


def _parts(request: Request, limits: Limits) -> Iterator[_Part]:
    """The parts that a request has by its protocol: what is in them is for the decoders to find out."""
    if url := split_url(request.url):
        yield _Part("sent", "url", "path", list(filter(None, url.path.split("/"))))
        yield _Part("sent", "url", "query", text.query(url.query))
        yield _Part("sent", "url", "fragment", url.fragment or None)
    elif request.url:
        yield _Part("sent", "url", "url", request.url)
    yield from _headers("sent", "", request.headers)
    yield _body("sent", "body", "body", request.headers, request.body, limits)
    for index, message in enumerate(request.messages):
        yield _Part(message.side, f"message {index}", f"message[{index}]", message.data or None)
    if response := request.response:
        yield from _headers("received", "response.", response.headers)
        yield _body("received", "response body", "response.body", response.headers, response.body, limits)


def _body(side: Side, source: str, path: str, headers: tuple[Pair, ...], data: bytes, limits: Limits) -> _Part:
    layers, value = body.undo(headers, data, limits.expansion)
    return _Part(side, source, path, value, layers)


def _headers(side: Side, prefix: str, headers: tuple[Pair, ...]) -> Iterator[_Part]:
    for name, value in headers:
        lower = name.lower()
        source = f"{prefix.replace('.', ' ')}header {name}"
        if lower == "cookie":
            yield _Part(side, source, f"{prefix}cookie", text.cookies(_utf8(value)))
        else:
            yield _Part(side, source, f"{prefix}header", _utf8(value), key=lower)


def _utf8(wire: str) -> str:
    """A header's text: UTF-8 if it is that, else one character per byte as the log has it."""
    if wire.isascii():
        return wire
    try:
        return wire.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return wire


def _leaves(value: Value, limits: Limits) -> list[_Leaf]:
    leaves: list[_Leaf] = []
    _walk(leaves, _Leaf("", None, None, None), value, limits, 0)
    return leaves


def _walk(leaves: list[_Leaf], at: _Leaf, value: Value, limits: Limits, nested: int) -> None:
    """Add all that is in a value; `at` says where the value stands, its own `value` unused."""
    path, parent, key, *_ = at
    if isinstance(value, str | bytes):
        leaves.extend(_moved(leaf, at) for leaf in _opened(value, limits))
    elif isinstance(value, Members | list):
        _walk_items(leaves, at, value, limits, nested)
    elif isinstance(value, Readings):
        leaves.extend(_Leaf(f"{path}|{name}" if name else path, parent, key, reading) for name, reading in value.pairs)
    elif value is not None:
        leaves.append(_Leaf(path, parent, key, value))


def _walk_items(leaves: list[_Leaf], at: _Leaf, value: Members | list[Value], limits: Limits, nested: int) -> None:
    path, parent, key, *_ = at
    if nested == limits.nesting:
        leaves.append(_Leaf(path + "|limit", parent, key, "nested deeper than is looked at", limit="nesting"))
        return
    if isinstance(value, Members):
        items = ((_Leaf(f"{path}.{name}", path, name, None), member) for name, member in value.pairs)
    else:
        items = ((_Leaf(f"{path}[{index}]", path, key, None), item) for index, item in enumerate(value))
    for inner, item in items:
        if len(leaves) >= limits.fields:
            leaves.append(_Leaf(path + "|limit", parent, key, "more fields than are looked at", limit="fields"))
            return
        _walk(leaves, inner, item, limits, nested + 1)


def _moved(leaf: _Leaf, at: _Leaf) -> _Leaf:
    """A leaf as seen from around the value that it was found in."""
    return leaf._replace(
        path=at.path + leaf.path,
        parent=at.parent if leaf.parent is None else at.path + leaf.parent,
        key=at.key if leaf.key is None else leaf.key,
    )


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
        return (_Leaf("", None, None, value, opaque=_opaque(value)),)
    name, opened = layer
    path = f"|{name}" if name else ""
    if limits.depth <= 0:
        return (_Leaf("|limit", None, None, value, limit="depth"),)
    if isinstance(opened, str | bytes) and len(opened) > max(limits.expansion, len(value)):
        return (_Leaf(f"{path}|limit", None, None, value, limit="expansion"),)
    leaves: list[_Leaf] = []
    deeper = limits._replace(depth=limits.depth - 1) if name else limits
    _walk(leaves, _Leaf(path, None, None, None), opened, deeper, 0)
    return tuple(leaves)


_remembered = lru_cache(maxsize=8192)(_open)


_RANDOM = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9+/_=-]{24,}")  # base64 or hex; words have no digits


def _opaque(value: str | bytes) -> Opaque | None:
    """What is known of a value that no decoder opened: bytes are opaque, and text that looks like encoded bytes is."""
    if isinstance(value, bytes):
        return Opaque(len(value), entropy(value))
    if _RANDOM.fullmatch(value):
        data = next((data for wrapper in _WRAPPERS if (data := wrapper.open(value)) is not None), None)
        if isinstance(data, bytes):
            return Opaque(len(data), entropy(data))
    return None


_WRAPPERS = tuple(decoder for decoder in DECODERS if decoder.wrapper)


def entropy(data: bytes) -> float:
    """Shannon entropy of the bytes' frequencies, in bits per byte: 8 for long random data, less for short."""
    size = len(data)
    return round(-sum(n / size * math.log2(n / size) for n in Counter(data).values()), 2) + 0.0
