"""Check-in at a place: what the posters' QR codes hold, and what the systems of 2020 to 2022 sent when one was scanned.

The payloads are recognised wherever they travel. `scantrail qr` opens the codes themselves (`scantrail.qr`).
"""

import base64
import binascii
from collections.abc import Mapping

from scantrail.detectors.adapters.row import Adapter, Example, Means

_UUID = r"[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}"
_NHS = "NHS COVID-19 app, open source (QrCodeParser): JWT ES256 {id, opn, vt, pc}, 2020"
_NZ = "NZ Ministry of Health, NZ COVID Tracer QR code specification (c19:1), 2020"
_NSW = "Service NSW check-in QR code, base64 JSON {t, bid, bname, baddress}, 2020"
_CWA = "corona-warn-app/cwa-documentation, event registration summary (QRCodePayload), 2021"
_DCC = "eHealth network, EU Digital COVID Certificate JSON schema 1.3.2, 2021"
_SAFE_ENTRY = "SafeEntry web page and open clients (api/v2/person), 2020"
_LUCA = "luca security concept and luca web app, 2021"
_LUCA_API = "luca Android app, open source (LucaEndpointsV3), 2021"
_LUCA_TRACE = r"[A-Za-z\d+/]{21}[AQgw]=="  # 16 bytes
_TENANT = r"(?:PROD|STG\d?|TEST)-[\w\-]{4,120}"


def _mobile(text: str) -> str | None:
    """SafeEntry's page sends the number in base64."""
    if text.lstrip("+").isdecimal():
        return text
    try:
        plain = base64.b64decode(text, validate=True).decode("ascii")
    except (binascii.Error, UnicodeError):
        return None
    return plain if plain.lstrip("+").isdecimal() else None


_DISEASE = {"840539006": "COVID-19"}  # SNOMED CT
_PRODUCT = {
    "EU/1/20/1507": "Spikevax (Moderna)",
    "EU/1/20/1525": "Jcovden (Janssen)",
    "EU/1/20/1528": "Comirnaty (BioNTech and Pfizer)",
    "EU/1/21/1529": "Vaxzevria (AstraZeneca)",
    "EU/1/21/1618": "Nuvaxovid (Novavax)",
}
_RESULT = {"260415000": "not detected", "260373001": "detected"}  # SNOMED CT
_RECORD: tuple[tuple[str, str, str, Mapping[str, str]], ...] = (
    ("v", "tg", "vaccinated against", _DISEASE),
    ("v", "mp", "the vaccine", _PRODUCT),
    ("v", "dn", "doses received", {}),
    ("v", "sd", "doses of the series", {}),
    ("v", "dt", "the date of vaccination", {}),
    ("v", "co", "the country of vaccination", {}),
    ("t", "tg", "tested for", _DISEASE),
    ("t", "sc", "when the test was taken", {}),
    ("t", "tr", "the test's result", _RESULT),
    ("t", "tc", "where the test was taken", {}),
    ("t", "co", "the country of the test", {}),
    ("r", "tg", "recovered from", _DISEASE),
    ("r", "fr", "the date of the first positive test", {}),
    ("r", "co", "the country of the test", {}),
)
"""Entries of a certificate (v vaccination, t test, r recovery), their keys, and what they tell."""

