"""Checks the links of a built site without a network: `python -m tools.check_site docs/_build/site`.

A link within the site must lead to a file, and to an anchor in it. One to elsewhere must be an https address with a
host; whether anybody answers there is not asked. What a page loads by itself must come from the site.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_LOADED = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src"), ("source", "src"), ("video", "src")}


@dataclass
class Page(HTMLParser):
    """What matters of a page: its anchors, and what it links to or loads (`loads`)."""

    anchors: set[str] = field(default_factory=set)
    links: list[tuple[str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one element."""
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            elif name in ("href", "src") and value:
                self.links.append((value, (tag, name) in _LOADED))


def problems(site: Path) -> Iterator[str]:
    """A line for each link of the site that leads nowhere."""
    pages = {path: _parsed(path) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        for link, loaded in page.links:
            if why := _problem(path, link, loaded, pages):
                yield f"{path.relative_to(site)}: {link}: {why}"


def _parsed(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text("utf-8"))
    return page


def _problem(path: Path, link: str, loaded: bool, pages: dict[Path, Page]) -> str | None:
    parts = urlsplit(link)
    if parts.scheme == "data":
        return None
    if parts.scheme or parts.netloc:
        return "is loaded from elsewhere" if loaded else _outside(parts.scheme, parts.hostname)
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file():
        return "no such file"
    page = pages.get(target)
    if parts.fragment and (page is None or unquote(parts.fragment) not in page.anchors):
        return "no such anchor"
    return None


def _outside(scheme: str, host: str | None) -> str | None:
    return None if scheme == "https" and host and "." in host else "not an https address"


def main() -> None:
    """Print all problems; exit code 1 if there are some."""
    found = list(problems(Path(sys.argv[1]).resolve()))
    sys.exit("\n".join(found) or 0)


if __name__ == "__main__":
    main()
