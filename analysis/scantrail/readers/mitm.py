"""mitmproxy's flow dumps (`mitmdump -w`), format versions 0.11 to 21: a reader of our own.

A kernel (`mitm_kernel`, compiled for all but small dumps) turns many flows at once into msgpack, msgspec makes typed
objects of that, and what is left for Python is to put a Request together. Where versions differ in names (`content` was
`body` for a while, `peername` was `address`), a flow has whichever its version wrote. Bytes come out of the kernel as
text with one character for each byte, other than bodies and messages.
"""

import io
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np
from msgspec import Struct

from scantrail.model import Address, CaptureError, Message, Pair, Problem, Request, Response
from scantrail.readers import mitm_kernel as kernel
from scantrail.readers.plain import DAMAGED, opened

_NEWEST = 21  # mitmproxy 12.2
_OLDEST = [0, 11]
_CHUNK = 1 << 18  # bytes: what is read, transcoded and decoded at a time stays in the processor's cache
_FLOWS = 1024  # transcoded in one go at most
_UNKNOWN = 1 << 62  # the size of a file that was compressed: more than any
_SMALL = 1 << 18  # bytes that are read before a compiled kernel would be loaded (0.5 s), let alone made (3 s)
_DNS_TYPES = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV"} | {
    35: "NAPTR",
    64: "SVCB",
    65: "HTTPS",
    255: "ANY",
}
"""Of https://www.iana.org/assignments/dns-parameters those that are asked for, as mitmproxy names them."""

type _Seconds = float | int | str | None  # text: digits that the kernel could not take
type _Host = list[Any] | dict[str, Any] | None  # before 2.0 an address was a dict that held the list


class _Connection(Struct, gc=False):
    address: _Host = None
    ip_address: _Host = None
    peer_address: _Host = None
    peername: _Host = None
    sni: str | bool | None = None  # false in some versions
    timestamp_start: _Seconds = None
    tls_version: str | None = None


class _Question(Struct, gc=False):
    name: str
    type: int


class _Sent(Struct, gc=False):
    """What was asked: by HTTP, or of the DNS."""

    method: str | None = None
    scheme: str = ""
    host: str = ""
    port: int | None = None
    path: str | None = None
    authority: str = ""
    http_version: str = ""
    httpversion: list[int] | None = None  # before 0.14
    headers: tuple[Pair, ...] = ()
    trailers: tuple[Pair, ...] | None = None
    content: bytes | None = None
    body: bytes | None = None
    timestamp_start: _Seconds = None
    timestamp: _Seconds = None
    questions: list[_Question] = []


class _Received(Struct, gc=False):
    status_code: int | None = None
    code: int | None = None
    reason: str | None = None
    msg: str | None = None
    headers: tuple[Pair, ...] = ()
    trailers: tuple[Pair, ...] | None = None
    content: bytes | None = None
    body: bytes | None = None
    timestamp_start: _Seconds = None
    timestamp_end: _Seconds = None


class _Error(Struct, gc=False):
    msg: str


class _WebSocket(Struct, gc=False):
    messages: list[list[Any]] = []


class _Metadata(Struct, gc=False):
    websocket_handshake: str = ""


class _Head(Struct, gc=False):
    version: int | list[int] | None = None


class _Flow(Struct, gc=False):
    version: int | list[int]
    id: str = ""
    type: Literal["http", "websocket", "tcp", "udp", "dns"] = "http"
    client_conn: int | None = None  # a number of the kernel's
    server_conn: int | None = None
    request: _Sent | None = None
    response: _Received | None = None
    error: _Error | None = None
    websocket: _WebSocket | None = None
    messages: list[list[Any]] | None = None
    metadata: _Metadata | None = None


_decode = msgspec.msgpack.Decoder(_Flow).decode
_decode_head = msgspec.msgpack.Decoder(_Head).decode
_decode_connection = msgspec.msgpack.Decoder(_Connection).decode


class _End(NamedTuple):
    """What a connection tells of one end of it."""

    address: Address | None = None
    sni: str | None = None
    tls_version: str | None = None
    begun: _Seconds = None


_NOBODY = _End()


def read(path: Path, problems: list[Problem]) -> Iterator[Request]:
    """Read a dump, also a gzipped one (see `scantrail.readers` for the contract). Offsets are in the plain dump."""
    index = 0
    urls: dict[str, str] = {}
    for offset, packed, reason, ends in _flows(path, problems):
        try:
            if reason:
                raise ValueError(reason)
            request = _request(_flow(packed), index, urls, ends)
        except (msgspec.ValidationError, ValueError) as error:
            problems.append(Problem(path.name, offset, f"{error}; skipped"))
        else:
            yield request
            index += 1
    if problems and not index:
        raise CaptureError(f"{path} is not a dump that can be read: {problems[0]}")


