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
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary, WeakSet

from mitmproxy import connection, ctx, dns, exceptions, flow, http, tcp, tls, udp, version
from mitmproxy.addonmanager import Loader
from mitmproxy.net.dns import types
from mitmproxy.proxy import server_hooks

FORMAT = 1
RECORDER = "scantrail record.py 0.1.0"
to_json = json.JSONEncoder(separators=(",", ":")).encode


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


class Begun(NamedTuple):
    """What is kept of a request from its headers on: they as sent, and the phone's time if it stated one."""

    headers: list[list[str]]
    at: str | None


class Record:
    """The recorder: options first, then one hook for each thing that can leave."""

    def __init__(self) -> None:
        self.log: int | None = None
        self.begun: WeakKeyDictionary[http.HTTPFlow, Begun] = WeakKeyDictionary()
        self.written: WeakSet[http.HTTPFlow] = WeakSet()

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
            response_limit=ctx.options.record_response_limit,
        )

    def done(self) -> None:
        if self.log is not None:
            with suppress(OSError):  # a full disk has been reported already
                self.write("stop")
            self.close_log()

    # HTTP

    @or_stop
    def requestheaders(self, flow: http.HTTPFlow) -> None:
        self.begin(flow)
        flow.request.stream = False  # have the body whole before it leaves

    @or_stop
    def request(self, flow: http.HTTPFlow) -> None:
        self.write_request(flow, **({"answered": True} if flow.response else {}))

    @or_stop
    def response(self, flow: http.HTTPFlow) -> None:
        response = flow.response
        assert response is not None  # noqa: S101 - mitmproxy's contract for this hook
        self.write(
            "response",
            flow,
            at=self.time_of(flow, response.timestamp_end),
            status=response.status_code,
            reason=response.data.reason.decode("latin-1"),
            headers=pairs(response.headers),
            **self.cut("body", response.raw_content),
            server=flow.server_conn.peername,
        )

    @or_stop
    def error(self, flow: http.HTTPFlow) -> None:
        message = flow.error.msg if flow.error else "unknown"
        if flow not in self.written:
            self.write_request(flow, unsent=message)
        self.write("error", flow, at=self.time_of(flow), message=message)

    def begin(self, flow: http.HTTPFlow) -> Begun:
        """Keep what was sent before mitmproxy edits it (it removes Expect), and the phone's time for it."""
        return self.begun.setdefault(flow, Begun(pairs(flow.request.headers), phone_time(flow.client_conn)))

    def time_of(self, flow: http.HTTPFlow, later: float | None = None) -> str:
        """When a request was made, by the phone's clock; or, `later` being a time after it, that much later."""
        start, stated = flow.request.timestamp_start, self.begun[flow].at
        elapsed = max((later or start) - start, 0.0)
        return timestamp((datetime.fromisoformat(stated).timestamp() if stated else start) + elapsed)

    def write_request(self, flow: http.HTTPFlow, **more: object) -> None:
        request = flow.request
        begun = self.begun.get(flow) or self.begin(flow)  # of a replay there was no requestheaders
        self.written.add(flow)
        if request.trailers:
            more["trailers"] = pairs(request.trailers)
        self.write(
            "request",
            flow,
            at=self.time_of(flow),
            method=request.data.method.decode("latin-1"),
            url=sent_url(request),
            http=request.http_version,
            headers=begun.headers,
            body=b64(request.raw_content),
            connection=flow.client_conn.id,
            **ends(flow.client_conn, flow.server_conn),
            **more,
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
        client = of.client_conn if isinstance(of, flow.Flow) else of
        line = {"v": FORMAT, "type": event, "at": values.pop("at", None) or phone_time(client) or now, "wall": now}
        if of is not None:
            line["id"] = of.id
        data = to_json(line | values).encode() + b"\n"
        if self.log is None:
            raise OSError("the log is not open")
        while data:
            data = data[os.write(self.log, data) :]

    def cut(self, key: str, body: bytes | None) -> dict[str, object]:
        """What is kept of a body that came back."""
        limit, size = ctx.options.record_response_limit, len(body or b"")
        return {key: b64((body or b"")[:limit]), "size": size, "cut": size > limit}

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
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")[:-6] + "Z"  # strftime is slow


def sent_url(request: http.Request) -> str:
    """The absolute URL as the client named it: a transparent proxy knows only an address, the client said a host."""
    data = request.data
    authority = request.host_header or f"{request.host}:{request.port}"
    return f"{data.scheme.decode('latin-1')}://{authority}{data.path.decode('latin-1')}"


def pairs(headers: http.Headers) -> list[list[str]]:
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers.fields]


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
