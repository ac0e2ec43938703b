"""What stands in a code behind a prefix: opened to JSON text, which the decoders then walk like any other.

Each function takes the payload (or a part of it) and gives JSON text, or None if it is damaged or none of the kind.
Codes are a stranger's input: sizes are bounded by the code's own (`scantrail.qr.LONGEST`) and by `_INFLATED`.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

from scantrail.decoders import text

_INFLATED = 1 << 20  # bytes that a compressed certificate may become; real ones are below 2 KB
_BASE45 = {char: value for value, char in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")}  # RFC 9285
_URL_SAFE = str.maketrans("-_", "+/")
_SORTS = (
    "unspecified",
    "other permanent place",
    "other temporary place",
    "retail",
    "food service",
    "craft",
    "workplace",
    "educational institution",
    "public building",
    "cultural event",
    "club activity",
    "private event",
    "worship service",
)  # TraceLocationType of the Corona-Warn-App


def base64_json(payload: str) -> str | None:
    """Base64 (either alphabet, padded or not) of a JSON object."""
    data = _base64(unquote(payload))
    return _json_object(data) if data else None


def business(payload: str) -> str | None:
    """Base64 of the JSON object that Service NSW's posters have."""
    opened = base64_json(payload)
    return opened if opened and '"bname"' in opened else None


def jwt(payload: str) -> str | None:
    """A JSON web token (RFC 7519): its header and what it states. The signature is not checked: no key is at hand."""
    parts = payload.split(".")
    if len(parts) != 3:
        return None
    header, claims = base64_json(parts[0]), base64_json(parts[1])
    return f'{{"header":{header},"payload":{claims}}}' if header and claims else None


