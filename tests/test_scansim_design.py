"""The design without sockets: a phone whose clients call the ASGI app directly."""

import asyncio
import io
import json
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx2
import pytest
from click.testing import CliRunner
from scansim_builders import Rehearsal, lived, refuse, rehearse, world

from scansim import SimulationError
from scansim.__main__ import main
from scansim.capture import FILES, CaptureFolder
from scansim.designs import DESIGNS
from scansim.designs.alipay.formats import GATEWAY, VERIFY, deep_link
from scansim.designs.alipay.server import HealthCode
from scansim.events import EventName
from scansim.life.habits import Phones
from scansim.phone import Call, Phone
from scansim.position import Position, metres
from scansim.seeds import stream
from scansim.server import AccessLog
from scantrail.geo import gcj02_to_wgs84
from scantrail.model import Request

SEED = 3
EXACT = Phones(stale=0.0)
LIVED = lived(world(SEED, days=3, phones=EXACT), 2)
DESIGN = DESIGNS["alipay"]
CITY, PERSON, WEEK = LIVED.life.world.city, LIVED.person, LIVED.week
SCANNED = json.dumps({"placeId": CITY.places[0].id, "scanTime": "1581897500000"})
FIVE_SIGMA_M = 85.0  # of a GPS error of 12 m in each direction


@cache
def rehearsal() -> Rehearsal:
    return rehearse("alipay", LIVED)


def sent_at(name: EventName) -> list[Request]:
    return rehearsal().sent_at(name)


def header(request: Request, name: str) -> str:
    return {key.lower(): value for key, value in request.headers}[name]


def where(location: dict[str, str]) -> Position:
    """The WGS-84 position that the strings of `my.getLocation` stand for."""
    latitude, longitude = gcj02_to_wgs84(float(location["latitude"]), float(location["longitude"]))
    return Position(float(latitude), float(longitude))


def ask(*requests: httpx2.Request) -> list[httpx2.Response]:
    async def send() -> list[httpx2.Response]:
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(DESIGN.server(LIVED.life.world.setting))
        ) as client:
            return [await client.send(request) for request in requests]

    return asyncio.run(send())


# What the phone sends


def test_everything_goes_to_the_hosts_of_the_design() -> None:
    assert {request.receiver for request in rehearsal().requests} <= set(DESIGN.hosts)
    assert all(host.endswith(".test") for host in DESIGN.hosts)


def test_before_any_user_action_the_app_names_the_device_and_tries_its_pinned_host() -> None:
    config, startup = sent_at("app start")
    assert "/config/" in config.url
    assert header(startup, "operation-type").endswith("startup")
    assert header(startup, "did") == PERSON.device.utdid
    assert {"appid", "workspaceid", "version", "ts", "sign"} <= {name.lower() for name, _ in startup.headers}


def test_sign_up_sends_who_one_is() -> None:
    notice, register = sent_at("sign-up")
    assert notice.method == "GET"
    [body] = json.loads(register.body)
    assert body["_requestBody"] == {
        "name": PERSON.name,
        "idCardNo": PERSON.resident_id,
        "mobile": PERSON.phone_number,
        "recentTravel": list(PERSON.recent_travel),
        "symptoms": list(PERSON.symptoms),
    }


def test_consent_reports_location_city_and_code_number() -> None:
    [report] = sent_at("consent")
    assert header(report, "operation-type").endswith("reportInfoAndLocationToPolice")
    body = json.loads(report.body)[0]["_requestBody"]
    assert body["cityName"] == "杭州市"
    assert re.fullmatch(r"HZ\d{14}", body["codeNo"])
    location = body["location"]
    assert all(isinstance(value, str) for value in location.values())
    assert re.fullmatch(r"120\.\d{6}", location["longitude"])
    assert location["cityAdcode"] == "330100"
    assert location["districtAdcode"] == PERSON.home.place.adcode
    assert metres(where(location), PERSON.home.position) < FIVE_SIGMA_M


