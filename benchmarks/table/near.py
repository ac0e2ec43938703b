"""What only looks like a known value or a place: no tool should say anything of these."""

import hashlib
import json
import struct

import msgpack

from benchmarks.encoders import b64, proto
from benchmarks.har import make
from benchmarks.table import Way
from scantrail.model import Request


def _json(**value: object) -> Request:
    return make(body=json.dumps(value), headers={"Content-Type": "application/json"})


def _query(query: str) -> Request:
    return make(f"https://collect.test/v1?{query}")


def _body(data: bytes | str, content_type: str) -> Request:
    return make(body=data, headers={"Content-Type": content_type})


def _digest(name: str, text: str) -> str:
    return hashlib.new(name, text.encode()).hexdigest()


_ROWS: tuple[tuple[str, Request], ...] = (
    ("version of four numbers", _json(version="30.26.120.13")),
    ("versions in a list", _json(sdk=["30.2", "120.1"], build="30.259")),
    ("User-Agent", make(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0.6099.109 Safari/537.36"})),
    ("prices", _json(price=30.26, total=120.13, currency="CNY")),
    ("prices in a query", _query("min=30.26&max=120.13")),
    ("size of a picture", _json(width=375.5, height=812.25)),
    ("size in one text", _json(viewport="375,812", screen="1170x2532")),
    ("aspect ratio", _json(ratio="1.77,1.33")),
    ("scroll position", _json(scroll="0.25,0.75", position={"x": 412.5, "y": 88.25})),
    ("mouse", _json(mouse="412.50,88.25", points=[[12.5, 44.25], [13.5, 45.75]])),
    ("accelerometer", _json(accel=[0.12, 9.81, 0.03], gyro=[0.001, 0.002, -0.004])),
    ("timings", _json(timings=[30.125, 119.875], dns=12.25, tcp=48.75)),
    ("latency", _json(lat=41, unit="ms", long=False)),
    ("latency beside a long description", _json(latency=30.25, long_description="fast")),
    ("unset position", _json(lat=0, lng=0)),
    ("unset position, strings", _json(latitude="", longitude="")),
    ("impossible position", _json(lat=-999.0, lng=-999.0)),
    ("latitude past the pole", _json(latitude=230.5, longitude=120.5)),
    ("location is a path", _json(location="/home/index", position="top-left")),
    ("location is a URL", _json(location="https://shop.test/cart")),
    ("position in a list", _json(position=3, index="12,13")),
    ("timestamps", _json(ts=1581868800, ms=1581868800123, t="1581868800.259244")),
    ("two times", _json(start="30.259", end="42.118", duration="11.859")),
    ("date and time", _json(date="2020-02-17", time="05:71:00", at="20200217")),
    ("colours", _json(color="#30259a", fill="rgb(30,25,120)", theme="green")),
    ("status of a build", _json(status="green", build="red")),
    ("A/B arms", _query("treatments%5B0%5D=control&treatments%5B1%5D=B&arm=2")),
    ("experiment named after a city", _json(experiment="milan-checkout", variant="paris")),
    ("font and browser", _json(font="Geneva", browser="Safari", os="Monterey")),
    ("time zone", _json(timezone="Asia/Shanghai", offset=480)),
    ("language", _json(locale="zh-CN", lang="zh_Hans_CN")),
    ("city that is not known", _json(city="unknown", district="N/A")),
    ("capacity and velocity", _json(capacity="Large", velocity="High", publicity="None")),
    ("area of the page", _json(area="checkout", region="footer", zone="ad-top")),
    ("cloud region", _json(region="eu-central-1", zone="cn-hangzhou-b")),
    ("build number like an area code", _json(build="330100", revision=330106)),
    ("order number", _json(orderNo="330106154000123459")),
    ("amount like an area code", _json(amount=330100, bytes=310000)),
    ("trace number of 18 digits", _json(traceNo="330106202002170012")),
    ("PIN like a telephone code", _json(pin="0571", code="0571")),
    ("number that holds the telephone", _json(orderNo="9915400012345678")),
    ("eleven digits of another", _json(sku="15400012346")),
    ("md5 of something else", _json(etag=_digest("md5", "nobody@postbox.test"))),
    ("sha256 of something else", _json(hash=_digest("sha256", "mei.lin85@postbox.test"))),
    ("sha1 of a file", _json(integrity="sha1-" + b64(hashlib.sha1(b"script", usedforsecurity=False).digest()))),
    ("commit", _query("rev=" + _digest("sha1", "commit"))),
    ("trace context", make(headers={"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"})),
    ("ETag", make(headers={"If-None-Match": 'W/"5e4a-17054b2c8d0"'})),
    ("random base64", _json(nonce=b64(hashlib.sha256(b"nonce").digest()))),
    ("UUID of another", _json(event="7d444840-9dc0-11d1-b245-5ffdce74fad2")),
    ("snowflake number", _json(event_id="1229384756102938475", seq=1229384756102938476)),
    ("word like a geohash", _json(hash="ws105", key="wtmetal", slug="wtmkp")),
    ("hexadecimal like an H3 cell", _json(span="8a1b2c3d4e5f607", build_id="89300000000ffff1")),
    ("fingerprint of a certificate", _json(sha1="AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01")),
    ("placeholder MAC address", _json(bssid="02:00:00:00:00:00", mac="00:00:00:00:00:00")),
    (
        "counters in msgpack",
        _body(msgpack.packb({"a": 30, "b": 120, "c": [1, 2, 3], "score": 0.5}), "application/msgpack"),
    ),
    ("metrics in protobuf", _body(proto((1, 0.5), (2, 1.25), (3, 60)), "application/x-protobuf")),
    ("two doubles that are metrics", _body(proto((1, "cpu"), (2, 45.25), (3, 88.5)), "application/x-protobuf")),
    ("packed floats of audio", _json(pcm=b64(struct.pack("<8f", 0.1, -0.2, 0.3, 0.5, -0.7, 0.9, 0.2, 0.4)))),
    ("arithmetic", _json(expression="8+9", language="C++")),
    ("privacy policy", _json(api="getPrivacyPolicy", method="policyAccept")),
    ("condition of goods", _json(condition="new", treatment="cotton wash")),
    ("name of an event", _json(name="pageview", fileName="report.pdf", className="btn-mobile")),
    ("place holder", _json(placeholder="Your name", gateIdle="3", placeIdx=0)),
    ("device class", _json(deviceType="smartphone1", device_pixel_ratio=3, mobile=True)),
    ("IP address of the loopback", _json(host="127.0.0.1", bind="0.0.0.0")),  # noqa: S104 # data, bound by nobody
    ("version like an IP address", _json(app_version="10.1.85.20")),
    ("IMEI that fails its check", _json(imei="001010123456789")),
    ("resident id that fails its check", _json(serial="330106184905120016")),
    ("telephone key, no number", _json(mobile="true", tel="none", phoneModel="P30")),
    ("postcode of a book", _json(isbn="9787310000131", zip="archive.zip")),
    ("percentages", _json(battery=30.26, cpu=20.13, memory="75.25%")),
    ("matrix", _json(transform="matrix(1.00,0.00,0.00,1.00,30.25,12.50)")),
    ("path of an SVG", _json(d="M30.25,12.13L44.50,60.75Z")),
    ("tile of a picture pyramid", make("https://cdn.test/tiles/3/2/5.png")),
    ("e-mail's host alone", _json(smtp="postbox.test", support="https://postbox.test/help")),
)
MISSES: tuple[Way, ...] = tuple(Way(name, request) for name, request in _ROWS)
