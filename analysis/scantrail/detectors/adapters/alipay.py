"""Alibaba: Alipay's position, the mtop and mPaaS gateways, and the record of a gate that verified a health code."""

from scantrail.detectors.adapters.row import Adapter, Example, Means, Place

_MY = "opendocs.alipay.com, my.getLocation (GCJ-02 only, numbers as strings)"
_MPAAS = "help.aliyun.com, mPaaS mobile gateway"
_MTOP = "public mtop clients (header x-location: longitude%2Clatitude)"
_GATE = "help.aliyun.com, IoT data model HealthCodeVerifyRecord 1.0, 2020, read in a reprint"
_ID = r"[\w+/=:.\-%]{8,128}"
_OPERATION = r"[\w.\-/$]{3,200}"
_UTDID = "XlDyAAAAAAEDAAAAAGQAAADI"
_STATUS = {
    "1": "green",
    "2": "yellow",
    "3": "red",
    "4": "expired",
    "5": "no code",
    "6": "verification failed",
    "7": "verification timed out",
}

ROWS = (
    Adapter(
        "alipay-get-location",
        "Alipay my.getLocation",
        _MY,
        (
            Example(
                body='[{"_requestBody":{"longitude":"120.164600","latitude":"30.247500","accuracy":"35.0",'
                '"horizontalAccuracy":"35.0","city":"杭州市","cityAdcode":"330100","district":"西湖区",'
                '"districtAdcode":"330106","streetNumber":{"street":"文三路","number":"138号"},'
                '"pois":[{"name":"x","address":"文三路138号"}]}}]',
                tells=(
                    ("position", "30.247500,120.164600"),
                    ("city", "杭州市"),
                    ("adcode", "330100"),
                    ("adcode", "330106"),
                    ("district", "西湖区"),
                    ("address", "文三路"),
                    ("address", "文三路138号"),
                ),
            ),
        ),
        (
            Example(body='{"cityAdcode":"330100","city":"杭州市"}'),
            Example(body='{"latitude":"30.2","longitude":"120.1"}'),
        ),
        means=(
            Means("city", "city", "the city of the fix"),
            Means("cityAdcode", "adcode", "the city of the fix by its GB/T 2260 code", r"\d{6}"),
            Means("provinceAdcode", "adcode", "the province of the fix by its GB/T 2260 code", r"\d{6}"),
            Means("district", "district", "the district of the fix"),
            Means("districtAdcode", "adcode", "the district of the fix by its GB/T 2260 code", r"\d{6}"),
            Means("streetNumber.street", "address", "the street of the fix"),
            Means("streetNumber.number", "address", "the house number of the fix"),
            Means("pois[].address", "address", "the address of a place around the fix"),
            Means("pois[].name", "address", "the name of a place around the fix"),
        ),
        places=(Place("latitude", "gcj02", "the phone's position", longitude="longitude", accuracy="accuracy"),),
        shape=("cityAdcode", "longitude", "latitude"),
    ),
    Adapter(
        "mpaas-gateway",
        "mPaaS gateway",
        _MPAAS,
        (
            Example(
                headers=(("Operation-Type", "healthcode.scan.report"), ("Did", _UTDID), ("WorkspaceId", "product")),
                body='[{"_requestBody":{"a":1}}]',
                tells=(("label", "healthcode.scan.report"), ("device_id", _UTDID)),
            ),
        ),
        (Example(headers=(("Operation-Type", "x.y"),)), Example(headers=(("Did", _UTDID), ("Sign", "abc")))),
        means=(
            Means("header.operation-type", "label", "the operation that the request calls", _OPERATION),
            Means("header.did", "device_id", "the device id that the gateway's SDK made", _ID),
        ),
        shape=("header.operation-type",),
        any_of=("header.did", "header.workspaceid", "header.appid", "header.sign"),
        whole=True,
    ),
    Adapter(
        "mpaas-gateway-get",
        "mPaaS gateway, GET form",
        _MPAAS,
        (
            Example(
                "https://gateway.test/mgw.htm?operationType=healthcode.scan.report&requestData=%5B%7B%22a%22%3A1%7D%5D",
                tells=(("label", "healthcode.scan.report"),),
            ),
        ),
        (Example("https://gateway.test/mgw.htm?operationType=healthcode.scan.report"),),
        means=(Means("operationType", "label", "the operation that the request calls", _OPERATION),),
        shape=("operationType", "requestData"),
    ),
    Adapter(
        "mtop-h5",
        "mtop gateway, browser form",
        "public mtop clients (jsv, appKey, t, sign, api, v, data)",
        (
            Example(
                "https://h5api.test/h5/mtop.x.get/1.0/?jsv=2.5.1&appKey=12574478&t=1&sign=ab&api=mtop.x.scan.report&v=1.0",
                tells=(("label", "mtop.x.scan.report"),),
            ),
        ),
        (Example("https://h5api.test/?api=mtop.x.get"), Example("https://h5api.test/?api=maps&appKey=1&sign=ab")),
        means=(Means("api", "label", "the operation that the request calls", r"mtop\.[\w.\-]{3,200}"),),
        shape=("appKey", "api", "sign"),
    ),
    Adapter(
        "mtop-gateway",
        "mtop gateway",
        _MTOP,
        (
            Example(
                "https://acs.test/gw/mtop.weather.local.get/1.0/",
                headers=(("x-location", "120.1646%2C30.2475"), ("x-utdid", _UTDID), ("x-devid", "AbCd0123456789xyz")),
                body="data=%7B%7D",
                tells=(
                    ("position", "30.2475,120.1646"),
                    ("device_id", _UTDID),
                    ("device_id", "AbCd0123456789xyz"),
                    ("label", "mtop.weather.local.get"),
                ),
            ),
            Example(headers=(("x-location", "120.1646,30.2475"),), tells=(("position", "30.2475,120.1646"),)),
        ),
        (
            Example("https://acs.test/gw/mtop.weather.get/1.0/"),
            Example(headers=(("x-location", "https://h.test/"),)),
            Example(headers=(("location", "120.16,30.25"),)),
        ),
        means=(
            Means("header.x-utdid", "device_id", "the phone's UTDID", _ID),
            Means("header.x-devid", "device_id", "the device id that the gateway gave the phone", _ID),
            Means("header.x-uid", "account_id", "the account's number", r"\d{4,20}"),
            Means("path[]", "label", "the operation that the request calls", r"mtop\.[\w.\-]{3,200}"),
        ),
        places=(Place("header.x-location", "gcj02", "the phone's position, longitude first", longitude_first=True),),
        any_of=("header.x-location", "header.x-utdid", "header.x-devid"),
        whole=True,
    ),
    Adapter(
        "health-code-gate",
        "record of a gate that verified a health code",
        _GATE,
        (
            Example(
                body='{"eventId":"e1","eventTime":"2020-04-01 08:00:00","healthDataSource":"zj","projectId":"p1",'
                '"iotId":"gate-0017","certType":"QR_CODE","certValue":"HZ20200217000001","healthStatus":1,'
                '"idCardNo":"3301**********0015","name":"王*","phoneNo":"154****2345","iccId":"89860000000000000001"}',
                tells=(
                    ("place_id", "gate-0017"),
                    ("health_status", "1"),
                    ("code_number", "HZ20200217000001"),
                    ("visit_time", "2020-04-01 08:00:00"),
                    ("resident_id", "3301**********0015"),
                    ("phone_number", "154****2345"),
                    ("name", "王*"),
                ),
            ),
        ),
        (Example(body='{"eventId":"e1","iotId":"gate-0017"}'), Example(body='{"healthStatus":1,"eventTime":"x"}')),
        means=(
            Means("iotId", "place_id", "the gate's device, which is where the person stands"),
            Means("iccId", "place_id", "the SIM card of the gate's device"),
            Means("projectId", "place_id", "the site that the gate belongs to"),
            Means("eventTime", "visit_time", "when the person stood at the gate"),
            Means("certValue", "resident_id", "the identity number that was presented", r"\d{17}[\dXx]"),
            Means(
                "certValue", "code_number", "the content of the code that was shown", r"(?!\d{17}[\dXx]$)(?s:.){4,512}"
            ),
            Means("healthStatus", "health_status", "the person's colour", r"[1-7]", codes=_STATUS),
            Means("idCardNo", "resident_id", "the identity number, masked where it has asterisks"),
            Means("name", "name", "the person's name, masked where it has asterisks"),
            Means("phoneNo", "phone_number", "the telephone number, masked where it has asterisks"),
        ),
        shape=("certType", "iotId", "healthStatus"),
        any_of=("eventId", "eventTime", "certValue", "healthDataSource"),
    ),
)
