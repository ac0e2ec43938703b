"""What goes over the wire: paths, trace ids, check-ins, what a venue's poster says."""

import hmac
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from random import Random
from uuid import UUID

from scansim.designs import kit
from scansim.designs.luca.seal import PublicKey, b64, crypt, mac, point, private_key, shared
from scansim.phone import Call

HOST = "app.luca.test"
API = f"https://{HOST}/api/v3"
NOTICE = f"https://{HOST}/notice.json"
ANDROID, STATIC = 1, 2  # deviceType
KEY_ID = 0  # of the health departments' daily key


@dataclass(frozen=True)
class Guest:
    """Who checks in: a user id, the secret of the day (of all time in a fob), and the secret of the contact data."""

    user_id: UUID
    tracing_secret: bytes
    data_secret: bytes


def uuid(*names: object) -> UUID:
    """Make a random-looking UUID that depends on its names alone."""
    return UUID(bytes=sha256("/".join(str(name) for name in names).encode()).digest()[:16], version=4)


def scanner_id(seed: int, place_id: str) -> UUID:
    """Name the scanner of a place."""
    return uuid(seed, "luca scanner", place_id)


def location_id(seed: int, place_id: str) -> UUID:
    """Name the location that a scanner stands in."""
    return uuid(seed, "luca location", place_id)


def poster(seed: int, place_id: str) -> str:
    """Make what a venue's printed QR code says."""
    return f"https://{HOST}/webapp/{scanner_id(seed, place_id)}"


def minute(at: datetime) -> int:
    """Count seconds since 1970, rounded down to the minute."""
    return int(at.timestamp()) // 60 * 60


def trace_id(user_id: UUID, tracing_secret: bytes, timestamp: int) -> str:
    """Make the pseudonym of a check-in in that minute."""
    told = user_id.bytes + struct.pack("<I", timestamp)
    return b64(hmac.digest(tracing_secret, told, "sha256")[:16])


def qr_code(guest: Guest, timestamp: int, daily: PublicKey, random: Random) -> bytes:
    """Make the 75 bytes that a guest's code holds for the venue: who it is, encrypted to the health departments."""
    own = private_key(random)
    key = point(own.public_key(), compressed=True)
    sealed = crypt(guest.user_id.bytes + guest.data_secret, shared(own, daily), key[:16])
    tag = mac(struct.pack("<I", timestamp) + sealed, guest.data_secret)[:8]
    return bytes((3, KEY_ID)) + key + tag + sealed


def check_in(
    trace: str, scanner: UUID, timestamp: int, sealed: Mapping[str, str], device_type: int, headers: Mapping[str, str]
) -> Call:
    """Check a guest in; `sealed` is the guest's code, encrypted once more to the venue."""
    body = {"traceId": trace, "scannerId": str(scanner), "timestamp": timestamp, **sealed, "deviceType": device_type}
    return kit.post(f"{API}/traces/checkin", body, headers)


def check_out(trace: str, timestamp: int, headers: Mapping[str, str]) -> Call:
    """Check a guest out."""
    return kit.post(f"{API}/traces/checkout", {"traceId": trace, "timestamp": timestamp}, headers)


def poll(traces: Sequence[str], headers: Mapping[str, str]) -> Call:
    """Ask what became of trace ids."""
    return kit.post(f"{API}/traces/bulk", {"traceIds": list(traces)}, headers)
