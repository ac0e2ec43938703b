"""mitmproxy's flow dumps (`mitmdump -w`), format versions 0.11 to 21: a reader of our own.

A dump is a sequence of tnetstrings (https://tnetstrings.info, with mitmproxy's `;` for text), one dict for each flow.
Every value states its length, so what is not needed (certificates, timings) is stepped over unparsed; that, and not
taking each flow through twenty migrations, is where the speed comes from. Where versions differ in names (`content` was
`body` for a while, `peername` was `address`, early keys are bytes), the known ones are tried in turn.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from scantrail.model import Address, CaptureError, Message, Pair, Problem, Request, Response

_NEWEST = 21  # mitmproxy 12.2
_OLDEST = (0, 11)
_LENGTH_DIGITS = 12  # as many as mitmproxy allows
_FLOW = frozenset(b"client_conn error id messages metadata request response server_conn type version websocket".split())
_CONNECTION = frozenset(b"address ip_address peer_address peername sni timestamp_start tls_version".split())

type _Values = Mapping[str, Any]


class _FrameError(Exception):
    """Not a tnetstring: where the next flow begins is not known."""


def read(path: Path, problems: list[Problem]) -> Iterator[Request]:
    """Read a dump (see `scantrail.readers` for the contract)."""
    offset = index = 0
    urls: dict[str, str] = {}
    with path.open("rb") as file:
        while head := file.read(_LENGTH_DIGITS + 1):
            try:
                size = _size(head)
                file.seek(offset + size.begin)
                blob = file.read(size.length + 1)
                if len(blob) <= size.length:
                    raise _FrameError("cut short")
                request = _request(_flow(blob), index, urls)
            except _FrameError as error:  # nobody knows where the next one begins
                problems.append(Problem(path.name, offset, f"{error}; what stands before is kept"))
                break
            except (LookupError, TypeError, ValueError) as error:
                why = f"no {error} in it" if isinstance(error, KeyError) else str(error)
                problems.append(Problem(path.name, offset, f"{why}; skipped"))
            else:
                yield request
                index += 1
            offset += size.begin + size.length + 1
    if problems and not index:
        raise CaptureError(f"{path} is not a dump that can be read: {problems[0]}")


# tnetstrings


class _Size(NamedTuple):
    begin: int  # of the value, after the length and the colon
    length: int


def _size(head: bytes) -> _Size:
    digits, colon, _ = head.partition(b":")
    if not (colon and digits.isdigit()):
        raise _FrameError("not a flow of mitmproxy")
    return _Size(len(digits) + 1, int(digits))


def _flow(blob: bytes) -> dict[str, Any]:
    """The wanted values of one flow; `blob` ends in its type."""
    if blob[-1:] != b"}":
        raise _FrameError("not a flow of mitmproxy")
    flow = _dict(blob, 0, len(blob) - 1, _FLOW)
    _check(flow)
    return flow


def _dict(data: bytes, at: int, end: int, wanted: frozenset[bytes] | None = None) -> dict[str, Any]:
    """A dict, of which only wanted keys are parsed. Written out in full, since it is run a hundred times a flow."""
    found: dict[str, Any] = {}
    while at < end:
        colon = data.index(b":", at, end)
        stop = colon + 1 + int(data[at:colon])
        key = data[colon + 1 : stop]
        colon = data.index(b":", stop + 1, end)
        start, after = colon + 1, colon + 1 + int(data[stop + 1 : colon])
        if not at < stop < colon < start <= after < end:
            raise ValueError("a length that leads nowhere")
        if wanted is None or key in wanted:
            found[key.decode("ascii", "replace")] = _member(data, key, start, after)
        at = after + 1
    return found


def _member(data: bytes, key: bytes, start: int, end: int) -> Any:
    """A value in a dict, those that come often or need care first."""
    if key == b"headers":
        return _pairs(data[start:end].decode("latin-1"))
    if key in (b"client_conn", b"server_conn"):
        return _connection(data[start:end])
    return _value(data, start, end, data[end])


@lru_cache(maxsize=1024)
def _connection(data: bytes) -> dict[str, Any]:
    """The flows of one connection repeat it to the letter."""
    return _dict(data, 0, len(data), _CONNECTION)


def _pairs(text: str) -> tuple[Pair, ...]:
    """A list of [name, value], decoded at once and cut by the stated lengths."""
    pairs, at, end = [], 0, len(text)
    while at < end:
        colon = text.index(":", text.index(":", at) + 1)
        before = text.index(":", at) + 1
        stop = colon + 1 + int(text[before:colon])
        second = text.index(":", stop + 1)
        after = second + 1 + int(text[stop + 1 : second])
        if not colon < stop < second < after <= end:
            raise ValueError("headers that are none")
        pairs.append((text[colon + 1 : stop], text[second + 1 : after]))
        at = after + 2
    return tuple(pairs)


def _value(data: bytes, start: int, end: int, kind: int) -> Any:
    match chr(kind):
        case ",":
            return data[start:end]
        case ";":
            return data[start:end].decode("utf-8", "surrogateescape")
        case "~":
            return None
        case "#":
            return int(data[start:end])
        case "^":
            return float(data[start:end])
        case "!":
            return data[start:end] == b"true"
        case "}":
            return _dict(data, start, end)
        case "]":
            return _list(data, start, end)
    raise ValueError(f"unknown type {chr(kind)!r}")


def _list(data: bytes, at: int, end: int) -> list[Any]:
    found = []
    while at < end:
        colon = data.index(b":", at, end)
        start, stop = colon + 1, colon + 1 + int(data[at:colon])
        if not at < start <= stop < end:
            raise ValueError("a length that leads nowhere")
        found.append(_value(data, start, stop, data[stop]))
        at = stop + 1
    return found


# flows


def _check(flow: _Values) -> None:
    version = flow.get("version")
    if isinstance(version, int) and version > _NEWEST:
        raise ValueError(f"written by a newer mitmproxy (format {version}; this scantrail reads up to {_NEWEST})")
    if isinstance(version, list) and tuple(version[:2]) < _OLDEST:
        raise ValueError(f"written by mitmproxy {'.'.join(map(str, version))}; the oldest that can be read is 0.11")
    if not isinstance(version, int | list):
        raise ValueError("not a flow of mitmproxy")


def _request(flow: _Values, index: int, urls: dict[str, str]) -> Request:
    """One flow. `urls` remembers those of WebSocket handshakes, which early versions keep apart from the messages."""
    client, server = flow.get("client_conn") or {}, flow.get("server_conn") or {}
    kind = _text(flow.get("type", "http"))
    http = flow.get("request") if kind == "http" else None
    begun = (flow.get("request") or client).get("timestamp_start") or client.get("timestamp_start") or 0.0
    values: dict[str, Any] = {
        "index": index,
        "id": _text(flow.get("id", "")),
        "at": _time(begun),
        "wall": _time(begun),
        "protocol": kind,
        "client": _address(client, "peername", "address"),
        "server": _address(server, "peername", "ip_address", "peer_address", "address"),
        "sni": _text(client.get("sni")) if client.get("sni") else None,
        "tls_version": client.get("tls_version") and _text(client["tls_version"]),
        "error": _text(flow["error"]["msg"]) if flow.get("error") else None,
    }
    if http is not None:
        values |= _http(http)
        urls[values["id"]] = values["url"]
        response = flow.get("response")
        values["response"] = _response(response, http) if response else None
        values["messages"] = _websocket((flow.get("websocket") or {}).get("messages") or ())
    elif kind == "websocket":
        values["url"] = urls.get(_text((flow.get("metadata") or {}).get("websocket_handshake", "")), "")
        values["messages"] = _websocket(flow.get("messages") or ())
    elif kind == "dns":
        questions = (flow.get("request") or {}).get("questions") or ()
        values["url"] = "dns:" + " ".join(str(_text(question["name"])) for question in questions)
    else:
        values["messages"] = tuple(
            _message(sent, content, at, text=False) for sent, content, at, *_ in flow.get("messages") or ()
        )
    return Request(**values)


def _http(request: _Values) -> dict[str, Any]:
    headers: tuple[Pair, ...] = request.get("headers") or ()
    pseudo = {name: value for name, value in headers if name.startswith(":")}  # early HTTP/2 kept them as headers
    named = pseudo.get(":authority") or _latin(request.get("authority") or b"")  # as the client named it
    named = named or next((value for name, value in headers if name.lower() == "host"), "")
    authority = named or f"{_latin(request.get('host') or b'')}:{request.get('port') or 0}"
    return {
        "method": _latin(request["method"]),
        "url": f"{_latin(request.get('scheme') or b'')}://{authority}{_latin(request['path'])}",
        "http_version": _version(request),
        "headers": tuple(pair for pair in headers if pair[0] not in pseudo) + _trailers(request),
        "body": request.get("content") or request.get("body") or b"",
    }


def _response(response: _Values, request: _Values) -> Response:
    body = response.get("content") or response.get("body") or b""
    return Response(
        at=_time(response.get("timestamp_end") or response.get("timestamp_start") or request["timestamp_start"]),
        status=response.get("status_code") or response.get("code") or 0,
        reason=_latin(response.get("reason") or response.get("msg") or b""),
        headers=(response.get("headers") or ()) + _trailers(response),
        body=body,
        size=len(body),
    )


def _trailers(message: _Values) -> tuple[Pair, ...]:
    return tuple((_latin(name), _latin(value)) for name, value in message.get("trailers") or ())


def _websocket(messages: Iterable[list[Any]]) -> tuple[Message, ...]:
    return tuple(_message(sent, content, at, text=kind == 1) for kind, sent, content, at, *_ in messages)


def _message(sent: bool, content: bytes | str, at: float, *, text: bool) -> Message:
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
    return Message(_time(at), "sent" if sent else "received", data, text)


def _version(request: _Values) -> str:
    if "httpversion" in request:  # before 0.14
        return "HTTP/" + ".".join(map(str, request["httpversion"]))
    return _latin(request.get("http_version") or b"")


def _address(connection: _Values, *names: str) -> Address | None:
    for name in names:
        value = connection.get(name)
        if isinstance(value, dict):  # before 2.0 an address was a dict
            value = value.get("address")
        if value:
            return _text(value[0]), int(value[1])
    return None


def _latin(value: bytes | str) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _text(value: Any) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
