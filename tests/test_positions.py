"""One position, sent in every way we could think of; and everything that looks like one and is none."""
# ruff: noqa: E501 - tables read best with a row on a line

import base64
import math
import struct
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

import h3
import pytest
from builders import START, disclosed, make_request
from hypothesis import given
from hypothesis import strategies as st
from openlocationcode import openlocationcode

from scantrail import mercator
from scantrail.cells import geohash_at, s2_at, s2_token
from scantrail.decoders import fields
from scantrail.detectors import detect
from scantrail.detectors.opened import opened
from scantrail.detectors.position import detect as positions_in
from scantrail.detectors.position.texts import SHAPES, shaped
from scantrail.geo import METRES_PER_DEGREE, Point, point_distance_m, point_from_wgs84
from scantrail.model import Disclosure, Field, Known, KnownPosition, Request, Scalar

HANGZHOU = (30.246026, 120.155077)
RIO = (-22.951916, -43.210487)
PLACES = {"hangzhou": HANGZHOU, "rio": RIO}
KNOWN = {name: Known(positions=(KnownPosition(name, *place),)) for name, place in PLACES.items()}


class Way(NamedTuple):
    """A way to send a position: how, as what it should be found, and whether its name or shape says what it is."""

    id: str
    send: Callable[[float, float], Request]
    datum: str = "wgs84"
    within_m: float = 2.0
    named: bool = False


def body(make: Callable[[float, float], object]) -> Callable[[float, float], Request]:
    return lambda lat, lon: make_request(body=make(lat, lon))


def query(make: Callable[[float, float], str]) -> Callable[[float, float], Request]:
    return lambda lat, lon: make_request(f"https://maps.test/api?{make(lat, lon)}")


def cut(value: float, decimals: int) -> str:
    """Truncated, not rounded."""
    scale = 10**decimals
    return f"{math.trunc(value * scale) / scale:.{decimals}f}"


def dms(value: float, sides: str, form: str = "{d}°{m:02d}'{s:05.2f}\"{side}") -> str:
    side = sides[value < 0]
    minutes, seconds = divmod(abs(value) * 3600, 60)
    degrees, minutes = divmod(int(minutes), 60)
    return form.format(d=degrees, m=minutes, s=seconds, side=side)


def nmea(value: float, sides: str, width: int) -> str:
    degrees = int(abs(value))
    return f"{degrees:0{width}d}{(abs(value) - degrees) * 60:07.4f},{sides[value < 0]}"


def ddmm(value: float) -> float:
    degrees = int(abs(value))
    return math.copysign(degrees * 100 + (abs(value) - degrees) * 60, value)


def in_datum(datum: str, make: Callable[[float, float], object]) -> Callable[[float, float], Request]:
    return body(lambda lat, lon: make(*point_from_wgs84((lat, lon), datum)))


def baidu_metres(lat: float, lon: float) -> Point:
    return mercator.to_baidu_metres(*point_from_wgs84((lat, lon), "bd09"))


def plus(lat: float, lon: float, length: int = 10) -> str:
    return str(openlocationcode.encode(lat, lon, length))


def sentence(lat: float, lon: float) -> str:
    core = f"GPRMC,081836,A,{nmea(lat, 'NS', 2)},{nmea(lon, 'EW', 3)},000.0,360.0,130998,011.3,E"
    check = 0
    for character in core:
        check ^= ord(character)
    return f"${core}*{check:02X}"


def rad(value: float) -> float:
    return round(math.radians(value), 8)


