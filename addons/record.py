"""Write-ahead log of all that leaves a phone: a line is with the operating system before what it tells is forwarded.

    mitmdump -s addons/record.py --set record_log=capture/log.jsonl

The format is specified in docs/format.md; it is the interface, so this file imports the standard library and mitmproxy
alone. If a line cannot be written the proxy stops: better no traffic than traffic that nobody recorded.
"""

import base64
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, wraps
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import Any

from mitmproxy import connection, ctx, dns, exceptions, flow, http, tcp, tls, udp, version
from mitmproxy.addonmanager import Loader
from mitmproxy.net.dns import types
from mitmproxy.proxy import server_hooks

FORMAT = 1
RECORDER = "scantrail record.py 0.1.0"
to_json = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def or_stop[**P](hook: Callable[P, None]) -> Callable[P, None]:
    """Stop the proxy when a hook fails: mitmproxy would log the failure and forward the traffic all the same."""

    @wraps(hook)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            hook(*args, **kwargs)
        except Exception as error:
            message = f"record: cannot write {ctx.options.record_log}: {error}. Nothing more is forwarded."
            print(message, file=sys.stderr, flush=True)  # noqa: T201 - the log handler may not live to see it
            sys.exit(1)

    return guarded


type Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(slots=True)
class Begun:
    """What is kept of a request while it lasts: headers as sent, the phone's clock minus ours in seconds."""

    headers: Headers
    shift: float
    written: bool = False


