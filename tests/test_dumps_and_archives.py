"""What tools do differently in archives, what can go wrong in dumps, and that all formats tell of traffic alike."""

import base64
import gzip
import json
from contextlib import suppress
from datetime import UTC, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.addons.savehar import SaveHar
from mitmproxy.io import FlowReader, tnetstring
from mitmproxy.test import taddons
from shared_data import shared
from test_formats import archive, entry, essence, flow

from scantrail.model import CaptureError, Request
from scantrail.proxy import addon
from scantrail.readers import mitm, mitm_kernel, read, stream

COMPILING = settings(deadline=None)  # the first to run has the kernel compiled


def recorder() -> Any:
    spec = spec_from_file_location("record", addon("record"))
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Record()


def full(request: Request) -> tuple[object, ...]:
    """What all three formats hold of a request and its answer."""
    return (*essence(request), request.body, request.server, request.at)


@pytest.mark.parametrize("name", ["successful_log", "dumpfile-7", "dumpfile-19", "dumpfile-10"])
def test_a_dump_an_archive_and_our_log_of_the_same_traffic_give_equal_requests(tmp_path: Path, name: str) -> None:
    dump = shared(f"traffic/mitmproxy-flows/{name}.mitm")
    with dump.open("rb") as file:
        flows = [one for one in FlowReader(file).stream() if one.response]  # type: ignore[attr-defined]
    (tmp_path / "a.har").write_text(json.dumps(SaveHar().make_har(flows)))
    record = recorder()
    with taddons.context(Proxyserver(), record) as context:
        context.configure(record, record_log=str(tmp_path / "log.jsonl"))
        for one in flows:
            response, one.response = one.response, None  # type: ignore[attr-defined]
            record.requestheaders(one)
            record.request(one)
            one.response = response  # type: ignore[attr-defined]
            record.response(one)
        record.done()
    held, archived, logged = (read(path).requests for path in (dump, tmp_path / "a.har", tmp_path / "log.jsonl"))
    held = tuple(request for request in held if request.response)
    assert [essence(request) for request in held] == [essence(request) for request in logged]
    assert [full(request) for request in held] == [full(request) for request in logged]
    assert [full(request)[:-2] for request in held] == [full(request)[:-2] for request in archived]


# Archives


def only(tmp_path: Path, data: bytes) -> Request:
    (tmp_path / "a.har").write_bytes(data)
    (request,) = read(tmp_path / "a.har").requests
    return request


BINARY = base64.b64encode(b"\x00\xff\xfe").decode()


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        ({"postData": {"text": BINARY, "encoding": "base64"}}, b"\x00\xff\xfe"),
        ({"postData": {"text": BINARY, "_encoding": "Base64"}}, b"\x00\xff\xfe"),
        ({"postData": {"text": BINARY, "_base64": True}}, b"\x00\xff\xfe"),
        ({"postData": {"text": BINARY, "base64": "true"}}, b"\x00\xff\xfe"),
        ({"postData": {"text": "AP_-", "encoding": "base64"}}, b"\x00\xff\xfe"),
        ({"postData": {"text": "no base64!", "encoding": "base64"}}, b"no base64!"),
        ({"_content": {"text": BINARY, "size": 3, "encoding": "base64"}}, b"\x00\xff\xfe"),
        ({"postData": "plain"}, b"plain"),
        ({"postData": None}, b""),
        ({"postData": {"text": None, "params": None}}, b""),
        ({"postData": {"params": {"lat": 30.25}}}, b"lat=30.25"),
        ({"postData": {"params": [{"Name": "lat", "Value": "30.25"}, None, 7]}}, b"lat=30.25"),
        (
            {
                "postData": {
                    "mimeType": "multipart/form-data; boundary=X",
                    "params": [
                        {"name": "city", "value": "杭州"},
                        {"name": "f", "fileName": "a.txt", "contentType": "text/plain", "value": "hi"},
                    ],
                }
            },
            (
                '--X\r\nContent-Disposition: form-data; name="city"\r\n\r\n杭州\r\n'
                '--X\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n'
                "hi\r\n--X--\r\n"
            ).encode(),
        ),
    ],
)
def test_bodies_come_back_whatever_way_they_were_written(tmp_path: Path, request_: dict[str, Any], body: bytes) -> None:
    assert only(tmp_path, archive(entry(**request_))).body == body


