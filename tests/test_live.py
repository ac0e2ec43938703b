"""The parts of the live page that need no browser: who is let in, what is sent to whom, what is known."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import httpx2
import pandas as pd
import pytest
from builders import at, log_line, write_log
from mobility_builders import HOME, WORK, make_fixes
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from test_report import GOLDEN

import scantrail
from scantrail.cli import main
from scantrail.live.crowd import Crowd
from scantrail.live.guard import Guard
from scantrail.live.hub import MOST_WAITING, Hub
from scantrail.live.knows import Wanted, knows
from scantrail.live.lane import Lane
from scantrail.live.line import Line
from scantrail.live.maps import city_map, known_data, known_map
from scantrail.live.protocol import Spot
from scantrail.live.scene import Scene
from scantrail.live.server import Page
from scantrail.live.session import Session
from scantrail.live.shown import SHOWN_LINES, Shown
from scantrail.model import CaptureError
from scantrail.readers import zone
from scantrail.readers.log import Tail

HOST = "127.0.0.1:8710"
TOKENS = {"leads": "lead", "watches": "watch"}


# Who is let in


async def _role(request: Request) -> Response:
    return PlainTextResponse(request.state.role)


def guarded() -> httpx2.AsyncClient:
    app = Starlette(routes=[Route("/", _role, methods=["GET", "POST"])])
    guard = Guard(app, hosts=[HOST], cookie="seen", tokens=TOKENS)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(guard), base_url=f"http://{HOST}")


def asked(method: str, path: str = "/", **headers: str) -> httpx2.Response:
    async def ask() -> httpx2.Response:
        async with guarded() as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 403),
        ("GET", "/", {"Cookie": "seen=leads"}, 200),
        ("GET", "/", {"Cookie": "seen=guessed"}, 403),
        ("GET", "/", {"Cookie": "other=leads"}, 403),
        ("GET", "/?token=guessed", {}, 403),
        ("GET", "/?token=leads", {}, 303),
        ("GET", "/", {"Cookie": "seen=leads", "Host": "rebound.example:8710"}, 421),
        ("GET", "/?token=leads", {"Host": "127.0.0.1:80"}, 421),
        ("POST", "/", {"Cookie": "seen=leads", "Origin": f"http://{HOST}"}, 200),
        ("POST", "/", {"Cookie": "seen=leads", "Origin": "http://evil.example"}, 403),
        ("POST", "/", {"Cookie": "seen=leads", "Origin": "null"}, 403),
        ("POST", "/", {"Cookie": "seen=leads"}, 403),
        ("GET", "/", {"Cookie": "seen=leads", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}, 200),
        ("GET", "/", {"Cookie": "seen=leads", "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, 403),
        ("GET", "/", {"Cookie": "seen=leads", "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"}, 200),
        ("GET", "/", {"Cookie": "seen=leads", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
    ],
)
def test_only_who_has_the_token_is_let_in_under_the_right_name_from_the_page_itself(
    method: str, path: str, headers: Mapping[str, str], status: int
) -> None:
    assert asked(method, path, **headers).status_code == status


def test_the_token_in_the_address_becomes_a_cookie_that_no_script_and_no_other_site_gets() -> None:
    answer = asked("GET", "/?token=watches&before=3")
    assert answer.headers["location"] == "/?before=3"
    assert answer.headers["set-cookie"] == "seen=watches; HttpOnly; Path=/; SameSite=strict"
    assert asked("GET", Cookie="seen=watches").text == "watch"


# Events


def test_a_browser_gets_all_that_there_is_and_then_what_comes_and_a_slow_one_begins_anew() -> None:
    async def look() -> None:
        hub = Hub(lambda: [("all", "a\nb")])
        quick, slow = hub.stream(), hub.stream()
        assert [await anext(quick), await anext(slow)] == ["event: all\ndata: a\ndata: b\n\n"] * 2
        for number in range(MOST_WAITING + 1):
            hub.send("news", str(number))
            assert await anext(quick) == f"event: news\ndata: {number}\n\n"
        assert len([event async for event in slow]) == MOST_WAITING  # and then its stream ends: it was let go
        hub.end()
        assert [event async for event in quick] == []

    asyncio.run(look())


# A log that grows


def test_a_log_is_read_as_it_grows_each_request_when_it_left_and_again_when_it_was_answered(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    tail = Tail(log)
    assert tail.look() == []
    sent = [log_line("request", id=name, method="GET", url=f"https://{name}.test/", headers=[]) for name in "ab"]
    write_log(log, *sent, b'{"v": 1, "type": "resp')
    found = tail.look()
    assert [(one.index, one.receiver, one.response) for one in found] == [(0, "a.test", None), (1, "b.test", None)]
    assert tail.look() == []
    answer = log_line("response", id="b", status=204, headers=[])
    write_log(log, *sent, answer, b"nonsense\n")
    [answered] = tail.look()
    assert (answered.index, answered.response and answered.response.status) == (1, 204)
    assert [problem.offset for problem in tail.problems] == [log.read_bytes().index(b"nonsense")]
    write_log(log, sent[0])
    with pytest.raises(CaptureError, match="became shorter"):
        tail.look()


def test_no_more_lines_are_read_at_once_than_one_asks_for(tmp_path: Path) -> None:
    lines = [log_line("request", id=str(n), method="GET", url=f"https://{n}.test/", headers=[]) for n in range(5)]
    tail = Tail(write_log(tmp_path / "log.jsonl", *lines))
    assert [len(tail.look(most=2)) for _ in range(4)] == [2, 2, 1, 0]


# What is known


def test_what_is_known_of_the_golden_week_is_what_its_report_says() -> None:
    analysis = scantrail.analyse(GOLDEN)
    spots = [Spot("", "", "Home gate", "", *analysis.history.anchors.iloc[0][["latitude", "longitude"]])]
    known = knows(analysis, Wanted(), spots, None)
    assert [guess.purpose for guess in known.guesses] == analysis.history.anchors["purpose"].tolist()
    assert known.guesses[0].where == "Home gate"
    assert known.guesses[0].off_m is None
    assert known.truth is None
    assert len(known.fixes) == len(analysis.history.positionfixes.query("user_id == @known.user_id"))
    revealed = knows(analysis, Wanted(is_revealed=True), spots, None)
    assert revealed.truth
    assert revealed.guesses[0].off_m is not None
    assert revealed.guesses[0].off_m < 250
    assert {"hours located", "home error"} <= {row.name for row in revealed.truth.measures}


@pytest.mark.parametrize("history", ["empty", "one row", "golden"])
@pytest.mark.parametrize("spots", [(), (Spot("1", "门", "gate", "mall", 30.2, 120.1),)], ids=["no city", "city"])
def test_both_maps_are_drawn_of_every_history(history: str, spots: Sequence[Spot], tmp_path: Path) -> None:
    position = "https://a.test/?lat=30.2741&lon=120.1551&codeNo=HZ20200217000001"
    line = log_line("request", id="a", method="GET", url=position, headers=[])
    write_log(tmp_path / "log.jsonl", *([line] if history == "one row" else []))
    analysis = scantrail.analyse(GOLDEN if history == "golden" else tmp_path)
    known = knows(analysis, Wanted(is_revealed=history == "golden"), spots, None)
    data = known_data(known, spots)
    lengths = {name: {len(column) for column in columns.values()} for name, columns in data.items()}
    assert all(len(found) == 1 for found in lengths.values())  # the columns of a source are of one length
    assert (lengths["told"] != {0}) == (history != "empty")
    assert (lengths["truth"] != {0}) == (history == "golden")
    models = json.dumps([known_map(spots, "map"), city_map(spots, "city")])
    assert all(f'"name": "{name}"' in models for name in (*data, "phone"))


def test_each_scan_leaves_fewer_people_whom_it_could_be() -> None:
    hour = timedelta(hours=1)
    fixes = make_fixes([(at(0), HOME), (at(5), HOME), (at(60), WORK), (at(180), HOME)])
    fixes["place_id"] = ["gate", "gate", "desk", None]
    seen = {
        ("gate", pd.Timestamp(at(0)).floor("h")): frozenset({1, 2, 3}),
        ("desk", pd.Timestamp(at(0)).floor("h") + hour): frozenset({3, 4}),
    }
    assert Crowd(10, seen).narrowed(fixes) == [(1, 3), (2, 1)]
    assert Crowd(10, {}).narrowed(fixes) == [(1, 0)]
    assert Crowd(10, seen).narrowed(fixes.iloc[:0]) == []


# The server


def served(method: str, path: str, body: str = "", role: str = "lead") -> httpx2.Response:
    """What the page's server answers of the golden capture."""
    session = Session(Shown(zone("Asia/Shanghai"), ("alipay", "nhs")))
    lane = Lane("golden", GOLDEN)
    lane.lines = [Line.of(request) for request in scantrail.read(GOLDEN).requests[:70]]
    session.scenes = [Scene(lane, 0)]

    async def never(*_: str) -> None:
        raise AssertionError

    async def ask() -> httpx2.Response:
        app = Page(session, never).app([HOST], {role: role})
        headers = {"Cookie": f"scantrail-live-8710={role}", "Origin": f"http://{HOST}"}
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url=f"http://{HOST}", headers=headers) as client:
            return await client.request(method, path, content=body)

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/", "", 200),
        ("GET", "/raw/0/3", "", 200),
        ("GET", "/raw/0/70", "", 404),
        ("GET", "/raw/1/0", "", 404),
        ("GET", "/map/map-0", "", 200),
        ("GET", "/map/../../etc", "", 404),
        ("GET", "/static/../server.py", "", 404),
        ("GET", "/requests/0?before=nan", "", 400),
        ("GET", "/requests/0?before=1e9", "", 400),
        ("POST", "/do/fly", "", 404),
        ("POST", "/do/play", "", 400),
        ("POST", "/do/play", "speed=inf", 400),
        ("POST", "/do/play", "speed=60", 204),
        ("POST", "/do/step", "hours=-1", 400),
        ("POST", "/do/step", "to_hour=7.5", 204),
        ("POST", "/do/move", "x=1&y=x", 400),
        ("POST", "/do/move", "place=nowhere", 400),
        ("POST", "/do/act", "name=idle", 400),
        ("POST", "/do/look", "number=7", 400),
        ("POST", "/do/design", "first=none", 400),
    ],
)
def test_the_server_does_what_can_be_done_and_says_of_all_else_that_it_cannot(
    method: str, path: str, body: str, status: int
) -> None:
    answer = served(method, path, body)
    assert answer.status_code == status, answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    if status >= 400:
        assert "Traceback" not in answer.text
        assert answer.text.endswith((".", "Not Found"))


