"""Captures of other tools: real ones with known answers, and small ones for what tools do differently."""

import base64
import gzip
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mitmproxy.io import tnetstring
from shared_data import shared

from scantrail.model import CaptureError, Request
from scantrail.readers import read


@pytest.mark.parametrize(
    ("name", "flows"),
    [
        ("dumpfile-011", 1),
        ("dumpfile-018", 1),
        ("dumpfile-019", 1),
        ("dumpfile-10", 1),
        ("dumpfile-19", 1),
        ("dumpfile-7", 2),
        ("dumpfile-7-websocket", 6),
        ("successful_log", 2),
        ("incomplete_log", 4),
        ("websocket", 3),
    ],
)
def test_dumps_of_every_version_are_read(name: str, flows: int) -> None:
    capture = read(shared(f"traffic/mitmproxy-flows/{name}.mitm"))
    assert (len(capture.requests), capture.problems) == (flows, ())


def test_a_dump_that_is_too_old_is_refused_in_one_line() -> None:
    with pytest.raises(
        CaptureError, match=r"byte 0: written by mitmproxy 0\.10\.1; the oldest that can be read is 0\.11"
    ):
        read(shared("traffic/mitmproxy-flows/dumpfile-010.mitm"))


@pytest.mark.parametrize("name", ["successful_log", "incomplete_log", "websocket"])
def test_dump_and_archive_of_the_same_traffic_agree(name: str) -> None:
    dump, archive = (read(shared(f"traffic/mitmproxy-flows/{name}.{kind}")).requests for kind in ("mitm", "har"))
    assert [essence(request) for request in dump] == [essence(request) for request in archive]


def essence(request: Request) -> tuple[object, ...]:
    """What mitmproxy writes to both: its archives drop reasons and times, and undo the encoding of bodies."""
    return (
        *(request.method, request.url, request.http_version, request.headers),
        request.response and (request.response.status, request.response.headers),
        [(message.side, message.data) for message in request.messages],
    )


@pytest.mark.parametrize("name", ["charles", "chrome", "firefox", "postdata", "with-bom"])
def test_archives_agree_with_what_mitmproxy_reads_in_them(name: str) -> None:
    expected = json.loads(shared(f"traffic/mitmproxy-har/{name}.json").read_text())
    requests = read(shared(f"traffic/mitmproxy-har/{name}.har")).requests
    assert [(r.method, len(r.body)) for r in requests] == [
        (flow["request"]["method"], flow["request"]["contentLength"] or 0) for flow in expected
    ]


@pytest.mark.parametrize(
    ("path", "entries"),
    [
        ("android-har/first-run", 16),
        ("browser-har/cnn-chrome", 292),
        ("browser-har/cnn", 145),
        ("browser-har/missing_page", 1),
        ("browser-har/missing_pageref", 2),
        ("browser-har/no_title", 4),
        ("browser-har/single_entry", 1),
        ("demo-shop/demo-shop", 12),
    ],
)
def test_archives_of_every_tool_are_read(path: str, entries: int) -> None:
    capture = read(shared(f"traffic/{path}.har"))
    assert (len(capture.requests), capture.problems) == (entries, ())


# Small archives


def entry(url: str = "https://h.test/", response: dict[str, Any] | None = None, **request: Any) -> dict[str, Any]:
    whole = {"startedDateTime": "2020-02-17T08:00:00.5+08:00", "request": {"method": "POST", "url": url, **request}}
    return whole if response is None else whole | {"response": response}


def archive(*entries: object) -> bytes:
    return json.dumps({"log": {"comment": 'no "entries": [ here', "entries": entries}}).encode()


def zipped(data: bytes, path: Path) -> None:
    with zipfile.ZipFile(path, "w") as folder:
        folder.writestr("archive.har", data)


WRITERS: list[Callable[[bytes, Path], object]] = [
    lambda data, path: path.write_bytes(data),
    lambda data, path: path.write_bytes(b"\xef\xbb\xbf" + data),
    lambda data, path: path.write_bytes(gzip.compress(data)),
    zipped,
]


@pytest.mark.parametrize("write", WRITERS)
def test_compression_and_byte_order_marks_make_no_difference(
    tmp_path: Path, write: Callable[[bytes, Path], object]
) -> None:
    write(archive(entry(), entry("https://h.test/2")), tmp_path / "a.zhar")
    assert [request.url for request in read(tmp_path / "a.zhar").requests] == ["https://h.test/", "https://h.test/2"]


