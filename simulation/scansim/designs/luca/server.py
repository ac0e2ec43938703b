"""The server's side: users it cannot read, check-ins under pseudonyms, venues that are no secret."""

from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp

from scansim.city import City, Place
from scansim.designs import kit
from scansim.designs.design import Setting
from scansim.designs.luca.formats import HOST, KEY_ID, location_id, scanner_id, uuid
from scansim.designs.luca.seal import PrivateKey, b64, point, private_key
from scansim.seeds import stream

KEPT_S = timedelta(days=30).total_seconds()


def venue_key(seed: int, place_id: str) -> PrivateKey:
    """Make a venue's key: the venue has it, the server the public half."""
    return private_key(stream(seed, "luca venue", place_id))


class Luca:
    """The server. It keeps check-ins for 30 days, by their trace ids."""

    def __init__(self, seed: int, city: City) -> None:
        self.seed, self.now = seed, 0
        places = city.all_places
        self.by_scanner = {str(scanner_id(seed, place.id)): place for place in places}
        self.by_location = {str(location_id(seed, place.id)): place for place in places}
        self.traces: dict[str, dict[str, Any]] = {}

    async def daily_key(self, _: Request) -> Response:
        """Publish the key of the health departments."""
        key = private_key(stream(self.seed, "luca daily key"))
        return JSONResponse({"keyId": KEY_ID, "publicKey": b64(point(key.public_key()))})

    async def challenge(self, request: Request) -> Response:
        """Send a TAN, as it were."""
        body = await request.json()
        return JSONResponse({"challengeId": str(uuid(self.seed, "luca challenge", body["phone"]))})

    async def verify(self, request: Request) -> Response:
        """Take any TAN: there is no telephone network."""
        body = await request.json()
        return Response(status_code=204 if body["challengeId"] and body["tan"] else 400)

    async def register(self, request: Request) -> Response:
        """Deposit contact data."""
        body = await request.json()
        return JSONResponse({"userId": str(uuid(self.seed, "luca user", body["publicKey"]))}, status_code=201)

    async def scanner(self, request: Request) -> Response:
        """Tell the key of a scanner's venue."""
        scanner = request.path_params["id"]
        place = self.by_scanner[scanner]
        key = venue_key(self.seed, place.id).public_key()
        location = str(location_id(self.seed, place.id))
        return JSONResponse({"scannerId": scanner, "locationId": location, "publicKey": b64(point(key))})

    async def location(self, request: Request) -> Response:
        """Tell whoever asks what and where a location is."""
        location = request.path_params["id"]
        return JSONResponse({"locationId": location, **_described(self.by_location[location])})

    async def check_in(self, request: Request) -> Response:
        """Keep a check-in."""
        body = await request.json()
        place, at = self.by_scanner[body["scannerId"]], int(body["timestamp"])
        location = str(location_id(self.seed, place.id))
        self.traces[body["traceId"]] = {"checkin": at, "checkout": None, "locationId": location}
        self.tick(at)
        return Response(status_code=201)

    async def check_out(self, request: Request) -> Response:
        """Keep when somebody left."""
        body = await request.json()
        at = int(body["timestamp"])
        self.traces[body["traceId"]]["checkout"] = at
        self.tick(at)
        return Response(status_code=204)

    async def bulk(self, request: Request) -> Response:
        """Tell whoever knows trace ids where they were, and when."""
        asked = (await request.json())["traceIds"]
        return JSONResponse([{"traceId": trace, **self.traces[trace]} for trace in asked if trace in self.traces])

    def tick(self, at: int) -> None:
        """Move the clock to the latest time that was told, and delete what is too old."""
        self.now = max(self.now, at)
        self.traces = {trace: kept for trace, kept in self.traces.items() if kept["checkin"] >= self.now - KEPT_S}


def _described(place: Place) -> dict[str, object]:
    return {
        "groupName": place.name,
        "locationName": None,
        "lat": place.latitude,
        "lng": place.longitude,
        "radius": 50,
        "isPrivate": False,
    }


async def _versions(_: Request) -> Response:
    return JSONResponse({"minimumVersion": 50})


def server(setting: Setting) -> ASGIApp:
    """Serve all hosts of the design."""
    own = Luca(setting.seed, setting.city)
    routes = [
        Route("/versions/apps/android", _versions),
        Route("/keys/daily/current", own.daily_key),
        Route("/sms/request", own.challenge, methods=["POST"]),
        Route("/sms/verify", own.verify, methods=["POST"]),
        Route("/users", own.register, methods=["POST"]),
        Route("/scanners/{id}", own.scanner),
        Route("/locations/{id}", own.location),
        Route("/traces/checkin", own.check_in, methods=["POST"]),
        Route("/traces/checkout", own.check_out, methods=["POST"]),
        Route("/traces/bulk", own.bulk, methods=["POST"]),
    ]
    return kit.serve({HOST: [Mount("/api/v3", Router(routes)), kit.notice_route("luca")]})