@pytest.mark.parametrize(
    ("headers", "pairs"),
    [
        ([{"name": "A", "value": "1"}, {"name": "A", "value": "2"}], (("A", "1"), ("A", "2"))),
        ([{"Name": "A", "Value": 1}], (("A", "1"),)),
        ([["A", "1"]], (("A", "1"),)),
        (["A: 1"], (("A", "1"),)),
        ({"A": "1", "B": ["2", "3"]}, (("A", "1"), ("B", "2"), ("B", "3"))),
        ([{"name": ":authority", "value": "h.test"}, {"name": "a", "value": None}], (("a", ""),)),
        (None, ()),
    ],
)
def test_headers_are_pairs_whatever_way_they_were_written(tmp_path: Path, headers: Any, pairs: object) -> None:
    assert only(tmp_path, archive(entry(headers=headers))).headers == pairs


@pytest.mark.parametrize(
    ("stated", "at"),
    [
        ("2020-02-17T00:00:00Z", datetime(2020, 2, 17, tzinfo=UTC)),
        ("2020-02-17T00:00:00", datetime(2020, 2, 17, tzinfo=UTC)),
        ("2020-02-17 08:00:00 +0800", datetime(2020, 2, 17, tzinfo=UTC)),
        ("2020-02-17T08:00:00.1234567+08:00", datetime(2020, 2, 17, 0, 0, 0, 123456, tzinfo=UTC)),
        ("Mon, 17 Feb 2020 00:00:00 GMT", datetime(2020, 2, 17, tzinfo=UTC)),
        (1581897600, datetime(2020, 2, 17, tzinfo=UTC)),
        (1581897600500, datetime(2020, 2, 17, 0, 0, 0, 500_000, tzinfo=UTC)),
        ("1581897600", datetime(2020, 2, 17, tzinfo=UTC)),
        *(
            (odd, datetime(1970, 1, 1, tzinfo=UTC))
            for odd in (None, "", "yesterday", "0001-01-01T00:00:00+08:00", 1e300)
        ),
    ],
)
def test_times_are_read_in_every_form(tmp_path: Path, stated: object, at: datetime) -> None:
    request = only(tmp_path, archive(entry() | {"startedDateTime": stated, "time": -1, "response": {"status": 200}}))
    assert request.at == at
    assert request.response
    assert request.response.at == at


def test_what_is_only_in_the_lists_of_cookies_and_parameters_left_the_phone_too(tmp_path: Path) -> None:
    cookies = [{"name": "geo", "value": "hz"}, {"name": "sid", "value": "1"}]
    request = only(tmp_path, archive(entry(cookies=cookies, queryString=[{"name": "lat", "value": "30.25"}])))
    assert (request.url, request.headers) == ("https://h.test/?lat=30.25", (("Cookie", "geo=hz; sid=1"),))
    stated = [{"name": "cookie", "value": "geo=sh"}]
    request = only(tmp_path, archive(entry("https://h.test/?a", cookies=cookies, headers=stated, queryString=cookies)))
    assert (request.url, request.headers) == ("https://h.test/?a", (("cookie", "geo=sh"),))


@pytest.mark.parametrize(
    ("more", "unsent"),
    [
        ({"response": {"status": 0, "_error": "net::ERR_BLOCKED_BY_CLIENT"}}, "net::ERR_BLOCKED_BY_CLIENT"),
        ({"response": {"status": 0, "_error": "net::ERR_ABORTED"}}, None),
        ({"_fromCache": "disk"}, "answered from the browser's cache"),
        ({"_fromCache": None}, None),
    ],
)
def test_what_the_browser_says_it_did_not_send_is_unsent(tmp_path: Path, more: dict[str, Any], unsent: object) -> None:
    assert only(tmp_path, archive(entry() | more)).unsent == unsent


