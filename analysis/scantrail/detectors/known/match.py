"""Known values in the fields of one request, and in what stood on the wire where no field explains it.

A match has to be precise. A spelling of fewer than five bytes has to be a whole field; one of fewer than twelve, of
digits alone, or of fewer than sixteen letters, has to be a whole token: no letter or digit beside it, and no further
number behind a dot (`10.0.0.1` is not in `210.0.0.17`, `Berlin` not in `Berliner`). Case is disregarded except in
tokens that it tells apart. Digests are compared whole.
"""

import binascii
import re
import string
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from scantrail.detectors.known.hashes import SIZES
from scantrail.detectors.known.needles import ENCODED, SPELLED, Hit, Index, Needle, index
from scantrail.detectors.known.spellings import phone_digits
from scantrail.detectors.opened import Opened, fold, joinable
from scantrail.model import Disclosure, Field, Request, host_of, site

_SHOWN = 200  # characters of a value
_NO_HOSTS = ("header.host", "header.:authority")  # the receiver's own name is no news to it


_ORIGIN = re.compile(r"\A[^/]*//[^/?#]*")


class _Wire(NamedTuple):
    """A part of a request as it was sent, before any decoder."""

    path: str
    source: str
    text: str
    because: Request


class _Found(NamedTuple):
    """A hit in one of the pieces, the text that stands there, and where it begins."""

    piece: int
    hit: Hit
    value: str
    start: int

    @property
    def order(self) -> tuple[int, int]:
        """The plainest explanation comes first, then the longer one."""
        return self.hit.rank, -len(self.value)

    def is_within(self, other: "_Found") -> bool:
        """Whether it is a spelling that another known value has in it, as an address has its owner's name."""
        end, other_end = self.start + len(self.value), other.start + len(other.value)
        is_spelling = SPELLED <= self.hit.rank < ENCODED and other.hit.rank < ENCODED
        return is_spelling and other.start <= self.start and end <= other_end and self.value != other.value


def detect(opened: Opened) -> Iterator[Disclosure]:
    """All known values in the fields of one request; for each name and field the plainest explanation alone."""
    if not opened.known.values:
        return
    needles, fields = index(opened.known), opened.fields
    wires = list(_wires(opened.request, {*opened.texts, *opened.quiet})) if opened.request else []
    beside = [*opened.keys, *(wire.text for wire in wires)]
    found = [
        *_joined(needles, opened, beside),
        *_whole(needles, opened.texts),
        *_phones(needles, opened.texts),
        *_twice(needles, opened),
    ]
    if found:
        yield from _disclosures(found, fields, wires)


def _wires(request: Request, seen: set[str]) -> Iterator[_Wire]:
    """What was sent and what a decoder opened; what stands in a field as it was sent is there to be found."""
    if host := host_of(request.url):
        yield _Wire("host", "url", host.removesuffix(site(host)), request)
        yield _Wire("url", "url", _ORIGIN.sub("", request.url), request)
    elif request.url not in seen:
        yield _Wire("url", "url", request.url, request)
    for name, value in request.headers:
        if value not in seen and (path := f"header.{name.lower()}") not in _NO_HOSTS:
            yield _Wire(path, f"header {name}", value, request)
    if request.body and (body := request.body.decode("latin-1")) not in seen:
        yield _Wire("body", "body", body, request)
    for number, message in enumerate(request.messages):
        if message.side == "sent" and (text := message.data.decode("latin-1")) not in seen:
            yield _Wire(f"message[{number}]", f"message {number}", text, request)


def _joined(needles: Index, opened: Opened, beside: Sequence[str]) -> Iterator[_Found]:
    """Run the automata over all pieces at once: the values, and what stands beside them."""
    more = joinable("\n".join(beside))
    joined, folded = opened.whole.joined + more, opened.whole.folded + fold(more)
    starts: list[int] = []
    for start, needle in needles.find(folded):
        if not (joined if needle.exact else folded).startswith(needle.text, start):
            continue
        starts = starts or [
            *opened.whole.starts[:-1],
            *accumulate(map(_length, beside), initial=opened.whole.starts[-1]),
        ]
        end, piece = start + len(needle.text), bisect_right(starts, start) - 1
        if _stands(needle, joined, (start, end), (starts[piece], starts[piece + 1] - 1)):
            yield _Found(piece, needle.hit, joined[start:end], start - starts[piece])


def _length(piece: str) -> int:
    return len(piece) + 1


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
            yield _Found(piece, hit, text, 0)


