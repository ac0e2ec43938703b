"""HTTP archives (HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/), as `readers.har` reads them back.

Bodies are what was on the wire: text where they are UTF-8, base64 where not (also of a request, where the specification
forgot it), and still compressed if they were sent so. URLs and headers whose bytes are no UTF-8 have surrogate escapes
(PEP 383). What is no HTTP request, and what nobody could read, has no place in an archive: it is left out and counted.
"""

import base64
import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from scantrail.model import Message, Pair, Request, Response, split_url
from scantrail.readers.har_entry import UNSENT
from scantrail.readers.har_values import body_bytes

_HELD = ("http", "websocket")  # protocols
_ASKED = "net::ERR_BLOCKED_BY_CLIENT"  # for whatever kept a request from leaving that has no name in archives

type _Json = dict[str, Any]


def write(requests: Iterable[Request], path: Path) -> Counter[str]:
    """Write requests, one entry a line, each as soon as it comes.

    Args:
        requests: what to write.
        path: the file.

    Returns:
        What was left out, and how often.

    Raises:
        OSError: it cannot be written.

    """
    left_out: Counter[str] = Counter()
    written = 0
    with path.open("w", encoding="ascii") as file:
        creator = _json({"name": "scantrail", "version": version("scantrail")})
        file.write(f'{{"log":{{"version":"1.2","creator":{creator},"entries":[')
        for request in requests:
            if why := _no_entry(request):
                left_out[why] += 1
            else:
                file.write((",\n" if written else "\n") + _json(entry(request)))
                written += 1
        file.write("\n]}}\n")
    return left_out


def _no_entry(request: Request) -> str | None:
    if request.unread is not None:
        return "unread"
    return None if request.protocol in _HELD else request.protocol


def entry(request: Request) -> _Json:
    """One request as an entry."""
    response = request.response
    elapsed = max((response.at - request.at).total_seconds() * 1000, 0.0) if response else 0.0
    made: _Json = {
        "_id": request.id,
        "startedDateTime": request.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "time": elapsed,
        "request": _sent(request),
        "response": _received(response, request),
        "cache": {},
        "timings": {"send": 0, "wait": elapsed, "receive": 0},
    }
    if request.server:
        made |= {"serverIPAddress": request.server[0], "_serverPort": request.server[1]}
    if request.unsent is not None:
        made["comment"] = f"It did not leave: {request.unsent}"
        made.pop("serverIPAddress", None)
    if request.messages:
        made["_webSocketMessages"] = [_message(message) for message in request.messages]
    return made


def _sent(request: Request) -> _Json:
    parts = split_url(request.url)
    sent: _Json = {
        "method": request.method,
        "url": _text(request.url),
        "httpVersion": request.http_version or "unknown",
        "cookies": _cookies(request.headers),
        "headers": _headers(request.headers),
        "queryString": _named(parse_qsl(_text(parts.query), keep_blank_values=True, errors="replace") if parts else ()),
        "headersSize": -1,
        "bodySize": len(request.body),
    }
    if request.body:
        sent["postData"] = {"mimeType": _header(request.headers, "content-type"), "params": [], **_body(request.body)}
    return sent


def _received(response: Response | None, request: Request) -> _Json:
    headers = response.headers if response else ()
    body = response.body if response else b""
    received: _Json = {
        "status": response.status if response else 0,
        "statusText": response.reason if response else "",
        "httpVersion": request.http_version or "unknown",
        "cookies": [],
        "headers": _headers(headers),
        "content": {"size": len(body), "mimeType": _header(headers, "content-type"), **(_body(body) if body else {})},
        "redirectURL": _text(_header(headers, "location")),
        "headersSize": -1,
        "bodySize": response.size if response and response.size is not None else len(body),
    }
    if response and response.cut:
        received["content"]["comment"] = "The recorder kept the beginning alone"
    if error := _error(request):
        received["_error"] = error
    return received


def _error(request: Request) -> str | None:
    if request.unsent is None:  # and must not be taken for unsent
        seems_unsent = request.error and request.error.startswith("[Errno ") and not request.server
        return f"error: {request.error}" if seems_unsent else request.error
    known = request.unsent in UNSENT or request.unsent.startswith("[Errno ")
    return request.unsent if known else _ASKED


def _message(message: Message) -> _Json:
    text = _utf8(message.data) if message.text else None
    data = base64.b64encode(message.data).decode("ascii") if text is None else text
    kind = "send" if message.side == "sent" else "receive"
    opcode = 2 if text is None else 1
    return {"type": kind, "time": message.at.astimezone(UTC).timestamp(), "opcode": opcode, "data": data}


def _body(data: bytes) -> _Json:
    """As text if that is read back as the same bytes."""
    text = _utf8(data)
    if text is not None and body_bytes(text, len(data), base64=False) == data:
        return {"text": text}
    return {"text": base64.b64encode(data).decode("ascii"), "encoding": "base64"}


def _utf8(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _text(wire: str) -> str:
    """Text of what the model has as one character for each byte."""
    return wire if wire.isascii() else wire.encode("latin-1", "replace").decode("utf-8", "surrogateescape")


def _headers(headers: Iterable[Pair]) -> list[_Json]:
    return _named((_text(name), _text(value)) for name, value in headers)


def _named(pairs: Iterable[Pair]) -> list[_Json]:
    return [{"name": name, "value": value} for name, value in pairs]


def _header(headers: Iterable[Pair], wanted: str) -> str:
    return next((value for name, value in headers if name.lower() == wanted), "")


def _cookies(headers: Iterable[Pair]) -> list[_Json]:
    pairs = (pair.strip().partition("=") for pair in _text(_header(headers, "cookie")).split(";"))
    return _named((name, value) for name, _, value in pairs if name)


_json = json.JSONEncoder(separators=(",", ":")).encode
