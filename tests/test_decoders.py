"""The walk opens what a server would open, names the chain, and leaves alone what only looks encoded."""

import base64
import json
from decimal import Decimal
from urllib.parse import quote

import pytest
from builders import b64, form, make_request, opened
from hypothesis import given
from hypothesis import strategies as st

from scantrail.decoders import text
from scantrail.decoders.values import Members

GPS = '{"lat": "30.25"}'


@pytest.mark.parametrize(
    ("body", "path", "value"),
    [
        ({"a": {"b": [1, "x"]}}, "body|json.a.b[1]", "x"),
        (form(data=GPS), "body|form.data|json.lat", "30.25"),
        (json.dumps({"data": GPS}), "body|json.data|json.lat", "30.25"),
        (json.dumps({"data": json.dumps(GPS)}), "body|json.data|json|json.lat", "30.25"),
        (form(data=b64(GPS)), "body|form.data|base64|json.lat", "30.25"),
        (form(data=quote(quote(GPS))), "body|form.data|percent|percent|json.lat", "30.25"),
        (
            {"q": "app://open?page=1&url=" + quote("https://h.test/?c=x y", safe="")},
            "body|json.q|url.query.url|url.query.c",
            "x y",
        ),
        (form(page="pages/scan?placeId=P1"), "body|form.page|url.query.placeId", "P1"),
        ({"q": "https://h.test/?orgCode%3D330500-1"}, "body|json.q|url.query.orgCode", "330500-1"),
        ("[30.2500, 120]", "body|json[0]", Decimal("30.2500")),
        ("\ufeff" + GPS, "body|json.lat", "30.25"),
    ],
)
def test_layers_are_opened_and_named(body: object, path: str, value: object) -> None:
    assert opened(make_request(body=body))[path] == value


def test_every_part_of_a_request_is_opened() -> None:
    found = opened(
        make_request(
            "https://h.test/city/hangzhou?x=1&x=2#frag",
            headers={"X-Location": "120.1%2C30.2", "Cookie": "geo=hz; id=7"},
            body=b"\xff\xfe",
            answer={"ok": True},
        )
    )
    assert found == {
        "path[0]": "city",
        "path[1]": "hangzhou",
        "query.x": "2",
        "fragment": "frag",
        "header.x-location|percent": "120.1,30.2",
        "cookie.geo": "hz",
        "cookie.id": "7",
        "body": b"\xff\xfe",
        "response.body|json.ok": True,
    }


@pytest.mark.parametrize("url", ["http://[x/", "https://h.test:port/", "://", "http://", "dns:h.test A"])
def test_a_url_that_is_none_is_a_field_whole(url: str) -> None:
    request = make_request(url)
    assert opened(request).get("url", url) == url
    assert isinstance(request.receiver, str)


def test_digits_of_numbers_are_kept() -> None:
    assert str(opened(make_request(body='{"lat": 30.250000}'))["body|json.lat"]) == "30.250000"


def test_names_that_come_twice_are_both_kept() -> None:
    assert text.json_value('{"a": 1, "a": 2}') == Members([("a", 1), ("a", 2)])


@pytest.mark.parametrize(
    "value",
    [
        "hangzhou",
        "2020-02-17",
        "deadbeefdeadbeefdeadbeef",  # base64 letters, binary beneath
        "XlDyAAAAAAEDAAAAAGQAAADI",  # a UTDID: base64 of bytes
        "abcdefghijklmnop==",
        "100% sure",
        "{not json",
        '"unfinished',
        "1.2.3=4 5",
        "Where to? a=b",
        "what?",
    ],
)
def test_what_only_looks_encoded_is_left_alone(value: str) -> None:
    assert opened(make_request(body={"v": value})) == {"body|json.v": value}


def test_depth_is_bounded_and_shown() -> None:
    value = GPS
    for _ in range(20):
        value = json.dumps({"n": value})
    (path,) = opened(make_request(body=value))
    assert path.endswith("|limit")


@pytest.mark.parametrize(
    "body",
    [
        "&".join(f"k{n}=v{n}" for n in range(60)) + "&note=two words",  # once took time that doubled with each pair
        '{"a": 1e99999999999999999999}',
        "[" * 500 + "]" * 500,
    ],
)
def test_odd_bodies_are_walked_all_the_same(body: str) -> None:
    assert len(opened(make_request(body=body))) == 1


def test_hostile_nesting_is_declined() -> None:
    bomb = "[" * 100_000
    assert opened(make_request(body=bomb)) == {"body": bomb}


@given(
    st.recursive(
        st.text() | st.integers() | st.booleans(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_any_json_is_walked_without_an_error(value: object) -> None:
    opened(make_request(body=value))


@given(st.binary(max_size=200), st.text(max_size=80))
def test_any_bytes_are_walked_without_an_error(body: bytes, header: str) -> None:
    request = make_request(
        "https://h.test/?" + quote(header),
        body=body,
        headers={"X": header.encode().decode("latin-1"), "Cookie": header},
    )
    opened(request)


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=12, max_size=60))
def test_base64_of_text_is_opened(value: str) -> None:
    assert text.base64_bytes(base64.b64encode(value.encode()).decode()) == value.encode()
