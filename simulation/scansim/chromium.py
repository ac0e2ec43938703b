"""A real phone: Chromium, driven by Playwright, which goes through the simulation's proxy with real TLS.

One browser for all people, one context each: cookies, storage, permissions, position, clock and zone of its own. The
page's clock stands still and is moved by hand, so that `Date` is the simulated time and no timer fires by chance. The
context states the time in the header of the fast phone, on every request; Chromium puts none on a CONNECT, so a
connection has its time from its first request on.

The browser reaches simulated hosts through the proxy and nothing else: what it would tell its makers by itself
(updates, accounts) goes to a port where nobody listens. A page that asks for a foreign host is an error.

Playwright (extra `scantrail[browser]`) is imported here alone, and only when a browser starts.
"""

import asyncio
import base64
import io
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self
from urllib.parse import urlsplit

from scansim import SimulationError, clock
from scansim.phone import CLOCK_HEADER, Fix, Phone, Tunnel

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, FilePayload, Page, Request, StorageState, ViewportSize

NAMES = ("chromium", "chromium-browser", "google-chrome")
SCREEN: "ViewportSize" = {"width": 390, "height": 844}
PATIENCE_MS = 20_000.0  # for one step on a slow machine
QUIET = (  # what Playwright does not switch off by itself, or not in every version
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-pings",
    "--disable-quic",
)
NOBODY = "127.0.0.1:9"  # the discard port

type Memory = StorageState
"""What pages stored in a browser."""
type Location = Literal["granted", "refused"]


@dataclass(frozen=True)
class Temper:
    """How somebody deals with their phone. Scans count from 1.

    `location` is what they answer when the page asks for it; after `revoked_after_scans` scans they take it back; the
    phone loses the network in the midst of scan number `offline_at_scan` and has it again at its next event.
    """

    location: Location = "granted"
    revoked_after_scans: int | None = None
    offline_at_scan: int | None = None


def find_chromium(named: Path | None = None) -> Path:
    """Find the browser: the one named, else on the PATH, else Playwright's own.

    Raises:
        SimulationError: there is none.

    """
    if named is not None:
        if not (found := shutil.which(named)):
            raise SimulationError(f"{named} is not an executable file: name a Chromium with --chromium PATH")
        return Path(found)
    candidates = [found for name in NAMES if (found := shutil.which(name))]
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    candidates += [str(path) for path in sorted(cache.glob("chromium-*/chrome-*/chrome"), reverse=True)]
    if not candidates:
        raise SimulationError(
            "no Chromium found: install it (Debian: apt-get install chromium; elsewhere: playwright install chromium), "
            "or name one with --chromium PATH"
        )
    return Path(candidates[0])


