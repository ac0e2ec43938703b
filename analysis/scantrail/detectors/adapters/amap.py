"""AMap (AutoNavi): its web service, its positioning of hardware by radio networks, and what its browser SDK returns.

GCJ-02 throughout, longitude first.
"""

from collections.abc import Mapping

from scantrail.detectors.adapters.row import Adapter, Example, Means, Place
from scantrail.model import Datum

_WEB = "lbs.amap.com, web service API guide (longitude first, GCJ-02), read 2026-11"
_HARDWARE = (
    "mapsplatform.opnavi.com, geolocation; lbs.baidu.com, intel-hardware-api (locapi/v2); lbs.xiaojukeji.com, locrgeo; "
    "read 2026-11"
)
_JS = "lbs.amap.com, JavaScript API, AMap.Geolocation; the layout as in public health-report clients, 2020"
_HOSTS = ("restapi.amap.com", "restapi.opnavi.com")
_ADCODE = r"\d{6}"
_IP = r"[\da-fA-F.:]{7,45}"
_MAC = r"(?:[\da-fA-F]{2}[:-]?){6}"
_KEY = "key=0123456789abcdef0123456789abcdef"
_COORDSYS: Mapping[str, Datum] = {"gps": "wgs84", "autonavi": "gcj02", "baidu": "bd09"}

_COMPONENT = "addressComponent.adcode"
_JS_BODY = (
    '{"geo_api_info":"{\\"type\\":\\"complete\\",\\"position\\":{\\"Q\\":30.25,\\"R\\":120.16},\\"accuracy\\":35,'
    '\\"addressComponent\\":{\\"citycode\\":\\"0571\\",\\"adcode\\":\\"330106\\",\\"city\\":\\"杭州市\\"},'
    '\\"formattedAddress\\":\\"浙江省杭州市西湖区\\"}"}'
)


def _address(before: str, formatted: str) -> tuple[Means, ...]:
    component = before + "addressComponent."
    return (
        Means(component + "city", "city", "the city of the fix"),
        Means(component + "district", "district", "the district of the fix"),
        Means(component + "adcode", "adcode", "the district of the fix by its GB/T 2260 code", _ADCODE),
        Means(component + "citycode", "telephone_code", "the city of the fix by its telephone code", r"0?\d{2,4}"),
        Means(before + formatted, "address", "the address of the fix"),
    )


_CONVERTED: Mapping[str, Datum] = {"true": "gcj02", "false": "wgs84"}


def _fix(latitude: str, longitude: str, unless: str = "") -> Place:
    """The SDK's fix, of which health-report forms send the district as well: one fix at two precisions."""
    return Place(
        latitude,
        "gcj02",
        "the fix that the SDK took",
        longitude=longitude,
        stated_in="isConverted",
        states=_CONVERTED,
        accuracy="accuracy",
        unless=unless,
    )


