"""The parts of the live page that need no browser: who is let in, what is sent to whom, what is known."""

import asyncio
from collections.abc import Mapping
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
from scantrail.live.crowd import Crowd
from scantrail.live.guard import Guard
from scantrail.live.hub import MOST_WAITING, Hub
from scantrail.live.knows import Wanted, knows
from scantrail.live.maps import known_data
from scantrail.live.protocol import Spot
from scantrail.model import CaptureError
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


def test_of_an_empty_capture_nothing_is_known_and_every_map_is_drawn(tmp_path: Path) -> None:
    write_log(tmp_path / "log.jsonl")
    known = knows(scantrail.analyse(tmp_path), Wanted(), (), None)
    assert (known.user_id, known.subjects) == ("", [])
    assert all(not any(columns.values()) for columns in known_data(known, ()).values())


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
