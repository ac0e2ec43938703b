"""Known values in the fields of one request, and in what stood on the wire where no field explains it.

A match has to be precise. A spelling of fewer than five bytes has to be a whole field; one of fewer than eight, of
digits alone, or of fewer than sixteen letters, has to be a whole token: no letter or digit beside it, and no further
number behind a dot (`10.0.0.1` is not in `210.0.0.17`, `Berlin` not in `Berliner`). Case is disregarded except in
tokens that it tells apart. Digests are compared whole.
"""

import base64
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from scantrail.detectors.known.hashes import SIZES
from scantrail.detectors.known.needles import Hit, Index, Needle, index
from scantrail.detectors.opened import Opened
from scantrail.model import Disclosure, Field, Request, Scalar, site, split_url

_SHOWN = 200  # characters of a value
_JOINT = "\n"
_NO_HOSTS = ("header.host", "header.:authority")  # the receiver's own name is no news to it


class _Wire(NamedTuple):
    """A part of a request as it was sent, before any decoder."""

    path: str
    source: str
    text: str


class _Found(NamedTuple):
    """A hit in one of the joined pieces, and the text that stands there."""

    piece: int
    hit: Hit
    value: str


def detect(opened: Opened) -> Iterator[Disclosure]:
    """All known values in the fields of one request; for each name and field the plainest explanation alone."""
    if not (opened.known.values and opened.fields):
        return
    needles, fields = index(opened.known), opened.fields
    texts = [field.value if field.value.__class__ is str else _text(field.value) for field in fields]
    wires = list(_wires(fields[0].because, set(texts)))
    pieces = [*texts, *(field.key for field in fields), *(wire.text for wire in wires)]
    found = [*_joined(needles, pieces), *_whole(needles, texts), *_twice(needles, fields, texts)]
    if found:
        yield from _disclosures(found, fields, wires)


def _text(value: Scalar) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _wires(request: Request, seen: set[str]) -> Iterator[_Wire]:
    """What was sent and what a decoder opened; what stands in a field as it was sent is there to be found."""
    parts = split_url(request.url)
    if parts and parts.hostname:
        yield _Wire("host", "url", parts.hostname.removesuffix(site(parts.hostname)))
        yield _Wire("url", "url", request.url.partition(parts.netloc)[2])
    elif request.url not in seen:
        yield _Wire("url", "url", request.url)
    for name, value in request.headers:
        if value not in seen and (path := f"header.{name.lower()}") not in _NO_HOSTS:
            yield _Wire(path, f"header {name}", value)
    if request.body and (body := request.body.decode("latin-1")) not in seen:
        yield _Wire("body", "body", body)
    for number, message in enumerate(request.messages):
        if message.side == "sent" and (text := message.data.decode("latin-1")) not in seen:
            yield _Wire(f"message[{number}]", f"message {number}", text)


def _joined(needles: Index, pieces: Sequence[str]) -> Iterator[_Found]:
    """Run the automaton over all pieces at once."""
    joined = _JOINT.join(pieces)
    folded = joined.lower()
    if len(folded) != len(joined):  # the one letter that becomes two, İ
        folded = joined.replace("\u0130", "i").lower()
    beginnings = needles.beginnings(folded)
    if not beginnings:
        return
    starts = [0, *accumulate(len(piece) + 1 for piece in pieces)]
    for which, start, _ in beginnings:
        for needle in needles.needles[which]:
            text = joined if needle.exact else folded
            if text.startswith(needle.text, start):
                end = start + len(needle.text)
                piece = bisect_right(starts, start) - 1
                if _stands(needle, joined, (start, end), (starts[piece], starts[piece + 1] - 1)):
                    yield _Found(piece, needle.hit, joined[start:end])


def _stands(needle: Needle, text: str, span: tuple[int, int], piece: tuple[int, int]) -> bool:
    """Whether it is what its needle has to be: a whole field, a whole token, or any part of one piece."""
    (start, end), (low, high) = span, piece
    if needle.place == "field":
        return span == piece
    if needle.place == "anywhere":
        return end <= high
    before, after = text[max(low, start - 2) : start], text[end : min(high, end + 2)]
    return end <= high and not (_ENDS_IN_TOKEN.search(before) or _BEGINS_IN_TOKEN.match(after))


_ENDS_IN_TOKEN = re.compile(r"(?:[^\W_]|\d\.)\Z")
_BEGINS_IN_TOKEN = re.compile(r"[^\W_]|\.\d")


def _whole(needles: Index, texts: Sequence[str]) -> Iterator[_Found]:
    """Fields that are nothing but a needle: short hashes, and encodings of short values."""
    if needles.fields.keys().isdisjoint(texts):
        return
    for piece, text in enumerate(texts):
        for hit in needles.fields.get(text, ()):
            yield _Found(piece, hit, text)


_DIGEST_TEXT = re.compile(r"(?<![A-Za-z0-9+/_\-])[A-Za-z0-9+/_\-]{22,128}={0,2}(?![A-Za-z0-9+/_\-=])")
_LONGEST = 1024  # characters of a field in which digests of digests are looked for
_SIZES = frozenset(SIZES.values())


def _twice(needles: Index, fields: Sequence[Field], texts: Sequence[str]) -> Iterator[_Found]:
    """Digests of digests."""
    for piece, text in enumerate(texts):
        if 16 <= len(text) <= _LONGEST:
            whole = fields[piece].value
            digests = ((text, whole),) if isinstance(whole, bytes) else _digests(text)
            for token, digest in digests:
                for hit in needles.second(digest):
                    yield _Found(piece, hit, token)


@lru_cache(maxsize=8192)
def _digests(text: str) -> tuple[tuple[str, bytes], ...]:
    """The tokens of a text that have a digest's length, and the bytes that they are in hex or base64."""
    found = []
    for token in _DIGEST_TEXT.findall(text):
        for data in _hex(token), _base64(token):
            if data is not None and len(data) in _SIZES:
                found.append((token, data))
    return tuple(found)


def _hex(token: str) -> bytes | None:
    try:
        return bytes.fromhex(token)
    except ValueError:
        return None


def _base64(token: str) -> bytes | None:
    bare = token.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_" if set(bare) & {"-", "_"} else None)
    except ValueError:
        return None


def _disclosures(found: Sequence[_Found], fields: Sequence[Field], wires: Sequence[_Wire]) -> Iterator[Disclosure]:
    """Values of fields speak before their names, and both before what stood on the wire."""
    best: dict[tuple[str, int], _Found] = {}
    for one in found:
        key = one.hit.name, one.piece
        if key not in best or one.hit.rank < best[key].hit.rank:
            best[key] = one
    told: set[tuple[str, str]] = set()
    for (name, piece), one in sorted(best.items(), key=lambda item: item[0][1]):
        if piece < len(fields):
            field = fields[piece]
            if field.path in _NO_HOSTS:
                continue
        elif piece < 2 * len(fields):
            field = fields[piece - len(fields)]
            if (name, field.source) in told:
                continue
        else:
            wire = wires[piece - 2 * len(fields)]
            if (name, wire.source) in told:
                continue
            field = Field(
                path=wire.path,
                parent="",
                key=wire.path,
                value=one.value,
                source=wire.source,
                side="sent",
                because=fields[0].because,
            )
        told.add((name, field.source))
        yield _disclosure(one, field)


def _disclosure(one: _Found, field: Field) -> Disclosure:
    return Disclosure(
        kind="known_value",
        value=one.value[:_SHOWN],
        rule=one.hit.rule,
        reasoning=one.hit.reasoning,
        because=(field,),
        known=one.hit.name,
    )
