"""The report in a real browser: nothing captured runs, nothing is asked for, and the map can be moved by keys alone."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from accessibility import unreached, violations
from hostile import FLOOD, TEXTS, write_hostile
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, sync_playwright
from test_report import GOLDEN

import scantrail
from scantrail.report import write

NAMES = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")


@dataclass
class Opened:
    """A page that was opened, and all that it did."""

    page: Page
    requests: list[Request] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def asked(self, request: Request) -> None:
        self.requests.append(request)

    def dismissed(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    @property
    def elsewhere(self) -> list[str]:
        """What was asked for besides the page, and not refused by its own policy."""
        sent = [request.url for request in self.requests if request.failure != "csp"]
        return [url for url in sent if not url.startswith(("data:", "file:"))]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = next(found for name in NAMES if (found := shutil.which(name)))
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(scantrail.analyse(GOLDEN), tmp_path_factory.mktemp("golden"))


def open_(browser: Browser, file: Path, width: int = 1280) -> Opened:
    opened = Opened(browser.new_page(viewport={"width": width, "height": 900}))
    opened.page.on("request", opened.asked)
    opened.page.on("dialog", opened.dismissed)
    opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
    opened.page.on("console", opened.said)
    opened.page.goto(file.as_uri())
    opened.page.wait_for_selector("html[data-moving=ready]", state="attached")
    return opened


MARKER = """() => {
  const frame = [...Bokeh.index.roots][0].frame;
  const { x, y } = Bokeh.documents[0].get_model_by_name("now").data;
  return { x: frame.x_scale.compute(x[0]), y: frame.y_scale.compute(y[0]) };
}"""


def test_a_hostile_capture_runs_nothing_and_asks_for_nothing(browser: Browser, tmp_path: Path) -> None:
    where = {"type": "Point", "coordinates": [120.1551, 30.2741]}
    places = [{"properties": {"name": text}, "geometry": where} for text in TEXTS]
    (tmp_path / "city.geojson").write_text(json.dumps({"features": places}))
    analysis = scantrail.analyse(write_hostile(tmp_path, FLOOD))
    file = write(analysis, tmp_path / "report", city=tmp_path / "city.geojson")
    assert file.stat().st_size < 2_500_000  # of which Bokeh is 1.4
    opened = open_(browser, file)
    page = opened.page
    page.evaluate("document.querySelectorAll('summary').forEach((it) => it.click())")
    page.emulate_media(reduced_motion="reduce")  # so that it scrolls at once
    page.locator("#moving-map").scroll_into_view_if_needed()
    page.locator("#moving-map .bk-events").hover(position=page.evaluate(MARKER))  # its tooltip names the place
    page.locator(".bk-tooltip-row-value", has_text=TEXTS[0]).first.wait_for()
    page.evaluate("document.querySelectorAll('a').forEach((it) => it.click())")
    assert page.evaluate("document.title").startswith("Scantrail report:")
    assert (opened.dialogs, opened.errors, opened.elsewhere) == ([], [], [])
    assert page.evaluate("document.querySelectorAll('script:not([type])').length") == 3
    assert TEXTS[0] in page.inner_text("body")
    assert not any(text in page.content() for text in TEXTS if "\x00" in text or "\u202e" in text)


def test_even_a_script_that_got_into_the_page_would_not_run(browser: Browser, golden: Path, tmp_path: Path) -> None:
    attacked = tmp_path / "attacked.html"
    attack = (
        "<script>window.ran = 1</script><img src='x:y' onerror='window.ran = 2'><script src='https://a.test'></script>"
    )
    attacked.write_text(golden.read_text("utf-8").replace("<main>", f"<main>{attack}"), "utf-8")
    opened = open_(browser, attacked)
    assert opened.page.evaluate("window.ran") is None
    assert "https://a.test/" in [request.url for request in opened.requests]  # so that a refusal would be seen
    assert opened.elsewhere == []


def test_the_map_moves_by_keys_alone(browser: Browser, golden: Path) -> None:
    opened = open_(browser, golden)
    page = opened.page
    assert page.evaluate("[...Bokeh.index.roots][0].canvas_view.events_el.style.touchAction") == "pan-y pinch-zoom"
    slider = page.get_by_role("slider", name="Hour")
    slider.focus()
    slider.press("Home")
    first = page.inner_text("#moving-when")
    slider.press("ArrowRight")
    assert page.inner_text("#moving-when") != first
    assert page.inner_text("#moving-0") in (slider.get_attribute("aria-valuetext") or "")
    width = "(() => { const r = Bokeh.documents[0].get_model_by_name('east'); return r.end - r.start })()"
    before = page.evaluate(width)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "moving-play"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate(width) == pytest.approx(before / 2)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "moving-map"
    west = "Bokeh.documents[0].get_model_by_name('east').start"
    start = page.evaluate(west)
    page.keyboard.press("ArrowRight")
    assert page.evaluate(west) == pytest.approx(start + before / 8)
    page.keyboard.press("-")
    assert page.evaluate(width) == pytest.approx(before)
    assert (opened.errors, opened.elsewhere) == ([], [])


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_the_page_is_no_wider_than_the_window(browser: Browser, golden: Path, width: int) -> None:
    page = open_(browser, golden, width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_tiles_are_asked_for_on_request_alone_and_of_nobody_else(browser: Browser, tmp_path: Path) -> None:
    file = write(scantrail.analyse(GOLDEN), tmp_path, tiles="https://tiles.test/{z}/{x}/{y}.png")
    opened = Opened(browser.new_page())
    opened.page.on("request", opened.asked)
    opened.page.route("https://tiles.test/**", lambda route: route.fulfill(body=b"", content_type="image/png"))
    opened.page.goto(file.as_uri())
    opened.page.wait_for_selector("html[data-moving=ready]", state="attached")
    opened.page.wait_for_timeout(500)
    assert opened.elsewhere
    assert all(re.fullmatch(r"https://tiles\.test/\d+/\d+/\d+\.png", url) for url in opened.elsewhere)
    assert "comes from https://tiles.test, which learns" in opened.page.inner_text("#moving")


def test_without_scripts_the_page_says_where_to_look(browser: Browser, golden: Path) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(golden.as_uri())
    assert "The maps and matrices below show the same" in page.inner_text("body")
    assert not page.locator("#moving").is_visible()


@pytest.mark.parametrize("width", [390, 1280])  # with tables as blocks and figures that scroll, and without
def test_everybody_can_use_it(browser: Browser, golden: Path, width: int) -> None:
    opened = open_(browser, golden, width)
    assert violations(opened.page) == []
    assert unreached(opened.page) == []
    assert opened.page.evaluate("[...document.images].every((image) => image.naturalWidth)")
    assert (opened.errors, opened.elsewhere) == ([], [])


def test_it_prints_to_a4(browser: Browser, golden: Path) -> None:
    pdf = open_(browser, golden).page.pdf(prefer_css_page_size=True)
    assert b"/MediaBox [0 0 594.95996 841.91998]" in pdf or b"/MediaBox [0 0 595 842]" in pdf
