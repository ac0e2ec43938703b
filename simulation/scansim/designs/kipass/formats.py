"""What goes over the wire: the phone to the issuer, the venue's terminal to the visit server; and the code between."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from scansim.city import Place
from scansim.clock import milliseconds
from scansim.designs import kit
from scansim.people import Person
from scansim.phone import Call

ISSUER, VISITS = "qr-issuer.test", "visit-records.test"
NOTICE = f"https://{ISSUER}/notice.json"
LIVES_MS = 15_000  # so long a code is good: as reported
TERMINAL = {"User-Agent": "EntryTerminal/2.0"}


class Code(NamedTuple):
    """What the QR code holds."""

    token: str
    issued_at: int
    mac: str


def sign(key: bytes, token: str, issued_at: int) -> str:
    """Sign a code with the key that both servers have."""
    return hmac.digest(key, f"{token}.{issued_at}".encode(), "sha256").hex()


def sign_up(person: Person, headers: Mapping[str, str]) -> Call:
    """Have one's identity verified."""
    return kit.post(f"https://{ISSUER}/v1/users", {"name": person.name, "mobile": person.phone_number}, headers)


def fetch(person: Person, at: datetime, headers: Mapping[str, str]) -> Call:
    """Ask for a new code."""
    body = {"mobile": person.phone_number, "ts": milliseconds(at)}
    return kit.post(f"https://{ISSUER}/v1/qr", body, headers)


def visit(code: Code, place: Place, at: datetime) -> Call:
    """Report a code that was scanned, as the venue's terminal does."""
    body = {"qrCodeId": code.token, "issuedAt": code.issued_at, "mac": code.mac}
    return kit.post(
        f"https://{VISITS}/v1/visits", body | {"venueId": place.id, "visitTime": milliseconds(at)}, TERMINAL
    )
