"""A synthetic person's values, and what is found of them: for the tests of known values."""

import base64
import gzip
import hashlib

from builders import as_bytes, make_request

from scantrail.decoders import fields
from scantrail.detectors.known import detect as detect_known
from scantrail.detectors.opened import opened
from scantrail.model import Disclosure, Known, KnownValue, Request

EMAIL = "Jane.Test+shop@gmail.com"
UTDID = "XlDyAAAAAAEDAAAAAGQAAADI"
LOWER = EMAIL.lower()
VALUES = {
    "email": EMAIL,
    "phone": "+49 151 23456789",
    "mobile": "15400012345",
    "name": "Jane Test",
    "chinese name": "王小明",
    "mac": "02:00:5E:10:00:fb",
    "uuid": "1209d0b9-b959-42e6-b921-aa5d9d08c1af",
    "imei": "490154203237518",
    "born": "1990-05-17",
    "ip": "10.0.0.1",
    "carrier": "T-Mobile",
    "city": "Berlin",
    "model": "SM-G991B",
    "utdid": UTDID,
    "account": "A1b2",
    "android id": "9774d56d682e549c",
    "number": "1172860168363571074",
}
KNOWN = Known(tuple(KnownValue(name, (value,)) for name, value in VALUES.items()))


def found(request: Request, known: Known = KNOWN) -> list[Disclosure]:
    return list(detect_known(opened(fields(request), known, request)))


def names(value: object, known: Known = KNOWN) -> set[str | None]:
    """The known values that are found when one value is sent in a JSON body."""
    return {disclosure.known for disclosure in found(make_request(body={"x": value}), known)}


def b64(data: bytes | str) -> str:
    return base64.b64encode(as_bytes(data)).decode()


def b64url(data: bytes | str) -> str:
    return base64.urlsafe_b64encode(as_bytes(data)).decode().rstrip("=")


def digest(name: str, text: str | bytes) -> str:
    return hashlib.new(name, as_bytes(text)).hexdigest()


def raw(name: str, text: str | bytes) -> bytes:
    return hashlib.new(name, as_bytes(text)).digest()


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)
