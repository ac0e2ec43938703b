"""HTTP archives that are read back as the same requests, and masked ones that hold no disclosed value."""

import base64
import gzip
import json
import struct
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import msgpack
import pytest
from benchmarks.table import Way, harder
from benchmarks.table.values import KNOWN as VALUES
from benchmarks.table.values import WAYS as WAYS_OF_VALUES
from builders import START, b64, form, log_line, make_request, write_log
from golden import CAPTURE, scantrail
from hypothesis import given
from hypothesis import strategies as st

import scantrail as package
from scantrail.detectors import IDENTIFIERS
from scantrail.export import har
from scantrail.export.masked import Masking
from scantrail.export.stand_ins import StandIns
from scantrail.model import Known, KnownValue, Message, Request
from scantrail.readers import read

RESIDENT, PHONE, DEVICE = "330106184905120015", "15412345678", "WQ4NkxWotkDAKLa8aheSR4v9"
KEPT = ("id", "at", "method", "url", "http_version", "headers", "body", "messages", "response", "error", "server")


def read_back(requests: Sequence[Request], folder: Path) -> Sequence[Request]:
    har.write(requests, folder / "a.har")
    capture = read(folder / "a.har")
    assert not capture.problems
    return capture.requests


def kept(request: Request) -> list[object]:
    return [getattr(request, name) for name in KEPT]


# What an archive holds


def test_the_golden_capture_is_read_back_as_it_was(tmp_path: Path) -> None:
    requests = read(CAPTURE).requests
    held = [request for request in requests if request.unread is None]
    assert [kept(request) for request in read_back(requests, tmp_path)] == [kept(request) for request in held]


BODIES = [
    b"a=1",
    b"\x00\xff\xfe binary",
    "杭州".encode(),
    "é".encode(),
    "é".encode("latin-1"),
    gzip.compress(b"text"),
    b"\xef\xbb\xbfmark",
    b" \r\n",
    b'"\\</script>',
    b"\xed\xa0\x80",
    "\u2028".encode(),
]


@pytest.mark.parametrize("body", BODIES)
def test_bodies_are_the_same_bytes(body: bytes, tmp_path: Path) -> None:
    request = make_request(body=body, answer=body, headers={"Content-Type": "text/plain"})
    (back,) = read_back([request], tmp_path)
    assert (back.body, back.response and back.response.body) == (body, body)
    document = json.loads((tmp_path / "a.har").read_text("utf-8"))
    posted = document["log"]["entries"][0]["request"]["postData"]
    assert posted.get("encoding") in (None, "base64")


