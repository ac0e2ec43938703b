"""The designs beside alipay, without sockets: what they send, and what their servers could make of it."""

import asyncio
import base64
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest
from scansim_builders import Rehearsal, lived, rehearse, rehearse_events, world
from starlette.types import ASGIApp

from scansim import ids
from scansim.designs import DESIGNS, kit
from scansim.designs.kipass import formats as kipass
from scansim.designs.luca import app as luca_app
from scansim.designs.luca import fob
from scansim.designs.luca.formats import API, check_out, location_id, minute, poster, scanner_id, trace_id, uuid
from scansim.designs.luca.seal import crypt, private_key, read_point, shared, unseal
from scansim.designs.luca.server import venue_key
from scansim.designs.place_code.formats import poster as place_code_poster
from scansim.designs.safeentry.formats import BACKEND, tenant
from scansim.designs.safeentry.formats import poster as safeentry_poster
from scansim.phone import Call
from scansim.seeds import stream
from scantrail.model import Request

SEED = 3
LIVED = lived(world(SEED, days=2), 2)
CITY, PERSON = LIVED.life.world.city, LIVED.person
NAMES = ("place-code", "safeentry", "luca", "kipass")
COLLECTING = (("place-code", "placecode.test"), ("safeentry", BACKEND), ("luca", "app.luca.test"))


@cache
def rehearsal(name: str) -> Rehearsal:
    return rehearse(name, LIVED)


def scans(played: Rehearsal) -> list[Any]:
    return [event.scan for event in played.happened if event.scan]


def visits(played: Rehearsal, receiver: str | None = None) -> Counter[str]:
    """How many visits the server knows of each subject."""
    return Counter(played.analysed(CITY, receiver).history.positionfixes["user_id"])


def to(played: Rehearsal, path: str) -> list[Request]:
    return [request for request in played.requests if request.url.partition("?")[0].endswith(path)]


def servers(name: str) -> ASGIApp:
    return DESIGNS[name].server(LIVED.life.world.setting)


def ask(name: str, *calls: Call) -> list[httpx2.Response]:
    async def send() -> list[httpx2.Response]:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(servers(name))) as client:
            return [await client.request(c.method, c.url, headers=c.headers, content=c.content) for c in calls]

    return asyncio.run(send())


# All of them


@pytest.mark.parametrize("name", NAMES)
def test_everything_goes_to_the_hosts_of_the_design_and_is_answered(name: str) -> None:
    played = rehearsal(name)
    assert {request.receiver for request in played.requests} == set(DESIGNS[name].hosts)
    assert all(host.endswith(".test") for host in DESIGNS[name].hosts)
    assert len(scans(played)) > 5
    assert played.sent_at("scan")


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_sends_the_same_bytes(name: str) -> None:
    assert rehearse(name, LIVED).requests == rehearsal(name).requests


@pytest.mark.parametrize("name", NAMES)
def test_no_design_sends_a_position(name: str) -> None:
    sent = {each.kind for each in rehearsal(name).analysed(CITY).disclosures if each.side == "sent"}
    assert not sent & {"position", "city", "district", "adcode", "wifi", "cell", "address"}


@pytest.mark.parametrize("name", NAMES)
def test_the_platform_is_told_nothing(name: str) -> None:
    played = rehearsal(name)
    assert len([request for request in played.requests if request.receiver == kit.PLATFORM]) > 100
    assert played.analysed(CITY, kit.PLATFORM).arrived == ()


@pytest.mark.parametrize("name", NAMES)
def test_the_notice_is_shown_at_sign_up_and_says_what_and_to_whom(name: str) -> None:
    [answer] = [request.response for request in rehearsal(name).sent_at("sign-up") if "notice" in request.url]
    assert answer
    told = json.loads(answer.body)
    assert "en" in told
    for notice in told.values():
        assert notice.keys() == {"title", "collected", "purpose", "receivers", "text"}


@pytest.mark.parametrize(("name", "host"), COLLECTING)
def test_a_collecting_server_has_the_history_of_one_subject(name: str, host: str) -> None:
    [(_, known)] = visits(rehearsal(name), host).items()
    assert known >= 3


# Place codes


def test_a_poster_that_is_scanned_elsewhere_sends_the_same_bytes() -> None:
    played = rehearsal("place-code")
    far = [replace(event, position=event.position.moved(40_000, 0)) for event in played.happened]
    assert rehearse_events("place-code", LIVED, far).requests == played.requests


