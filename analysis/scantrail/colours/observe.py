"""What a capture shows of each holder of a code: what was declared, who checked in, which colours came back."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, cast

from scantrail.colours.published import SEVERITY, STATUSES, Colour, Input
from scantrail.model import Capture, Disclosure

KINDS: Mapping[str, Input] = {"diagnosis": "symptoms", "travel": "travel"}
"""Kinds of disclosures that are declarations."""
CHECK_IN = "check-in"


class Told(NamedTuple):
    """Something was declared."""

    at: datetime
    input: Input
    value: str
    request: int


class CheckIn(NamedTuple):
    """Somebody reported how they are."""

    at: datetime
    healthy: bool
    request: int


class Shown(NamedTuple):
    """A colour came back."""

    at: datetime
    colour: Colour
    request: int


class Holder(NamedTuple):
    """One subject, each list in the order of time."""

    user_id: str
    told: tuple[Told, ...]
    check_ins: tuple[CheckIn, ...]
    shown: tuple[Shown, ...]


def holders(capture: Capture, disclosures: tuple[Disclosure, ...], subject_of: Mapping[int, str]) -> list[Holder]:
    """Find all subjects to whom a colour was shown.

    Args:
        capture: its moments tell which requests are check-ins.
        disclosures: all that arrived and came back.
        subject_of: whose a request is, by its index.

    """
    told: dict[str, set[Told]] = defaultdict(set)
    shown: dict[str, dict[int, Shown]] = defaultdict(dict)
    for found in disclosures:
        request = found.request
        if (user_id := subject_of.get(request.index)) is None:
            continue
        if found.side == "sent" and found.kind in KINDS:
            told[user_id].add(Told(request.at, KINDS[found.kind], found.value, request.index))
        elif found.side == "received" and found.kind == "health_status" and (colour := _colour(found.value)):
            shown[user_id][request.index] = Shown(request.at, colour, request.index)
    ill = {one.request for rows in told.values() for one in rows if one.input == "symptoms"}
    checked: dict[str, list[CheckIn]] = defaultdict(list)
    for request in capture.requests:
        moment = capture.moment(request)
        if moment and moment.name == CHECK_IN and request.index in subject_of and request.method == "POST":
            checked[subject_of[request.index]].append(CheckIn(request.at, request.index not in ill, request.index))
    return [
        Holder(user_id, tuple(sorted(told[user_id])), tuple(sorted(checked[user_id])), tuple(sorted(seen.values())))
        for user_id, seen in sorted(shown.items())
    ]


def _colour(value: str) -> Colour | None:
    name = STATUSES.get(value.lower(), value.lower())
    return cast("Colour", name) if name in SEVERITY else None
