"""One entry of an HTTP archive, as any tool writes it, and the Request that it is.

What archives leave open is decided so:

- A body is bytes: base64 where that is said (in any of several ways), else text in UTF-8, unless its stated size or
  surrogate escapes (PEP 383) show that each character stands for a byte. Form parameters without a text are put
  together again, as a multipart body if that is its type. HTTP Toolkit keeps binary bodies in `_content`.
- Cookies and query parameters that are only in their own lists left the phone all the same: cookies become a `Cookie`
  header if there is none, parameters the query of a URL without one.
- HTTP/2's pseudo-headers are no headers; a URL that is missing is made of them.
- A request that the browser says was not made (no connection, blocked, answered from the cache) is `unsent`.
- A version of HTTP is written as in the log, whatever the tool calls it (`h2`, `http/2.0`, `HTTP/2`).
- A time that cannot be read is the epoch.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from scantrail.model import Address, Message, Pair, Request, Response
from scantrail.readers.har_values import body_bytes, form_bytes, instant, number, port_of, query_of, version_of, wire

UNSENT = frozenset(
    f"net::ERR_{name}"
    for name in (
        *("ADDRESS_INVALID", "ADDRESS_UNREACHABLE", "BLOCKED_BY_ADMINISTRATOR", "BLOCKED_BY_CLIENT", "CACHE_MISS"),
        *("CONNECTION_REFUSED", "CONNECTION_TIMED_OUT", "INTERNET_DISCONNECTED", "NAME_NOT_RESOLVED"),
        *("CERT_AUTHORITY_INVALID", "CERT_COMMON_NAME_INVALID", "CERT_DATE_INVALID"),
        *("NAME_RESOLUTION_FAILED", "SSL_PROTOCOL_ERROR"),
        *("PROXY_CONNECTION_FAILED", "TUNNEL_CONNECTION_FAILED"),
    )
)
"""Chrome's errors (net/base/net_error_list.h) that come before a request is sent."""

_SYSTEM = "[Errno "
"""How mitmproxy's errors begin that the system gave; where it names no server, there was no connection to it."""

_REFUSED = (msgspec.ValidationError, UnicodeEncodeError)  # another type, or surrogates

_Number = float | int | str | None


class Named(Struct, gc=False):
    """A header, a cookie, a parameter of a query or form."""

    name: str
    value: str | None = None
    fileName: str | None = None  # noqa: N815 - HAR's name
    contentType: str | None = None  # noqa: N815


class Text(Struct, gc=False):
    """A body: `postData`, `content`."""

    text: str | None = None
    encoding: str | None = None
    mimeType: str | None = None  # noqa: N815
    params: list[Named] | None = None
    size: _Number = None
    other_encoding: str | bool | None = msgspec.field(default=None, name="_encoding")
    base64: str | bool | None = None
    other_base64: str | bool | None = msgspec.field(default=None, name="_base64")
    is_base64: str | bool | None = msgspec.field(default=None, name="_isBase64")
    base64_encoded: str | bool | None = msgspec.field(default=None, name="base64Encoded")


class Sent(Struct, gc=False):
    """`request`."""

    method: str | None = None
    url: str | None = None
    httpVersion: str | None = None  # noqa: N815
    headers: list[Named] | None = None
    cookies: list[Named] | None = None
    queryString: list[Named] | None = None  # noqa: N815
    postData: Text | None = None  # noqa: N815
    bodySize: _Number = None  # noqa: N815
    content: Text | None = msgspec.field(default=None, name="_content")


class Received(Struct, gc=False):
    """`response`."""

    status: _Number = None
    statusText: str | None = None  # noqa: N815
    headers: list[Named] | None = None
    content: Text | None = None
    bodySize: _Number = None  # noqa: N815
    error: str | None = msgspec.field(default=None, name="_error")
    failure: str | None = msgspec.field(default=None, name="_failureText")