WAYS = [
    # two fields of one object
    Way("lat-lng", body(lambda a, o: {"lat": a, "lng": o}), named=True),
    Way("latitude-longitude-text", body(lambda a, o: {"latitude": f"{a}", "longitude": f"{o}"}), named=True),
    Way("query", query(lambda a, o: f"lat={a}&lon={o}"), named=True),
    Way("query-long", query(lambda a, o: f"userLatitude={a}&userLongitude={o}"), named=True),
    Way("nested-form", query(lambda a, o: f"loc[lat]={a}&loc[lng]={o}"), named=True),
    Way("chinese", body(lambda a, o: {"纬度": a, "经度": o}), named=True),
    Way("spanish", body(lambda a, o: {"latitud": a, "longitud": o}), named=True),
    Way("russian", body(lambda a, o: {"широта": a, "долгота": o}), named=True),
    Way("misspelt", body(lambda a, o: {"lattitude": a, "longtitude": o}), named=True),
    Way("gps-prefix", body(lambda a, o: {"gps_lat": a, "gps_lng": o}), named=True),
    Way("wrapped-values", body(lambda a, o: {"lat": {"value": a}, "lng": {"value": o}}), named=True),
    Way("firestore", body(lambda a, o: {"lat": {"doubleValue": a}, "lon": {"doubleValue": o}}), named=True),
    Way("different-objects", body(lambda a, o: {"a": {"lat": a}, "b": {"lng": o}}), named=True),
    Way("name-value-list", body(lambda a, o: [{"name": "lat", "value": f"{a}"}, {"name": "lng", "value": f"{o}"}]), named=True),
    Way("headers", lambda a, o: make_request(headers={"X-Lat": f"{a}", "X-Lng": f"{o}"}), named=True),
    Way("query-and-header", lambda a, o: make_request(f"https://a.test/?lat={a}", headers={"lng": f"{o}"}), named=True),
    Way("cookie", lambda a, o: make_request(headers={"Cookie": f"lat={a}; lng={o}; sid=3"}), named=True),
    Way("xy-in-location", body(lambda a, o: {"location": {"x": o, "y": a}}), named=True),
    Way("amap-object", body(lambda a, o: {"position": {"Q": a, "R": o, "lng": o, "lat": a}}), named=True),
    Way("exif", body(lambda a, o: {"GPSLatitude": dms(abs(a), "  ", "{d}/1, {m}/1, {s:.2f}"), "GPSLatitudeRef": "NS"[a < 0],
                                    "GPSLongitude": dms(abs(o), "  ", "{d}/1, {m}/1, {s:.2f}"), "GPSLongitudeRef": "EW"[o < 0]}),
        named=True),
    # scaled, named
    Way("e6-named", body(lambda a, o: {"latE6": round(a * 1e6), "lngE6": round(o * 1e6)}), named=True),
    Way("e7-named", body(lambda a, o: {"latitudeE7": round(a * 1e7), "longitudeE7": round(o * 1e7)}), named=True),
    Way("e5-unsaid", body(lambda a, o: {"lat": round(a * 1e5), "lng": round(o * 1e5)}), named=True),
    Way("e6-unsaid", body(lambda a, o: {"lat": round(a * 1e6), "lng": round(o * 1e6)})),
    Way("mas-named", body(lambda a, o: {"lat_mas": round(a * 3.6e6), "lon_mas": round(o * 3.6e6)}), named=True),
    Way("radians-named", body(lambda a, o: {"latRad": rad(a), "lonRad": rad(o)}), named=True),
    Way("ddmm-named", body(lambda a, o: {"lat": f"{ddmm(a):.4f}", "lon": f"{ddmm(o):.4f}"}), named=True),
    # one text
    Way("location-lng-lat", body(lambda a, o: {"location": f"{o},{a}"})),
    Way("location-lat-lng", body(lambda a, o: {"location": f"{a},{o}"}), named=True),
    Way("lnglat", body(lambda a, o: {"lnglat": f"{o},{a}"}), named=True),
    Way("latlng-semicolon", body(lambda a, o: {"latlng": f"{a};{o}"}), named=True),
    Way("ll-percent", query(lambda a, o: f"ll={a}%2C{o}"), named=True),
    Way("x-location", lambda a, o: make_request(headers={"x-location": f"{o}%2C{a}"}), within_m=600, named=True),
    Way("bars-radius", body(lambda a, o: {"gps": f"{o}|{a}|35.0"})),
    Way("brackets", body(lambda a, o: {"coords": f"[{a}, {o}]"})),
    Way("wkt", body(lambda a, o: {"g": f"POINT({o} {a})"}), named=True),
    Way("ewkt", body(lambda a, o: {"g": f"SRID=4326;POINT({o} {a})"}), named=True),
    Way("geo-uri", body(lambda a, o: {"link": f"geo:{a},{o}?z=15"}), named=True),
    Way("iso-6709", body(lambda a, o: {"p": f"{a:+08.4f}{o:+09.4f}/"}), within_m=12, named=True),
    Way("dms", body(lambda a, o: {"p": f"{dms(a, 'NS')} {dms(o, 'EW')}"}), named=True),
    Way("dms-ascii", body(lambda a, o: {"p": f"{dms(a, 'NS', '{d} {m} {s:.2f} {side}')}, {dms(o, 'EW', '{d} {m} {s:.2f} {side}')}"}), named=True),
    Way("dms-two-fields", body(lambda a, o: {"lat": dms(a, "NS"), "lng": dms(o, "EW")}), named=True),
    Way("degrees-letters", body(lambda a, o: {"p": f"{abs(a)}° {'NS'[a < 0]}, {abs(o)}° {'EW'[o < 0]}"}), named=True),
    Way("nmea-pair", body(lambda a, o: {"p": f"{nmea(a, 'NS', 2)},{nmea(o, 'EW', 3)}"}), named=True),
    Way("nmea-sentence", body(lambda a, o: {"nmea": sentence(a, o)}), named=True),
    Way("names-inside", body(lambda a, o: {"msg": f"lat:{a},lng:{o}"}), named=True),
    Way("names-inside-form", body(lambda a, o: {"loc": f"lat={a};lng={o}"}), named=True),
    Way("ewkb-hex", body(lambda a, o: {"geom": "0101000020E6100000" + struct.pack("<dd", o, a).hex().upper()}), named=True),
    # arrays
    Way("geojson", body(lambda a, o: {"type": "Point", "coordinates": [o, a]}), named=True),
    Way("geojson-altitude", body(lambda a, o: {"type": "Point", "coordinates": [o, a, 12.5]}), named=True),
    Way("track", body(lambda a, o: {"coordinates": [[o, a], [o + 0.01, a + 0.01]]}), named=True),
    Way("array-text", body(lambda a, o: {"location": [f"{o:.6f}", f"{a:.6f}"]}), named=True),
    Way("array-under-loc", body(lambda a, o: {"loc": [o, a]}), named=True),
    # cells, named
    Way("geohash-9", body(lambda a, o: {"geohash": geohash_at(a, o, 9)}), within_m=5, named=True),
    Way("geohash-6-upper", body(lambda a, o: {"geoHash": geohash_at(a, o, 6).upper()}), within_m=700, named=True),
    Way("h3-9", body(lambda a, o: {"h3": h3.latlng_to_cell(a, o, 9)}), within_m=220, named=True),
    Way("h3-integer", body(lambda a, o: {"h3Index": int(h3.latlng_to_cell(a, o, 10), 16)}), within_m=90, named=True),
    Way("s2-token", body(lambda a, o: {"s2_token": s2_token(s2_at(a, o, 16))}), within_m=150, named=True),
    Way("s2-id", body(lambda a, o: {"s2CellId": str(s2_at(a, o, 30))}), within_m=1, named=True),
    Way("plus-code", body(lambda a, o: {"plusCode": plus(a, o)}), within_m=10, named=True),
    Way("quadkey", body(lambda a, o: {"quadkey": mercator.quadkey_at(a, o, 17)}), within_m=230, named=True),
    Way("tile", body(lambda a, o: {"tile": "16/{}/{}".format(*mercator.tile_at(a, o, 16))}), within_m=450, named=True),
    Way("bbox", body(lambda a, o: {"bbox": [round(o - 0.01, 6), round(a - 0.01, 6), round(o + 0.01, 6), round(a + 0.01, 6)]}), named=True),
    # no name at all
    Way("bare-object", body(lambda a, o: {"a": a, "b": o})),
    Way("bare-swapped", body(lambda a, o: {"a": o, "b": a})),
    Way("bare-array", body(lambda a, o: {"d": [1, o, a, 3]})),
    Way("bare-text", body(lambda a, o: {"d": f"{a},{o}"})),
    Way("bare-in-a-sentence", body(lambda a, o: {"note": f"We are at {a} / {o} today"})),
    Way("bare-path", lambda a, o: make_request(f"https://w.test/forecast/{a:.4f},{o:.4f}"), within_m=12),
    Way("bare-path-segments", lambda a, o: make_request(f"https://w.test/forecast/{a:.4f}/{o:.4f}"), within_m=12),
    Way("map-url-at", lambda a, o: make_request(f"https://w.test/maps/@{a},{o},17z")),
    Way("bare-apart", lambda a, o: make_request(f"https://w.test/?p={a:.5f}", body={"z": {"q": round(o, 5)}}), within_m=2),
    Way("bare-two-objects", body(lambda a, o: {"p": {"d": round(a, 5)}, "q": {"d": round(o, 5)}})),
    Way("bare-3-decimals", body(lambda a, o: {"d": f"{a:.3f},{o:.3f}"}), within_m=80),
    Way("bare-3-decimals-cut", body(lambda a, o: {"d": [float(cut(a, 3)), float(cut(o, 3))]}), within_m=160),
    Way("bare-zeros-lost", body(lambda a, o: {"f1": round(a, 4), "f2": round(o, 3)}), within_m=60),
    Way("bare-e5", body(lambda a, o: [round(a * 1e5), round(o * 1e5)])),
    Way("bare-e6", body(lambda a, o: {"u": round(a * 1e6), "v": round(o * 1e6)})),
    Way("bare-e7", body(lambda a, o: {"u": round(a * 1e7), "v": round(o * 1e7)})),
    Way("bare-e7-text", body(lambda a, o: {"u": f"{round(o * 1e7)}_{round(a * 1e7)}"})),
    Way("bare-e6-cut", body(lambda a, o: {"u": math.trunc(a * 1e4) * 100, "v": math.trunc(o * 1e4) * 100}), within_m=16),
    Way("bare-mas", body(lambda a, o: {"u": round(a * 3.6e6), "v": round(o * 3.6e6)})),
    Way("bare-arcseconds", body(lambda a, o: {"u": round(a * 3600, 1), "v": round(o * 3600, 1)}), within_m=4),
    Way("bare-radians", body(lambda a, o: {"u": rad(a), "v": rad(o)})),
    Way("bare-ddmm", body(lambda a, o: {"u": f"{ddmm(a):.4f}", "v": f"{ddmm(o):.4f}"})),
    Way("bare-semicircles", body(lambda a, o: {"u": round(a * 2**31 / 180), "v": round(o * 2**31 / 180)})),
    Way("bare-unsigned-e7", body(lambda a, o: {"u": round(a * 1e7) % 2**32, "v": round(o * 1e7) % 2**32})),
    Way("bare-geohash", body(lambda a, o: {"k": geohash_at(a, o, 8)}), within_m=20),
    Way("bare-geohash-5", body(lambda a, o: {"k": geohash_at(a, o, 5)}), within_m=3600),
    Way("bare-h3", body(lambda a, o: {"k": h3.latlng_to_cell(a, o, 8)}), within_m=600),
    Way("bare-s2", body(lambda a, o: {"k": s2_token(s2_at(a, o, 14))}), within_m=500),
    Way("bare-s2-signed", body(lambda a, o: {"k": (s2_at(a, o, 20) + 2**63) % 2**64 - 2**63}), within_m=10),
    Way("bare-plus-code", body(lambda a, o: {"k": plus(a, o)}), within_m=10),
    Way("short-plus-code", body(lambda a, o: {"k": plus(a, o)[4:] + " Somewhere"}), within_m=10),
    Way("bare-quadkey", body(lambda a, o: {"k": mercator.quadkey_at(a, o, 18)}), within_m=120),
    Way("tile-path", lambda a, o: make_request("https://t.test/tiles/16/{}/{}.png".format(*mercator.tile_at(a, o, 16))), within_m=450),
    Way("bare-gt06", body(lambda a, o: [round(a * 1.8e6), round(o * 1.8e6)])),
    Way("form-of-one-name", lambda a, o: make_request(f"https://a.test/?p[]={o:.5f}&p[]={a:.5f}")),
    Way("x-geo", lambda a, o: make_request(headers={"X-Geo": f"{a:.5f},{o:.5f}"}), named=True),
    Way("doubles-base64", body(lambda a, o: {"d": base64.b64encode(struct.pack("<dd", a, o)).decode()})),
    Way("doubles-hex", body(lambda a, o: {"d": struct.pack(">dd", o, a).hex()})),
    Way("floats-base64", body(lambda a, o: {"d": base64.b64encode(struct.pack(">ff", a, o)).decode()}), within_m=12),
    Way("e7-base64", body(lambda a, o: {"d": base64.b64encode(struct.pack("<ii", round(a * 1e7), round(o * 1e7))).decode()})),
    Way("e6-base64url", body(lambda a, o: {"d": base64.urlsafe_b64encode(struct.pack(">ii", round(a * 1e6), round(o * 1e6))).decode()[:11]})),
    Way("record-of-bytes", lambda a, o: make_request(body=struct.pack("<IHdd", 0xFFFEFDFC, 1, a, o))),
    Way("web-mercator", body(lambda a, o: [round(x, 2) for x in mercator.to_metres(a, o)]), "webmercator"),
    Way("web-mercator-whole", body(lambda a, o: {"m": "{:.0f},{:.0f}".format(*mercator.to_metres(a, o))}), "webmercator"),
]  # fmt: skip

