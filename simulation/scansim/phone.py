"""A fast phone: HTTP clients that go through the proxy, a clock of its own, and a GPS receiver.

The phone states its simulated time in a header on every request and on the CONNECT before it; the addon loopback.py
takes it off again, so that neither the log nor a server sees it.
"""

import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple, Self
from urllib.parse import urlsplit

import httpx2

from scansim import SimulationError, clock
from scansim.position import Position
from scansim.radios import Radios

CLOCK_HEADER = "x-scansim-at"
THINKS_S = (0.08, 0.6)  # between two requests of one event
TIMEOUT_S = 30.0

type Receiver = Callable[[datetime], "Fix | Radios | None"]
"""Tells what a phone's positioning says at a time; without a fix the radios around, or nothing."""
type Connect = Callable[[datetime, bool, bool], httpx2.AsyncClient]
"""Makes a client, given the time, whether it offers HTTP/2, and whether it is pinned."""


class Call(NamedTuple):
    """A request that software on the phone wants to send."""

    method: str
    url: str
    headers: Mapping[str, str] = {}
    content: bytes = b""
    http2: bool = True


class Fix(NamedTuple):
    """What the GPS receiver says: a position (WGS-84) and how good it holds it to be."""

    position: Position
    accuracy_m: float


@dataclass
class Phone:
    """One phone. Its requests follow each other; `sent` counts those that were answered.

    What is opened for it besides (a browser's page) goes to `belongings` and is closed when it hangs up.
    """

    connect: Connect
    random: Random
    receiver: Receiver
    now: datetime
    sent: int = 0
    belongings: AsyncExitStack = field(init=False, default_factory=AsyncExitStack)
    _clients: dict[tuple[str, bool], httpx2.AsyncClient] = field(init=False, default_factory=dict)

    def wake(self, at: datetime) -> None:
        """Set the clock; it runs on by itself between requests and never goes back."""
        self.now = max(self.now, at)

    def locate(self) -> Fix | Radios | None:
        """Measure where the phone is."""
        return self.receiver(self.now)

    async def send(self, call: Call) -> httpx2.Response:
        """Send a request and return the answer.

        Raises:
            SimulationError: nobody answered, or the answer is an error.

        """
        # A client for each host and version: it connects once, when the clock says what its CONNECT states.
        key = (urlsplit(call.url).netloc, call.http2)
        if key not in self._clients:
            self._clients[key] = self.connect(self.now, call.http2, False)
        headers = {CLOCK_HEADER: clock.text(self.now), **call.headers}
        try:
            response = await self._clients[key].request(call.method, call.url, headers=headers, content=call.content)
        except httpx2.TransportError as error:
            raise SimulationError(f"{call.method} {call.url}: {error or type(error).__name__}") from error
        self.sent += 1
        self.think()
        if response.is_error:
            raise SimulationError(f"{call.method} {call.url}: the server answered {response.status_code}")
        return response

    async def attempt(self, call: Call) -> None:
        """Try to send a request as software that trusts one authority alone: a proxy's certificate stops it.

        Raises:
            SimulationError: it got through.

        """
        async with self.connect(self.now, call.http2, True) as client:
            try:
                await client.request(call.method, call.url, headers=call.headers, content=call.content)
            except httpx2.ConnectError:
                self.think()
            else:
                raise SimulationError(f"{call.url}: the pinned app took the proxy for its server")

    @asynccontextmanager
    async def beside(self) -> AsyncIterator["Phone"]:
        """Let another device act, a gate's terminal for instance: connections of its own, the same clock and count.

        The phone itself does nothing meanwhile.
        """
        async with Phone(self.connect, self.random, self.receiver, self.now, self.sent) as other:
            try:
                yield other
            finally:
                self.now, self.sent = other.now, other.sent

    def think(self) -> None:
        """Let a moment pass, as between two requests."""
        self.now += timedelta(seconds=round(self.random.uniform(*THINKS_S), 3))

    async def __aenter__(self) -> Self:
        """Nothing to do: clients are made when they are needed."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hang up."""
        await self.belongings.aclose()
        for client in self._clients.values():
            await client.aclose()


@dataclass(frozen=True)
class Tunnel:
    """Makes clients that go through the proxy on a loopback port."""

    port: int
    proxy_ca: Path
    pinned_ca: Path

    def __call__(self, at: datetime, http2: bool, pinned: bool) -> httpx2.AsyncClient:
        """Make a client, as `Connect` says."""
        return httpx2.AsyncClient(
            http2=http2,
            verify=ssl.create_default_context(cafile=self.pinned_ca if pinned else self.proxy_ca),
            proxy=httpx2.Proxy(f"http://127.0.0.1:{self.port}", headers={CLOCK_HEADER: clock.text(at)}),
            headers={"Accept": "*/*", "Accept-Encoding": "gzip"},
            timeout=TIMEOUT_S,
            limits=httpx2.Limits(keepalive_expiry=None),
            trust_env=False,
        )
