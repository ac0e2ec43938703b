"""Joins: which receivers could put their trails of one person together, over an identifier that both were sent."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations

import msgspec

from scantrail.model import Disclosure, Known, KnownValue
from scantrail.subjects import Identifier, Subjects

PLAIN = "plain"


class Join(msgspec.Struct, frozen=True):
    """Two receivers, a kind of identifier, and how each got it: plain, or as what was made of it.

    `subjects` are those whose identifier both got, `requests` the first one for each of them at either receiver.
    """

    receivers: tuple[str, str]
    kind: str
    how: tuple[str, str]
    subjects: tuple[str, ...]
    requests: tuple[int, ...]


def as_known(subjects: Subjects) -> Known:
    """The identifiers of all subjects as values to look for, so that hashes and encodings of them are found, too."""
    found = {identifier for identifiers in subjects.identifiers.values() for identifier in identifiers}
    return Known(values=tuple(KnownValue(name=_name(one), values=(one[1],)) for one in sorted(found)))


def joins(disclosures: Iterable[Disclosure], subjects: Subjects) -> list[Join]:
    """Find what receivers have in common.

    Args:
        disclosures: of requests that arrived, found with `as_known(subjects)`.
        subjects: whose identifiers they are.

    Returns:
        A row for each pair of receivers, kind of identifier, and way in which either got it; the most subjects first.

    """
    owner = {
        _name(identifier): (subject, *identifier)
        for subject, identifiers in subjects.identifiers.items()
        for identifier in identifiers
    }
    sent: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)  # by identifier: receiver and way, first request
    for disclosure in disclosures:
        if disclosure.known in owner and disclosure.side == "sent":
            _, _, value = owner[disclosure.known]
            way = (disclosure.request.receiver, _how(disclosure, value))
            sent[disclosure.known].setdefault(way, disclosure.request.index)
    return sorted(_pairs(sent, owner), key=lambda row: (-len(row.subjects), row.receivers, row.kind, row.how))


def _pairs(
    sent: Mapping[str, Mapping[tuple[str, str], int]], owner: Mapping[str, tuple[str, str, str]]
) -> Iterable[Join]:
    subjects: dict[tuple[tuple[str, str], str, tuple[str, str]], set[str]] = defaultdict(set)
    requests: dict[tuple[tuple[str, str], str, tuple[str, str]], set[int]] = defaultdict(set)
    for name, ways in sent.items():
        subject, kind, _ = owner[name]
        for (one, how), (other, also) in combinations(sorted(ways), 2):
            if one != other:
                key = ((one, other), kind, (how, also))
                subjects[key].add(subject)
                requests[key] |= {ways[one, how], ways[other, also]}
    for key, whose in subjects.items():
        yield Join(*key, tuple(sorted(whose)), tuple(sorted(requests[key])))


def _how(disclosure: Disclosure, value: str) -> str:
    """As it is, or what was made of it: the reasoning says so before it names the value."""
    if disclosure.value == value:
        return PLAIN
    _, _, says = disclosure.reasoning.rpartition("known beforehand: ")
    return says.removesuffix(f"the value {disclosure.known}").removesuffix(" of ").strip() or PLAIN


def _name(identifier: Identifier) -> str:
    return " ".join(identifier)