def test_each_scan_sends_where_the_person_is() -> None:
    lines = sent_at("scan")
    assert len(lines) == len(WEEK.scans) > 5
    for line, scan in zip(lines, WEEK.scans, strict=True):
        form = parse_qs(line.body.decode(), strict_parsing=True)
        data = json.loads(form["data"][0])
        assert metres(where(json.loads(data["location"])), scan.place.gate) < FIVE_SIGMA_M
        assert data["placeId"] == scan.place.id
        assert ("qrCode" in data) == (form["scene"] == ["poster"])
        assert data["gateId"].endswith({"enter": "-in", "leave": "-out"}[scan.direction])


def test_showing_the_code_asks_by_query_and_tells_where_in_a_header() -> None:
    for query, weather in zip(*[iter(sent_at("show code"))] * 2, strict=True):
        form = parse_qs(urlsplit(query.url).query)
        assert form["operationType"][0].endswith("queryCode")
        assert list(json.loads(form["requestData"][0])[0]) == ["codeNo"]
        longitude, latitude = unquote(header(weather, "x-location")).split(",")
        assert metres(where({"longitude": longitude, "latitude": latitude}), CITY.places[0].gate) < 30_000


def test_one_code_number_throughout() -> None:
    text = " ".join(f"{request.url}{request.body.decode()}" for request in rehearsal().requests)
    assert len(set(re.findall(r"HZ\d{14}", text))) == 1


def test_idle_chatter_discloses_nothing() -> None:
    lines = sent_at("idle")
    assert len(lines) > 200
    secrets = {PERSON.name, PERSON.resident_id, PERSON.phone_number, PERSON.device.utdid, PERSON.device.imei}
    secrets |= {place.name for place in CITY.places} | {place.english for place in CITY.places}
    secrets |= {CITY.name, CITY.english, CITY.adcode, *CITY.districts, *CITY.districts.values()}
    for line in lines:
        headers = dict(line.headers)
        text = unquote(f"{line.url} {headers} {line.body.decode()}")
        assert not [secret for secret in secrets if secret in text]
        assert not re.search(r"\b(green|yellow|red|HZ\d+)\b", text), "a colour or a code number"
        assert not re.search(r"\d\d\.\d{3}", text), "a number that could be degrees"
        assert not re.search(r"\d+\.\d+\.\d+\.\d+", text), "an address"
        assert not re.search(r"\b\d{10,}\b", text), "a number long enough to tell people apart"
    assert {line.method for line in lines} == {"GET", "POST"}


def test_the_same_seed_sends_the_same_bytes() -> None:
    assert rehearse("alipay", LIVED).requests == rehearsal().requests


def test_a_poster_names_its_place_under_layers_of_percent_encoding() -> None:
    place = CITY.places[0]
    link = deep_link(place)
    assert link.startswith("alipays://platformapi/startapp?appId=")
    assert f"orgCode={place.id}" not in unquote(link)
    assert f"orgCode={place.id}" in unquote(unquote(link))


# What the servers answer


@pytest.mark.parametrize(
    ("travel", "symptoms", "expected"),
    [
        (["杭州市"], [], ("green", 1, True)),
        (["杭州市", "上海市"], [], ("green", 1, True)),
        (["杭州市"], ["咳嗽"], ("yellow", 2, False)),
        (["武汉市"], [], ("red", 3, False)),
        (["武汉市"], ["发热"], ("red", 3, False)),
        ([], [], ("green", 1, True)),
    ],
)
def test_colours_follow_the_rules(travel: list[str], symptoms: list[str], expected: tuple[str, int, bool]) -> None:
    form = {"idCardNo": PERSON.resident_id, "recentTravel": travel, "symptoms": symptoms}
    number = HealthCode(LIVED.life.world.setting).register(form, datetime.now(UTC))["codeNo"]
    query = {"operationType": "com.healthcode.h5.queryCode", "ts": "1581897455000"}
    _, shown, scanned = ask(
        gateway("com.healthcode.h5.register", form),
        httpx2.Request("GET", GATEWAY, params=query | {"requestData": json.dumps([{"codeNo": number}])}),
        httpx2.Request("POST", VERIFY, data={"codeNo": number, "data": SCANNED}),
    )
    result = shown.json()["result"]
    assert (result["colour"], result["healthStatus"], scanned.json()["pass"]) == expected
    assert result.keys() == {"codeNo", "colour", "healthStatus", "refreshedAt", "legend"}, "and no reason"
    assert result["refreshedAt"] == "2020-02-16T23:57:35.000000Z"
    assert [row["colour"] for row in result["legend"]] == ["green", "yellow", "red"]
    assert re.findall(r"\d+", json.dumps([row["en"] for row in result["legend"]])) == ["7", "14"]


