"""The mini-program in a real Chromium, through the real proxy: what it shows, what it sends, what is recorded.

These tests need a browser and fail without one: apt-get install chromium, or set CHROMIUM to an executable.
"""

import asyncio
import base64
import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner
from PIL import Image
from scansim_builders import world

import scantrail
from scansim import SimulationError
from scansim.__main__ import main
from scansim.capture import CaptureFolder
from scansim.chromium import Chromium, Handset, Temper, find_chromium, read_code
from scansim.city import Place, load_city
from scansim.clock import FIRST_DAY, at_hour, milliseconds
from scansim.designs import DESIGNS
from scansim.designs.alipay import pages
from scansim.designs.alipay.app import POSTERS
from scansim.designs.alipay.browser import AlipayPage
from scansim.designs.alipay.formats import NO_LOCATION, REGISTER, REPORT, Gateway, deep_link
from scansim.designs.design import App, Setting
from scansim.events import Event, EventName
from scansim.hand import by_hand
from scansim.people import Person
from scansim.phone import Fix, Phone, Tunnel
from scansim.position import Position, metres
from scansim.seeds import stream
from scansim.trail import Direction, Scan
from scansim.world import app_maker, on_line
from scantrail.colours import Colour
from scantrail.geo import gcj02_to_wgs84, wgs84_to_gcj02
from scantrail.readers import read

if TYPE_CHECKING:
    from playwright.async_api import FloatRect, ViewportSize

CITY = load_city()
DESIGN = DESIGNS["alipay"]
SEED = 3


def resident(number: int) -> Person:
    return world(SEED).life(number).person


PERSON = replace(resident(1), recent_travel=("杭州市",), symptoms=())
STATION, OFFICE, MALL = (CITY.of(category)[0] for category in ("station", "office", "mall"))
MORNING = at_hour(FIRST_DAY, 8, CITY.zone)
SCREENS: "dict[str, ViewportSize]" = {
    "phone": {"width": 390, "height": 844},
    "desktop": {"width": 1280, "height": 800},
}
FIVE_SIGMA_M = 85.0  # of a GPS error of 12 m in each direction

type Look = Callable[[Handset], Awaitable[None]]


@pytest.fixture(scope="session")
def executable() -> Path:
    try:
        named = os.environ.get("CHROMIUM")
        return find_chromium(Path(named) if named else None)
    except SimulationError as error:
        pytest.fail(str(error))


class Watched(AlipayPage):
    """The app, with somebody who looks on after some events and who falls ill before some."""

    def __init__(self, person: Person, chromium: Chromium, temper: Temper) -> None:
        super().__init__(person, CITY, SEED, chromium, temper)
        self.looks: Mapping[int, Look] = {}
        self.declares: Mapping[int, tuple[str, ...]] = {}
        self.laid_aside_before: Sequence[int] = ()
        self.handled = 0

    async def handle(self, event: Event, phone: Phone) -> None:
        if self.handled in self.declares:
            self.person = replace(self.person, symptoms=self.declares[self.handled])
        if self.handled in self.laid_aside_before:
            await self.lay_aside()
        await super().handle(event, phone)
        if look := self.looks.get(self.handled):
            assert self.handset
            await look(self.handset)
        self.handled += 1


def watched(
    browser: Path | Chromium,
    temper: Temper | None = None,
    person: Person = PERSON,
    *,
    looks: Mapping[int, Look] | None = None,
    declares: Mapping[int, tuple[str, ...]] | None = None,
    camera: Path | None = None,
) -> Watched:
    chromium = browser if isinstance(browser, Chromium) else Chromium(browser, camera)
    app = Watched(person, chromium, temper or Temper())
    app.looks, app.declares = looks or {}, declares or {}
    return app


