"""Baidu Maps: reverse geocoding (latitude first) and placing by address. BD-09 unless a field states another datum.

Its positioning by radio networks has the fields of AMap's: see `amap`.
"""

from collections.abc import Mapping

from scantrail.detectors.adapters.row import Adapter, Example, Means, Place
from scantrail.model import Datum

_WEB = "lbsyun.baidu.com, web API guide (reverse geocoding 3.0: latitude first, BD-09 by default), read 2026-11"
_IP_LOCATION = "lbsyun.baidu.com, web API guide, IP location"
_COORDTYPE: Mapping[str, Datum] = {
    "bd09ll": "bd09",
    "gcj02ll": "gcj02",
    "gcj02": "gcj02",
    "wgs84ll": "wgs84",
    "wgs84": "wgs84",
}

ROWS = (
    Adapter(
        "baidu-reverse-geocoding",
        "Baidu reverse geocoding",
        _WEB,
        (
            Example(
                "https://api.map.baidu.com/reverse_geocoding/v3/?ak=0a1b&location=31.225696,121.499763&coordtype=wgs84ll",
                tells=(("position", "31.225696,121.499763"),),
            ),
            Example(
                "https://maps.test/reverse_geocoding/v3?ak=0a1b&location=31.225696,121.499763",
                tells=(("position", "31.225696,121.499763"),),
            ),
        ),
        (
            Example("https://maps.test/geocoding/v3?ak=0a1b&location=31.225696,121.499763"),
            Example("https://api.map.baidu.com/reverse_geocoding/v3?ak=0a1b&address=hangzhou"),
        ),
        means=(
            Means("response.body.result.addressComponent.city", "city", "the city of the position asked about"),
            Means("response.body.result.addressComponent.adcode", "adcode", "its GB/T 2260 code", r"\d{6}"),
            Means("response.body.result.addressComponent.district", "district", "its district"),
            Means("response.body.result.formatted_address", "address", "the address of the position asked about"),
        ),
        places=(
            Place(
                "query.location",
                "bd09",
                "the position asked about, latitude first",
                stated_in="query.coordtype",
                states=_COORDTYPE,
            ),
        ),
        ends=("/reverse_geocoding/v3", "/reverse_geocoding/v2"),
        shape=("query.location",),
    ),
    Adapter(
        "baidu-ip",
        "Baidu IP location",
        _IP_LOCATION,
        (
            Example(
                "https://api.map.baidu.com/location/ip?ak=0a1b&ip=111.206.214.37&coor=bd09ll",
                tells=(("ip_address", "111.206.214.37"),),
            ),
        ),
        (Example("https://maps.test/location/ip?ip=111.206.214.37"),),
        means=(
            Means("query.ip", "ip_address", "the address to be placed", r"[\da-fA-F.:]{7,45}"),
            Means("response.body.content.address_detail.city", "city", "where the server places the address"),
            Means("response.body.content.address_detail.adcode", "adcode", "where it places the address", r"\d{6}"),
        ),
        places=(
            Place(
                "response.body.content.point.y",
                "bd09",
                "where the server places the address",
                longitude="response.body.content.point.x",
                stated_in="query.coor",
                states=_COORDTYPE,
            ),
        ),
        ends=("/location/ip",),
        shape=("query.ak",),
        any_of=("query.ip", "query.coor", "response.body.content"),
    ),
)
