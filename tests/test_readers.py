"""A log becomes Requests whole, in order, while it is written and after it was cut; damage is told and skipped."""

import gzip
import json
import os
from pathlib import Path

import pytest
from builders import log_line, write_log
from hypothesis import given
from hypothesis import strategies as st

from scantrail.model import CaptureError, Problem
from scantrail.readers import log, read

REQUEST = log_line("request", method="GET", url="https://h.test/", connection="c")
RESPONSE = log_line("response", status=200, body="b2s=", size=2)


def load(path: Path) -> tuple[list[dict[str, object]], list[Problem]]:
    problems: list[Problem] = []
    found = [{"id": r.id, "index": r.index, "protocol": r.protocol} for r in log.read(path, problems)]
    return found, problems


def test_a_request_is_joined_with_its_answer(tmp_path: Path) -> None:
    (request,) = read(
        write_log(tmp_path / "log.jsonl", log_line("start"), REQUEST, RESPONSE, log_line("stop"))
    ).requests
    assert request.response is not None
    assert (request.response.status, request.response.body) == (200, b"ok")


def test_order_is_that_of_the_beginnings_and_nothing_waits_for_ever(tmp_path: Path) -> None:
    lines = [REQUEST | {"id": name} for name in "abc"] + [RESPONSE | {"id": name} for name in "ca"]
    found, _ = load(write_log(tmp_path / "log.jsonl", *lines))
    assert [(r["id"], r["index"]) for r in found] == [("a", 0), ("b", 1), ("c", 2)]


@pytest.mark.parametrize(
    ("lines", "protocol", "attribute", "value"),
    [
        ([log_line("unread", message="no trust", sni="p.test")], "tls", "unread", "no trust"),
        ([log_line("refused", message="not simulated", server=["x.com", 443])], "connect", "unsent", "not simulated"),
        ([log_line("dns", questions=[["h.test", "A"]])], "dns", "url", "dns:h.test A"),
        ([log_line("dns", questions=[], answered=True)], "dns", "unsent", "answered by the proxy itself"),
        (
            [log_line("open", protocol="tcp"), log_line("message", side="sent", data="FgMBAgABAAH8")],
            "tcp",
            "unread",
            "TLS that the proxy passed through unopened",
        ),
        ([log_line("open", protocol="udp"), log_line("close", message="timeout")], "udp", "error", "timeout"),
        ([REQUEST | {"answered": True}], "http", "unsent", "answered by the proxy itself"),
        ([REQUEST | {"unsent": "too large"}], "http", "unsent", "too large"),
        ([REQUEST, log_line("refused", id="c", message="no"), log_line("error", message="no")], "http", "unsent", "no"),
        ([REQUEST, log_line("error", message="reset")], "http", "error", "reset"),
    ],
)
def test_what_is_no_plain_exchange(
    tmp_path: Path, lines: list[dict[str, object]], protocol: str, attribute: str, value: str
) -> None:
    (request,) = read(write_log(tmp_path / "log.jsonl", *lines)).requests
    assert (request.protocol, getattr(request, attribute)) == (protocol, value)


def test_every_request_that_waited_for_a_refused_connection_is_unsent(tmp_path: Path) -> None:
    requests = [REQUEST | {"id": name} for name in "abc"]
    errors = [log_line("error", id=name, message=why) for name, why in (("a", "no"), ("b", "reset"), ("c", "no"))]
    lines = [*requests, log_line("refused", id="c", message="no"), *errors]
    assert [r.unsent for r in read(write_log(tmp_path / "log.jsonl", *lines)).requests] == ["no", None, "no"]


def test_a_gzipped_log_is_read_and_a_cut_one_as_far_as_it_goes(tmp_path: Path) -> None:
    lines = write_log(tmp_path / "log.jsonl", *[REQUEST] * 1000).read_bytes()
    (tmp_path / "log.jsonl.gz").write_bytes(gzip.compress(lines))
    assert len(read(tmp_path / "log.jsonl.gz").requests) == 1000
    (tmp_path / "log.jsonl.gz").write_bytes(gzip.compress(lines)[:-20])
    capture = read(tmp_path / "log.jsonl.gz")
    assert len(capture.requests) > 0
    assert "the compression is damaged" in capture.problems[0].message


