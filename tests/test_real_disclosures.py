"""What the rules find in real captures, and that it is no more."""

import json
from collections import Counter, defaultdict

import pytest
from shared_data import shared

from scantrail.decoders import fields
from scantrail.detectors import rules
from scantrail.detectors.opened import opened
from scantrail.readers import read


def found(path: str) -> dict[str, list[tuple[int, str]]]:
    """By kind: the request and the value of each disclosure that was sent."""
    kinds = defaultdict(list)
    for request in read(shared(f"traffic/{path}")).requests:
        for disclosure in rules.detect(opened(fields(request))):
            if disclosure.side == "sent":
                kinds[disclosure.kind].append((request.index, disclosure.value))
    return kinds


def test_the_city_in_a_cookie_is_found_in_each_of_its_60_requests_and_in_no_other() -> None:
    expected = json.loads(shared("traffic/browser-har/expected_city.json").read_text())
    told = found("browser-har/cnn-chrome.har")
    assert [index for index, _ in told["city"]] == expected["entries_with_city"]
    assert {value.title() for _, value in told["city"]} == {expected["city"]}
    assert {value for _, value in told["postcode"]} == {expected["postcode"]}
    assert set(told) == {"city", "postcode", "account_id", "device_id"}


def test_the_control_tells_no_city() -> None:
    assert set(found("browser-har/cnn.har")) == {"account_id"}


def test_the_demo_shop_tells_its_customer() -> None:
    told = {kind: Counter(value for _, value in values) for kind, values in found("demo-shop/demo-shop.har").items()}
    assert told == {
        "email": {"jane.test@example.com": 7},
        "phone_number": {"+49 151 23456789": 1},
        "name": {"Jane Test": 2},
        "insurance_id": {"A123456780": 2},
        "diagnosis": {"J45.9": 2},
        "bank_account": {"DE89370400440532013000": 1},
    }


@pytest.mark.parametrize("indicator", ["advertisingId", "localIp", "hardwareId", "identityId"])
def test_identifiers_of_the_android_phone_are_found_where_an_adapter_would(indicator: str) -> None:
    values = json.loads(shared("traffic/android-har/indicators.android.json").read_text())[indicator]
    expected = json.loads(shared("traffic/android-har/expected_indicators.first-run.json").read_text())[indicator]
    told = found("android-har/first-run.har")
    where = {index for kind in ("device_id", "ip_address") for index, value in told[kind] if value in values}
    assert where <= set(expected)
    assert len(where) >= len(expected) / 2  # the rest have no name: they are found as known values
