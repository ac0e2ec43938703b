"""What is looked for: every known value in every spelling, encoding and hash, in one automaton.

The automaton knows the first `_BEGINNING` characters of each needle, in lower case, and the rest is compared where
one begins: that keeps it small (thousands of digests would make it slow to build), and lets needles differ in whether
case matters.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from scantrail.detectors.known.encodings import base64_of, encoded
from scantrail.detectors.known.hashes import HASHES, SHORT_HASHES, SIZES, as_uuids, inner_layers, written
from scantrail.detectors.known.spellings import Spelling, cased, phone_forms, spellings
from scantrail.detectors.opened import fold
from scantrail.model import Known

type Place = Literal["anywhere", "token", "field"]

_BEGINNING = 6  # characters: random text meets one in ten requests, and more take longer to build
_COMPACT = Implementation.ContiguousNFA  # between two requests the larger DFA would leave the processor's cache
_AS_FIELD = 5  # bytes: what is shorter has to be a whole field
_AS_TOKEN = 8  # bytes: what is shorter has to be a whole token
_AS_TOKEN_ASCII = 12  # characters of a script with spaces: SM-S9110 is not SM-S9110X
_AS_WORDS = 16  # characters: letters alone that are fewer have to be whole words
_NUMBER = 10  # digits: fewer of them could stand in any longer number, also where they are encoded


SPELLED, ENCODED, HASHED, HASHED_TWICE, HASHED_SHORT = 10, 100, 200, 300, 400
"""Ranks of explanations, the plainest first; what is below `SPELLED` is the value itself."""


class Hit(NamedTuple):
    """Why a text is a known value's. Of several for one field the lowest `rank`, the plainest, is told."""

    name: str
    rank: int
    rule: str
    reasoning: str


class Needle(NamedTuple):
    """One text to look for. `exact`: case matters, else `text` is folded. `place`: what it has to be."""

    text: str
    exact: bool
    place: Place
    hit: Hit


