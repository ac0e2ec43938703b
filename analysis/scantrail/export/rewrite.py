"""Values in what was on the wire, exchanged for others wherever they stand, through the layers that lie over them.

All is text with one character for each byte, as the model has URLs and headers. A value is found in the spellings of
`_SPELLINGS`: what JSON, percent encoding, HTML and other charsets make of it, also as a number in binary. A token that
is base64, hexadecimal or percent-encoded, and what is compressed, is opened, rewritten and closed again. What stands in
any other layer is not found here: whoever rewrites has to look afterwards.
"""

import base64
import binascii
import gzip
import html
import json
import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import quote, quote_plus, unquote_to_bytes

from ahocorasick_rs import AhoCorasick, MatchKind

from scantrail.decoders import compression

_MOST = 1 << 24  # bytes that something compressed may become
_DEPTH = 6
_ANYWHERE = 8  # characters from which on a value need not stand alone
_IN_NOISE = 6  # characters of the shortest value that is believed in bytes that are no text
_NUMBER = re.compile(r"-?\d{1,15}\.\d{1,15}")
_WORD = re.compile(r"[A-Za-z_]+")
_ALONE_BEFORE = re.compile(r"(?:(?<![0-9A-Za-z])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrtbf])|(?<=\\u[0-9A-Fa-f]{4}))")
_ALONE_AFTER = re.compile(r"(?![0-9A-Za-z])")
_KEY_AFTER = re.compile(r'\\?"\s*:|=')
_TEXT = re.compile(r"[\t\n\r\x20-\x7e\x80-\xff]*")


class Span(NamedTuple):
    """A part of a text, and what is to be there instead."""

    start: int
    end: int
    instead: str


def wire(data: bytes) -> str:
    """Bytes as text."""
    return data.decode("latin-1")


def _utf8(text: str) -> str:
    return wire(text.encode("utf-8", "surrogatepass"))


def _json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _in(charset: str) -> Callable[[str], str]:
    return lambda text: wire(text.encode(charset, "replace"))


def _percent(text: str) -> str:
    return quote(text, safe="", errors="replace")


_SPELLINGS: tuple[Callable[[str], str], ...] = (
    _utf8,
    _json,
    lambda text: _json(_json(text)),
    lambda text: _utf8(json.dumps(text, ensure_ascii=False)[1:-1]),
    lambda text: _utf8(text).replace("/", "\\/"),
    _percent,
    lambda text: _percent(text).lower(),
    lambda text: quote_plus(text, errors="replace"),
    lambda text: _percent(_percent(text)),
    lambda text: _utf8(html.escape(text)),
    _in("gb18030"),
    _in("utf-16-le"),
    _in("utf-16-be"),
)


class Values:
    """Values and what stands for them, in all spellings."""

    def __init__(self, instead: Mapping[str, str], raw: Mapping[bytes, bytes] | None = None) -> None:
        self._instead: dict[str, str] = {wire(data): wire(other) for data, other in (raw or {}).items() if data}
        for value, other in instead.items():
            for spelled, replaced in _spelled(value, other):
                if spelled and spelled != replaced:
                    self._instead.setdefault(spelled, replaced)
        self._patterns = list(self._instead)
        self._automaton = AhoCorasick(self._patterns, matchkind=MatchKind.LeftmostLongest) if self._patterns else None

    def spans(self, text: str, least: int = 1) -> Iterator[Span]:
        """Where values stand, and not just as part of something else."""
        for pattern, start, end in self._automaton.find_matches_as_indexes(text) if self._automaton else ():
            found = self._patterns[pattern]
            if len(found) >= least and _stands(found, text, start, end):
                yield Span(start, end, self._instead[found])


def _spelled(value: str, other: str) -> Iterator[tuple[str, str]]:
    cases: tuple[Callable[[str], str], ...] = (str, str.lower, str.upper)
    for case in cases:
        for spell in _SPELLINGS:
            yield spell(case(value)), spell(case(other))
    if _NUMBER.fullmatch(value) and _NUMBER.fullmatch(other):
        for layout in ("<d", ">d", "<f", ">f"):
            yield wire(struct.pack(layout, float(value))), wire(struct.pack(layout, float(other)))