@dataclass
class Life:
    """A phone that meets events of our choice: no days are lived."""

    app: App
    person: Person
    events: Sequence[Event]
    without_fix: tuple[Position, ...] = ()
    done: list[Event] = field(default_factory=list)
    requests: int = 0

    async def live(self, connect: Tunnel, number: int) -> None:
        random = stream(SEED, "phone", number)

        def receive(at: datetime) -> Fix | None:
            there = next(event.position for event in reversed(self.events) if event.at <= at)
            if there in self.without_fix:
                return None
            return Fix(there.moved(random.gauss(0, 12), random.gauss(0, 12)), 20.5)

        async with Phone(connect, random, receive, self.events[0].at) as phone:
            for event in self.events:
                self.done.append(event)
                phone.wake(event.at)
                await self.app.handle(event, phone)
                self.requests = phone.sent


@dataclass
class Run:
    """A simulation that happened: its folder, its lives, and whose requests are looked at."""

    folder: Path
    lives: list[Life]
    connections: set[str] | None = field(default=None)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "log.jsonl").read_text().splitlines()]

    @property
    def requests(self) -> list[dict[str, Any]]:
        requests = [line for line in self.lines if line["type"] == "request"]
        return [line for line in requests if self.connections is None or line["connection"] in self.connections]

    def answers(self, path: str) -> list[dict[str, Any]]:
        ids = [line["id"] for line in self.requests if urlsplit(line["url"]).path == path]
        return [line for line in self.lines if line["type"] == "response" and line["id"] in ids]

    def scans(self) -> list[tuple[dict[str, str], dict[str, Any]]]:
        """Each scan that left: the form, and what is in its `data`."""
        forms = [fields(line) for line in self.requests if line["url"].endswith("/verify.json")]
        return [(form, json.loads(form["data"])) for form in forms]

    def of(self, number: int) -> "Run":
        """What one of several people sent: their browser has connections of its own, one of which named the device."""
        life = self.lives[number]
        ours = {
            line["connection"]
            for line in self.requests
            if ("did", life.person.device.utdid) in map(tuple, line["headers"])
        }
        return Run(self.folder, [life], ours)


def body(line: dict[str, Any]) -> str:
    return base64.b64decode(line["body"]).decode()


def operation(line: dict[str, Any]) -> str:
    return str({name.lower(): value for name, value in line["headers"]}.get("operation-type", ""))


def happenings(*what: EventName | tuple[Place, Direction]) -> list[Event]:
    """Events, ten minutes apart, at the door or at gates."""
    events = []
    for number, one in enumerate(what):
        at = MORNING + timedelta(minutes=10 * number)
        if isinstance(one, str):
            events.append(Event(at, one, PERSON.home.position))
        else:
            events.append(Event(at, "scan", one[0].gate, Scan(at, *one)))
    return events


def run(
    folder: Path,
    apps: Sequence[App],
    events: Sequence[Event],
    without_fix: Mapping[int, tuple[Position, ...]] | None = None,
) -> Run:
    capture = CaptureFolder(folder, force=True)
    (folder / "capture.json").write_text(json.dumps({"v": 1, "tz": CITY.tz}))
    browsers = [app.chromium for app in apps if isinstance(app, Watched)]
    lives = [
        Life(app, app.person if isinstance(app, Watched) else PERSON, events, (without_fix or {}).get(number, ()))
        for number, app in enumerate(apps)
    ]
    with on_line(capture, DESIGN, Setting(SEED, CITY)) as (connect, servers, _):

        async def live() -> None:
            async with servers, AsyncExitStack() as stack:
                for chromium in browsers[:1]:  # one for all
                    await stack.enter_async_context(chromium)
                await asyncio.gather(*(life.live(connect, number) for number, life in enumerate(lives)))

        asyncio.run(live())
    capture.write_moments(event for life in lives for event in life.done)
    return Run(folder, lives)


FIRST_USE: tuple[EventName, ...] = ("app start", "sign-up", "consent", "show code")


