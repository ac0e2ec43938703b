"""Decoders of text: JSON and what scripts wrap it in, URLs, forms. See `scantrail.decoders` for their contract."""

import json
import re
from decimal import Decimal
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from scantrail.decoders.charsets import gb18030
from scantrail.decoders.values import Members, Value

_JSON = json.JSONDecoder(object_pairs_hook=Members, parse_float=Decimal, parse_constant=str)
_CALL = re.compile(r"\s*(?:/\*\*/\s*)?[A-Za-z_$][\w.$\[\]]{0,100}\s*\(\s*([\[{].*[\]}])\s*\)\s*;?\s*", re.DOTALL)
_PREFIXED = re.compile(
    r"(?:\)\]\}'?,?\s*\n?|while\s?\(1\);|for\s?\(;;\);|&&&START&&&|\d{1,6}:?)\s*([\[{].*)", re.DOTALL
)
_EVENT = re.compile(r"(?:data|event|id|retry)?:")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S[^\r\n]*")
_FORM = re.compile(r"[A-Za-z_$][\w.$\[\]%:-]*=[^\s{}\"<>&]*(&[A-Za-z_$][\w.$\[\]%:-]*=[^\s{}\"<>&]*)*&?")
_REFERENCE = re.compile(r"[\w.\-/]{1,200}")
_PADDED = re.compile(r"[A-Za-z0-9+/_-]{4,}={1,6}")  # base64, base32
_MIN_COMMON = 2  # Chinese characters in GB 18030: a city has two
_CREDENTIALS = re.compile(r"(?:[Bb]earer|[Bb]asic|[Tt]oken|JWT|MAC) +([\w.~+/-]+=*)")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
UTF8_HEADS = frozenset(b"\t\n\r") | frozenset(range(0x20, 0x7F)) | frozenset(range(0xC2, 0xF5))


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


def jsonp(text: str) -> Value:
    """JSON as the argument of a call (`callback({…});`), or behind what keeps it from being run as a script."""
    if text.rstrip()[-1:] not in (")", ";", "]", "}"):
        return None
    match = _CALL.fullmatch(text) or _PREFIXED.fullmatch(text)
    return json_value(match[1]) if match else None


def json_lines(text: str) -> Value:
    """JSON values in lines, two or more (NDJSON), or the data of server-sent events."""
    if "\n" not in text:
        return None
    lines = [line for line in text.split("\n") if line and not line.isspace()]
    if _EVENT.match(text):
        return _events(lines)
    if len(lines) < 2 or lines[0][0] not in "{[":
        return None
    values: list[Value] = []
    for line in lines:
        value = json_value(line)
        if value is None:
            return None
        values.append(value)
    return values


def _events(lines: list[str]) -> Value:
    """Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): each line a named value."""
    pairs = [line.partition(":") for line in lines]
    if not all(colon and name in ("", "data", "event", "id", "retry") for name, colon, _ in pairs):
        return None
    return Members([(name, value.strip()) for name, _, value in pairs if name]) if len(pairs) > 1 else None


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
    if "=" not in text or _PADDED.fullmatch(text) or not _FORM.fullmatch(text):
        return None
    return query(text)


def query(text: str) -> Members | None:
    """The pairs of a query string, percent-decoded once; nothing if there are none. What is no text stays bytes."""
    pairs = []
    for pair in text.split("&"):
        if pair:
            name, equals, value = pair.partition("=")
            name = _unquoted(name) if "%" in name or "+" in name else name
            if not equals and "=" in name:  # encoded once more than its link, as in deep links: ?orgCode%3D330500-0001
                name, _, value = name.partition("=")
            pairs.append((name, _unquoted_value(value)))
    return Members(pairs) if pairs else None


def _unquoted_value(value: str) -> str | bytes:
    if "+" in value:
        value = value.replace("+", " ")
    if "%" not in value:
        return value
    if not value.isascii():
        return unquote(value, errors="replace")
    data = unquote_to_bytes(value)
    text = utf8(data)
    if text is None:
        text = gb18030(data, _MIN_COMMON)
    return data if text is None else text


def _unquoted(name: str) -> str:
    return unquote(name.replace("+", " "), errors="replace")


def cookies(text: str) -> Members:
    """The pairs of a Cookie header (RFC 6265 §4.2.1)."""
    pairs = (pair.strip().partition("=") for pair in text.split(";"))
    return Members([(name, value) for name, _, value in pairs if name])


def credentials(text: str) -> str | None:
    """What stands behind the scheme in an Authorization header (RFC 9110 §11.4)."""
    match = _CREDENTIALS.fullmatch(text)
    return match[1] if match else None


def utf8(data: bytes) -> str | None:
    """UTF-8 text: nothing in it but what can be seen, and white space."""
    if _CONTROLS.search(data):
        return None
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError:
        return None
