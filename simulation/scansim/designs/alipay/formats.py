"""What goes over the wire: the gateway's two forms, the scan's form, `my.getLocation`, the poster's deep link."""

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlencode

from scansim.city import City, Place
from scansim.clock import milliseconds
from scansim.designs.superapp import VERSION, compact, user_agent
from scansim.people import Device
from scansim.phone import Call, Fix
from scantrail import geo

HEALTHCODE = "healthcode.test"
GATEWAY = f"https://{HEALTHCODE}/mgw.htm"
NOTICE = f"https://{HEALTHCODE}/h5/notice.json"
VERIFY = f"https://{HEALTHCODE}/h5/verify.json"
MINI_APP = "2020000000000000"  # invented: the mini-program's appId in deep links
STARTUP = "com.superapp.client.startup"
REGISTER = "com.healthcode.h5.register"
REPORT = "com.healthcode.h5.reportInfoAndLocationToPolice"  # the last part is the label that the Times reports
QUERY = "com.healthcode.h5.queryCode"
CHECK_IN = "com.healthcode.h5.dailyCheckIn"
_GATEWAY_APP = {"AppId": "HC33010017", "WorkspaceId": "default", "Version": VERSION}  # invented


NO_LOCATION = {"error": "13", "errorMessage": "定位失败"}
"""What `my.getLocation` gives where the phone has no position."""


def get_location(fix: Fix, city: City) -> dict[str, str]:
    """Make what `my.getLocation` with `type: 1` returns: GCJ-02 degrees, metres, names and adcodes, all strings."""
    latitude, longitude = geo.wgs84_to_gcj02(*fix.position)
    area = city.area(fix.position)
    return {
        "longitude": f"{longitude:.6f}",
        "latitude": f"{latitude:.6f}",
        "accuracy": str(fix.accuracy_m),
        "horizontalAccuracy": str(fix.accuracy_m),
        "country": "中国",
        "countryCode": "156",
        "province": area.province,
        "provinceAdcode": area.province_adcode,
        "city": area.city,
        "cityAdcode": area.city_adcode,
        "district": area.district,
        "districtAdcode": area.district_adcode,
    }


class Gateway:
    """Makes the gateway's requests for one phone; `secret` signs them."""

    def __init__(self, device: Device, secret: str) -> None:
        self.device, self.secret = device, secret
        self.headers = {"User-Agent": user_agent(device)}

    def post(self, operation: str, body: Mapping[str, object], at: datetime) -> Call:
        """Make the POST form: all but the body is in headers."""
        data, ts = compact([{"_requestBody": body}]), str(milliseconds(at))
        headers = {
            **self.headers,
            **_GATEWAY_APP,
            "Did": self.device.utdid,
            "Operation-Type": operation,
            "Ts": ts,
            "Sign": self.sign(operation, data, ts),
            "Content-Type": "application/json",
        }
        return Call("POST", GATEWAY, headers, data.encode())

    def get(self, operation: str, body: Mapping[str, object], at: datetime) -> Call:
        """Make the GET form: everything is in the query."""
        data, ts = compact([body]), str(milliseconds(at))
        query = {"operationType": operation, "requestData": data, "ts": ts, "sign": self.sign(operation, data, ts)}
        return Call("GET", f"{GATEWAY}?{urlencode(query, quote_via=quote)}", self.headers)

    def scan(self, fields: Mapping[str, str], data: Mapping[str, object], network: str) -> Call:
        """Make the scan's form: `data` as JSON, `ext` as base64 of JSON, and plain fields."""
        ext = {"utdid": self.device.utdid, "model": self.device.model, "network": network}
        form = {"data": compact(data), "ext": base64.b64encode(compact(ext).encode()).decode(), **fields}
        headers = {**self.headers, "Content-Type": "application/x-www-form-urlencoded"}
        return Call("POST", VERIFY, headers, urlencode(form, quote_via=quote, safe="").encode())

    def sign(self, operation: str, data: str, ts: str) -> str:
        """Sign what the server would check."""
        return hmac.digest(self.secret.encode(), f"{operation}&{data}&{ts}".encode(), "sha256").hex()


def deep_link(place: Place) -> str:
    """Make what a poster's QR code says: a link into the mini-program whose URL holds, encoded once more, the place."""
    query = quote(f"orgCode={place.id}&scene=poster", safe="")
    url = quote(f"https://{HEALTHCODE}/h5/scan.html?query={query}", safe="")
    return f"alipays://platformapi/startapp?appId={MINI_APP}&url={url}"
