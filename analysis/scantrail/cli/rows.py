"""What the verbs print as JSON lines: one function for each kind of row, with the keys of docs/cli.md."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from scantrail.model import Capture, Disclosure, Finding, Gap, Request
from scantrail.policy import Ruling

if TYPE_CHECKING:
    import pandas as pd

    from scantrail.compare import Comparison, Told


def request(capture: Capture, request: Request) -> dict[str, object]:
    """One request."""
    moment = capture.moment(request)
    return {
        "request": request.index,
        "at": request.at,
        "wall": request.wall,
        "moment": moment.name if moment else None,
        "protocol": request.protocol,
        "method": request.method,
        "url": request.url,
        "receiver": request.receiver,
        "status": request.response.status if request.response else None,
        "sent_bytes": request.sent_bytes,
        "unread": request.unread,
        "unsent": request.unsent,
        "error": request.error,
        "id": request.id,
    }


def disclosure(capture: Capture, disclosure: Disclosure) -> dict[str, object]:
    """One disclosure."""
    moment = capture.moment(disclosure.request)
    return {
        "request": disclosure.request.index,
        "at": disclosure.request.at,
        "moment": moment.name if moment else None,
        "receiver": disclosure.request.receiver,
        "side": disclosure.side,
        "kind": disclosure.kind,
        "value": disclosure.value,
        "path": disclosure.path,
        "rule": disclosure.rule,
        "reasoning": disclosure.reasoning,
        "latitude": disclosure.latitude,
        "longitude": disclosure.longitude,
        "datum": disclosure.datum,
        "datum_because": disclosure.datum_because or None,
        "precision_m": disclosure.precision_m,
        "precision_class": disclosure.precision_class,
        "known": disclosure.known,
        "distance_m": disclosure.distance_m,
        "unsent": disclosure.request.unsent,
    }


def gap(gap: Gap) -> dict[str, object]:
    """One thing that nobody could read."""
    return {
        "request": gap.because.index,
        "at": gap.because.at,
        "receiver": gap.because.receiver,
        "side": gap.side,
        "what": gap.what,
        "why": gap.why,
        "source": gap.source,
        "path": gap.path or None,
        "size": gap.size,
        "entropy": gap.entropy,
        "hides": gap.hides,
    }


def rulings(found: Iterable[Ruling]) -> Iterator[dict[str, object]]:
    """What a policy says: a row for each receiver, kind and verdict, those that are not allowed first."""
    groups: dict[tuple[object, ...], set[int]] = defaultdict(set)
    for ruling in found:
        name = ruling.about.known if isinstance(ruling.about, Disclosure) else None
        place = (ruling.request.receiver, ruling.kind, name, ruling.in_clear, ruling.reason)
        groups[ruling.status, *place].add(ruling.request.index)
    for group in sorted(groups, key=lambda group: (group[0] == "allowed", *map(str, group[1:]))):
        status, receiver, kind, known, in_clear, reason = group
        yield {
            "status": status,
            "receiver": receiver,
            "kind": kind,
            "known": known,
            "requests": len(groups[group]),
            "in_clear": in_clear,
            "reason": reason,
        }


def finding(finding: Finding) -> dict[str, object]:
    """One finding with its parts."""
    return {
        "id": finding.id,
        "verdict": finding.verdict,
        "missing": finding.missing,
        "claim": finding.claim,
        "source": finding.source,
        "requests": finding.requests,
        "parts": [msgspec.to_builtins(part) for part in finding.parts],
    }


def comparison(compared: "Comparison") -> dict[str, object]:
    """One capture beside others."""
    row: dict[str, object] = compared._asdict()
    for name in ("consent", "scan", "idle"):
        told: tuple[Told, ...] | None = getattr(compared, name)
        row[name] = None if told is None else [one._asdict() for one in told]
    return row


def kinds(told: "tuple[Told, ...] | None") -> str:
    """What was told at a moment, for people: kinds alone."""
    if told is None:
        return "(no such moment)"
    return ", ".join(sorted({one.kind for one in told})) or "nothing"


def records(table: "pd.DataFrame") -> Iterator[dict[str, object]]:
    """The rows of a table; what is missing is None."""
    import pandas as pd

    def plain(value: Any) -> object:
        if pd.api.types.is_scalar(value) and pd.isna(value):
            return None
        return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value

    for row in table.to_dict("records"):
        yield {str(key): plain(value) for key, value in row.items()}
