"""A page used by hand: servers and recording proxy run until the user ends them, and nobody is simulated."""

import asyncio
import json
import os
import shlex
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from scansim import SimulationError, clock
from scansim.capture import CaptureFolder
from scansim.chromium import find_chromium, route_of, trust_of
from scansim.designs import DESIGNS
from scansim.phone import Tunnel
from scansim.scenario import DEFAULT, load_scenario
from scansim.world import World, on_line

MOMENTS = ("app start", "sign-up", "consent", "show code", "scan", "idle")
"""What findings ask for. Any other word is kept, too."""

type Say = Callable[[str], None]


def by_hand(
    folder: Path,
    *,
    scenario: str = DEFAULT,
    force: bool = False,
    chromium: Path | None = None,
    say: Say = print,
    words: int = 0,
    **changes: object,
) -> None:
    """Serve a design's pages through the recording proxy. What is typed becomes a moment of the capture.

    Args:
        folder: the capture folder.
        scenario: the name of a shipped one, or a path. Its design must have pages.
        force: replace the capture that is in the folder.
        chromium: the browser to propose, if not the usual one.
        say: is told what to do.
        words: a file descriptor: each line is a moment, and its end ends all, as Ctrl-C does.
        changes: keys of the scenario that count instead of its own.

    Raises:
        SimulationError: the scenario or the folder cannot be used, there is no browser, or the design has no pages.
        scantrail.proxy.ProxyError: the proxy did not start.

    """
    chosen, city = load_scenario(scenario, **changes)
    if (design := DESIGNS.get(chosen.design)) is None or design.pages is None:
        raise SimulationError(f"the design {chosen.design} has no pages for a browser")
    executable = find_chromium(chromium)
    capture = CaptureFolder(folder, force=force)
    capture.write_about(chosen, city, complete=False)
    with (
        TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        on_line(capture, design, World.of(chosen, city).setting) as (tunnel, servers, _),
    ):
        say(_instructions(executable, tunnel, profile, design.pages.home))
        with suppress(KeyboardInterrupt):
            asyncio.run(_listen(servers, folder / "moments.jsonl", words, say))
    capture.write_about(chosen, city, complete=True)


def _instructions(executable: Path, tunnel: Tunnel, profile: str, home: str) -> str:
    options = [f"--user-data-dir={profile}", "--no-first-run", trust_of(tunnel.proxy_ca), route_of(tunnel.port), home]
    return (
        f"Open the page, in another terminal:\n\n  {shlex.join([str(executable), *options])}\n\n"
        f"Posters to scan: {home}posters.html\n"
        f"Before each thing that you do, type its name here ({', '.join(MOMENTS)}; a note may follow after a comma).\n"
        "Ctrl-C ends it."
    )


async def _listen(servers: AbstractAsyncContextManager[None], moments: Path, words: int, say: Say) -> None:
    """Write down what is typed, with the time, until there is no more."""
    loop, lines = asyncio.get_running_loop(), asyncio.Queue[bytes]()

    def read() -> None:  # in a thread that nobody waits for: Ctrl-C must not hang on it
        pending = b""
        with suppress(RuntimeError):  # the loop is closed: Ctrl-C came first
            while data := os.read(words, 4096):
                *whole, pending = (pending + data).split(b"\n")
                for line in whole:
                    loop.call_soon_threadsafe(lines.put_nowait, line)
            loop.call_soon_threadsafe(lines.put_nowait, b"\n")

    async with servers:
        Thread(target=read, daemon=True).start()
        while (line := await lines.get()) != b"\n":
            name, _, note = line.decode(errors="replace").partition(",")
            if name.strip():
                at = clock.text(datetime.now(UTC))
                moment = {"at": at, "name": name.strip(), "note": note.strip()}
                with moments.open("a", encoding="utf-8") as kept:
                    kept.write(json.dumps(moment, ensure_ascii=False, separators=(",", ":")) + "\n")
                say(f"{at} {name.strip()}")
