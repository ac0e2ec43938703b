"""The documentation says what the program does: every verb, option, event, column and word."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from benchmarks.__main__ import BENCHMARKS
from doc_blocks import (
    PAGES,
    ROOT,
    Block,
    blocks,
    fenced,
    furnish,
    given,
    named_tests,
    read_command,
    run_command,
    run_python,
)
from myst_parser.mdit_to_docutils.base import default_slugify
from scansim_builders import lived, rehearse, world
from tools.check_site import problems

from scansim.city import CATEGORIES, City, Elsewhere, Gate, Hours, Place, find_city
from scansim.designs import DESIGNS
from scansim.geojson import TAGS
from scansim.scenario import Scenario, load_scenario, shipped
from scantrail import schema
from scantrail.cli import cli
from scantrail.detectors import KINDS
from scantrail.detectors.adapters import ADAPTERS
from scantrail.export import FORMATS as EXPORTS
from scantrail.export import Format
from scantrail.qr.formats import FORMATS
from scantrail.readers import log

CLI = (ROOT / "docs" / "cli.md").read_text()
FORMAT = (ROOT / "docs" / "format.md").read_text()
TABLES = (ROOT / "docs" / "tables.md").read_text()
SCENARIOS = (ROOT / "docs" / "scenarios.md").read_text()


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


@pytest.mark.parametrize("row", EXPORTS.values(), ids=lambda row: row.name)
def test_every_export_is_documented(row: Format) -> None:
    page = (ROOT / "docs" / "export.md").read_text()
    assert f"| `{row.name}` | a {row.shape} | " in page
    assert f"`{row.name}`" in CLI.split("## `scantrail export ")[1]


def anchors(page: Path) -> set[str]:
    """The anchors that a code host gives a page's headings."""
    titles = re.findall(r"^#+ (.*)", page.read_text(), re.MULTILINE)
    return {default_slugify(title.replace("`", "")) for title in titles}


def test_links_between_documents_lead_somewhere() -> None:
    for page in [*PAGES, *(ROOT / "captures").rglob("README.md")]:
        for link, anchor in re.findall(r"(?:\]\(|src=\")(?!https?:)([^)\"#]*)#?([^)\"]*)", page.read_text()):
            target = page.parent / link if link else page
            assert target.exists(), f"{page.name}: {link}"
            assert not anchor or anchor in anchors(target), f"{page.name}: {link}#{anchor}"


