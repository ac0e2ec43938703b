"""The code of an event, the packages of warnings, the day's data: protocol buffers, written by hand."""

import base64
import zipfile
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import NamedTuple

from scansim.city import Place
from scansim.people import Device
from scansim.phone import Call

DISTRIBUTION, DATA, WEB = "svc.coronawarn.test", "data.coronawarn.test", "www.coronawarn.test"
CODES = "e.coronawarn.test"
HOSTS = (DISTRIBUTION, DATA, WEB, CODES)
"""`CODES` stands in the codes alone. It is served so that a request to it would be seen; there must be none."""
HOURS = f"https://{DISTRIBUTION}/version/v1/twp/country/DE/hour"
CONFIG = f"https://{DISTRIBUTION}/version/v1/app_config_android"
NOTICE = f"https://{WEB}/privacy.json"
VERSION = (2, 0, 3)
ATTESTED = "attested for all"
LOW = 2  # PPARiskLevel
HOUR_S, INTERVAL_S = 3600, 600
_EXPORT = zipfile.ZipInfo("export.bin")  # with a date of its own, so that the same package is the same bytes

type Value = int | str | bytes


class Warned(NamedTuple):
    """A `TraceTimeIntervalWarning`: a venue, and from when to when in intervals of ten minutes since 1970."""

    venue: bytes
    begins: int
    ends: int
    level: int


def message(*fields: tuple[int, Value]) -> bytes:
    """Write a message: numbers of fields and their values, whole numbers as varints."""
    written = bytearray()
    for number, value in fields:
        if isinstance(value, int):
            written += _varint(number << 3) + _varint(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            written += _varint(number << 3 | 2) + _varint(len(data)) + data
    return bytes(written)


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])


def payload(place: Place) -> bytes:
    """Make the `QRCodePayload` of a venue."""
    seed, key = sha256(f"seed {place.id}".encode()).digest(), sha256(f"key {place.id}".encode()).digest()
    location = message((1, 1), (2, place.english), (3, f"{place.name} {place.id}"))
    notifier = message((1, 1), (2, (key * 3)[:91]), (3, seed[:16]))
    return message((1, 1), (2, location), (3, notifier), (4, message((1, 1), (2, 3), (3, 60))))


def poster(place: Place) -> str:
    """Make what a venue's code says."""
    return f"https://{CODES}?v=1#{base64.urlsafe_b64encode(payload(place)).decode().rstrip('=')}"


def venue(code: str) -> bytes:
    """Make the name that a warning would have for the venue, from its code alone."""
    text = code.partition("#")[2]
    return sha256(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))).digest()[:16]


def hour_of(at: datetime) -> int:
    """Count full hours since 1970."""
    return int(at.timestamp()) // HOUR_S


def package(hour: int, warnings: Sequence[Warned]) -> bytes:
    """Make an hour's package."""
    rows = (message((1, one.venue), (2, one.begins), (3, one.ends), (4, one.level)) for one in warnings)
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_EXPORT, message((1, hour), (2, "DE"), *((3, row) for row in rows)))
    return file.getvalue()


def venues(packed: bytes, known: Sequence[bytes]) -> set[bytes]:
    """Find the known venues that a package warns of."""
    with zipfile.ZipFile(BytesIO(packed)) as archive:
        export = archive.read(_EXPORT.filename)
    return {name for name in known if name in export}


def get(url: str, device: Device) -> Call:
    """Make a download: the same for everybody with this model."""
    return Call("GET", url, _headers(device))


def daily(device: Device, at: datetime) -> Call:
    """Make the day's data."""
    today = int(at.timestamp()) // 86_400 * 86_400
    risk = message((1, LOW), (2, 0), (3, today), (4, 1), (5, LOW), (6, 0), (7, today), (8, 1))
    client = message((1, message(*enumerate(VERSION, start=1))), (2, 29), (3, 18_000_000), (4, "simulated"))
    body = message((1, message((1, ATTESTED))), (2, message((2, risk), (6, client))))
    headers = {**_headers(device), "Content-Type": "application/x-protobuf"}
    return Call("POST", f"https://{DATA}/version/v1/android/dat", headers, body)


def _headers(device: Device) -> dict[str, str]:
    return {"User-Agent": f"CWA/{'.'.join(map(str, VERSION))} (Android 10; {device.model})"}
