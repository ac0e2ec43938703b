"""How long after it left a request stands on the live page: at first, after 10,000 requests, in ten browsers at once.

There is no peer that shows what requests tell. The requests are those of the golden capture, over and over, appended to
a log as the recorder does; a request leaves when its line is written. Each browser says when the row was there.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from scansim.chromium import find_chromium

GOLDEN = Path("captures/golden/hangzhou/log.jsonl")
MANY = 10_000
BROWSERS = 10
SCANS = 25
EVERY_S = 0.8
SETTLES_S = 3.0
_WATCH = """() => {
  window.seen = {};
  const list = document.getElementById("lines-0");
  new MutationObserver(() => {
    for (const host of list.querySelectorAll("b")) window.seen[host.textContent] ??= Date.now();
  }).observe(list, { childList: true, subtree: true });
}"""


def main() -> None:
    """Print the delays, and how fast 10,000 requests are read."""
    scan, golden = _lines()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, _served(folder) as lead:
        log = Path(folder) / "log.jsonl"
        browser = playwright.chromium.launch(executable_path=find_chromium())
        pages = [_open(browser.new_context().new_page(), lead)]
        _measure("one browser, at first", log, scan, pages)
        begun = time.monotonic()
        with log.open("ab") as file:
            file.writelines(islice(_over_and_over(golden), 2 * MANY))
        while int(pages[0].locator("#count-0").inner_text().partition(" ")[0].replace(",", "")) < MANY:
            time.sleep(0.1)
        took_s = time.monotonic() - begun
        print(f"live: {MANY:,} requests at once are read and shown in {took_s:.1f} s ({MANY / took_s:,.0f}/s)")
        _measure(f"one browser, {MANY:,} requests", log, scan, pages)
        pages += [_open(browser.new_context().new_page(), lead) for _ in range(BROWSERS - 1)]
        _measure(f"{BROWSERS} browsers, {MANY:,} requests", log, scan, pages)


@contextmanager
def _served(folder: str) -> Iterator[str]:
    """The page, served by a process of its own."""
    command = str(Path(sys.executable).with_name("scantrail"))
    words = [command, "live", "--json", "--port", "0", "--capture", folder]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield json.loads(server.stdout.readline() if server.stdout else "")["lead"]
        finally:
            server.terminate()


def _open(page: Page, address: str) -> Page:
    page.goto(address)
    page.wait_for_selector("html[data-maps=ready]")
    page.evaluate(_WATCH)
    return page


def _measure(what: str, log: Path, scan: dict[str, object], pages: list[Page]) -> None:
    """Send scans, one after the other, each to a host of its own, and ask the browsers when each was there."""
    time.sleep(SETTLES_S)
    left = {}
    for number in range(SCANS):
        host = f"{what.partition(' ')[0]}-{len(pages)}-{time.monotonic_ns()}.test"
        line = {**scan, "id": host, "url": f"https://{host}/verify"}
        left[host] = time.time() * 1000
        with log.open("ab") as file:
            file.write(json.dumps(line).encode() + b"\n")
        time.sleep(EVERY_S + number * 0.007)
    time.sleep(SETTLES_S)
    late = []
    for page in pages:
        seen = page.evaluate("window.seen")
        late += [seen.get(host, float("inf")) - at for host, at in left.items()]
    print(
        f"live: {what}: a request is there after {statistics.median(late):.0f} ms (median), {max(late):.0f} ms at most"
    )


def _lines() -> tuple[dict[str, object], list[dict[str, object]]]:
    """A scan of the golden capture, and all of its requests with their answers."""
    lines = [json.loads(line) for line in GOLDEN.read_bytes().splitlines()]
    kept = [line for line in lines if line["type"] in ("request", "response")]
    return next(line for line in kept if "verify" in line.get("url", "")), kept


def _over_and_over(lines: list[dict[str, object]]) -> Iterator[bytes]:
    for again in range(10**6):
        for line in lines:
            yield json.dumps({**line, "id": f"{line['id']}-{again}"}).encode() + b"\n"
