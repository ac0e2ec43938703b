"""The recorder with real processes: real mitmdump, TLS, HTTP/1.1 and HTTP/2, sockets and signals."""

import asyncio
import base64
import json
import os
import signal
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from resource import RLIMIT_FSIZE
from typing import Any

import httpx2
import pytest
from servers import Access, https_server, tcp_server

from scantrail.model import Request
from scantrail.proxy import Proxy, ProxyError
from scantrail.readers import read

pytestmark = pytest.mark.anyio

HOST = "healthcode.test"
PHONE_TIME = "2020-02-17T00:00:00.000000Z"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Setup:
    """A server behind a recording proxy."""

    proxy: Proxy
    server: Access
    folder: Path

    @property
    def requests(self) -> list[Request]:
        return list(read(self.folder).requests)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "log.jsonl").read_bytes().splitlines(keepends=True)]

    def client(self, *, http2: bool = True, trust: str = "conf/mitmproxy-ca-cert.pem") -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            http2=http2,
            verify=ssl.create_default_context(cafile=self.folder / trust),
            proxy=httpx2.Proxy(f"http://127.0.0.1:{self.proxy.port}", headers={"x-scansim-at": PHONE_TIME}),
            headers={"x-scansim-at": PHONE_TIME},
            trust_env=False,
            timeout=20,
        )


@asynccontextmanager
async def recording(
    folder: Path,
    ports: dict[str, int] | None = None,
    options: tuple[str, ...] = (),
    aliases: tuple[str, ...] = (),
) -> AsyncIterator[Setup]:
    server = Access()
    async with https_server(server, folder=folder, hosts=(HOST, "pinned.test")) as port:
        with Proxy.simulated(
            folder / "log.jsonl",
            confdir=folder / "conf",
            ports={f"{name}:443": port for name in (HOST, "pinned.test", *aliases)} | (ports or {}),
            upstream_ca=folder / "server-ca.pem",
            options=options,
        ) as proxy:
            yield Setup(proxy, server, folder)


def logged(lines: list[dict[str, Any]]) -> Counter[tuple[str, str, str]]:
    """Method, URL and body of each request in a log, as the server's access log counts them."""
    return Counter(
        (line["method"], line["url"], sha256(base64.b64decode(line["body"])).hexdigest())
        for line in lines
        if line["type"] == "request"
    )


async def send_many(clients: list[httpx2.AsyncClient], number: int) -> None:
    """Send so many requests, all clients at once, some bodies large, some binary."""

    async def send(client: httpx2.AsyncClient, index: int) -> None:
        body = os.urandom(index * 37 % 5000) if index % 3 else b""
        method = "POST" if body else "GET"
        with suppress(httpx2.TransportError):  # of a proxy that is killed
            await client.request(
                method, f"https://{HOST}/{index}?q=%20{index}", content=body, headers={"X-Index": str(index)}
            )

    async def one(offset: int, client: httpx2.AsyncClient) -> None:
        for index in range(offset, number, len(clients)):
            await send(client, index)

    await asyncio.gather(*(one(offset, client) for offset, client in enumerate(clients)))


async def test_the_log_holds_every_request_that_the_server_received_and_nothing_else(tmp_path: Path) -> None:
    async with recording(tmp_path) as setup:
        clients = [setup.client(http2=number % 2 == 0) for number in range(6)]
        await send_many(clients, 400)
        for client in clients:
            await client.aclose()
    assert len(setup.server.log) == 400
    assert logged(setup.lines) == setup.server.counted
    assert {entry.http for entry in setup.server.log} == {"1.1", "2"}
    assert all(request.response and request.response.status == 200 for request in setup.requests)


