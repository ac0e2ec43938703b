"""The server's side: sign-up, the code and its colour, scans of posters."""

from datetime import UTC, datetime, time
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from scansim.colours import HEALTH_STATUS, Engine
from scansim.designs import kit
from scansim.designs.design import Setting
from scansim.designs.place_code.formats import HOST


class PlaceCode:
    """The server. It takes the time from the last scan that it was told of: it has no simulated clock of its own."""

    def __init__(self, setting: Setting) -> None:
        self.seed, zone = setting.seed, setting.city.zone
        self.engine = Engine(setting.rules, zone, setting.cases, setting.bookings)
        self.now = datetime.combine(setting.first_day, time(), zone)

    async def register(self, request: Request) -> Response:
        """Give a token and decide its colour."""
        form = await request.json()
        digits = int.from_bytes(sha256(f"{self.seed}/place code/{form['idCardNo']}".encode()).digest())
        token = f"PC{digits % 10**16:016d}"
        self.engine.declare(token, form["idCardNo"], form, self.now)
        return JSONResponse({"codeNo": token})

    async def code(self, request: Request) -> Response:
        """Show the code."""
        return JSONResponse(self.status(request.query_params["codeNo"]))

    async def scan(self, request: Request) -> Response:
        """Answer the scan of a poster with a pass."""
        body = await request.json()
        at = datetime.fromtimestamp(int(body["scanTime"]) / 1000, UTC)
        self.now = max(self.now, at)
        self.engine.scanned(body["codeNo"], body["placeId"], None, at)
        return JSONResponse({**self.status(body["codeNo"]), "placeId": body["placeId"]})

    def status(self, token: str) -> dict[str, object]:
        """Tell the colour, as word and as number, and whether it opens gates."""
        shown = self.engine.colour(token, self.now)
        return {"colour": shown, "healthStatus": HEALTH_STATUS[shown], "pass": shown == "green"}


async def _config(_: Request) -> Response:
    return JSONResponse({"version": "3.1", "scan": True})


def server(setting: Setting) -> ASGIApp:
    """Serve all hosts of the design."""
    own = PlaceCode(setting)
    routes = [
        Route("/api/config", _config),
        Route("/api/register", own.register, methods=["POST"]),
        Route("/api/code", own.code),
        Route("/api/place/scan", own.scan, methods=["POST"]),
        kit.notice_route("place_code"),
    ]
    return kit.serve({HOST: routes})
