"""The phone under an app: the platform's own small beat, and a way to do something every so often.

Assumptions: hosts and paths; that a beat is a look whether the network is there, or a few counts. It is there so that
a phone talks when nothing happens, as phones do (docs/facts.md §5), and carries nothing that tells people apart.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Host, Route, Router

from scansim.people import Device
from scansim.phone import Call

CONNECTIVITY, SERVICES = "connectivity.platform.test", "services.platform.test"
HOSTS = (CONNECTIVITY, SERVICES)
COUNTERS = ("wakeups", "jobs", "syncs", "frames")


class Beat:
    """What the platform sends by itself."""

    def __init__(self, device: Device, random: Random) -> None:
        self.random = random
        self.headers = {"User-Agent": f"Dalvik/2.1.0 (Linux; U; Android 10; {device.model})"}

    def calls(self) -> Iterator[Call]:
        """Make one beat: a look at the network, and sometimes counts."""
        yield Call("GET", f"https://{CONNECTIVITY}/generate_204", self.headers, http2=False)
        if self.random.random() < 0.5:
            counts = {name: self.random.randint(1, 90) for name in self.random.sample(COUNTERS, 2)}
            headers = {**self.headers, "Content-Type": "application/json"}
            yield Call("POST", f"https://{SERVICES}/beat", headers, json.dumps({"counts": counts}).encode())


class Every:
    """Says when something is due again, by the phone's clock: at once, then no more often than this."""

    def __init__(self, period: timedelta) -> None:
        self.period = period
        self._last: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """Tell whether it is due, and take it as done."""
        if self._last is not None and now - self._last < self.period:
            return False
        self._last = now
        return True


def routes() -> list[BaseRoute]:
    """List the platform's servers."""
    return [
        Host(CONNECTIVITY, Router([Route("/generate_204", _nothing)])),
        Host(SERVICES, Router([Route("/beat", _counted, methods=["POST"])])),
    ]


async def _nothing(_: Request) -> Response:
    return Response(status_code=204)


async def _counted(_: Request) -> Response:
    return JSONResponse({"ok": True})
