"""Texts that remember where on the wire each of their characters stands, through every layer that is undone.

A row of `TRACERS` belongs to a row of `scantrail.decoders.DECODERS`, by name: it says where in a text the values stand
that the decoder found in it. A decoder without a row (base64, compression) is no loss: what it found is then traced to
the whole text in which it is wrapped. A tracer is believed only as far as it reproduces what the decoder found.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from scantrail.decoders.values import Members, Value

type Span = tuple[int, int]

_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_FORM_ESCAPES = re.compile(r"\+|(?:%[0-9A-Fa-f]{2})+")
_JSON_ESCAPES = re.compile(r"\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|\\u\w{4}|\\.", re.DOTALL)
_JSON_TOKENS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_URL = re.compile(r"[^:/?#]+://(?P<host>[^/?#]*)(?P<path>[^?#]*)(\?(?P<query>[^#]*))?(#(?P<fragment>.*))?", re.DOTALL)
_SHORT_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Traced(NamedTuple):
    """A text, and for each of its characters where on the wire it begins and ends.

    `inner` has one for each of the values that a decoder found in it, in order; without, all of it stands for each.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    inner: Sequence["Traced"] = ()

    @property
    def span(self) -> Span:
        """From where to where it stands on the wire."""
        return (self.starts[0], self.ends[-1]) if self.text else (0, 0)

    def cut(self, start: int, end: int) -> "Traced":
        """Some of its characters."""
        return Traced(self.text[start:end], self.starts[start:end], self.ends[start:end])

    def holding(self, text: str) -> "Traced":
        """Another text that is somewhere inside this one, so that all of this stands for each character of it."""
        start, end = self.span
        return Traced(text, [start] * len(text), [end] * len(text))

    def unescaped(self, escape: re.Pattern[str], meaning: Callable[[str], list[tuple[str, int]]]) -> "Traced":
        """Each escape replaced by what it means: characters, and how many on the wire each of them takes."""
        texts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        last = 0
        for match in escape.finditer(self.text):
            texts.append(self.text[last : match.start()])
            starts.extend(self.starts[last : match.start()])
            ends.extend(self.ends[last : match.start()])
            at = match.start()
            for text, width in meaning(match.group()):
                texts.append(text)
                starts.append(self.starts[at])
                at += width
                ends.append(self.ends[at - 1])
            last = match.end()
        rest = self.cut(last, len(self.text))
        return Traced("".join(texts) + rest.text, [*starts, *rest.starts], [*ends, *rest.ends]) if last else self


def wire(text: str) -> Traced:
    """A text as it is on the wire."""
    return Traced(text, range(len(text)), range(1, len(text) + 1))


def json(text: Traced, value: Value) -> Traced:
    """A JSON document: its values come in the order of its tokens."""
    return _json(text, value, (text.cut(*token.span()) for token in _JSON_TOKENS.finditer(text.text)))


def _json(text: Traced, value: Value, tokens: Iterator[Traced]) -> Traced:
    token = next(tokens)
    if isinstance(value, Members | list):
        inner = []
        for item in _items(value):
            if isinstance(value, Members):
                next(tokens), next(tokens)  # the name and its colon
            inner.append(_json(text, item, tokens))
            next(tokens)  # a comma, or the bracket that closes
        if not inner:
            next(tokens)
        return text._replace(inner=inner)
    return token.cut(1, len(token.text) - 1).unescaped(_JSON_ESCAPES, _json_escape) if token.text[0] == '"' else token


def _items(value: Members | list[Value]) -> list[Value]:
    return [item for _, item in value.pairs] if isinstance(value, Members) else value


def form(text: Traced, value: Value) -> Traced:
    """`name=value&…`."""
    inner = []
    for pair in re.finditer(r"[^&]+", text.text):
        name, equals, _ = pair.group().partition("=")
        inner.append(_unquoted(text.cut(pair.start() + len(name + equals), pair.end()), _FORM_ESCAPES))
    return text._replace(inner=inner) if isinstance(value, Members) else text


def percent(text: Traced, value: Value) -> Traced:
    """Percent-encoded text."""
    return _unquoted(text, _ESCAPES) if isinstance(value, str) else text


def url_parts(text: Traced) -> dict[str, Traced]:
    """Host, path, query and fragment of a URL; nothing if it is none. An absent part is an empty text."""
    match = _URL.fullmatch(text.text)
    return {name: text.cut(*match.span(name)) for name in match.groupdict()} if match else {}


def url(text: Traced, value: Value) -> Traced:
    """A URL, of whose parts those are values that it has."""
    parts = url_parts(text)
    if not parts or not isinstance(value, Members):
        return text
    bare = parts["path"].text.strip("/")
    start = parts["path"].text.find(bare)
    parts["path"] = parts["path"].cut(start, start + len(bare))
    return text._replace(
        inner=[form(parts[name], inner) if name == "query" else parts[name] for name, inner in value.pairs]
    )


def _unquoted(text: Traced, escapes: re.Pattern[str]) -> Traced:
    return text.unescaped(escapes, _percent_escape)


def _percent_escape(escape: str) -> list[tuple[str, int]]:
    if escape == "+":
        return [(" ", 1)]
    data = bytes.fromhex(escape.replace("%", ""))
    text = data.decode("utf-8", "replace")
    if text.encode() != data:  # not UTF-8: which byte became which character cannot be told
        return [(text[:1], len(escape))]
    return [(char, 3 * len(char.encode())) for char in text]


def _json_escape(escape: str) -> list[tuple[str, int]]:
    if escape[1] != "u":
        return [(_SHORT_ESCAPES.get(escape[1], escape[1]), 2)]
    units = b"".join(bytes.fromhex(unit) for unit in escape.split("\\u") if unit)
    return [(units.decode("utf-16-be", "surrogatepass"), len(escape))]


type Tracer = Callable[[Traced, Value], Traced]
TRACERS: dict[str, Tracer] = {"json": json, "url": url, "form": form, "percent": percent}