async def test_after_a_kill_every_request_that_arrived_is_in_the_log(tmp_path: Path) -> None:
    async with recording(tmp_path) as setup:
        clients = [setup.client(http2=number % 2 == 0) for number in range(6)]
        sending = asyncio.create_task(send_many(clients, 2000))
        while len(setup.server.log) < 150:
            await asyncio.sleep(0.001)
        setup.proxy.process.send_signal(signal.SIGKILL)
        await sending
        for client in clients:
            await client.aclose()
    arrived = setup.server.counted
    requests = [r for r in setup.requests if r.protocol == "http"]
    written = Counter((r.method, r.url, sha256(r.body).hexdigest()) for r in requests)
    assert 150 <= arrived.total() < 2000
    assert not arrived - written
    assert (written - arrived).total() <= len(clients)  # written ahead, killed before they left


async def test_a_dump_of_the_same_traffic_gives_equal_requests(tmp_path: Path) -> None:
    dump = tmp_path / "dump.mitm"
    async with recording(tmp_path, options=("-w", str(dump))) as setup:
        for http2 in (True, False):
            async with setup.client(http2=http2) as client:
                await send_many([client], 20)
        async with setup.client(http2=False) as client, client.websocket(f"wss://{HOST}/socket") as session:
            await session.send_text("30.25,120.16")
            await session.receive_text()
    ours, theirs = read(tmp_path).requests, read(dump).requests
    assert len(ours) == 41
    for request, other in zip(ours, theirs, strict=True):
        assert comparable(request) == comparable(other)


def comparable(request: Request) -> tuple[object, ...]:
    """What a dump holds too: it knows neither the phone's time nor when a line was written."""
    response = request.response
    assert response
    return (
        *(request.index, request.id, request.protocol, request.method, request.url, request.http_version),
        *(request.headers, request.body, request.client, request.sni, request.tls_version, request.error),
        *(response.status, response.reason, response.headers, response.body, response.size),
        [(message.side, message.data, message.text) for message in request.messages],
    )


async def test_headers_bodies_and_connections_are_as_sent(tmp_path: Path) -> None:
    body = bytes(range(256))
    async with recording(tmp_path) as setup, setup.client(http2=False) as client:
        headers = [(b"X-One", b"1"), (b"x-two", "ü".encode()), (b"X-One", b"again"), (b"Expect", b"100-continue")]
        await client.post(f"https://{HOST}/a%2Fb?x=%20&y", content=body, headers=headers)
        await client.get(f"https://{HOST}/large")
    first, second = setup.requests
    kept = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in first.headers]
    assert [pair for pair in kept if pair in headers] == headers
    assert not any("scansim" in name.lower() for name, _ in first.headers)
    assert not any("scansim" in name for entry in setup.server.log for name, _ in entry.headers)
    assert (first.url, first.body, first.http_version) == (f"https://{HOST}/a%2Fb?x=%20&y", body, "HTTP/1.1")
    assert (first.sni, first.tls_version) == (HOST, "TLSv1.3")
    assert first.at.isoformat() == "2020-02-17T00:00:00+00:00"
    assert second.response is not None
    assert (second.response.size, len(second.response.body), second.response.cut) == (100_000, 65_536, True)


async def test_a_pinned_app_shows_up_as_unread(tmp_path: Path) -> None:
    async with recording(tmp_path) as setup, setup.client(trust="server-ca.pem") as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get("https://pinned.test/")
    (unread,) = setup.requests
    assert (unread.protocol, unread.receiver) == ("tls", "pinned.test")
    assert "certificate" in (unread.unread or "")
    assert setup.server.log == []


@pytest.mark.parametrize("url", ["https://example.com/", "http://example.com/", "https://other.test/"])
async def test_a_host_that_is_not_simulated_is_refused_and_the_refusal_logged(tmp_path: Path, url: str) -> None:
    async with recording(tmp_path) as setup, setup.client() as client:
        with suppress(httpx2.ProxyError):
            assert (await client.get(url)).status_code == 502
    (refused,) = setup.requests
    assert refused.unsent is not None
    assert "loopback refuses" in refused.unsent
    assert refused.receiver == url.split("/")[2]


