"""What a field's name says of a position: latitude, longitude, both, a cell, the datum, or something else."""

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from scantrail.detectors.words import words

type What = Literal[
    "lat", "lon", "pair", "vague", "box", "cell", "tile", "accuracy", "datum", "ref", "value", "name", "other"
]


class Role(NamedTuple):
    """What a name says. `stem` is what it has around that: the latitude and longitude of one place share it.

    `unit` is a unit or datum that the name states; `kind` of which sort a cell is, or which coordinate a reference
    (N or S, E or W) belongs to; `first` the coordinate that the name puts first.
    """

    what: What
    stem: str = ""
    unit: str = ""
    kind: str = ""
    first: str = ""


_LATITUDE = (
    r"lat(?:t?itude|itute|itud|itudine|d)?|lttd|纬度|緯度|weidu|wd|широта|breite(?:ngrad)?|위도|lintang|enlem|szerokosc|glat|"
    r"y?latitud"
)
_LONGITUDE = (
    r"lon(?:g?t?itude|gitud|gitudine|gtitude|g|d|gd|gt)?|lng|lgtd|经度|經度|経度|jingdu|jd|долгота|l(?:ae|ä)nge(?:ngrad)?|경도|"
    r"bujur|boylam|dlugosc|glng|glon"
)
_UNIT = (
    r"(?:(?:in|1|x|times)?(e[5678])|(micro(?:deg(?:ree)?s?)?)|(mas|msec|milliarcsec(?:ond)?s?)|((?:in)?rad(?:ian)?s?)|"
    r"(arcsec(?:ond)?s?)|(semicircles?)|deg(?:ree)?s?|dec(?:imal)?|val(?:ue)?|str(?:ing)?|num(?:ber)?|double|float|"
    r"wgs84|wgs|gcj02|gcj|bd09(?:ll)?|bd|gps|s|list|array)?"
)
_UNITS = ("", "microdegrees", "milliarcseconds", "radians", "arcseconds", "semicircles")
_LAT = re.compile(rf"(.{{0,40}}?)(?:{_LATITUDE}){_UNIT}(\d{{0,3}})")
_LON = re.compile(rf"(.{{0,40}}?)(?:{_LONGITUDE}){_UNIT}(\d{{0,3}})")
_REF = re.compile(
    r"(.{0,40}?)(?:(lat(?:itude)?)|(lon(?:g(?:itude)?)?|lng))(?:ref|dir(?:ection)?|hemi(?:sphere)?|ns|ew|side)(\d{0,3})"
    r"|(ns|northsouth|nsindicator)|(ew|eastwest|ewindicator)"
)
_DATUM = re.compile(r"(?:wgs|gcj|bd09|mars|baidu|amap|gaode|tencent)")

