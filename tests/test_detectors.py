"""Rules find what their examples promise, positions carry datum and precision, and look-alikes raise no alarm."""

import base64
from typing import Any, Literal

import pytest
from builders import disclosed, fields_of, form, kinds, make_request
from hypothesis import given, settings
from hypothesis import strategies as st

from scantrail.detectors import KINDS, detect, identifiers
from scantrail.detectors.opened import NOT_ASCII, outline
from scantrail.detectors.rules import GROUPS, RULES, matches, readings
from scantrail.detectors.rules.groups import Group
from scantrail.detectors.rules.row import Rule
from scantrail.geo import distance_m, wgs84_to_gcj02
from scantrail.model import Disclosure


def positions(**values: object) -> list[Disclosure]:
    return [d for d in detect(fields_of(**values)) if d.kind == "position"]


def examples(which: Literal["positive", "negative"]) -> list[Any]:
    return [
        pytest.param(rule, example, id=f"{rule.id} {'='.join(example)[:60]}")
        for rule in RULES
        for example in getattr(rule, which)
    ]


@pytest.mark.parametrize(("rule", "example"), examples("positive"))
def test_positive_examples_meet_their_rule(rule: Rule, example: tuple[str, str]) -> None:
    assert readings(rule, *example)
    assert rule.kind in {found.rule.kind for found in matches(*example)}


@pytest.mark.parametrize(("rule", "example"), examples("positive"))
def test_positive_examples_are_found_in_a_request(rule: Rule, example: tuple[str, str]) -> None:
    key, value = example
    if not rule.beside:
        assert rule.kind in kinds(make_request(body={key: value}))


@pytest.mark.parametrize(("rule", "example"), examples("negative"))
def test_negative_examples_do_not(rule: Rule, example: tuple[str, str]) -> None:
    assert not readings(rule, *example)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.id)
def test_groups_are_found_together_and_not_apart(group: Group) -> None:
    assert all(group.id in {d.rule for d in detect(fields_of(**example))} for example in group.positive)
    assert all(group.id not in {d.rule for d in detect(fields_of(**example))} for example in group.negative)


def test_the_table_of_rules_is_sound() -> None:
    rows: list[Rule | Group] = [*RULES, *GROUPS]
    assert len({row.id for row in rows}) == len(rows)
    assert {row.kind for row in rows} <= set(KINDS)
    assert all(row.reasoning and row.positive and row.negative for row in rows)
    assert all((rule.keys is None) == (rule.hint is not None) for rule in RULES)


def test_each_row_without_keys_has_its_hint_in_its_examples() -> None:
    for rule in RULES:
        for _, value in rule.positive if rule.hint else ():
            assert str(rule.hint) in outline(value) or (rule.hint == NOT_ASCII and not value.isascii()), (
                rule.id,
                value,
            )


def test_a_name_needs_a_resident_id_beside_it() -> None:
    form_body = {"name": "王小明", "idCardNo": "330106184905120015"}
    assert {"name", "resident_id"} <= kinds(make_request(body=form_body))
    assert "name" not in kinds(make_request(body={"name": "王小明", "id": form_body["idCardNo"][:17]}))


@pytest.mark.parametrize(
    ("body", "kind", "value"),
    [
        (
            {"device": {"id": "ad2140b6-25f1-42d7-b45c-4c0e224ca64f"}},
            "device_id",
            "ad2140b6-25f1-42d7-b45c-4c0e224ca64f",
        ),
        ({"city": {"name": "Hangzhou"}}, "city", "Hangzhou"),
        ({"users": [{"id": "100017"}]}, "account_id", "100017"),
        ({"wifi": {"ssid": "Coffee"}}, "wifi", "Coffee"),
        ({"user[city]": "Berlin"}, "city", "Berlin"),
        ({"phones": ["15400012345"]}, "phone_number", "15400012345"),
        ({"adcode": 330106}, "adcode", "330106"),
        (
            {"url": "alipays://platformapi/startapp?appId=1&url=https%3A%2F%2Fa.test%2F%3ForgCode%3D330500-01"},
            "adcode",
            "330500-01",
        ),
        ({"wifis": [{"mac": "8c:53:c3:00:11:22", "rssi": -65}]}, "wifi", "8c:53:c3:00:11:22,-65"),
        ({"cells": [{"mcc": 460, "mnc": 0, "lac": 22234, "cid": 104734855}]}, "cell", "460,0,22234,104734855"),
    ],
)
def test_a_key_is_read_with_its_object(body: dict[str, object], kind: str, value: str) -> None:
    assert [(d.kind, d.value) for d in disclosed(make_request(body=body))] == [(kind, value)]


