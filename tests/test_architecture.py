"""Imports point one way, and the heavy or foreign ones stay where they belong."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "analysis" / "scantrail"

# What each part of the package may import of it. A part is a module or a folder.
LAYERS = {
    "model": {"notebook"},
    "notebook": {"visible"},
    "schema": set(),
    "geo": set(),
    "interop": {"schema"},
    "cells": {"geo"},
    "mercator": set(),
    "visible": set(),
    "proxy": set(),
    "gaps": {"model"},
    "wording": {"model", "visible"},
    "overview": {"model"},
    "masking": {"model"},
    "policy": {"model"},
    "sarif": {"model", "masking", "policy"},
    "decoders": {"model"},
    "readers": {"model"},
    "detectors": {"model", "geo", "cells", "mercator"},
    "subjects": {"model", "detectors"},
    "joins": {"model", "subjects"},
    "visits": {"model", "subjects"},
    "mobility": {"model", "schema", "geo"},
    "history": {"schema", "mobility", "notebook"},
    "engine": {"schema", "mobility", "history"},
    "colours": {"model"},
    "findings": {"model", "colours", "geo", "decoders", "history", "subjects", "visits"},
    "recording": {"proxy", "readers"},
    "qr": {"model", "decoders", "detectors", "visible"},
}
LAYERS["scoring"] = {"model", "schema", "geo", "history", "mobility"}
LAYERS["__init__"] = {
    "colours",
    "notebook",
    *("model", "readers", "decoders", "gaps", "detectors", "subjects", "joins", "mobility", "history", "findings"),
}
LAYERS["compare"] = {"__init__", "model", "findings"}
LAYERS["report"] = {*LAYERS["__init__"], "__init__", "scoring", "visible", "geo", "schema", "mercator", "compare"}
LAYERS["cli"] = {*LAYERS["report"], "report", "overview", "masking", "policy", "sarif", "proxy", "recording", "qr"}
LAYERS["export"] = {"model", "schema", "history", "interop", "decoders", "detectors", "masking", "readers"}
LAYERS["live"] = {*LAYERS["report"], "report", "recording", "wording"}
LAYERS["cli"] |= {"engine", "compare", "export", "live"}

ALONE = {
    "matplotlib": "report",
    "sklearn": "mobility",
    "click": "cli",
    "rich": "cli",
    "jinja2": "report",
    "starlette": "live",
    "hypercorn": "live",
}
ALONE |= {"dask": "engine", "distributed": "engine", "duckdb": "engine"}
ALONE |= {"geopandas": "interop", "movingpandas": "interop", "trackintel": "interop", "shapely": "interop"}
NEVER = {"mitmproxy", "scansim"}
PACKETS = {"scapy", "cryptography", "hpack"}  # what the extra `packets` installs: imported there alone


def parts() -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in PACKAGE.rglob("*.py"):
        found.setdefault(path.relative_to(PACKAGE).parts[0].removesuffix(".py"), []).append(path)
    return found


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own(name: str) -> str | None:
    """The part of the package that an import names."""
    head, *rest = name.split(".")
    if head != "scantrail":
        return None
    return rest[0] if rest and rest[0] in parts() else "__init__"


@pytest.mark.parametrize("part", sorted(parts()))
def test_imports_point_one_way(part: str) -> None:
    used = {target for path in parts()[part] for name in imports(path) if (target := own(name))}
    assert used - {part} <= LAYERS[part]


def test_every_layer_exists() -> None:
    assert set(LAYERS) == set(parts())


@pytest.mark.parametrize("part", sorted(parts()))
def test_foreign_packages_stay_where_they_belong(part: str) -> None:
    heads = {name.split(".")[0] for path in parts()[part] for name in imports(path)}
    assert not heads & NEVER
    assert {head for head in heads if head in ALONE and ALONE[head] != part} == set()


def test_packages_for_packets_are_imported_by_their_reader_alone_and_only_when_it_reads() -> None:
    folder = PACKAGE / "readers" / "packets"
    users = {p for p in PACKAGE.rglob("*.py") if {name.split(".")[0] for name in imports(p)} & PACKETS}
    assert {path.parent for path in users} == {folder}
    code = "import sys, scantrail.readers; sys.exit(bool(set(sys.modules) & {'scapy', 'cryptography', 'hpack'}))"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_playwright_is_imported_by_one_module_alone_and_only_when_a_browser_starts() -> None:
    users = [p for p in (ROOT / "simulation").rglob("*.py") if "playwright" in {n.split(".")[0] for n in imports(p)}]
    assert users == [ROOT / "simulation" / "scansim" / "chromium.py"]
    code = "import sys, scansim.__main__; sys.exit(bool(set(sys.modules) & {'playwright', 'segno', 'zxingcpp', 'PIL'}))"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("path", sorted((ROOT / "addons").glob("*.py")), ids=lambda path: path.name)
def test_addons_import_the_standard_library_and_mitmproxy_alone(path: Path) -> None:
    also = {"scantrail"} if path.name == "disclose.py" else set()  # which shows what the package sees
    assert {name.split(".")[0] for name in imports(path)} <= {*sys.stdlib_module_names, "mitmproxy", *also}
