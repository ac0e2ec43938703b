"""The servers' side: the issuer knows people, the other visits; what both know is a key."""

import hmac
from collections import Counter

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from scansim.designs import kit
from scansim.designs.design import Setting
from scansim.designs.kipass.formats import ISSUER, LIVES_MS, VISITS, sign
from scansim.seeds import stream


class Issuer:
    """Issues codes to people whom it knows, and never learns where they are used."""

    def __init__(self, seed: int, key: bytes) -> None:
        self.key, self.secret = key, stream(seed, "kipass issuer").randbytes(32)
        self.names, self.issued = dict[str, str](), Counter[str]()

    async def sign_up(self, request: Request) -> Response:
        """Remember who has a phone number."""
        form = await request.json()
        self.names[form["mobile"]] = form["name"]
        return JSONResponse({"verified": True})

    async def issue(self, request: Request) -> Response:
        """Make a code. The server takes the time from the phone: it has no simulated clock of its own."""
        body = await request.json()
        mobile, at = body["mobile"], int(body["ts"])
        if mobile not in self.names:
            raise KeyError(mobile)
        self.issued[mobile] += 1
        token = hmac.digest(self.secret, f"{mobile}/{self.issued[mobile]}".encode(), "sha256").hex()[:32]
        code = {"qrCodeId": token, "issuedAt": at, "mac": sign(self.key, token, at)}
        return JSONResponse(code | {"livesMs": LIVES_MS})


class Visits:
    """Takes codes that are signed, fresh and new, and the venue; whose they are it cannot tell."""

    def __init__(self, key: bytes) -> None:
        self.key, self.used = key, set[str]()

    async def record(self, request: Request) -> Response:
        """Record a visit."""
        body = await request.json()
        token, issued_at = body["qrCodeId"], body["issuedAt"]
        genuine = hmac.compare_digest(sign(self.key, token, issued_at), body["mac"])
        fresh = 0 <= body["visitTime"] - issued_at <= LIVES_MS
        if not (genuine and fresh and token not in self.used and body["venueId"]):
            raise ValueError(token)
        self.used.add(token)
        return JSONResponse({"accepted": True})


async def _config(_: Request) -> Response:
    return JSONResponse({"version": "8.9", "livesMs": LIVES_MS})


def server(setting: Setting) -> ASGIApp:
    """Serve all hosts of the design."""
    key = stream(setting.seed, "kipass key").randbytes(32)
    issuer, visits = Issuer(setting.seed, key), Visits(key)
    routes = [
        Route("/v1/config", _config),
        Route("/v1/users", issuer.sign_up, methods=["POST"]),
        Route("/v1/qr", issuer.issue, methods=["POST"]),
        kit.notice_route("kipass"),
    ]
    return kit.serve({ISSUER: routes, VISITS: [Route("/v1/visits", visits.record, methods=["POST"])]})
