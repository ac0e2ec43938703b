"""The page on the phone in the hand: what a browser on this machine asks for goes through the proxy, as from a phone.

The page comes from the simulated server and runs in the visitor's own browser, in a frame of the live page, at a
loopback address of its own. No browser has to be set up: the relay sends each request on through the recording proxy,
to the simulated host, in TLS, under the phone's clock and name. What makes a browser a phone (`phone.js`: position,
time, identifiers) is added to the page on the way back and asks under `/phone/`, which goes nowhere.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from html import escape
from importlib.resources import files
from urllib.parse import urlsplit

import httpx2
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from scansim import SimulationError, clock
from scansim.classroom.stage import Stage
from scansim.designs import superapp
from scansim.designs.design import Pages
from scansim.phone import CLOCK_HEADER
from scantrail.live.guard import Guard

_STAYS = {"host", "cookie", "connection", "keep-alive", "transfer-encoding", "te", "upgrade", "content-length"}
"""Headers between the browser and the relay."""
_MADE_ANEW = {"content-encoding", "content-length", "transfer-encoding", "connection", "x-frame-options"}
_CLOCK_S = 0.25
_CHROME = re.compile(r"Chrome/([\d.]+)")
_SCRIPT = "/phone/phone.js"


class Relay:
    """Serves the pages of a design, as seen on the phone in the hand."""

    def __init__(self, stage: Stage, pages: Pages, embedder: str) -> None:
        """Begin. `embedder` is the origin of the page that may show this one in a frame."""
        self.stage, self.pages, self.embedder, self.host = stage, pages, embedder, ""
        self.has_ended = False
        home = urlsplit(pages.home)
        self.origin, self.start = f"{home.scheme}://{home.netloc}", home.path
        self.client = stage.connect(stage.now, True, False)

    def app(self, token: str, port: int) -> Starlette:
        """Make the server; it answers who came with the token, in the address or since then in a cookie."""
        self.host = f"127.0.0.1:{port}"
        guard = Middleware(Guard, hosts=[self.host], cookie=f"scantrail-phone-{port}", tokens={token: "hand"})
        own = {"clock": self._tell_time, "position": self._tell_position, "place": self._tell_place}
        routes = [
            Route("/", self._begin),
            Route(_SCRIPT, self._script),
            *(Route(f"/phone/{name}", answer) for name, answer in own.items()),
            Route("/{path:path}", self._pass_on, methods=["GET", "POST"]),
        ]
        return Starlette(routes=routes, middleware=[guard])

    async def close(self) -> None:
        """End the streams, so that the server can end, and hang up."""
        self.has_ended = True
        await self.client.aclose()

    async def _begin(self, _: Request) -> Response:
        return Response(status_code=303, headers={"Location": self.start})

    async def _script(self, _: Request) -> Response:
        script = (files("scansim.classroom") / "phone.js").read_text("utf-8")
        return Response(script, media_type="text/javascript")

    async def _tell_position(self, _: Request) -> Response:
        fix = self.stage.hand.receive(self.stage.now)
        return JSONResponse({**fix.position._asdict(), "accuracy": fix.accuracy_m})

    async def _tell_place(self, _: Request) -> Response:
        return JSONResponse(self.stage.hand.place(self.stage.now)[0].id)

    async def _tell_time(self, _: Request) -> Response:
        async def times() -> AsyncIterator[str]:
            told = None
            while not self.has_ended:
                if told != (now := self.stage.now):
                    told = now
                    yield f"data: {clock.milliseconds(now)}\n\n"
                await asyncio.sleep(_CLOCK_S)

        return StreamingResponse(times(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def _pass_on(self, request: Request) -> Response:
        """Send a request through the proxy, and the answer back."""
        body, now = await request.body(), self.stage.touch()
        if do := self.pages.act(request.method, request.url.path, request.headers, body):
            with suppress(SimulationError):  # a place that does not exist: the server says so
                self.stage.did(do, now)
        target = request.scope["raw_path"].decode("latin-1") + (f"?{request.url.query}" if request.url.query else "")
        try:
            answer = await self.client.request(
                request.method,
                f"{self.origin}{target}",
                headers={**self._outside(request), CLOCK_HEADER: clock.text(now)},
                content=body,
            )
        except httpx2.TransportError as error:
            return PlainTextResponse(f"{self.origin}{request.url.path}: {error or type(error).__name__}", 502)
        return self._inside(answer)

    def _outside(self, request: Request) -> dict[str, str]:
        """The headers as the phone sends them: it is another browser, and the page is at the host's own address."""
        headers = {name: value for name, value in request.headers.items() if name not in _STAYS}
        headers = {name: value.replace(f"http://{self.host}", self.origin) for name, value in headers.items()}
        chrome = _CHROME.search(headers.get("user-agent", ""))
        agent = superapp.web_user_agent(self.stage.hand.person.device)
        return headers | {"user-agent": agent.replace("{chrome}", chrome[1] if chrome else "0")}

    @property
    def _told(self) -> dict[str, object]:
        """What the page is told about the phone and whose it is."""
        person = self.stage.hand.person
        return {
            "superapp": {
                "utdid": person.device.utdid,
                "model": person.device.model,
                "secret": f"scansim {self.stage.world.scenario.seed}",
                "host": urlsplit(self.origin).hostname,
            },
            "person": self.pages.form(person),
        }

    def _inside(self, answer: httpx2.Response) -> Response:
        """An answer as the browser may have it: in a frame of the live page, and with the phone around it."""
        headers = {name: value for name, value in answer.headers.items() if name.lower() not in _MADE_ANEW}
        if policy := headers.get("content-security-policy"):
            headers["content-security-policy"] = policy.replace(
                "frame-ancestors 'none'", f"frame-ancestors {self.embedder}"
            )
        content = answer.content
        if answer.headers.get("content-type", "").startswith("text/html"):
            tag = f'<head>\n<script src="{_SCRIPT}" data-phone="{escape(json.dumps(self._told))}"></script>'
            content = content.replace(b"<head>", tag.encode(), 1)
        return Response(content, answer.status_code, headers)