class Frame(Struct, gc=False):
    """One of `_webSocketMessages`, which are Chrome's; mitmproxy and others write them too."""

    type: str | None = None
    time: _Number = None
    opcode: _Number = None
    data: str | None = None


class Entry(Struct, gc=False):
    """One entry."""

    request: Sent | None = None
    response: Received | None = None
    startedDateTime: _Number = None  # noqa: N815
    time: _Number = None
    serverIPAddress: str | None = None  # noqa: N815
    id: str | int | None = msgspec.field(default=None, name="_id")
    server_port: _Number = msgspec.field(default=None, name="_serverPort")
    frames: list[Frame] | None = msgspec.field(default=None, name="_webSocketMessages")
    cache: str | bool | None = msgspec.field(default=None, name="_fromCache")  # Chrome
    fetched: str | None = msgspec.field(default=None, name="_fetchType")  # Safari


def request_of(entry: Entry, sent: Sent, index: int) -> Request:
    """The request that an entry is."""
    begun = instant(entry.startedDateTime)
    headers = _pairs(sent.headers) if sent.headers else ()
    url = wire(sent.url) if sent.url else _url(sent.headers or ())
    if sent.queryString and "?" not in url:
        url = query_of(url, _pairs_of(sent.queryString))
    if sent.cookies and not any(name.lower() == "cookie" for name, _ in headers):
        headers += (("Cookie", wire("; ".join(f"{name}={value}" for name, value in _pairs_of(sent.cookies)))),)
    received = entry.response
    error = (received.error or received.failure or None) if received else None
    return Request(
        index=index,
        id=str(entry.id or index),
        at=begun,
        wall=begun,
        method=sent.method or "",
        url=url,
        http_version=version_of(sent.httpVersion) if sent.httpVersion else "",
        headers=headers,
        body=_body(sent, headers) if sent.postData or sent.content else b"",
        messages=tuple(map(_message, entry.frames)) if entry.frames else (),
        response=_response(received, entry, begun) if received else None,
        error=error,
        unsent=_unsent(entry, error),
        server=_server(entry, url),
    )


def _unsent(entry: Entry, error: str | None) -> str | None:
    if error in UNSENT or (error and error.startswith(_SYSTEM) and not entry.serverIPAddress):
        return error
    cached = (entry.cache and entry.cache != "false") or entry.fetched in ("Memory Cache", "Disk Cache")
    return "answered from the browser's cache" if cached else None


def _response(received: Received, entry: Entry, begun: datetime) -> Response | None:
    status = int(number(received.status))
    if not status:  # there was none
        return None
    content = received.content
    body = _content(content, content.size) if content else b""
    size = number(received.bodySize, -1.0)
    return Response(
        at=_later(begun, number(entry.time)),
        status=status,
        reason=received.statusText or "",
        headers=_pairs(received.headers) if received.headers else (),
        body=body,
        size=int(size) if size >= 0 else len(body),
    )


def _later(begun: datetime, milliseconds: float) -> datetime:
    """Within a year; tools write -1, and worse, for what they do not know."""
    return begun + timedelta(milliseconds=milliseconds) if 0 < milliseconds < 3.2e10 else begun


def _server(entry: Entry, url: str) -> Address | None:
    address = (entry.serverIPAddress or "").strip("[]")
    port = int(number(entry.server_port)) if entry.server_port else port_of(url)
    return (address, port if 0 < port < 65536 else 0) if address else None


def _body(sent: Sent, headers: Sequence[Pair]) -> bytes:
    data = sent.postData
    if data and data.text:
        return _content(data, sent.bodySize)
    if data and data.params:
        stated = data.mimeType or next((value for name, value in headers if name.lower() == "content-type"), "")
        return form_bytes([(p.name, p.value or "", p.fileName, p.contentType) for p in data.params], stated)
    return _content(sent.content, sent.content.size) if sent.content else b""