@dataclass(frozen=True)
class Shot:
    """A screenshot and what the page said of itself when it was taken."""

    picture: Image.Image
    too_wide_px: int
    card: "FloatRect | None"

    def code(self) -> str:
        written = io.BytesIO()
        self.picture.save(written, "PNG")
        return read_code(written.getvalue())

    def pixel(self, x_share: float, y_px: float) -> tuple[int, ...]:
        """The colour at a place of the card: a share of its width, and so many pixels from its upper edge."""
        assert self.card
        at = (self.card["x"] + x_share * self.card["width"], self.card["y"] + y_px)
        colour = self.picture.getpixel((round(2 * at[0]), round(2 * at[1])))
        assert isinstance(colour, tuple)
        return colour


def photographer(shots: dict[str, Shot], folder: Path, name: str) -> Look:
    async def look(handset: Handset) -> None:
        for screen, size in SCREENS.items():
            await handset.page.set_viewport_size(size)
            wide = await handset.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            picture = await handset.page.screenshot(path=folder / f"{name} {screen}.png")
            card = await handset.page.locator("#card").bounding_box()
            shots[f"{name} {screen}"] = Shot(Image.open(io.BytesIO(picture)).convert("RGB"), wide, card)
        await handset.page.set_viewport_size(SCREENS["phone"])

    return look


@dataclass
class Day:
    run: Run
    shots: dict[str, Shot]


@pytest.fixture(scope="module")
def day(executable: Path, tmp_path_factory: pytest.TempPathFactory) -> Day:
    """First use, three scans, then, the page opened anew, fever: declared, shown, scanned. With screenshots."""
    shots: dict[str, Shot] = {}
    folder = tmp_path_factory.mktemp("day")
    names = ("", "consent", "", "green", "poster", "", "", "", "yellow", "")
    looks = {number: photographer(shots, folder, name) for number, name in enumerate(names) if name}
    events = happenings(
        *FIRST_USE, (STATION, "enter"), (OFFICE, "enter"), (MALL, "leave"), "sign-up", "show code", (OFFICE, "leave")
    )
    app = watched(executable, looks=looks, declares={7: ("发热", "乏力")})
    app.laid_aside_before = (7,)
    return Day(run(folder, [app], events), shots)


# What is sent and recorded


def test_the_capture_supports_what_the_times_found(day: Day) -> None:
    verdicts = {finding.id: finding.verdict for finding in scantrail.analyse(day.run.folder).findings}
    assert (verdicts["T1"], verdicts["T2"]) == ("supported", "supported")


def test_the_log_holds_what_the_server_received_and_nothing_goes_elsewhere(day: Day) -> None:
    received = [json.loads(line) for line in (day.run.folder / "server.jsonl").read_text().splitlines()]
    assert Counter(line["url"] for line in day.run.requests) == Counter(line["url"] for line in received)
    assert day.run.lives[0].requests == len(received)
    others = [line for line in day.run.lines if line["type"] not in ("start", "request", "response", "stop")]
    assert [(line["type"], line["sni"]) for line in others] == [("unread", "pinned.superapp.test")]
    assert not [name for line in day.run.requests for name, _ in line["headers"] if "scansim" in name.lower()]


def test_each_request_has_the_time_of_its_event(day: Day) -> None:
    kinds = ("request", "unread")
    times = [datetime.fromisoformat(line["at"]) for line in day.run.lines if line["type"] in kinds]
    assert times == sorted(times)
    begin = [max(event.at for event in day.run.lives[0].done if event.at <= at) for at in times]
    assert all(at - event < timedelta(seconds=15) for at, event in zip(times, begin, strict=True))
    stamps = [(line["at"], dict(line["headers"]).get("ts")) for line in day.run.requests]
    told = [(at, int(ts)) for at, ts in stamps if ts]
    assert len(told) == 5
    assert all(abs(datetime.fromisoformat(at).timestamp() * 1000 - ts) < 1 for at, ts in told)


def test_the_page_sends_what_the_fast_phone_sends(day: Day, tmp_path: Path) -> None:
    page, fast = day.run, run(tmp_path, [DESIGN.app(PERSON, CITY, SEED)], day.run.lives[0].events)
    assert shapes(page) == shapes(fast)
    assert len(shapes(page)) == 6
    for line in page.requests:
        if operation := dict(line["headers"]).get("operation-type"):
            ts, sign = dict(line["headers"])["ts"], dict(line["headers"])["sign"]
            assert Gateway(PERSON.device, f"scansim {SEED}").sign(operation, body(line), ts) == sign


