"""Take the pictures of the live page and the report in the README: `make picture`.

Needs Chromium (CHROMIUM names another one).
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, FloatRect
from tests.live_page import chromium, four_scans, live, show, sign_up

WIDTH = 1180
PICTURES = {"report.png": ("body", 1900), "history.png": ("#history", 1480)}
"""By file: from which element on, and how high."""


def of_report(browser: Browser, page_file: Path, folder: Path) -> None:
    """Take the pictures of a report."""
    page = browser.new_page(viewport={"width": WIDTH, "height": 900})
    page.goto(page_file.resolve().as_uri())
    page.wait_for_selector("html[data-moving=ready]", state="attached")
    for name, (element, height) in PICTURES.items():
        top = page.evaluate("(found) => document.querySelector(found).getBoundingClientRect().top", element)
        clip = FloatRect(x=0, y=max(top - 20, 0), width=WIDTH, height=height)
        page.screenshot(path=folder / name, full_page=True, clip=clip)


def of_live_page(browser: Browser, folder: Path) -> None:
    """Consent, scan four times, and take the picture of what the server knows by then."""
    with live() as told:
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        show(page, told["lead"])
        sign_up(page)
        four_scans(page)
        page.locator(".guess").first.wait_for()
        page.wait_for_timeout(1_500)  # for the last scan to be inferred from
        page.screenshot(path=folder / "live.png")


if __name__ == "__main__":
    with chromium() as browser:
        of_report(browser, Path(sys.argv[1]), Path(sys.argv[2]))
        of_live_page(browser, Path(sys.argv[2]))
