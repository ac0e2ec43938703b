"""The servers' side: lists that are the same for everybody, and a counter of counts."""

import tomllib
from datetime import timedelta
from importlib.resources import files

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Host, Route, Router
from starlette.types import ASGIApp

from scansim.clock import FIRST_DAY
from scansim.designs import platform
from scansim.designs.nhs.formats import DISTRIBUTION, SUBMISSION, WEB, venue_id
from scansim.seeds import stream

RISKY = 12
"""How many venues are on the list: an assumption, as are the windows, which are whole days."""


def risky_venues(seed: int) -> list[dict[str, object]]:
    """Draw the list. Its venues are elsewhere: nobody of the simulation is warned."""
    random = stream(seed, "risky venues")
    rows: list[dict[str, object]] = []
    for number in range(RISKY):
        day = FIRST_DAY - timedelta(days=random.randint(1, 10))
        window = {"from": f"{day}T00:00:00Z", "until": f"{day}T23:59:59Z"}
        rows.append({"id": venue_id(f"elsewhere {seed} {number}"), "riskyWindow": window, "messageType": "M1"})
    return rows


def server(seed: int) -> ASGIApp:
    """Serve all hosts of the design."""
    told = tomllib.loads((files("scansim.designs.nhs") / "notice.toml").read_text("utf-8"))
    answers = {
        "risky-venues": {"venues": risky_venues(seed)},
        "availability-android": {"minimumSDKVersion": {"value": 23}, "minimumAppVersion": {"value": 8}},
    }

    async def distribute(request: Request) -> Response:
        answer = answers.get(request.path_params["name"])
        return JSONResponse(answer or {}, status_code=200 if answer else 404)

    async def count(request: Request) -> Response:
        body = await request.json()
        return Response(status_code=200 if body.keys() >= {"metadata", "analyticsWindow", "metrics"} else 400)

    async def notice(_: Request) -> Response:
        return JSONResponse(told)

    return Starlette(
        routes=[
            Host(DISTRIBUTION, Router([Route("/distribution/{name}", distribute)])),
            Host(SUBMISSION, Router([Route("/submission/mobile-analytics", count, methods=["POST"])])),
            Host(WEB, Router([Route("/privacy-notice.json", notice)])),
            *platform.routes(),
        ]
    )
