"""The super-app that a health code lives in: its own hosts, its chatter, and one call that tells where the phone is.

Assumptions: hosts and paths; what the chatter consists of. It is there to be mistaken for a disclosure and must not be
one: versions, sizes, buckets and scores, but no id, no place, no colour. The weather call has the published shape of
mtop requests (docs/facts.md §2: form field `data`, header `x-location` with the longitude first); that it carries the
device id in `x-utdid` is an assumption.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from random import Random
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Host, Route, Router

from scansim.clock import milliseconds
from scansim.people import Device
from scansim.phone import Call

CDN, MTOP, LOG, PINNED = "cdn.superapp.test", "mtop.superapp.test", "log.superapp.test", "pinned.superapp.test"
HOSTS = (CDN, MTOP, LOG, PINNED)
VERSION = "10.1.85"
ASSETS = ("index.js", "vendor.js", "theme.css", "icons.woff2", "home.html")
MODULES = ("tabbar", "search", "wallet", "miniapp", "push")
COUNTERS = ("page_open", "page_close", "cold_start", "frame_drop", "cache_hit", "cache_miss")


def user_agent(device: Device) -> str:
    """Name the super-app as it names itself: its version and the phone's model."""
    return f"SuperApp/{VERSION} (Linux; Android 10; {device.model})"


def web_user_agent(device: Device) -> str:
    """Name a page's browser within the super-app; `{chrome}` stands for the browser's version."""
    return (
        f"Mozilla/5.0 (Linux; Android 10; {device.model}) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{{chrome}} Mobile Safari/537.36 SuperApp/{VERSION}"
    )


def compact(value: object) -> str:
    """Write JSON as phones send it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Chatter:
    """What the super-app sends by itself."""

    def __init__(self, device: Device, random: Random) -> None:
        self.random, self.headers = random, {"User-Agent": user_agent(device)}
        self.bucket, self.beats = random.randrange(100), 0

    def calls(self) -> Iterator[Call]:
        """Make one burst: one or two requests."""
        kinds: tuple[Callable[[], Call], ...] = (self.asset, self.config, self.heartbeat, self.telemetry)
        for kind in self.random.choices(kinds, (2, 2, 4, 3), k=self.random.choice((1, 1, 2))):
            yield kind()

    def asset(self) -> Call:
        """Fetch a file of the user interface."""
        stem, suffix = self.random.choice(ASSETS).split(".")
        version = sha256(f"{stem}{VERSION}".encode()).hexdigest()[:8]
        return Call("GET", f"https://{CDN}/h5/{stem}.{version}.{suffix}?v={VERSION}", self.headers)

    def config(self) -> Call:
        """Fetch the switches of one module, by version, A/B bucket and screen."""
        module = self.random.choice(MODULES)
        url = f"https://{CDN}/config/{module}.json?v={VERSION}&bucket={self.bucket}&screen=1080x2340&scale=2.75"
        return Call("GET", url, self.headers, http2=False)

    def heartbeat(self) -> Call:
        """Say that the app still runs."""
        self.beats += 1
        return self._log("heartbeat", {"beat": self.beats}, http2=False)

    def telemetry(self) -> Call:
        """Report how often things happened, how long they took, how large they were."""
        counters = [
            {
                "name": name,
                "count": self.random.randint(1, 40),
                "bytes": self.random.randint(200, 90_000),
                "took_ms": self.random.randint(3, 900),
                "score": round(self.random.random(), 4),
            }
            for name in self.random.sample(COUNTERS, self.random.randint(1, 4))
        ]
        return self._log("counters", {"version": VERSION, "bucket": self.bucket, "counters": counters}, http2=True)

    def _log(self, path: str, body: object, http2: bool) -> Call:
        headers = {**self.headers, "Content-Type": "application/json"}
        return Call("POST", f"https://{LOG}/{path}", headers, compact(body).encode(), http2)


def weather(device: Device, location: dict[str, str], at: datetime) -> Call:
    """Ask for the weather here; `location` has the strings of `my.getLocation`."""
    headers = {
        "User-Agent": user_agent(device),
        "Content-Type": "application/x-www-form-urlencoded",
        "x-location": quote(f"{location['longitude']},{location['latitude']}", safe=""),
        "x-utdid": quote(device.utdid, safe=""),
        "x-t": str(milliseconds(at) // 1000),
    }
    body = "data=" + quote(compact({"kind": "now", "unit": "celsius"}), safe="")
    return Call("POST", f"https://{MTOP}/gw/mtop.superapp.weather.local.get/1.0/", headers, body.encode())


def routes() -> list[BaseRoute]:
    """List the super-app's servers. The pinned one has nothing to say: nobody gets that far."""
    return [
        Host(CDN, Router([Route("/config/{module}.json", _config), Route("/h5/{name}", _asset)])),
        Host(MTOP, Router([Route("/gw/{api}/{version}/", _weather, methods=["POST"])])),
        Host(LOG, Router([Route("/{kind}", _logged, methods=["POST"])])),
    ]


async def _config(request: Request) -> Response:
    return JSONResponse({"module": request.path_params["module"], "version": VERSION, "on": True, "ratio": 0.05})


async def _asset(request: Request) -> Response:
    return PlainTextResponse(f"/* {request.path_params['name']} */\n" * 20)


async def _weather(request: Request) -> Response:
    answer = {"weather": "多云", "temperature": "11"}
    return JSONResponse({"api": request.path_params["api"], "ret": ["SUCCESS::调用成功"], "data": answer})


async def _logged(_: Request) -> Response:
    return JSONResponse({"success": True})
