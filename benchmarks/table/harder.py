"""More of the three tables, less usual: layers that real software stacks, and look-alikes that mislead on purpose."""

import base64
import gzip
import hashlib
import json
import math
import zlib
from urllib.parse import quote

import cbor2
import msgpack

from benchmarks.encoders import b64, proto
from benchmarks.har import make
from benchmarks.table import Way
from benchmarks.table.places import LATITUDE, LONGITUDE, near
from benchmarks.table.values import EMAIL, NAME, known_as
from scantrail.model import Request

_E7 = round(LATITUDE * 1e7), round(LONGITUDE * 1e7)
_HASH = hashlib.sha256(EMAIL.encode()).hexdigest()


def _json(value: object) -> Request:
    return make(body=json.dumps(value), headers={"Content-Type": "application/json"})


def _query(query: str) -> Request:
    return make(f"https://collect.test/v1?{query}")


def _body(data: bytes | str, content_type: str) -> Request:
    return make(body=data, headers={"Content-Type": content_type})


def _saml(text: str) -> str:
    return quote(b64(zlib.compress(text.encode(), wbits=-15)), safe="")


VALUES: tuple[Way, ...] = (
    known_as(
        "email", "JSON with a byte order mark", _body(b"\xef\xbb\xbf" + json.dumps({"m": EMAIL}).encode(), "text/json")
    ),
    known_as("email", "query string in a JSON string", _json({"q": f"a=1&m={quote(EMAIL, safe='')}&z=2"})),
    known_as(
        "email", "base64 of JSON in a cookie", make(headers={"Cookie": "s=" + b64(json.dumps({"u": {"m": EMAIL}}))})
    ),
    known_as(
        "email",
        "URL-safe base64 in the path",
        make("https://px.test/t/" + base64.urlsafe_b64encode(f'{{"m":"{EMAIL}"}}'.encode()).decode()),
    ),
    known_as("email", "base64 of msgpack in JSON", _json({"d": b64(msgpack.packb({"m": EMAIL, "n": 1}))})),
    known_as(
        "email",
        "JSON in a byte string of CBOR",
        _body(cbor2.dumps({"p": json.dumps({"m": EMAIL}).encode()}), "application/cbor"),
    ),
    known_as(
        "email", "JSON in protobuf", _body(proto((1, 3), (2, json.dumps({"m": EMAIL}))), "application/x-protobuf")
    ),
    known_as(
        "email", "gzip in protobuf", _body(proto((1, 3), (2, gzip.compress(EMAIL.encode()))), "application/x-protobuf")
    ),
    known_as("email", "SAML redirect", _query("SAMLRequest=" + _saml(f"<p><id>{EMAIL}</id></p>"))),
    known_as("email", "PHP serialised", _json({"s": f'a:1:{{s:4:"mail";s:{len(EMAIL)}:"{EMAIL}";}}'})),
    known_as("email", "YAML", _body(f"user:\n  mail: {EMAIL}\n", "text/yaml")),
    known_as("email", "CSV", _body(f"1,{EMAIL},x\n2,b,y\n", "text/csv")),
    known_as("email", "quoted-printable", _body("u=" + EMAIL.replace("@", "=40"), "text/plain")),
    known_as(
        "email",
        "two gzip members",
        _body(gzip.compress(b'{"m":"') + gzip.compress(f'{EMAIL}"}}'.encode()), "application/gzip"),
    ),
    known_as(
        "email",
        "gzip whose end is missing",
        _body(gzip.compress(json.dumps({"m": EMAIL, "pad": "abc" * 99}).encode())[:-8], "application/gzip"),
    ),
    known_as("email", "base64 of gzip, twice", _json(b64(gzip.compress(b64(gzip.compress(EMAIL.encode())).encode())))),
    known_as("email", "hash under a bracketed name", _query(f"ud%5Bem%5D={_HASH}&cd%5Bv%5D=1")),
    known_as(
        "email",
        "hash in a JSON array in a form",
        _body("h=" + quote(json.dumps([_HASH])), "application/x-www-form-urlencoded"),
    ),
    known_as(
        "email",
        "md5 of md5",
        _json(
            hashlib.md5(
                hashlib.md5(EMAIL.encode(), usedforsecurity=False).hexdigest().encode(), usedforsecurity=False
            ).hexdigest()
        ),
    ),
    known_as("email", "capitals at random", _json("MEI.Lin84@Postbox.Test")),
    known_as(
        "email",
        "hash in a cookie, gzip, base64",
        make(headers={"Cookie": "z=" + b64(gzip.compress(json.dumps({"h": _HASH}).encode())).rstrip("=")}),
    ),
    known_as(
        "name",
        "multipart filename*",
        _body(
            f"--b\r\nContent-Disposition: form-data; name=f; filename*=UTF-8''{quote(NAME)}.txt\r\n\r\nx\r\n--b--\r\n",
            "multipart/form-data; boundary=b",
        ),
    ),
    known_as("name", "Chinese in a sentence", _json({"t": f"用户{NAME}已登录"})),
    known_as("name", "sha256 of the Chinese", _json(hashlib.sha256(NAME.encode()).hexdigest())),
)
PLACES: tuple[Way, ...] = (
    Way("objects with a value", _json({"lat": {"value": LATITUDE}, "lng": {"value": LONGITUDE}}), near(5)),
    Way("degrees and decimal minutes", _json({"lat": "30° 15.5546' N", "lng": "120° 07.8445' E"}), near(10)),
    Way("degrees with letters", _json({"place": "30d15m33.28s N, 120d07m50.67s E"}), near(10)),
    Way("degrees, minutes, seconds in arrays", _json({"lat": [30, 15, 33.2784], "lng": [120, 7, 50.6712]}), near(10)),
    Way("pairs with names in one text", _json({"ctx": f"lat:{LATITUDE};lng:{LONGITUDE};acc:10"}), near(30)),
    Way("arrays of a track", _json({"lats": [LATITUDE, 30.2601], "lons": [LONGITUDE, 120.1312]}), near(150)),
    Way("track of pairs", _json({"path": [[LONGITUDE, LATITUDE], [120.1312, 30.2601]]}), near(150)),
    Way(
        "browser's X-Geo",
        make(headers={"X-Geo": "w " + b64(proto((1, 1), (5, proto((1, _E7[0]), (2, _E7[1])))))}),
        near(5),
    ),
    Way("numbered members", _json({"position": {"0": LATITUDE, "1": LONGITUDE}}), near(5)),
    Way("prefixed names", _query(f"userLatitude={LATITUDE}&userLongitude={LONGITUDE}"), near(5)),
    Way("decimal commas", _json({"lat": "30,259244", "lng": "120,130742"}), near(5)),
    Way("full-width comma", _json({"loc": f"{LATITUDE}，{LONGITUDE}"}), near(5)),
    Way(
        "radians in doubles of protobuf",
        _body(proto((1, math.radians(LATITUDE)), (2, math.radians(LONGITUDE))), "application/x-protobuf"),
        near(5),
    ),
    Way(
        "address in English",
        _json({"address": "12 Lingyin Rd, Xihu District, Hangzhou, Zhejiang"}),
        lambda d: d.kind in ("address", "city", "district"),
    ),
    Way("district alone", _json({"district": "西湖区"}), lambda d: d.kind == "district"),
    Way("city in the path, Chinese", make("https://w.test/" + quote("杭州市") + "/today"), lambda d: d.kind == "city"),
)
_MISSES: tuple[tuple[str, Request], ...] = (
    ("angles near the place in radians", _json({"rotation": 0.528, "angle": 2.097})),
    ("bytes that read as E7", _json({"rx_bytes": 302500000, "tx_bytes": 1201500000})),
    ("language under lng", _json({"lng": "zh", "lat": "latin"})),
    ("formula like a plus code", _json({"formula": "4X+22", "grade": "B+", "rate": "25+"})),
    ("unset IMEI and Android id", _json({"imei": "000000000000000", "androidId": "0000000000000000"})),
    ("zeroed advertising id", _json({"idfa": "00000000-0000-0000-0000-000000000000", "lmt": 1})),
    ("device id unknown", _json({"deviceId": "unknown", "oaid": "", "did": "undefined"})),
    ("hotlines", _json({"tel": "10086", "phone": "400-820-8820"})),
    ("health of a server", _json({"healthStatus": "UP", "health": "green", "cluster_health": "yellow"})),
    ("police in a picture's path", make("https://cdn.test/img/police-car.png")),
    ("words that are cities too", _json({"state": "Reading", "platform": "Mobile", "comment": "nice", "room": "Bath"})),
    ("colour that is a city too", _json({"color": "Orange", "brand": "Lincoln", "font": "Verona"})),
    ("theme named after a city", make("https://cdn.test/assets/paris-theme.css")),
    (
        "address of memory and of a coin",
        _json({"address": "0x7ffe12ab", "wallet_address": "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"}),
    ),
    ("place on the page", _json({"place": "sidebar", "location": "header", "position": "fixed"})),
    ("dates like codes", _json({"areaCode": "+86", "day": "20200217", "zip": "00000"})),
    ("advertising id of another", _json({"id": "3f2a9c14-7b60-4d8e-9a51-c0ffee12d0d1"})),
    ("another murmur", _json({"bucket": 1234567890, "slot": 403})),
    ("two integers in protobuf", _body(proto((1, 300000000), (2, 1200000000), (3, "n")), "application/x-protobuf")),
    ("empty contact", _json({"email": "", "phone": None, "name": ""})),
    ("IPv6 loopback and link-local", _json({"bind": "::1", "gw": "fe80::1"})),
    ("card of a test", _json({"bin": "411111", "last4": "1111"})),
    ("frame rates", _json({"fps": [59.94, 60.01], "range": "30.00,60.00"})),
    ("bounds of a chart", _json({"min": [10.5, 20.25], "max": [80.75, 90.5]})),
    ("quantiles", _json({"p50": 30.2613, "p99": 120.1352})),
    ("weights of a model", _json({"w": [0.12345, -0.54321, 1.00001], "bias": [12.34567, 45.67891]})),
)
MISSES: tuple[Way, ...] = tuple(Way(name, request) for name, request in _MISSES)
