"""Rules for single fields, as rows. Precision first: a false alarm costs a reviewer more than a second look."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from scantrail.detectors import identifiers
from scantrail.detectors.opened import Opened, normal_key
from scantrail.model import Disclosure, Field


class Rule(NamedTuple):
    """A row. A field is disclosed when its key and its value both match whole, and `check` (if any) agrees.

    Keys are compared in lower case without `_`, `-` and `.`; an absent `keys` means any key. `beside` names a kind that
    must have been found in the same object. Examples are (key, value).
    """

    id: str
    kind: str
    value: str
    reasoning: str
    positive: tuple[tuple[str, str], ...]
    negative: tuple[tuple[str, str], ...]
    keys: str = ".*"
    check: Callable[[str], bool] | None = None
    beside: str | None = None


_WORD = r"[\w:.\-/+=]{1,64}"
_CHINESE = r"[\u3400-\u9fff·]{2,16}"
_LATIN = r"[A-Z][A-Za-z'’. \-]{1,40}"
_COLOURS = r"(?i:green|yellow|red|绿|黄|红|绿码|黄码|红码)"

RULES = (
    Rule(
        "resident-id",
        "resident_id",
        r"\d{17}[\dXx]",
        "18 characters with a valid region, birth date and ISO 7064 MOD 11-2 check character",
        (("idCardNo", "330106184905120015"), ("anything", "11010519491231002X")),
        (("idCardNo", "330106184905120016"), ("orderNo", "990106184905120012"), ("orderNo", "330106184913120018")),
        check=identifiers.is_resident_id,
    ),
    Rule(
        "phone-number",
        "phone_number",
        r"(?:\+?86[- ]?)?1[3-9]\d{9}",
        "11 digits beginning with 13 to 19 under a key that names a telephone",
        (("mobile", "15400012345"), ("contact_phone", "+8615400012345"), ("tel", "15400012345")),
        (("orderNo", "15400012345"), ("mobile", "12345678901"), ("mobileSdk", "15.4.0")),
        keys=r".*(mobile|phone|phoneno|phonenumber|tel|telephone|contact|msisdn|手机|手机号|电话)",
    ),
    Rule(
        "utdid",
        "device_id",
        r"[A-Za-z0-9+/]{24}",
        "24 base64 characters whose 18 bytes have the UTDID layout (creation time, random, 0300, two hashes)",
        (("did", "XlDyAAAAAAEDAAAAAGQAAADI"),),
        (("did", "AAAAAAAAAAAAAAAAAAAAAAAA"), ("sign", "abcdefghijklmnopqrstuvwx")),
        check=identifiers.is_utdid,
    ),
    Rule(
        "imei",
        "device_id",
        r"\d{15}",
        "15 digits with a valid Luhn check digit under a key that names an IMEI",
        (("imei", "001010123456780"), ("deviceImei", "001010123456780")),
        (("imei", "001010123456789"), ("orderNo", "001010123456780")),
        keys=r".*imei\d?",
        check=identifiers.is_luhn,
    ),
    Rule(
        "device-id",
        "device_id",
        r"[A-Za-z0-9+/=:_\-]{8,64}",
        "a token of 8 to 64 characters under a key that names a device",
        (
            ("deviceId", "8f14e45fceea167a"),
            ("android_id", "9774d56d682e549c"),
            ("oaid", "f8b0a1c2-1111-2222-3333-444455556666"),
        ),
        (("deviceType", "smartphone1"), ("did", "3"), ("deviceIdleTime", "123456789")),
        keys=r"(?:x|app|client|user)?(did|utdid|deviceid|deviceuuid|androidid|oaid|vaid|aaid|idfa|idfv|gaid|adid|advertisingid|imsi|iccid)",
        check=identifiers.is_token,
    ),
    Rule(
        "code-number",
        "code_number",
        r"[A-Za-z0-9\-]{6,64}",
        "a token under a key that names a health-code number",
        (("codeNo", "HZ20200217000001"), ("healthCodeId", "3301-0000-0001"), ("certValue", "HZ20200217000001")),
        (("codeType", "QR_CODE"), ("zipCode", "310000"), ("statusCode", "200200")),
        keys=r"(codeno|codenumber|codeid|healthcode|healthcodeno|healthcodenumber|healthcodeid|qrcodeid|certvalue|acid)",
        check=identifiers.is_token,
    ),
    Rule(
        "health-status-colour",
        "health_status",
        _COLOURS,
        "a colour under a key that names the person's health status",
        (("healthStatus", "GREEN"), ("codeColor", "yellow"), ("health_code_colour", "红")),
        (("color", "green"), ("backgroundColor", "red"), ("healthStatus", "ok")),
        keys=r"(healthstatus|healthcolou?r|healthcodecolou?r|healthcodestatus|codecolou?r|codestatus|acidstatus)",
    ),
    Rule(
        "health-status-number",
        "health_status",
        r"[1-7]",
        "a number from 1 to 7 under healthStatus, as in a published gate record (1 green, 2 yellow, 3 red, …)",
        (("healthStatus", "1"),),
        (("healthStatus", "0"), ("status", "1")),
        keys=r"healthstatus",
    ),
    Rule(
        "city-name",
        "city",
        rf"{_CHINESE}|{_LATIN}",
        "a name under a key that names a city",
        (("city", "杭州市"), ("cityName", "Hangzhou"), ("current_city", "New York")),
        (("city", "330100"), ("cityId", "17"), ("city", "true"), ("city", "unknown"), ("capacity", "Large")),
        keys=r"(?:user|current|local|home|work)?city(name)?|城市",
        check=identifiers.is_name,
    ),
    Rule(
        "district-name",
        "district",
        rf"{_CHINESE}|{_LATIN}",
        "a name under a key that names a district",
        (("district", "西湖区"), ("districtName", "Xihu")),
        (("district", "330106"), ("districtId", "6")),
        keys=r"(district|districtname|county|countyname|区县)",
        check=identifiers.is_name,
    ),
    Rule(
        "adcode",
        "adcode",
        r"\d{6}",
        "six digits whose first two are a province of GB/T 2260, under a key that names an area code",
        (("cityAdcode", "330100"), ("adcode", "330106"), ("area_code", "110108")),
        (("adcode", "990100"), ("zipcode", "310000"), ("cityCode", "0571"), ("barcode", "330106")),
        keys=r".*(adcode|areacode|citycode|districtcode|regioncode|divisioncode|xzqhdm)",
        check=identifiers.is_area_code,
    ),
    Rule(
        "org-code-area",
        "adcode",
        r"\d{6}(?:-[\w\-]*)?",
        "an organisation code that begins with a GB/T 2260 area code, as in published health-code links",
        (("orgCode", "330106-0001"), ("orgcode", "330500")),
        (("orgCode", "990106-0001"), ("orgCode", "A330106")),
        keys=r"orgcode",
        check=identifiers.is_area_code,
    ),
    Rule(
        "place-id",
        "place_id",
        _WORD,
        "a token under a key that names a place, gate, station or scanner",
        (("gateId", "HZ-M1-017"), ("placeId", "P0042"), ("iotId", "scanner-9")),
        (("placeholder", "Name"), ("gateIdle", "3"), ("placeId", ""), ("siteID", "191334")),
        keys=r"(placeid|placecode|gateid|venueid|stationid|checkpointid|iotid|scannerid|posterid)",
    ),
    Rule(
        "name-beside-resident-id",
        "name",
        rf"{_CHINESE}|{_LATIN}",
        "a name in the same object as a resident id",
        (("name", "王小明"), ("real_name", "Wang Xiaoming")),
        (("name", "12"), ("fileName", "report.pdf")),
        keys=r"(name|realname|username|fullname|personname|certname|patientname|姓名)",
        beside="resident_id",
    ),
    Rule(
        "travel-history",
        "travel",
        r"(?s).{2,400}",
        "what stands under a key that names recent travel",
        (("recentTravel", "武汉市"), ("travel_history", "2020-02-01 Wuhan")),
        (("travelMode", "metro"), ("recentTravel", "0")),
        keys=r"(recenttravel|recenttravels|travelhistory|recenttrips|recentitinerary|visitedcities)",
    ),
    Rule(
        "label-police",
        "label",
        r"(?i).{0,200}(police|gongan|公安|publicsecurity|lawenforcement).{0,200}",
        "an operation name that says whom the data is for; a label, not proof of who received it",
        (("Operation-Type", "healthcode.reportInfoAndLocationToPolice"), ("method", "uploadToGongan")),
        (("Operation-Type", "healthcode.scan.report"), ("note", "call the police")),
        keys=r"(operationtype|operation|opname|method|api|action|routine|event|service|path)",
    ),
)


class _Compiled(NamedTuple):
    rule: Rule
    keys: re.Pattern[str]
    value: re.Pattern[str]


_COMPILED = tuple(_Compiled(rule, re.compile(rule.keys), re.compile(rule.value)) for rule in RULES)


def matches(key: str, value: str) -> Iterator[Rule]:
    """The rules that a key and value meet, before any look at what stands beside them."""
    normal = normal_key(key)
    for rule, keys, values in _COMPILED:
        if keys.fullmatch(normal) and values.fullmatch(value) and (rule.check is None or rule.check(value)):
            yield rule


def detect(opened: Opened) -> Iterator[Disclosure]:
    """Single-field disclosures; of several rules for one kind that meet a field, the first row speaks."""
    kinds_in: dict[str, set[str]] = defaultdict(set)
    found: list[tuple[Field, str, Rule]] = []
    for field in opened.fields:
        if isinstance(field.value, bytes):
            continue
        value = field.text.strip()
        first: dict[str, Rule] = {}
        for rule in matches(field.key, value):
            first.setdefault(rule.kind, rule)
        for kind, rule in first.items():
            kinds_in[field.parent].add(kind)
            found.append((field, value, rule))
    for field, value, rule in found:
        if rule.beside is None or rule.beside in kinds_in[field.parent]:
            yield Disclosure(kind=rule.kind, value=value, rule=rule.id, reasoning=rule.reasoning, because=(field,))