def test_the_first_row_speaks_for_a_kind_and_each_kind_speaks() -> None:
    found = disclosed(make_request(body={"address": "浙江省杭州市西湖区文三路90号"}))
    assert {d.kind: d.value for d in found} == {
        "city": "杭州市",
        "district": "西湖区",
        "address": "浙江省杭州市西湖区文三路90号",
    }
    assert len(found) == 3


def test_an_area_code_is_explained() -> None:
    (code,) = disclosed(make_request(body={"cityAdcode": "110103"}))
    assert code.reasoning.endswith(": 110103 is 崇文区, 北京市 (a code valid until 2010)")


def test_a_resident_id_says_where_it_was_issued_and_no_city() -> None:
    (number,) = disclosed(make_request(body={"id": "330106184905120015"}))
    assert "西湖区, 杭州市, 浙江省: where it was issued" in number.reasoning


def test_a_list_of_cities_in_an_answer_is_no_disclosure_but_one_city_is() -> None:
    cities = [{"city": name} for name in ("杭州市", "宁波市", "温州市", "嘉兴市")]
    assert disclosed(make_request(answer={"cities": cities})) == []
    assert [d.side for d in disclosed(make_request(answer={"cities": cities[:1]}))] == ["received"]
    assert len(disclosed(make_request(body={"cities": cities}))) == 4


def test_an_answers_page_tells_nothing_of_the_person_by_what_stands_in_it() -> None:
    assert disclosed(make_request(answer="<p>Write to press@example.com</p>")) == []


def test_an_events_time_needs_a_place_beside_it() -> None:
    assert "visit_time" in kinds(make_request(body={"eventTime": "1581897600000", "iotId": "scanner-9"}))
    assert "visit_time" not in kinds(make_request(body={"eventTime": "1581897600000"}))


