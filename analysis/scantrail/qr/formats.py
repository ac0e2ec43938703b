"""Payloads of QR codes, as rows: how one is recognised, how it is opened, and whom it tells when it is scanned.

Links (`https://`, `alipays://`) need no opening: their rows name them, and the walk of any request's URL reads them.
What the opened values mean is for the detectors, and for `means` and `places` where only this format has such names.
"""

import re
from collections.abc import Callable
from typing import Literal, NamedTuple

from scantrail.detectors.adapters.row import Means, Place
from scantrail.qr import payloads


class Format(NamedTuple):
    """A row. `begins` must match a payload's beginning; its group `payload`, if any, is what `open` opens.

    `part` says where that stands; it is read by anyone who sees the code, and `says` tells who else learns of it.
    `layers` names in paths what `open` undid. `settled`: the beginning settles the format, so that what does not open
    is damaged and not something else. A positive example has pairs of kind and value that it tells.
    """

    id: str
    name: str
    source: str
    begins: re.Pattern[str]
    says: str
    positive: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    negative: tuple[str, ...]
    open: Callable[[str], str | None] | None = None
    layers: str = ""
    part: Literal["payload", "fragment", "query"] = "payload"
    means: tuple[Means, ...] = ()
    places: tuple[Place, ...] = ()
    settled: bool = True


