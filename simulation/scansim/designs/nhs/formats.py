"""The poster's code, the list of risky venues, the daily counts."""

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import NamedTuple

from scansim.city import City, Place
from scansim.people import Device, Person
from scansim.phone import Call

DISTRIBUTION, SUBMISSION, WEB = "distribution.nhscovid19.test", "submission.nhscovid19.test", "www.nhscovid19.test"
HOSTS = (DISTRIBUTION, SUBMISSION, WEB)
VERSION = "4.10"
PREFIX = "UKC19TRACING:1:"
API_KEY = "bearer-of-all-phones"
VENUE_TYPE = "001"
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
COUNTS = (
    *("checkedIn", "canceledCheckIn", "receivedVoidTestResult", "isIsolatingBackgroundTick"),
    *("hasHadRiskyContactBackgroundTick", "receivedPositiveTestResult", "receivedNegativeTestResult"),
    *("hasSelfDiagnosedPositiveBackgroundTick", "completedQuestionnaireAndStartedIsolation"),
    *("encounterDetectionPausedBackgroundTick", "completedQuestionnaireButDidNotStartIsolation"),
    *("totalBackgroundTasks", "runningNormallyBackgroundTick", "completedOnboarding"),
)
"""The metrics that every submission must have, beside two of bytes that may be null."""


class Venue(NamedTuple):
    """What the app takes from a poster."""

    id: str
    name: str


def venue_id(name: str) -> str:
    """Make an id of eight letters and digits from a name that no other venue has."""
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in sha256(f"venue {name}".encode()).digest()[:8])


def postal_district(city: City, adcode: str) -> str:
    """Give a district of the city, or another city, a name such as postal districts have."""
    known = [*sorted(city.districts), *(other.adcode for other in city.elsewhere)]
    return f"HZ{known.index(adcode) + 1}"


def poster(place: Place, city: City) -> str:
    """Make what a venue's poster says."""
    venue = {
        "id": venue_id(place.id),
        "opn": place.english,
        "vt": VENUE_TYPE,
        "pc": postal_district(city, place.adcode),
    }
    signed = f"{_part({'alg': 'ES256', 'kid': 'simulated'})}.{_part(venue)}"
    return f"{PREFIX}{signed}.{_base64(hmac.digest(b'no key', signed.encode(), 'sha512'))}"


def read_poster(code: str) -> Venue:
    """Take the venue from a poster's code."""
    part = code.removeprefix(PREFIX).split(".")[1]
    venue = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return Venue(venue["id"], venue["opn"])


def download(name: str, device: Device) -> Call:
    """Make the request for a list: the same for everybody with this version and model."""
    return Call("GET", f"https://{DISTRIBUTION}/distribution/{name}", _headers(device))


def notice(device: Device) -> Call:
    """Make the request for what users are told."""
    return Call("GET", f"https://{WEB}/privacy-notice.json", _headers(device))


def analytics(person: Person, city: City, day: date, counts: Mapping[str, int]) -> Call:
    """Make the day's submission."""
    body = {
        "metadata": {
            "operatingSystemVersion": "29",
            "latestApplicationVersion": VERSION,
            "deviceModel": person.device.model,
            "postalDistrict": postal_district(city, person.home.place.adcode),
        },
        "analyticsWindow": {"startDate": f"{day}T00:00:00Z", "endDate": f"{day}T23:59:00Z"},
        "metrics": {
            "cumulativeDownloadBytes": None,
            "cumulativeUploadBytes": None,
            **{name: counts.get(name, 0) for name in COUNTS},
        },
        "includesMultipleApplicationVersions": False,
    }
    headers = {
        **_headers(person.device),
        "Authorization": f"Bearer {API_KEY}",
        "Content-Type": "application/json",
    }
    return Call("POST", f"https://{SUBMISSION}/submission/mobile-analytics", headers, json.dumps(body).encode())


def _headers(device: Device) -> dict[str, str]:
    return {"User-Agent": f"p=Android,o=10,v={VERSION},m={device.model}"}


def _part(value: Mapping[str, str]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
