"""The server's side: venues, check-ins and check-outs."""

from collections import Counter
from hashlib import sha256
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from scansim import ids
from scansim.designs import kit
from scansim.designs.design import Setting
from scansim.designs.safeentry.formats import ACTIONS, BACKEND, PAGE


class SafeEntry:
    """The backend: it numbers each person's transactions, everything else is in its log."""

    def __init__(self, seed: int) -> None:
        self.seed, self.transactions = seed, Counter[str]()

    async def building(self, request: Request) -> Response:
        """Tell what a venue is."""
        client_id = request.query_params["client_id"]
        _, area, number, kind, _ = client_id.split("-")
        return JSONResponse({"message": {"client_id": client_id, "venueName": f"{kind.title()} {area}-{number}"}})

    async def person(self, request: Request) -> Response:
        """Check somebody in or out, if the NRIC can be one."""
        form = {name: value for name, [value] in parse_qs((await request.body()).decode()).items()}
        nric, action = form["sub"], form["actionType"]
        if ids.nric_letter(nric[0], nric[1:-1]) != nric[-1] or action not in ACTIONS.values():
            raise ValueError(nric)
        self.transactions[nric] += 1
        number = sha256(f"{self.seed}/{nric}/{self.transactions[nric]}".encode()).hexdigest()[:24]
        return JSONResponse({"status": "success", "message": {"transactionId": number}})


async def _config(_: Request) -> Response:
    return JSONResponse({"version": "1.4", "languages": ["en", "zh", "ms", "ta"]})


def server(setting: Setting) -> ASGIApp:
    """Serve all hosts of the design."""
    own = SafeEntry(setting.seed)
    page = [Route("/config.json", _config), kit.notice_route("safeentry")]
    backend = [Route("/api/v2/building", own.building), Route("/api/v2/person", own.person, methods=["POST"])]
    return kit.serve({PAGE: page, BACKEND: backend})
