"""Ways to send one position or its city: units, precisions, orders, datums, cells, binary forms, codes and names."""

import json
import math
import struct
from collections.abc import Callable, Iterable
from urllib.parse import quote, quote_plus

import cbor2
import h3
import msgpack
from openlocationcode import openlocationcode

from benchmarks.encoders import b64, fixed32, geohash, proto, s2_cell, s2_token, varint, zigzag
from benchmarks.har import make
from benchmarks.table import Way
from scantrail.geo import distance_m, gcj02_to_bd09, wgs84_to_gcj02
from scantrail.model import Datum, Disclosure, Request

LATITUDE, LONGITUDE = 30.259244, 120.130742  # WGS-84, in Xihu, Hangzhou
_G = tuple(float(x) for x in wgs84_to_gcj02(LATITUDE, LONGITUDE))
_B = tuple(float(x) for x in gcj02_to_bd09(*_G))
NEEDLES = {
    "latitude": ("30.2592", "30.259", "30.26"),
    "longitude": ("120.1307", "120.131", "120.13"),
    "city": ("Hangzhou", "杭州", "330100", "330106", "0571", "310000"),
}
"""What somebody who knows the place would look for as text: for the tools that take texts alone."""
_MERCATOR_M = 6_378_137.0  # EPSG:3857's sphere


def near(within_m: float) -> Callable[[Disclosure], bool]:
    """Whether a disclosure says the place, within so many metres."""

    def right(disclosure: Disclosure) -> bool:
        if disclosure.latitude is None or disclosure.longitude is None:
            return False
        return float(distance_m(disclosure.latitude, disclosure.longitude, LATITUDE, LONGITUDE)) <= within_m

    return right


def _kind(*kinds: str) -> Callable[[Disclosure], bool]:
    return lambda disclosure: disclosure.kind in kinds


def _json(value: object) -> Request:
    return make(body=json.dumps(value), headers={"Content-Type": "application/json"})


def _query(query: str) -> Request:
    return make(f"https://geo.test/v1?{query}")


def _form(**values: str) -> Request:
    body = "&".join(f"{key}={quote_plus(value)}" for key, value in values.items())
    return make(body=body, headers={"Content-Type": "application/x-www-form-urlencoded"})


def _body(data: bytes | str, content_type: str) -> Request:
    return make(body=data, headers={"Content-Type": content_type})


def _dms(degrees: float, marks: str = "°'\"") -> str:
    minutes, seconds = divmod(round(degrees * 36_000) / 10, 60)
    return f"{int(minutes // 60)}{marks[0]}{int(minutes % 60):02d}{marks[1]}{seconds:04.1f}{marks[2]}"


def _nmea(degrees: float, width: int) -> str:
    whole = int(degrees)
    return f"{whole:0{width}d}{(degrees - whole) * 60:07.4f}"


type _Row = tuple[str, Request, float]
_LAT, _LON = f"{LATITUDE}", f"{LONGITUDE}"