IN_CHINA = [
    Way("chinese-degrees", body(lambda a, o: {"p": "北纬" + dms(a, "  ", "{d}度{m}分{s:.2f}秒") + "，东经" + dms(o, "  ", "{d}度{m}分{s:.2f}秒")}), named=True),
    Way("gcj02", in_datum("gcj02", lambda a, o: {"u": round(a, 6), "v": round(o, 6)}), "gcj02"),
    Way("bd09", in_datum("bd09", lambda a, o: {"u": round(a, 6), "v": round(o, 6)}), "bd09"),
    Way("gcj02-named", in_datum("gcj02", lambda a, o: {"lat": round(a, 6), "lng": round(o, 6)}), "gcj02"),
    Way("gcj02-stated", in_datum("gcj02", lambda a, o: {"lat": a, "lng": o, "coordType": "gcj02"}), "gcj02", named=True),
    Way("gcj-key", in_datum("gcj02", lambda a, o: {"gcjLat": a, "gcjLng": o}), "gcj02", named=True),
    Way("converted", in_datum("gcj02", lambda a, o: {"lat": a, "lng": o, "isConverted": True}), "gcj02", named=True),
    Way("bd09-stated", in_datum("bd09", lambda a, o: {"latitude": a, "longitude": o, "coord_type": "bd09ll"}), "bd09", named=True),
    Way("bd09mc-stated", body(lambda a, o: {"location": "{:.2f},{:.2f}".format(*baidu_metres(a, o)), "coordtype": "bd09mc"}), "bd09"),
    Way("bare-bd09mc", body(lambda a, o: {"u": "{:.2f}|{:.2f}".format(*baidu_metres(a, o))}), "bd09"),
    Way("gcj02-e6", in_datum("gcj02", lambda a, o: {"u": round(a * 1e6), "v": round(o * 1e6)}), "gcj02"),
    Way("gcj02-geohash", in_datum("gcj02", lambda a, o: {"k": geohash_at(a, o, 8)}), "gcj02", 20),
    Way("bd09-geohash", in_datum("bd09", lambda a, o: {"k": geohash_at(a, o, 9)}), "bd09", 5),
    Way("gcj02-h3", in_datum("gcj02", lambda a, o: {"k": h3.latlng_to_cell(a, o, 10)}), "gcj02", 90),
    Way("gcj02-s2", in_datum("gcj02", lambda a, o: {"k": s2_token(s2_at(a, o, 18))}), "gcj02", 40),
    Way("x-location-gcj02", lambda a, o: make_request(
        headers={"x-location": "{1:.6f}%2C{0:.6f}".format(*point_from_wgs84((a, o), "gcj02"))}), "gcj02", named=True),
    Way("amap-host", lambda a, o: make_request(
        "https://restapi.amap.com/v3?location={1:.6f},{0:.6f}".format(*point_from_wgs84((a, o), "gcj02"))), "gcj02", named=True),
    Way("gcj02-3-decimals", in_datum("gcj02", lambda a, o: {"u": [round(a, 3), round(o, 3)]}), "gcj02", 80),
]  # fmt: skip