@pytest.mark.parametrize(
    "data",
    [
        json.dumps({"log": {"entries": [entry()]}}).encode("utf-16"),
        json.dumps({"log": {"entries": [entry()]}}).encode("utf-16-le"),
        json.dumps({"log": {"entries": [entry()], "pages": []}}).encode(),
        json.dumps({"log": {"pages": [{"entries": [{"request": {}}] * 3}], "entries": [entry()]}}).encode(),
        json.dumps({"entries": [entry()]}).encode(),
        json.dumps([entry()]).encode(),
        json.dumps(entry()).encode(),
        gzip.compress(json.dumps({"log": {"entries": [entry()]}}).encode()),
    ],
)
def test_the_entries_are_found_wherever_they_are(tmp_path: Path, data: bytes) -> None:
    assert only(tmp_path, data).url == "https://h.test/"


def test_a_damaged_entry_costs_no_other(tmp_path: Path) -> None:
    whole = json.dumps({"log": {"entries": [entry(f"https://h.test/{number}") for number in range(5)]}})
    (tmp_path / "a.har").write_text(whole.replace('"url": "https://h.test/2"', '"url": https'))
    capture = read(tmp_path / "a.har")
    assert [request.url[-1] for request in capture.requests] == ["0", "1", "3", "4"]
    assert [problem.offset for problem in capture.problems] == [whole.index("{", whole.index("test/1"))]


def test_lone_surrogates_and_numbers_that_json_lacks_spoil_no_entry(tmp_path: Path) -> None:
    entries = [entry(postData={"text": "a\ud800b"}) | {"time": float("nan")}, entry()]
    (tmp_path / "a.har").write_bytes(archive(*entries))
    assert [request.body for request in read(tmp_path / "a.har").requests] == [b"a\xed\xa0\x80b", b""]


ODD: st.SearchStrategy[Any] = st.sampled_from(
    (
        *(None, True, 0, -1, 1e300, 10**30, "", "x", "\ud800", [], [None], [[]], [{}], ["a:b"], {}),
        *([{"name": 1}], [{"value": []}], {"text": 1}, {"text": "é", "size": "x"}, {"params": [{}]}, {"a": [1]}),
        *({"headers": {}}, {"status": "200"}, [{"opcode": "2", "data": "x", "time": []}]),
    )
)
KEYS = ("startedDateTime", "time", "request", "response", "serverIPAddress", "_webSocketMessages", "_serverPort")
PARTS = ("url", "method", "headers", "cookies", "queryString", "postData", "_content", "status", "content", "bodySize")


@given(outer=st.dictionaries(st.sampled_from(KEYS), ODD), inner=st.dictionaries(st.sampled_from(PARTS), ODD))
def test_an_entry_of_whatever_types_is_a_request(
    tmp_path_factory: pytest.TempPathFactory, outer: dict[str, Any], inner: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.har"
    path.write_text(json.dumps([{"request": inner, "response": inner} | outer, {"request": {}}]))
    assert 1 <= len(read(path).requests) <= 2


def test_requests_can_be_had_one_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "a.har").write_bytes(archive(entry(), "nonsense", entry()))
    problems: list[Any] = []
    requests = stream(tmp_path / "a.har", problems)
    assert (next(requests).index, problems) == (0, [])
    assert (next(requests).index, len(problems)) == (1, 1)


# Dumps


def test_a_gzipped_dump_is_read_and_a_cut_one_as_far_as_it_goes(tmp_path: Path) -> None:
    (tmp_path / "a.mitm.gz").write_bytes(gzip.compress(flow() * 5000))
    assert len(read(tmp_path / "a.mitm.gz").requests) == 5000
    (tmp_path / "a.mitm.gz").write_bytes(gzip.compress(flow() * 5000)[:-20])
    capture = read(tmp_path / "a.mitm.gz")
    assert len(capture.requests) > 0
    assert "the compression is damaged" in capture.problems[0].message