@pytest.mark.parametrize(
    ("post", "size", "body"),
    [
        ({"text": "杭州"}, -1, "杭州".encode()),
        ({"text": base64.b64encode(b"\x00\xff").decode(), "encoding": "base64"}, 2, b"\x00\xff"),
        ({"text": "\x1f\x8b\xff"}, 3, b"\x1f\x8b\xff"),
        ({"text": "ü"}, 2, "ü".encode()),
        ({"text": "a\udcffb"}, 3, b"a\xffb"),
        (
            {"params": [{"name": "lat", "value": "30.25"}, {"name": "city", "value": "杭州"}]},
            -1,
            b"lat=30.25&city=%E6%9D%AD%E5%B7%9E",
        ),
        ({}, 0, b""),
    ],
)
def test_bodies_come_back_as_bytes(tmp_path: Path, post: dict[str, Any], size: int, body: bytes) -> None:
    (tmp_path / "a.har").write_bytes(archive(entry(postData=post, bodySize=size)))
    assert read(tmp_path / "a.har").requests[0].body == body


def test_an_entry_is_a_request_whatever_it_lacks(tmp_path: Path) -> None:
    entries = [entry(), entry(response={"status": 0}), entry(response={"status": 204}), {"request": {}}]
    (tmp_path / "a.har").write_bytes(archive(*entries))
    requests = read(tmp_path / "a.har").requests
    assert [r.response and r.response.status for r in requests] == [None, None, 204, None]
    assert requests[0].at == datetime(2020, 2, 17, 0, 0, 0, 500_000, UTC)


@pytest.mark.parametrize(
    ("data", "kept", "says"),
    [
        (archive(entry(), "nonsense", entry()), 2, "an entry without a request, skipped"),
        (archive(entry(), entry())[:-30], 1, "broken off or damaged"),
    ],
)
def test_damage_is_told_and_the_rest_kept(tmp_path: Path, data: bytes, kept: int, says: str) -> None:
    (tmp_path / "a.har").write_bytes(data)
    capture = read(tmp_path / "a.har")
    assert (len(capture.requests), len(capture.problems)) == (kept, 1)
    assert says in capture.problems[0].message


@pytest.mark.parametrize("name", ["a.har", "a.mitm"])
@pytest.mark.parametrize(
    "data", [b"{}", b"garbage", bytes(range(256)), b'{"log": {"entries": [}', b"99999999999999:x,", b"3:abc,"]
)
def test_what_is_no_capture_is_said_in_one_line(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(CaptureError, match="is not"):
        read(tmp_path / name)


@settings(deadline=None)  # the first dump has the kernel compiled
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    for name in ("a.har", "a.mitm"):
        path = tmp_path_factory.mktemp("any") / name
        path.write_bytes(data)
        with suppress(CaptureError):
            assert read(path).requests == ()


def flow(**more: Any) -> bytes:
    """A flow as mitmproxy 12 dumps it, of the values that matter here."""
    request = {
        "method": b"GET",
        "scheme": b"https",
        "host": "h.test",
        "port": 443,
        "path": b"/",
        "headers": [],
        "content": b"",
    }
    values = {
        "id": "a",
        "type": "http",
        "version": 21,
        "request": request | {"authority": b"h.test", "timestamp_start": 1.5},
    }
    return tnetstring.dumps(values | more)


def test_a_dump_that_is_cut_keeps_every_whole_flow(tmp_path: Path) -> None:
    (tmp_path / "a.mitm").write_bytes(flow() + flow() + flow()[:-5])
    capture = read(tmp_path / "a.mitm")
    assert (len(capture.requests), capture.problems[0].offset) == (2, 2 * len(flow()))
    assert "cut short" in capture.problems[0].message


def test_a_damaged_flow_costs_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.mitm").write_bytes(flow() + flow(request={"method": b"GET"}) + flow())
    capture = read(tmp_path / "a.mitm")
    assert len(capture.requests) == 2
    assert [str(problem) for problem in capture.problems] == [f"a.mitm, byte {len(flow())}: no 'path' in it; skipped"]


def test_a_dump_of_a_newer_mitmproxy_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mitm").write_bytes(flow(version=99))
    with pytest.raises(CaptureError, match=r"newer mitmproxy \(format 99; this scantrail reads up to 21\)"):
        read(tmp_path / "a.mitm")
