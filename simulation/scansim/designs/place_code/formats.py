"""What goes over the wire, and what a poster says."""

from collections.abc import Mapping
from datetime import datetime

from scansim.city import Place
from scansim.clock import milliseconds
from scansim.designs import kit
from scansim.people import Person
from scansim.phone import Call

HOST = "placecode.test"
NOTICE = f"https://{HOST}/notice.json"
CONFIG = f"https://{HOST}/api/config"
REGISTER = f"https://{HOST}/api/register"
CODE = f"https://{HOST}/api/code"
SCAN = f"https://{HOST}/api/place/scan"


def register(person: Person, headers: Mapping[str, str]) -> Call:
    """Fill in the form."""
    form = {
        "name": person.name,
        "idCardNo": person.resident_id,
        "mobile": person.phone_number,
        "recentTravel": list(person.recent_travel),
        "symptoms": list(person.symptoms),
    }
    return kit.post(REGISTER, form, headers)


def scan(token: str, place: Place, at: datetime, headers: Mapping[str, str]) -> Call:
    """Say who scanned which poster, and when: all that is known of a scan, near or far."""
    return kit.post(SCAN, {"codeNo": token, "placeId": place.id, "scanTime": milliseconds(at)}, headers)


def poster(place: Place) -> str:
    """Make what a poster's QR code says."""
    return f"https://{HOST}/p?placeId={place.id}"