ROWS = (
    Adapter(
        "amap-regeo",
        "AMap reverse geocoding",
        _WEB,
        (
            Example(
                f"https://restapi.amap.com/v3/geocode/regeo?location=116.481488,39.990464&{_KEY}",
                tells=(("position", "39.990464,116.481488"),),
            ),
            Example(
                f"https://maps.test/amap/v3/geocode/regeo?location=120.16,30.25&{_KEY}",
                tells=(("position", "30.25,120.16"),),
            ),
        ),
        (Example("https://maps.test/v3/geocode?location=120.16,30.25"), Example("https://restapi.amap.com/v3/x?l=1")),
        means=(
            *_address("response.body.regeocode.", "formatted_address"),
            Means("query.city", "adcode", "the city asked about, by its GB/T 2260 code", _ADCODE),
        ),
        places=(
            Place("query.location", "gcj02", "the position asked about, longitude first", longitude_first=True),
            Place("query.origin", "gcj02", "where a route begins, longitude first", longitude_first=True),
            Place(
                "query.locations",
                "gcj02",
                "a position to convert, longitude first",
                longitude_first=True,
                stated_in="query.coordsys",
                states=_COORDSYS,
            ),
        ),
        hosts=_HOSTS,
        ends=("/v3/geocode/regeo", "/v3/place/around", "/v3/assistant/coordinate/convert", "/v3/weather/weatherInfo"),
        any_of=("query.location", "query.origin", "query.locations", "query.city"),
    ),
    Adapter(
        "amap-ip",
        "AMap IP location",
        _WEB,
        (
            Example(f"https://restapi.amap.com/v3/ip?ip=114.247.50.2&{_KEY}", tells=(("ip_address", "114.247.50.2"),)),
            Example(f"https://maps.test/v3/ip?ip=114.247.50.2&{_KEY}", tells=(("ip_address", "114.247.50.2"),)),
        ),
        (Example("https://maps.test/v3/ip?ip=114.247.50.2"), Example(f"https://maps.test/v3/zip?ip=1.1.1.1&{_KEY}")),
        means=(
            Means("query.ip", "ip_address", "the address to be placed", _IP),
            Means("response.body.city", "city", "where the server places the address"),
            Means("response.body.adcode", "adcode", "where the server places the address", _ADCODE),
        ),
        ends=("/v3/ip", "/v5/ip"),
        shape=("query.key", "query.ip"),
    ),
    Adapter(
        "hardware-positioning",
        "hardware positioning (AMap, Baidu, DiDi)",
        _HARDWARE,
        (
            Example(
                "http://apilocate.amap.com/position?accesstype=0&imei=001010123456780&cdma=0&network=GSM"
                f"&bts=460,01,40977,2205409,-65&output=json&{_KEY}",
                tells=(("device_id", "001010123456780"), ("cell", "460,01,40977,2205409,-65")),
            ),
            Example(
                body="accesstype=1&imei=001010123456780&smac=02:00:00:44:55:66&mmac=02:11:22:33:44:55,-60,home"
                "&macs=02:11:22:33:44:56,-70,a|02:11:22:33:44:57,-80,b",
                tells=(
                    ("wifi", "02:11:22:33:44:55,-60,home"),
                    ("wifi", "02:11:22:33:44:56,-70,a|02:11:22:33:44:57,-80,b"),
                    ("device_id", "02:00:00:44:55:66"),
                ),
            ),
            Example(
                "https://api.map.baidu.com/locapi/v2",
                body='{"body":[{"accesstype":2,"imei":"001010123456780","gps":"120.16|30.25|30",'
                '"bts":"460,0,4189,8869,-63","macs":"02:11:22:33:44:55,-60,a"}]}',
                tells=(("position", "30.25,120.16"), ("cell", "460,0,4189,8869,-63"), ("device_id", "001010123456780")),
            ),
        ),
        (
            Example("https://maps.test/?accesstype=1&page=2"),
            Example("https://maps.test/?bts=1,2&macs=a|b"),
            Example(body='{"body":[{"gps":"120.16|30.25|30"}]}'),
        ),
        means=(
            Means("imei", "device_id", "the phone's IMEI", r"\d{14,16}"),
            Means("idfa", "device_id", "the phone's advertising id", r"[\dA-Fa-f-]{32,36}"),
            Means("smac", "device_id", "the phone's own MAC address", _MAC),
            Means("imsi", "device_id", "the SIM card's IMSI", r"\d{14,15}"),
            Means("tel", "phone_number", "the phone's number", r"\+?\d{6,15}"),
            Means("serverip", "ip_address", "the address of the mobile gateway", _IP),
            Means("clientip", "ip_address", "the address of the mobile gateway", _IP),
            Means("bts", "cell", "the serving cell: country, network, area, cell, signal", r"[\d,.\s-]{5,}"),
            Means("nearbts", "cell", "the cells around: country, network, area, cell, signal each", r"[\d,.|\s-]{5,}"),
            Means("mmac", "wifi", "the network it is on: MAC address, signal, name", _MAC + ",.*"),
            Means("macs", "wifi", "the networks around: MAC address, signal, name each", _MAC + ",.*"),
        ),
        places=(Place("gps", "wgs84", "the satellite fix: longitude, latitude, radius", longitude_first=True),),
        shape=("accesstype",),
        any_of=("bts", "nearbts", "mmac", "macs", "smac", "imei", "gps"),
    ),
    Adapter(
        "amap-js-geolocation",
        "AMap geolocation result",
        _JS,
        (Example(body=_JS_BODY, tells=(("position", "30.25,120.16"), ("adcode", "330106"), ("city", "杭州市"))),),
        (
            Example(body='{"addressComponent":{"adcode":"330106"}}'),
            Example(body='{"position":{"Q":30.25,"R":120.16},"adcode":"330106"}'),
        ),
        means=_address("", "formattedAddress"),
        places=(
            _fix("position.lat", "position.lng"),
            _fix("position.Q", "position.R", unless="position.lat"),
            _fix("position[1]", "position[0]"),
        ),
        shape=(_COMPONENT,),
        any_of=("formattedAddress", "position", "location_type"),
    ),
    Adapter(
        "amap-sdk-binary",
        "AMap location SDK",
        "aps.amap.com/APS/r, the SDK's own endpoint; its format is not published",
        (Example("http://aps.amap.com/APS/r?ver=4.1", body="\x00\x01\x02\x03", tells=(("opaque", "4 bytes"),)),),
        (Example("http://aps.amap.com/other", body="{}"),),
        means=(
            Means(
                "body",
                "opaque",
                "bytes that nobody here can read, to the endpoint at which its SDK asks where the phone is",
            ),
        ),
        ends=("/APS/r",),
        shape=("body",),
    ),
)
