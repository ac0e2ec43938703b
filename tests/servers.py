"""Real servers on loopback for end-to-end tests: an HTTP one that writes down what it received, and a raw TCP one."""

import asyncio
import socket
import socketserver
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from contextlib import asynccontextmanager, contextmanager
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import trustme
from hypercorn.asyncio import serve
from hypercorn.config import Config

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Received(NamedTuple):
    """One request as the server got it."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str
    http: str


class Access:
    """An ASGI application that answers everything, and its access log."""

    def __init__(self) -> None:
        self.log: list[Received] = []

    @property
    def counted(self) -> Counter[tuple[str, str, str]]:
        return Counter((entry.method, entry.url, entry.body) for entry in self.log)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self.echo(receive, send)
        elif scope["type"] == "http":
            await self.answer(scope, receive, send)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while (event := await receive())["type"] == "http.request":
            body += event.get("body", b"")
            if not event.get("more_body"):
                break
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
        host = dict(headers).get(":authority") or dict(headers)["host"]
        query = f"?{scope['query_string'].decode()}" if scope["query_string"] else ""
        url = f"{scope['scheme']}://{host}{scope['raw_path'].decode()}{query}"
        self.log.append(Received(scope["method"], url, headers, sha256(body).hexdigest(), scope["http_version"]))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"x" * 100_000 if "large" in url else b"ok"})

    async def echo(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": f"heard {event['text']}"})


@asynccontextmanager
async def https_server(app: Access, *, folder: Path, hosts: tuple[str, ...]) -> AsyncIterator[int]:
    """Serve over TLS, HTTP/1.1 and HTTP/2, for the hosts; its authority is at `folder/server-ca.pem`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "server-ca.pem"))
    authority.issue_cert(*hosts).private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    listener = socket.create_server(("127.0.0.1", 0))
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.certfile = config.keyfile = str(folder / "server.pem")
    config.keep_alive_timeout = 60
    config.accesslog = config.errorlog = None
    stop = asyncio.Event()
    task = asyncio.create_task(serve(app, config, shutdown_trigger=stop.wait))  # type: ignore[arg-type]
    port = listener.getsockname()[1]
    listener.detach()  # hypercorn owns it now
    try:
        yield port
    finally:
        stop.set()
        await task


@contextmanager
def tcp_server() -> Iterator[tuple[int, list[bytes]]]:
    """A server that answers each piece of bytes with `got it`; yields its port and what it received."""
    received: list[bytes] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while data := self.request.recv(4096):
                received.append(data)
                self.request.sendall(b"got it")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1], received
        finally:
            server.shutdown()
            thread.join()