CASES = [(name, way) for name in PLACES for way in WAYS] + [("hangzhou", way) for way in IN_CHINA]


def found(request: Request, known: Known = Known()) -> list[Disclosure]:
    return [d for d in detect(fields(request), known) if d.kind == "position"]


@pytest.mark.parametrize(("name", "way"), CASES, ids=lambda value: getattr(value, "id", value))
def test_a_known_position_is_found_in_every_way(name: str, way: Way) -> None:
    disclosures = [d for d in found(way.send(*PLACES[name]), KNOWN[name]) if d.known]
    assert len(disclosures) == 1
    (position,) = disclosures
    assert position.known == name
    assert position.distance_m is not None
    assert position.distance_m <= way.within_m
    assert position.latitude is not None
    assert position.longitude is not None
    assert point_distance_m((position.latitude, position.longitude), PLACES[name]) <= way.within_m + 0.1
    assert position.datum in (way.datum, "unknown" if way.within_m > 200 else way.datum)


@pytest.mark.parametrize(
    ("name", "way"), [(n, w) for n, w in CASES if w.named], ids=lambda value: getattr(value, "id", value)
)
def test_a_position_whose_name_says_so_is_found_unknown(name: str, way: Way) -> None:
    nearest = [
        point_distance_m((d.latitude, d.longitude), PLACES[name])
        for d in found(way.send(*PLACES[name]))
        if d.latitude is not None and d.longitude is not None
    ]
    assert nearest
    assert min(nearest) <= way.within_m + (0 if way.datum == "wgs84" else 1)