def shapes(done: Run) -> set[tuple[str, ...]]:
    """For each kind of request to the health code: where it goes and what it consists of, in order."""
    found = set()
    for line in done.requests:
        url, headers = urlsplit(line["url"]), {name.lower(): value for name, value in line["headers"]}
        if url.hostname != "healthcode.test" or url.path not in ("/mgw.htm", "/h5/verify.json"):
            continue
        own = sorted(headers.keys() & {"appid", "workspaceid", "version", "did", "operation-type", "ts", "sign"})
        kind = (line["method"], url.path, headers.get("operation-type", ""), headers.get("content-type", ""), *own)
        found.add((*kind, *names(parse_qs(url.query)), *names(fields(line))))
    return found


def fields(line: dict[str, Any]) -> Any:
    text = body(line)
    return json.loads(text) if text.startswith("[") else {name: value for name, [value] in parse_qs(text).items()}


def names(value: Any) -> Iterator[str]:
    """All names within nested values, JSON in strings and base64 included, in order."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from names(inner)
    elif isinstance(value, list):
        for inner in value[:1]:
            yield from names(inner)
    elif isinstance(value, str) and value[:1] in ("{", "["):
        yield from names(json.loads(value))
    elif isinstance(value, str) and value.startswith("eyJ"):
        yield from names(json.loads(base64.b64decode(value)))


def test_scans_carry_the_position_the_place_and_what_the_poster_said(day: Day) -> None:
    scans = day.run.scans()
    assert [form["scene"] for form, _ in scans] == ["poster", "guard", "poster", "guard"]
    for (form, data), (place, direction) in zip(scans, SCANNED, strict=True):
        where = json.loads(data["location"])
        latitude, longitude = gcj02_to_wgs84(float(where["latitude"]), float(where["longitude"]))
        assert metres(Position(float(latitude), float(longitude)), place.gate) < FIVE_SIGMA_M
        assert (data["placeId"], data["gateId"]) == (place.id, f"{place.id}-0-{direction}")
        assert data.get("qrCode") == (deep_link(place) if form["scene"] == "poster" else None)
        assert where["districtAdcode"] == place.adcode


SCANNED = ((STATION, "in"), (OFFICE, "in"), (MALL, "out"), (OFFICE, "out"))


def test_the_colour_changes_with_the_declaration(day: Day) -> None:
    signed = [fields(line)[0]["_requestBody"]["symptoms"] for line in day.run.requests if operation(line) == REGISTER]
    assert signed == [[], ["发热", "乏力"]]
    answers = [json.loads(base64.b64decode(line["body"])) for line in day.run.answers("/h5/verify.json")]
    assert [(answer["colour"], answer["pass"]) for answer in answers] == [("green", True)] * 3 + [("yellow", False)]
    assert getattr(day.run.lives[0].app, "colour") == "yellow"  # noqa: B009 - of the page's app alone


# What is shown


@pytest.mark.parametrize("screen", ["phone", "desktop"])
@pytest.mark.parametrize(("name", "banner"), [("green", (11, 110, 59)), ("yellow", (255, 213, 74))])
def test_the_code_can_be_read_off_the_screen_and_has_its_colour(
    day: Day, screen: str, name: Colour, banner: tuple[int, ...]
) -> None:
    shot = day.shots[f"{name} {screen}"]
    query = parse_qs(urlsplit(shot.code()).query)
    assert query["codeNo"] == [day.run.lives[0].app.code_number]
    shown = day.run.lives[0].done[{"green": 3, "yellow": 8}[name]]
    assert query["ts"] == [str(milliseconds(shown.at))]
    assert shot.pixel(0.1, 20) == banner
    ink = tuple(bytes.fromhex(pages.INK[name].removeprefix("#")))
    assert ink in {colour for _, colour in shot.picture.getcolors(1 << 24) or ()}


def test_nothing_is_wider_than_the_screen(day: Day) -> None:
    assert len(day.shots) == 8
    assert {name: shot.too_wide_px for name, shot in day.shots.items() if shot.too_wide_px > 0} == {}


@dataclass
class Looked:
    """What somebody saw who used the page besides."""

    run: Run
    saw: dict[str, Any]


@pytest.fixture(scope="module")
def looked(executable: Path, tmp_path_factory: pytest.TempPathFactory) -> Looked:
    """After first use: the camera before a poster, the notice by keyboard, the posters."""
    folder, saw = tmp_path_factory.mktemp("looked"), dict[str, Any]()
    film(folder / "poster.y4m", pages.poster(STATION))

    async def look(handset: Handset) -> None:
        page = handset.page
        await handset.context.clock.fast_forward(61_000)
        await handset.settle()
        saw["stale"] = await handset.shows("#stale")
        await handset.context.clock.fast_forward(600_000)
        await handset.settle()
        saw["stale later"] = await handset.shows("#stale")

        await page.locator("#tab-scan").click()
        await handset.settle()
        await page.locator("#camera").click()
        await page.locator("#verdict").wait_for()
        await handset.settle()

        saw["converted"] = await page.evaluate(CONVERT, [list(point) for point in POINTS])
        saw["policy"] = await page.evaluate("fetch('/h5/').then((page) => page.headers.get('content-security-policy'))")

        told = {"title": EVIL, "text": EVIL, "purpose": EVIL, "collected": [EVIL], "receivers": [EVIL]}
        await page.route("**/notice.json", lambda route: route.fulfill(json={"zh": told, "en": told}))
        await page.locator("#tab-code").focus()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await handset.settle()
        saw["notice"] = await page.locator("#notice-zh").inner_text()
        saw["pictures"] = await page.locator("#notice img").count()
        for screen, size in SCREENS.items():
            await page.set_viewport_size(size)
            saw[f"form {screen}"] = await page.evaluate("document.documentElement.scrollWidth - innerWidth")

        await page.goto(f"{pages.HOME}posters.html")
        await page.locator("#posters img").first.evaluate("(picture) => picture.decode()")
        saw["posters"] = await page.locator("#posters li").count()
        saw["poster"] = read_code(await handset.picture("#posters li:first-child"))

    async def decline(handset: Handset) -> None:
        await handset.page.keyboard.press("Escape")
        await handset.settle()
        saw["declined"] = await handset.shows("#tabs"), (await handset.said())[0]
        await handset.tap("#sign-up")
        await handset.tap("#submit")

    app = watched(executable, looks={1: decline, 3: look}, camera=folder / "poster.y4m")
    return Looked(run(folder / "capture", [app], happenings(*FIRST_USE)), saw)


CONVERT = "(all) => import('/h5/gcj02.js').then((m) => all.map((point) => m.wgs84ToGcj02(...point)))"
POINTS = [(one.uniform(-1, 57), one.uniform(70, 140)) for one in map(stream, range(200))]
EVIL = "<img src=x onerror=\"document.title='owned'\">"


def test_who_does_not_consent_has_no_code_and_may_try_again(looked: Looked) -> None:
    assert looked.saw["declined"] == (False, "error")
    assert [operation(line).split(".")[-1] for line in looked.run.requests if operation(line)] == [
        "startup",
        "register",
        "register",
        "reportInfoAndLocationToPolice",
    ]


def test_the_camera_reads_a_poster(looked: Looked) -> None:
    [(form, data)] = looked.run.scans()
    assert (form["scene"], data["placeId"], data["qrCode"]) == ("poster", STATION.id, deep_link(STATION))


def test_a_code_that_is_shown_is_refreshed_until_it_is_old(looked: Looked) -> None:
    asked = [parse_qs(urlsplit(line["url"]).query) for line in looked.run.requests if "queryCode" in line["url"]]
    first, second = (int(query["ts"][0]) for query in asked)
    assert 61_000 <= second - first < 62_000
    assert (looked.saw["stale"], looked.saw["stale later"]) == (False, True)


def test_positions_are_converted_as_python_converts_them(looked: Looked) -> None:
    for (latitude, longitude), converted in zip(POINTS, looked.saw["converted"], strict=True):
        assert converted == pytest.approx([float(one) for one in wgs84_to_gcj02(latitude, longitude)], abs=1e-9)


def test_what_the_server_says_is_text_and_no_script_comes_from_elsewhere(looked: Looked) -> None:
    assert (looked.saw["notice"], looked.saw["pictures"]) == (EVIL, 0)
    assert "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'" in looked.saw["policy"]


def test_the_form_fits_the_screen(looked: Looked) -> None:
    assert max(looked.saw["form phone"], looked.saw["form desktop"]) <= 0


def test_posters_can_be_printed(looked: Looked) -> None:
    places = [place for place in CITY.all_places if place.category in POSTERS]
    assert (looked.saw["posters"], looked.saw["poster"]) == (len(places), deep_link(places[0]))


def film(path: Path, picture: bytes) -> None:
    """A film of one frame (YUV4MPEG2, grey): a poster as a camera sees it."""
    with Image.open(io.BytesIO(picture)) as poster:
        frame = Image.new("L", (640, 480), 200)
        frame.paste(poster.convert("L").resize((400, 400)), (120, 40))
    header = b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n"
    path.write_bytes(header + b"FRAME\n" + frame.tobytes() + bytes([128]) * (2 * 320 * 240))


# People who refuse, take back, or lose the network


@pytest.fixture(scope="module")
def tempers(executable: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """Three people at once, each with a temper, a context and a phone of their own."""
    wanted = {
        "refused": Temper(location="refused"),
        "revoked": Temper(revoked_after_scans=1),
        "offline": Temper(offline_at_scan=2),
    }
    chromium = Chromium(executable)
    people = [resident(number) for number in (2, 3, 4)]
    apps = [watched(chromium, temper, who) for who, temper in zip(people, wanted.values(), strict=True)]
    events = happenings(*FIRST_USE, (STATION, "enter"), (MALL, "enter"), (OFFICE, "enter"))
    done = run(tmp_path_factory.mktemp("tempers"), apps, events, without_fix={2: (OFFICE.gate,)})
    return {name: done.of(number) for number, name in enumerate(wanted)}


def test_who_refuses_location_sends_none(tempers: dict[str, Run]) -> None:
    refused = tempers["refused"]
    [report] = [line for line in refused.requests if operation(line) == REPORT]
    assert list(fields(report)[0]["_requestBody"]) == ["cityName", "codeNo"]
    assert [list(data) for _, data in refused.scans()] == [
        ["scanTime", "placeId", "gateId", "qrCode"],
        ["scanTime", "placeId", "gateId", "qrCode"],
        ["scanTime", "placeId", "gateId"],
    ]


def test_who_takes_location_back_sends_none_from_then_on(tempers: dict[str, Run]) -> None:
    assert ["location" in data for _, data in tempers["revoked"].scans()] == [True, False, False]


def test_a_scan_without_a_network_is_sent_when_there_is_one_again(tempers: dict[str, Run]) -> None:
    offline = tempers["offline"]
    assert [data["placeId"] for _, data in offline.scans()] == [STATION.id, MALL.id, OFFICE.id]
    times = [datetime.fromisoformat(line["at"]) for line in offline.requests if line["url"].endswith("/verify.json")]
    at = {event.scan.place.id: event.at for event in offline.lives[0].done if event.scan}
    assert times[0] < at[MALL.id], "the first at its time"
    assert times[1] >= at[OFFICE.id], "the second with the third"
    first, second = (json.loads(data["location"]) for _, data in offline.scans()[:2])
    assert first["latitude"] != second["latitude"], "and it says where it was made"


def test_a_day_is_lived_with_a_browser(executable: Path, tmp_path: Path) -> None:
    words = ["-o", str(tmp_path), "--phone", "chromium", "--chromium", str(executable), "--days", "1", "--json"]
    result = CliRunner().invoke(main, words)
    assert (result.exit_code, result.stderr) == (0, "")
    summary = json.loads(result.stdout)
    assert summary["scans"] > 0
    assert summary["requests"] == len((tmp_path / "server.jsonl").read_text().splitlines())
    [*_, scan] = [line for line in Run(tmp_path, []).requests if line["url"].endswith("/verify.json")]
    assert "Mozilla/5.0 (Linux; Android 10;" in dict(scan["headers"])["user-agent"]


def test_without_a_fix_the_page_tells_the_error_that_the_fast_phone_tells(tempers: dict[str, Run]) -> None:
    assert json.loads(tempers["offline"].scans()[2][1]["location"]) == NO_LOCATION


# What cannot be


def test_without_a_browser_one_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    result = CliRunner().invoke(main, ["-o", str(tmp_path / "capture"), "--phone", "chromium"])
    assert result.exit_code == 2
    assert result.stderr.startswith("scansim: no Chromium found: install it (Debian: apt-get install chromium;")
    assert result.stderr.count("\n") == 1


def test_a_browser_that_is_named_must_be_there(tmp_path: Path) -> None:
    words = ["-o", str(tmp_path / "capture"), "--phone", "chromium", "--chromium", str(tmp_path / "none")]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    assert result.stderr.endswith("none is not an executable file: name a Chromium with --chromium PATH\n")


def test_without_playwright_one_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "playwright.async_api", None)
    chromium = Chromium(tmp_path)
    with pytest.raises(SimulationError, match=r"Playwright is not installed: pip install 'scantrail\[browser\]'"):
        asyncio.run(chromium.start(Tunnel(1, tmp_path, tmp_path)))


def test_without_segno_one_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "segno", None)
    with pytest.raises(SimulationError, match=r"drawing QR codes needs segno: pip install 'scantrail\[browser\]'"):
        watched(tmp_path)


def test_a_table_has_no_phones(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["-o", str(tmp_path / "capture"), "--phone", "chromium", "--table"])
    assert (result.exit_code, result.stderr) == (
        2,
        "scansim: --table writes scans without phones: leave out --phone chromium\n",
    )


def test_a_design_without_pages_says_so(tmp_path: Path) -> None:
    with pytest.raises(SimulationError, match="the design other has no pages for a browser: leave out --phone"):
        app_maker(replace(DESIGN, name="other", pages=None), Chromium(tmp_path))


# By hand


def test_by_hand_the_page_is_served_and_what_is_typed_is_a_moment(executable: Path, tmp_path: Path) -> None:
    reads, types = os.pipe()
    said, dom = list[str](), list[str]()

    def use(text: str) -> None:
        [command] = re.findall(r"^  (.*)$", text, re.MULTILINE)
        words = [*shlex.split(command)[:-1], "--headless", "--no-sandbox", "--virtual-time-budget=5000", "--dump-dom"]
        shown = subprocess.run([*words, pages.HOME], capture_output=True, text=True, timeout=60, check=True)
        dom.append(shown.stdout)
        os.write(types, b"consent, at home\n")
        os.close(types)

    def say(text: str) -> None:
        said.append(text)
        if len(said) == 1:
            Thread(target=use, args=(text,)).start()

    by_hand(tmp_path, chromium=executable, say=say, words=reads)
    os.close(reads)
    assert 'aria-busy="false"' in dom[0]
    assert "Start" in dom[0]
    [moment] = [json.loads(line) for line in (tmp_path / "moments.jsonl").read_text().splitlines()]
    assert (moment["name"], moment["note"]) == ("consent", "at home")
    urls = [request.url for request in read(tmp_path).requests if request.protocol == "http"]
    assert pages.HOME in urls
    assert "https://healthcode.test/mgw.htm" in urls