def test_a_scan_says_who_and_which_place_and_when() -> None:
    played = rehearsal("place-code")
    for request, scan in zip(played.sent_at("scan"), scans(played), strict=True):
        body = json.loads(request.body)
        assert body.keys() == {"codeNo", "placeId", "scanTime"}
        assert (body["codeNo"], body["placeId"]) == (played.app.code_number, scan.place.id)


# SafeEntry


@pytest.mark.parametrize("nric", ["S0000001I", "S1234567D", "T1234567J"])
def test_the_check_letter_is_that_of_well_known_examples(nric: str) -> None:
    assert ids.nric_letter(nric[0], nric[1:-1]) == nric[-1]


def test_an_nric_is_of_somebody_who_is_not_born() -> None:
    for number in range(200):
        nric = ids.nric(stream(number))
        assert nric[:2] == "T9"
        assert ids.nric_letter("T", nric[1:-1]) == nric[-1]


def test_a_check_in_says_who_and_a_check_out_says_so_too() -> None:
    played = rehearsal("safeentry")
    forms = [parse_qs(request.body.decode()) for request in to(played, "/person")]
    told = [(form["sub"], form["mobileno"], form["actionType"]) for form in forms]
    mobile = base64.b64encode(PERSON.phone_number.encode()).decode()
    actions = {"enter": "checkin", "leave": "checkout"}
    assert told == [([played.app.code_number], [mobile], [actions[scan.direction]]) for scan in scans(played)]
    assert {form["actionType"][0] for form in forms} == {"checkin", "checkout"}
    assert {each.kind for each in played.analysed(CITY).arrived} == {"resident_id", "phone_number", "place_id"}


def test_safeentry_refuses_a_wrong_check_letter() -> None:
    [request, *_] = to(rehearsal("safeentry"), "/person")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    right, wrong = (request.body, request.body.replace(b"sub=T", b"sub=S"))
    answers = ask("safeentry", *(Call("POST", request.url, form, body) for body in (right, wrong)))
    assert [answer.status_code for answer in answers] == [200, 400]


# luca


def test_each_check_in_has_a_pseudonym_of_its_own_and_polls_give_them_away(monkeypatch: pytest.MonkeyPatch) -> None:
    check_ins = to(rehearsal("luca"), "/checkin")
    traces = [json.loads(request.body)["traceId"] for request in check_ins]
    assert len(set(traces)) == len(traces) >= 3
    monkeypatch.setattr(luca_app, "POLLED", 1)
    alone = rehearse("luca", LIVED)
    assert set(visits(alone).values()) == {1}


def test_the_venue_opens_one_envelope_and_the_health_department_the_other() -> None:
    played = rehearsal("luca")
    body = json.loads(to(played, "/checkin")[0].body)
    place = next(place for place in CITY.places if str(scanner_id(SEED, place.id)) == body["scannerId"])
    code = unseal(body, venue_key(SEED, place.id))
    assert len(code) == 75
    departments = private_key(stream(SEED, "luca daily key"))
    guest = read_point(code[2:35])
    user_id = crypt(code[43:], shared(departments, guest), code[2:18])[:16]
    [user] = to(played, "/users")
    assert user.response
    assert user_id.hex() == json.loads(user.response.body)["userId"].replace("-", "")
    with pytest.raises(ValueError, match="mac"):
        unseal(body, venue_key(SEED, "another place"))


def test_contact_data_are_unreadable() -> None:
    [user] = to(rehearsal("luca"), "/users")
    assert json.loads(user.body).keys() == {"data", "iv", "mac", "publicKey", "signature"}
    assert PERSON.name.encode() not in base64.b64decode(json.loads(user.body)["data"])


