"""How Sphinx makes a site of these pages: `make docs`. Nothing is fetched, neither here nor by whoever reads it."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import scantrail

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).parent

project = "Scantrail"
release = version = scantrail.__version__
copyright = "the authors of Scantrail, MIT licence"  # noqa: A001 - Sphinx asks for this name
language = "en"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]

# Pages are Markdown as a code host shows it: headings have the anchors that it gives them, and no link is guessed.
myst_heading_anchors = 4
myst_enable_extensions = ["html_image"]

# Docstrings name code in single backticks and say their arguments as Google's do.
default_role = "code"
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autosummary_generate = False

html_theme = "furo"
html_title = "Scantrail"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False  # a page's source is in docs/
html_show_search_summary = False  # it is fetched, which browsers forbid a page from disk


def contents(index: str) -> str:
    """The table of contents, as toctrees, of an index page: under its heading "All pages" groups and their links.

    Written once, in index.md, where people read it on a code host as well. A page that no group names is Sphinx's
    warning, and so an error of the build.
    """
    groups = index.split("\n## All pages\n")[1].split("\n### ")[1:]
    trees = []
    for group in groups:
        caption, _, links = group.partition("\n")
        pages = re.findall(r"^- \[([^]]+)\]\(([\w-]+)\.md\)", links, re.MULTILINE)
        rows = [f"{title} <{page}>" for title, page in pages]
        trees.append("\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *rows, "```"]))
    return "\n\n".join(trees)


def _add_contents(_app: "Sphinx", page: str, source: list[str]) -> None:
    if page == "index":
        source[0] += f"\n{contents(source[0])}\n"


def setup(app: "Sphinx") -> None:
    """Sphinx's hook for a project of its own."""
    app.connect("source-read", _add_contents)
