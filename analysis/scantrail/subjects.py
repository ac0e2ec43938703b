"""Subjects: people as the server can tell them apart, by the identifiers that came together in one request.

Two identifiers in one request (or in a request and its answer) belong to one subject; so do all that hang together
through others. This is a connected-components join, which is what a server with one `JOIN` could do.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scantrail.detectors import IDENTIFIERS
from scantrail.model import Disclosure

ASSIGNED = ("resident_id", "code_number")
"""Identifiers that are believed in an answer: a server gives them. A telephone number there may be a hotline's."""

type Identifier = tuple[str, str]  # kind, value


@dataclass(frozen=True)
class Subjects:
    """Who is who. Subjects are called `s1`, `s2`, … in the order in which they first appear."""

    identifiers: Mapping[str, frozenset[Identifier]]
    by_request: Mapping[int, str]

    def values(self, user_id: str) -> frozenset[str]:
        """The identifier values by which the server knows a subject."""
        return frozenset(value for _, value in self.identifiers.get(user_id, ()))


def join(disclosures: Iterable[Disclosure]) -> Subjects:
    """Join identifiers into subjects and give each request that carries one its subject."""
    in_request: dict[int, list[Identifier]] = defaultdict(list)
    for disclosure in disclosures:
        masked = "*" in disclosure.value  # many people share what is left
        if disclosure.kind in (IDENTIFIERS if disclosure.side == "sent" else ASSIGNED) and not masked:
            in_request[disclosure.request.index].append((disclosure.kind, disclosure.value))
    numbers: dict[Identifier, int] = {}
    for request in sorted(in_request):
        for identifier in in_request[request]:
            numbers.setdefault(identifier, len(numbers))
    names = _components(numbers, in_request)
    identifiers: dict[str, set[Identifier]] = defaultdict(set)
    for identifier, number in numbers.items():
        identifiers[names[number]].add(identifier)
    return Subjects(
        identifiers={name: frozenset(found) for name, found in identifiers.items()},
        by_request={request: names[numbers[found[0]]] for request, found in sorted(in_request.items())},
    )


def _components(numbers: Mapping[Identifier, int], in_request: Mapping[int, list[Identifier]]) -> list[str]:
    """The subject's name for each identifier number."""
    parents = list(range(len(numbers)))

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = number = parents[parents[number]]  # halves the way for the next
        return number

    for found in in_request.values():
        for other in found[1:]:
            parents[root(numbers[other])] = root(numbers[found[0]])
    order: dict[int, str] = {}
    return [order.setdefault(root(number), f"s{len(order) + 1}") for number in range(len(numbers))]
