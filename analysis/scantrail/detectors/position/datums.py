"""In which datum a position was sent: stated beside it, or inferred by a row of `DATUMS`, or unknown."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from scantrail.detectors.opened import Opened, normal_key
from scantrail.detectors.position.keys import role_of
from scantrail.model import Datum, Field


class DatumRule(NamedTuple):
    """A row: when a field with such a key, or a receiver of such a name, goes with a position, its datum follows.

    Keys are compared as in `Rule`; rows without `keys` look at `hosts` alone.
    """

    id: str
    keys: str
    datum: Datum
    reasoning: str
    hosts: str = ""


DATUMS = (
    DatumRule(
        "my-get-location",
        r"cityadcode|districtadcode|provinceadcode|horizontalaccuracy",
        "gcj02",
        "inferred: the fields of Alipay's my.getLocation stand beside it, which gives GCJ-02 only",
    ),
    DatumRule(
        "mtop-x-location",
        r"xlocation",
        "gcj02",
        "inferred: the x-location header of mtop clients, which take positions from a GCJ-02 map SDK",
    ),
    DatumRule(
        "amap-geolocation",
        r"locationtype|addresscomponent|formattedaddress",
        "gcj02",
        "inferred: the fields of AMap's Geolocation result stand beside it, which is GCJ-02",
    ),
    DatumRule(
        "amap-host",
        "",
        "gcj02",
        "inferred: it was sent to AMap, whose services take GCJ-02",
        r"(.*\.)?(amap|autonavi)\.com",
    ),
    DatumRule(
        "tencent-map-host",
        "",
        "gcj02",
        "inferred: it was sent to Tencent's maps, which take GCJ-02",
        r"(.*\.)?map\.qq\.com",
    ),
    DatumRule(
        "baidu-map-host",
        "",
        "bd09",
        "inferred: it was sent to Baidu's map services, which take BD-09 unless told otherwise",
        r"(.*\.)?(api\.map|map|maponline\d?)\.(baidu|bdimg)\.com",
    ),
)
STATED: dict[str, str] = {
    "wgs84": "wgs84",
    "wgs84ll": "wgs84",
    "wgs": "wgs84",
    "gps": "wgs84",
    "epsg4326": "wgs84",
    "4326": "wgs84",
    "urnogcdefcrsogc13crs84": "wgs84",
    "crs84": "wgs84",
    "cgcs2000": "wgs84",
    "gcj02": "gcj02",
    "gcj02ll": "gcj02",
    "gcj": "gcj02",
    "mars": "gcj02",
    "amap": "gcj02",
    "gaode": "gcj02",
    "autonavi": "gcj02",
    "tencent": "gcj02",
    "bd09": "bd09",
    "bd09ll": "bd09",
    "baidu": "bd09",
    "bd09mc": "bd09mc",
    "webmercator": "webmercator",
    "mercator": "webmercator",
    "epsg3857": "webmercator",
    "3857": "webmercator",
    "900913": "webmercator",
    "epsg900913": "webmercator",
    "102100": "webmercator",
}
"""What a field that names a datum may say. `bd09mc` are Baidu's metres."""

_COMPILED = tuple((rule, re.compile(rule.keys), re.compile(rule.hosts)) for rule in DATUMS)


class Statement(NamedTuple):
    """A datum and why it is taken."""

    datum: str
    because: str


def stated(fields: Iterable[Field]) -> Statement | None:
    """What a field says of the datum of those beside it."""
    for field in fields:
        role = role_of(field.key)
        if role and role.what == "datum" and (datum := _meant(normal_key(field.key), field.text)):
            return Statement(datum, f"stated: {field.key} is {field.text}")
    return None


def stated_anywhere(opened: Opened, side: str) -> Statement | None:
    """What one side of a request says of its datum, if it says one thing only."""
    found = {
        statement.datum: statement for field in opened.fields if field.side == side and (statement := stated((field,)))
    }
    return next(iter(found.values())) if len(found) == 1 else None


def inferred(beside: Iterable[Field], receiver: str) -> Statement | None:
    """What stands beside a position, or who receives it, says of its datum."""
    keys = [normal_key(field.key) for field in beside]
    for rule, pattern, hosts in _COMPILED:
        if (rule.keys and any(pattern.fullmatch(key) for key in keys)) or (rule.hosts and hosts.fullmatch(receiver)):
            return Statement(rule.datum, rule.reasoning)
    return None


@lru_cache(maxsize=1024)
def _meant(key: str, text: str) -> str | None:
    value = normal_key(text).replace(":", "").replace("/", "")
    if key in ("isconverted", "isgcj", "isgcj02"):
        return "gcj02" if value in ("true", "1") else None
    return STATED.get(value)
