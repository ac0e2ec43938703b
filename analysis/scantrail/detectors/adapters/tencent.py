"""Tencent: its location service (latitude first, GCJ-02) and the position that WeChat gives a mini-program."""

from scantrail.detectors.adapters.row import Adapter, Example, Means, Place

_LBS = "lbs.qq.com, WebService API (latitude first, GCJ-02 unless coord_type), read 2026-11"
_WX = "developers.weixin.qq.com, wx.getLocation, read 2026-11"
_KEY = "key=OB4BZ-D4W3U-B7VVO-4PJWW-6TKDJ-WPB77"

ROWS = (
    Adapter(
        "tencent-lbs",
        "Tencent location service",
        _LBS,
        (
            Example(
                f"https://apis.map.qq.com/ws/geocoder/v1/?location=39.984154,116.307490&{_KEY}",
                tells=(("position", "39.984154,116.307490"),),
            ),
            Example(
                f"https://maps.test/ws/geocoder/v1?location=39.984154,116.307490&{_KEY}",
                tells=(("position", "39.984154,116.307490"),),
            ),
            Example(
                f"https://apis.map.qq.com/ws/location/v1/ip?ip=111.206.145.41&{_KEY}",
                tells=(("ip_address", "111.206.145.41"),),
            ),
        ),
        (
            Example("https://maps.test/geocoder/v1?location=39.9,116.3"),
            Example(f"https://apis.map.qq.com/ws/x?a=1&{_KEY}"),
        ),
        means=(
            Means("query.ip", "ip_address", "the address to be placed", r"[\da-fA-F.:]{7,45}"),
            Means("response.body.result.ad_info.adcode", "adcode", "where the server places it", r"\d{6}"),
            Means("response.body.result.ad_info.city", "city", "where the server places it"),
            Means("response.body.result.address", "address", "the address of the position asked about"),
        ),
        places=(
            Place(
                "query.location",
                "gcj02",
                "the position asked about, latitude first",
                stated_in="query.coord_type",
                states={"1": "wgs84", "3": "bd09", "5": "gcj02"},
            ),
            Place("query.from", "gcj02", "where a route begins, latitude first"),
            Place(
                "response.body.result.location.lat",
                "gcj02",
                "where the server places it",
                longitude="response.body.result.location.lng",
            ),
        ),
        hosts=("apis.map.qq.com",),
        ends=("/ws/geocoder/v1", "/ws/location/v1/ip", "/ws/direction/v1/walking", "/ws/direction/v1/driving"),
        any_of=("query.location", "query.ip", "query.from", "response.body.result.ad_info"),
    ),
    Adapter(
        "wechat-get-location",
        "WeChat wx.getLocation",
        _WX,
        (
            Example(
                body='{"latitude":30.25123,"longitude":120.16123,"speed":-1,"accuracy":65,"verticalAccuracy":65,'
                '"horizontalAccuracy":65,"errMsg":"getLocation:ok"}',
                tells=(("position", "30.25123,120.16123"),),
            ),
            Example(
                body="latitude=30.25123&longitude=120.16123&verticalAccuracy=0&horizontalAccuracy=65&type=gcj02",
                tells=(("position", "30.25123,120.16123"),),
            ),
        ),
        (Example(body='{"verticalAccuracy":65,"horizontalAccuracy":65,"accuracy":65}'),),
        places=(
            Place(
                "latitude",
                "wgs84",
                "the phone's position; WGS-84 unless gcj02 was asked for",
                longitude="longitude",
                stated_in="type",
                states={"gcj02": "gcj02", "wgs84": "wgs84"},
                accuracy="accuracy",
            ),
        ),
        shape=("verticalAccuracy", "horizontalAccuracy", "latitude", "longitude"),
    ),
)