def test_a_flow_larger_than_what_is_read_at_a_time_is_whole(tmp_path: Path) -> None:
    large = {"method": b"POST", "scheme": b"http", "path": b"/", "content": b"x" * 3_000_000, "authority": b"h.test"}
    (tmp_path / "a.mitm").write_bytes(flow() + flow(request=large) + flow())
    assert [len(request.body) for request in read(tmp_path / "a.mitm").requests] == [0, 3_000_000, 0]


def transcoded(value: dict[str, object]) -> Any:
    """What the kernel makes of one flow."""
    data = tnetstring.dumps(value)
    out, room = np.zeros(mitm_kernel.GROWTH * len(data), np.uint8), mitm_kernel.room(1)
    count, *_ = mitm_kernel.compiled()(np.frombuffer(data, np.uint8), 0, out, *room)
    _, begin, end, reason, _ = room[0][0].tolist()
    found = msgspec.msgpack.decode(out[begin:end].data) if count and not reason else None
    plain = bytearray(len(out))
    assert mitm_kernel.transcode(data, 0, plain, *room)[0] == count
    assert plain[begin:end] == out[begin:end].tobytes()
    return found


@COMPILING
@given(st.floats(min_value=0, allow_infinity=False) | st.floats(min_value=1e9, max_value=2e9))
def test_times_come_out_of_the_kernel_as_python_reads_them(seconds: float) -> None:
    found = transcoded({"timestamp_start": seconds})["timestamp_start"]
    assert float(found) == seconds


@COMPILING
@given(st.binary(max_size=40), st.text(max_size=20), st.integers(min_value=-(10**17), max_value=10**17))
def test_values_come_out_of_the_kernel_as_they_went_in(data: bytes, text: str, number: int) -> None:
    with suppress(UnicodeEncodeError):  # mitmproxy cannot write lone surrogates
        value = {"path": data, "content": data, "msg": text, "port": number, "sni": None, "left out": 1, "id": True}
        assert transcoded(value) == {"path": data.decode("latin-1"), "content": data, "msg": text, "port": number} | {
            "sni": None,
            "id": True,
        }


@COMPILING
@given(st.data())
def test_a_dump_with_any_bytes_changed_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    dump = bytearray(flow() * 2)
    for _ in range(data.draw(st.integers(1, 4))):
        dump[data.draw(st.integers(0, len(dump) - 1))] = data.draw(st.sampled_from(b"0123456789:;,#^!~]}\x00\xff"))
    path = tmp_path_factory.mktemp("any") / "a.mitm"
    path.write_bytes(dump)
    with suppress(CaptureError):
        assert len(read(path).requests) <= 2


def test_a_length_that_nobody_can_have_written_costs_no_memory(tmp_path: Path) -> None:
    (tmp_path / "a.mitm").write_bytes(flow() + b"999999999999:" + b"x" * 1000)
    capture = read(tmp_path / "a.mitm")
    assert (len(capture.requests), capture.problems[0].offset) == (1, len(flow()))


def test_where_no_folder_can_hold_its_cache_the_kernel_is_compiled_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def njit(**options: bool) -> Any:
        if options.get("cache"):
            raise RuntimeError("no locator available")
        return lambda function: function

    monkeypatch.setattr("numba.njit", njit)
    assert mitm_kernel.compiled.__wrapped__() is mitm_kernel.transcode


def test_a_dump_reads_the_same_whether_its_kernel_is_compiled_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.mitm"
    path.write_bytes(
        flow() * 2 + b"5:1:a;~}" + flow(error={"msg": "\u00e9", "timestamp": 1.5}) + b"3:xyz}" + flow()[:-9]
    )
    small = read(path)
    monkeypatch.setattr(mitm, "_SMALL", -1)
    assert (read(path), len(small.requests)) == (small, 3)


def test_flows_that_share_a_connection_have_its_addresses_and_one_that_is_damaged_costs_its_flows_alone(
    tmp_path: Path,
) -> None:
    first, second, broken = ({"peername": ["10.0.0.1", port], "sni": "a.test"} for port in (1, 2, "x"))
    flows = [flow(client_conn=conn) for conn in (first, second, first, broken, broken, second)]
    (tmp_path / "a.mitm").write_bytes(b"".join(flows))
    capture = read(tmp_path / "a.mitm")
    assert [request.client and request.client[1] for request in capture.requests] == [1, 2, 1, 2]
    assert [problem.message for problem in capture.problems] == ["an address that is none; skipped"] * 2