def gateway(operation: str, body: object) -> httpx2.Request:
    headers = {"Operation-Type": operation, "Ts": "1581897455000"}
    return httpx2.Request("POST", GATEWAY, headers=headers, json=[{"_requestBody": body}])


def test_the_notice_speaks_of_prevention_and_of_no_police() -> None:
    [notice] = ask(httpx2.Request("GET", "https://healthcode.test/h5/notice.json"))
    told = notice.json()
    assert told.keys() == {"zh", "en"}
    assert "epidemic prevention" in told["en"]["purpose"]
    assert "疫情防控" in told["zh"]["purpose"]
    assert not re.search("police|公安|警", json.dumps(told, ensure_ascii=False), re.IGNORECASE)


@pytest.mark.parametrize(
    "request_",
    [
        gateway("com.healthcode.h5.nothing", {}),
        gateway("com.healthcode.h5.queryCode", {"codeNo": "HZ00000000000000"}),
        httpx2.Request("POST", GATEWAY, content=b"\xff not json", headers={"Operation-Type": "x", "Ts": "1"}),
        httpx2.Request("GET", GATEWAY),
        httpx2.Request("POST", VERIFY, content=b"data=%7B"),
    ],
)
def test_requests_that_make_no_sense_are_refused(request_: httpx2.Request) -> None:
    [answer] = ask(request_)
    assert answer.status_code == 400


# The phone and the folder


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda _: httpx2.Response(502), "the server answered 502"),
        (refuse, "certificate verify failed"),
    ],
)
def test_a_phone_without_an_answer_says_so(answer: Any, says: str) -> None:
    async def send() -> None:
        client = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
        async with Phone(lambda *_: client, stream(1), lambda _: None, datetime.now(UTC)) as phone:
            await phone.send(Call("GET", "https://log.superapp.test/x"))

    with pytest.raises(SimulationError, match=says):
        asyncio.run(send())


def test_a_pinned_app_that_takes_the_proxy_is_an_error() -> None:
    async def attempt() -> None:
        client = httpx2.AsyncClient(transport=httpx2.MockTransport(lambda _: httpx2.Response(200)))
        async with Phone(lambda *_: client, stream(1), lambda _: None, datetime.now(UTC)) as phone:
            await phone.attempt(Call("GET", "https://pinned.superapp.test/"))

    with pytest.raises(SimulationError, match="pinned"):
        asyncio.run(attempt())


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    result = CliRunner().invoke(main, ["-o", str(tmp_path)])
    assert result.exit_code == 2
    assert result.stderr == f"scansim: {tmp_path} exists and is not empty: name another folder, or use --force\n"


def test_force_removes_what_a_capture_consists_of_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "truth").mkdir()
    for name in (*FILES, "mine.txt", "truth/mine.txt"):
        (tmp_path / name).write_text("old")
    CaptureFolder(tmp_path, force=True)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"mine.txt", "truth/mine.txt"}


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SimulationError, match="file"):
        CaptureFolder(tmp_path / "file", force=True)


def test_a_request_that_breaks_off_was_not_received() -> None:
    log, messages = (
        io.BytesIO(),
        [{"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"}],
    )

    async def receive() -> Any:
        return messages.pop(0)

    async def never(*_: Any) -> None:
        raise AssertionError

    asyncio.run(AccessLog(never, log)({"type": "http"}, receive, never))
    assert log.getvalue() == b""
