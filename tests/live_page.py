"""The live page, served by a process and used in Chromium by hand: what tests do, and who takes its picture."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, FrameLocator, Page, expect, sync_playwright

from scansim.chromium import find_chromium

PATIENCE_MS = 30_000.0  # for one step on a slow machine
expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser: CHROMIUM, or the usual one.

    Raises:
        SimulationError: there is none.

    """
    named = os.environ.get("CHROMIUM")
    executable = find_chromium(Path(named) if named else None)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=executable)


@contextmanager
def live(*options: str | Path) -> Iterator[dict[str, str]]:
    """The page served by a process of its own; what it says when it has started."""
    command = str(Path(sys.executable).with_name("scantrail"))
    words = [command, "live", "--json", "--port", "0", *map(str, options)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield json.loads(process.stdout.readline() if process.stdout else "")
        finally:
            process.terminate()
            assert process.wait(20) == 0


def show(page: Page, address: str) -> None:
    """Open it, and wait until it is whole."""
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    page.wait_for_selector("html[data-maps=ready]")


def phone(page: Page) -> FrameLocator:
    """The health code."""
    return page.frame_locator("iframe")


def sign_up(page: Page) -> None:
    """The form is filled in by whose phone it is."""
    for button in ("#sign-up", "#submit", "#agree", "#show-code"):
        phone(page).locator(button).click()
    expect(phone(page).locator("#colour-en")).to_have_text("Green")


def scan(page: Page, direction: str) -> None:
    """At the nearest checkpoint, which the page proposes."""
    phone(page).locator("#tab-scan").click()
    phone(page).locator(f"[name=direction][value={direction}]").check()
    phone(page).locator("#at-place").click()
    expect(phone(page).locator("#verdict")).to_be_visible()


def until(page: Page, button: str, clock: str) -> None:
    """Go on to a time."""
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("#clock .now")).to_contain_text(clock)
    expect(page.locator("#clock .run")).to_have_text("time stands still")


def four_scans(page: Page) -> None:
    """Scan on leaving home and on coming back, on two days."""
    scan(page, "out")
    until(page, "To 19:00", "Mon 17 Feb 2020, 19:00")
    scan(page, "in")
    until(page, "To 07:30", "Tue 18 Feb 2020, 07:30")
    scan(page, "out")
    until(page, "To 19:00", "Tue 18 Feb 2020, 19:00")
    scan(page, "in")