class _Automaton:
    """Needles by their beginnings."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        alike: dict[str, list[Needle]] = {}
        for needle in needles:
            alike.setdefault(fold(needle.text[:_BEGINNING]), []).append(needle)
        self._needles = list(alike.values())
        self._beginnings = AhoCorasick(alike, implementation=_COMPACT)

    def find(self, folded: str) -> Iterator[tuple[int, Needle]]:
        """Where needles begin in a folded text, to be compared whole."""
        for which, start, _ in self._beginnings.find_matches_as_indexes(folded, overlapping=True):
            for needle in self._needles[which]:
                yield start, needle


class Index:
    """All needles of what is known, ready to be looked up."""

    def __init__(self, known: Known) -> None:
        self._spelled = [
            (value.name, spelling)
            for value in known.values
            for text in map(str.strip, value.values)
            for spelling in (spellings(text) if text else ())
        ]
        self.phones = {
            digits: Hit(value.name, SPELLED, "known-value", "the number with separators")
            for value in known.values
            for text in value.values
            for digits in phone_forms(text.strip())
        }
        self.fields: dict[str, list[Hit]] = {}
        unlike: dict[tuple[str, bool, str], Needle] = {}
        for name, spelling in self._spelled:
            for needle in _needles(name, spelling):
                if needle.place == "field" and needle.exact:
                    self.fields.setdefault(needle.text, []).append(needle.hit)
                else:
                    unlike.setdefault((needle.text, needle.exact, name), needle)
        self._ascii = _Automaton(needle for needle in unlike.values() if needle.text.isascii())
        self._other = _Automaton(needle for needle in unlike.values() if not needle.text.isascii())
        self._second: dict[int, dict[bytes, tuple[bytes, str, str]]] = {}

    def find(self, folded: str) -> Iterator[tuple[int, Needle]]:
        """Where needles begin in a folded text, to be compared whole."""
        yield from self._ascii.find(folded)
        if not folded.isascii():
            yield from self._other.find(folded)

    def second(self, digest: bytes) -> list[Hit]:
        """What a second hash can have been taken of, if bytes as long as a digest are one."""
        size = len(digest)
        digests = self._second.get(size)
        if digests is None:
            digests = self._second[size] = _second(self._texts, size)
        entry = digests.get(digest)
        if entry is None:
            return []
        data, outer, inner = entry
        return [Hit(name, HASHED_TWICE, "known-hash", f"{outer} of {inner} {what}") for name, what in self._texts[data]]

    @cached_property
    def _texts(self) -> dict[bytes, list[tuple[str, str]]]:
        """What is hashed, each with the names of known values that it is a spelling of, and which."""
        texts: dict[bytes, list[tuple[str, str]]] = {}
        for name, spelling in self._spelled:
            for text, what in cased(spelling) if spelling.core else ():
                texts.setdefault(text.encode(), []).append((name, what))
        return texts


@lru_cache(maxsize=8)
def index(known: Known) -> Index:
    """The needles of what is known; made once."""
    return Index(known)


def _needles(name: str, spelling: Spelling) -> Iterator[Needle]:
    text, what, core, telling = spelling
    if not telling:
        for variant, described in cased(spelling):
            yield from _hashed_long(name, variant.encode(), described, SPELLED)
        return
    yield from _plain(name, text, what, _place(text, plain=True))
    if not core:
        return
    hidden: Place = "field" if _is_short(text) else "anywhere"
    for number, (variant, described) in enumerate(cased(spelling)):
        rank = (0 if what == "the value" else SPELLED) + number
        for content, encoding in encoded(variant):
            hit = Hit(name, ENCODED + rank, "known-encoded", f"{encoding.name} of {described}")
            yield Needle(content if encoding.exact else fold(content), encoding.exact, hidden, hit)
        yield from _hashed(name, variant.encode(), described, rank)


def _plain(name: str, text: str, what: str, place: Place) -> Iterator[Needle]:
    rank = 0 if what == "the value" else SPELLED
    yield Needle(text, True, place, Hit(name, rank, "known-value", what))
    if not case_tells_apart(text):
        yield Needle(fold(text), False, place, Hit(name, rank + 1, "known-value", f"{what}, in other case"))


def _hashed(name: str, data: bytes, what: str, rank: int) -> Iterator[Needle]:
    yield from _hashed_long(name, data, what, rank)
    for hashed, digest_of in SHORT_HASHES.items():
        hit = Hit(name, HASHED_SHORT + rank, "known-hash", f"{hashed} of {what}")
        for text in written(digest_of(data)):
            yield Needle(text, True, "field", hit)


def _hashed_long(name: str, data: bytes, what: str, rank: int) -> Iterator[Needle]:
    for hashed, digest_of in HASHES.items():
        digest = digest_of(data)
        hit = Hit(name, HASHED + rank, "known-hash", f"{hashed} of {what}")
        yield Needle(digest.hex(), False, "anywhere", hit)
        yield Needle(digest.decode("latin-1"), True, "anywhere", hit)
        for text in base64_of(digest):
            yield Needle(text, True, "anywhere", hit)
        for text in as_uuids(digest):
            yield Needle(text, False, "anywhere", hit)
        if len(digest) == 16:  # .NET, Python and Java print such a one as a number, too
            yield Needle(str(int.from_bytes(digest, "big")), True, "field", hit)


def _second(texts: Iterable[bytes], size: int) -> dict[bytes, tuple[bytes, str, str]]:
    """Digests of `size` bytes of inner layers: the text, the outer hash and the inner layer of each."""
    outer = [(name, HASHES[name]) for name, length in SIZES.items() if length == size]
    return {
        digest_of(content): (data, name, inner)
        for data in (texts if outer else ())
        for inner, content in inner_layers(data)
        for name, digest_of in outer
    }


_NUMERIC = re.compile(r"[\d.,:+/ \-]+")
_WORDS = re.compile(r"[^\W\d_]+(?:[ .'’_\-]+[^\W\d_]+)*[.]?")
_FIRST_IDEOGRAPH = "\u2e80"  # from here on, scripts without spaces between words


def _place(text: str, *, plain: bool = False) -> Place:
    """What a spelling has to be for a precise match: the whole field, a whole token, or part of anything."""
    size = len(text.encode())
    if size < _AS_FIELD:
        return "field"
    words = len(text) < _AS_WORDS and _WORDS.fullmatch(text) and max(text) < _FIRST_IDEOGRAPH
    short = _AS_TOKEN_ASCII if plain and text.isascii() else _AS_TOKEN
    return "token" if size < short or words or _NUMERIC.fullmatch(text) else "anywhere"


def _is_short(text: str) -> bool:
    """Whether what it is encoded to could be part of the encoding of something longer."""
    if _NUMERIC.fullmatch(text):
        return sum(character.isdecimal() for character in text) < _NUMBER
    return _place(text) != "anywhere"


_IN_WORDS = re.compile(r"[a-z]?(?:[A-Z]?[a-z]{2,}+|[A-Z]++|\d++|[^A-Za-z\d]++)+")
_TOKEN = re.compile(r"[\w+/=\-]{12,}", re.ASCII)


def case_tells_apart(text: str) -> bool:
    """Whether other case would make another value: a random token in both cases, such as base64, and not words."""
    is_mixed = text != text.lower() and text != text.upper()
    return is_mixed and bool(_TOKEN.fullmatch(text)) and not _IN_WORDS.fullmatch(text)