class Record:
    """The recorder: options first, then one hook for each thing that can leave."""

    def __init__(self) -> None:
        self.log: int | None = None
        self.limit = 0
        self.begun: dict[str, Begun] = {}  # by flow id, until the answer or the error that every flow gets

    def load(self, loader: Loader) -> None:
        loader.add_option("record_log", str, "log.jsonl", "Append the log of outbound traffic to this file.")
        loader.add_option(
            "record_response_limit",
            int,
            65536,
            "Keep at most this many bytes of each response body and server message.",
        )

    def configure(self, updated: set[str]) -> None:
        if ctx.options.stream_large_bodies:
            raise exceptions.OptionsError(
                "record: stream_large_bodies forwards a body before it can be logged. Leave it unset."
            )
        self.limit = ctx.options.record_response_limit  # kept, since mitmproxy copies an option each time it is asked
        if "record_log" in updated:
            self.close_log()
            try:
                self.log = open_log(Path(ctx.options.record_log).expanduser())
            except OSError as error:
                raise exceptions.OptionsError(f"record: cannot open {ctx.options.record_log}: {error}") from error

    @or_stop
    def running(self) -> None:
        # Connections passed through unread (--ignore-hosts) count too: have them reported as raw flows.
        ctx.options.update(show_ignored_hosts=True)
        proxyserver = ctx.master.addons.get("proxyserver")
        self.write(
            "start",
            recorder=RECORDER,
            mitmproxy=version.VERSION,
            modes=list(ctx.options.mode),
            listen=[list(address[:2]) for address in (proxyserver.listen_addrs() if proxyserver else ())],
            response_limit=self.limit,
        )

    def done(self) -> None:
        if self.log is not None:
            with suppress(OSError):  # a full disk has been reported already
                self.write("stop")
            self.close_log()

    # HTTP. These lines are put together by hand: to make dicts for the JSON encoder costs a third more (make bench).

    @or_stop
    def requestheaders(self, flow: http.HTTPFlow) -> None:
        # What was sent, before mitmproxy edits it (it removes Expect), and how far the phone's clock is from ours.
        stated, start = phone_time(flow.client_conn), flow.request.timestamp_start
        shift = datetime.fromisoformat(stated).timestamp() - start if stated else 0.0
        self.begun[flow.id] = Begun(flow.request.headers.fields, shift)
        flow.request.stream = False  # have the body whole before it leaves

    @or_stop
    def request(self, flow: http.HTTPFlow) -> None:
        self.write_request(flow, self.begun[flow.id], ',"answered":true' if flow.response else "")

    @or_stop
    def response(self, flow: http.HTTPFlow) -> None:
        response = flow.response
        assert response is not None  # noqa: S101 - mitmproxy's contract for this hook
        at = timestamp((response.timestamp_end or time.time()) + self.end(flow).shift)
        body, server = response.raw_content or b"", flow.server_conn.peername
        self.append(
            f'{{"v":{FORMAT},"type":"response","at":"{at}","wall":"{timestamp(time.time())}","id":"{flow.id}",'
            f'"status":{response.status_code},"reason":{text(response.data.reason)},'
            f'"headers":{pairs(response.headers.fields)},"size":{len(body)},"body":"{b64(body[: self.limit])}",'
            f'"cut":{"true" if len(body) > self.limit else "false"},"server":{address(server)}}}'
        )

    @or_stop
    def error(self, flow: http.HTTPFlow) -> None:
        message = flow.error.msg if flow.error else "unknown"
        begun = self.end(flow)
        if not begun.written:
            self.write_request(flow, begun, f',"unsent":{to_json(message)}')
        self.write("error", flow, at=timestamp(time.time() + begun.shift), message=message)

    def end(self, flow: http.HTTPFlow) -> Begun:
        """Forget a request that got its answer or its error. Of one that got both, nothing is kept any more."""
        return self.begun.pop(flow.id, Begun((), 0.0, written=True))

    def write_request(self, flow: http.HTTPFlow, begun: Begun, more: str) -> None:
        request, client, server = flow.request.data, flow.client_conn, flow.server_conn
        begun.written = True
        if request.trailers:
            more += f',"trailers":{pairs(request.trailers.fields)}'
        at = timestamp((request.timestamp_start or time.time()) + begun.shift)
        self.append(
            f'{{"v":{FORMAT},"type":"request","at":"{at}","wall":"{timestamp(time.time())}","id":"{flow.id}",'
            f'"method":{text(request.method)},"url":{text(sent_url(request, begun.headers))},'
            f'"http":{text(request.http_version)},"headers":{pairs(begun.headers)},"body":"{b64(request.content)}",'
            f'"connection":"{client.id}","client":{address(client.peername)},'
            f'"server":{address(server.peername or server.address)},"sni":{to_json(client.sni)},'
            f'"tls":{to_json(client.tls_version)}{more}}}'
        )

    @or_stop
    def websocket_message(self, flow: http.HTTPFlow) -> None:
        assert flow.websocket is not None  # noqa: S101 - mitmproxy's contract for this hook
        message = flow.websocket.messages[-1]
        self.write_message(flow, "websocket", message.from_client, message.content, text=message.is_text)

    @or_stop
    def websocket_end(self, flow: http.HTTPFlow) -> None:
        self.write("close", flow, message=flow.websocket.close_reason if flow.websocket else None)

    # Everything that is not HTTP

    @or_stop
    def tcp_start(self, flow: tcp.TCPFlow) -> None:
        self.write("open", flow, protocol="tcp", **ends(flow.client_conn, flow.server_conn))

    @or_stop
    def tcp_message(self, flow: tcp.TCPFlow) -> None:
        self.write_message(flow, "tcp", flow.messages[-1].from_client, flow.messages[-1].content)

    @or_stop
    def tcp_end(self, flow: tcp.TCPFlow) -> None:
        self.write("close", flow)

    @or_stop
    def tcp_error(self, flow: tcp.TCPFlow) -> None:
        self.write("close", flow, message=flow.error.msg if flow.error else None)

    @or_stop
    def udp_start(self, flow: udp.UDPFlow) -> None:
        self.write("open", flow, protocol="udp", **ends(flow.client_conn, flow.server_conn))

    @or_stop
    def udp_message(self, flow: udp.UDPFlow) -> None:
        self.write_message(flow, "udp", flow.messages[-1].from_client, flow.messages[-1].content)

    @or_stop
    def udp_end(self, flow: udp.UDPFlow) -> None:
        self.write("close", flow)

    @or_stop
    def udp_error(self, flow: udp.UDPFlow) -> None:
        self.write("close", flow, message=flow.error.msg if flow.error else None)

    @or_stop
    def dns_request(self, flow: dns.DNSFlow) -> None:
        questions = [[question.name, types.to_str(question.type)] for question in flow.request.questions]
        answered = {"answered": True} if flow.response else {}
        self.write("dns", flow, questions=questions, **answered, **ends(flow.client_conn, flow.server_conn))

    # What stayed closed

    @or_stop
    def tls_failed_client(self, data: tls.TlsData) -> None:
        client = data.context.client
        self.write(
            "unread", client, message=data.conn.error or "TLS handshake failed", **ends(client, data.context.server)
        )

    @or_stop
    def server_connect_error(self, data: server_hooks.ServerConnectionHookData) -> None:
        self.write("refused", data.client, message=data.server.error, **ends(data.client, data.server))

    @or_stop
    def tls_failed_server(self, data: tls.TlsData) -> None:
        client = data.context.client
        self.write("refused", client, message=data.conn.error, **ends(client, data.context.server))

    # Writing

    def write_message(
        self, flow: flow.Flow, protocol: str, from_client: bool, content: bytes, text: bool = False
    ) -> None:
        limited = (
            {"data": b64(content), "size": len(content), "cut": False} if from_client else self.cut("data", content)
        )
        side = "sent" if from_client else "received"
        self.write("message", flow, protocol=protocol, side=side, text=text, **limited)

    def write(self, event: str, of: flow.Flow | connection.Client | None = None, **values: object) -> None:
        """Append one line and hand it to the operating system whole."""
        now = timestamp(time.time())
        line = {"v": FORMAT, "type": event, "at": now, "wall": now}
        if of is not None:
            line["id"] = of.id
            line["at"] = phone_time(of.client_conn if isinstance(of, flow.Flow) else of) or now
        line.update(values)
        self.append(to_json(line))

    def append(self, line: str) -> None:
        """Hand one line to the operating system whole."""
        if self.log is None:
            raise OSError("the log is not open")
        data = f"{line}\n".encode()
        while data:
            data = data[os.write(self.log, data) :]

    def cut(self, key: str, body: bytes | None) -> dict[str, object]:
        """What is kept of a body that came back."""
        size = len(body or b"")
        return {key: b64((body or b"")[: self.limit]), "size": size, "cut": size > self.limit}

    def close_log(self) -> None:
        if self.log is not None:
            os.close(self.log)
            self.log = None


