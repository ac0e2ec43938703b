"""What designs share: JSON calls, notices, servers that refuse nonsense, and a phone's platform that talks when idle.

Assumptions: the platform's host and paths, and what it says: a count and sizes, no id and no place. Phones talk every
10 to 20 minutes to their platform (docs/facts.md §5), in designs that collect nothing as well.
"""

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from random import Random
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Host, Route, Router
from starlette.types import ASGIApp

from scansim.designs.superapp import compact
from scansim.people import Device
from scansim.phone import Call

PLATFORM = "services.platform.test"


def agent(app: str, device: Device) -> dict[str, str]:
    """Make the headers by which an app names itself and the phone's model."""
    return {"User-Agent": f"{app} (Linux; Android 10; {device.model})"}


def post(url: str, body: object, headers: Mapping[str, str]) -> Call:
    """Make a call that sends JSON."""
    return Call("POST", url, {**headers, "Content-Type": "application/json"}, compact(body).encode())


class Platform:
    """What the phone's platform sends by itself."""

    def __init__(self, device: Device, random: Random) -> None:
        self.random, self.headers, self.beats = random, agent("Platform/20.5", device), 0

    def call(self) -> Call:
        """Make one request: is there a network, or: the phone still runs."""
        if self.random.random() < 0.5:
            return Call("GET", f"https://{PLATFORM}/generate_204", self.headers, http2=False)
        self.beats += 1
        body = {"beat": self.beats, "free_mb": self.random.randint(200, 9000), "apps": self.random.randint(20, 90)}
        return post(f"https://{PLATFORM}/beat", body, self.headers)


def notice(design: str) -> dict[str, Any]:
    """Read what a design, by its module's name, tells its users."""
    return tomllib.loads((files("scansim.designs") / design / "notice.toml").read_text("utf-8"))


def notice_route(design: str) -> Route:
    """Serve the notice."""

    async def show(_: Request) -> Response:
        return JSONResponse(notice(design))

    return Route("/notice.json", show)


def serve(hosts: Mapping[str, Sequence[BaseRoute]]) -> ASGIApp:
    """Serve hosts, and the platform beside them."""
    platform = Router([Route("/generate_204", _nothing), Route("/beat", _nothing, methods=["POST"])])
    routes = [Host(host, Router(own)) for host, own in hosts.items()]
    refusals = dict.fromkeys((KeyError, ValueError, TypeError), _refuse)
    return Starlette(routes=[*routes, Host(PLATFORM, platform)], exception_handlers=refusals)


async def _nothing(_: Request) -> Response:
    return Response(status_code=204)


async def _refuse(_: Request, error: Exception) -> Response:
    """Answer a request that lacks what it must have, or that cannot be right."""
    return JSONResponse({"error": type(error).__name__}, status_code=400)
