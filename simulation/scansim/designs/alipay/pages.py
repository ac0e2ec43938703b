"""The mini-program as a mobile web page (folder `h5/`), and what it needs of the server: gates, codes, posters.

Assumptions, as all of the page: what the code's QR says (a link with the code number and when it was shown), that the
server draws it, and that a phone knows the city's gates, which here stand in for a map service's districts.
"""

import io
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from scansim import SimulationError
from scansim.city import City, Place
from scansim.designs.alipay.app import POSTERS
from scansim.designs.alipay.formats import HEALTHCODE, REGISTER, REPORT, STARTUP, deep_link
from scansim.people import Person
from scantrail.colours import Colour
from scantrail.live.protocol import Do

HOME = f"https://{HEALTHCODE}/h5/"
INK: Mapping[Colour, str] = {"green": "#0b6e3b", "yellow": "#7a5200", "red": "#b3261e"}
"""What a code of each colour is drawn in: dark enough to be read off a screen (contrast with white over 6 to 1)."""
FILES: Mapping[str, str] = {
    "index.html": "text/html; charset=utf-8",
    "posters.html": "text/html; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "gcj02.js": "text/javascript; charset=utf-8",
    "posters.js": "text/javascript; charset=utf-8",
    "zxing-wasm/reader.js": "text/javascript; charset=utf-8",
    "zxing-wasm/zxing_reader.wasm": "application/wasm",
}
AREA = ("province", "provinceAdcode", "city", "cityAdcode", "district", "districtAdcode")
"""What `my.getLocation` calls the fields of `scansim.city.Area`."""
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_OPERATIONS: Mapping[str, Do] = {STARTUP: Do("app start"), REGISTER: Do("sign-up"), REPORT: Do("consent")}

type ColourOf = Callable[[str, datetime], Colour]
"""Tells the colour of a code number at a time; KeyError if there is no such code."""


def routes(colour_of: ColourOf, city: City) -> list[Route]:
    """List what is served beside the requests of every phone."""
    places = {place.id: place for place in city.all_places}

    async def tell_city(_: Request) -> Response:
        return JSONResponse(_about(city), headers=HEADERS)

    async def draw_code(request: Request) -> Response:
        number = request.query_params["codeNo"]
        at = datetime.fromtimestamp(int(request.query_params["ts"]) / 1000, UTC)
        return _svg(code_text(number, at), INK[colour_of(number, at)])

    async def draw_poster(request: Request) -> Response:
        return _svg(deep_link(places[request.path_params["place"]]), "#000")

    return [
        Route("/h5/", _file),
        Route("/h5/city.json", tell_city),
        Route("/h5/code.svg", draw_code),
        Route("/h5/posters/{place}.svg", draw_poster),
        *(Route(f"/h5/{name}", _file) for name in FILES),
    ]


def code_text(code_number: str, at: datetime) -> str:
    """Say what the QR of a code says when it is shown."""
    query = urlencode({"codeNo": code_number, "ts": str(round(at.timestamp() * 1000))})
    return f"https://{HEALTHCODE}/h5/code?{query}"


def poster(place: Place, scale: int = 6) -> bytes:
    """Draw a place's poster as a picture (PNG), as a camera would take it."""
    picture = io.BytesIO()
    segno().make(deep_link(place), error="m", micro=False).save(picture, kind="png", scale=scale, border=4)
    return picture.getvalue()


def act(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Do | None:
    """Tell what a request of the page says that its user did; nothing of what a page asks for by itself."""
    if (method, path) == ("POST", "/h5/verify.json"):
        return _scan(body)
    if method == "GET" and path == "/h5/code.svg":
        return Do("show code")
    return _OPERATIONS.get(headers.get("operation-type", ""))


def _scan(body: bytes) -> Do | None:
    """The scan of a form; nothing of one that the page would not send."""
    with suppress(LookupError, ValueError, TypeError):
        place, _, way = json.loads(parse_qs(body.decode())["data"][0])["gateId"].rsplit("-", 2)
        return Do("scan", "enter" if way == "in" else "leave", place)
    return None


def form(person: Person) -> Mapping[str, str]:
    """What a person writes into the form, by the inputs' ids."""
    return {
        "name": person.name,
        "id-card": person.resident_id,
        "mobile": person.phone_number,
        "travel": "，".join(person.recent_travel),
    }


def scene(place: Place) -> str:
    """Tell who scans what at a place's gate: the person a poster, or a guard the person's code."""
    return "poster" if place.category in POSTERS else "guard"


def _about(city: City) -> dict[str, object]:
    return {
        "name": city.name,
        "places": [
            {
                "id": place.id,
                "name": place.name,
                "english": place.english,
                "scene": scene(place),
                "gates": [
                    {"name": gate.name, "latitude": gate.latitude, "longitude": gate.longitude}
                    for gate in place.all_gates
                ],
                "area": dict(zip(AREA, city.area(place.gate), strict=True)),
                **({"qrCode": deep_link(place)} if scene(place) == "poster" else {}),
            }
            for place in city.all_places
        ],
    }


def _svg(text: str, ink: str) -> Response:
    drawn = io.BytesIO()
    segno().make(text, error="m", micro=False).save(
        drawn, kind="svg", dark=ink, light="#fff", border=4, omitsize=True, xmldecl=False
    )
    return Response(drawn.getvalue(), media_type="image/svg+xml", headers=HEADERS)


async def _file(request: Request) -> Response:
    name = request.url.path.removeprefix("/h5/") or "index.html"
    return Response(read(name), headers={**HEADERS, "Content-Type": FILES[name]})


@cache
def read(name: str) -> bytes:
    """Read one of `FILES`."""
    return (Path(str(files("scansim.designs.alipay"))) / "h5" / name).read_bytes()


def segno() -> Any:
    """Import what draws QR codes.

    Raises:
        SimulationError: it is not installed.

    """
    try:
        import segno as drawing
    except ImportError:
        raise SimulationError("drawing QR codes needs segno: pip install 'scantrail[browser]'") from None
    return drawing