def open_log(path: Path) -> int:
    """Open the log for appending. A line in which an earlier recorder was killed is ended first: it spoils no other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    log = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    if (size := os.fstat(log).st_size) and os.pread(log, 1, size - 1) != b"\n":
        os.write(log, b"\n")
    return log


def phone_time(client: connection.Client | None) -> str | None:
    """What time the phone said it is; only the simulation's phones do (see loopback.py)."""
    return getattr(client, "phone_time", None)


def timestamp(seconds: float) -> str:
    whole, microseconds = divmod(round(seconds * 1_000_000), 1_000_000)
    return f"{second(whole)}.{microseconds:06}Z"


@lru_cache(maxsize=64)
def second(whole: int) -> str:
    """Four times are written for each request, most within the same second: formatting them is what costs."""
    return datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def sent_url(request: http.RequestData, headers: Headers) -> bytes:
    """The absolute URL as the client named it: a transparent proxy knows only an address, the client said a host."""
    host = request.authority or next((value for name, value in headers if name.lower() == b"host"), b"")
    path = b"" if request.path == b"*" else request.path  # RFC 9112 §7.1: `OPTIONS *` asks about the server itself
    return b"%s://%s%s" % (request.scheme, host or f"{request.host}:{request.port}".encode(), path)


def text(data: bytes) -> str:
    """A JSON string with one character for each byte."""
    return encode_basestring_ascii(data.decode("latin-1"))


def pairs(headers: Headers) -> str:
    return f"[{','.join([f'[{text(name)},{text(value)}]' for name, value in headers])}]"


def address(of: connection.Address | None) -> str:
    return f"[{encode_basestring_ascii(of[0])},{of[1]}]" if of else "null"


def b64(data: bytes | None) -> str:
    return base64.b64encode(data or b"").decode("ascii")


def ends(client: connection.Client, server: connection.Server) -> dict[str, Any]:
    """Both ends of a connection, and how it was protected."""
    address = server.peername or server.address
    return {
        "client": client.peername[:2] if client.peername else None,
        "server": address[:2] if address else None,
        "sni": client.sni,
        "tls": client.tls_version,
    }


addons = [Record()]