@pytest.mark.parametrize("connection", [5, b"x", ["x"], True])
def test_a_connection_that_is_no_dict_is_no_connection(tmp_path: Path, connection: object) -> None:
    (tmp_path / "a.mitm").write_bytes(flow() + flow(client_conn=connection))
    capture = read(tmp_path / "a.mitm")
    assert (len(capture.requests), len(capture.problems)) == (1, 1)


@pytest.mark.parametrize(
    ("ends", "unsent"),
    [
        ({"server_conn": {"timestamp_start": None}}, True),
        ({"server_conn": {"timestamp_start": 1.5e9}}, False),
        ({"client_conn": {"tls_version": "TLSv1.3"}, "server_conn": {"timestamp_start": 1.5e9}}, True),
        (
            {
                "client_conn": {"tls_version": "TLSv1.3"},
                "server_conn": {"timestamp_start": 1.5e9, "tls_version": "TLSv1.2"},
            },
            False,
        ),
    ],
)
def test_what_failed_before_there_was_a_connection_to_send_it_on_was_not_sent(
    tmp_path: Path, ends: dict[str, object], unsent: bool
) -> None:
    sent = {"method": b"GET", "scheme": b"https", "path": b"*", "authority": b"h.test"}
    (tmp_path / "a.mitm").write_bytes(flow(request=sent, response=None, error={"msg": "no way"}, **ends))
    (request,) = read(tmp_path / "a.mitm").requests
    assert (request.url, request.error, request.unsent) == ("https://h.test", "no way", "no way" if unsent else None)


def test_of_an_archive_whose_compression_is_cut_all_that_stands_before_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.har.gz").write_bytes(gzip.compress(archive(*[entry()] * 50))[:-12])
    capture = read(tmp_path / "a.har.gz")
    assert len(capture.requests) >= 40
    assert "the compression is damaged" in capture.problems[-1].message


def test_what_the_system_refused_an_archive_of_mitmproxy_was_not_sent(tmp_path: Path) -> None:
    failed = entry(response={"status": 0, "_error": "[Errno 111] Connect call failed"})
    (tmp_path / "a.har").write_bytes(archive(failed, failed | {"serverIPAddress": "127.0.0.1"}))
    assert [bool(request.unsent) for request in read(tmp_path / "a.har").requests] == [True, False]


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("h2", "HTTP/2.0"),
        ("HTTP/2", "HTTP/2.0"),
        ("http/2.0", "HTTP/2.0"),
        ("http/1.1", "HTTP/1.1"),
        ("HTTP/1.0", "HTTP/1.0"),
        ("h3", "HTTP/3"),
        ("h3-29", "HTTP/3"),
        ("unknown", ""),
        ("SPDY/3", "SPDY/3"),
        ("", ""),
    ],
)
def test_a_version_of_http_is_written_as_in_the_log_whatever_the_tool_calls_it(
    tmp_path: Path, said: str, version: str
) -> None:
    (tmp_path / "a.har").write_bytes(archive(entry(httpVersion=said)))
    (request,) = read(tmp_path / "a.har").requests
    assert request.http_version == version


def test_archives_one_behind_another_are_all_read(tmp_path: Path) -> None:
    (tmp_path / "a.har").write_bytes(archive(entry(), entry()) + b"\n" + archive(entry()))
    assert [request.index for request in read(tmp_path / "a.har").requests] == [0, 1, 2]


def test_what_safari_had_in_its_cache_was_not_sent(tmp_path: Path) -> None:
    kinds = ("Memory Cache", "Disk Cache", "Network Load", "Service Worker")
    (tmp_path / "a.har").write_bytes(archive(*[entry() | {"_fetchType": kind} for kind in kinds]))
    assert [bool(request.unsent) for request in read(tmp_path / "a.har").requests] == [True, True, False, False]