def _written() -> Iterable[_Row]:
    """Decimal degrees of WGS-84, written in every order and place; metres within which it is to be found."""
    yield "two query parameters", _query(f"lat={_LAT}&lon={_LON}"), 5
    yield "latitude and longitude as numbers", _json({"latitude": LATITUDE, "longitude": LONGITUDE}), 5
    yield "as texts", _json({"lat": _LAT, "lng": _LON}), 5
    yield "four decimals", _query(f"lat={LATITUDE:.4f}&lng={LONGITUDE:.4f}"), 15
    yield "three decimals", _query(f"lat={LATITUDE:.3f}&lng={LONGITUDE:.3f}"), 120
    yield "two decimals", _query(f"lat={LATITUDE:.2f}&lng={LONGITUDE:.2f}"), 1_200
    yield "one decimal", _query(f"lat={LATITUDE:.1f}&lng={LONGITUDE:.1f}"), 9_000
    yield "cut after three decimals", _query("lat=30.259&lng=120.130"), 130
    yield "cut after two decimals", _query("lat=30.25&lng=120.13"), 1_500
    yield "sixteen digits", _json({"lat": 30.259244000000002, "lng": 120.13074199999998}), 5
    yield "scientific notation", _body('{"lat":3.0259244e1,"lng":1.20130742e2}', "application/json"), 5
    yield "one text, latitude first", _json({"latlng": f"{_LAT},{_LON}"}), 5
    yield "one text, longitude first", _json({"location": f"{_LON},{_LAT}"}), 5
    yield "with a semicolon", _query(f"ll={_LAT}%3B{_LON}"), 5
    yield "with a bar and a radius", _json({"gps": f"{_LON}|{_LAT}|35|1581868800"}), 5
    yield "with a space", _json({"point": f"{_LAT} {_LON}"}), 5
    yield "in brackets", _json({"coords": f"({_LAT}, {_LON})"}), 5
    yield "under a name that says nothing", _json({"p1": f"{_LAT},{_LON}"}), 5
    yield "two numbers under names that say nothing", _json({"a": LATITUDE, "b": LONGITUDE}), 5
    yield "x and y", _json({"x": LONGITUDE, "y": LATITUDE}), 5
    yield (
        "Q and R, as a map SDK names them",
        _form(geo_api_info=json.dumps({"position": {"Q": LATITUDE, "R": LONGITUDE}})),
        5,
    )
    yield "array, latitude first", _json({"where": [LATITUDE, LONGITUDE]}), 5
    yield "GeoJSON", _json({"type": "Point", "coordinates": [LONGITUDE, LATITUDE]}), 5
    yield "W3C position", _json({"coords": {"latitude": LATITUDE, "longitude": LONGITUDE, "accuracy": 12.5}}), 15
    yield "form array", _body(f"pos%5B%5D={_LAT}&pos%5B%5D={_LON}", "application/x-www-form-urlencoded"), 5
    yield "in the path", make(f"https://weather.test/v2/{_LAT},{_LON}/daily.json"), 5
    yield "two segments of the path", make(f"https://weather.test/v2/lat/{_LAT}/lon/{_LON}"), 5
    yield "cookie", make(headers={"Cookie": f"theme=1; loc={_LAT}|{_LON}; z=3"}), 5
    yield "two headers", make(headers={"X-Latitude": _LAT, "X-Longitude": _LON}), 5
    yield "Geolocation header", make(headers={"X-Geo": f"{_LAT};{_LON};cep=20"}), 30
    yield "geo: URI", _json({"uri": f"geo:{_LAT},{_LON};u=20"}), 30
    yield "ISO 6709", _json({"place": "+30.259244+120.130742/"}), 5
    yield "hemispheres as letters", _json({"place": f"{_LAT}N,{_LON}E"}), 5
    yield "WKT", _json({"geom": f"POINT({_LON} {_LAT})"}), 5
    yield "GPX", _body(f'<gpx><wpt lat="{_LAT}" lon="{_LON}"/></gpx>', "application/gpx+xml"), 5
    yield "KML", _body(f"<kml><Point><coordinates>{_LON},{_LAT},0</coordinates></Point></kml>", "text/xml"), 5
    yield "in a sentence of a log", _json({"msg": f"onLocationChanged lat={_LAT} lon={_LON} acc=20"}), 30
    yield "WebSocket", make("wss://live.test/s", messages=[json.dumps({"lat": LATITUDE, "lon": LONGITUDE})]), 5
    yield "base64 of JSON", _query("d=" + b64(json.dumps({"lat": LATITUDE, "lng": LONGITUDE})).rstrip("=")), 5
    yield (
        "percent three times",
        _query("u=" + quote(quote(quote(f"lat={_LAT}&lng={_LON}", safe=""), safe=""), safe="")),
        5,
    )
    yield "CSV", _body(f"1581868800,{_LAT},{_LON},12\n1581868860,{_LAT},{_LON},12\n", "text/csv"), 5


