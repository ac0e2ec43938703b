"""The documentation says what the program does: every verb, option, event, column and word."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scantrail import schema
from scantrail.cli import cli
from scantrail.detectors import KINDS
from scantrail.detectors.adapters import ADAPTERS
from scantrail.qr.formats import FORMATS
from scantrail.readers import log

ROOT = Path(__file__).parents[1]
CLI = (ROOT / "docs" / "cli.md").read_text()
FORMAT = (ROOT / "docs" / "format.md").read_text()
TABLES = (ROOT / "docs" / "tables.md").read_text()


@pytest.mark.parametrize("verb", sorted(cli.commands))
def test_every_verb_is_documented(verb: str) -> None:
    assert f"## `scantrail {verb} " in CLI


@pytest.mark.parametrize(
    "option",
    sorted({name for verb in cli.commands.values() for p in verb.params for name in p.opts if name.startswith("--")}),
)
def test_every_option_is_documented(option: str) -> None:
    assert option in CLI or option == "--output"


def test_every_event_of_the_log_is_specified() -> None:
    specified = set(re.findall(r"^\| `(\w+)` \|", FORMAT.split("## Events")[1], re.MULTILINE))
    assert specified >= log.EVENTS


@pytest.mark.parametrize("table", schema.TABLES, ids=lambda table: table.name)
def test_every_column_is_documented_with_its_meaning(table: schema.Table) -> None:
    section = TABLES.split(f"## {table.name}\n")[1].split("\n## ")[0]
    assert table.row in section
    for column in table.columns:
        kind = f"{column.kind}, optional" if column.optional else column.kind
        assert f"| `{column.name}` | {kind} | {column.meaning} |" in section


def test_every_kind_is_documented() -> None:
    for kind, meaning in KINDS.items():
        assert f"| `{kind}` | {meaning} |" in TABLES


@pytest.mark.parametrize(
    ("name", "format_", "source"),
    [*((row.id, row.name, row.source) for row in ADAPTERS), *((row.id, row.name, row.source) for row in FORMATS)],
)
def test_every_published_format_is_documented_with_its_source(name: str, format_: str, source: str) -> None:
    page = (ROOT / "docs" / "adapters.md").read_text()
    assert re.search(rf"^\| `{name}` \| {re.escape(format_)} \| .* \| {re.escape(source)} \|$", page, re.MULTILINE)


def test_links_between_documents_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "captures").rglob("README.md")]:
        for link in re.findall(r"(?:\]\(|src=\")(?!https?:|#)([^)\"#]+)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_the_example_of_the_readme_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    done = subprocess.run([sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "home" in done.stdout
    assert "T7" in done.stdout


def test_the_commands_of_the_readme_exist() -> None:
    verbs = re.findall(r"^scantrail (\w+)", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert set(verbs) <= set(cli.commands)
    assert len(verbs) >= 6