def test_the_table_is_large_enough() -> None:
    assert len({way.id for way in WAYS + IN_CHINA}) == len(WAYS + IN_CHINA) >= 60


NEAR_MISSES: dict[str, object] = {
    "playback": {"currentTime": 30.246026, "duration": 120.155077},
    "timings-fine": {"timing": {"dns": 30.24603, "tcp": 120.15508}},
    "file-sizes": {"size": 30246026, "total": 120155077},
    "bytes-array": {"bytes": [30246026, 120155077]},
    "campaigns": {"campaign_id": "120155077", "experiment_id": "30246026"},
    "loudness": {"lufs": -22.95, "rms": -43.21},
    "quotes": {"bid": 30.24603, "last": 120.15508},
    "mean-and-deviation": {"mean": 30.24603, "sd": 120.15508},
    "latencies": {"latencies": [30.25, 120.16, 52.5, 13.4, 33.8]},
    "hsl-text": {"c": "hsl(120.16,30.25%,52%)"},
    "rectangle": {"rect": {"x": 120.155, "y": 30.246, "top": 30.246, "left": 120.155}},
    "client-xy": {"clientX": 120.15508, "clientY": 30.24603},
    "eight-bytes": {"k": "3q2+78r+ur4=", "trace": "9774d56d682e549c"},
    "version": {"version": "10.1840"},
    "version-pair": {"appVersion": "30.25", "osVersion": "120.16"},
    "version-four": {"v": "30.24.120.15"},
    "user-agent": {"ua": "Mozilla/5.0 (Linux; Android 10) Chrome/120.15.30.24 Safari/537.36"},
    "price-pair": {"price": "30.25", "total": "120.16"},
    "prices-array": {"prices": [30.25, 120.16]},
    "amounts": {"amount": 30.246, "fee": 120.155},
    "size": {"size": "30.25x120.16"},
    "sizes-array": {"sizes": [[120, 30], [300, 250]]},
    "width-height": {"width": 120.16, "height": 30.25},
    "w-h": {"w": 120.155, "h": 30.246},
    "viewport": {"viewport": "1201x3024"},
    "viewport-numbers": {"viewport": [120.16, 30.25]},
    "screen": {"screen": {"x": 120.155, "y": 30.246}},
    "touch": {"touchX": 120.155, "touchY": 30.246},
    "touch-point": {"touchPoint": "120.16,30.25"},
    "click-position": {"clickPosition": [120.16, 30.25]},
    "scroll-position": {"scrollPosition": "0,1240.5"},
    "cursor-list": {"mouse": [[120.1, 30.2], [121.4, 31.2]]},
    "seconds": {"ts": 1581897600, "t": 302460260},
    "timestamp-pair": {"start": 1706000000, "end": 1706003600},
    "timestamp-milliseconds": {"ts": 1706000000123},
    "time-fraction": {"begin": "1706000000.1234", "finish": "1706000001.5678"},
    "colour": {"color": "#1e78a0", "bg": "rgba(30,120,16,0.25)"},
    "colour-numbers": {"rgb": [30.25, 120.16, 22.5]},
    "ab-arm": {"treatments": ["exp_120_30", "arm-30.25"], "bucket": 30},
    "ab-arms": {"ab": "30246,120155"},
    "hash": {"h": "344b62a9f0e1d2c3b4a5968778695a4b"},
    "hash-16": {"androidId": "344c62a111d2e3f4"},
    "uuid": {"id": "344b62a1-11d2-4e3f-8a5b-6c7d8e9f0a1b"},
    "sha1": {"sha1": "wtmkq06903b4ffd1c2a7e0b5c6d7e8f901234567"},
    "token": {"token": "wtmxAbC9dEfGhIjKlMnOpQr"},
    "word": {"word": "wtmk"},
    "short-geohash": {"x1": "wtm"},
    "duration": {"duration": "30.246", "elapsed": "120.155"},
    "timings": {"timing": {"dns": 30.246, "tcp": 120.155}},
    "percentages": {"percent": 30.25, "progress": 120.16},
    "ratings": {"rating": 4.5, "ratingCount": 120},
    "scores": {"scores": [30.246, 120.155]},
    "ip": {"ip": "120.155.30.246"},
    "ip-port": {"addr": "30.246.120.155:8080"},
    "phone": {"mobile": "13024612015"},
    "phone-international": {"phone": "+86 30246026 120155077"[:12]},
    "resident-id": {"idCardNo": "330106184905120015"},
    "order-number": {"orderNo": "302460261201550"},
    "bank-card": {"card": "6222021201550770302"},
    "imei": {"imei": "001010123456780"},
    "null-island": {"lat": 0, "lng": 0},
    "null-island-decimals": {"lat": "0.000000", "lng": "0.000000"},
    "lat-zero": {"lat": 0, "lng": 120.155077},
    "lng-zero": {"latitude": 30.246026, "longitude": 0},
    "nearly-null": {"lat": "4.9E-324", "lng": "4.9E-324"},
    "minus-one": {"lat": -1, "lng": -1},
    "minus-one-decimals": {"lat": "-1.0", "lng": "-1.0"},
    "lat-alone": {"lat": 30.246026},
    "lng-alone": {"lng": 120.155077},
    "lat-twice": {"lat": 30.246026, "latitude": 30.246026},
    "one-known-number": {"value": 30.246026, "other": 7.125},
    "one-known-number-in-text": {"s": "30.246026,7.125000"},
    "lat-text": {"lat": "unknown", "lng": "unknown"},
    "latency": {"latency": 30.246, "length": 120.155},
    "flat-long": {"flat": 30.246026, "salong": 1.5},
    "platform": {"plat": "4", "lang": "120.155"},
    "location-word": {"location": "Hangzhou"},
    "location-integers": {"location": "30,120"},
    "location-index": {"location": "3,7"},
    "location-https": {"location": "https://a.test/30/120"},
    "position-index": {"position": 3, "positions": [1, 2, 3]},
    "position-percent": {"position": "30.25,80.16"},
    "path": {"path": "M120.1 30.2L121.5 31.2Z"},
    "svg-path": {"d": "M30.2,120.1 L30.25,120.16 C3,4 5,6 7,8"},
    "matrix": {"transform": "matrix(1, 0, 0, 1, 30.25, 120.16)"},
    "bezier": {"ease": "0.25,0.1,0.25,1.0"},
    "accelerometer": {"acc": {"x": 0.1201, "y": 0.3024, "z": 9.8123}},
    "sensor": {"gyro": [0.52789, 2.09710, 0.11]},
    "many-metrics": {f"m{i}": round(28 + i * 0.73, 2) for i in range(40)} | {"m99": 120.16},
    "date-numbers": {"date": "2020-02-17", "d": "17.02.2020"},
    "ratio": {"ratio": "16:9", "dpr": 3.0},
    "range-header": {"range": "bytes=3024-12015"},
    "quantities": {"a": 30.2, "b": 120.2},
    "integers": {"a": 30, "b": 120},
    "list-of-integers": [30, 120, 25, 16],
    "random-e7": {"a": 318223344, "b": 1174455667},
    "random-e6": {"a": 31822334, "b": 117445566},
    "other-place-6-decimals": {"a": 31.230416, "b": 121.473701},
    "other-place-3-decimals": {"a": "30.251,120.159"},
    "other-place-text": {"s": "30.346026,120.155077"},
    "neighbouring-geohash": {"k": "wtmkr00p"},
    "other-h3": {"k": "8830e1d88dfffff"},
    "other-s2": {"k": "35b27008c4"},
    "other-plus-code": {"k": "8FVC9G8F+6X"},
    "other-quadkey": {"k": "132121131230102310"},
    "quadkey-like": {"bits": "0123012301"},
    "tile-like": {"p": "1/2/3"},
    "json-schema": {"minLat": 30, "maxLng": 121},
    "stock": {"code": "600519", "open": 1201.55, "close": 302.46},
    "weights": {"weight": 120.155, "bmi": 30.246},
    "temperature": {"temp": 30.246, "pressure": 120.155},
    "memory": {"memory": "30.246", "cpu": "120.155"},
    "build": {"build": 30246026, "revision": 120},
    "csv": {"csv": "1,2,3\n30.2,5.1,120.2\n7,8,9"},
}  # fmt: skip