def _phones(needles: Index, texts: Sequence[str]) -> Iterator[_Found]:
    """Fields that are a known telephone number, with whatever separators people use."""
    if needles.phones:
        for piece, text in enumerate(texts):
            if (
                text[:1] in _PHONE_STARTS
                and _MAY_BE_PHONE.match(text)
                and (hit := needles.phones.get(phone_digits(text) or ""))
            ):
                yield _Found(piece, hit, text, 0)


_PHONE_STARTS = frozenset("+(0123456789t")
_MAY_BE_PHONE = re.compile(r"(?:tel:)?[+(]?\d{1,5}[ ()/.\-]")
_TOKENS = re.compile(r"[A-Za-z0-9+/_\-]{22,}={0,2}")
_SPACED = bytes(code if chr(code) in f"{string.ascii_letters}{string.digits}+/_-" else ord(" ") for code in range(256))
_SHORTEST, _LONGEST = 22, 1024  # characters of a field in which digests of digests are looked for
_SIZES = frozenset(SIZES.values())
_HEX_LENGTHS = frozenset(2 * size for size in _SIZES)
_BASE64_LENGTHS = frozenset((4 * size + 2) // 3 for size in _SIZES)  # without padding
_LENGTHS = _HEX_LENGTHS | _BASE64_LENGTHS


def _twice(needles: Index, opened: Opened) -> Iterator[_Found]:
    """Digests of digests: tokens of the length of one, wherever they stand, and bytes."""
    looked = " ".join([text for text in opened.texts if _SHORTEST <= len(text) <= _LONGEST])
    words = looked.encode("ascii", "replace").translate(_SPACED).split()
    for token in {word for word in words if len(word) in _LENGTHS}:
        digest = _digest(token)
        if digest and (hits := needles.second(digest)):
            yield from _tokens(token.decode(), hits, opened.texts)
    for piece, field in enumerate(opened.fields):
        if field.value.__class__ is bytes and len(field.value) in _SIZES:
            for hit in needles.second(field.value):
                yield _Found(piece, hit, opened.texts[piece], 0)


def _tokens(token: str, hits: Sequence[Hit], texts: Sequence[str]) -> Iterator[_Found]:
    """A token, with its padding, in all texts that have it."""
    for piece, text in enumerate(texts):
        for match in _TOKENS.finditer(text) if token in text else ():
            if match[0].rstrip("=") == token:
                yield from (_Found(piece, hit, match[0], match.start()) for hit in hits)


def _digest(token: bytes) -> bytes | None:
    """The bytes that a token stands for, if it may be a digest."""
    digest = None
    if len(token) in _HEX_LENGTHS:
        digest = _hex(token)
    return _base64(token) if digest is None and len(token) in _BASE64_LENGTHS else digest


def _hex(token: bytes) -> bytes | None:
    try:
        return binascii.unhexlify(token)
    except ValueError:
        return None


def _base64(token: bytes) -> bytes | None:
    bare = token.replace(b"-", b"+").replace(b"_", b"/")
    try:
        return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4), strict_mode=True)
    except ValueError:
        return None


def _disclosures(found: Sequence[_Found], fields: Sequence[Field], wires: Sequence[_Wire]) -> Iterator[Disclosure]:
    """Values of fields speak before their names, and both before what stood on the wire."""
    told: set[tuple[str, str]] = set()
    for one in _plainest(found):
        place, number = divmod(one.piece, len(fields)) if one.piece < 2 * len(fields) else (2, 0)
        field = fields[number] if place < 2 else _field(wires[one.piece - 2 * len(fields)], one)
        if field.path in _NO_HOSTS or (place and (one.hit.name, field.source) in told):
            continue
        told.add((one.hit.name, field.source))
        yield _disclosure(one, field)


def _plainest(found: Iterable[_Found]) -> Iterator[_Found]:
    """Of each known value in each piece the plainest explanation, in the order of the pieces."""
    pieces: dict[int, dict[str, _Found]] = {}
    for one in found:
        names = pieces.setdefault(one.piece, {})
        names[one.hit.name] = min(names.get(one.hit.name, one), one, key=lambda known: known.order)
    for _, names in sorted(pieces.items()):
        yield from (one for one in names.values() if not any(one.is_within(other) for other in names.values()))


def _field(wire: _Wire, one: _Found) -> Field:
    """What stood on the wire as a field of its own: no decoder made one."""
    return Field(
        path=wire.path, parent="", key=wire.path, value=one.value, source=wire.source, side="sent", because=wire.because
    )


def _disclosure(one: _Found, field: Field) -> Disclosure:
    return Disclosure(
        kind="known_value",
        value=one.value[:_SHOWN],
        rule=one.hit.rule,
        reasoning=one.hit.reasoning,
        because=(field,),
        known=one.hit.name,
    )