@pytest.mark.parametrize("http2", [False, True])
async def test_a_request_to_a_server_that_is_not_trusted_did_not_leave(tmp_path: Path, http2: bool) -> None:
    async with recording(tmp_path, aliases=("stranger.test",)) as setup, setup.client(http2=http2) as client:
        assert (await client.get("https://stranger.test/")).status_code == 502
    (request,) = (request for request in setup.requests if request.protocol == "http")
    assert request.unsent == "Certificate verify failed: hostname mismatch"
    assert setup.server.log == []


async def test_websocket_messages_are_logged_in_both_directions(tmp_path: Path) -> None:
    async with (
        recording(tmp_path) as setup,
        setup.client(http2=False) as client,
        client.websocket(f"wss://{HOST}/socket") as session,
    ):
        await session.send_text("30.25,120.16")
        assert await session.receive_text() == "heard 30.25,120.16"
    (request,) = setup.requests
    assert [(message.side, message.data) for message in request.messages] == [
        ("sent", b"30.25,120.16"),
        ("received", b"heard 30.25,120.16"),
    ]


async def test_raw_tcp_is_logged(tmp_path: Path) -> None:
    with tcp_server() as (port, received):
        async with recording(tmp_path, {"raw.test:7": port}) as setup:
            await asyncio.to_thread(talk, setup.proxy.port)
    assert received == [b"\x00\x01here I am"]
    (flow,) = setup.requests
    assert (flow.protocol, [m.data for m in flow.messages]) == ("tcp", [b"\x00\x01here I am", b"got it"])


def talk(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as phone:
        phone.sendall(b"CONNECT raw.test:7 HTTP/1.1\r\nHost: raw.test:7\r\n\r\n")
        assert b"200" in phone.recv(4096)
        phone.sendall(b"\x00\x01here I am")
        assert phone.recv(4096) == b"got it"


async def test_what_cannot_be_logged_is_not_forwarded_and_the_proxy_stops(tmp_path: Path) -> None:
    prlimit = getattr(__import__("resource"), "prlimit")  # noqa: B009 - Linux alone has it
    async with recording(tmp_path) as setup, setup.client() as client:
        await client.get(f"https://{HOST}/before")
        full = (tmp_path / "log.jsonl").stat().st_size + 10
        prlimit(setup.proxy.process.pid, RLIMIT_FSIZE, (full, full))
        with pytest.raises(httpx2.TransportError):
            await client.get(f"https://{HOST}/after")
        assert setup.proxy.process.wait(10) == 1
        with pytest.raises(ProxyError, match=r"cannot write .*log\.jsonl"):
            setup.proxy.check()
    assert [entry.url for entry in setup.server.log] == [f"https://{HOST}/before"]


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path, busy_port: int) -> None:
    options = ["--listen-host", "127.0.0.1", "-p", str(busy_port), "--set", f"confdir={tmp_path}"]
    with pytest.raises(ProxyError, match=f"port {busy_port} is in use. Choose another with -p PORT"):
        Proxy.start(tmp_path / "log.jsonl", options=options)


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ({"stream_large_bodies": "1m"}, "stream_large_bodies forwards a body before it can be logged"),
        ({"record_log": "/dev/null/log.jsonl"}, "cannot open /dev/null/log.jsonl"),
    ],
)
def test_what_the_recorder_cannot_work_with_is_said(tmp_path: Path, setting: dict[str, str], says: str) -> None:
    with pytest.raises(ProxyError, match=says):
        Proxy.start(tmp_path / "log.jsonl", settings={"confdir": str(tmp_path), "listen_port": "0", **setting})


def test_a_log_that_was_cut_by_a_kill_is_continued_on_a_new_line(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_bytes(b'{"v":1,"type":"requ')
    Proxy.start(log, settings={"confdir": str(tmp_path), "listen_port": "0"}).stop()
    first, *rest = log.read_bytes().splitlines()
    assert first == b'{"v":1,"type":"requ'
    assert [json.loads(line)["type"] for line in rest] == ["start", "stop"]
