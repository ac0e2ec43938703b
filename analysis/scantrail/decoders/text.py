"""Decoders of text: JSON, URLs, forms, percent-encoding, base64. See `scantrail.decoders` for their contract."""

import base64
import binascii
import json
import re
from decimal import Decimal
from urllib.parse import parse_qsl, unquote, urlsplit

from scantrail.decoders.values import Members, Value

_JSON = json.JSONDecoder(object_pairs_hook=Members, parse_float=Decimal, parse_constant=str)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S[^\r\n]*")
_FORM = re.compile(r"[A-Za-z_$][\w.$\[\]%:-]*=[^\s{}\"<>&]*(&[A-Za-z_$][\w.$\[\]%:-]*=[^\s{}\"<>&]*)*&?")
_REFERENCE = re.compile(r"[\w.\-/]{1,200}")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4}){4,}(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?")
_BASE64_PADDED = re.compile(r"[A-Za-z0-9+/_-]{4,}={1,2}")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_URL_SAFE = str.maketrans("-_", "+/")


def json_value(text: str) -> Value:
    """A JSON object, array or string (RFC 8259). A bare number or word is the text itself and not opened."""
    start = text.lstrip()[:1]
    if start not in ("{", "[", '"'):
        return None
    try:
        value: Value = _JSON.decode(text)
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return value


def url(text: str) -> Value:
    """An absolute URL or deep link: its host, path, query and fragment (RFC 3986)."""
    if not _URL.fullmatch(text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    found: tuple[tuple[str, Value], ...] = (
        ("host", parts.netloc),
        ("path", parts.path.strip("/")),
        ("query", query(parts.query)),
        ("fragment", parts.fragment),
    )
    return Members([(name, value) for name, value in found if value])


def reference(text: str) -> Value:
    """A link without scheme and host, as mini-programs name their pages (`pages/scan?placeId=P1`): path and query."""
    path, question, asked = text.partition("?")
    if not question or not _REFERENCE.fullmatch(path) or not _FORM.fullmatch(asked):
        return None
    return Members([("path", path.strip("/")), ("query", query(asked))])


def form(text: str) -> Value:
    """`name=value&…` (application/x-www-form-urlencoded). Names must look like names: base64 also ends in `=`."""
    if _BASE64_PADDED.fullmatch(text) or not _FORM.fullmatch(text):
        return None
    return query(text)


def query(text: str) -> Members | None:
    """The pairs of a query string, percent-decoded once; nothing if there are none."""
    if not text:
        return None
    pairs = parse_qsl(text, keep_blank_values=True, errors="replace")
    return Members([_pair(*pair) for pair in pairs]) if pairs else None


def _pair(name: str, value: str) -> tuple[str, str]:
    """A pair whose `=` was encoded once more than its link, as in deep links: `?orgCode%3D330500-0001`."""
    inner_name, _, inner = name.partition("=")
    return (inner_name, inner) if not value and inner.strip("=") else (name, value)


def cookies(text: str) -> Members:
    """The pairs of a Cookie header (RFC 6265 §4.2.1)."""
    pairs = (pair.strip().partition("=") for pair in text.split(";"))
    return Members([(name, value) for name, _, value in pairs if name])


def percent(text: str) -> Value:
    """One layer of percent-encoding (RFC 3986 §2.1), if it is UTF-8 beneath."""
    if not _PERCENT.search(text):
        return None
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return None


def base64_bytes(text: str) -> bytes | None:
    """Base64 or base64url (RFC 4648)."""
    standard = text.translate(_URL_SAFE)
    if not _BASE64.fullmatch(standard):
        return None
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except binascii.Error:
        return None


def utf8(data: bytes) -> str | None:
    """UTF-8 text: nothing in it but what can be seen, and white space."""
    try:
        decoded = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if _CONTROLS.search(decoded) else decoded
