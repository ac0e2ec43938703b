"""What is looked for: every known value in every spelling, encoding and hash, in one automaton.

The automaton knows the first `_BEGINNING` characters of each needle, in lower case, and the rest is compared where
one begins: that keeps it small (thousands of digests would make it slow to build), and lets needles differ in whether
case matters.
"""

import base64
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

from ahocorasick_rs import AhoCorasick

from scantrail.detectors.known.encodings import encoded
from scantrail.detectors.known.hashes import HASHES, SHORT_HASHES, SIZES, second_layer, written
from scantrail.detectors.known.spellings import Spelling, cased, spellings
from scantrail.model import Known

type Place = Literal["anywhere", "token", "field"]

_BEGINNING = 12  # characters; 10 to 16 are equally fast
_AS_FIELD = 5  # bytes: what is shorter has to be a whole field
_AS_TOKEN = 8  # bytes: what is shorter has to be a whole token
_AS_WORDS = 16  # characters: letters alone that are fewer have to be whole words
_NUMBER = 10  # digits: fewer of them could stand in any longer number, also where they are encoded


class Hit(NamedTuple):
    """Why a text is a known value's. Of several for one field the lowest `rank`, the plainest, is told."""

    name: str
    rank: int
    rule: str
    reasoning: str


class Needle(NamedTuple):
    """One text to look for. `exact`: case matters, else `text` is lower-case. `place`: what it has to be."""

    text: str
    exact: bool
    place: Place
    hit: Hit


class Index:
    """All needles of what is known, ready to be looked up."""

    def __init__(self, known: Known) -> None:
        self._spelled = [
            (value.name, spelling)
            for value in known.values
            for text in value.values
            for spelling in spellings(text.strip())
        ]
        needles: dict[str, dict[tuple[str, bool, str], Needle]] = defaultdict(dict)
        self.fields: dict[str, list[Hit]] = defaultdict(list)
        for name, spelling in self._spelled:
            for needle in _needles(name, spelling):
                if needle.place == "field" and needle.exact:
                    self.fields[needle.text].append(needle.hit)
                else:
                    beginning = needle.text[:_BEGINNING].lower()
                    needles[beginning].setdefault((needle.text, needle.exact, name), needle)
        self.needles = [tuple(alike.values()) for alike in needles.values()]
        self._automaton = AhoCorasick(needles)
        self.names = frozenset(value.name for value in known.values)

    def beginnings(self, folded: str) -> list[tuple[int, int, int]]:
        """Where needles may begin in a lower-cased text: indices into `needles`, start, and an end of no use."""
        try:
            return self._automaton.find_matches_as_indexes(folded, overlapping=True)
        except UnicodeEncodeError:  # half of a surrogate pair, from JSON
            return self._automaton.find_matches_as_indexes(_SURROGATES.sub("\ufffd", folded), overlapping=True)

    @cached_property
    def _digested(self) -> list[tuple[str, str, bytes]]:
        return [
            (name, what, text.encode())
            for name, spelling in self._spelled
            if spelling.core
            for text, what in cased(spelling)
        ]

    def second(self, digest: bytes) -> tuple[Hit, ...]:
        """Whether bytes as long as a digest are a hash of a hash."""
        size = len(digest)
        if size not in self._second:
            self._second[size] = _second(self._digested, size)
        return self._second[size].get(digest, ())

    @cached_property
    def _second(self) -> dict[int, dict[bytes, tuple[Hit, ...]]]:
        return {}


_SURROGATES = re.compile("[\ud800-\udfff]")


@lru_cache(maxsize=8)
def index(known: Known) -> Index:
    """The needles of what is known; made once."""
    return Index(known)


def _needles(name: str, spelling: Spelling) -> Iterator[Needle]:
    text, what, core = spelling
    plain = what == "the value"
    place = _place(text)
    yield from _plain(name, text, what, place)
    if not core:
        return
    hidden: Place = "field" if _is_short(text) else "anywhere"
    for number, (variant, described) in enumerate(cased(spelling)):
        rank = 10 * (not plain) + number
        for content, encoding in encoded(variant):
            hit = Hit(name, 100 + rank, "known-encoded", f"{encoding.name} of {described}")
            yield Needle(content if encoding.exact else content.lower(), encoding.exact, hidden, hit)
        yield from _hashed(name, variant.encode(), described, rank)


def _plain(name: str, text: str, what: str, place: Place) -> Iterator[Needle]:
    rank = 0 if what == "the value" else 10
    yield Needle(text, True, place, Hit(name, rank, "known-value", what))
    if not case_tells_apart(text):
        yield Needle(text.lower(), False, place, Hit(name, rank + 1, "known-value", f"{what}, in other case"))


def _hashed(name: str, data: bytes, what: str, rank: int) -> Iterator[Needle]:
    for hashed, digest_of in HASHES.items():
        digest = digest_of(data)
        hit = Hit(name, 200 + rank, "known-hash", f"{hashed} of {what}")
        yield Needle(digest.hex(), False, "anywhere", hit)
        yield Needle(digest.decode("latin-1"), True, "anywhere", hit)
        text = base64.b64encode(digest).decode().rstrip("=")
        yield Needle(text, True, "anywhere", hit)
        if (url_safe := text.translate(_URL_SAFE)) != text:
            yield Needle(url_safe, True, "anywhere", hit)
    for hashed, digest_of in SHORT_HASHES.items():
        hit = Hit(name, 400 + rank, "known-hash", f"{hashed} of {what}")
        for text in written(digest_of(data)):
            yield Needle(text, True, "field", hit)


_URL_SAFE = str.maketrans("+/", "-_")


def _second(digested: list[tuple[str, str, bytes]], size: int) -> dict[bytes, tuple[Hit, ...]]:
    found: dict[bytes, tuple[Hit, ...]] = {}
    if size in SIZES.values():
        for name, what, data in digested:
            for how, digest in second_layer(data, size):
                found[digest] = (*found.get(digest, ()), Hit(name, 300, "known-hash", f"{how} {what}"))
    return found


_NUMERIC = re.compile(r"[\d.,:+/ \-]+")
_WORDS = re.compile(r"[^\W\d_]+(?:[ .'’_\-]+[^\W\d_]+)*[.]?")
_FIRST_IDEOGRAPH = "\u2e80"  # from here on, scripts without spaces between words


def _place(text: str) -> Place:
    """What a spelling has to be for a precise match: the whole field, a whole token, or part of anything."""
    size = len(text.encode())
    if size < _AS_FIELD:
        return "field"
    words = len(text) < _AS_WORDS and _WORDS.fullmatch(text) and max(text) < _FIRST_IDEOGRAPH
    return "token" if size < _AS_TOKEN or words or _NUMERIC.fullmatch(text) else "anywhere"


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
