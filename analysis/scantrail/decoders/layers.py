"""One layer: the decoders as rows, and which of them opens a text or bytes."""

import re
from collections.abc import Callable, Container
from typing import Any, NamedTuple

from scantrail.decoders import (
    archives,
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
from scantrail.decoders.values import Value


class Decoder(NamedTuple):
    """A row: the name that appears in `Field.path`, what it opens (`str` or `bytes`), and what opens it.

    A `wrapper` (base64, hex) opens a text to bytes that may be anything: it is believed only if a further decoder opens
    those. An `expander` (gzip) takes a second argument, the size that must not be exceeded: it stops one byte past it.
    The rest saves time, most values on the wire being none of their business: `mark` is what nothing that it opens is
    without; `token` says that what it opens is one word, with little but letters and digits in it; `heads` are the
    bytes with which what it opens begins, or the first characters of a token.
    """

    name: str
    opens: type[str] | type[bytes]
    open: Callable[..., Value]
    wrapper: bool = False
    expander: bool = False
    token: bool = False
    mark: str | bytes = ""
    heads: Container[int] = range(256)


DECODERS = (
    Decoder("json", str, text.json_value),
    Decoder("jsonp", str, text.jsonp),
    Decoder("ndjson", str, text.json_lines, mark="\n"),
    Decoder("jwt", str, jwt.token, token=True, heads=b"e"),
    Decoder("multipart", str, multipart.parts_of_text, mark="--"),
    Decoder("plist", str, markup.plist, mark="<plist"),
    Decoder("xml", str, markup.xml, mark="<"),
    Decoder("ascii85", str, wrappers.ascii85, wrapper=True, mark="<~"),
    Decoder("base64", str, wrappers.data_url, mark=";base64,"),
    Decoder("url", str, text.url, mark="://"),
    Decoder("url", str, text.reference, mark="?"),
    Decoder("encoded-word", str, escapes.encoded_words, mark="=?"),
    Decoder("quoted-printable", str, escapes.quoted_printable, mark="="),
    Decoder("form", str, text.form, mark="="),
    Decoder("entities", str, escapes.entities, mark="&"),
    Decoder("percent", str, escapes.percent_bytes, wrapper=True, mark="%"),
    Decoder("percent", str, escapes.percent, mark="%"),
    Decoder("escapes", str, escapes.backslashes, mark="\\"),
    Decoder("credentials", str, text.credentials, mark=" "),
    Decoder("hex", str, wrappers.hexadecimal, wrapper=True, token=True, heads=wrappers.HEX_HEADS),
    Decoder("lz-string", str, lzstring.token, expander=True, token=True, heads=lzstring.TOKEN_HEADS),
    Decoder("base64", str, wrappers.base64_bytes, wrapper=True, token=True),
    Decoder("base32", str, wrappers.base32, wrapper=True, token=True, heads=wrappers.BASE32_HEADS),
    Decoder("lz-string", str, lzstring.utf16, expander=True, mark=" "),
    Decoder("multipart", bytes, multipart.parts, heads=b"-"),
    Decoder("protobuf", bytes, protobuf.like_text, heads=b"\n"),
    Decoder("", bytes, text.utf8, heads=text.UTF8_HEADS),  # plain text is no layer
    Decoder("gzip", bytes, compression.gzip, expander=True, heads=b"\x1f"),
    Decoder("zlib", bytes, compression.zlib_stream, expander=True, heads=range(0x08, 0x80, 0x10)),
    Decoder("zstd", bytes, compression.zstd, expander=True, heads=b"\x28"),
    Decoder("zip", bytes, archives.zip_members, expander=True, heads=b"P"),
    Decoder("plist", bytes, markup.binary_plist, heads=b"b"),
    Decoder("exif", bytes, exif.position, heads=exif.HEADS),
    Decoder("utf-32", bytes, charsets.utf32, mark=b"\0"),
    Decoder("utf-16", bytes, charsets.marked_utf16, heads=b"\xfe\xff"),
    Decoder("utf-16", bytes, charsets.utf16, mark=b"\0"),
    Decoder("grpc", bytes, grpc.frames, heads=b"\x00\x01\x80"),
    Decoder("msgpack", bytes, messagepack.sure, heads=messagepack.HEADS),
    Decoder("cbor", bytes, cbor.sure, heads=cbor.HEADS),
    Decoder("protobuf", bytes, protobuf.sure, heads=protobuf.HEADS),
    Decoder("struct", bytes, pairs.coordinates),
    Decoder("gb18030", bytes, charsets.gb18030, heads=charsets.GB18030_HEADS),
    Decoder("deflate", bytes, compression.deflate, expander=True, heads=compression.DEFLATE_HEADS),
    Decoder("br", bytes, compression.brotli, expander=True, heads=compression.BROTLI_HEADS),
    Decoder("lz-string", bytes, lzstring.uint8_array, expander=True, heads=lzstring.HEADS),
)
type _Step = tuple[str, Callable[..., Value], bool, bool, Any]


def _steps(*wanted: Decoder) -> tuple[_Step, ...]:
    return tuple((decoder.name, decoder.open, decoder.wrapper, decoder.expander, decoder.mark) for decoder in wanted)


WRAPPERS = tuple(decoder for decoder in DECODERS if decoder.wrapper)
_FOR_TEXT = _steps(*(decoder for decoder in DECODERS if decoder.opens is str))
_FOR_TOKENS = tuple(
    _steps(*(decoder for decoder in DECODERS if decoder.token and head in decoder.heads)) for head in range(128)
)
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
_PLAIN = re.compile(
    r"[\w+/$,*.]{1,11}+|[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
    r"|[a-z_]++|[0-9.]{1,39}+|[A-Za-df-z0-9_]\w*+\.\w[\w.]*+",
    re.ASCII,
)
is_plain = _PLAIN.fullmatch
"""Whether no decoder opens a text, by one look: most values are short, UUIDs, words, numbers, dotted names. The others
may be plain, too; `open_layer` says so in five times as long."""


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
    word = value.isalnum() and value.isascii()  # has no marks: half of the tokens, in a tenth of the time
    if not word and (_MARKS.search(value) or "://" in value or value[-1:] == " " or _HEADS.match(value)):
        return _FOR_BROKEN if _BROKEN.search(value) else _FOR_TEXT
    if len(value) < _MIN_TOKEN or not (word or _TOKEN.fullmatch(value)) or _PLAIN_TOKEN.fullmatch(value):
        return ()
    return _FOR_DIGITS if word and _DIGITS.fullmatch(value) else _FOR_TOKENS[ord(value[0])]
