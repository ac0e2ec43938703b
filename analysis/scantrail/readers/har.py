"""HTTP archives (HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/) of any tool, tolerantly.

Entries are read one by one, so that a large archive needs no more memory than its largest entry. What tools do
differently is taken as it comes: a byte order mark, compression (`.zhar`, gzip), an entry without a response, without
`content`, without `log` around it; bodies as text, as base64, as bytes in ISO-8859-1 or as surrogate escapes.
"""

import base64
import binascii
import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, TextIO
from urllib.parse import urlencode

from scantrail.model import CaptureError, Message, Pair, Problem, Request, Response

_CHUNK = 1 << 20  # characters; doubled while an entry is larger
_ENTRIES = re.compile(r'"entries"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_decode = json.JSONDecoder().raw_decode

type _Object = Mapping[str, Any]


def read(path: Path, problems: list[Problem]) -> Iterator[Request]:
    """Read an archive (see `scantrail.readers` for the contract). Offsets count characters of the decoded text."""
    index = 0
    try:
        with (
            path.open("rb") as file,
            _plain(file) as plain,
            io.TextIOWrapper(plain, "utf-8-sig", "surrogateescape") as text,
        ):
            for offset, entry in _entries(text, path, problems):
                request = entry.get("request") if isinstance(entry, dict) else None
                if isinstance(request, dict):
                    yield _request(entry, request, index)
                    index += 1
                else:
                    problems.append(Problem(path.name, offset, "an entry without a request, skipped"))
    except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError) as error:
        problems.append(Problem(path.name, 0, f"the compression is damaged ({error})"))
    if problems and not index:
        raise CaptureError(f"{path} is not an HTTP archive: {problems[0]}")


def _plain(file: BinaryIO) -> BinaryIO:
    """The archive without its compression, by what the bytes are and not by the name."""
    magic = file.read(4)
    file.seek(0)
    if magic.startswith(b"\x1f\x8b"):
        return gzip.open(file)  # type: ignore[return-value] # a GzipFile is a binary file
    if magic == b"PK\x03\x04":
        archive = zipfile.ZipFile(file)
        return archive.open(archive.namelist()[0])  # type: ignore[return-value]
    return file


def _entries(text: TextIO, path: Path, problems: list[Problem]) -> Iterator[tuple[int, Any]]:
    """The members of `entries`, each with its offset; or, in a file without any, the one entry that the file is."""
    buffer, begin = "", 0  # what was read and not yet used, and where it begins
    while not (start := _ENTRIES.search(buffer)):
        chunk = text.read(_CHUNK)
        if not chunk:
            with suppress(ValueError):
                yield 0, json.loads(buffer)
                return
            problems.append(Problem(path.name, 0, "no entries, and not one entry either"))
            return
        buffer += chunk
    at, size = start.end(), _CHUNK
    while True:
        at = _BETWEEN.match(buffer, at).end()  # type: ignore[union-attr] # matches nothing at least
        if buffer[at : at + 1] == "]":
            return
        try:
            entry, end = _decode(buffer, at)
        except (json.JSONDecodeError, RecursionError) as error:
            chunk = text.read(size)
            if not chunk:
                problems.append(
                    Problem(path.name, begin + at, f"broken off or damaged ({error}); what stands before is kept")
                )
                return
            buffer, begin, at, size = buffer[at:] + chunk, begin + at, 0, size * 2
            continue
        yield begin + at, entry
        at, size = end, _CHUNK


def _request(entry: _Object, request: _Object, index: int) -> Request:
    begun = _time(entry.get("startedDateTime"))
    headers = _pairs(request)
    address = entry.get("serverIPAddress")
    return Request(
        index=index,
        id=str(entry.get("_id") or index),
        at=begun,
        wall=begun,
        method=str(request.get("method") or ""),
        url=_wire(str(request.get("url") or "")),
        http_version=str(request.get("httpVersion") or ""),
        headers=headers,
        body=_body(request),
        messages=tuple(_messages(entry)),
        response=_response(entry, begun),
        error=_error(entry),
        server=(str(address).strip("[]"), _port(entry)) if address else None,
    )


def _response(entry: _Object, begun: datetime) -> Response | None:
    response = entry.get("response")
    if not isinstance(response, dict) or not response.get("status"):  # status 0: there was none
        return None
    content = response.get("content") or {}
    body = _bytes(content.get("text"), content.get("encoding"), content.get("size"))
    size = response.get("bodySize")
    return Response(
        at=begun + timedelta(milliseconds=_number(entry.get("time"))),
        status=int(_number(response["status"])),
        reason=str(response.get("statusText") or ""),
        headers=_pairs(response),
        body=body,
        size=size if isinstance(size, int) and size >= 0 else len(body),
    )


def _error(entry: _Object) -> str | None:
    response = entry.get("response")
    error = response.get("_error") if isinstance(response, dict) else None
    return str(error) if error else None


def _body(request: _Object) -> bytes:
    data = request.get("postData")
    if not isinstance(data, dict):
        return b""
    if data.get("text"):
        return _bytes(data["text"], data.get("encoding") or data.get("_encoding"), request.get("bodySize"))
    pairs = [(str(p.get("name", "")), str(p.get("value", ""))) for p in data.get("params") or () if isinstance(p, dict)]
    return urlencode(pairs).encode()


def _bytes(text: object, encoding: object, size: object) -> bytes:
    """The bytes that a body's text stands for.

    Some tools write each byte as one character (ISO-8859-1), others text as UTF-8: where that makes a difference, the
    stated size tells; bytes that were no UTF-8 may also have come as surrogate escapes (PEP 383).
    """
    if not isinstance(text, str):
        return b""
    if encoding == "base64":
        with suppress(binascii.Error, ValueError):
            return base64.b64decode(text)
    if len(text) == size and not text.isascii():
        with suppress(UnicodeEncodeError):
            return text.encode("latin-1")
    return text.encode("utf-8", "surrogateescape" if not _lone(text) else "surrogatepass")


def _lone(text: str) -> bool:
    """Whether it holds surrogates that are no escapes of bytes."""
    return any("\ud800" <= char <= "\udfff" and not "\udc80" <= char <= "\udcff" for char in text)


def _messages(entry: _Object) -> Iterator[Message]:
    """Chrome's `_webSocketMessages`, which mitmproxy writes too."""
    for message in entry.get("_webSocketMessages") or ():
        text = message.get("opcode") == 1
        data = message.get("data") or ""
        yield Message(
            at=_EPOCH + timedelta(seconds=_number(message.get("time"))),
            side="sent" if message.get("type") == "send" else "received",
            data=_bytes(data, None if text else "base64", None),
            text=text,
        )


def _pairs(part: _Object) -> tuple[Pair, ...]:
    headers = part.get("headers") or ()
    found = [(str(h.get("name", "")), str(h.get("value", ""))) for h in headers if isinstance(h, dict)]
    return tuple((_wire(name), _wire(value)) for name, value in found if not name.startswith(":"))  # HTTP/2's own


def _wire(text: str) -> str:
    """Text as the model has what was bytes on the wire: one character for each byte."""
    return (
        text
        if text.isascii()
        else text.encode("utf-8", "surrogateescape" if not _lone(text) else "surrogatepass").decode("latin-1")
    )


def _port(entry: _Object) -> int:
    port = entry.get("_serverPort") or entry.get("connection") or 0
    return int(port) if str(port).isdecimal() and int(port) < 65536 else 0


def _time(stated: object) -> datetime:
    """The time of an entry; the epoch if it has none that can be read."""
    try:
        time = datetime.fromisoformat(str(stated))
    except ValueError:
        return _EPOCH
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
