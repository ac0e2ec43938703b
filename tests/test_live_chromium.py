"""The live page in a real Chromium: a phone used by hand, the real proxy, what the server knows, and hostile captures.

These tests need a browser and fail without one: apt-get install chromium, or set CHROMIUM to an executable.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from accessibility import unreached, violations
from builders import log_line, write_log
from hostile import FLOOD, write_hostile
from live_page import chromium, four_scans, live, scan, show, sign_up
from playwright.sync_api import Browser, Page, expect

from scansim import SimulationError

WIDTHS = (390, 1280, 1920)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    try:
        with chromium() as browser:
            yield browser
    except SimulationError as error:
        pytest.fail(str(error))


@contextmanager
def opened(browser: Browser, address: str, width: int = 1280) -> Iterator[Page]:
    """The page in a browser; nothing on it may fail, and nothing else may be asked for."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
    page.on("request", lambda asked: wrong.append(asked.url) if "://127.0.0.1:" not in asked.url else None)
    show(page, address)
    yield page
    page.close()
    assert wrong == []


def wide(page: Page, width: int) -> int:
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_timeout(300)  # maps follow
    return int(page.evaluate("document.documentElement.scrollWidth"))


def test_who_consents_and_scans_sees_what_leaves_and_what_the_server_knows(browser: Browser) -> None:
    with live("--scenario", "yunlan-class", "--people", "2") as told, opened(browser, told["lead"]) as page:
        wire, knows = page.locator("#lines-0"), page.locator("#knows-0")
        sign_up(page)
        consent = wire.locator("li", has_text="which phone it is").filter(has_text="where you are, within 10 m")
        expect(consent.first).to_contain_text("to healthcode.test: where you are, within 10 m; your city")
        expect(consent.first.locator("mark").first).to_be_visible()
        four_scans(page)
        expect(wire.locator("li", has_text="which place was scanned").first).to_contain_text("your code number")
        expect(page.locator("select[name=user_id] option:checked")).to_contain_text("the phone in your hand")
        expect(knows.locator(".guess", has_text="Home")).to_contain_text("% probable")
        expect(knows).to_contain_text("of 5,000 people of this city")
        expect(knows).not_to_contain_text("from the truth")
        page.locator("#reveal").click()
        expect(knows.locator(".guess", has_text="Home")).to_contain_text(" m from the truth")
        expect(knows.locator(".truth")).to_contain_text("hours located")
        wire.locator("li.telling summary").first.click()
        expect(wire.locator(".raw mark").first).to_be_visible()
        assert violations(page) == []
        assert unreached(page) == []
        assert {width: wide(page, width) for width in WIDTHS} == {width: width for width in WIDTHS}
        with opened(browser, told["watch"]) as watching:
            expect(watching.locator("#lines-0 li").first).to_be_visible()
            expect(watching.get_by_role("button")).to_have_count(0)
            origin = watching.url.rstrip("/")
            assert watching.request.post(f"{origin}/do/pause", headers={"Origin": origin}).status == 403


def test_designs_stand_side_by_side_and_what_is_done_in_one_is_done_in_the_other(browser: Browser) -> None:
    with live("--people", "1", "--beside", "nhs") as told, opened(browser, told["lead"]) as page:
        sign_up(page)
        scan(page, "out")
        page.get_by_role("button", name="Play: a week in a minute").click()
        expect(page.locator("#clock .now")).to_contain_text("Tue 18 Feb 2020")
        page.get_by_role("button", name="Pause").click()
        expect(page.locator("#knows-0")).to_contain_text("Trail")
        expect(page.locator("#knows-1")).to_contain_text("the server has no history")
        expect(page.locator("#lines-1 li").first).to_be_visible()
        page.locator("[name=first]").select_option("nhs")
        page.locator("[name=beside]").select_option("")
        page.get_by_role("button", name="Begin anew").click()
        expect(page.locator("iframe")).to_have_count(0)
        page.get_by_role("button", name="Sign up and consent").click()
        expect(page.get_by_role("button", name="Sign up and consent")).to_be_disabled()
        page.locator("#city").click(position={"x": 120, "y": 120})
        expect(page.locator("#clock .now")).not_to_contain_text("07:00")


def test_a_hostile_capture_is_shown_as_text_and_runs_nothing(browser: Browser, tmp_path: Path) -> None:
    capture = write_hostile(tmp_path, FLOOD)
    with live("--capture", capture) as told, opened(browser, told["lead"]) as page:
        expect(page.locator("#count-0")).to_contain_text("requests")
        expect(page.locator(".known")).to_contain_text("Knows them by")
        open_all(page)
        assert_harmless(page)
        page.goto(page.url + "requests/0")
        open_all(page)
        assert "<script>alert(1)</script>" in assert_harmless(page)


def open_all(page: Page) -> None:
    """Open every request, and wait until it is there."""
    rows = page.locator(".lines summary").all()
    for row in rows:
        row.click()
    expect(page.locator(".raw .about")).to_have_count(len(rows))


def assert_harmless(page: Page) -> str:
    text = page.locator("body").inner_text()
    assert "onload=alert(1)" in text
    assert not {char for char in text if char in "\x00\u202e\u2066"}
    assert page.locator("img").count() == 0
    links = page.evaluate("[...document.querySelectorAll('[href], [src]')].map((it) => it.href || it.src)")
    assert {link.partition(":")[0] for link in links} <= {"http", "data"}
    return text


def test_a_capture_is_shown_while_it_grows(browser: Browser, tmp_path: Path) -> None:
    folder = tmp_path / "recording"
    with live("--capture", folder) as told, opened(browser, told["lead"]) as page:
        expect(page.locator("#clock")).to_contain_text("Waiting for the first request")
        folder.mkdir()
        line = log_line("request", id="a", method="GET", url="https://a.test/?lat=30.2741&lon=120.1551", headers=[])
        write_log(folder / "log.jsonl", line)
        expect(page.locator("#lines-0 li")).to_have_count(1)
        expect(page.locator("#lines-0 li")).to_contain_text("to a.test: where you are, within 6 m")
        refused = log_line("refused", id="other", message="connection refused", server=["b.test", 443])
        with (folder / "log.jsonl").open("a") as log:
            log.write(json.dumps(refused)[:20])
            log.flush()
            log.write(json.dumps(refused)[20:] + "\n")
        expect(page.locator("#lines-0 li")).to_have_count(2)
        expect(page.locator("#lines-0 li").first).to_contain_text("did not leave (connection refused)")
        expect(page.locator(".server")).to_contain_text("the server has no history")
