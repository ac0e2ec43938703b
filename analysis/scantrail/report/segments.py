"""A text cut into marked and unmarked pieces, so that the template renders marks and never a string that is HTML."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from scantrail.report.trace import Span

CONTEXT = 160  # characters shown on either side of what is left out
UNMARKED = 700  # the same, of a text without marks
SPARED = 80  # fewer than so many are shown rather than left out


class Segment(NamedTuple):
    """A piece of text and the numbers of the disclosures it is marked for; or how many characters are left out."""

    text: str
    marks: tuple[int, ...] = ()
    left_out: int = 0


def segments(text: str, spans: Mapping[int, Iterable[Span]]) -> list[Segment]:
    """Cut a text where marks begin and end. Long pieces keep their two ends.

    Args:
        text: the whole text.
        spans: by number of a disclosure, where in the text it stands; they may overlap.

    """
    pieces = list(_pieces(len(text), spans))
    context = CONTEXT if len(pieces) > 1 else UNMARKED
    return [segment for start, end, marks in pieces for segment in _bounded(text[start:end], marks, context)]


def _pieces(length: int, spans: Mapping[int, Iterable[Span]]) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """From the beginning to the end without gaps; neighbours differ in their marks."""
    turns: dict[int, list[tuple[int, int]]] = defaultdict(list, {0: [], length: []})
    for number, start, end in {(number, *span) for number, found in spans.items() for span in found}:
        turns[start].append((number, 1))
        turns[end].append((number, -1))
    depth: Counter[int] = Counter()
    begun = 0
    marks: tuple[int, ...] = ()
    for at in sorted(turns):
        for number, step in turns[at]:
            depth[number] += step
        here = tuple(sorted(number for number, count in depth.items() if count))
        if at == length or here != marks:
            if begun < at:
                yield begun, at, marks
            begun, marks = at, here


def _bounded(text: str, marks: tuple[int, ...], context: int) -> Iterator[Segment]:
    left_out = len(text) - 2 * context
    if left_out <= SPARED:
        yield Segment(text, marks)
        return
    yield Segment(text[:context], marks)
    yield Segment("", left_out=left_out)
    yield Segment(text[-context:], marks)