type _Packed = tuple[int, memoryview, str, "_Ends"]  # a flow's offset, its msgpack, why it is none, its connections


def _flows(path: Path, problems: list[Problem]) -> Iterator[_Packed]:
    """The flows of a file, a chunk of whole ones at a time. What follows damage to a frame cannot be found again."""
    with closing(_Source(path)) as source:
        small = source.small
        transcode = kernel.transcode if small else kernel.compiled()
        table, connections, *more = kernel.room(_FLOWS)
        out: Any = np.empty(0, np.uint8)
        reason, need = kernel.CUT, 0
        while reason == kernel.CUT and source.more(need):
            data, at, reason = source.data, 0, kernel.FULL
            if len(out) < kernel.GROWTH * len(data):
                out = np.empty(kernel.GROWTH * len(data), np.uint8)
            packed = memoryview(out)
            read, write = (data.tobytes(), packed) if small else (data, out)
            while reason == kernel.FULL:
                count, at, reason, need = transcode(read, at, write, table, connections, *more)
                ends = _Ends(packed, connections)
                for offset, begin, end, why, _ in table[:count].tolist():
                    yield source.offset + offset, packed[begin:end], kernel.REASONS[why], ends
            source.drop(at)
        if len(source.data) or source.damage:
            message = f"{source.damage or kernel.REASONS[reason]}; what stands before is kept"
            problems.append(Problem(path.name, source.offset, message))


class _Ends(dict[int | None, _End]):
    """The connections that flows name by number, each decoded when it is first asked for."""

    def __init__(self, packed: memoryview, table: np.ndarray[Any, Any]) -> None:
        super().__init__({None: _NOBODY})
        self._packed, self._table = packed, table

    def __missing__(self, number: int) -> _End:
        _, begin, end, why, _ = self._table[number].tolist()
        if why:
            raise ValueError(kernel.REASONS[why])
        found = _decode_connection(self._packed[begin:end])
        self[number] = made = _End(
            _address(found.peername or found.ip_address or found.peer_address or found.address),
            found.sni if isinstance(found.sni, str) and found.sni else None,
            found.tls_version,
            found.timestamp_start,
        )
        return made


class _Source:
    """The bytes of a dump from `offset` on, as far as they were read and not yet dropped: `data`."""

    def __init__(self, path: Path) -> None:
        self.offset, self.damage = 0, ""
        self._buffer = np.empty(_CHUNK, np.uint8)
        self.data = self._buffer[:0]
        self._file: io.BufferedIOBase = io.BytesIO()
        try:
            self._file = opened(path)
        except DAMAGED as error:
            self.damage = f"the compression is damaged ({error})"
        self._size = path.stat().st_size if isinstance(getattr(self._file, "raw", None), io.FileIO) else _UNKNOWN

    @property
    def small(self) -> bool:
        """Whether all of it is read sooner than a compiled kernel is at hand."""
        return self._size <= _SMALL

    def more(self, need: int) -> bool:
        """Read on. False if the file has ended, or ends before there are `need` bytes, whoever wrote such a length."""
        if self.offset + need > self._size:
            return False
        held, room = len(self.data), len(self._buffer)
        buffer = self._buffer if 2 * held < room else np.empty(2 * room, np.uint8)
        buffer[:held] = self.data
        try:
            count = self._file.readinto(buffer[held:].data) or self._file.readinto(buffer[held:].data)  # see `opened`
        except DAMAGED as error:
            count, self.damage = 0, f"the compression is damaged ({error})"
        self._buffer, self.data = buffer, buffer[: held + count]
        return count > 0

    def drop(self, count: int) -> None:
        """Forget so many bytes."""
        self.data, self.offset = self.data[count:], self.offset + count

    def close(self) -> None:
        self._file.close()


# flows


def _flow(packed: memoryview) -> _Flow:
    """One flow.

    Raises:
        ValueError, msgspec.ValidationError: it is none, or of a version that cannot be read.

    """
    try:
        flow = _decode(packed)
    except msgspec.ValidationError:
        _check(_decode_head(packed).version)
        raise
    _check(flow.version)
    return flow


def _check(version: int | list[int] | None) -> None:
    if version is None:
        raise ValueError("not a flow of mitmproxy")
    if isinstance(version, int):
        if version > _NEWEST:
            raise ValueError(f"written by a newer mitmproxy (format {version}; this scantrail reads up to {_NEWEST})")
    elif version[:2] < _OLDEST:
        raise ValueError(f"written by mitmproxy {'.'.join(map(str, version))}; the oldest that can be read is 0.11")


