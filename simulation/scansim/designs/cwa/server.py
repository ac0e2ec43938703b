"""The servers' side: packages that are the same for everybody, and a sink for the day's data."""

from datetime import UTC, datetime, time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from scansim.designs import kit
from scansim.designs.cwa.formats import CODES, DATA, DISTRIBUTION, HOUR_S, INTERVAL_S, WEB, Warned, hour_of, package
from scansim.designs.design import Setting
from scansim.seeds import stream

TWP = "/version/v1/twp/country/DE/hour"
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


def server(setting: Setting) -> ASGIApp:
    """Serve all hosts of the design: a year of packages, from two weeks before the first day on."""
    oldest = hour_of(datetime.combine(setting.first_day, time(), UTC)) - 14 * 24
    latest = oldest + 366 * 24

    async def hours(_: Request) -> Response:
        return JSONResponse({"oldest": oldest, "latest": latest})

    async def hour(request: Request) -> Response:
        number = request.path_params["hour"]
        if not oldest <= number <= latest:
            return Response(status_code=404)
        return Response(package(number, warnings(setting.seed, number)), media_type="application/zip")

    async def config(_: Request) -> Response:
        return JSONResponse({"minVersion": "2.0.0"})

    async def take(request: Request) -> Response:
        return Response(status_code=204 if await request.body() else 400)

    async def page(_: Request) -> Response:
        return Response(status_code=200)

    packages = [Route(TWP, hours), Route(f"{TWP}/{{hour:int}}", hour), Route("/version/v1/app_config_android", config)]
    return kit.serve(
        {
            DISTRIBUTION: packages,
            DATA: [Route("/version/v1/android/dat", take, methods=["POST"])],
            WEB: [kit.notice_route("cwa", "/privacy.json")],
            CODES: [Route("/", page)],
        }
    )
