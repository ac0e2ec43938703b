"""Take the pictures of the report in the README: `make picture`. Needs Chromium (CHROMIUM names another one)."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import FloatRect, sync_playwright

WIDTH = 1180
PICTURES = {"report.png": ("body", 1900), "history.png": ("#history", 1480)}
"""By file: from which element on, and how high."""


def main(page_file: Path, folder: Path) -> None:
    """Take each picture."""
    with sync_playwright() as playwright:
        chromium = shutil.which(os.environ.get("CHROMIUM", "chromium"))
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": 900})
        page.goto(page_file.resolve().as_uri())
        page.wait_for_selector("html[data-moving=ready]", state="attached")
        for name, (element, height) in PICTURES.items():
            top = page.evaluate("(found) => document.querySelector(found).getBoundingClientRect().top", element)
            clip = FloatRect(x=0, y=max(top - 20, 0), width=WIDTH, height=height)
            page.screenshot(path=folder / name, full_page=True, clip=clip)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