def _request(flow: _Flow, index: int, urls: dict[str, str], ends: _Ends) -> Request:
    """One flow. `urls` remembers those of WebSocket handshakes, which early versions keep apart from the messages."""
    client, server, sent = ends[flow.client_conn], ends[flow.server_conn], flow.request
    begun = _time((sent and (sent.timestamp_start or sent.timestamp)) or client.begun)
    error = flow.error.msg if flow.error else None
    method, url, version, body, response = "", "", "", b"", None
    headers: tuple[Pair, ...] = ()
    messages: tuple[Message, ...] = ()
    if flow.type == "http" and sent:
        method, url, version, headers = _http(sent)
        body = sent.content or sent.body or b""
        if flow.websocket:
            messages = _websocket(flow.websocket.messages)
        if flow.response:
            response = _response(flow.response, begun)
            if response.status == 101:
                urls[flow.id] = url
    elif flow.type == "dns" and sent:
        url = "dns:" + " ".join(
            f"{question.name} {_DNS_TYPES.get(question.type, f'TYPE({question.type})')}" for question in sent.questions
        )
    elif flow.type == "websocket":
        url = urls.get(flow.metadata.websocket_handshake, "") if flow.metadata else ""
        messages = _websocket(flow.messages)
    else:
        messages = _stream(flow.messages)
    return Request(
        index=index,
        id=flow.id,
        at=begun,
        wall=begun,
        protocol=flow.type,
        method=method,
        url=url,
        http_version=version,
        headers=headers,
        body=body,
        messages=messages,
        response=response,
        error=error,
        unsent=_unsent(error, url, client, server) if error and not response else None,
        client=client.address,
        server=server.address,
        sni=client.sni,
        tls_version=client.tls_version,
    )


def _unsent(error: str, url: str, client: _End, server: _End) -> str | None:
    """Why it did not leave: there was no connection to the server, or it was not secured like the client's."""
    insecure = url.startswith("https:") and client.tls_version and not server.tls_version
    return error if insecure or not server.begun else None


def _http(sent: _Sent) -> tuple[str, str, str, tuple[Pair, ...]]:
    """The method, URL, version and headers, trailers behind them.

    Raises:
        ValueError: it has no method, or no path.

    """
    if sent.method is None or sent.path is None:
        raise ValueError(f"no {'method' if sent.method is None else 'path'!r} in it")
    headers, named = sent.headers, sent.authority
    if headers and headers[0][0].startswith(":"):  # early HTTP/2 kept its pseudo-headers among them
        named = dict(headers).get(":authority") or named
        headers = tuple(pair for pair in headers if not pair[0].startswith(":"))
    path = "" if sent.path == "*" else sent.path  # RFC 9112 §7.1: `OPTIONS *` asks about the server itself
    url = f"{sent.scheme}://{named or _host(headers) or f'{sent.host}:{sent.port or 0}'}{path}"
    version = f"HTTP/{'.'.join(map(str, sent.httpversion))}" if sent.httpversion else sent.http_version
    return sent.method, url, version, headers + sent.trailers if sent.trailers else headers


def _host(headers: tuple[Pair, ...]) -> str:
    """As the client named it: a transparent proxy knows only an address."""
    for name, value in headers:
        if name == "Host" or name.lower() == "host":
            return value
    return ""


def _response(received: _Received, begun: datetime) -> Response:
    body = received.content or received.body or b""
    ended = received.timestamp_end or received.timestamp_start
    return Response(
        at=_time(ended) if ended else begun,
        status=received.status_code or received.code or 0,
        reason=received.reason or received.msg or "",
        headers=received.headers + received.trailers if received.trailers else received.headers,
        body=body,
        size=len(body),
    )


def _websocket(messages: list[list[Any]] | None) -> tuple[Message, ...]:
    return tuple(_message(sent, content, at, text=kind == 1) for kind, sent, content, at, *_ in messages or ())


def _stream(messages: list[list[Any]] | None) -> tuple[Message, ...]:
    return tuple(_message(sent, content, at, text=False) for sent, content, at, *_ in messages or ())


def _message(sent: object, content: object, at: object, *, text: bool) -> Message:
    if not (isinstance(content, bytes) and isinstance(at, float | int | str)):
        raise ValueError("a message that is none")
    return Message(_time(at), "sent" if sent else "received", content, text)


def _address(value: _Host) -> Address | None:
    if isinstance(value, dict):
        value = value.get("address")
    if not value:
        return None
    if not (isinstance(value, list) and len(value) > 1 and isinstance(value[0], str) and isinstance(value[1], int)):
        raise ValueError("an address that is none")
    return value[0], value[1]


def _time(seconds: _Seconds) -> datetime:
    """A time; the epoch if there is none.

    Raises:
        ValueError: it is no number, or beyond the years that can be told.

    """
    try:
        return datetime.fromtimestamp(float(seconds or 0), UTC)
    except OverflowError as error:
        raise ValueError(f"a time that cannot be ({seconds})") from error