ROWS = (
    Adapter(
        "safeentry-check-in",
        "SafeEntry check-in",
        _SAFE_ENTRY,
        (
            Example(
                body="mobileno=OTEyMzQ1Njc%3D&client_id=PROD-T16MC0110C-EXAMPLE-SE&subentity=EXAMPLE&mobilenoEncoded=true"
                "&sub=S0000001I&actionType=checkin&subType=uinfin",
                tells=(
                    ("phone_number", "91234567"),
                    ("place_id", "PROD-T16MC0110C-EXAMPLE-SE"),
                    ("resident_id", "S0000001I"),
                ),
            ),
        ),
        (Example(body="client_id=web&actionType=login"), Example(body="sub=1&client_id=PROD-1-EXAMPLE-SE")),
        means=(
            Means("sub", "resident_id", "the person's NRIC or FIN", r"[STFGM]\d{7}[A-Z]"),
            Means("mobileno", "phone_number", "the person's number", read=_mobile),
            Means("client_id", "place_id", "the venue that is entered or left", _TENANT),
            Means("subentity", "place_id", "the part of the venue"),
        ),
        shape=("actionType", "client_id"),
        any_of=("sub", "mobileno", "subentity"),
    ),
    Adapter(
        "safeentry-link",
        "SafeEntry link",
        _SAFE_ENTRY,
        (
            Example(
                "https://www.safeentry-qr.gov.sg/tenant/PROD-200504143Z-685828-EXAMPLE-SE",
                tells=(("place_id", "PROD-200504143Z-685828-EXAMPLE-SE"),),
            ),
            Example(
                "https://backend.safeentry-qr.gov.sg/api/v2/building?client_id=PROD-200504143Z-685828-EXAMPLE-SE",
                tells=(("place_id", "PROD-200504143Z-685828-EXAMPLE-SE"),),
            ),
        ),
        (Example("https://www.safeentry-qr.gov.sg/assets/banner.svg"), Example("https://shop.test/tenant/PROD-1-x")),
        means=(
            Means("path[]", "place_id", "the venue: business number, branch, name", _TENANT),
            Means("query.client_id", "place_id", "the venue: business number, branch, name", _TENANT),
        ),
        hosts=("safeentry-qr.gov.sg", "temperaturepass.ndi-api.gov.sg"),
        shape=("path",),
    ),
    Adapter(
        "luca-check-in",
        "luca check-in",
        _LUCA,
        (
            Example(
                body='{"traceId":"gTHpXxIr5PmUgxPBRlyOdg==","scannerId":"512875cb-17e6-4dad-ac62-3e792d94e03f",'
                '"timestamp":1617000000,"data":"AAAA"}',
                tells=(
                    ("code_number", "gTHpXxIr5PmUgxPBRlyOdg=="),
                    ("place_id", "512875cb-17e6-4dad-ac62-3e792d94e03f"),
                    ("visit_time", "1617000000"),
                ),
            ),
        ),
        (Example(body='{"traceId":"x","timestamp":1617000000}'),),
        means=(
            Means("traceId", "code_number", "the guest's pseudonym for this visit", _LUCA_TRACE),
            Means("scannerId", "place_id", "the venue's scanner", _UUID),
            Means("timestamp", "visit_time", "when the guest checked in, to the minute", r"\d{10}"),
        ),
        shape=("scannerId", "traceId"),
    ),
    Adapter(
        "luca-check-out",
        "luca check-out",
        _LUCA_API,
        (
            Example(
                "https://gateway.test/api/v3/traces/checkout",
                body='{"traceId":"gTHpXxIr5PmUgxPBRlyOdg==","timestamp":1617003600}',
                tells=(("code_number", "gTHpXxIr5PmUgxPBRlyOdg=="), ("visit_time", "1617003600")),
            ),
        ),
        (
            Example("https://gateway.test/api/v3/traces/checkout", body='{"traceId":"7f00a1","timestamp":"now"}'),
            Example(body='{"traceId":"gTHpXxIr5PmUgxPBRlyOdg==","timestamp":1617003600}'),
        ),
        means=(
            Means("body.traceId", "code_number", "the guest's pseudonym for this visit", _LUCA_TRACE),
            Means("body.timestamp", "visit_time", "when the guest checked out, to the minute", r"\d{10}"),
        ),
        ends=("/traces/checkout",),
        shape=("body.traceId", "body.timestamp"),
    ),
    Adapter(
        "luca-poll",
        "luca poll for check-ins",
        _LUCA_API,
        (
            Example(
                "https://gateway.test/api/v3/traces/bulk",
                body='{"traceIds":["gTHpXxIr5PmUgxPBRlyOdg==","BBxTvD8Zz8pYJ5sQ3bJZ5A=="]}',
                tells=(("code_number", "gTHpXxIr5PmUgxPBRlyOdg=="), ("code_number", "BBxTvD8Zz8pYJ5sQ3bJZ5A==")),
            ),
        ),
        (
            Example("https://gateway.test/api/traces/bulk", body='{"traceIds":["4bf92f3577b34da6a3ce929d0e0e4736"]}'),
            Example(body='{"traceIds":["gTHpXxIr5PmUgxPBRlyOdg=="]}'),
        ),
        means=(
            Means("body.traceIds[]", "code_number", "one guest's pseudonyms of several visits, together", _LUCA_TRACE),
        ),
        ends=("/traces/bulk",),
        shape=("body.traceIds[]",),
    ),
    Adapter(
        "luca-link",
        "luca venue code",
        _LUCA,
        (
            Example(
                "https://app.luca-app.de/webapp/512875cb-17e6-4dad-ac62-3e792d94e03f",
                tells=(("place_id", "512875cb-17e6-4dad-ac62-3e792d94e03f"),),
            ),
        ),
        (Example("https://app.luca-app.de/webapp/testresult/"),),
        means=(Means("path[]", "place_id", "the venue's scanner", _UUID),),
        hosts=("luca-app.de",),
        shape=("path",),
    ),
    Adapter(
        "nhs-venue",
        "NHS venue code",
        _NHS,
        (
            Example(
                body='{"id":"4WT59M5Y","opn":"Example Hall","vt":"001","pc":"AB12CD"}',
                tells=(("place_id", "4WT59M5Y"), ("place_id", "Example Hall"), ("postcode", "AB12CD")),
            ),
        ),
        (Example(body='{"opn":"Example Hall","gln":"7000000000001"}'), Example(body='{"id":"4WT59M5Y","name":"x"}')),
        means=(
            Means("id", "place_id", "the venue", r"[A-Z0-9]{4,16}"),
            Means("opn", "place_id", "the venue by its name"),
            Means("pc", "postcode", "the venue's postcode"),
        ),
        shape=("opn", "id"),
    ),
    Adapter(
        "nz-covid-tracer",
        "NZ COVID Tracer poster",
        _NZ,
        (
            Example(
                body='{"gln":"7000000000001","ver":"c19:1","typ":"entry","opn":"Example Gym","adr":"1 Example Road"}',
                tells=(("place_id", "7000000000001"), ("place_id", "Example Gym"), ("address", "1 Example Road")),
            ),
        ),
        (Example(body='{"gln":"7000000000001","name":"Example"}'),),
        means=(
            Means("gln", "place_id", "the venue by its global location number"),
            Means("opn", "place_id", "the venue by its name"),
            Means("adr", "address", "the venue's address"),
        ),
        shape=("gln", "opn"),
    ),
    Adapter(
        "nsw-check-in",
        "Service NSW check-in poster",
        _NSW,
        (
            Example(
                body='{"t":"covid19_business","bid":"121321","bname":"Example Cafe","baddress":"1 Example St, Sydney"}',
                tells=(("place_id", "121321"), ("place_id", "Example Cafe"), ("address", "1 Example St, Sydney")),
            ),
        ),
        (Example(body='{"bid":"1.25","t":"auction"}'),),
        means=(
            Means("bid", "place_id", "the business"),
            Means("bname", "place_id", "the business by its name"),
            Means("baddress", "address", "the business's address"),
        ),
        shape=("bname", "bid"),
    ),
    Adapter(
        "cwa-event",
        "Corona-Warn-App event code",
        _CWA,
        (
            Example(
                body='{"locationData":{"description":"Example Party","address":"Example Street 1","startTimestamp":'
                '1617000000},"crowdNotifierData":{"cryptographicSeed":"AAECAwQFBgcICQ"}}',
                tells=(
                    ("place_id", "Example Party"),
                    ("address", "Example Street 1"),
                    ("visit_time", "1617000000"),
                    ("place_id", "AAECAwQFBgcICQ"),
                ),
            ),
        ),
        (Example(body='{"locationData":{"description":"Example","address":"Street"}}'),),
        means=(
            Means("locationData.description", "place_id", "the venue by its name"),
            Means("locationData.address", "address", "the venue's address"),
            Means("locationData.startTimestamp", "visit_time", "when the event begins", r"[1-9]\d{8,10}"),
            Means("locationData.endTimestamp", "visit_time", "when the event ends", r"[1-9]\d{8,10}"),
            Means("crowdNotifierData.cryptographicSeed", "place_id", "the seed that the venue's id is made from"),
            Means("vendorData.type", "place_id", "the sort of venue", r".*[a-z].*"),
        ),
        shape=("crowdNotifierData.cryptographicSeed", "locationData"),
    ),
    Adapter(
        "eu-covid-certificate",
        "EU Digital COVID Certificate",
        _DCC,
        (
            Example(
                body='{"ver":"1.3.0","nam":{"fn":"Mustermann","fnt":"MUSTERMANN","gn":"Erika"},"dob":"1864-08-12",'
                '"v":[{"tg":"840539006","dn":2,"sd":2,"dt":"2021-05-29","co":"DE","ci":"URN:UVCI:01DE/X/1#S"}]}',
                tells=(
                    ("name", "Mustermann"),
                    ("name", "Erika"),
                    ("birth_date", "1864-08-12"),
                    ("health_record", "2021-05-29"),
                    ("code_number", "URN:UVCI:01DE/X/1#S"),
                ),
            ),
        ),
        (Example(body='{"dob":"1864-08-12","name":"x"}'),),
        means=(
            Means("nam.fn", "name", "the holder's surname"),
            Means("nam.gn", "name", "the holder's forename"),
            Means("dob", "birth_date", "the holder's date of birth"),
            *(Means(f"{entry}[].{key}", "health_record", note, codes=codes) for entry, key, note, codes in _RECORD),
            *(Means(f"{kind}[].ci", "code_number", "the certificate's own number") for kind in "vtr"),
        ),
        shape=("dob", "nam"),
        any_of=("v", "t", "r", "nam.fnt"),
    ),
)