def _units() -> Iterable[_Row]:
    """Other units and cells."""
    lat, lon = LATITUDE, LONGITUDE
    yield "E6", _json({"latE6": round(lat * 1e6), "lonE6": round(lon * 1e6)}), 5
    yield "E7", _json({"latitudeE7": round(lat * 1e7), "longitudeE7": round(lon * 1e7)}), 5
    yield "E7 under lat and lng", _json({"lat": round(lat * 1e7), "lng": round(lon * 1e7)}), 5
    yield "E5", _json({"lat": round(lat * 1e5), "lng": round(lon * 1e5)}), 5
    yield "E6 as texts in a query", _query(f"lat={round(lat * 1e6)}&lon={round(lon * 1e6)}"), 5
    yield "milliarcseconds", _json({"lat": round(lat * 3_600_000), "lon": round(lon * 3_600_000)}), 5
    yield "degrees, minutes, seconds", _json({"lat": _dms(lat) + "N", "lon": _dms(lon) + "E"}), 10
    yield "the same in one text", _json({"place": f"{_dms(lat)}N {_dms(lon)}E"}), 10
    yield "the same with primes", _json({"place": f"N {_dms(lat, '°′″')}, E {_dms(lon, '°′″')}"}), 10
    yield "EXIF rationals", _json({"GPSLatitude": "30/1,15/1,3328/100", "GPSLongitude": "120/1,7/1,5067/100"}), 10
    yield (
        "NMEA RMC",
        _body(f"$GPRMC,000000,A,{_nmea(lat, 2)},N,{_nmea(lon, 3)},E,0.0,0.0,170220,,*00", "text/plain"),
        10,
    )
    yield (
        "NMEA GGA in JSON",
        _json({"nmea": f"$GPGGA,000000,{_nmea(lat, 2)},N,{_nmea(lon, 3)},E,1,08,0.9,5,M,,,,*00"}),
        10,
    )
    yield "radians", _json({"lat_rad": round(math.radians(lat), 8), "lon_rad": round(math.radians(lon), 8)}), 5
    yield (
        "radians under lat and lon",
        _json({"lat": round(math.radians(lat), 9), "lon": round(math.radians(lon), 9)}),
        5,
    )
    x, y = _MERCATOR_M * math.radians(lon), _MERCATOR_M * math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    yield "Web Mercator", _json({"x": round(x, 2), "y": round(y, 2)}), 5
    yield "Web Mercator, whole metres", _query(f"x={x:.0f}&y={y:.0f}&sr=3857"), 5
    yield "geohash of 9", _json({"geohash": geohash(lat, lon, 9)}), 10
    yield "geohash of 7", _json({"gh": geohash(lat, lon, 7)}), 150
    yield "geohash of 5", _query("geohash=" + geohash(lat, lon, 5)), 4_000
    yield "H3, resolution 9", _json({"h3": h3.latlng_to_cell(lat, lon, 9)}), 250
    yield "H3, resolution 7", _json({"cell": h3.latlng_to_cell(lat, lon, 7)}), 1_700
    yield "H3 as a number", _json({"h3": int(h3.latlng_to_cell(lat, lon, 9), 16)}), 250
    yield "S2 token, level 16", _json({"s2": s2_token(s2_cell(lat, lon, 16))}), 150
    yield "S2 id, level 13", _json({"cell_id": str(s2_cell(lat, lon, 13))}), 1_200
    yield "S2 leaf", _json({"s2cell": s2_cell(lat, lon, 30)}), 5
    yield "plus code", _json({"code": openlocationcode.encode(lat, lon)}), 15
    yield "plus code of 8", _query("plus=" + quote(openlocationcode.encode(lat, lon, 8))), 250


def _binary() -> Iterable[_Row]:
    """Binary forms."""
    lat, lon = LATITUDE, LONGITUDE
    seven = round(lat * 1e7), round(lon * 1e7)
    pb = "application/x-protobuf"
    yield "protobuf doubles", _body(proto((1, lat), (2, lon)), pb), 5
    yield "protobuf doubles, nested", _body(proto((1, "scan"), (4, proto((1, lat), (2, lon), (3, 12.0)))), pb), 5
    floats = fixed32(1, struct.pack("<f", lat)) + fixed32(2, struct.pack("<f", lon))
    yield "protobuf floats", _body(proto((9, 5)) + floats, pb), 5
    fixed = fixed32(1, struct.pack("<i", seven[0])) + fixed32(2, struct.pack("<i", seven[1]))
    yield "protobuf sfixed32, E7", _body(proto((7, "loc")) + fixed, pb), 5
    zigzags = varint(1 << 3) + zigzag(seven[0]) + varint(2 << 3) + zigzag(seven[1])
    yield "protobuf sint32, E7", _body(proto((7, "loc")) + zigzags, pb), 5
    yield "protobuf int32, E7", _body(proto((7, "loc"), (1, seven[0]), (2, seven[1])), pb), 5
    yield "base64 of protobuf doubles", _json({"blob": b64(proto((1, lat), (2, lon), (3, "n")))}), 5
    yield "msgpack", _body(msgpack.packb({"lat": lat, "lng": lon}), "application/msgpack"), 5
    yield "CBOR", _body(cbor2.dumps({"lat": lat, "lng": lon}), "application/cbor"), 5
    yield "two doubles, base64", _json({"loc": b64(struct.pack("<dd", lat, lon))}), 5
    yield "two doubles, big-endian", _json({"loc": b64(struct.pack(">dd", lat, lon))}), 5
    yield "two floats, base64", _json({"loc": b64(struct.pack("<ff", lat, lon))}), 5
    yield "two int32, E7, base64", _json({"loc": b64(struct.pack("<ii", *seven))}), 5
    yield "WKB, hexadecimal", _json({"geom": struct.pack("<BIdd", 1, 1, lon, lat).hex()}), 5


type _Shifted = tuple[str, Request, float, Datum]


