"""The report: marks sit on the right bytes, nothing captured runs, nothing is silently left out."""

import json
import re
import sys
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser
from importlib import import_module
from inspect import getmembers, isfunction, signature
from pathlib import Path
from pkgutil import iter_modules
from urllib.parse import quote, quote_plus, unquote_to_bytes, urlencode
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from bokeh.plotting import figure as bokeh_figure
from builders import START, b64, disclosed, make_capture, make_request
from hostile import TEXTS, write_hostile
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import colormaps
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread

import scantrail
from scantrail import Analysis
from scantrail.decoders import fields
from scantrail.detectors import KINDS
from scantrail.model import Capture, CaptureError, Request, Response
from scantrail.report import evidence, plot, sections, style, write
from scantrail.report.city import spots
from scantrail.report.crowd import LOOKS as CURVES
from scantrail.report.crowd import crowd, crowd_figure
from scantrail.report.hours import DARKEST, hours, hours_figure
from scantrail.report.maps import map_figure
from scantrail.report.matrix import matrix_figure
from scantrail.report.moving import Moving, moving
from scantrail.report.people import Inferred, Point, inferred
from scantrail.report.segments import segments
from scantrail.report.timeline import timeline_figure
from scantrail.report.truth import known
from scantrail.report.wires import wires
from scantrail.scoring import WHEREABOUTS

HANGZHOU = ZoneInfo("Asia/Shanghai")
GOLDEN = Path(__file__).parents[1] / "captures" / "golden" / "hangzhou"
CODE = "HZ20200217000001"
ELEMENTS = set(
    re.findall(
        r"\w+",
        """html head meta title style body header main nav section article h1 h2 h3 h4 p a dl div dt dd ul ol li br
        table thead tbody tr th td span strong em b i q code pre mark time figure figcaption img
        details summary cite script noscript label input output button""",
    )
)


