"""The server of the live page: on loopback, for who has the token (`guard`), under a content-security policy."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from bokeh.resources import Resources
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from scantrail.live import maps
from scantrail.live.guard import Guard
from scantrail.live.protocol import ACTS, Do, Move, Pause, Play, Step
from scantrail.live.scene import Scene
from scantrail.live.session import Session
from scantrail.mercator import LIMIT_M, to_degrees

STATIC: Mapping[str, str] = {
    "live.css": "text/css; charset=utf-8",
    "live.js": "text/javascript; charset=utf-8",
    "htmx/htmx.min.js": "text/javascript; charset=utf-8",
    "htmx/sse.min.js": "text/javascript; charset=utf-8",
}
LEAD, WATCH = "lead", "watch"
_SPEEDS = (1.0, 100_000.0)  # simulated seconds a second
_HOURS = 24.0 * 7

type Change = Callable[[str, str], Awaitable[None]]
"""Begins anew with one design, or with two of them side by side (the second name is not empty)."""


class Page:
    """Answers the browsers."""

    def __init__(self, session: Session, change: Change) -> None:
        self.session, self.change = session, change
        self.doing: Mapping[str, Callable[[Mapping[str, str]], Awaitable[None]]] = {
            "play": self._play,
            "pause": self._pause,
            "step": self._step,
            "move": self._move,
            "act": self._act,
            "look": self._look,
            "reveal": self._reveal,
            "design": self._design,
        }

    def app(self, hosts: list[str], tokens: Mapping[str, str]) -> Starlette:
        """Make the server, which is reached under `hosts` and gives the roles of `tokens`."""
        port = hosts[0].rpartition(":")[2]
        guard = Middleware(Guard, hosts=hosts, cookie=f"scantrail-live-{port}", tokens=tokens)
        routes = [
            Route("/", self._page),
            Route("/events", self._events),
            Route("/map/{id}", self._map),
            Route("/raw/{number:int}/{index:int}", self._raw),
            Route("/requests/{number:int}", self._requests),
            Route("/do/{what}", self._do, methods=["POST"]),
            Route("/static/bokeh.js", _bokeh),
            *(Route(f"/static/{name}", _static) for name in STATIC),
        ]
        return Starlette(routes=routes, middleware=[guard], exception_handlers={HTTPException: _refuse})

    async def _page(self, request: Request) -> Response:
        return self._html(self.session.shown.page(self.session.scenes, request.state.role))

    async def _requests(self, request: Request) -> Response:
        scene = self._scene(request)
        before = _number(request.query_params, "before", len(scene.lane.lines), (0, len(scene.lane.lines)))
        return self._html(self.session.shown.requests(scene.number, scene.lane, int(before)))

    async def _raw(self, request: Request) -> Response:
        scene, index = self._scene(request), request.path_params["index"]
        if index >= len(scene.lane.lines):
            raise HTTPException(404, "There is no such request.")
        return self._html(await asyncio.to_thread(self.session.shown.raw, scene.lane.lines[index]))

    async def _map(self, request: Request) -> Response:
        name = request.path_params["id"]
        for scene in self.session.scenes:
            if name == f"map-{scene.number}":
                return JSONResponse(maps.known_map(scene.lane.spots, name), headers=_HEADERS)
            if name == "city":
                return JSONResponse(maps.city_map(scene.lane.spots, name), headers=_HEADERS)
        raise HTTPException(404, "There is no such map.")

    async def _events(self, _: Request) -> Response:
        return StreamingResponse(self.session.hub.stream(), media_type="text/event-stream", headers=_HEADERS)

    def _html(self, text: str) -> Response:
        phones = {
            scene.ready.phone.partition("/?")[0] for scene in self.session.scenes if scene.ready and scene.ready.phone
        }
        return HTMLResponse(text, headers={**_HEADERS, "Content-Security-Policy": _policy(phones)})

    def _scene(self, request: Request) -> Scene:
        number: int = request.path_params["number"]
        if number >= len(self.session.scenes):
            raise HTTPException(404, "There is no such lane.")
        return self.session.scenes[number]

    # What who leads may do

    async def _do(self, request: Request) -> Response:
        if request.state.role != LEAD:
            raise HTTPException(403, "Who watches changes nothing.")
        if (do := self.doing.get(request.path_params["what"])) is None:
            raise HTTPException(404, "That cannot be done.")
        body = (await request.body()).decode("utf-8", "replace")
        await do({name: found[-1] for name, found in parse_qs(body, keep_blank_values=True).items()})
        return Response(status_code=204, headers=_HEADERS)

    async def _play(self, values: Mapping[str, str]) -> None:
        self.session.tell(Play(_number(values, "speed", None, _SPEEDS)))

    async def _pause(self, _: Mapping[str, str]) -> None:
        self.session.tell(Pause())

    async def _step(self, values: Mapping[str, str]) -> None:
        if "to_hour" in values:
            self.session.tell(Step(to_hour=_number(values, "to_hour", None, (0, 24))))
        else:
            self.session.tell(Step(hours=_number(values, "hours", None, (0, _HOURS))))

    async def _move(self, values: Mapping[str, str]) -> None:
        if "place" in values:
            spots = {spot.id: spot for scene in self.session.scenes for spot in scene.lane.spots}
            if (spot := spots.get(values["place"])) is None:
                raise HTTPException(400, "There is no such place.")
            self.session.tell(Move(spot.latitude, spot.longitude))
            return
        x, y = (_number(values, name, None, (-LIMIT_M, LIMIT_M)) for name in ("x", "y"))
        latitude, longitude = to_degrees(x, y)
        self.session.tell(Move(latitude, longitude))

    async def _act(self, values: Mapping[str, str]) -> None:
        name, direction = values.get("name"), values.get("direction", "enter")
        if name not in ACTS or direction not in ("enter", "leave"):
            raise HTTPException(400, "A phone cannot do that.")
        self.session.tell(Do(name, direction))  # type: ignore[arg-type]

    async def _look(self, values: Mapping[str, str]) -> None:
        number = int(_number(values, "number", None, (0, len(self.session.scenes) - 1)))
        self.session.look_at(number, values.get("user_id", ""))

    async def _reveal(self, _: Mapping[str, str]) -> None:
        self.session.reveal(not self.session.is_revealed)

    async def _design(self, values: Mapping[str, str]) -> None:
        first, beside = values.get("first", ""), values.get("beside", "")
        if first not in self.session.shown.designs or beside not in ("", *self.session.shown.designs):
            raise HTTPException(400, "There is no such design.")
        await self.change(first, "" if beside == first else beside)


_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def _policy(phones: set[str]) -> str:
    """Scripts and data from this server alone. Bokeh writes styles into the page; nothing that was captured does."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "connect-src 'self'",
            f"frame-src {' '.join(sorted(phones)) or "'none'"}",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _number(values: Any, name: str, default: float | None, within: tuple[float, float]) -> float:
    """A number that was sent, within bounds."""
    try:
        number = float(values[name]) if name in values or default is None else default
    except (KeyError, ValueError):
        raise HTTPException(400, f"{name} is no number.") from None
    if not within[0] <= number <= within[1]:
        raise HTTPException(400, f"{name} is not between {within[0]:g} and {within[1]:g}.")
    return number


async def _refuse(_: Request, error: Exception) -> Response:
    status, detail = (error.status_code, error.detail) if isinstance(error, HTTPException) else (500, repr(error))
    return PlainTextResponse(detail, status, headers=_HEADERS)


async def _static(request: Request) -> Response:
    name = request.url.path.removeprefix("/static/")
    return Response(_file(name), headers={**_HEADERS, "Content-Type": STATIC[name]})


async def _bokeh(_: Request) -> Response:
    return Response(
        _bokeh_script(), media_type="text/javascript", headers={**_HEADERS, "Cache-Control": "max-age=3600"}
    )


@cache
def _file(name: str) -> bytes:
    return (Path(str(files("scantrail.live"))) / "static" / name).read_bytes()


@cache
def _bokeh_script() -> str:
    """Bokeh, without its widgets, tables, formulae and graphics card."""
    return "\n".join(Resources(mode="inline", components=["bokeh"]).js_raw)
