"""Subjects: people as the server can tell them apart, by the identifiers that came together in one request.

Two identifiers in one request (or in a request and its answer) belong to one subject; so do all that hang together
through others. This is a connected-components join, which is what a server with one `JOIN` could do.

Not every shared value is a person's. A family's telephone, a shared phone or a counter's terminal comes with several
people's identifiers, and one such value would glue them, and whoever they meet, into one subject. So:

- A request that names more values of a kind than a person has (`MOST`) is a list of others, an address book for
  instance: its values of that kind are joined with nothing there.
- An identifier that came together with more values of another kind than a person has is shared. It joins nothing, and
  stands for a subject of its own where nothing else is known.

The limits are what one person may have: one resident id for life; a few telephone numbers; any number of codes and
devices within reason, since servers and phones give new ones.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from scantrail.detectors import IDENTIFIERS
from scantrail.model import Disclosure

ASSIGNED = ("resident_id", "code_number")
"""Identifiers that are believed in an answer: a server gives them. A telephone number there may be a hotline's."""

MOST = {"resident_id": 1, "phone_number": 4, "code_number": 100, "device_id": 100}
"""How many values of a kind come together with one person's identifier; more are more people's."""

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
    """Join identifiers into subjects and give each request that carries one its subject.

    A request that carries both a shared identifier and a person's own is the person's.
    """
    in_request: dict[int, list[Identifier]] = defaultdict(list)
    for disclosure in disclosures:
        masked = "*" in disclosure.value  # many people share what is left
        if disclosure.kind in (IDENTIFIERS if disclosure.side == "sent" else ASSIGNED) and not masked:
            in_request[disclosure.request.index].append((disclosure.kind, disclosure.value))
    numbers: dict[Identifier, int] = {}
    for request in sorted(in_request):
        for identifier in in_request[request]:
            numbers.setdefault(identifier, len(numbers))
    together = {request: _without_lists(found) for request, found in in_request.items()}
    shared = _shared(together.values())
    own = {request: [one for one in found if one not in shared] for request, found in together.items()}
    names = _names(numbers, own.values())
    identifiers: dict[str, set[Identifier]] = defaultdict(set)
    for identifier, number in numbers.items():
        identifiers[names[number]].add(identifier)
    return Subjects(
        identifiers={name: frozenset(found) for name, found in identifiers.items()},
        by_request={
            request: names[numbers[(own[request] or together[request] or found)[0]]]
            for request, found in sorted(in_request.items())
        },
    )


def _without_lists(found: list[Identifier]) -> list[Identifier]:
    """The identifiers of one request, without kinds of which it names more than one person has."""
    of_kind: dict[str, set[str]] = defaultdict(set)
    for kind, value in found:
        of_kind[kind].add(value)
    return [one for one in found if len(of_kind[one[0]]) <= MOST[one[0]]]


def _shared(requests: Iterable[list[Identifier]]) -> set[Identifier]:
    """The identifiers that come together with more values of another kind than one person has."""
    beside: dict[Identifier, set[Identifier]] = defaultdict(set)
    for found in requests:
        for one in found:
            beside[one].update(other for other in found if other[0] != one[0])
    shared = set()
    for one, others in beside.items():
        kinds = [kind for kind, _ in others]
        if any(kinds.count(kind) > MOST[kind] for kind in MOST):
            shared.add(one)
    return shared


def _names(numbers: Mapping[Identifier, int], requests: Iterable[list[Identifier]]) -> list[str]:
    """The subject's name for each identifier number."""
    pairs = [(numbers[found[0]], numbers[other]) for found in requests for other in found[1:]]
    if not pairs:
        return [f"s{number + 1}" for number in range(len(numbers))]
    from scantrail.subjects.components import components  # numba takes a second to load; many captures have no pair

    left, right = np.array(pairs, dtype=np.int64).T
    return [f"s{name + 1}" for name in components(left, right, len(numbers)).tolist()]
