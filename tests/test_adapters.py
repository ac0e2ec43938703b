"""Published formats are recognised by their shape and read as their vendors say; what only resembles them is not."""

import time
from collections.abc import Iterable

import pytest
from builders import as_bytes, disclosed, make_request
from hypothesis import given
from hypothesis import strategies as st

from scantrail import subjects
from scantrail.decoders import fields
from scantrail.detectors import KINDS, adapters
from scantrail.detectors.adapters import ADAPTERS
from scantrail.detectors.adapters.row import Adapter, Example
from scantrail.detectors.opened import opened
from scantrail.geo import distance_m, wgs84_to_gcj02
from scantrail.model import Disclosure, Request


def request_of(example: Example) -> Request:
    return make_request(example.url, body=as_bytes(example.body), headers=dict(example.headers))


def told(example: Example) -> list[Disclosure]:
    return list(adapters.detect(opened(fields(request_of(example)))))


def by(rule: str, found: Iterable[Disclosure]) -> list[Disclosure]:
    return [disclosure for disclosure in found if disclosure.rule == rule]


@pytest.mark.parametrize(("adapter", "example"), [(a, e) for a in ADAPTERS for e in a.positive], ids=lambda x: x[0])
def test_positive_examples_tell_what_the_format_says(adapter: Adapter, example: Example) -> None:
    found = {(d.kind, d.value) for d in by(adapter.id, told(example))}
    assert found >= set(example.tells)
    assert example.tells


@pytest.mark.parametrize(("adapter", "example"), [(a, e) for a in ADAPTERS for e in a.negative], ids=lambda x: x[0])
def test_negative_examples_tell_nothing(adapter: Adapter, example: Example) -> None:
    assert by(adapter.id, told(example)) == []


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.id)
def test_formats_do_not_speak_of_each_others_requests(adapter: Adapter) -> None:
    for example in adapter.positive:
        assert {disclosure.rule for disclosure in told(example)} == {adapter.id}


def test_the_table_of_formats_is_sound() -> None:
    assert len({adapter.id for adapter in ADAPTERS}) == len(ADAPTERS)
    assert {means.kind for adapter in ADAPTERS for means in adapter.means} <= set(KINDS)
    for adapter in ADAPTERS:
        assert adapter.source
        assert adapter.positive
        assert adapter.negative
        assert adapter.shape or adapter.any_of


@pytest.mark.parametrize(("adapter", "example"), [(a, e) for a in ADAPTERS for e in a.positive], ids=lambda x: x[0])
def test_no_kind_is_told_twice_of_one_field(adapter: Adapter, example: Example) -> None:
    found = disclosed(request_of(example))
    assert len({(d.kind, d.path, d.value) for d in found}) == len(found)
    for kind, value in example.tells:
        assert next(d.rule for d in found if (d.kind, d.value) == (kind, value)) == adapter.id


LATITUDE, LONGITUDE = (f"{number:.6f}" for number in wgs84_to_gcj02(30.25, 120.16))


@pytest.mark.parametrize(
    "request_",
    [
        make_request(f"https://restapi.amap.com/v3/geocode/regeo?key=0a1b&location={LONGITUDE},{LATITUDE}"),
        make_request(f"https://gw.test/ws/geocoder/v1/?key=0a1b&location={LATITUDE},{LONGITUDE}"),
        make_request(body={"longitude": LONGITUDE, "latitude": LATITUDE, "city": "杭州市", "cityAdcode": "330100"}),
        make_request(headers={"x-location": f"{LONGITUDE}%2C{LATITUDE}", "x-utdid": "XlDyAAAAAAEDAAAAAGQAAADI"}),
        make_request("https://gw.test/locapi/v2", body={"body": [{"accesstype": 2, "gps": "120.160000|30.250000|30"}]}),
        make_request(
            "https://gw.test/reverse_geocoding/v3?ak=0a1b&location=30.250000,120.160000&coordtype=wgs84ll",
        ),
        make_request(
            body={
                "position": {"Q": float(LATITUDE), "R": float(LONGITUDE)},
                "formattedAddress": "x",
                "addressComponent": {"adcode": "330106"},
            }
        ),
    ],
)
def test_positions_are_where_the_phone_is(request_: Request) -> None:
    (position,) = [d for d in disclosed(request_) if d.kind == "position"]
    assert position.latitude is not None
    assert position.longitude is not None
    assert distance_m(position.latitude, position.longitude, 30.25, 120.16) < 0.2


def test_the_fix_of_a_health_report_form_is_told_at_two_precisions() -> None:
    (example,) = next(adapter for adapter in ADAPTERS if adapter.id == "amap-js-geolocation").positive
    found = {d.kind: d for d in told(example)}
    assert found["position"].precision_class == "district"
    assert found["position"].datum == "gcj02"
    assert found["city"].value == "杭州市"


