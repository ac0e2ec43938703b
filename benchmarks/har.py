"""A small HAR 1.2 writer, so that every tool reads one and the same file.

Bodies that are no UTF-8 stand as ISO-8859-1, one character a byte, with `bodySize` saying so: the one form of binary
bodies that all tools of the benchmark take. WebSocket messages stand in Chrome's `_webSocketMessages`.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from scantrail.model import Message, Pair, Request

START = datetime(2020, 2, 17, tzinfo=UTC)


def make(
    url: str = "https://collect.test/v1",
    body: bytes | str = b"",
    headers: Mapping[str, str] | None = None,
    messages: Iterable[bytes | str] = (),
) -> Request:
    """A request as a capture would hold it; messages are WebSocket messages that were sent."""
    return Request(
        index=0,
        id="0",
        at=START,
        wall=START,
        method="POST" if body else "GET",
        url=url,
        http_version="HTTP/1.1",
        headers=(("User-Agent", "probe/1.0"), *(headers or {}).items()),
        body=body.encode() if isinstance(body, str) else body,
        messages=tuple(
            Message(START, "sent", data.encode() if isinstance(data, str) else data, isinstance(data, str))
            for data in messages
        ),
    )


def write(path: Path, requests: Iterable[Request]) -> int:
    """Write an archive and give its size in bytes."""
    entries = ",\n".join(json.dumps(entry(request), ensure_ascii=False) for request in requests)
    head = '{"log": {"version": "1.2", "creator": {"name": "scantrail benchmark", "version": "1"}, "entries": [\n'
    return path.write_bytes((head + entries + "\n]}}").encode())


def entry(request: Request) -> dict[str, object]:
    """One request as an entry."""
    found: dict[str, object] = {
        "startedDateTime": request.at.isoformat().replace("+00:00", "Z"),
        "time": 12.5,
        "request": _request(request),
        "response": _response(request),
        "cache": {},
        "timings": {"send": 0.5, "wait": 11.0, "receive": 1.0},
    }
    if request.messages:
        found["_webSocketMessages"] = [_message(message) for message in request.messages]
    return found


def _request(request: Request) -> dict[str, object]:
    found: dict[str, object] = {
        "method": request.method,
        "url": request.url,
        "httpVersion": request.http_version,
        "cookies": [],
        "headers": _pairs(request.headers),
        "queryString": _pairs(parse_qsl(urlsplit(request.url).query, keep_blank_values=True)),
        "headersSize": -1,
        "bodySize": len(request.body),
    }
    if request.body:
        mime = next((value for name, value in request.headers if name.lower() == "content-type"), "")
        found["postData"] = {"mimeType": mime, "text": _text(request.body)}
    return found


def _response(request: Request) -> dict[str, object]:
    answer = request.response
    body = answer.body if answer else b""
    return {
        "status": answer.status if answer else 200,
        "statusText": "",
        "httpVersion": request.http_version,
        "cookies": [],
        "headers": _pairs(answer.headers if answer else ()),
        "content": {"size": len(body), "mimeType": "application/json", "text": _text(body)},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": len(body),
    }


def _message(message: Message) -> dict[str, object]:
    data = message.data.decode() if message.text else base64.b64encode(message.data).decode()
    kind = "send" if message.side == "sent" else "receive"
    return {"type": kind, "time": message.at.timestamp(), "opcode": 1 if message.text else 2, "data": data}


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _pairs(pairs: Iterable[Pair]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