def trust_of(authority: Path) -> str:
    """Make the option that has Chromium trust this authority's key beside those of the system, and nothing else."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from cryptography.x509 import load_pem_x509_certificate

    key = load_pem_x509_certificate(authority.read_bytes()).public_key()
    digest = sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    return f"--ignore-certificate-errors-spki-list={base64.b64encode(digest).decode()}"


def route_of(port: int) -> str:
    """Make the option that sends simulated hosts to the proxy and all others nowhere."""
    script = (
        "function FindProxyForURL(url, host) "
        f'{{ return dnsDomainIs(host, ".test") ? "PROXY 127.0.0.1:{port}" : "PROXY {NOBODY}"; }}'
    )
    return f"--proxy-pac-url=data:application/x-ns-proxy-autoconfig;base64,{base64.b64encode(script.encode()).decode()}"


@dataclass
class Chromium:
    """A browser for many people. It starts when the first of them needs it and ends with the context manager."""

    executable: Path
    camera: Path | None = None
    """A film (.y4m, .mjpeg) that the camera of every phone shows."""
    _browser: "Browser | None" = field(init=False, default=None)
    _starts: asyncio.Lock = field(init=False, default_factory=asyncio.Lock)
    _open: AsyncExitStack = field(init=False, default_factory=AsyncExitStack)

    async def __aenter__(self) -> Self:
        """Nothing to do yet."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the browser."""
        await self._open.aclose()
        self._browser = None

    async def start(self, tunnel: Tunnel) -> "Browser":
        """Start the browser, or give the one that runs.

        Raises:
            SimulationError: Playwright is missing, or the browser does not start.

        """
        async with self._starts:
            if self._browser is None:
                self._browser = await self._launch(tunnel)
            return self._browser

    async def _launch(self, tunnel: Tunnel) -> "Browser":
        try:
            from playwright.async_api import Error, async_playwright
        except ImportError:
            raise SimulationError("Playwright is not installed: pip install 'scantrail[browser]'") from None
        options = [*QUIET, trust_of(tunnel.proxy_ca), route_of(tunnel.port)]
        if self.camera:
            options += ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
            options += [f"--use-file-for-fake-video-capture={self.camera}"]
        playwright = await self._open.enter_async_context(async_playwright())
        try:
            browser = await playwright.chromium.launch(
                executable_path=self.executable,
                args=options,
                timeout=PATIENCE_MS * 2,
            )
        except Error as error:
            raise SimulationError(f"{self.executable} did not start: {_first_line(error)}") from error
        self._open.push_async_callback(browser.close)
        return browser

    async def handset(
        self, phone: Phone, *, tz: str, user_agent: str, bridge: str, memory: Memory | None = None
    ) -> "Handset":
        """Take a phone into use.

        Args:
            phone: whose clock it has.
            tz: the zone in which it is.
            user_agent: how it names itself; `{chrome}` is replaced by the browser's version.
            bridge: a script that every page meets first: what the app around it tells it.
            memory: what pages stored when it was used before.

        """
        if not isinstance(phone.connect, Tunnel):
            raise SimulationError("a browser goes through a proxy alone")
        browser = await self.start(phone.connect)
        context = await browser.new_context(
            viewport=SCREEN,
            screen=SCREEN,
            device_scale_factor=2,
            is_mobile=True,
            has_touch=True,
            locale="zh-CN",
            timezone_id=tz,
            user_agent=user_agent.replace("{chrome}", browser.version),
            service_workers="block",
            storage_state=memory,
        )
        context.set_default_timeout(PATIENCE_MS)
        await context.add_init_script(script=bridge)
        await context.clock.install(time=phone.now)
        await context.clock.pause_at(phone.now)
        return Handset(phone, context, await context.new_page())