@pytest.mark.parametrize(
    "values",
    [
        {"treatments": ["Hangzhou", "B"]},
        {"name": "Hangzhou"},
        {"country": "CN"},
        {"timezone": "Asia/Shanghai", "locale": "zh_CN", "lang": "zh-CN"},
        {"color": "#330106", "bg": "330106"},
        {"width": 1080, "height": 2214, "price": "310000"},
        {"version": "1.2.3.4", "os": "10.0.19041.1", "build": "13.2.1.0"},
        {"md5": "d41d8cd98f00b204e9800998ecf8427e", "sha1": "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
        {"file": "report_2020-02-17.pdf", "css": "margin:0 10px;color:red"},
        {"ts": 1581897600000, "time": "2020-02-17 08:00:00"},
        {"sessionId": "746c9115-91f3-59e0-7872-80abf2c4ada9", "token": "eyJhbGciOiJIUzI1NiJ9"},
        {"orderNo": "2020021712345678", "sku": "A123456780", "n": "2088102146225135"},
        {"healthCheck": "green", "status": "red", "severity": "yellow"},
        {"number": 10**100, "flag": True, "nothing": None},
        {"user-agent": "Mozilla/5.0 (compatible; bot@example.com)"},
    ],
)
def test_near_misses_give_nothing(values: dict[str, object]) -> None:
    assert disclosed(make_request(body=values)) == []
    assert disclosed(make_request("https://shop.test/?" + form(**{k: str(v) for k, v in values.items()}))) == []


@settings(deadline=None)  # reading the gazetteer takes longer than one example may
@given(st.data())
def test_whatever_has_the_shape_of_a_rule_is_judged_without_an_error(data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(RULES))
    value = data.draw(st.from_regex(rule.value, fullmatch=True) | st.text(max_size=40))
    key = data.draw(st.sampled_from(sorted(rule.keys))) if rule.keys else "anything"
    assert all(match.rule == rule for match in readings(rule, key, value))


def test_a_hostile_value_takes_no_long_time() -> None:
    for value in ("a" * 60_000 + "@", "1" * 60_000, "+1 " * 20_000, "A1 " * 20_000, "杭州市" * 20_000, "8c:" * 20_000):
        for key in ("anything", "address", "wifi", "phone", "city", "geo", "cell"):
            assert matches(key, value) is not None


@pytest.mark.parametrize(
    ("values", "latitude", "longitude", "datum"),
    [
        ({"latitude": "30.25", "longitude": "120.16"}, 30.25, 120.16, "unknown"),
        ({"lat": 30.25, "lng": 120.16, "coordType": "wgs84"}, 30.25, 120.16, "wgs84"),
        ({"gpsLat": "30.25", "gpsLon": "120.16", "coordType": "GPS"}, 30.25, 120.16, "wgs84"),
        ({"location": "120.1600,30.2500"}, 30.25, 120.16, "unknown"),
        ({"latlng": "30.2500,120.1600"}, 30.25, 120.16, "unknown"),
        ({"lnglat": "12.1600,30.2500"}, 30.25, 12.16, "unknown"),
        ({"geo": "48.8566,2.3522"}, 48.8566, 2.3522, "unknown"),
    ],
)
def test_pairs_are_found_in_either_order(
    values: dict[str, object], latitude: float, longitude: float, datum: str
) -> None:
    (position,) = positions(**values)
    assert (position.latitude, position.longitude) == pytest.approx((latitude, longitude))
    assert position.datum == datum


@pytest.mark.parametrize("beside", [{"coordType": "gcj02"}, {"cityAdcode": "330100"}, {"horizontalAccuracy": "30"}])
def test_gcj02_is_undone_where_stated_or_inferred(beside: dict[str, str]) -> None:
    latitude, longitude = wgs84_to_gcj02(30.25, 120.16)
    (position,) = positions(latitude=f"{latitude:.6f}", longitude=f"{longitude:.6f}", **beside)
    assert position.datum == "gcj02"
    assert position.latitude is not None
    assert position.longitude is not None
    assert distance_m(position.latitude, position.longitude, 30.25, 120.16) < 0.2


def test_an_x_location_header_is_longitude_first_in_gcj02() -> None:
    (position,) = disclosed(make_request(headers={"x-location": "120.164600%2C30.247500"}))
    assert position.datum == "gcj02"
    assert position.latitude == pytest.approx(30.2499, abs=2e-3)
    assert position.path == "header.x-location|percent"


def test_several_pairs_in_one_object_are_told_apart() -> None:
    found = positions(startLat="30.25", startLng="120.16", endLat="30.29", endLng="120.21")
    assert [(d.latitude, d.longitude) for d in found] == [(30.25, 120.16), (30.29, 120.21)]


@pytest.mark.parametrize(
    ("values", "precision_m"),
    [
        ({"lat": "30.250000", "lng": "120.160000"}, 0.056),
        ({"lat": "30.25", "lng": "120.16"}, 555.976),
        ({"lat": "30.250000", "lng": "120.160000", "accuracy": "35.0"}, 35.0),
    ],
)
def test_precision_is_the_coarser_of_digits_and_accuracy(values: dict[str, object], precision_m: float) -> None:
    assert positions(**values)[0].precision_m == pytest.approx(precision_m, rel=1e-3)


@pytest.mark.parametrize(
    "values",
    [
        {"lat": 0, "lng": 0},
        {"lat": "91.5", "lng": "120.1"},
        {"lat": "north", "lng": "120.1"},
        {"lat": True, "lng": False},
        {"latency": "30.25", "length": "120.16"},
        {"version": "10.1840"},
        {"location": "10,20"},
        {"size": "30.2500,120.1600"},
        {"flat": "1.5", "slong": "2.5"},
        {"lat": "NaN", "lng": "Infinity"},
        {"lat": "1e999999999", "lng": "120.1"},
    ],
)
def test_look_alikes_are_no_positions(values: dict[str, object]) -> None:
    assert positions(**values) == []


def test_a_form_tells_its_path() -> None:
    found = disclosed(make_request(body=form(data='{"cityAdcode": "330100"}')))
    assert [(d.kind, d.path, d.value) for d in found] == [("adcode", "body|form.data|json.cityAdcode", "330100")]


def test_what_comes_back_is_marked_received() -> None:
    (status,) = disclosed(make_request(answer={"healthStatus": "GREEN"}))
    assert (status.kind, status.side) == ("health_status", "received")


@given(st.text(alphabet="0123456789X", min_size=18, max_size=18))
def test_any_18_characters_are_judged_without_an_error(text: str) -> None:
    if text[:17].isdecimal():
        identifiers.is_resident_id(text)


@given(st.binary(min_size=18, max_size=18))
def test_random_tokens_are_hardly_ever_a_utdid(data: bytes) -> None:
    assert identifiers.is_utdid(base64.b64encode(data).decode()) == (
        data[8:10] == b"\x03\x00" and data[:4] >= b"\x4b\x3d\x3b\x00"
    )


def test_the_resident_id_of_the_standard_is_valid() -> None:
    assert identifiers.is_resident_id("11010519491231002X")  # the example of GB 11643-1999