def _stands(found: str, text: str, start: int, end: int) -> bool:
    if _WORD.fullmatch(found) and _KEY_AFTER.match(text, end):
        return False
    if len(found) >= _ANYWHERE:
        return True
    before = not found[0].isascii() or not found[0].isalnum() or _ALONE_BEFORE.match(text, start)
    after = not found[-1].isascii() or not found[-1].isalnum() or _ALONE_AFTER.match(text, end)
    return bool(before and after)


def rewritten(text: str, values: tuple[Values, ...], depth: int = _DEPTH, least: int = 1) -> str:
    """A text with all values that are found exchanged."""
    if depth == 0 or not text:
        return text
    for unpack, pack in _PACKED:
        inner = unpack(text.encode("latin-1"), _MOST)
        if inner is not None and len(inner) <= _MOST:
            other = _inside(wire(inner), values, depth)
            return text if other is None else wire(pack(other.encode("latin-1")))
    spans = [span for each in values for span in each.spans(text, least)]
    return _applied(text, _disjoint([*spans, *_nested(text, values, depth)]))


def _inside(inner: str, values: tuple[Values, ...], depth: int) -> str | None:
    """What was opened, rewritten; None if nothing was to be changed."""
    other = rewritten(inner, values, depth - 1, 1 if _is_text(inner) else _IN_NOISE)
    return None if other == inner else other


def _is_text(inner: str) -> bool:
    if not _TEXT.fullmatch(inner):
        return False
    try:
        inner.encode("latin-1").decode()
    except UnicodeDecodeError:
        return False
    return True


def _disjoint(spans: list[Span]) -> list[Span]:
    """Those that begin first, and of these the longest."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def _applied(text: str, spans: list[Span]) -> str:
    pieces, at = [], 0
    for span in spans:
        pieces += [text[at : span.start], span.instead]
        at = span.end
    return "".join([*pieces, text[at:]])


# Layers


def _nested(text: str, values: tuple[Values, ...], depth: int) -> Iterator[Span]:
    """Tokens in which values stand, once they are opened."""
    for pattern, opened, close in _LAYERS:
        for match in pattern.finditer(text):
            inner = opened(match[0])
            other = _inside(inner, values, depth) if inner is not None else None
            if other is not None:
                yield Span(match.start(), match.end(), close(other, match[0]))


def _open_percent(token: str) -> str | None:
    return wire(unquote_to_bytes(token.replace("+", " ")))  # as forms write a space


def _close_percent(inner: str, token: str) -> str:
    made = quote(inner.encode("latin-1"), safe="")
    return made.replace("%20", "+") if "+" in token else made


def _open_hex(token: str) -> str | None:
    return wire(bytes.fromhex(token)) if len(token) % 2 == 0 else None


def _close_hex(inner: str, token: str) -> str:
    made = inner.encode("latin-1").hex()
    return made.upper() if token.upper() == token else made


def _open_base64(token: str) -> str | None:
    packed = token.rstrip("=").translate(_ALPHABET)
    try:
        return wire(base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True))
    except binascii.Error:
        return None


def _close_base64(inner: str, token: str) -> str:
    data = inner.encode("latin-1")
    made = (base64.urlsafe_b64encode if set("-_") & set(token) else base64.b64encode)(data).decode("ascii")
    return made if token.endswith("=") or len(token) % 4 == 0 else made.rstrip("=")


_ALPHABET = str.maketrans("-_", "+/")
_LAYERS: tuple[tuple[re.Pattern[str], Callable[[str], str | None], Callable[[str, str], str]], ...] = (
    (re.compile(r"[A-Za-z0-9+_.*~-]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9+_.*~-]*)+"), _open_percent, _close_percent),
    (re.compile(r"[0-9a-fA-F]{16,}"), _open_hex, _close_hex),
    (re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}"), _open_base64, _close_base64),
)
_PACKED: tuple[tuple[Callable[[bytes, int], bytes | None], Callable[[bytes], bytes]], ...] = (
    (compression.gzip, lambda data: gzip.compress(data, mtime=0)),
    (compression.zlib_stream, zlib.compress),
)