def test_a_photo_of_the_key_fob_yields_thirty_days_and_no_more() -> None:
    text, random = fob.printed(stream(SEED, "a fob")), stream(SEED, "venue's scanners")
    start = datetime(2021, 3, 1, 12, 0, tzinfo=UTC)
    lived = [(start + timedelta(days=day, minutes=7 * day), CITY.places[day % 7]) for day in range(40)]

    async def live_and_look() -> list[fob.Visit]:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(servers("luca"))) as client:

            async def send(call: Call) -> httpx2.Response:
                answer = await client.request(call.method, call.url, headers=call.headers, content=call.content)
                return answer.raise_for_status()

            own = fob.secrets(text)
            for at, place in lived:
                venue = venue_key(SEED, place.id).public_key()
                await send(fob.scan(text, scanner_id(SEED, place.id), at, venue, random))
                trace = trace_id(own.user_id, own.tracing_secret, minute(at))
                await send(check_out(trace, minute(at + timedelta(hours=1)), {}))
            return await fob.history(text, lived[-1][0] + timedelta(hours=2), 40, send)

    found = asyncio.run(live_and_look())
    recent = [(at, place) for at, place in lived if lived[-1][0] + timedelta(hours=1) - at <= timedelta(days=30)]
    assert len(recent) == 30
    assert [(visit.at, visit.name, visit.position) for visit in found] == [(a, p.name, p.gate) for a, p in recent]
    assert all(visit.left == visit.at + timedelta(hours=1) for visit in found)


def test_another_fob_yields_nothing() -> None:
    own, other = (fob.secrets(fob.printed(stream(SEED, "fob", number))) for number in (1, 2))
    assert own.tracing_secret != other.tracing_secret
    assert trace_id(own.user_id, own.tracing_secret, 0) != trace_id(other.user_id, other.tracing_secret, 0)


def test_anybody_is_told_where_a_location_is() -> None:
    place = CITY.places[0]
    [answer] = ask("luca", Call("GET", f"{API}/locations/{location_id(SEED, place.id)}"))
    assert (answer.json()["groupName"], answer.json()["lat"], answer.json()["lng"]) == (place.name, *place.gate)
    [nowhere] = ask("luca", Call("GET", f"{API}/locations/{uuid('nowhere')}"))
    assert nowhere.status_code == 400


# KI-Pass


def test_the_issuer_alone_knows_people_and_no_visit() -> None:
    played = rehearsal("kipass")
    assert visits(played, kipass.ISSUER) == {}
    assert {"name", "phone_number"} <= {each.kind for each in played.analysed(CITY, kipass.ISSUER).arrived}


def test_the_visit_server_alone_knows_visits_and_no_person() -> None:
    played = rehearsal("kipass")
    assert set(visits(played, kipass.VISITS).values()) == {1}
    sent = b" ".join(request.body for request in played.requests if request.receiver == kipass.VISITS).decode()
    assert not [word for word in (PERSON.name, PERSON.phone_number, PERSON.device.model) if word in sent]
    assert PERSON.device.model not in str([r.headers for r in played.requests if r.receiver == kipass.VISITS])


def test_both_together_have_the_history() -> None:
    played = rehearsal("kipass")
    assert list(visits(played).values()) == [len(scans(played))]


def test_the_terminal_has_connections_of_its_own() -> None:
    played = rehearsal("kipass")
    assert played.clients["scan"] == len(scans(played)), "a new one each, while the phone keeps its own"
    times = [request.at for request in played.requests]
    assert times == sorted(times), "by the same clock"


def test_a_code_lives_fifteen_seconds_and_is_good_once() -> None:
    place, at = CITY.places[0], datetime(2020, 7, 1, tzinfo=UTC)
    [_, issued] = ask("kipass", kipass.sign_up(PERSON, {}), kipass.fetch(PERSON, at, {}))
    answer = issued.json()
    code = kipass.Code(answer["qrCodeId"], answer["issuedAt"], answer["mac"])

    def accepted(*reports: tuple[kipass.Code, float]) -> list[bool]:
        calls = (kipass.visit(code, place, at + timedelta(seconds=seconds)) for code, seconds in reports)
        return [each.is_success for each in ask("kipass", *calls)]

    assert accepted((code, 15.1)) == [False]
    assert accepted((code, 15.0), (code, 15.0)) == [True, False]
    assert accepted((code._replace(issued_at=code.issued_at + 1), 1.0), (code._replace(mac="0"), 1.0)) == [False, False]


def test_a_stranger_gets_no_code() -> None:
    [answer] = ask("kipass", kipass.fetch(PERSON, datetime(2020, 7, 1, tzinfo=UTC), {}))
    assert answer.status_code == 400


# What posters say


def test_posters_name_the_place_as_scans_do() -> None:
    place = CITY.places[0]
    assert place.id in place_code_poster(place)
    assert tenant(place) in safeentry_poster(place)
    assert str(scanner_id(SEED, place.id)) in poster(SEED, place.id)