@given(
    body=st.binary(max_size=40),
    value=st.text(st.characters(max_codepoint=255, exclude_characters="\x00\r\n"), max_size=20),
    path=st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="#?%"), max_size=20),
)
def test_whatever_it_is_comes_back(
    body: bytes, value: str, path: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    request = make_request(f"https://h.test/{path}?q=1", body=body, headers={"X-Any": value})
    (back,) = read_back([request], tmp_path_factory.mktemp("har"))
    assert kept(back) == kept(request)


def test_messages_errors_and_what_did_not_leave_come_back(tmp_path: Path) -> None:
    messages = (
        Message(START, "sent", "杭州".encode(), text=True),
        Message(START + timedelta(seconds=1), "received", b"\x00\xff"),
    )
    requests = [
        make_request("wss://h.test/", messages=messages, protocol="websocket"),
        make_request(error="[Errno 104] reset", index=1),
        make_request(unsent="the pinned host was refused", index=2),
        make_request(unsent="net::ERR_NAME_NOT_RESOLVED", index=3, server=("10.0.0.1", 443)),
    ]
    back = read_back(requests, tmp_path)
    assert back[0].messages == messages
    assert [request.unsent is not None for request in back] == [False, False, True, True]
    assert "pinned host" in (tmp_path / "a.har").read_text()


def test_what_an_archive_cannot_hold_is_counted(tmp_path: Path) -> None:
    requests = [
        make_request(),
        make_request("", protocol="tls", unread="pinned", index=1),
        make_request("dns:h.test", protocol="dns", index=2),
    ]
    assert har.write(requests, tmp_path / "a.har") == {"unread": 1, "dns": 1}
    assert len(read(tmp_path / "a.har").requests) == 1


def test_an_empty_archive_is_one(tmp_path: Path) -> None:
    har.write([], tmp_path / "a.har")
    assert json.loads((tmp_path / "a.har").read_text())["log"]["entries"] == []


def test_required_members_are_there(tmp_path: Path) -> None:
    har.write(
        [make_request("https://h.test/?a=%E6%9D%AD&b=", headers={"Cookie": "x=1; y"}, answer="{}")], tmp_path / "a"
    )
    document = json.loads((tmp_path / "a").read_text())["log"]
    assert document["version"] == "1.2"
    (entry,) = document["entries"]
    assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= set(entry)
    sent, received = entry["request"], entry["response"]
    sizes = {"headersSize", "bodySize", "httpVersion", "cookies", "headers"}
    assert sizes | {"method", "url", "queryString"} <= set(sent)
    assert sizes | {"status", "statusText", "content", "redirectURL"} <= set(received)
    assert sent["queryString"] == [{"name": "a", "value": "杭"}, {"name": "b", "value": ""}]
    assert sent["cookies"] == [{"name": "x", "value": "1"}, {"name": "y", "value": ""}]


# Stand-ins


@pytest.mark.parametrize(
    "value",
    [RESIDENT, "+86 154 1234 5678", PHONE, "490154203237518", "10.20.130.4", "30.274137", "-0.5", DEVICE, "杭州市"],
)
def test_stand_ins_look_alike(value: str) -> None:
    stand_in = StandIns(b"key")(value)
    assert stand_in != value
    assert len(stand_in.encode()) == len(value.encode())
    assert [char.isdigit() for char in stand_in[:17]] == [char.isdigit() for char in value[:17]]
    assert StandIns(b"key")(value) == stand_in
    assert StandIns(b"other")(value) != stand_in


@given(st.decimals(min_value=-180, max_value=180, places=6, allow_nan=False))
def test_degrees_stay_on_the_earth_and_json_json(value: object) -> None:
    stand_in = StandIns(b"key")(str(value))
    assert abs(json.loads(stand_in)) <= 180


@given(st.text(max_size=30))
def test_any_text_has_a_stand_in_of_its_length(value: str) -> None:
    assert len(StandIns(b"key")(value).encode("utf-8", "replace")) == len(value.encode("utf-8", "replace"))


# Masked archives


def masked(requests: Sequence[Request], known: Known = Known()) -> tuple[list[Request], Masking]:
    masking = Masking(known, key=b"key")
    masking.learn(requests)
    return list(masking.masked(requests)), masking


def disclosed(requests: Sequence[Request]) -> Counter[str]:
    return Counter(each.kind for request in requests for each in package.disclose(request).disclosures)


PERSON = {"idCardNo": RESIDENT, "mobile": PHONE, "deviceId": DEVICE, "latitude": 30.274137, "longitude": 120.15507}
WAYS = {
    "JSON": {"body": PERSON},
    "JSON in JSON": {"body": {"data": json.dumps({"inner": json.dumps(PERSON)})}},
    "form": {"body": form(**{name: str(value) for name, value in PERSON.items()})},
    "form of JSON": {"body": form(data=json.dumps(PERSON))},
    "base64": {"body": form(data=b64(json.dumps(PERSON)))},
    "URL-safe base64": {"body": base64.urlsafe_b64encode(json.dumps(PERSON).encode()).rstrip(b"=")},
    "hex": {"body": {"data": json.dumps(PERSON).encode().hex()}},
    "gzip": {"body": gzip.compress(json.dumps(PERSON).encode())},
    "base64 of gzip": {"body": {"data": base64.b64encode(gzip.compress(json.dumps(PERSON).encode())).decode()}},
    "Content-Encoding": {
        "body": gzip.compress(json.dumps(PERSON).encode()),
        "headers": {"Content-Encoding": "gzip", "Content-Length": "99"},
    },
    "query": {"url": f"https://h.test/a?{form(**{name: str(value) for name, value in PERSON.items()})}"},
    "query twice": {"url": f"https://h.test/a?data={quote(quote(json.dumps(PERSON)))}"},
    "header": {"headers": {"X-Data": json.dumps(PERSON)}},
    "cookie": {"headers": {"Cookie": f"d={quote(json.dumps(PERSON))}; e=1"}},
    "MessagePack": {"body": msgpack.packb(PERSON), "headers": {"Content-Type": "application/msgpack"}},
    "answer": {"answer": PERSON},
}


@pytest.mark.parametrize("way", WAYS)
def test_no_value_is_left_and_identifiers_are_found_as_before(way: str, tmp_path: Path) -> None:
    request = make_request(**WAYS[way])  # type: ignore[arg-type]
    before = disclosed([request])
    assert before["resident_id"] == before["phone_number"] == 1
    (one,), masking = masked([request])
    after = disclosed([one])
    assert {kind: after[kind] for kind in (*IDENTIFIERS, "position")} == {
        kind: before[kind] for kind in (*IDENTIFIERS, "position")
    }
    assert (not masking.whole, masking.left_out) == (True, 0)
    har.write([one], tmp_path / "a.har")
    told = told_by(read(tmp_path / "a.har").requests)
    assert not told & {RESIDENT, PHONE, DEVICE, "30.274137", "120.15507"}


def told_by(requests: Sequence[Request]) -> set[str]:
    """All values that anything in requests comes to, once it is opened."""
    from scantrail.decoders import fields

    return {field.text for request in requests for field in fields(request)}


@pytest.mark.parametrize("way", [*WAYS_OF_VALUES, *harder.VALUES], ids=lambda way: way.name)
def test_no_known_value_is_left_by_any_way_to_send_one(way: Way) -> None:
    """The table of the benchmark, whose ways were written apart from this: hashes, layers, charsets, binary formats."""
    made, _ = masked([way.request], Known(tuple(KnownValue(*item) for item in VALUES.items())))
    everything = told_by(made) | {repr(made)}
    values = {value for values in VALUES.values() for value in values}
    assert not any(value in text for value in values for text in everything)
    known = Known(tuple(KnownValue(*item) for item in VALUES.items()))
    assert not any(each.known for request in made for each in package.disclose(request, known).disclosures)


def test_what_cannot_be_rewritten_is_replaced_whole() -> None:
    """A telephone number as a number in binary: no text to exchange."""
    body = msgpack.packb({"mobile": int(PHONE), "b": 1})
    request = make_request(body=body, headers={"Content-Type": "application/msgpack"})
    assert disclosed([request])["phone_number"] == 1
    (one,), masking = masked([request])
    assert masking.whole == {"body": 1}
    assert one.body.startswith(b"#")
    assert struct.pack(">Q", int(PHONE)) not in one.body
    assert not disclosed([one])


@pytest.mark.parametrize("number", ["1.5e10", "-3E+7", "2e-3"])
def test_exponents_stay_exponents(number: str) -> None:
    assert json.loads(StandIns(b"key")(number)) != json.loads(number)


def test_identifiers_go_from_other_requests_and_answers_too() -> None:
    requests = [
        make_request(body=PERSON),
        make_request(f"https://h.test/track/{PHONE}/x", index=1),
        make_request(headers={"X-Note": f"user {DEVICE}!"}, answer={"hello": f"{RESIDENT}"}, index=2),
    ]
    made, _ = masked(requests)
    everything = repr(made)
    assert not any(value in everything for value in (PHONE, DEVICE, RESIDENT))


def test_the_same_value_has_the_same_stand_in() -> None:
    made, _ = masked([make_request(body=PERSON, index=index) for index in range(2)])
    assert made[0].body == made[1].body


def test_hashes_of_identifiers_do_not_stay() -> None:
    import hashlib

    digest = hashlib.md5(PHONE.encode()).hexdigest()  # noqa: S324 - as apps do
    made, _ = masked([make_request(body=PERSON), make_request(body={"h": digest}, index=1)])
    assert digest not in repr(made)


def test_known_values_are_masked_as_well() -> None:
    request = make_request(body={"note": "Villa Kunterbunt 7"})
    (plain,), _ = masked([request])
    assert b"Kunterbunt" in plain.body
    (one,), _ = masked([request], Known(values=(KnownValue("home", ("Villa Kunterbunt 7",)),)))
    assert b"Kunterbunt" not in one.body


def test_bytes_that_nobody_could_read_are_exchanged_for_noise() -> None:
    secret = StandIns(b"x").noise(bytes(range(200)))
    request = make_request(body=secret)
    before = package.disclose(request).gaps
    (one,), _ = masked([request])
    after = package.disclose(one).gaps
    assert one.body != secret
    assert [(gap.what, gap.size) for gap in after] == [(gap.what, gap.size) for gap in before] == [("opaque", 200)]


def test_a_value_in_the_name_of_a_host_leaves_the_request_out() -> None:
    requests = [make_request(body=PERSON), make_request(f"https://{PHONE}.h.test/", index=1)]
    made, masking = masked(requests)
    assert (len(made), masking.left_out) == (1, 1)


def test_structure_stays() -> None:
    (one,), _ = masked([make_request("https://h.test/v1/report?v=2", body={**PERSON, "mobileType": "mobile", "n": 5})])
    assert one.url == "https://h.test/v1/report?v=2"
    body = json.loads(one.body)
    assert list(body) == [*PERSON, "mobileType", "n"]
    assert (body["mobileType"], body["n"]) == ("mobile", 5)


def test_the_golden_capture_masked(tmp_path: Path) -> None:
    capture = read(CAPTURE)
    made, masking = masked(capture.requests)
    har.write(made, tmp_path / "a.har")
    before, after = package.analyse_capture(capture), package.analyse(tmp_path / "a.har")
    counts = [Counter(each.kind for each in analysis.disclosures) for analysis in (before, after)]
    for kind in (*IDENTIFIERS, "position", "place_id", "health_status"):
        assert counts[0][kind] == counts[1][kind]
    assert not masking.whole
    values = {field.text for each in before.disclosures for field in each.because if len(field.text) >= 6}
    left = {field.text for each in after.disclosures for field in each.because} & values
    assert not left
    assert len(after.subjects.identifiers) == len(before.subjects.identifiers)


# The verb


def test_the_verb_counts_what_is_left_out(tmp_path: Path) -> None:
    request = log_line("request", method="GET", url=f"https://h.test/?mobile={PHONE}", connection="c")
    write_log(tmp_path / "log.jsonl", request, log_line("unread", message="no trust", sni="p.test"))
    out = tmp_path / "a.har"
    done = scantrail("export", str(tmp_path), "--format", "har", "-o", str(out), "--mask")
    assert done.returncode == 0, done.stderr
    assert "left out: 1 (unread)" in done.stderr
    assert PHONE not in out.read_text()
    assert len(read(out).requests) == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [(["gpx", "--mask"], "--mask is for har alone"), (["har", "--known", "x.toml"], "needs --mask")],
)
def test_misuse_is_one_line(words: list[str], says: str, tmp_path: Path) -> None:
    done = scantrail("export", str(CAPTURE), "-o", str(tmp_path / "x"), "--format", *words)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert says in done.stderr


def test_only_what_a_receiver_got(tmp_path: Path) -> None:
    host = read(CAPTURE).requests[0].receiver
    done = scantrail("export", str(CAPTURE), "--format", "har", "--receiver", host, "-o", str(tmp_path / "x.har"))
    assert done.returncode == 0
    assert {request.receiver for request in read(tmp_path / "x.har").requests} == {host}