@dataclass
class Handset:
    """One person's browser."""

    phone: Phone
    context: "BrowserContext"
    page: "Page"

    def __post_init__(self) -> None:
        self._shows_ms = clock.milliseconds(self.phone.now)
        self._foreign: list[str] = []
        self._asked = 0
        self.page.on("request", self._hold)
        self.page.on("requestfinished", self._count)

    def _hold(self, request: "Request") -> None:
        self._asked += 1
        url = urlsplit(request.url)
        if url.scheme in ("http", "https") and not str(url.hostname).endswith(".test"):
            self._foreign.append(request.url)

    def _count(self, request: "Request") -> None:
        if request.url.startswith("https:"):
            self.phone.sent += 1

    async def wake(self) -> None:
        """Let the browser have the phone's time: in the page, and on every request from now on."""
        await self.context.set_extra_http_headers({CLOCK_HEADER: clock.text(self.phone.now)})
        now_ms = clock.milliseconds(self.phone.now)
        if now_ms > self._shows_ms:
            await self.context.clock.fast_forward(now_ms - self._shows_ms)
            self._shows_ms = now_ms

    async def permit(self, location: Location) -> None:
        """Answer when a page asks where the phone is; taking it back holds at once."""
        await self.context.clear_permissions()
        await self.context.grant_permissions(["geolocation"] if location == "granted" else [])

    async def move(self) -> None:
        """Let the browser find itself where the receiver says that it is, or nowhere if it has no fix."""
        fix = self.phone.locate()
        if not isinstance(fix, Fix):
            await self.context.set_geolocation(None)
            return
        place = fix.position
        await self.context.set_geolocation(
            {"latitude": place.latitude, "longitude": place.longitude, "accuracy": fix.accuracy_m}
        )

    async def switch_network(self, *, on: bool) -> None:
        """Lose the network, or have it again."""
        await self.context.set_offline(not on)

    async def lay_aside(self) -> Memory | None:
        """Close everything, and tell what pages stored; nothing if the browser is gone."""
        with suppress(SimulationError), _told("close"):
            memory = await self.context.storage_state()
            await self.context.close()
            return memory
        return None

    async def go(self, url: str) -> None:
        """Open a page.

        Raises:
            SimulationError: it does not open.

        """
        with _told(f"GET {url}"):
            await self.page.goto(url)
            await self.settle()

    async def tap(self, selector: str) -> None:
        """Touch something and wait until the page has done what it makes it do."""
        with _told(f"tap {selector}"):
            await self.wake()
            asked = self._asked
            await self.page.locator(selector).click()
            await self.settle()
            self._think(asked)

    async def fill(self, fields: Mapping[str, str]) -> None:
        """Write into fields, by selector."""
        with _told("fill in the form"):
            for selector, text in fields.items():
                await self.page.locator(selector).fill(text)

    async def tick(self, selector: str, values: Sequence[str]) -> None:
        """Tick the boxes of these values and no others."""
        with _told(f"tick {selector}"):
            for box in await self.page.locator(selector).all():
                await box.set_checked(await box.get_attribute("value") in values)

    async def read(self, selector: str, attribute: str = "") -> str:
        """Tell what is written somewhere, or in an attribute of it."""
        found = self.page.locator(selector)
        return (await found.get_attribute(attribute) if attribute else await found.inner_text()) or ""

    async def values(self, selector: str) -> list[str]:
        """List what the boxes stand for."""
        return [await box.get_attribute("value") or "" for box in await self.page.locator(selector).all()]

    async def choose(self, selector: str, value: str) -> None:
        """Choose from a list."""
        with _told(f"choose {value}"):
            await self.page.locator(selector).select_option(value)

    async def photograph(self, selector: str, picture: bytes) -> None:
        """Give a picture to the page, as the camera app does."""
        with _told(f"picture for {selector}"):
            await self.wake()
            asked = self._asked
            photo: FilePayload = {"name": "photo.png", "mimeType": "image/png", "buffer": picture}
            await self.page.locator(selector).set_input_files(photo)
            await self.settle()
            self._think(asked)

    async def shows(self, selector: str) -> bool:
        """Tell whether something is on the screen."""
        return await self.page.locator(selector).is_visible()

    async def picture(self, selector: str) -> bytes:
        """Take a screenshot of a part (PNG), as a camera held before it sees it."""
        with _told(f"screenshot of {selector}"):
            return await self.page.locator(selector).screenshot()

    async def settle(self, condition: str = "") -> None:
        """Wait until the page is not busy and, if given, a further attribute selector of `main` holds.

        Raises:
            SimulationError: the page asked for something from a host that is not simulated.

        """
        await self.page.locator(f"main[aria-busy=false]{condition}").wait_for()
        if self._foreign:
            raise SimulationError(f"the page asked for {self._foreign[0]}, which is not simulated")

    async def said(self) -> tuple[str, str]:
        """Tell the state of what the page says last, and its words; empty if nothing."""
        status = self.page.locator("#status")
        if not await status.is_visible():
            return "", ""
        return await status.get_attribute("data-state") or "", (await status.inner_text()).strip()

    def _think(self, asked: int) -> None:
        """Let a moment pass after what sent something, as the fast phone does: touching alone takes no time."""
        if self._asked > asked:
            self.phone.think()


def read_code(picture: bytes) -> str:
    """Read the QR code in a picture as a guard's terminal does; empty if it cannot."""
    try:
        import zxingcpp
        from PIL import Image
    except ImportError as error:
        raise SimulationError(f"reading codes needs {error.name}: pip install 'scantrail[browser]'") from None
    with Image.open(io.BytesIO(picture)) as image:
        found = zxingcpp.read_barcodes(image.convert("L"))
    return found[0].text if found else ""


class _told:  # noqa: N801 - reads like a function
    """Tell a failure of the browser in one line."""

    def __init__(self, doing: str) -> None:
        self.doing = doing

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, _: object, error: BaseException | None, trace: object) -> None:
        """Translate Playwright's errors."""
        if error is not None and type(error).__module__.startswith("playwright."):
            raise SimulationError(f"the browser: {self.doing}: {_first_line(error)}") from error


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
