"""The servers' side: sign-up, consent, the code and its colour, scans; and the super-app's own hosts."""

import json
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Host, Route, Router
from starlette.types import ASGIApp

from scansim import clock
from scansim.colours import HEALTH_STATUS, Engine
from scansim.designs import superapp
from scansim.designs.alipay import pages
from scansim.designs.alipay.formats import CHECK_IN, HEALTHCODE, QUERY, REGISTER, REPORT, STARTUP
from scansim.designs.design import Setting
from scansim.position import Position
from scantrail import geo

LEGEND: tuple[dict[str, str], ...] = (
    {"colour": "green", "zh": "绿码：凭码通行", "en": "Green: move freely."},
    {"colour": "yellow", "zh": "黄码：七天内隔离", "en": "Yellow: stay at home for 7 days."},
    {"colour": "red", "zh": "红码：十四天隔离", "en": "Red: quarantine for 14 days."},
)
"""T6, as every holder sees it; nobody is shown more (T5)."""


class HealthCode:
    """The health code's server. What it was told decides the colours; who holds a code is shown the colour alone."""

    def __init__(self, setting: Setting) -> None:
        self.seed, self.engine = setting.seed, Engine(setting.rules, setting.city.zone, setting.cases, setting.bookings)
        self.notice = tomllib.loads((files("scansim.designs.alipay") / "notice.toml").read_text("utf-8"))
        self.operations: dict[str, Callable[[dict[str, Any], datetime], Mapping[str, object]]] = {
            STARTUP: lambda _body, _at: {},
            REGISTER: self.register,
            REPORT: lambda body, _at: {"codeNo": body["codeNo"]},
            CHECK_IN: self.check_in,
            QUERY: self.query,
        }

    def register(self, form: dict[str, Any], at: datetime) -> Mapping[str, object]:
        """Give a code number, and keep what was declared."""
        digits = int.from_bytes(sha256(f"{self.seed}/{form['idCardNo']}".encode()).digest())
        code_number = f"HZ{digits % 10**14:014d}"
        self.engine.declare(code_number, form["idCardNo"], form, at)
        return {"codeNo": code_number}

    def check_in(self, body: dict[str, Any], at: datetime) -> Mapping[str, object]:
        """Keep how somebody is today."""
        self.engine.check_in(body["codeNo"], body["symptoms"], at)
        return self.status(body["codeNo"], at)

    def query(self, body: dict[str, Any], at: datetime) -> Mapping[str, object]:
        """Show the code: colour and legend, no reason."""
        return {**self.status(body["codeNo"], at), "refreshedAt": clock.text(at), "legend": LEGEND}

    def status(self, code_number: str, at: datetime) -> dict[str, object]:
        """Tell the colour, as word and as number."""
        shown = self.engine.colour(code_number, at)
        return {"codeNo": code_number, "colour": shown, "healthStatus": HEALTH_STATUS[shown]}

    async def post(self, request: Request) -> Response:
        """Serve the gateway's POST form."""
        [body], headers = await request.json(), request.headers
        return self.answer(headers["operation-type"], body["_requestBody"], headers["ts"])

    async def get(self, request: Request) -> Response:
        """Serve the gateway's GET form."""
        query = request.query_params
        [body] = json.loads(query["requestData"])
        return self.answer(query["operationType"], body, query["ts"])

    def answer(self, operation: str, body: dict[str, Any], ts: str) -> Response:
        """Run one operation. The server takes the time from the phone's `Ts`: it has no simulated clock of its own."""
        at = datetime.fromtimestamp(int(ts) / 1000, UTC)
        return JSONResponse({"resultStatus": 1000, "result": self.operations[operation](body, at)})

    async def verify(self, request: Request) -> Response:
        """Answer a scan: green may pass. The time is the phone's, `scanTime`, as with the gateway."""
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        code_number, data = form["codeNo"], json.loads(form["data"])
        at = datetime.fromtimestamp(int(data["scanTime"]) / 1000, UTC)
        self.engine.scanned(code_number, data["placeId"], _position(data.get("location")), at)
        status = self.status(code_number, at)
        return JSONResponse({"pass": status["colour"] == "green", **status})

    async def show_notice(self, _: Request) -> Response:
        """Tell users what they are told."""
        return JSONResponse(self.notice)


def _position(location: str | None) -> Position | None:
    """The position in the strings of `my.getLocation`, in WGS-84."""
    told = json.loads(location) if location else {}
    if "latitude" not in told:
        return None
    latitude, longitude = geo.gcj02_to_wgs84(float(told["latitude"]), float(told["longitude"]))
    return Position(float(latitude), float(longitude))


async def _refuse(_: Request, error: Exception) -> Response:
    """Answer a request that lacks what it must have, or names a code or an operation that does not exist."""
    return JSONResponse({"resultStatus": 3000, "tips": type(error).__name__}, status_code=400)


def server(setting: Setting) -> ASGIApp:
    """Serve all hosts of the design."""
    code = HealthCode(setting)
    routes = [
        Route("/mgw.htm", code.post, methods=["POST"]),
        Route("/mgw.htm", code.get, methods=["GET"]),
        Route("/h5/notice.json", code.show_notice),
        Route("/h5/verify.json", code.verify, methods=["POST"]),
        *pages.routes(code.engine.colour, setting.city),
    ]
    refusals = dict.fromkeys((KeyError, ValueError, TypeError), _refuse)
    return Starlette(routes=[Host(HEALTHCODE, Router(routes)), *superapp.routes()], exception_handlers=refusals)