def _content(content: Text, size: _Number) -> bytes:
    if not content.text:
        return b""
    said = (
        *(content.encoding, content.other_encoding, content.base64, content.other_base64),
        *(content.is_base64, content.base64_encoded),
    )
    base64 = any(word is True or (isinstance(word, str) and word.lower() in ("base64", "true")) for word in said)
    return body_bytes(content.text, size, base64=base64)


def _message(frame: Frame) -> Message:
    text = number(frame.opcode, 1.0) == 1
    side = (frame.type or "").lower()
    return Message(
        at=instant(frame.time),
        side="sent" if side in ("send", "sent", "request", "outgoing", "client") else "received",
        data=body_bytes(frame.data or "", None, base64=not text),
        text=text,
    )


def _pairs(headers: list[Named]) -> tuple[Pair, ...]:
    found = [
        (name if name.isascii() else wire(name), value if value.isascii() else wire(value))
        for header in headers
        if (name := header.name)[:1] != ":"  # HTTP/2's own
        for value in (header.value or "",)
    ]
    return tuple(found)


def _pairs_of(values: list[Named]) -> list[Pair]:
    return [(value.name, value.value or "") for value in values]


def _url(headers: Sequence[Named]) -> str:
    """From HTTP/2's pseudo-headers; nothing if they are not there either."""
    stated = {header.name: header.value or "" for header in headers}
    if ":authority" not in stated:
        return ""
    return wire(f"{stated.get(':scheme', 'https')}://{stated[':authority']}{stated.get(':path', '/')}")


# Entries that are not as specified


def lenient(entry: Mapping[str, Any]) -> Entry:
    """An entry with whatever in it can be understood; what is of an unexpected type is as if it were missing."""
    try:
        return msgspec.convert(entry, Entry)
    except _REFUSED:
        found: Entry = _struct(Entry, entry)
        return found


def _struct(kind: type[Any], values: Mapping[Any, Any]) -> Any:
    """A struct of whatever suits its fields."""
    return kind(
        **{
            field: _suited(type_, name, value)
            for field, name, type_ in _FIELDS[kind]
            if (value := values.get(name)) is not None
        }
    )


_FIELDS: dict[type[Any], list[tuple[str, str, Any]]] = {
    kind: [(field.name, field.encode_name, field.type) for field in msgspec.structs.fields(kind)]
    for kind in (Entry, Sent, Received, Text, Frame)
}
"""What the fields of a struct are called here and in archives, and their types."""

_STRUCTS: dict[str, type[Any]] = {
    "request": Sent,
    "response": Received,
    "postData": Text,
    "content": Text,
    "_content": Text,
}


def _suited(type_: Any, name: str, value: Any) -> Any:
    if name in _STRUCTS:
        if isinstance(value, str):  # some have the body itself where an object should hold it
            value = {"text": value}
        return _struct(_STRUCTS[name], value) if isinstance(value, Mapping) else None
    if name == "_webSocketMessages":
        frames = value if isinstance(value, list) else ()
        return [_struct(Frame, frame) for frame in frames if isinstance(frame, Mapping)]
    if name in ("headers", "cookies", "queryString", "params"):
        return list(_named(value))
    try:
        return msgspec.convert(value, type_)
    except _REFUSED:
        return _plain(value)


def _named(values: Any) -> Iterator[Named]:
    """From a list of objects or pairs or lines, or from an object; whatever the case of the members' names."""
    if isinstance(values, Mapping):
        for name, value in values.items():
            yield from (Named(str(name), _plain(one)) for one in (value if isinstance(value, list) else [value]))
        return
    for value in values if isinstance(values, list) else ():
        match value:
            case {}:
                members = {str(name).lower(): _plain(member) for name, member in value.items()}
                name = members.get("name") or members.get("key") or ""
                yield Named(name, members.get("value"), members.get("filename"), members.get("contenttype"))
            case [name, worth]:
                yield Named(_plain(name) or "", _plain(worth))
            case str():
                name, _, worth = value.partition(":")
                yield Named(name.strip(), worth.strip())


def _plain(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int | float) else None
