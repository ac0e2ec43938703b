"""The tools that a benchmark runs beside the package: what each is, how it comes here, how it is run.

Each runs in a process of its own, on one core, over one and the same HAR, and prints one line of JSON: seconds for
loading the archive and for searching it (of the processor's time, so that what else runs on the machine counts little)
and what it found (entry of the archive, name of the known value). It then waits until its standard input ends, so that
its peak of memory can be read. What is not installed yet is put into `benchmarks/.peers`, which git ignores; versions
are pinned. A tool that cannot be had says why, and its row stays in the table.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from uv import find_uv_bin

HERE = Path(__file__).parent
CACHE = HERE.parent / ".peers"
TRACKHAR = "trackhar@1.0.0"
FLOW_INSPECTOR = "privacy-flow-inspector==0.3.0"
SEARCHER = "github:stevenwdv/value-searcher#08006cd17c399171a0abfec0cd5cb3f536333e39"
"""It is published as a repository alone, not in the npm registry: where npm cannot reach that, its row says so."""

type Needles = Mapping[str, Sequence[str]]


class Outcome(msgspec.Struct, frozen=True):
    """What a tool said: seconds of loading and of searching, (entry, name) of what it found, peak memory in MB.

    A name is that of the known value, or the tool's own word for what it found by itself. The peak is 0 where the
    system does not tell it.
    """

    load_s: float
    work_s: float
    found: list[tuple[int, str]]
    peak_mb: float = 0.0


class Peer(NamedTuple):
    """A row: its name, how it is installed (None, or why it is not here), and its command for a HAR and needles.

    `every`: on the large archive, only each so-manieth request is given to it, since it is slow;
    a prime, so as to fall in step with nothing.
    """

    name: str
    install: Callable[[], str | None]
    command: Callable[[], list[str]]
    every: int = 1


def run(peer: Peer, har: Path, known: Path, *more: str) -> Outcome:
    """Run a tool that is installed, with more words on its command line.

    Raises:
        CalledProcessError: it failed; what it said is on stderr.

    """
    command = [*peer.command(), str(har), str(known), *more]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=HERE.parents[1], env=_environment()
    ) as process:
        said = process.stdout.readline() if process.stdout else b""
        peak_mb = _peak_mb(process.pid)
    if process.returncode or not said:
        raise subprocess.CalledProcessError(process.returncode, command)
    return msgspec.structs.replace(msgspec.json.decode(said, type=Outcome), peak_mb=peak_mb)


def write_known(path: Path, needles: Needles) -> Path:
    """The known values as the peers read them."""
    path.write_text(json.dumps(needles, ensure_ascii=False))
    return path


def one_core() -> None:
    """Bind this process and those that it starts to one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _peak_mb(pid: int) -> float:
    """The most memory that a running process has had; Linux alone tells it of the program without its parent."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.open() if line.startswith("VmHWM")), 0.0)


def _environment() -> dict[str, str]:
    roots = [str(HERE.parents[1] / name) for name in ("", "analysis")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(roots)}


def _npm(package: str, *more: str) -> str | None:
    """Install a package into the cache, unless it is there."""
    folder = re.split("[@#]", package.rsplit("/", 1)[-1])[0]
    if (CACHE / "node_modules" / folder).exists():
        return None
    if not (shutil.which("npm") and shutil.which("node")):
        return "not run: node and npm are not installed"
    CACHE.mkdir(exist_ok=True)
    words = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(CACHE), package, *more]
    done = subprocess.run(words, capture_output=True, text=True)
    return f"not run: npm could not install {package}" if done.returncode else None


def _flow_inspector() -> str | None:
    """An environment of its own for the tool, unless it is there."""
    if _python().exists():
        return None
    for words in (
        ["venv", "--quiet", "--python", sys.executable, str(CACHE / "venv")],
        ["pip", "install", "--quiet", "--python", str(_python()), FLOW_INSPECTOR],
    ):
        if subprocess.run([find_uv_bin(), *words]).returncode:
            shutil.rmtree(CACHE / "venv", ignore_errors=True)
            return f"not run: {FLOW_INSPECTOR} could not be installed"
    return None


def _python() -> Path:
    return CACHE / "venv" / "bin" / "python"


PEERS = (
    Peer("TrackHAR 1.0.0", lambda: _npm(TRACKHAR), lambda: ["node", str(HERE / "trackhar.mjs")]),
    Peer(
        "privacy-flow-inspector 0.3.0",
        _flow_inspector,
        lambda: [str(_python()), str(HERE / "flow_inspector.py")],
        every=7,
    ),
    Peer(
        "LeakDetector-style search",
        lambda: None,
        lambda: [sys.executable, "-m", "benchmarks.peers.leak_search"],
        every=7,
    ),
    Peer(
        "value-searcher",
        lambda: _npm(SEARCHER, "tsx@4"),
        lambda: [
            "node",
            "--import",
            str(CACHE / "node_modules/tsx/dist/loader.mjs"),
            str(HERE / "value_searcher.mts"),
        ],
        every=149,
    ),
)