@pytest.mark.parametrize("known", [Known(), *KNOWN.values()], ids=["unknown", *KNOWN])
@pytest.mark.parametrize("name", NEAR_MISSES)
def test_near_misses_are_no_positions(name: str, known: Known) -> None:
    assert found(make_request(body=NEAR_MISSES[name]), known) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "App/30.246.0 (iPhone; iOS 12.0155; Scale/3.00)"},
        {"Range": "bytes=30246026-120155077"},
        {"If-None-Match": 'W/"30246026-120155"'},
        {"Accept": "text/html;q=0.9,image/webp;q=0.8"},
        {"Server-Timing": "edge; dur=30.246, origin; dur=120.155"},
    ],
)
def test_headers_that_hold_two_numbers_are_no_positions(headers: dict[str, str]) -> None:
    assert found(make_request(headers=headers), KNOWN["hangzhou"]) == []


def test_there_are_enough_near_misses() -> None:
    assert len(NEAR_MISSES) >= 60


# Binary forms: what decoders give of protobuf, msgpack, structs.


def binary(*values: tuple[str, Scalar]) -> list[Field]:
    request, parent = make_request(), "body|protobuf"
    return [
        Field(
            path=f"{parent}.{name}",
            parent=parent,
            key=name[0],
            value=value,
            source="body",
            side="sent",
            because=request,
        )
        for name, value in values
    ]