class Page(HTMLParser):
    """What a browser would make of a page: its elements, its text, and the marks in each article."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self.source = file.read_text("utf-8")
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.marks: dict[str, list[str]] = {}
        self._article, self._in_mark, self._aside = "", False, False
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.text += " " * (tag in ("td", "th"))
        self._aside = tag in ("style", "script")
        if tag == "article":
            self._article = dict(attrs)["id"] or ""
            self.marks[self._article] = []
        if tag == "mark":
            self._in_mark = True
            self.marks[self._article].append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_mark = self._in_mark and tag != "mark"
        self._aside = False

    def handle_data(self, data: str) -> None:
        if not self._aside:
            self.text += data
        if self._in_mark:
            self.marks[self._article][-1] += data

    def attributes(self, tag: str, name: str) -> list[str]:
        return [value for element, attrs in self.elements if element == tag and (value := attrs.get(name)) is not None]

    @property
    def words(self) -> str:
        return " ".join(self.text.split())


def analyse(requests: Iterable[Request], moments: Iterable[tuple[float, str]] = (), **about: object) -> Analysis:
    return of(replace(make_capture(requests, moments), tz=HANGZHOU, about=about))


def of(capture: Capture) -> Analysis:
    return scantrail.analyse_capture(capture)


def report(analysis: Analysis, folder: Path) -> Page:
    return Page(write(analysis, folder))


def scan(
    index: int, minutes: float, latitude: float = 30.2741, longitude: float = 120.1551, code: str = CODE
) -> Request:
    """A scan in Hangzhou, somewhere."""
    body = {"codeNo": code, "latitude": latitude, "longitude": longitude, "coordType": "wgs84"}
    return make_request("https://healthcode.test/scan", body=body, index=index, minutes=minutes)


def week() -> tuple[list[Request], list[tuple[float, str]]]:
    """Home in the morning and evening, work in between, on five days."""
    times = [(day * 1440 + minute, place) for day in range(5) for minute, place in ((5, 0), (60, 1), (660, 0))]
    requests = [scan(n, minutes, 30.2741 + place / 50) for n, (minutes, place) in enumerate(times)]
    return requests, [(minutes - 1, "scan") for minutes, _ in times]


@pytest.fixture(scope="module")
def hostile_analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    return scantrail.analyse(write_hostile(tmp_path_factory.mktemp("hostile")))


@pytest.fixture(scope="module")
def hostile_page(hostile_analysis: Analysis, tmp_path_factory: pytest.TempPathFactory) -> Page:
    return report(hostile_analysis, tmp_path_factory.mktemp("hostile-page"))


@pytest.fixture(scope="module")
def week_page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return report(analyse(*week(), made_by="hand"), tmp_path_factory.mktemp("week"))


@pytest.fixture(scope="module")
def true_page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    folder = tmp_path_factory.mktemp("true")
    return report(lay_truth(folder, week()[0]), folder)


# Marks


MARKED = {
    "a JSON body": (make_request(body={"codeNo": CODE, "other": CODE[:6]}), [CODE]),
    "escaped JSON": (make_request(body='{"idx":1,"city":"\\u676d\\u5dde\\u5e02"}'), ["\\u676d\\u5dde\\u5e02"]),
    "a form with JSON in it": (
        make_request(
            body=urlencode({"data": json.dumps({"in": json.dumps({"a": CODE[:9], "codeNo": CODE})}), "n": "1"})
        ),
        [CODE],
    ),
    "a form with escaped JSON in it": (
        make_request(body=urlencode({"data": json.dumps({"city": "杭州市"})})),
        [quote("\\u676d\\u5dde\\u5e02")],
    ),
    "base64": (make_request(body={"ext": b64(json.dumps({"codeNo": CODE}))}), [b64(json.dumps({"codeNo": CODE}))]),
    "a header": (make_request(headers={"x-location": "120.155100%2C30.274100"}), ["120.155100%2C30.274100"]),
    "a cookie": (make_request(headers={"Cookie": f"a=1; codeNo={CODE}"}), [CODE]),
    "two fields": (make_request(body='{"lat": 30.2741, "acc": 30.2, "lng": 120.1551}'), ["30.2741", "120.1551"]),
    "a query": (make_request(f"https://a.test/x?q=1&codeNo={CODE}#codeNo"), [CODE]),
    "a deep link in a query": (
        make_request(
            "https://a.test/?u=" + quote("alipays://x/y?url=" + quote("https://b.test/?orgCode=330500-1", ""), "")
        ),
        ["330500-1"],
    ),
    "spaces in a form": (make_request(body="currentCity=New+York&x=New"), ["New+York"]),
    "one digit": (make_request(body="{}", answer={"a": 1, "healthStatus": 1, "b": [1, "1"]}), ["1"]),
    "names that come twice": (make_request(body='{"codeNo":"HZ0001","codeNo":"HZ0002"}'), ["HZ0001", "HZ0002"]),
}


@pytest.mark.parametrize(("request_", "marked"), MARKED.values(), ids=MARKED)
def test_marks_sit_on_the_bytes_that_disclose(request_: Request, marked: list[str]) -> None:
    exhibit = evidence.exhibit(request_, None, disclosed(request_))
    assert [piece.text for part in exhibit.parts for piece in part.segments if piece.marks] == marked
    assert all(told.located for told in exhibit.told)


def test_one_digit_is_marked_where_it_stands() -> None:
    request, _ = MARKED["one digit"]
    exhibit = evidence.exhibit(request, None, disclosed(request))
    before, mark, after = exhibit.parts[1].segments
    assert (before.text, mark.text, after.text) == ('{"a": 1, "healthStatus": ', "1", ', "b": [1, "1"]}')


def test_what_cannot_be_located_is_still_listed() -> None:
    told = disclosed(make_request(body={"codeNo": CODE}))
    elsewhere = make_request(body="nothing of the kind")
    exhibit = evidence.exhibit(elsewhere, None, told)
    assert [(told.disclosure.value, told.located) for told in exhibit.told] == [(CODE, False)]
    assert not [piece for part in exhibit.parts for piece in part.segments if piece.marks]


def layered(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        inner.map(lambda text: json.dumps({"k": text, "l": [text, 1]})),
        inner.map(lambda text: json.dumps({"k": text}, ensure_ascii=False)),
        inner.map(lambda text: urlencode({"a": text, "b": ""})),
        inner.map(quote),
        inner.map(quote_plus),
        inner.map(b64),
        inner.map(lambda text: f"app://h/p/?u={quote(text, '')}#f"),
    )


@settings(max_examples=80, deadline=None)
@given(st.recursive(st.text(min_size=1, max_size=8), layered, max_leaves=5), st.booleans())
def test_every_field_is_located_through_any_layers(text: str, in_url: bool) -> None:
    request = make_request(f"https://a.test/p/q?x={quote(text, '')}" if in_url else "https://a.test/", body=text)
    found = {wire.source: wire for wire in wires(request, {"url", "body"})}
    for field in fields(request):
        assert field.value in [value for value, _ in found[field.source].places[field.path]]
        for _, (start, end) in found[field.source].places[field.path]:
            assert 0 <= start < end <= len(found[field.source].text)


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=5))
def test_segments_give_the_text_back(text: str, raw: list[tuple[int, int]]) -> None:
    spans = {n: [(min(a, b, len(text)), min(max(a, b), len(text)))] for n, (a, b) in enumerate(raw, start=1)}
    pieces = segments(text, spans)
    assert "".join(piece.text for piece in pieces) == text
    marked = [set(piece.marks) for piece in pieces for _ in piece.text]
    assert marked == [{n for n, [(a, b)] in spans.items() if a <= place < b} for place in range(len(text))]


def test_long_texts_say_how_much_is_left_out() -> None:
    pieces = segments("a" * 5000 + "b" * 5000, {1: [(4000, 6000)]})
    assert sum(len(piece.text) + piece.left_out for piece in pieces) == 10_000
    assert [piece.left_out for piece in pieces if piece.left_out] == [3680, 1680, 3680]


# Nothing captured runs


def test_the_hostile_capture_is_hostile_in_every_field(hostile_analysis: Analysis) -> None:
    capture = hostile_analysis.capture
    numbers = {"index", "at", "wall", "unread_bytes", "status", "size", "cut"}
    for kind, values in ((Request, capture.requests), (Response, [r.response for r in capture.requests if r.response])):
        texts = set(kind.__struct_fields__) - numbers - {"protocol"}
        said = {name: " ".join(str(getattr(value, name)) for value in values) for name in texts}
        assert [name for name in texts if "<script>" not in said[name]] == []
    assert {request.protocol for request in capture.requests} == {"http", "tcp", "dns", "tls", "connect"}
    assert "<script>" in str(capture.moments)
    assert "<script>" in str(capture.about)
    assert len(capture.problems) == len(TEXTS)


def test_hostile_text_makes_no_element_and_no_link(hostile_page: Page) -> None:
    page = hostile_page
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    for tag, attrs in page.elements:
        assert not {name for name in attrs if name.startswith("on") or name == "style"}
        assert all("alert" not in (value or "") for value in attrs.values()), tag
        assert tag != "script" or set(attrs) <= {"type", "id"}
    assert all(re.fullmatch(r"#[a-z0-9-]+", href) for href in page.attributes("a", "href"))
    assert all(src.startswith("data:image/svg+xml,%3C") for src in page.attributes("img", "src"))
    assert page.source.count("</style>") == 1
    assert page.source.count("<script") == page.source.count("</script>") == 4  # the data, Bokeh's two and ours
    assert "<script>alert(1)</script>" in page.text  # it is shown, as text
    assert "{{ 7 * 7 }}" in page.text


def test_hidden_characters_are_written_out(hostile_page: Page) -> None:
    page = hostile_page
    shown = re.sub(r"<script>.*?</script>", "", page.source, flags=re.DOTALL)
    assert not [char for char in "\x00\u202e\u2066" if char in shown]
    assert "a\\x00b" in page.text
    assert "\\u202egnp.exe" in page.text


def test_the_page_may_fetch_nothing(hostile_page: Page) -> None:
    page = hostile_page
    (policy,) = [a["content"] for tag, a in page.elements if tag == "meta" and a.get("http-equiv")]
    assert policy
    scripts = re.findall(r"<script>(.*?)</script>", page.source, re.DOTALL)
    hashes = " ".join(f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts)
    rest = "img-src 'self' data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    assert policy == f"default-src 'none'; script-src {hashes}; {rest}"
    fetched = page.attributes("img", "src") + page.attributes("link", "href")
    assert not [address for address in fetched if not address.startswith("data:")]
    assert "url(" not in page.source.partition("</style>")[0]
    assert "@import" not in page.source


def test_figures_hold_no_captured_text(hostile_page: Page) -> None:
    for svg in hostile_page.file.parent.glob("figures/*.svg"):
        drawn = svg.read_text()
        assert "<text" not in drawn
        assert "<script" not in drawn
        assert "alert" not in drawn


def test_a_body_of_a_megabyte_in_every_field_stays_readable(tmp_path: Path) -> None:
    flood = "<script>" * 131_072
    request = make_request(
        f"https://a.test/{flood}",
        body={"codeNo": CODE, "recentTravel": flood, "x": flood},
        headers={"x-a": flood, "operation-type": "police"},
        answer={"healthStatus": "green", "reason": flood},
    )
    page = report(analyse([request], [(-1, flood), (-0.5, "consent")], made_by=flood), tmp_path)
    assert len(page.source) < 500_000
    assert re.search(r"… [\d,]+ characters …", page.text)
    assert CODE in page.marks["request-0"]


# What the page says


def test_every_link_leads_somewhere(week_page: Page) -> None:
    page = week_page
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {href.removeprefix("#") for href in page.attributes("a", "href")} <= set(ids)
    assert "request-0" in ids


def test_findings_history_and_evidence_are_there(week_page: Page) -> None:
    page = week_page
    assert [f"T{n} " in page.words for n in range(1, 8)] == [True] * 7
    assert "15 of 15 scans sent a position." in page.words
    assert "one code number" in page.words
    assert "15 positions at 2 places on 5 days" in page.words
    assert CODE in page.marks["request-0"]
    assert "Mon 17 Feb 2020, 08:05:00" in page.words  # Hangzhou's clock
    assert "body|json.codeNo" in page.words


def test_chinese_says_that_it_is(tmp_path: Path) -> None:
    where = {"codeNo": CODE, "latitude": 30.2741, "longitude": 120.1551}
    page = report(analyse([make_request(body=where | {"city": "杭州市", "x": "a<杭州>，b"})]), tmp_path)
    assert '<span lang="zh">杭州市</span>' in page.source
    assert 'a&lt;<span lang="zh">杭州</span>&gt;，b' in page.source


def test_a_recorded_phone_is_not_called_a_simulation(week_page: Page, true_page: Page) -> None:
    assert "This is a simulation." in true_page.words
    assert "This is a simulation." not in week_page.words
    assert "keep it as you would keep the capture" in week_page.words


def unread(index: int) -> Request:
    return Request(index=index, id="x", at=START, wall=START, protocol="tls", unread="no trust", sni="pinned.test")


OUTCOMES = {
    "Nothing was recorded:": [],
    "Nothing readable: 2 connections": [unread(0), unread(1)],
    "Nothing found: all of 1 request": [make_request(body={"page": 3})],
    "Nothing found in what could be read: 1 request.": [make_request(body={"page": 3}), unread(1)],
    "In 1 day, 2 requests left": [make_request(body={"codeNo": CODE}), unread(1)],
}


@pytest.mark.parametrize(("said", "requests"), OUTCOMES.items())
def test_nothing_found_and_nothing_readable_read_differently(
    said: str, requests: list[Request], tmp_path: Path
) -> None:
    page = report(analyse(requests), tmp_path)
    assert [start for start in OUTCOMES if start in page.words] == [said]
    assert not list((tmp_path / "figures").glob("map-*"))


def test_what_could_not_be_read_is_counted_and_listed(tmp_path: Path) -> None:
    deep = "x=1"
    for _ in range(14):
        deep = quote(f"a={deep}", "")
    requests = [
        unread(0),
        make_request("https://a.test/", body=b"\xff\xfe\x00", index=1),
        make_request("https://b.test/", body=f"a={deep}", index=2),
        make_request("https://c.test/", index=3, unsent="refused"),
    ]
    page = report(analyse(requests), tmp_path)
    for said in (
        "pinned.test unread connection no trust 1 0",
        "a.test body in no format that a decoder opens: encrypted, a picture or random 1 1",
        "b.test body wrapped in more layers than were opened 1 2",
        "c.test did not leave refused 1 3",
    ):
        assert said in page.words


def test_what_did_not_leave_is_told_to_nobody(tmp_path: Path) -> None:
    kept = make_request(body={"codeNo": CODE}, unsent="refused")
    page = report(analyse([kept, make_request("https://b.test/", body={"codeNo": CODE}, index=1)]), tmp_path)
    assert "healthcode.test 1 1 did not leave" in page.words
    assert "b.test 1 code number 1" in page.words


def test_evidence_beyond_the_limit_is_counted(tmp_path: Path) -> None:
    requests = [scan(n, n) for n in range(evidence.SHOWN_REQUESTS + 7)]
    page = report(analyse(requests, [(n - 0.5, "scan") for n in range(len(requests))]), tmp_path)
    assert len(page.marks) == evidence.SHOWN_REQUESTS
    assert "7 further requests not shown here" in page.words
    assert {href.removeprefix("#") for href in page.attributes("a", "href") if "request" in href} <= set(page.marks)


def test_each_statement_keeps_its_first_evidence() -> None:
    assert evidence.choose([[1, 2, 3, 4], [9], [2, 8]], limit=4) == ([1, 2, 8, 9], 2)
    assert evidence.choose([]) == ([], 0)


def test_of_many_disclosures_in_one_request_the_rest_is_counted(tmp_path: Path) -> None:
    body = [{"codeNo": f"HZ{n:06}"} for n in range(evidence.SHOWN_DISCLOSURES + 5)]
    body[0] |= {"latitude": "30.2741", "longitude": "120.1551"}
    page = report(analyse([make_request(body=body)]), tmp_path)
    assert "6 further disclosures in this request not shown here" in page.words


def test_each_claim_can_be_quoted_with_evidence_and_limits(week_page: Page) -> None:
    rows = re.findall(r'<tr><th scope="row"><span class="id">(\w+)</span>.*?</tr>', week_page.source, re.DOTALL)
    assert rows == [*(f"T{n}" for n in range(1, 8)), "PU1"]
    assert "15 of 15 scans sent a position." in week_page.words
    assert "Not decided: “The police receive the data.” Traffic cannot tell: a request shows a host" in week_page.words


def test_what_left_is_told_by_moment_receiver_and_kind(tmp_path: Path, week_page: Page) -> None:
    telling = [(0, "a.test", {"codeNo": CODE}), (10, "a.test", {"codeNo": CODE, "city": "杭州市"}), (20, "b.test", {})]
    requests = [
        make_request(f"https://{host}/", body=body, index=index, minutes=minutes)
        for index, (minutes, host, body) in enumerate(telling)
    ]
    page = report(analyse(requests, [(-1, "idle"), (9, "scan"), (19, "scan")]), tmp_path)
    assert "idle (1×) a.test nothing code number 1 of 1 scan (2×) a.test city 1 of 2 code number 1 of 2" in page.words
    assert "scan (15×) healthcode.test" in week_page.words
    assert "This capture holds no idle moment" in week_page.words


# Truth beside


def lay_truth(folder: Path, requests: Sequence[Request]) -> Analysis:
    """A capture folder with the truth of `week`: at home till nine, then at work till seven."""
    (folder / "truth").mkdir()
    hours = [(0, 1, "home", 30.2745), (1, 11, "work", 30.2945), (11, 24, "home", 30.2745)]
    rows = [
        {
            "user_id": "person-1",
            "started_at": START + timedelta(days=day, hours=first),
            "finished_at": START + timedelta(days=day, hours=last),
            "latitude": latitude,
            "longitude": 120.1551,
            "end_latitude": latitude,
            "end_longitude": 120.1551,
            "activity": activity,
            "place": activity,
        }
        for day in range(5)
        for first, last, activity, latitude in hours
    ]
    WHEREABOUTS.frame(rows).to_parquet(folder / "truth" / "whereabouts.parquet")
    who = {
        "user_id": "person-1",
        "name": "x",
        "resident_id": "",
        "phone_number": "",
        "device_id": "",
        "code_number": CODE,
    }
    where = {name: {"latitude": lat, "longitude": 120.1551} for name, lat in (("home", 30.2745), ("work", 30.2945))}
    (folder / "truth" / "people.jsonl").write_text(json.dumps(who | where) + "\n")
    return of(replace(make_capture(requests), path=folder, tz=HANGZHOU, about={"design": "x"}))


def test_truth_stands_beside_what_was_inferred(true_page: Page) -> None:
    page = true_page
    assert "Inferred against true" in page.words
    assert re.search(r"home error \d+ m \d+ m from the inferred to the true home", page.words)
    assert any("Beside it the truth: home at 30.2745, 120.1551" in alt for alt in page.attributes("img", "alt"))


def test_without_truth_there_is_no_such_section(week_page: Page) -> None:
    assert "Inferred against true" not in week_page.words


def test_truth_that_cannot_be_read_is_no_reason_to_say_nothing(tmp_path: Path) -> None:
    analysis = lay_truth(tmp_path, week()[0])
    (tmp_path / "truth" / "people.jsonl").write_text("{")
    page = report(analysis, tmp_path / "out")
    assert "The truth cannot be read:" in page.words
    assert "15 positions at 2 places on 5 days" in page.words


# Figures


def test_figures_are_drawn_as_png_and_svg(true_page: Page) -> None:
    figures = true_page.file.parent / "figures"
    names = sorted(file.name for file in figures.iterdir())
    assert names == [
        f"{name}.{kind}" for name in ("hours-1", "map-1", "receivers", "timeline-1") for kind in ("pdf", "png", "svg")
    ]
    for file in figures.glob("*.png"):
        pixels = imread(file)
        assert pixels.shape[1] >= 1000
        assert 0.01 < (pixels[..., :3].min(axis=2) < 0.9).mean() < 0.9
    shown = {unquote_to_bytes(src.partition(",")[2]) for src in true_page.attributes("img", "src")}
    assert shown == {file.read_bytes() for file in figures.glob("*.svg")}
    assert all(len(alt) > 40 for alt in true_page.attributes("img", "alt"))


def test_the_same_capture_gives_the_same_bytes(tmp_path: Path) -> None:
    analysis = lay_truth(tmp_path, week()[0])
    for name in ("one", "two"):
        write(of(analysis.capture), tmp_path / name)
    one, two = ({file.name: file.read_bytes() for file in (tmp_path / name).rglob("*.*")} for name in ("one", "two"))
    assert one == two


def people(analysis: Analysis) -> list[Inferred]:
    """The people of an analysis; of an empty one somebody of whom nothing is known."""
    tables = analysis.history.tables
    nothing = (tables[name] for name in ("staypoints", "locations", "trips", "anchors"))
    return inferred(analysis.history) or [Inferred("s1", tables["positionfixes"], 0, *nothing)]


def of_hours(analysis: Analysis) -> Figure:
    spent = hours(analysis.history, people(analysis), analysis.capture.tz)
    return hours_figure(spent.get("s1", []), analysis.capture.tz)


def of_receivers(analysis: Analysis) -> Figure:
    receivers = sections.receivers(analysis.capture, sections.tell(analysis.disclosures))
    return matrix_figure({receiver.host: receiver.tally.told for receiver in receivers}, list(KINDS))


def of_days(analysis: Analysis) -> Figure:
    return timeline_figure(people(analysis)[0], known(analysis).lived.get("s1"), analysis.capture.tz)


def of_map(analysis: Analysis) -> Moving | None:
    shown = inferred(analysis.history)
    return moving(analysis.history, shown, hours(analysis.history, shown, analysis.capture.tz), analysis.capture.tz)


FIGURES: dict[str, Callable[[Analysis], Figure | Moving | None]] = {
    "map_figure": lambda analysis: map_figure(people(analysis)[0], known(analysis).lived.get("s1")),
    "timeline_figure": of_days,
    "hours_figure": of_hours,
    "matrix_figure": of_receivers,
    "crowd_figure": lambda analysis: crowd_figure(crowd(analysis.history, analysis.capture.tz)),
    "moving": of_map,
}
HISTORIES: dict[str, Callable[[], Analysis]] = {
    "empty": cache(lambda: analyse([])),
    "one row": cache(lambda: analyse([scan(0, 0)])),
    "golden": cache(lambda: scantrail.analyse(GOLDEN)),
    "two people": cache(lambda: analyse([scan(0, 0), scan(1, 9, 30.3, code="HZ20200217000002")])),
}


def test_every_figure_of_the_report_is_drawn_here() -> None:
    """Matplotlib's are known by what they return; Bokeh's are the public functions of who imports its `figure`."""
    drawn = set()
    for name in (f"scantrail.report.{found.name}" for found in iter_modules(scantrail.report.__path__)):
        module = import_module(name)
        if name in (style.__name__, plot.__name__):  # what figures share
            continue
        own = {key: it for key, it in getmembers(module, isfunction) if it.__module__ == name}
        drawn |= {key for key, it in own.items() if signature(it).return_annotation is Figure}
        if getattr(module, "figure", None) is bokeh_figure:
            drawn |= {key for key in own if not key.startswith("_")}
    assert drawn == set(FIGURES)


@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_draws_every_history(name: str, history: str, tmp_path: Path) -> None:
    analysis = HISTORIES[history]()
    with style.drawing():
        figure = FIGURES[name](analysis)
        if isinstance(figure, Figure):
            svg = style.save(figure, tmp_path, name)
    nothing = history == "empty" or (name == "crowd_figure" and history != "two people")
    if not isinstance(figure, Figure):
        assert (figure is None) == nothing  # the page says why
        return
    assert bool(figure.axes) == (not nothing)
    assert bool(figure.texts) == nothing  # which says why
    assert "<text" not in svg.read_text()
    pixels = imread(tmp_path / f"{name}.png")
    assert (pixels[..., :3].min(axis=2) < 0.9).any()
    assert (tmp_path / f"{name}.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("history", ["one row", "golden", "two people"])
def test_the_moving_map_holds_every_hour_and_position(history: str, caplog: pytest.LogCaptureFixture) -> None:
    analysis = HISTORIES[history]()
    found = of_map(analysis)
    assert found
    assert found == of_map(analysis)  # though Bokeh counts on
    assert caplog.messages == []  # it logs what does not fit together
    data = json.loads(found.data)
    assert len(data["times"]) == found.hours
    assert len(data["told"]["x"]) == len(analysis.history.believed)
    assert {len(person[name]) for person in data["people"] for name in ("look", "sure", "x", "y")} == {found.hours}
    assert max(data["told"]["hour"]) < found.hours


def test_one_position_is_enough_for_map_and_timeline() -> None:
    (person,) = inferred(analyse([scan(0, 0)]).history)
    with style.drawing():
        assert map_figure(person, None).axes[0].get_title("left") == "Reconstructed from 1 position that left the phone"
        assert timeline_figure(person, None, HANGZHOU).axes[0].get_yticklabels()[0].get_text() == "Mon 17 Feb"


def test_each_hour_says_where_and_how_sure() -> None:
    analysis = analyse(*week())
    spent = hours(analysis.history, inferred(analysis.history), HANGZHOU)["s1"]
    assert (spent[0].hour, len(spent)) == (8, 4 * 24 + 11 + 1)
    assert all(0 < hour.probability <= 1 for hour in spent)
    assert {hour.look for hour in spent if hour.hour in (2, 3)} == {"home"}
    texts = [text.get_text() for text in of_hours(analysis).axes[0].texts]
    assert f"H\n{spent[-1].probability * 100:.0f}" in texts  # not by colour alone


def test_one_person_is_singled_out_among_nobody(week_page: Page, tmp_path: Path) -> None:
    assert "Not measurable: One subject of this capture told positions" in week_page.words
    assert "Not measurable: Nobody of this capture told positions" in report(analyse([]), tmp_path / "none").words
    two = report(HISTORIES["two people"](), tmp_path / "two")
    assert "Who knows one random point of a person (a square of 500 m, in one hour) singles out 100% of 2 people" in (
        two.words
    )


def test_hours_are_those_of_the_place() -> None:
    (person,) = inferred(analyse([scan(0, 0), scan(1, 17 * 60)]).history)
    with style.drawing():
        axes = timeline_figure(person, None, HANGZHOU).axes[0]
    drawn = np.vstack([marks.get_offsets() for marks in axes.collections])
    assert sorted(map(tuple, drawn.tolist())) == [(1.0, 1.0), (8.0, 0.0)]


def test_maps_keep_metres_square_and_panels_alike(tmp_path: Path) -> None:
    analysis = lay_truth(tmp_path, week()[0])
    (person,) = inferred(analysis.history)
    with style.drawing():
        left, right = map_figure(person, known(analysis).lived["s1"]).axes
    assert left.get_xlim() == right.get_xlim()
    assert left.get_ylim() == right.get_ylim()
    assert left.get_aspect() == pytest.approx(1 / np.cos(np.radians(30.28)), rel=1e-3)
    texts = {text.get_text() for axes in (left, right) for text in axes.texts}
    assert {"home", "work"} <= texts
    assert any(text.endswith((" km", " m")) for text in texts)


TOML = """places = [
  { id = "1", category = "station", name = "龙翔桥站", english = "Bridge", latitude = 30.2745, longitude = 120.151 },
  { id = "2", category = "park", name = "far away", latitude = 31.0, longitude = 121.0 },
]"""
GEOJSON = json.dumps(
    {
        "features": [
            {"properties": {"name": "<b>"}, "geometry": {"type": "Point", "coordinates": [120.151, 30.2745]}},
            {"properties": None, "geometry": {"type": "LineString", "coordinates": [[120.0, 30.0], [120.2, 30.4]]}},
        ]
    }
)


def test_a_city_stands_behind_the_maps(tmp_path: Path) -> None:
    (tmp_path / "city.toml").write_text(TOML, "utf-8")
    (tmp_path / "city.geojson").write_text(GEOJSON, "utf-8")
    spot, _ = spots(tmp_path / "city.toml")
    assert (spot.words, spot.point) == ("龙翔桥站 (Bridge, station)", Point(30.2745, 120.151))
    named, road = spots(tmp_path / "city.geojson")
    assert (named.words, road.words) == ("<b>", "unnamed place")
    assert road.point == pytest.approx(Point(30.2, 120.1))
    (person,) = inferred(analyse([scan(0, 0)]).history)
    with style.drawing():
        texts = [text.get_text() for text in map_figure(person, None, [spot]).axes[0].texts]
    assert "龙翔桥站" in texts or "\\u9f99\\u7fd4" in "".join(texts)
    page = Page(write(analyse([scan(0, 0)]), tmp_path / "out", city=tmp_path / "city.geojson"))
    assert "Small diamonds: places of the city." in page.words
    assert '"\\u003cb>"' in page.source


@pytest.mark.parametrize(
    "text", ["", "{}", '{"features": [{}]}', '{"features": [{"geometry": {"coordinates": [1, 99]}}]}']
)
def test_what_is_no_city_is_named(text: str, tmp_path: Path) -> None:
    file = tmp_path / "city.geojson"
    file.write_text(text)
    with pytest.raises(CaptureError, match=r"city\.geojson: no city"):
        spots(file)
    with pytest.raises(CaptureError, match="No such file"):
        spots(tmp_path / "none.toml")


def test_letters_that_no_font_has_are_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scantrail.report.style.chinese", lambda: None)
    assert style.plain("杭\u202e é") == "\\u676d\\u202e é"


def test_a_long_time_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys.modules["scantrail.report.moving"], "MOST_HOURS", 24)
    page = report(analyse([scan(0, 0), scan(1, 30 * 60)]), tmp_path)
    assert "The first 24 hours; 7 more are not shown here." in page.words


def test_captured_dollars_are_no_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scantrail.report.style.chinese", lambda: None)
    with style.drawing():
        figure = matrix_figure({"a$\\frac$.test": {"position": 1}, "b\u202e中.test": {"city": 2}}, ["position", "city"])
        labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
        assert labels == ["a$\\frac$.test", "b\\u202e\\u4e2d.test"]
        figure.draw_without_rendering()


def test_what_figures_show_stands_out_from_its_ground() -> None:
    """WCAG 2.1, AA: graphics by 3 to 1 (1.4.11), letters by 4.5 (1.4.3)."""
    graphics = [look.colour for look in style.LOOKS.values()] + [look.colour for look in CURVES.values()]
    graphics.append(style.BACKGROUND)
    assert [it for it in graphics for ground in ("white", style.PAPER) if style.contrast(it, ground) < 3] == []
    darkest = [to_rgb(look.colour) for look in style.LOOKS.values()]
    shades = [[1 - DARKEST * (1 - part) for part in colour] for colour in darkest]  # of the hours' cells
    letters = [(style.INK, shade) for shade in shades] + [(style.QUIET, style.PAPER), (style.QUIET, "white")]
    letters += [(style.readable(shade), shade) for shade in colormaps["Blues"](np.linspace(0, 1, 50))[:, :3]]
    assert [pair for pair in letters if style.contrast(*pair) < 4.5] == []
    assert style.contrast("white", "black") == pytest.approx(21)


def test_settings_of_the_process_are_left_alone() -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    with style.drawing():
        pass
    assert dict(mpl.rcParams) == before


def test_many_subjects_are_counted_when_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scantrail.report.PEOPLE", 1)
    requests = [
        make_request(body={"codeNo": f"HZ202002170{n}", "latitude": 30.2741, "longitude": 120.1551}, index=n)
        for n in range(3)
    ]
    page = report(analyse(requests), tmp_path)
    assert "2 further subjects with fewer positions not shown here" in page.words
    assert len(list((tmp_path / "figures").glob("map-*.png"))) == 1


def test_places_without_a_position_have_a_history_too(tmp_path: Path) -> None:
    hours = [(day, hour, place) for day in range(5) for hour, place in ((1, "office-1"), (11, "home-7"))]
    requests = [
        make_request(body={"codeNo": CODE, "placeId": place}, index=index, minutes=(day * 24 + hour) * 60)
        for index, (day, hour, place) in enumerate(hours)
    ]
    page = report(analyse(requests), tmp_path)
    assert "10 positions or places at 2 places on 5 days" in page.words
    assert "home known by its code alone 100% of 5" in page.words
    assert not list((tmp_path / "figures").glob("map-*"))


def test_what_cannot_be_true_is_counted(tmp_path: Path) -> None:
    where = [(30.27, 120.15), (30.27, 120.15), (39.90, 116.40)]
    requests = [
        make_request(body={"codeNo": CODE, "latitude": lat, "longitude": lon}, index=index, minutes=index)
        for index, (lat, lon) in enumerate(where)
    ]
    assert "hold 2 positions at 1 place on 1 day. Another 1 cannot be true" in report(analyse(requests), tmp_path).words


def test_who_was_where_at_once_is_told_of_several(tmp_path: Path, week_page: Page) -> None:
    requests = [
        make_request(
            body={"codeNo": f"HZ202002170{index % 2}", "latitude": 30.2741, "longitude": 120.1551},
            index=index,
            minutes=index * 60,
        )
        for index in range(4)
    ]
    page = report(analyse(requests), tmp_path)
    assert re.search(r"s1 and s2 1 day \d+\.\d h", page.words)
    assert "Who was where at once" not in week_page.words


def test_empty_tables_are_tables(tmp_path: Path) -> None:
    analysis = analyse([])
    assert inferred(analysis.history) == []
    assert isinstance(analysis.history.positionfixes, pd.DataFrame)
    assert write(analysis, tmp_path / "a" / "b").is_file()
