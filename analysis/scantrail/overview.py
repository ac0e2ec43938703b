"""What was told to whom, summed up: grouped by receiver and kind, request by request and in bounded memory."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from scantrail.model import Disclosure, Gap, Request

_DISTINCT = 10_000  # values of a row that are told apart, beyond that "at least"
_SHOWN = 3  # values and places of a row that are kept to be shown
_INDEX = re.compile(r"\[\d+\]")


@dataclass
class Row:
    """One kind of thing that one receiver was told; one row for each known value."""

    kind: str
    known: str | None
    first: datetime
    last: datetime
    requests: int = 0
    times: int = 0
    values: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    finest: Disclosure | None = None
    _distinct: set[int] = field(default_factory=set)
    _latest: int = -1

    @property
    def distinct(self) -> int:
        """How many different values; `_DISTINCT` stands for at least so many."""
        return len(self._distinct)

    def add(self, disclosure: Disclosure) -> None:
        """Count one more."""
        request = disclosure.request
        self.first, self.last = min(self.first, request.at), max(self.last, request.at)
        self.times += 1
        if request.index != self._latest:
            self.requests, self._latest = self.requests + 1, request.index
        if len(self._distinct) < _DISTINCT:
            self._distinct.add(hash(disclosure.value))
        _keep(self.values, disclosure.value)
        _keep(self.places, _place(disclosure))
        if self.finest is None or _fineness(disclosure) < _fineness(self.finest):
            self.finest = disclosure


@dataclass
class Receiver:
    """One host: how many requests it was sent, how many of them told something, and what."""

    host: str
    requests: int = 0
    telling: int = 0
    rows: dict[tuple[str, str | None], Row] = field(default_factory=dict)


@dataclass
class Unread:
    """What stayed unread for one reason: values or connections, their bytes, requests and receivers."""

    what: str
    why: str
    count: int = 0
    size: int = 0
    requests: int = 0
    receivers: set[str] = field(default_factory=set)
    _latest: int = -1

    def add(self, gap: Gap) -> None:
        """Count one more."""
        self.count, self.size = self.count + 1, self.size + gap.size
        self.receivers.add(gap.because.receiver)
        if gap.because.index != self._latest:
            self.requests, self._latest = self.requests + 1, gap.because.index


class Overview:
    """Gathers request by request; nothing of a request is kept but what is shown of it."""

    def __init__(self) -> None:
        self.requests = 0
        self._receivers: dict[str, Receiver] = {}
        self._unread: dict[tuple[str, str], Unread] = {}

    @property
    def receivers(self) -> list[Receiver]:
        """All hosts, those that were told most kinds of things first."""
        return sorted(self._receivers.values(), key=lambda it: (-len(it.rows), -it.telling, it.host))

    @property
    def unread(self) -> list[Unread]:
        """What nobody could read, the largest first."""
        return sorted(self._unread.values(), key=lambda it: (it.what, -it.size, -it.count))

    def add(self, request: Request, disclosures: Iterable[Disclosure], gaps: Iterable[Gap]) -> None:
        """Count a request and what it told."""
        self.requests += 1
        receiver = self._receivers.setdefault(request.receiver, Receiver(request.receiver))
        receiver.requests += 1
        telling = False
        for disclosure in disclosures:
            telling = True
            key = (disclosure.kind, disclosure.known)
            row = receiver.rows.get(key)
            if row is None:
                row = receiver.rows[key] = Row(*key, first=request.at, last=request.at)
            row.add(disclosure)
        receiver.telling += telling
        for gap in gaps:
            self._unread.setdefault((gap.what, gap.why), Unread(gap.what, gap.why)).add(gap)


def _place(disclosure: Disclosure) -> str:
    """Where it stands, without the indices of arrays; fields of one object are written once, `loc.{lat,lng}`."""
    paths = [_INDEX.sub("[]", found.path) for found in disclosure.because]
    parents = {found.parent for found in disclosure.because}
    if len(paths) == 1 or len(parents) > 1:
        return " + ".join(dict.fromkeys(paths))
    parent = _INDEX.sub("[]", parents.pop())
    inner = dict.fromkeys(path.removeprefix(parent) for path in paths)
    return parent + (next(iter(inner)) if len(inner) == 1 else f".{{{','.join(name.lstrip('.') for name in inner)}}}")


def _keep(kept: list[str], value: str) -> None:
    if len(kept) < _SHOWN and value not in kept:
        kept.append(value)


def _fineness(disclosure: Disclosure) -> float:
    return float("inf") if disclosure.precision_m is None else disclosure.precision_m
