"""Values in HTTP archives, which tools spell differently: bytes, times, numbers, URLs."""

import base64 as base64_
import binascii
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import urlencode

from scantrail.model import Pair

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS = (1900, 2200)  # of times that tables and zones can hold and somebody can mean
_MILLISECONDS, _MICROSECONDS = 1e11, 1e14  # what is larger is no number of seconds (the year 5138), or milliseconds
_ZONE = re.compile(r"\s+(?=[+-]\d{2}:?\d{2}$)|\s*(?:UTC|GMT)$")
_AUTHORITY = re.compile(r"([a-z][a-z0-9+.-]{0,20})://[^/?#]{0,500}", re.IGNORECASE)
_PORT = re.compile(r":(\d{1,5})$")
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_VERSION = re.compile(r"(?:http/|h)([0-3])(?:\.([0-9]))?c?(?:-\d{1,3})?", re.IGNORECASE)
_BOUNDARY = re.compile(r'boundary="?([^";\s]{1,200})', re.IGNORECASE)
_LONE = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # surrogates that stand for no byte
_URL_SAFE = str.maketrans("-_", "+/")


def wire(text: str) -> str:
    """Text as the model has what was bytes on the wire: one character for each byte."""
    return text if text.isascii() else _utf8(text).decode("latin-1")


def _utf8(text: str) -> bytes:
    """UTF-8; characters that are escapes of bytes become those, unless there are other surrogates as well."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass" if _LONE.search(text) else "surrogateescape")


def body_bytes(text: str, size: object, *, base64: bool) -> bytes:
    """The bytes that a body's text stands for.

    Some tools write each byte as one character (ISO-8859-1), others text as UTF-8: where that makes a difference, the
    stated size tells; bytes that were no UTF-8 may also have come as surrogate escapes (PEP 383).
    """
    if base64 and (data := _base64(text)) is not None:
        return data
    if text.isascii():
        return text.encode()
    if len(text) == size and max(text) <= "\xff":
        return text.encode("latin-1")
    return _utf8(text)


def _base64(text: str) -> bytes | None:
    """Of either alphabet, with line breaks, and without its padding if need be."""
    packed = "".join(text.split()).translate(_URL_SAFE).rstrip("=")
    try:
        return base64_.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def form_bytes(params: Sequence[tuple[str, str, str | None, str | None]], stated: str) -> bytes:
    """The body that a form's parameters (name, value, file name, type) were: multipart if `stated` says so."""
    if not stated.lower().startswith("multipart/"):
        return urlencode([(_utf8(name), _utf8(value)) for name, value, _, _ in params]).encode()
    match = _BOUNDARY.search(stated)
    boundary = match.group(1) if match else "boundary"
    parts = [f"--{boundary}\r\n{_part_head(*param)}\r\n\r\n{param[1]}\r\n" for param in params]
    return _utf8(f"{''.join(parts)}--{boundary}--\r\n")


def _part_head(name: str, _: str, file_name: str | None, content_type: str | None) -> str:
    """RFC 7578 §4.2, with quotes as browsers escape them (https://html.spec.whatwg.org/#multipart-form-data)."""
    quoted = [word.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A") for word in (name, file_name or "")]
    head = f'Content-Disposition: form-data; name="{quoted[0]}"'
    if file_name is not None:
        head += f'; filename="{quoted[1]}"'
    return f"{head}\r\nContent-Type: {content_type}" if content_type else head


def query_of(url: str, params: Sequence[Pair]) -> str:
    """A URL with its query, before its fragment if it has one."""
    address, mark, fragment = url.partition("#")
    return f"{address}?{urlencode([(_utf8(name), _utf8(value)) for name, value in params])}{mark}{fragment}"


@lru_cache(maxsize=1024)
def _port(authority: str, scheme: str) -> int:
    match = _PORT.search(authority)
    return int(match.group(1)) if match else _PORTS.get(scheme.lower(), 0)


def port_of(url: str) -> int:
    """The port that a URL addresses; 0 if it says none."""
    match = _AUTHORITY.match(url)
    return _port(match.group(), match.group(1)) if match else 0


def instant(stated: object) -> datetime:
    """A time, in UTC if it has no zone, also as seconds, milli- or microseconds; the epoch if it cannot be read."""
    try:
        time = _seconds(float(stated)) if isinstance(stated, int | float) else _stated(str(stated or ""))
        time = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return EPOCH
    return time if _YEARS[0] <= time.year < _YEARS[1] else EPOCH


def _stated(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    text = text.strip()
    if text and text[0].isalpha():
        return parsedate_to_datetime(text)
    try:
        return _seconds(float(text))
    except ValueError:
        return datetime.fromisoformat(_ZONE.sub("", text))


def _seconds(count: float) -> datetime:
    if count >= _MILLISECONDS:
        count /= 1e6 if count >= _MICROSECONDS else 1e3
    return EPOCH + timedelta(seconds=count)


def number(value: object, otherwise: float = 0.0) -> float:
    """A number, also one in text; `otherwise` if it is none."""
    try:
        found = float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return otherwise
    return found if math.isfinite(found) else otherwise


@lru_cache(maxsize=64)
def version_of(text: str) -> str:
    """A version of HTTP as the other readers write it; nothing if a tool says that it does not know."""
    match = _VERSION.fullmatch(text.strip())
    if not match:
        return "" if text.lower() in ("unknown", "unset") else text
    major, minor = match.groups()
    return f"HTTP/{major}" if major == "3" else f"HTTP/{major}.{minor or ('1' if major == '1' else '0')}"