def _begins(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


_SIGNED = "The signature is not verified here. "
_ON_PHONE = "The app keeps it on the phone: scanning sends it to no server."
_ANY_APP = "The phone's own app takes it: scanning sends it to no server by itself."
_NHS_EXAMPLE = (
    "UKC19TRACING:1:eyJhbGciOiJFUzI1NiJ9.eyJpZCI6IjRXVDU5TTVZIiwib3BuIjoiRXhhbXBsZSBIYWxsIiwidnQiOiIwMDEiLCJwYyI6IkFC"
    "MTJDRCJ9.c2lnbmF0dXJl"
)
_NZ_EXAMPLE = (
    "NZCOVIDTRACER:eyJnbG4iOiI3MDAwMDAwMDAwMDAxIiwidmVyIjoiYzE5OjEiLCJ0eXAiOiJlbnRyeSIsIm9wbiI6IkV4YW1wbGUgR3ltIiwiYWRy"
    "IjoiMSBFeGFtcGxlIFJvYWQifQ=="
)
_NSW_EXAMPLE = (
    "https://www.service.nsw.gov.au/campaign/service-nsw-mobile-app?data=eyJ0IjoiY292aWQxOV9idXNpbmVzcyIsImJpZCI6IjEyMTM"
    "yMSIsImJuYW1lIjoiRXhhbXBsZSBDYWZlIiwiYmFkZHJlc3MiOiIxIEV4YW1wbGUgU3QsIFN5ZG5leSJ9"
)

FORMATS = (
    Format(
        "nhs-venue",
        "UK NHS COVID-19 venue poster",
        "NHS COVID-19 app, open source: JWT ES256 {id, opn, vt, pc}, 2020",
        _begins(r"UKC19TRACING:\d+:(?P<payload>.*)"),
        _SIGNED + _ON_PHONE,
        ((_NHS_EXAMPLE, (("place_id", "4WT59M5Y"), ("place_id", "Example Hall"), ("postcode", "AB12CD"))),),
        ("UKC19TRACING", "https://h.test/UKC19TRACING:1:x"),
        open=payloads.jwt,
        layers="|jwt",
    ),
    Format(
        "nz-covid-tracer",
        "NZ COVID Tracer poster",
        "NZ Ministry of Health, QR code specification c19:1: base64 JSON {gln, ver, typ, opn, adr}, 2020",
        _begins(r"NZCOVIDTRACER:(?!//)(?P<payload>.*)"),
        _ON_PHONE,
        ((_NZ_EXAMPLE, (("place_id", "7000000000001"), ("address", "1 Example Road"))),),
        ("nzcovidtracer://diary",),
        open=payloads.base64_json,
        layers="|base64|json",
    ),
    Format(
        "eu-covid-certificate",
        "EU Digital COVID Certificate",
        "eHealth network, technical specifications vol. 3 and JSON schema 1.3.2: base45, zlib, COSE, CBOR, 2021",
        _begins(r"(?:HC1|LT1):(?P<payload>.*)"),
        _SIGNED + "Whoever checks it, or photographs it, reads all of it; checking needs no server.",
        (),
        ("HC1", "https://h.test/HC1:6BF"),
        open=payloads.health_certificate,
        layers="|base45|zlib|cose",
    ),
    Format(
        "cwa-event",
        "Corona-Warn-App event",
        "corona-warn-app/cwa-documentation: QRCodePayload as protobuf behind #, 2021",
        _begins(r"https://[^#]*#(?:[^#]*/CWA1/)?(?P<payload>[\w=-]{20,})$"),
        _ON_PHONE,
        (
            (
                "https://e.coronawarn.app?v=1#CAESLwgBEg1FeGFtcGxlIFBhcnR5GhBFeGFtcGxlIFN0cmVldCAxKMDshYMGMOCIh4MGGho"
                "IARIEAAECAxoQAAECAwQFBgcICQoLDA0ODyIGCAEQCxg8",
                (("place_id", "Example Party"), ("address", "Example Street 1"), ("place_id", "private event")),
            ),
        ),
        ("https://e.coronawarn.app?v=1#none", "https://h.test/?v=1#AAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        open=payloads.trace_location,
        layers="|base64|protobuf",
        part="fragment",
        settled=False,
    ),
    Format(
        "nsw-check-in",
        "Service NSW check-in poster",
        "Service NSW: base64 JSON {t, bid, bname, baddress} in the link's query, 2020",
        _begins(r"https?://[^?#]*\?(?:[^#]*&)?data=(?P<payload>[\w+/=%-]{20,})"),
        "What stands before # goes to the host when a browser opens the link.",
        (
            (
                _NSW_EXAMPLE,
                (("place_id", "121321"), ("place_id", "Example Cafe"), ("address", "1 Example St, Sydney")),
            ),
        ),
        ("https://h.test/?data=AAAAAAAAAAAAAAAAAAAAAAAAAAAA",),
        open=payloads.business,
        layers=".data|base64|json",
        part="query",
        settled=False,
    ),
    Format(
        "luca",
        "luca code",
        "luca security concept and web app; on its static key fobs: LucaTrack, April 2021",
        _begins(r"https://(?:[\w-]+\.)*luca-app\.de/"),
        "A key fob's code never changes: in April 2021 its photograph was enough to read 30 days of check-ins.",
        (
            (
                "https://app.luca-app.de/webapp/512875cb-17e6-4dad-ac62-3e792d94e03f#e30",
                (("place_id", "512875cb-17e6-4dad-ac62-3e792d94e03f"),),
            ),
        ),
        ("https://luca-app.de.h.test/webapp/1",),
    ),
    Format(
        "safeentry",
        "SafeEntry poster",
        "SafeEntry, Government Technology Agency of Singapore, 2020",
        _begins(r"https://(?:[\w-]+\.)*(?:safeentry-qr\.gov\.sg|temperaturepass\.ndi-api\.gov\.sg)/"),
        "The page then asks for the person's identity number and telephone number.",
        (
            (
                "https://www.safeentry-qr.gov.sg/tenant/PROD-200504143Z-685828-EXAMPLE-SE",
                (("place_id", "PROD-200504143Z-685828-EXAMPLE-SE"),),
            ),
        ),
        ("https://safeentry-qr.gov.sg.h.test/tenant/PROD-1-X-SE",),
    ),
    Format(
        "alipay-link",
        "Alipay deep link",
        "public health-code links: alipays://platformapi/startapp?appId=…&url=…orgCode=<GB/T 2260>-…, 2020",
        _begins(r"alipays?://"),
        "The app opens the link that stands in it, and so sends that link's query to its host.",
        (
            (
                "alipays://platformapi/startapp?appId=2021000000000000&url=https%3A%2F%2Fhealthcode.test%2Fs%3ForgCode%3D"
                "330500-0001",
                (("adcode", "330500-0001"), ("city", "湖州市")),
            ),
        ),
        ("https://alipays.test/",),
    ),
    Format(
        "wechat-link",
        "WeChat link",
        "developers.weixin.qq.com, URL schemes, 2020",
        _begins(r"(?:weixin|wxp)://"),
        "The app asks Tencent's servers what the link stands for.",
        (("weixin://dl/business/?t=abc&cityAdcode=330100", (("adcode", "330100"),)),),
        ("https://weixin.test/",),
    ),
    Format(
        "wifi-network",
        "Wi-Fi network",
        "Wi-Fi Alliance, WPA3 specification, section 7; ZXing's barcode contents, 2008",
        _begins(r"WIFI:(?P<payload>.*)"),
        "The phone joins the network, whose access point then learns the phone's radio address.",
        (("WIFI:T:WPA;S:Example\\;Net;P:secret;;", (("wifi", "Example;Net"), ("wifi", "secret"))),),
        ("WIFI",),
        open=payloads.fields_of_card,
        layers="|wifi",
        means=(
            Means("s[]", "wifi", "the network's name, which tells where it is used"),
            Means("p[]", "wifi", "the network's password"),
        ),
    ),
    Format(
        "position-link",
        "position",
        "RFC 5870, geo URI, 2010",
        _begins(r"geo:(?P<payload>.*)"),
        "A map app opens it, and asks its server for the map of the place.",
        (
            ("geo:30.25,120.16;u=35", (("position", "30.25,120.16"),)),
            ("geo:0,0?q=30.25,120.16(Example)", (("position", "30.25,120.16"), ("address", "Example"))),
        ),
        ("geocaching:1,2",),
        open=payloads.geo,
        layers="|geo",
        means=(
            Means("asked", "address", "the place that is looked for", r".*[^\W\d]{2}.*"),
            Means("label", "address", "the place by its name"),
        ),
        places=(
            Place("point", "wgs84", "a place, latitude first", accuracy="u"),
            Place("asked", "wgs84", "a place, latitude first"),
        ),
    ),
    Format(
        "telephone-link",
        "telephone number",
        "RFC 3966, tel URI; RFC 5724, sms URI",
        _begins(r"(?:tel|sms|smsto|mms|mmsto):(?P<payload>.*)"),
        "The phone dials or writes to it, and so shows it its own number.",
        (("tel:+86-154-0001-2345", (("phone_number", "+8615400012345"),)),),
        ("telegram:x",),
        open=payloads.number,
        layers="|tel",
        means=(Means("number", "phone_number", "the number to call or write to"),),
    ),
    Format(
        "mail-link",
        "e-mail address",
        "RFC 6068, mailto URI, 2010",
        _begins(r"mailto:(?P<payload>.*)"),
        _ANY_APP,
        (("mailto:a.person@example.test?subject=x", (("email", "a.person@example.test"),)),),
        ("mail:a@b",),
        open=payloads.mail,
        layers="|mailto",
        means=(Means("to[]", "email", "the address to write to", r"[^@\s]{1,64}@[^@\s]{1,190}"),),
    ),
    Format(
        "mail-card",
        "e-mail message",
        "NTT Docomo, bar code formats (MATMSG)",
        _begins(r"MATMSG:(?P<payload>.*)"),
        _ANY_APP,
        (("MATMSG:TO:some@example.test;SUB:x;BODY:y;;", (("email", "some@example.test"),)),),
        ("MATMSG",),
        open=payloads.fields_of_card,
        layers="|card",
        means=(Means("to[]", "email", "the address to write to", r"[^@\s]{1,64}@[^@\s]{1,190}"),),
    ),
    Format(
        "contact-card",
        "contact card",
        "RFC 6350, vCard, 2011; MECARD: NTT Docomo, bar code formats",
        _begins(r"(?:MECARD:|BEGIN:VCARD)(?P<payload>.*)"),
        _ANY_APP,
        (
            (
                "MECARD:N:Person,Some;TEL:+4915100000000;EMAIL:some@example.test;ADR:1 Example Street;;",
                (
                    ("name", "Person,Some"),
                    ("phone_number", "+4915100000000"),
                    ("email", "some@example.test"),
                    ("address", "1 Example Street"),
                ),
            ),
            (
                "BEGIN:VCARD\nVERSION:3.0\nFN:Some Person\nTEL;TYPE=CELL:+4915100000000\nGEO:30.25;120.16\nEND:VCARD",
                (("name", "Some Person"), ("phone_number", "+4915100000000"), ("position", "30.25,120.16")),
            ),
        ),
        ("MECARD",),
        open=lambda payload: (payloads.lines_of_card if "\n" in payload else payloads.fields_of_card)(payload),
        layers="|card",
        means=(
            Means("fn[]", "name", "the person's name"),
            Means("n[]", "name", "the person's name"),
            Means("tel[]", "phone_number", "the person's number"),
            Means("email[]", "email", "the person's e-mail address", r"[^@\s]{1,64}@[^@\s]{1,190}"),
            Means("adr[]", "address", "the person's address"),
            Means("bday[]", "birth_date", "the person's date of birth"),
        ),
        places=(Place("geo[]", "wgs84", "the person's place, latitude first"),),
    ),
    Format(
        "calendar-event",
        "calendar event",
        "RFC 5545, iCalendar, 2009",
        _begins(r"BEGIN:(?:VEVENT|VCALENDAR)(?P<payload>.*)"),
        _ANY_APP,
        (
            (
                "BEGIN:VEVENT\nSUMMARY:x\nDTSTART:20200217T080000Z\nLOCATION:1 Example Street\nEND:VEVENT",
                (("address", "1 Example Street"), ("visit_time", "20200217T080000Z")),
            ),
        ),
        ("BEGIN:",),
        open=payloads.lines_of_card,
        layers="|calendar",
        means=(
            Means("location[]", "address", "where the event is"),
            Means("dtstart[]", "visit_time", "when the event begins"),
            Means("dtend[]", "visit_time", "when the event ends"),
        ),
        places=(Place("geo[]", "wgs84", "where the event is, latitude first"),),
    ),
    Format(
        "web-link",
        "web link",
        "RFC 3986, URI; RFC 9110, 4.2: the fragment is not sent",
        _begins(r"https?://"),
        "What stands before # goes to the host when a browser opens the link.",
        (("https://venue.test/in?venueId=P0042#x", (("place_id", "P0042"),)),),
        ("http",),
    ),
    Format(
        "app-link",
        "link for an app",
        "RFC 3986, URI",
        _begins(r"[a-z][a-z\d+.-]*://"),
        "The app that takes such links learns all of it; what it sends on, only its traffic tells.",
        (("someapp://in?venueId=P0042", (("place_id", "P0042"),)),),
        ("://",),
    ),
    Format(
        "json-web-token",
        "JSON web token",
        "RFC 7519, JWT, 2015",
        _begins(r"(?P<payload>eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*)$"),
        _SIGNED + "It tells who reads the code.",
        (
            (
                "eyJhbGciOiJIUzI1NiJ9.eyJwbGFjZUlkIjoiUDAwNDIifQ.c2ln",
                (("place_id", "P0042"),),
            ),
        ),
        ("eyJhbGciOiJIUzI1NiJ9",),
        open=payloads.jwt,
        layers="|jwt",
        settled=False,
    ),
    Format(
        "token",
        "token",
        "none: as of Korea's KI-Pass, whose codes live 15 seconds and whose format is not published",
        _begins(r"(?=\D*\d)[A-Za-z\d+/=_.:-]{16,}$"),
        "Nothing in it can be read without its issuer, who knows what it stands for; so does who stores both.",
        (("q1w2e3r4t5y6u7i8o9p0a1s2d3f4g5h6", ()),),
        ("short",),
    ),
    Format(
        "text",
        "text",
        "none: the code says what it says",
        _begins(r"."),
        "It tells who reads the code, and nobody else.",
        (('{"gateId":"HZ-M1-017"}', (("place_id", "HZ-M1-017"),)),),
        ("someapp://in",),
    ),
)
"""In the order in which they are tried; the last takes everything."""
