"""The static key fob, and what a photo of it gave away (LucaTrack, April 2021).

A fob cannot make pseudonyms, so the venue's scanner makes them, from a seed that is printed in the QR code and never
changes. Whoever has seen the code can make them, too, for every minute there ever was, and the server told whoever
asked which of them had checked in where.

Published: the derivation (luca's security overview, badge check-in) and the endpoints. Assumption: the printed text is
the base85 of the fields in the order in which the overview lists them, without the attestation's signature.
"""

import base64
import hmac
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import batched
from random import Random
from typing import NamedTuple
from uuid import UUID

import httpx2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from scansim.designs.luca.formats import API, KEY_ID, STATIC, check_in, minute, poll, trace_id
from scansim.designs.luca.seal import PublicKey, point, private_key, seal
from scansim.phone import Call
from scansim.position import Position

type Ask = Callable[[Call], Awaitable[httpx2.Response]]

_AT_ONCE = 5_000  # trace ids in a request
_CONTACT = slice(0, 32)  # the encrypted reference to the contact data
_KEY_ID, _SEED, _POINT = 32, slice(33, 49), slice(49, 82)


class Visit(NamedTuple):
    """A check-in, as the server tells it."""

    at: datetime
    left: datetime | None
    name: str
    position: Position


class Secrets(NamedTuple):
    """What follows from the seed."""

    user_id: UUID
    verification_key: bytes
    tracing_secret: bytes


def printed(random: Random) -> str:
    """Make a fob: what its QR code says, for ever."""
    key = point(private_key(random).public_key(), compressed=True)
    return base64.b85encode(random.randbytes(32) + bytes((KEY_ID,)) + random.randbytes(16) + key).decode()


def secrets(text: str) -> Secrets:
    """Derive what a scanner needs from what is printed."""
    seed = base64.b85decode(text)[_SEED]
    derived = HKDF(hashes.SHA256(), 48, salt=b"", info=b"badge_tracing_assets").derive(seed)
    return Secrets(UUID(bytes=derived[:16], version=4), derived[16:32], derived[32:])


def scan(text: str, scanner: UUID, at: datetime, venue: PublicKey, random: Random) -> Call:
    """Check a fob in, as the venue's scanner does."""
    fields, own, timestamp = base64.b85decode(text), secrets(text), minute(at)
    told = timestamp.to_bytes(4, "little") + fields[_CONTACT]
    tag = hmac.digest(own.verification_key, told, "sha256")[:8]
    code = bytes((3, fields[_KEY_ID])) + fields[_POINT] + tag + fields[_CONTACT]
    trace = trace_id(own.user_id, own.tracing_secret, timestamp)
    sealed = seal(code, venue, random)
    return check_in(trace, scanner, timestamp, sealed, STATIC, {"User-Agent": "luca scanner"})


async def history(text: str, until: datetime, days: int, ask: Ask) -> list[Visit]:
    """Find where a fob was in so many days, from a photo of it alone, in order.

    Makes the pseudonym of every minute and asks the server about them all.
    """
    own, last = secrets(text), minute(until)
    minutes = range(last - int(timedelta(days=days).total_seconds()), last + 60, 60)
    headers = {"User-Agent": "lucatrack"}
    visits = []
    for some in batched((trace_id(own.user_id, own.tracing_secret, at) for at in minutes), _AT_ONCE):
        for found in (await ask(poll(some, headers))).json():
            place = (await ask(Call("GET", f"{API}/locations/{found['locationId']}", headers))).json()
            at, left = datetime.fromtimestamp(found["checkin"], UTC), found["checkout"]
            gone = None if left is None else datetime.fromtimestamp(left, UTC)
            visits.append(Visit(at, gone, place["groupName"], Position(place["lat"], place["lng"])))
    return visits