def float32(value: float) -> Decimal:
    return Decimal(struct.unpack("<f", struct.pack("<f", value))[0])


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize(
    "make",
    [
        lambda a, o: binary(("1|double", Decimal(a)), ("2|double", Decimal(o))),
        lambda a, o: binary(("1|double", Decimal(repr(a))), ("1|fixed64", 4629769183391678464), ("2|double", Decimal(repr(o)))),
        lambda a, o: binary(("3|float", float32(o)), ("7|float", float32(a))),
        lambda a, o: binary(("1|varint", round(a * 1e7) % 2**64), ("2|varint", round(o * 1e7) % 2**64)),
        lambda a, o: binary(("1|zigzag", round(a * 1e6)), ("1|varint", 1), ("2|zigzag", round(o * 1e6))),
    ],
    ids=["double", "readings", "float", "varint", "zigzag"],
)  # fmt: skip
def test_binary_forms_are_found(name: str, make: Callable[[float, float], list[Field]]) -> None:
    (position,) = [d for d in detect(make(*PLACES[name]), KNOWN[name]) if d.kind == "position"]
    assert position.known == name
    assert position.distance_m == pytest.approx(0, abs=10)


# What the answer says


def test_a_datum_that_digits_cannot_tell_is_unknown_and_both_are_named() -> None:
    (position,) = found(make_request(body={"u": 30.2, "v": 120.1, "lat": 30.2, "lng": 120.1}), KNOWN["hangzhou"])
    assert position.datum == "unknown"
    assert {"WGS-84", "GCJ-02"} <= set(position.datum_because.split())
    assert position.precision_class == "city"


def test_a_stated_datum_that_the_position_belies_is_said() -> None:
    body = {"lat": HANGZHOU[0], "lng": HANGZHOU[1], "coordType": "gcj02"}
    (position,) = found(make_request(body=body), KNOWN["hangzhou"])
    assert position.datum == "wgs84"
    assert "though it is stated: coordType is gcj02" in position.datum_because


