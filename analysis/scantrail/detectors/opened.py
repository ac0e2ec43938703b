"""What detectors look at: the fields of one request, which of them stand together, and all their values as one text.

Most values concern nobody: tokens, words, times. A detector that looks at values (not at keys) therefore does not ask
each of them; it searches all of them at once (`Values.where`), and looks closer at those few that are found.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate, compress

from scantrail.model import Field, Known, Request, Scalar

_JOINT = "\n"
_SURROGATES = re.compile("[\ud800-\udfff]")
_MOST_BITS = 4096  # of a number: Python refuses to write very long ones, and nothing looks for them


LONG = 512
"""Characters. Of an answer only values up to this length are searched for what no one knows beforehand: a page or a
script speaks of many places and people, and of none in particular."""


class Values:
    """Texts, and all of them as one.

    In `joined` each stands between two line feeds, so that a pattern's line feed is where a text begins or ends (or has
    one itself).
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.joined = joinable(_JOINT.join(("", *texts, "")))

    @cached_property
    def folded(self) -> str:
        """`joined` in lower case, every character where it was."""
        return fold(self.joined)

    @cached_property
    def starts(self) -> Sequence[int]:
        """Where each text begins in `joined`, and where the next one would."""
        return list(accumulate([len(text) + 1 for text in self.texts], initial=1))

    def where(self, *patterns: re.Pattern[str]) -> set[int]:
        """The numbers of the texts in which one of the patterns is found.

        Each pattern ends in `.*`, so that it is found once in a line. It may say yes where the text alone would not
        (it may look beyond the line feed): what is found is to be looked at again.
        """
        joined, starts = self.joined, self.starts
        return {bisect_right(starts, match.end()) - 1 for pattern in patterns for match in pattern.finditer(joined)}

    def having(self, hints: Iterable[str]) -> set[int]:
        """The numbers of the texts that have one of the hints in their outline (see `outline`)."""
        outlined, starts, last = outline(self.joined), self.starts, len(self.texts)
        found: set[int] = set()
        for hint in hints:
            at = outlined.find(hint)
            while at >= 0:
                number = bisect_right(starts, at) - 1
                found.add(number)
                at = outlined.find(hint, starts[number + 1]) if number < last else -1
        if NOT_ASCII in hints and not self.joined.isascii():
            found.update(number for number, text in enumerate(self.texts) if not text.isascii())
        return found


class Opened:
    """One request, opened: its fields in order, and what is known.

    `texts` has the value of each field as a text (bytes as one character per byte). `whole` has all of them; `values`
    those that are searched for what is not known, an empty text standing for each other one. `quiet` are texts of
    headers that were left out, since nothing is in them. `request` is what all of it stands in; without one the fields
    are looked at by themselves, and not what stood on the wire around them.
    """

    def __init__(
        self, fields: Sequence[Field], known: Known, request: Request | None = None, quiet: Collection[str] = ()
    ) -> None:
        self.fields, self.known, self.request, self.quiet = fields, known, request, quiet
        self.keys = [field.key for field in fields]
        self.texts = [value if (value := field.value).__class__ is str else _text(value) for field in fields]
        long = [len(text) > LONG and field.side == "received" for text, field in zip(self.texts, fields, strict=True)]
        shown = ["" if left else text for text, left in zip(self.texts, long, strict=True)] if any(long) else self.texts
        self.values = Values(shown)
        self.whole = Values(self.texts) if any(long) else self.values

    @cached_property
    def siblings(self) -> Mapping[str, Sequence[Field]]:
        """The fields of each object, by `Field.parent`."""
        found: dict[str, list[Field]] = defaultdict(list)
        for field in self.fields:
            found[field.parent].append(field)
        return found

    def under(self, table: Mapping[str, object]) -> Iterator[int]:
        """The numbers of the fields of whose keys a table says something (and not None, nor False)."""
        return compress(range(len(self.keys)), map(table.__getitem__, self.keys))


def fold(text: str) -> str:
    """In lower case, every character where it was: İ alone would become two."""
    return text.lower() if text.isascii() else text.replace("\u0130", "i").lower()


NOT_ASCII = "\x80"
"""A hint: a character that is not ASCII."""
_OUTLINE = bytes(48 if 48 <= code < 58 else 65 if 65 <= code < 91 else code for code in range(256))


def outline(text: str) -> str:
    """A text with `0` for each digit and `A` for each capital: `DE89 3704` is `AA00 0000`, character by character."""
    return text.encode("ascii", "replace").translate(_OUTLINE).decode("ascii")


def opened(
    fields: Iterable[Field], known: Known = Known(), request: Request | None = None, quiet: Collection[str] = ()
) -> Opened:
    """Gather the fields of one request."""
    return Opened(list(fields), known, request, quiet)


def joinable(text: str) -> str:
    """A text that automata can search: without halves of surrogate pairs, as JSON may have them."""
    return text if text.isascii() else _SURROGATES.sub("?", text)


def _text(value: Scalar) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return "" if isinstance(value, int) and value.bit_length() > _MOST_BITS else str(value)


class Remembered[Value](dict[str, Value]):
    """What a function says of a key, as a plain dictionary once it is known: a third of a cached function's cost."""

    def __init__(self, function: Callable[[str], Value], kept: int = 32768) -> None:
        super().__init__()
        self._function, self._kept = function, kept

    def __missing__(self, key: str) -> Value:
        value = self._function(key)
        if len(self) < self._kept:
            self[key] = value
        return value


_SEPARATORS = re.compile(r"[_\-. ]")


@lru_cache(maxsize=65536)
def normal_key(key: str) -> str:
    """A key as rules compare it: `Operation-Type`, `operation_type` and `operationType` are one."""
    return _SEPARATORS.sub("", key).lower()
