"""Requests in the making: what is known of each so far, given out in the order in which they began."""

import ipaddress
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from scantrail.model import Address, Message, Problem, Request, Response, Side

MOST_BYTES = 1 << 26
"""How much of one body, message or conversation is kept. What is beyond is counted and said to be cut."""

_MOST_WAITING = 10_000  # requests that are held back because an earlier one is not complete
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Layer:
    """What reads one protocol of a connection. It is given what arrived in order, and what is known to be lost."""

    def feed(self, side: Side, ns: int, data: bytes) -> None:
        """Take the next bytes of a side."""

    def lost(self, side: Side, ns: int, size: int) -> None:
        """Bytes of a side are not in the capture."""

    def end(self, side: Side, ns: int) -> None:
        """A side says no more."""

    def close(self, ns: int) -> None:
        """The connection is over, or the capture is."""


@dataclass(slots=True)
class Link:
    """A connection, as its requests tell of it.

    `name` is the authority that it leads to, where a proxy was told it. `fresh`: the capture holds its beginning.
    """

    id: str
    client: Address
    server: Address
    sni: str | None = None
    tls_version: str | None = None
    name: str | None = None
    fresh: bool = True
    count: int = 0

    @property
    def scheme(self) -> str:
        """That of URLs."""
        return "https" if self.tls_version else "http"

    @property
    def authority(self) -> str:
        """Host and, where it is not the usual one, port: for requests that do not name them."""
        if self.name:
            return self.name
        host, port = self.sni or self.server[0], self.server[1]
        host = f"[{host}]" if ":" in host else host
        return host if port == (443 if self.tls_version else 80) else f"{host}:{port}"

    def inside(self, name: str) -> "Link":
        """The connection that a proxy makes for us to the authority `name`."""
        return replace(self, id=f"{self.id}c", sni=None, tls_version=None, name=name, count=0)


@dataclass(slots=True, eq=False)
class Flow:
    """One request so far."""

    link: Link
    id: str
    ns: int
    values: dict[str, Any]
    messages: list[Message] = field(default_factory=list)
    size: int = 0
    done: bool = False
    answered: bool = False
    dropped: bool = False  # it turned out to be none

    def say(self, ns: int, side: Side, data: bytes, *, text: bool = False) -> bool:
        """Add a message; false if there is no more room for it."""
        self.size += len(data)
        if self.size > MOST_BYTES:
            self.values["error"] = f"cut: more than {MOST_BYTES:,} bytes of messages"
            return False
        self.messages.append(Message(moment(ns), side, data, text))
        return True

    def finished(self, index: int) -> Request:
        """The request."""
        values = {"sni": self.link.sni, "tls_version": self.link.tls_version} | self.values
        if isinstance(answer := values.get("response"), dict):
            values["response"] = Response(**answer)
        return Request(
            index=index,
            id=self.id,
            at=moment(self.ns),
            wall=moment(self.ns),
            client=self.link.client,
            server=self.link.server,
            messages=tuple(self.messages),
            **values,
        )


class Flows:
    """All requests that were begun and not yet given out, and the problems met on the way."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self.problems = problems
        self.offset = 0  # in the file, of what is being read
        self.waiting: deque[Flow] = deque()
        self.room = _MOST_WAITING
        self.count = 0

    def begin(self, link: Link, ns: int, **values: Any) -> Flow:
        """A request begins."""
        flow = Flow(link, f"{link.id}.{link.count}", ns, values)
        link.count += 1
        self.waiting.append(flow)
        return flow

    def whole(self, link: Link, ns: int, **values: Any) -> None:
        """A request that is complete at once."""
        self.begin(link, ns, **values).done = True

    def problem(self, message: str) -> None:
        """Something could not be used."""
        self.problems.append(Problem(self.file, self.offset, message))

    def ready(self) -> Iterator[Request]:
        """The requests at the front that are complete; if too many wait for the front, those behind it as well."""
        while self.waiting and self.waiting[0].done:
            yield from self._out(self.waiting.popleft())
        if len(self.waiting) > self.room:
            done = [flow for flow in self.waiting if flow.done]
            self.waiting = deque(flow for flow in self.waiting if not flow.done)
            self.room = max(_MOST_WAITING, 2 * len(self.waiting))
            for flow in done:
                yield from self._out(flow)

    def rest(self) -> Iterator[Request]:
        """All others: what the capture holds of them is all there will be."""
        while self.waiting:
            yield from self._out(self.waiting.popleft())

    def _out(self, flow: Flow) -> Iterator[Request]:
        if not flow.dropped:
            yield flow.finished(self.count)
            self.count += 1


def moment(ns: int) -> datetime:
    """The time of so many nanoseconds since 1970."""
    return _EPOCH + timedelta(microseconds=ns // 1000)


@lru_cache(maxsize=4096)
def address(end: bytes) -> Address:
    """The address and port at one end of a packet."""
    host = ipaddress.ip_address(end[:-2])
    mapped = getattr(host, "ipv4_mapped", None)
    return str(mapped or host), int.from_bytes(end[-2:])
