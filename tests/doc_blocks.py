"""The commands and the Python of the documentation, as blocks to run, and a folder with the files that they name.

A fenced `sh` or `python` block is run as it stands, and each line of a `text` block must be in what the blocks before
it on the page printed. One that cannot be run (it needs a phone, or minutes) has a line before it that no reader of the
page sees, `<!-- not run: why (tests/test_x.py::test_y) -->`, with the test that runs the same thing another way; its
commands are still read, for verbs and options that do not exist.
"""

import re
import shlex
import shutil
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import click
import pandas as pd
import segno
from click.testing import CliRunner
from mitmproxy import options as mitmproxy_options
from mitmproxy.tools import cmdline
from mobility_builders import HOME, WORK, make_fixes
from packet_builders import ethernet, pcapng, udp

import scantrail
from scansim.__main__ import main as simulate
from scantrail.cli import cli
from scantrail.detectors.adapters.row import Adapter, Example, Means
from scantrail.detectors.rules.row import Rule
from scantrail.detectors.words import words

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
GOLDEN = ROOT / "captures" / "golden" / "hangzhou"
_TWO_DAYS = 500  # lines of the golden log
_MAY_END_WITH_1 = {"check", "findings"}  # docs/cli.md: something is not allowed, or not supported
_BLOCK = re.compile(
    r"^(?:<!-- not run: (?P<why>[^\n]+) -->\n\n?)?(?P<indent> *)```(?P<language>sh|python|text)\n(?P<text>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """One fenced block; `why` says why it is not run, if it is not."""

    page: Path
    language: str
    text: str
    why: str | None

    @property
    def commands(self) -> Iterator[list[str]]:
        """The words of each command, without comments."""
        for line in self.text.replace("\\\n", " ").splitlines():
            if found := shlex.split(line, comments=True):
                yield found


def blocks(page: Path) -> list[Block]:
    """The blocks of a page that are commands or Python."""
    return [
        Block(page, match["language"], textwrap.dedent(match["text"]), match["why"])
        for match in _BLOCK.finditer(page.read_text("utf-8"))
    ]


def fenced(page: str, language: str) -> list[str]:
    """What stands in a page's blocks of some other language."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def furnish(folder: Path) -> None:
    """Make the files that the documentation names; two days of the golden capture stand for everybody's."""
    for name in ("golden/hangzhou", "demo", "mine"):
        shutil.copytree(GOLDEN, folder / "captures" / name)
    log = (GOLDEN / "log.jsonl").read_bytes().splitlines(keepends=True)
    for name in ("demo", "mine"):
        (folder / "captures" / name / "log.jsonl").write_bytes(b"".join(log[:_TWO_DAYS]))
    (folder / "simulation").symlink_to(ROOT / "simulation")
    for name, page in (("known.toml", "known.md"), ("policy.toml", "policy.md"), ("mine.toml", "scenarios.md")):
        (folder / name).write_text(fenced(page, "toml")[0], "utf-8")
    (folder / "phone.pcapng").write_bytes(pcapng([ethernet(udp(b"\0" * 8))]))
    segno.make("https://h.test/?venue=12").save(str(folder / "poster.png"), scale=4)
    run_command("scantrail", "export", "captures/demo", "--format", "har", "-o", "app.har")
    (folder / "LOG").mkdir()
    scantrail.analyse(GOLDEN).history.positionfixes.to_parquet(folder / "LOG" / "0.parquet")


def given() -> dict[str, Any]:
    """The names that Python on a page takes for granted."""
    history = scantrail.analyse(GOLDEN).history
    fixes = history.positionfixes
    track = [(f"{8 + minute // 60:02}:{minute % 60:02}", HOME if minute < 40 else WORK) for minute in range(0, 90, 5)]
    return {
        "positionfixes": fixes,
        "scans": fixes,
        "staypoints": history.staypoints,
        "fixes": make_fixes(track),
        "queries": pd.DataFrame({"user_id": fixes["user_id"], "at": fixes["tracked_at"]}),
        "Adapter": Adapter,
        "Example": Example,
        "Means": Means,
        "Rule": Rule,
        "words": words,
    }


def run_python(text: str, names: dict[str, Any]) -> str:
    """Run it and give what it printed; what it names is added to the names."""
    with redirect_stdout(StringIO()) as printed:
        exec(compile(text, "<documentation>", "exec"), names)  # noqa: S102 - our own pages
    return printed.getvalue()


@cache
def run_command(*command: str) -> str:
    """Run a verb in this process and give what it printed; of other commands, see that what they name exists."""
    if command[0] != "scantrail":
        read_command(command)
        return ""
    done = CliRunner().invoke(cli, command[1:])
    assert done.exit_code in ({0, 1} if command[1] in _MAY_END_WITH_1 else {0}), f"{command}: {done.output}"
    return done.stdout


def read_command(command: Sequence[str]) -> None:
    """See that what a command names exists: its verb and options, make's target, the extra."""
    match command:
        case ["scantrail", "simulate", *rest]:
            simulate.make_context("simulate", rest)
        case ["scantrail", verb, *rest]:
            with cli.commands[verb].make_context(verb, rest) as context:
                _read_rest(verb, context)
        case ["make", target, *_]:
            assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), f"no target {target}"
        case ["pip", "install", package]:
            extras = re.fullmatch(r"scantrail\[(.*)\]", package)
            assert extras
            assert all(f"\n{extra} = [" in (ROOT / "pyproject.toml").read_text() for extra in extras[1].split(","))
        case ["mitmweb", "-s", _, "--set", _]:
            pass
        case [".venv/bin/marimo", "run", notebook] | [".venv/bin/python", notebook]:
            assert (ROOT / notebook).is_file(), f"no file {notebook}"
        case [".", ".venv/bin/activate"] | ["cd" | "git", *_]:
            pass
        case _:
            raise AssertionError(f"nobody knows how to check {shlex.join(command)}")


def _read_rest(verb: str, context: click.Context) -> None:
    if verb == "record":
        cmdline.mitmdump(mitmproxy_options.Options()).parse_args(context.params["options"])


def named_tests(why: str) -> Iterable[tuple[Path, str]]:
    """The tests that a reason names."""
    return [(ROOT / file, name) for file, name in re.findall(r"(tests/\w+\.py)::(\w+)", why)]
