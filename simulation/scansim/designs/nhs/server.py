"""The servers' side: lists that are the same for everybody, and a counter of counts."""

from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from scansim.designs import kit
from scansim.designs.design import Setting
from scansim.designs.nhs.formats import DISTRIBUTION, SUBMISSION, WEB, venue_id
from scansim.seeds import stream

RISKY = 12
"""How many venues are on the list: an assumption, as are the windows, which are whole days."""


def risky_venues(seed: int, first_day: date) -> list[dict[str, object]]:
    """Draw the list. Its venues are elsewhere: nobody of the simulation is warned."""
    random = stream(seed, "risky venues")
    rows: list[dict[str, object]] = []
    for number in range(RISKY):
        day = first_day - timedelta(days=random.randint(1, 10))
        window = {"from": f"{day}T00:00:00Z", "until": f"{day}T23:59:59Z"}
        rows.append({"id": venue_id(f"elsewhere {seed} {number}"), "riskyWindow": window, "messageType": "M1"})
    return rows


def server(setting: Setting) -> ASGIApp:
    """Serve all hosts of the design."""
    answers = {
        "risky-venues": {"venues": risky_venues(setting.seed, setting.first_day)},
        "availability-android": {"minimumSDKVersion": {"value": 23}, "minimumAppVersion": {"value": 8}},
    }

    async def distribute(request: Request) -> Response:
        answer = answers.get(request.path_params["name"])
        return JSONResponse(answer or {}, status_code=200 if answer else 404)

    async def count(request: Request) -> Response:
        body = await request.json()
        return Response(status_code=200 if body.keys() >= {"metadata", "analyticsWindow", "metrics"} else 400)

    return kit.serve(
        {
            DISTRIBUTION: [Route("/distribution/{name}", distribute)],
            SUBMISSION: [Route("/submission/mobile-analytics", count, methods=["POST"])],
            WEB: [kit.notice_route("nhs", "/privacy-notice.json")],
        }
    )