def test_the_site_builds_without_a_warning_and_its_links_lead_somewhere(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-d", str(tmp_path / "d")]
    done = subprocess.run(
        [*command, str(ROOT / "docs"), str(tmp_path / "site")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [*problems(tmp_path / "site")] == []
    assert (tmp_path / "site" / "api.html").read_text().count('class="sig sig-object py"') > 100


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ('<a href="b.html">', "no such file"),
        ('<a href="#b">', "no such anchor"),
        ('<a href="http://a.test/">', "not an https address"),
        ('<script src="https://a.test/x.js">', "is loaded from elsewhere"),
        ('<p id="b"><a href="#b"><a href="a.html#b"><a href="https://a.test/x">', None),
    ],
)
def test_a_link_of_the_site_that_leads_nowhere_is_told(tmp_path: Path, page: str, says: str | None) -> None:
    (tmp_path / "a.html").write_text(page)
    found = [*problems(tmp_path)]
    assert [line.rpartition(": ")[2] for line in found] == ([says] if says else [])


# Commands


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the documentation names."""
    folder = tmp_path_factory.mktemp("documentation")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        furnish(folder)
    return folder


BLOCKS = {page.relative_to(ROOT).as_posix(): found for page in PAGES if (found := blocks(page))}


@pytest.mark.filterwarnings("ignore:The inplace keyword in GeoDataFrame")  # movingpandas
@pytest.mark.parametrize("page", BLOCKS)
def test_what_a_page_tells_to_run_runs_and_prints_what_it_says(
    page: str, furnished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(furnished)
    names = given() if any(block.language == "python" for block in BLOCKS[page]) else {}
    printed = ""
    for block in BLOCKS[page]:
        match block:
            case Block(language="sh"):
                for command in block.commands:
                    read_command(command)
                    printed += "" if block.why else run_command(*command)
            case Block(language="python"):
                printed += run_python(block.text, names)
            case Block(language="text", why=None):
                shown = " ".join(printed.split())
                for line in block.text.splitlines():
                    assert " ".join(line.split()) in shown
    if page == "README.md":
        assert "home" in printed
        assert "T7 " in printed


@pytest.mark.parametrize("block", [b for found in BLOCKS.values() for b in found if b.why], ids=lambda b: b.page.name)
def test_what_is_not_run_here_is_run_by_the_test_that_is_named(block: Block) -> None:
    tests = named_tests(block.why or "")
    assert tests
    for file, name in tests:
        assert re.search(rf"^(async )?def {name}\(", file.read_text(), re.MULTILINE), f"{file.name}: {name}"


def test_the_design_of_the_page_sends_what_it_says(furnished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(furnished)
    names = given()
    for block in BLOCKS["docs/extending.md"]:
        if block.language == "python":
            run_python(block.text, names)
    monkeypatch.setitem(DESIGNS, "doors", names["DESIGN"])
    one = lived(world(days=2))
    sent = rehearse("doors", one).analysed(one.life.world.city)
    assert {found.kind for found in sent.disclosures} == {"code_number", "place_id"}
    assert sent.subjects.by_request.keys() == {found.request.index for found in sent.disclosures}


def test_commands_in_the_text_exist() -> None:
    for page in PAGES:
        for tool, name in re.findall(r"`(scantrail|make) (\w[\w-]*)", page.read_text()):
            if tool == "make":
                read_command(["make", name])
            else:
                assert name in cli.commands, f"{page.name}: scantrail {name}"
        for names in re.findall(r"`[^`\n]*make bench ARGS=\"?([\w ]+)", page.read_text()):
            assert set(names.split()) <= set(BENCHMARKS), page.name


def test_every_fence_is_of_a_known_language() -> None:
    known = {"sh", "python", "toml", "json", "text", "{eval-rst}"}
    for page in PAGES:
        opening = re.findall(r"^ *```(.*)$", page.read_text(), re.MULTILINE)[::2]
        assert set(opening) <= known, page.name


def scenario_keys() -> Iterator[tuple[str, str, Any]]:
    """Section, key and default of all that a scenario may say."""
    for field in msgspec.structs.fields(Scenario):
        if isinstance(field.default, msgspec.Struct):
            for key, value in msgspec.structs.asdict(field.default).items():
                yield f"`[{field.encode_name}]`", key, value
        else:
            yield "At the top", field.encode_name, field.default


def as_toml(value: Any) -> str:
    match value:
        case None:
            return "never"
        case bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case int() | float():
            return f"{value:g}"
        case date():
            return value.isoformat()
        case dict():
            keys = [key if key.isascii() else as_toml(key) for key in value]
            pairs = (f"{key} = {as_toml(one)}" for key, one in zip(keys, value.values(), strict=True))
            return f"{{ {', '.join(pairs)} }}"
    return f"[{', '.join(map(as_toml, value))}]"


@pytest.mark.parametrize(("section", "key", "default"), [*scenario_keys()])
def test_every_key_of_a_scenario_is_documented_with_its_default(section: str, key: str, default: Any) -> None:
    text = SCENARIOS.split(f"### {section}\n")[1].split("\n##")[0]
    assert re.search(rf"^\| `{key}` \| `{re.escape(as_toml(default))}` \| .+ \| .{{10,}} \|$", text, re.MULTILINE)


def test_no_key_is_documented_that_a_scenario_does_not_have() -> None:
    text = SCENARIOS.split("## All keys")[1].split("\n## ")[0]
    documented = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert sorted(documented) == sorted(key for _, key, _ in scenario_keys())


@pytest.mark.parametrize("name", [*DESIGNS, *shipped(), *CATEGORIES])
def test_every_word_that_a_scenario_may_use_is_documented(name: str) -> None:
    assert f"`{name}`" in SCENARIOS


@pytest.mark.parametrize("kind", [City, Place, Gate, Elsewhere, Hours])
def test_every_key_of_a_city_is_documented(kind: type[msgspec.Struct]) -> None:
    for field in msgspec.structs.fields(kind):
        assert re.search(rf"\b{field.encode_name}( =|\]\])|\[{field.encode_name}\]", SCENARIOS), field.encode_name


def test_every_tag_of_a_geojson_city_is_documented() -> None:
    for key, value, category in TAGS:
        assert re.search(rf"^\| .*`{key}={value}`.* \| `{category}` \|$", SCENARIOS, re.MULTILINE)


def test_the_scenario_and_the_cities_of_the_page_load(tmp_path: Path) -> None:
    smallest, town = fenced("scenarios.md", "toml")
    (collection,) = fenced("scenarios.md", "json")
    (tmp_path / "mine.toml").write_text(smallest)
    assert smallest.count("\n") == 3
    assert load_scenario(str(tmp_path / "mine.toml"))[0].people == 5
    for name, content in (("town.toml", town), ("town.geojson", collection)):
        (tmp_path / name).write_text(content, "utf-8")
        assert find_city(name, tmp_path).name == "Klein Neustadt"