def test_an_error_of_the_gps_is_a_distance_and_no_other_place() -> None:
    off = (HANGZHOU[0] + 0.0009, HANGZHOU[1])
    (near,) = found(make_request(body={"u": off[0], "v": off[1]}), KNOWN["hangzhou"])
    assert near.distance_m == pytest.approx(0.0009 * METRES_PER_DEGREE, abs=0.1)
    assert found(make_request(body={"u": off[0] + 0.001, "v": off[1]}), KNOWN["hangzhou"]) == []


def test_of_two_known_positions_the_nearer_is_named() -> None:
    known = Known(
        positions=(KnownPosition("gate", HANGZHOU[0] + 0.0008, HANGZHOU[1]), KnownPosition("desk", *HANGZHOU))
    )
    (position,) = found(make_request(body={"u": HANGZHOU[0], "v": HANGZHOU[1]}), known)
    assert (position.known, position.distance_m) == ("desk", 0.0)


def test_a_position_counts_within_its_time_alone_bounds_included() -> None:
    hour = timedelta(hours=1)
    request = make_request(body={"u": HANGZHOU[0], "v": HANGZHOU[1]})
    for begin, end, counts in [
        (None, None, True),
        (START, START, True),
        (START - hour, None, True),
        (None, START - hour, False),
        (START + hour, None, False),
    ]:
        known = Known(positions=(KnownPosition("then", *HANGZHOU, begin, end),))
        assert bool(found(request, known)) == counts


def test_a_named_position_elsewhere_is_still_disclosed() -> None:
    (position,) = found(make_request(body={"lat": 48.8584, "lng": 2.2945}), KNOWN["hangzhou"])
    assert (position.known, position.distance_m) == (None, None)


def test_two_places_of_a_request_are_two_disclosures() -> None:
    body = {"from": {"lat": 30.25, "lng": 120.16}, "to": {"lat": 30.29, "lng": 120.21}}
    assert len(found(make_request(body=body))) == 2


@pytest.mark.parametrize(("shape", "text"), [(s.name, text) for s in SHAPES for text in s.positive])
def test_shapes_are_what_their_examples_promise(shape: str, text: str) -> None:
    name, readings = shaped(text)
    assert (name, bool(readings)) == (shape, True)


@pytest.mark.parametrize("text", [text for s in SHAPES for text in s.negative])
def test_what_only_resembles_a_shape_has_none(text: str) -> None:
    assert shaped(text) == ("", ())


# Whatever comes


@given(st.text(alphabet="0123456789.,;|-+ NSEWnsew°'\"():=latlnggeo$POINT", max_size=80), st.sampled_from(["lat", "location", "x", "bbox", "tile", "h3"]))  # fmt: skip
def test_any_text_under_any_name_is_judged_without_an_error(text: str, key: str) -> None:
    request = make_request()
    both = [
        Field(path=f"body.{name}", parent="body", key=name, value=text, source="body", side="sent", because=request)
        for name in (key, "lng")
    ]
    for known in (Known(), KNOWN["hangzhou"]):
        list(positions_in(opened(both, known)))


@given(st.lists(st.one_of(st.integers(), st.decimals(), st.booleans(), st.none(), st.binary(max_size=9)), max_size=6))
def test_any_values_are_judged_without_an_error(values: list[Scalar]) -> None:
    request = make_request()
    for key in ("coordinates", "lat", "z", "s2cell", "value"):
        items = [
            Field(
                path=f"b.{key}[{n}]", parent=f"b.{key}", key=key, value=v, source="body", side="sent", because=request
            )
            for n, v in enumerate(values)
        ]
        list(positions_in(opened(items, KNOWN["rio"])))


@pytest.mark.parametrize(
    "text",
    ["1." * 50_000, "30.24 " * 20_000, "9" * 100_000, "lat=" * 25_000, "30 15 " * 16_000, "POINT(" + "1 " * 50_000],
)
def test_hostile_texts_cost_no_more_than_their_length(text: str) -> None:
    started = time.process_time()
    for key in ("lat", "location", "note"):
        found(make_request(body={key: text}), KNOWN["hangzhou"])
    assert time.process_time() - started < 3


@pytest.mark.parametrize("shape", ["objects", "arrays"])
def test_a_long_trail_in_one_request_takes_time_in_proportion(shape: str) -> None:
    places = [(30 + number / 1e5, 120 + number / 1e5) for number in range(5_000)]
    objects = [{"lat": latitude, "lng": longitude} for latitude, longitude in places]
    arrays = {"lat": [latitude for latitude, _ in places], "lng": [longitude for _, longitude in places]}
    begun = time.perf_counter()
    found = disclosed(make_request(body=objects if shape == "objects" else arrays))
    assert len(found) == len(places)
    assert time.perf_counter() - begun < 4  # it was 17 s when each position looked at all others