def test_messages_are_kept_in_order(tmp_path: Path) -> None:
    upgrade = [REQUEST, RESPONSE | {"status": 101}]
    messages = [
        log_line("message", protocol="websocket", side=side, data="aGk=") for side in ("sent", "received", "sent")
    ]
    (request,) = read(write_log(tmp_path / "log.jsonl", *upgrade, *messages, log_line("close"))).requests
    assert [(m.side, m.data) for m in request.messages] == [("sent", b"hi"), ("received", b"hi"), ("sent", b"hi")]
    assert request.sent_bytes == 4


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (b"not json\n", "not a log line"),
        (b'{"v":1,"type":"request"}\n', "a request line that cannot be used"),
        (b'{"v":1,"type":"response","at":"yesterday"}\n', "a response line that cannot be used"),
        (b"\xff\xfe\n", "not a log line"),
        (json.dumps(REQUEST | {"at": "9999-12-31T23:00:00Z"}).encode() + b"\n", "a line that says it is of 9999"),
    ],
)
def test_damage_is_told_with_its_offset_and_the_rest_is_kept(tmp_path: Path, damage: bytes, says: str) -> None:
    path = write_log(tmp_path / "log.jsonl", REQUEST, damage, RESPONSE)
    capture = read(path)
    assert len(capture.requests) == 1
    assert capture.requests[0].response is not None
    (problem,) = capture.problems
    assert (problem.file, problem.offset) == ("log.jsonl", len(json.dumps(REQUEST)) + 1)
    assert says in problem.message


def test_events_of_a_later_recorder_are_ignored(tmp_path: Path) -> None:
    path = write_log(tmp_path / "log.jsonl", log_line("hologram", more=1), REQUEST | {"novel": True})
    assert (len(read(path).requests), read(path).problems) == (1, ())


def test_a_later_version_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match=r"log.jsonl, byte 0: written in version 2 of the format"):
        read(write_log(tmp_path / "log.jsonl", REQUEST | {"v": 2}))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("absent.jsonl", None, "does not exist"),
        ("dump.xyz", b"x", "no reader for .xyz; there is .jsonl"),
        ("log.jsonl", b"garbage\nmore garbage\n", "is not a scantrail log"),
        ("log.jsonl", bytes(range(256)), "is not a scantrail log"),
        ("empty.har", b"", "is empty"),
        ("empty.pcap", b"", "is empty"),
    ],
)
def test_what_cannot_be_read_at_all_is_said_in_one_line(
    tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CaptureError, match=says):
        read(tmp_path / name)


def test_a_folder_tells_its_zone_and_moments(tmp_path: Path) -> None:
    write_log(tmp_path / "log.jsonl", REQUEST)
    (tmp_path / "capture.json").write_text('{"tz": "Asia/Shanghai"}')
    (tmp_path / "moments.jsonl").write_text('{"at": "2020-02-16T23:59:59Z", "name": "scan"}\n\n{"name": 1}\n')
    capture = read(tmp_path)
    moment = capture.moment(capture.requests[0])
    assert (capture.tz.key, moment and moment.name) == ("Asia/Shanghai", "scan")
    assert [problem.file for problem in capture.problems] == ["moments.jsonl"]


@pytest.mark.parametrize("tz", ["Mars/Olympus", "../etc/passwd", ""])
def test_a_zone_that_is_none_is_said(tmp_path: Path, tz: str) -> None:
    write_log(tmp_path / "log.jsonl", REQUEST)
    (tmp_path / "capture.json").write_text(json.dumps({"tz": tz}))
    with pytest.raises(CaptureError, match="is not a time zone"):
        read(tmp_path)


@given(cut=st.integers(min_value=0, max_value=1200))
def test_a_log_cut_anywhere_keeps_every_whole_line(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "log.jsonl"
    write_log(path, *(REQUEST | {"id": str(number)} for number in range(5)))
    whole = path.read_bytes()[:cut]
    path.write_bytes(whole)
    if whole and b"\n" not in whole:
        with pytest.raises(CaptureError):
            read(path)
    else:
        assert len(read(path).requests) == whole.count(b"\n")


def test_a_link_in_circles_a_folder_in_place_of_the_log_and_a_pipe_are_said_to_be_such(tmp_path: Path) -> None:
    (tmp_path / "a.har").symlink_to(tmp_path / "a.har")
    (tmp_path / "folder" / "log.jsonl").mkdir(parents=True)
    os.mkfifo(tmp_path / "pipe.har")
    for name, says in (("a.har", "leads nowhere"), ("folder", "is a folder"), ("pipe.har", "is a pipe")):
        with pytest.raises(CaptureError, match=says):
            read(tmp_path / name)


def test_what_a_web_socket_was_closed_with_is_no_error(tmp_path: Path) -> None:
    answer, close = RESPONSE | {"status": 101}, log_line("close", message="bye")
    (request,) = read(write_log(tmp_path / "log.jsonl", REQUEST, answer, close)).requests
    assert request.error is None


def test_content_that_leaves_no_doubt_counts_for_more_than_a_wrong_suffix(tmp_path: Path) -> None:
    log_file = write_log(tmp_path / "a.har", REQUEST, RESPONSE)
    assert read(log_file).requests == read(write_log(tmp_path / "a.jsonl", REQUEST, RESPONSE)).requests
