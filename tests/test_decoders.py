"""The walk opens what a server would open, names the chain, and leaves alone what only looks encoded."""

import base64
import json
from collections.abc import Callable
from decimal import Decimal
from random import Random
from time import process_time
from urllib.parse import quote

import pytest
from builders import b64, form, make_request, opened
from hypothesis import given
from hypothesis import strategies as st

from scantrail.decoders import text, wrappers
from scantrail.decoders.layers import is_plain, open_layer
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
        (f"/**/ cb.f[0]({GPS});\n", "body|jsonp.lat", "30.25"),
        (f")]}}'\n{GPS}", "body|jsonp.lat", "30.25"),
        (f"while(1);{GPS}", "body|jsonp.lat", "30.25"),
        (f'42["position",{GPS}]', "body|jsonp[1].lat", "30.25"),
        (f"{GPS}\n{GPS}\n", "body|ndjson[1].lat", "30.25"),
        (f"event: fix\ndata: {GPS}\n\n", "body|ndjson.data|json.lat", "30.25"),
        ("a[]=1&a[]=2&b[c]=3", "body|form.b[c]", "3"),
        ("city=%BA%BC%D6%DD", "body|form.city", "杭州"),
        ("city=%E6%9D%AD%E5%B7%9E+x", "body|form.city", "杭州 x"),
        ({"v": "%u676D%u5DDE"}, "body|json.v|percent", "杭州"),
        ({"v": "30.25%2C120.16+x"}, "body|json.v|percent", "30.25,120.16 x"),
        ({"v": "a%2Fb+c/d%3D"}, "body|json.v|percent", "a/b c/d="),
        ({"v": "%2B86+1"}, "body|json.v|percent", "+86 1"),
        ({"v": "&#26477;&#x5dde;&amp;"}, "body|json.v|entities", "杭州&"),
        ({"v": "\\u676d\\u{5dde}\\x41\\ud83d\\ude00"}, "body|json.v|escapes", "杭州A😀"),
        ({"v": "=E6=9D=AD=E5=B7=9E =\nx"}, "body|json.v|quoted-printable", "杭州 x"),
        ({"v": "=?utf-8?Q?Stra=C3=9Fe_des?= 17"}, "body|json.v|encoded-word", "Straße des 17"),
        ({"v": f"=?utf-8?B?{b64('杭州市')}?="}, "body|json.v|encoded-word", "杭州市"),
        ({"v": "=?nonsense?Q?a_b?="}, "body|json.v", "=?nonsense?Q?a_b?="),
        ({"v": b64("杭州市")}, "body|json.v|base64", "杭州市"),
        ({"v": b64("zhang:pw")}, "body|json.v|base64", "zhang:pw"),
        ({"v": "data:;base64," + b64("hi")}, "body|json.v|base64", "hi"),
        ({"v": "a1 b2/c3 d4=="}, "body|json.v", "a1 b2/c3 d4=="),
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


def test_credentials_and_tokens_are_read() -> None:
    claims = ".".join(b64(part).rstrip("=") for part in ('{"alg":"none"}', '{"sub":"zhang","loc":{"lat":30.25}}'))
    found = opened(
        make_request(
            headers={"Authorization": f"Bearer {claims}.c2ln", "Proxy-Authorization": "Basic " + b64("zhang:secret")}
        )
    )
    assert found["header.authorization|credentials|jwt.claims.sub"] == "zhang"
    assert found["header.authorization|credentials|jwt.claims.loc.lat"] == Decimal("30.25")
    assert found["header.authorization|credentials|jwt.signature"] == "c2ln"
    assert found["header.proxy-authorization|credentials|base64"] == "zhang:secret"


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
        "8c:53:c3:00:11:22",
        "d41d8cd98f00b204e9800998ecf8427e",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "9774d56d682e549c",
        "3132333435363738",  # a number, though it could be hexadecimal for digits
        "20200217123000",
        "application/x-javascript",
        "CNNBreakingNewsCallback",
        "1424574940254o7GsVXJglRTUCvw8iG821bpaOCviswr0",
        "Mozilla/5.0 (Linux; Android 9) AppleWebKit/537.36 (KHTML, like Gecko)",
        "text/html; charset=utf-8",
        "GMT+08:00",
        "AT&T; R&D",
        "C:\\Users\\name",
        "f(x)",
        "42[x",
        "#ff8800",
        "SM-G9730",
        "JBSWY3DPEHPK3PXP",  # a key in base32 with noise beneath
        "bearer of news",
        "<b>bold</b> move",
        "line one\nline two",
        "data: blob: https:",
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
    assert wrappers.base64_bytes(base64.b64encode(value.encode()).decode()) == value.encode()


NOISE = Random(1)  # noqa: S311  # the same noise each time
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
NOISES: dict[str, Callable[[], str | bytes]] = {
    "bytes": lambda: NOISE.randbytes(NOISE.randint(12, 64)),
    "digests": lambda: NOISE.randbytes(NOISE.choice((16, 20, 32))).hex(),
    "sixteen hexadecimal digits": lambda: NOISE.randbytes(8).hex(),
    "base64": lambda: base64.b64encode(NOISE.randbytes(NOISE.randint(8, 64))).decode(),
    "base64url": lambda: base64.urlsafe_b64encode(NOISE.randbytes(NOISE.randint(8, 64))).decode().rstrip("="),
    "tokens": lambda: "".join(NOISE.choices(LETTERS, k=NOISE.randint(8, 40))),
    "capitals": lambda: "".join(NOISE.choices(LETTERS[26:], k=NOISE.randint(12, 40))),
}


@pytest.mark.parametrize("kind", NOISES)
def test_noise_is_opened_less_than_once_in_a_thousand(kind: str) -> None:
    assert sum(open_layer(NOISES[kind]()) is not None for _ in range(5000)) <= 5


@given(
    st.text("ade3yzABE09_-./+$,* :%\\é", max_size=40)
    | st.from_regex(r"[0-9a-f]{2}([-: ][0-9a-f]{2}){7}|ey\w{4,20}\.\w{4,20}\.\w*|\w{12,40}", fullmatch=True)
)
def test_what_is_plain_at_one_look_is_opened_by_no_decoder(value: str) -> None:
    assert not is_plain(value) or open_layer(value) is None


@pytest.mark.parametrize(
    "hostile",
    [
        "data:" + "a" * 50000,
        "cb(" + "] " * 30000,
        "%" * 50000,
        "&a" * 30000,
        "A" * 50000 + "!",
        "\\u" * 30000,
        "=A" * 30000,
        "a=" * 30000,
        "<a " * 30000,
        "<plist>" * 5000,
        "{" * 50000 + "\n",
        "0x" * 30000,
        " " * 50000,
    ],
)
def test_no_text_takes_time_that_grows_with_its_square(hostile: str) -> None:
    begin = process_time()
    open_layer(hostile)
    open_layer(hostile.encode())
    assert process_time() - begin < 2
