"""The simulated servers: one TLS listener on loopback for all hosts of a design, and its access log."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

import trustme
from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scansim import clock

_FOR_EVER = 1_000_000_000  # seconds, requests: the proxy decides how long its connections live


class Certificates:
    """A throwaway authority and a certificate for the hosts, as files of a temporary folder."""

    def __init__(self, folder: Path, hosts: Sequence[str]) -> None:
        authority = trustme.CA()
        certificate = authority.issue_cert(*hosts)
        self.ca, self.server = folder / "ca.pem", folder / "server.pem"
        authority.cert_pem.write_to_path(self.ca)
        certificate.private_key_and_cert_chain_pem.write_to_path(self.server)


class AccessLog:
    """Writes a line for each request when it was received, before the app sees it.

    A line has `at` (the server's own clock), `method`, `url`, `headers` (pairs; names in lower case, as ASGI has them),
    `body_sha256` and `body_bytes`.
    """

    def __init__(self, app: ASGIApp, log: BinaryIO) -> None:
        self.app, self.log = app, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if (body := await _whole_body(receive)) is None:
            return
        self.log.write(_line(scope, body))
        whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return whole.pop() if whole else await receive()

        await self.app(scope, replay, send)


async def _whole_body(receive: Receive) -> bytes | None:
    """Read to the end; nothing if the connection breaks before it, for then no request was received."""
    parts: list[bytes] = []
    while (message := await receive())["type"] == "http.request":
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
    return None


def _line(scope: Scope, body: bytes) -> bytes:
    headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]]
    query = scope["query_string"].decode("latin-1")
    target = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
    line = {
        "at": clock.text(datetime.now(UTC)),
        "method": scope["method"],
        "url": f"{scope['scheme']}://{dict(headers).get('host', '')}{target}",
        "headers": headers,
        "body_sha256": sha256(body).hexdigest(),
        "body_bytes": len(body),
    }
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


@asynccontextmanager
async def serving(
    app: ASGIApp, listener: socket.socket, certificates: Certificates | None = None
) -> AsyncIterator[None]:
    """Serve the app with HTTP/1.1 and HTTP/2 on a socket that listens already, so that nobody can come too early.

    Without certificates it is served without TLS.
    """
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    if certificates:
        config.certfile = config.keyfile = str(certificates.server)
    config.loglevel = "ERROR"
    config.keep_alive_timeout = config.keep_alive_max_requests = _FOR_EVER
    stop = asyncio.Event()
    server = asyncio.create_task(serve(cast("ASGIFramework", app), config, shutdown_trigger=stop.wait))
    try:
        yield
    finally:
        stop.set()
        await server