def _datums() -> Iterable[_Shifted]:
    """The datums of China's maps, stated or not."""
    (glat, glon), (blat, blon) = _G, _B
    yield "GCJ-02, stated", _json({"lat": round(glat, 6), "lng": round(glon, 6), "coordType": "gcj02"}), 5, "gcj02"
    yield "GCJ-02, not stated", _json({"lat": round(glat, 6), "lng": round(glon, 6)}), 5, "gcj02"
    yield "GCJ-02, x-location header", make(headers={"x-location": f"{glon:.6f}%2C{glat:.6f}"}), 5, "gcj02"
    yield "GCJ-02, four decimals", _query(f"location={glon:.4f},{glat:.4f}"), 15, "gcj02"
    yield "GCJ-02, E6", _json({"lat": round(glat * 1e6), "lng": round(glon * 1e6)}), 5, "gcj02"
    mine = {"longitude": f"{glon:.6f}", "latitude": f"{glat:.6f}", "cityAdcode": "330100", "horizontalAccuracy": "30"}
    yield "GCJ-02, my.getLocation", _json(mine), 40, "gcj02"
    yield "GCJ-02, protobuf doubles", _body(proto((1, glat), (2, glon)), "application/x-protobuf"), 5, "gcj02"
    yield "BD-09, stated", _query(f"lat={blat:.6f}&lng={blon:.6f}&coord_type=bd09ll"), 5, "bd09"
    yield "BD-09, not stated", _json({"location": {"lng": round(blon, 6), "lat": round(blat, 6)}}), 5, "bd09"
    yield "BD-09, one text", _query(f"latlng={blat:.5f},{blon:.5f}"), 10, "bd09"


def _areas() -> Iterable[tuple[str, Request, tuple[str, ...]]]:
    """The city or district by name or code, and radio networks; the kinds that are right."""
    city, code = ("city", "address"), ("adcode",)
    link = "alipays://platformapi/startapp?appId=1&url=" + quote("https://h5.test/i?orgCode=330100-0007", safe="")
    yield "city in Chinese", _json({"city": "杭州市"}), city
    yield "city in Latin letters", _query("city=Hangzhou"), city
    yield "city, percent-encoded GBK", _query("cityName=" + quote("杭州市".encode("gbk"))), city
    yield "city in a cookie with bars", make(headers={"Cookie": "a=1; geoData=hangzhou|17|310000|CN|AS"}), city
    yield "city in upper case with others", _json({"geo": {"country": "CN", "region": "ZJ", "city": "HANGZHOU"}}), city
    yield "city in a header of a CDN", make(headers={"X-Geo-City": "Hangzhou"}), city
    yield "province, city, district", _json({"area": "浙江省 杭州市 西湖区"}), (*city, "district")
    yield "address", _json({"formattedAddress": "浙江省杭州市西湖区灵隐路12号"}), ("address", "city", "district")
    yield "adcode of the city", _json({"cityAdcode": "330100"}), code
    yield "adcode of the district", _query("adcode=330106"), code
    yield "adcode as a number", _json({"addressComponent": {"adcode": 330106}}), code
    yield "twelve-digit area code", _json({"areaCode": "330106000000"}), code
    yield "telephone code", _json({"addressComponent": {"citycode": "0571"}}), ("telephone_code",)
    yield "postcode", _form(postcode="310013", country="CN"), ("postcode",)
    yield "orgCode in a deep link", _query("qr=" + quote(quote(link, safe=""), safe="")), code
    yield "city name in protobuf", _body(proto((1, 5), (2, "杭州市")), "application/x-protobuf"), city
    yield "Wi-Fi BSSIDs", _json({"wifi": [{"bssid": "5c:0e:8b:71:a2:3d", "rssi": -60}]}), ("wifi",)
    yield (
        "Wi-Fi, Amap's macs",
        _query("accesstype=1&mmac=5c:0e:8b:71:a2:3d,-55,home&macs=d4:ee:07:1c:09:aa,-70,x"),
        ("wifi",),
    )
    yield "cell, Amap's bts", _query("accesstype=0&network=GPRS&bts=460,01,40977,2205409,-65"), ("cell",)
    yield "cell as members", _json({"cell": {"mcc": 460, "mnc": 0, "lac": 22548, "cid": 61342}}), ("cell",)


WAYS: tuple[Way, ...] = (
    *(Way(name, request, near(m)) for part in (_written, _units, _binary) for name, request, m in part()),
    *(Way(name, request, near(m), (datum,)) for name, request, m, datum in _datums()),
    *(Way(name, request, _kind(*kinds)) for name, request, kinds in _areas()),
)