# Names under which two numbers are a position. Screens have positions too.
_ON_SCREEN = re.compile(
    r"(?:touch|click|tap|mouse|screen|scroll|cursor|break|check|data|anchor|pivot|control|focal|pointer|gesture|drag|swipe|view|"
    r"pixel|css|canvas|img|image|crop|face|color|colour|gradient|ui|button|texture|vertex|uv|price|time|page|list|item|ad).*"
)
_PAIR = re.compile(
    r".*(?:location|latlng|lnglat|latlon|lonlat|latlong|longlat|coords?|coordinates?|gps|gpsposition|gpsinfo|gpsloc|geopoint|"
    r"geoposition|geoloc|geohint|geolocation|sll|cll|userll|lbs|坐标|经纬度|位置|координаты|ubicacion|standort)"
    r"(?:wgs84|gcj02|bd09|str|string|s|list|info|data)?\d?|ll|geo|(?:x|user|my|device|ip|app|client|cur|current)geo|x?location"
)
# Names under which they are one if they have at least four decimals each: much else is called so.
_VAGUE = re.compile(
    r".*(?:position|points?|center|centre|origin|destination|path|polyline|track|route|waypoints?|trace|trajectory|"
    r"daddr|saddr|region|place|address|geometry|markers?|zuobiao|weizhi|spot|(?:my|user|cur|current|gps|geo)(?:pos|loc|fix|pt))|"
    r"loc|locs|pos|dest|start|end|from|to|near|around|at|q|query|home|work|shape|pt|map|where|fix|xy|ref"
)
_FIRST_LAT = re.compile(r".*lat(?:itude)?(?:and)?(?:lng|long?|longitude)(?:s|str|list)?\d?|[scu]?ll")
_FIRST_LON = re.compile(r".*(?:(?:lng|long?|longitude)(?:and)?lat(?:itude)?(?:s|str|list)?\d?|xlocation)")
_BOX = re.compile(
    r".*(?:bbox|boundingbox|bounds|viewport|mapbounds|mapextent|extent|viewbox|latlngbounds|visibleregion|envelope)"
)
_CELLS = (
    ("geohash", re.compile(r".*(?:geohash|ghash|geohex|geohash\d{0,2}|gh[5-9]|geohashcode)")),
    ("h3", re.compile(r".*h3(?:cell|index|id|hex|address|res\d{1,2})?|.*(?:hexid|hexindex)")),
    ("s2", re.compile(r".*s2(?:cell|token|id|cellid|celltoken|index|level\d{1,2})?|cellidtoken")),
    ("olc", re.compile(r".*(?:pluscode|openlocationcode|olc|globalcode|compoundcode)")),
    ("quadkey", re.compile(r".*(?:quadkey|quadtree|qkey)")),
)
_TILE = re.compile(r"(?:map)?tiles?|zxy|xyz|tilecoord|tileid|tilekey")
_ACCURACY = re.compile(
    r".{0,20}?(?:accuracy|horizontalaccuracy|radius|precision|acc|hacc|haccuracy|accuracym|精度|uncertainty)"
)
_STATING = re.compile(
    r"(?:coord|coords|coordinate|coordinates|geo|map|gps|point|latlng|lnglat|from|to|input|output)(?:type|system|sys|cs|datum|crs|"
    r"srs|ref)|datum|crs|srs|srsname|srid|epsg|coordtypeoutput|coordtypeinput|cs|mapprovider|mapsdk|mapvendor|isconverted|"
    r"isgcj(?:02)?|coordcode|coordsource|retcoordtype|坐标系|location(?:coord|datum|system)"
)
_VALUE = re.compile(
    r"value|val|v|text|numberdouble|numberdecimal|double|doublevalue|numbervalue|float|deg|degrees|decimal|dec|data|string|stringvalue|intvalue|integervalue|raw|num|number|#?cdata|"
)
_NAME = re.compile(r"name|key|k|n|param|field|attr|attribute|id|tag|property|label|prop")
# Names that say that a number is something else: then only digits that leave no room for chance speak.
_OTHER = re.compile(
    r".*(?:price|prices|amount|fee|cost|total|subtotal|discount|tax|balance|money|pay|salary|version|ver|build|release|width|"
    r"height|size|sizes|dim|dims|dimension|dimensions|resolution|score|scores|rating|rate|rates|ratio|ratios|progress|duration|"
    r"durations|elapsed|latency|delay|timing|timings|time|times|timestamp|ts|date|percent|percentage|pct|battery|level|temp|"
    r"temperature|humidity|weight|bmi|speed|heading|bearing|altitude|density|dpi|scale|zoom|pixel|pixels|px|screen|scroll|touch|"
    r"click|cursor|mouse|viewport|offset|margin|padding|opacity|color|colour|rgb|rgba|hsl|volume|qty|quantity|count|num|index|"
    r"memory|cpu|fps|load|usage|loss|gain|confidence|probability|prob|accelerometer|gyro|gyroscope|magnetometer|acceleration|"
    r"stats|metrics|mean|median|avg|average|min|max|stddev|variance|range|threshold|interval|ip|port|phone|tel|hash|md5|sign|token)"
    r"|[xywhtzr]|dx|dy|x\d|y\d|useragent|accept.*|cookie|etag|ifnonematch|server|via|date"
)
# Last words of names whose numbers are measured, counted or counted up, so that no digits make a position of them.
_MEASURES = words(
    """price prices amount fee cost total subtotal discount tax balance bid ask last rate rates width height top left
    right bottom size sizes bytes duration durations elapsed latency latencies jitter ping delay timing timings
    ms sec seconds time progress buffered fps cpu memory battery temperature humidity pressure volume loudness
    lufs rms db frequency count counts mean avg average median min max sd std stddev variance score scores
    rating ratings logits embedding embeddings weights rect frame padding margin opacity color colour rgb hsl
    yaw pitch roll tilt gyro accel accelerometer magnetometer dns tcp tls ssl ttfb lcp fcp cls fid id ids"""
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_OF_SCREEN = words("screen client page touch tap click mouse scroll cursor pointer offset")
_PUNCTUATION = re.compile(r"[\W_]+")


@lru_cache(maxsize=65536)
def role_of(key: str) -> Role | None:
    """What a name says; None for most names. `gps_Lat`, `gpsLat` and `gps[lat]` are one."""
    name = _PUNCTUATION.sub("", key).lower()
    if len(name) > 60:
        return None
    return (
        _both(name)
        or _coordinate(name)
        or _cell(name)
        or _pair(name)
        or _aside(name)
        or (Role("other") if _OTHER.fullmatch(name) else None)
    )


@lru_cache(maxsize=16384)
def measures(key: str) -> bool:
    """Whether a name says what its number counts: a price, a duration, bytes, a place on the screen."""
    split = [word.lower() for word in _WORDS.findall(key)]
    if not split:
        return False
    return split[-1] in _MEASURES or (split[0] in _OF_SCREEN and split[-1] in ("x", "y"))


@lru_cache(maxsize=16384)
def says_else(key: str) -> bool:
    """Whether a name says that a number is something else: a price, a size, a place on the screen."""
    name = _PUNCTUATION.sub("", key).lower()[:60]
    return measures(key) or bool(
        _OTHER.fullmatch(name) or _BOX.fullmatch(name) or (_ON_SCREEN.fullmatch(name) and not role_of(key))
    )


def _both(name: str) -> Role | None:
    """Names of both coordinates at once say their order."""
    first = "lon" if _FIRST_LON.fullmatch(name) else "lat" if _FIRST_LAT.fullmatch(name) else ""
    return Role("pair", first=first, kind=_datum_in(name)) if first else None


def _datum_in(name: str) -> str:
    found = _DATUM.search(name)
    return found[0] if found else ""


def _coordinate(name: str) -> Role | None:
    if match := _REF.fullmatch(name):
        is_latitude = bool(match[2] or match[5])
        return Role("ref", (match[1] or "") + (match[4] or ""), kind="lat" if is_latitude else "lon")
    for what, pattern in (("lat", _LAT), ("lon", _LON)):
        if match := pattern.fullmatch(name):
            before, scale, *units, after = match.groups()
            named = next((unit for unit, text in zip(_UNITS[1:], units, strict=True) if text), "")
            unit = scale.upper() if scale else {"microdegrees": "E6"}.get(named, named)
            return Role("lat" if what == "lat" else "lon", before + after, unit, _datum_in(name))
    return None


def _cell(name: str) -> Role | None:
    for kind, pattern in _CELLS:
        if pattern.fullmatch(name):
            return Role("cell", kind=kind)
    return Role("tile") if _TILE.fullmatch(name) else None


def _pair(name: str) -> Role | None:
    if _BOX.fullmatch(name):
        return Role("box")
    if _ON_SCREEN.fullmatch(name):
        return None
    strict = _PAIR.fullmatch(name)
    if not strict and (_OTHER.fullmatch(name) or not _VAGUE.fullmatch(name)):
        return None
    return Role("pair" if strict else "vague", kind=_datum_in(name))


def _aside(name: str) -> Role | None:
    if _ACCURACY.fullmatch(name):
        return Role("accuracy")
    if _STATING.fullmatch(name):
        return Role("datum")
    if _VALUE.fullmatch(name):
        return Role("value")
    return Role("name") if _NAME.fullmatch(name) else None