def test_who_watches_changes_nothing() -> None:
    assert served("POST", "/do/reveal", role="watch").status_code == 403


def test_the_page_may_run_its_own_scripts_alone_and_stands_in_no_frame() -> None:
    policy = served("GET", "/").headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} <= set(policy.split("; "))


def test_requests_are_paged_from_the_latest_to_the_first() -> None:
    text = served("GET", "/requests/0").text
    assert text.count('<li id="line-') == 70
    assert text.index("line-0-69") < text.index("line-0-0")
    assert served("GET", "/requests/0?before=10").text.count('<li id="line-') == 10


def test_the_list_holds_the_latest_lines() -> None:
    lane = Lane("golden", GOLDEN)
    lane.lines = [Line.of(request) for request in scantrail.read(GOLDEN).requests[: SHOWN_LINES + 5]]
    session = Session(Shown(zone("UTC")))
    session.scenes = [Scene(lane, 0, shown=SHOWN_LINES + 3)]

    async def first() -> str:
        return next(data for name, data in session.hub._snapshot() if name == "wire-0")

    text = asyncio.run(first())
    assert text.count('<li id="line-') == SHOWN_LINES
    assert text.index(f"line-0-{SHOWN_LINES + 2}") < text.index("line-0-3") < text.index("the latest")
    assert f"{SHOWN_LINES + 3} requests, the latest {SHOWN_LINES} here" in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--design", "none"], "no design 'none': there is alipay, place-code,"),
        (["--scenario", "atlantis"], "no scenario 'atlantis': give a path, or one of chengdu-2021,"),
        (["--capture", "README.md"], "README.md: no reader for .md; there is .jsonl,"),
        (["--capture", "captures/golden/hangzhou", "--tz", "Mars"], "'Mars' is not a time zone; give an IANA name"),
        (["--capture", "captures/golden/hangzhou", "--city", "README.md"], "README.md: no city (TOML with places,"),
    ],
)
def test_what_cannot_be_shown_is_said_in_a_line(
    options: list[str], message: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(GOLDEN.parents[2])
    monkeypatch.setattr("sys.argv", ["scantrail", "live", "--port", "0", *options])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capfd.readouterr()
    assert (ended.value.code, said.out) == (2, "")
    assert said.err.startswith(f"scantrail: {message}")
    assert said.err.count("\n") == 1
