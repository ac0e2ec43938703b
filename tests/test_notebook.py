"""Objects show themselves in notebooks, and what a capture says is no markup there."""

import dataclasses
from html.parser import HTMLParser

import pytest
from builders import make_capture, make_request
from golden import CAPTURE
from mobility_builders import HOME, make_fixes

import scantrail
from scantrail import notebook
from scantrail.history import reconstruct
from scantrail.model import Finding, Part

NASTY = "<script>alert(1)</script><img src=x onerror=y>\"'&\x1b\u202e"


class Tags(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        assert attrs in ([], [("style", notebook.CELL_STYLE)])

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(thing: object) -> str:
    page = thing._repr_html_()  # type: ignore[attr-defined]
    tags = Tags(page)
    assert tags.found <= {"div", "strong", "p", "table", "thead", "tbody", "tr", "th", "td"}
    assert not set(page) & {"\x1b", "\u202e"}
    return tags.text


def test_a_finding_shows_its_verdict_parts_and_requests() -> None:
    parts = (
        Part(statement="it is sent", verdict="supported", shows="3 requests", requests=(3, 5)),
        Part(statement="who reads it", verdict="not decidable", shows="no traffic shows it"),
    )
    text = shown(Finding(id="T1", claim="It tells", source="a page", parts=parts))
    for words in ("T1: not decidable", "It tells (a page)", "it is sent", "#3, #5", "no traffic shows it"):
        assert words in text


def test_a_history_sums_up_its_tables() -> None:
    text = shown(reconstruct(make_fixes([("08:00", HOME), ("20:00", HOME)]), tz="Asia/Shanghai"))
    assert "positionfixes212020-02-17 00:00" in text
    assert "2020-02-17 12:00" in text
    assert "Asia/Shanghai" in text
    assert "positionfixes00" in shown(reconstruct(make_fixes([]), tz="UTC"))


def test_an_analysis_counts_what_was_told_to_whom() -> None:
    text = shown(scantrail.analyse(CAPTURE))
    for words in ("hangzhou", "requests", "disclosures", "unread: 1", "healthcode.test", "position"):
        assert words in text


def test_what_is_hostile_is_text() -> None:
    part = Part(statement=NASTY, verdict="supported", shows=NASTY, requests=tuple(range(9)))
    assert "alert(1)" in shown(Finding(id=NASTY, claim=NASTY, source=NASTY, parts=(part,)))
    capture = make_capture([make_request(f"https://<b>{NASTY}.test/", body={"mobile": "15412345678"})])
    analysis = scantrail.analyse_capture(dataclasses.replace(capture, path=CAPTURE / NASTY))
    shown(analysis)
    history = reconstruct(make_fixes([("08:00", HOME)], user_id=NASTY), tz="UTC")
    shown(dataclasses.replace(history, tz=NASTY))


@pytest.mark.parametrize("count", [3, 30])
def test_long_tables_say_what_they_leave_out(count: int) -> None:
    page = notebook.table(("a",), [(number,) for number in range(count)])
    assert page.count("<td ") == min(count, 20)
    assert ("… and 10 more" in page) == (count == 30)
