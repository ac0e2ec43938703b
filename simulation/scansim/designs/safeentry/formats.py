"""What goes over the wire, and what a venue's code says."""

import base64
from collections.abc import Mapping
from urllib.parse import urlencode

from scansim.city import Place
from scansim.phone import Call
from scansim.trail import Direction

PAGE, BACKEND = "www.safeentry.test", "backend.safeentry.test"
NOTICE = f"https://{PAGE}/notice.json"
ACTIONS: dict[Direction, str] = {"enter": "checkin", "leave": "checkout"}


def tenant(place: Place) -> str:
    """Name a venue as SafeEntry does; its business number is nobody's."""
    area, number = place.id.split("-")
    return f"PROD-SIM{area}-{number}-{place.category.upper()}-SE"


def poster(place: Place) -> str:
    """Make what a venue's QR code says."""
    return f"https://{PAGE}/tenant/{tenant(place)}"


def building(place: Place, headers: Mapping[str, str]) -> Call:
    """Ask what the venue is."""
    return Call("GET", f"https://{BACKEND}/api/v2/building?{urlencode({'client_id': tenant(place)})}", headers)


def person(nric: str, phone_number: str, place: Place, direction: Direction, headers: Mapping[str, str]) -> Call:
    """Check in or out."""
    form = {
        "mobileno": base64.b64encode(phone_number.encode()).decode(),
        "client_id": tenant(place),
        "subentity": "1",
        "hostname": "null",
        "systemType": "safeentry",
        "mobilenoEncoded": "true",
        "sub": nric,
        "actionType": ACTIONS[direction],
        "subType": "uinfin",
        "rememberMe": "true",
    }
    headers = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
    return Call("POST", f"https://{BACKEND}/api/v2/person", headers, urlencode(form).encode())