def test_all_positions_of_a_batch_are_told_with_the_precision_of_their_digits() -> None:
    url = "https://restapi.amap.com/v3/geocode/regeo?batch=true&location=120.160000,30.250000|120.170000,30.260000"
    found = [d for d in disclosed(make_request(url)) if d.kind == "position"]
    assert [d.value for d in found] == ["30.250000,120.160000", "30.260000,120.170000"]
    assert {d.precision_class for d in found} == {"door"}


@pytest.mark.parametrize(("coord_type", "datum"), [("1", "wgs84"), ("3", "bd09"), ("5", "gcj02"), ("", "gcj02")])
def test_a_stated_datum_is_believed(coord_type: str, datum: str) -> None:
    url = f"https://apis.map.qq.com/ws/geocoder/v1/?location=30.250000,120.160000&coord_type={coord_type}"
    (position,) = [d for d in disclosed(make_request(url)) if d.kind == "position"]
    assert position.datum == datum
    assert position.datum_because.startswith("stated" if coord_type else "inferred")


def test_one_fix_under_two_names_is_told_once() -> None:
    position = {"Q": 30.25, "R": 120.16, "lng": 120.16, "lat": 30.25}
    body = {"position": position, "addressComponent": {"adcode": "330106"}, "isConverted": False}
    (fix,) = [d for d in disclosed(make_request(body=body)) if d.kind == "position"]
    assert (fix.latitude, fix.longitude, fix.datum) == (30.25, 120.16, "wgs84")


def test_accuracy_beside_a_fix_is_its_precision() -> None:
    body = {"longitude": LONGITUDE, "latitude": LATITUDE, "cityAdcode": "330100", "accuracy": "65.0"}
    (position,) = [d for d in disclosed(make_request(body=body)) if d.kind == "position"]
    assert position.precision_m == 65.0


def test_a_gate_says_what_its_number_means() -> None:
    body = {"certType": "QR_CODE", "iotId": "gate-1", "healthStatus": 3, "eventId": "e"}
    (status,) = [d for d in disclosed(make_request(body=body)) if d.kind == "health_status"]
    assert "3 is red" in status.reasoning
    assert "HealthCodeVerifyRecord" in status.reasoning


def test_masked_numbers_do_not_join_people() -> None:
    body = {"certType": "QR_CODE", "iotId": "gate-1", "healthStatus": 1, "eventId": "e", "phoneNo": "154****2345"}
    found = disclosed(make_request(body=body))
    assert "phone_number" in {d.kind for d in found}
    assert subjects.join(found).identifiers == {}


def test_two_records_in_one_request_are_read_apart() -> None:
    records = [{"certType": "QR_CODE", "iotId": f"gate-{n}", "healthStatus": n, "eventId": "e"} for n in (1, 2)]
    found = disclosed(make_request(body=records))
    assert [(d.kind, d.value) for d in found if d.kind == "place_id"] == [
        ("place_id", "gate-1"),
        ("place_id", "gate-2"),
    ]


def test_a_place_id_of_half_a_shape_is_left_to_the_rules() -> None:
    (place,) = disclosed(make_request(body={"iotId": "gate-1"}))
    assert place.rule == "place-id"


def test_requests_in_no_known_format_cost_little() -> None:
    body = {f"key{number}": "value" for number in range(60)}
    request = opened(fields(make_request("https://shop.test/api/cart?x=1", body=body)))
    rounds = 2000
    start = time.process_time()
    for _ in range(rounds):
        list(adapters.detect(request))
    assert (time.process_time() - start) / rounds < 100e-6  # 25 µs are meant; a shared machine gets four times that


def test_many_markers_in_one_request_take_time_in_proportion() -> None:
    body = {"items": [{"actionType": "a", "client_id": "b", "sub": "c", "accesstype": 1, "gps": "1|2|3"}] * 4000}
    request = opened(fields(make_request(body=body)))
    start = time.process_time()
    assert len(list(adapters.detect(request))) == 4000
    assert time.process_time() - start < 4


MARKERS = sorted({part for a in ADAPTERS for path in (*a.shape, *a.any_of) for part in path.split(".")})


@given(
    st.recursive(
        st.text(max_size=8) | st.integers() | st.booleans() | st.none() | st.sampled_from(["1,2", "30.25,120.16"]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MARKERS), inner, max_size=6),
        max_leaves=12,
    )
)
def test_any_body_with_such_keys_is_read_without_an_error(body: object) -> None:
    disclosed(make_request("https://apis.map.qq.com/ws/geocoder/v1?key=k&location=1,2", body=body))
