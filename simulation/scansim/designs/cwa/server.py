"""The servers' side: packages that are the same for everybody, and a sink for the day's data."""

import tomllib
from datetime import UTC, datetime, time
from importlib.resources import files

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Host, Route, Router
from starlette.types import ASGIApp

from scansim.clock import FIRST_DAY
from scansim.designs import platform
from scansim.designs.cwa.formats import CODES, DATA, DISTRIBUTION, HOUR_S, INTERVAL_S, WEB, Warned, hour_of, package
from scansim.seeds import stream

OLDEST = hour_of(datetime.combine(FIRST_DAY, time(), UTC)) - 14 * 24
LATEST = OLDEST + 366 * 24
MOST = 5
"""How many warnings an hour has at most: an assumption."""


def warnings(seed: int, hour: int) -> list[Warned]:
    """Draw the warnings of an hour. Their venues are elsewhere: nobody of the simulation is warned."""
    random = stream(seed, "warnings", hour)
    rows = []
    for _ in range(random.randint(0, MOST)):
        begins = hour * HOUR_S // INTERVAL_S - random.randint(6 * 24, 6 * 24 * 5)
        rows.append(Warned(random.randbytes(16), begins, begins + random.randint(1, 18), random.randint(1, 8)))
    return rows


def server(seed: int) -> ASGIApp:
    """Serve all hosts of the design."""
    told = tomllib.loads((files("scansim.designs.cwa") / "notice.toml").read_text("utf-8"))

    async def hours(_: Request) -> Response:
        return JSONResponse({"oldest": OLDEST, "latest": LATEST})

    async def hour(request: Request) -> Response:
        number = request.path_params["hour"]
        if not OLDEST <= number <= LATEST:
            return Response(status_code=404)
        return Response(package(number, warnings(seed, number)), media_type="application/zip")

    async def config(_: Request) -> Response:
        return JSONResponse({"minVersion": "2.0.0"})

    async def take(request: Request) -> Response:
        return Response(status_code=204 if await request.body() else 400)

    async def notice(_: Request) -> Response:
        return JSONResponse(told)

    async def page(_: Request) -> Response:
        return Response(status_code=200)

    twp = "/version/v1/twp/country/DE/hour"
    return Starlette(
        routes=[
            Host(
                DISTRIBUTION,
                Router(
                    [
                        Route(twp, hours),
                        Route(f"{twp}/{{hour:int}}", hour),
                        Route("/version/v1/app_config_android", config),
                    ]
                ),
            ),
            Host(DATA, Router([Route("/version/v1/android/dat", take, methods=["POST"])])),
            Host(WEB, Router([Route("/privacy.json", notice)])),
            Host(CODES, Router([Route("/", page)])),
            *platform.routes(),
        ]
    )