def health_certificate(payload: str) -> str | None:
    """An EU Digital COVID Certificate: base45, zlib, COSE_Sign1, CBOR. The signature is not checked."""
    import cbor2

    data = _base45(payload)
    inflated = _inflate(data) if data else None
    if inflated is None:
        return None
    try:
        signed = cbor2.loads(inflated)
        claims = cbor2.loads(getattr(signed, "value", signed)[2])  # the COSE tag may be left out
        told = {
            "issuer": claims.get(1),
            "issued": claims.get(6),
            "expires": claims.get(4),
            "certificate": claims[-260][1],
        }
        return json.dumps(told, default=str, ensure_ascii=False)
    except (cbor2.CBORDecodeError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return None


def trace_location(payload: str) -> str | None:
    """A QRCodePayload of the Corona-Warn-App: base64url of a protobuf message."""
    data = _base64(payload)
    message = _message(data, _QR_CODE_PAYLOAD) if data else None
    if not message or not {"locationData", "crowdNotifierData"} <= message.keys():
        return None
    vendor = message.get("vendorData")
    if isinstance(vendor, dict) and isinstance(sort := vendor.get("type"), int) and sort < len(_SORTS):
        vendor["type"] = _SORTS[sort]
    return json.dumps(message, ensure_ascii=False)


def fields_of_card(payload: str) -> str | None:
    """`KEY:value;KEY:value;;` as in MECARD and WIFI codes; a backslash escapes (NTT Docomo's specification)."""
    pairs: dict[str, list[str]] = {}
    for part in re.split(r"(?<!\\);", payload):
        key, colon, value = part.partition(":")
        if colon and value:
            pairs.setdefault(key.strip().lower(), []).append(re.sub(r"\\(.)", r"\1", value))
    return json.dumps(pairs) if pairs else None


def lines_of_card(payload: str) -> str | None:
    """`KEY;PARAMETER=…:value` lines, as in vCard (RFC 6350) and iCalendar (RFC 5545)."""
    pairs: dict[str, list[str]] = {}
    for line in re.sub(r"\r?\n[ \t]", "", payload).splitlines():
        name, colon, value = line.partition(":")
        key = name.partition(";")[0].rpartition(".")[2].strip().lower()
        if colon and value.strip() and key not in ("begin", "end", "version"):
            plain = re.sub(r"\\([,;\\])", r"\1", value.replace("\\n", ", ")).strip("; ")
            pairs.setdefault(key, []).append(plain.removeprefix("tel:").removeprefix("geo:"))
    return json.dumps(pairs) if pairs else None


def geo(payload: str) -> str | None:
    """`lat,lng[,alt][;crs=…][;u=metres][?q=lat,lng(label)]` (RFC 5870; the query is Android's)."""
    place, _, asked = payload.partition("?")
    point, *parameters = place.split(";")
    told = dict(parameter.partition("=")[::2] for parameter in parameters)
    told |= {"point": ",".join(point.split(",")[:2])} | dict(parse_qsl(asked))
    told["asked"], _, told["label"] = told.pop("q", "").rstrip(")").partition("(")
    return json.dumps(told) if "," in point else None


def number(payload: str) -> str | None:
    """`tel:` (RFC 3966), `sms:` (RFC 5724) or `smsto:`: a telephone number, and perhaps a message."""
    called, _, message = unquote(payload).partition("?" if "?" in payload else ":")
    digits = re.sub(r"[\s().-]", "", called.partition(";")[0])
    told = {"number": digits} | ({"message": message.removeprefix("body=")} if message else {})
    return json.dumps(told) if re.fullmatch(r"\+?[\d*#]{2,20}", digits) else None


def mail(payload: str) -> str | None:
    """`mailto:` (RFC 6068): addresses, subject, text."""
    parts = urlsplit("mailto:" + payload)
    told: dict[str, object] = dict(parse_qsl(parts.query))
    told["to"] = [unquote(address).strip() for address in parts.path.split(",") if "@" in unquote(address)]
    return json.dumps(told) if told["to"] else None


# Layers


def _base64(payload: str) -> bytes | None:
    standard = "".join(payload.split()).translate(_URL_SAFE).rstrip("=")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _json_object(data: bytes) -> str | None:
    try:
        decoded = data.decode()
    except UnicodeDecodeError:
        return None
    return decoded if decoded.lstrip().startswith("{") and text.json_value(decoded) is not None else None


def _base45(payload: str) -> bytes | None:
    values = [_BASE45.get(char, 99) for char in payload]
    if max(values, default=99) == 99 or len(values) % 3 == 1:
        return None
    data = bytearray()
    for start in range(0, len(values), 3):
        group = values[start : start + 3]
        total = sum(value * 45**power for power, value in enumerate(group))
        if total >= 256 ** (len(group) - 1):
            return None
        data += total.to_bytes(len(group) - 1, "big")
    return bytes(data)


def _inflate(data: bytes) -> bytes | None:
    if data[:1] != b"x":  # compression may be left out
        return data
    inflater = zlib.decompressobj()
    try:
        inflated = inflater.decompress(data, _INFLATED)
    except zlib.error:
        return None
    return inflated if inflater.eof else None


# The Corona-Warn-App's message: field number → name and, for messages, their own fields (QRCodePayload, version 1).
type _Schema = Mapping[int, tuple[str, "_Schema | type"]]
_QR_CODE_PAYLOAD: _Schema = {
    2: (
        "locationData",
        {2: ("description", str), 3: ("address", str), 5: ("startTimestamp", int), 6: ("endTimestamp", int)},
    ),
    3: ("crowdNotifierData", {2: ("publicKey", bytes), 3: ("cryptographicSeed", bytes)}),
    4: ("vendorData", {2: ("type", int), 3: ("defaultCheckInLengthInMinutes", int)}),
}


def _message(data: bytes, schema: _Schema) -> dict[str, object] | None:
    """A protobuf message by its schema; None if it is none."""
    told: dict[str, object] = {}
    try:
        for key, value in _protobuf(data):
            name, sort = schema.get(key, ("", int))
            if not name:
                continue
            if isinstance(value, int) != (sort is int):
                return None
            if isinstance(value, int):
                told[name] = value
            elif sort is bytes:
                told[name] = base64.urlsafe_b64encode(value).decode().rstrip("=")
            elif sort is str:
                told[name] = value.decode()
            elif isinstance(sort, Mapping):
                told[name] = _message(value, sort)
    except (IndexError, ValueError):  # cut short, or no UTF-8 where text must be
        return None
    return told


def _protobuf(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        value, at = _varint(data, at)
        if tag & 7 == 0:
            yield tag >> 3, value
        elif tag & 7 == 2 and at + value <= len(data):
            yield tag >> 3, data[at : at + value]
            at += value
        else:
            raise ValueError("not a wire type that this message has")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value, at, shift = value | (byte & 0x7F) << shift, at + 1, shift + 7
        if byte < 0x80:
            return value, at
        if shift > 63:
            raise ValueError("a number of more than 64 bits")
