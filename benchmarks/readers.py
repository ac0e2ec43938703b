"""How fast captures of other tools are read, beside the readers that everybody has.

One process, one core. A dump (4,000 flows with the headers of a phone's browser, bodies of 0.3 to 3 KB, 7 flows to a
connection) is read by our reader and by mitmproxy's `FlowReader`; so are dumps of other shapes (`SHAPES`). An archive
of the same flows is read into Requests, and by `json.loads` into nothing but dicts. The readers take turns, so that a
drift of the machine meets them alike, and the ratio is taken turn by turn.
"""

import base64
import json
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import NamedTuple

from mitmproxy import http, websocket
from mitmproxy.io import FlowReader, FlowWriter
from mitmproxy.test import tflow
from wsproto.frame_protocol import Opcode

from scantrail.readers import har, mitm


class Shape(NamedTuple):
    """What a dump may be like: how many flows, bytes of a body before they are encoded, headers more, messages."""

    flows: int
    body: tuple[int, int]
    headers: int = 0
    messages: int = 0


FLOWS = 4_000
USUAL = Shape(FLOWS, (200, 2_200))
SHAPES = {
    "no bodies": Shape(4_000, (0, 1)),
    "large bodies": Shape(200, (50_000, 150_000)),
    "50 headers more": Shape(1_000, (200, 2_200), headers=50),
    "40 WebSocket messages each": Shape(500, (0, 1), messages=40),
}
FLOWS_OF_CONNECTION = 7
ROUNDS = 7
SENT = (
    (b"User-Agent", b"Mozilla/5.0 (Linux; Android 10; Pixel 3) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/80.0"),
    (b"Accept", b"application/json, text/plain, */*"),
    (b"Accept-Language", b"zh-CN,zh;q=0.9,en;q=0.8"),
    (b"Accept-Encoding", b"gzip, deflate, br"),
    (b"Content-Type", b"application/json;charset=UTF-8"),
    (b"Cookie", b"sid=8f2b1d4c6a; _ga=GA1.2.1029384756.1581897600; geo=hz|330100; zone=GZ00C"),
    (b"Operation-Type", b"scan"),
    (b"Referer", b"https://healthcode.test/scan"),
    (b"Connection", b"keep-alive"),
    (b"X-Trace-Id", b"0a1b2c3d4e5f"),
)
RECEIVED = (
    (b"Content-Type", b"application/json"),
    (b"Date", b"Mon, 17 Feb 2020 00:00:00 GMT"),
    (b"Server", b"nginx"),
    (b"Cache-Control", b"no-store"),
    (b"Set-Cookie", b"sid=8f2b1d4c6a; Path=/; HttpOnly"),
    (b"X-Request-Id", b"abc"),
    (b"Strict-Transport-Security", b"max-age=31536000"),
)


def main() -> None:
    """Make the captures, read them and print the table."""
    with tempfile.TemporaryDirectory() as name:
        dump, archive = Path(name) / "bench.mitm", Path(name) / "bench.har"
        flows = make_flows()
        write(dump, flows)
        archive.write_text(json.dumps({"log": {"version": "1.2", "entries": [entry(flow) for flow in flows]}}))
        begin = time.perf_counter()
        next(mitm.read(dump, []))
        print(f"readers: first dump of a process {time.perf_counter() - begin:.1f} s (numba, and its cache if new)")
        ratio(f".mitm, {FLOWS} flows, {megabytes(dump)}", lambda: ours(dump), lambda: flow_reader(dump), "FlowReader")
        ratio(f".har, {FLOWS} entries, {megabytes(archive)}", lambda: archived(archive), lambda: loads(archive), "json")
        for name, shape in SHAPES.items():
            write(dump, make_flows(shape))
            title = f".mitm, {shape.flows} flows with {name}, {megabytes(dump)}"
            ratio(title, lambda: ours(dump), lambda: flow_reader(dump), "FlowReader")


def write(dump: Path, flows: list[http.HTTPFlow]) -> None:
    """Write a dump as mitmproxy does."""
    with dump.open("wb") as file:
        writer = FlowWriter(file)
        for flow in flows:
            writer.add(flow)


def make_flows(shape: Shape = USUAL) -> list[http.HTTPFlow]:
    """Flows as mitmproxy records them."""
    chance, now = random.Random(3), 1_581_897_600.123456  # noqa: S311 - a benchmark, no secret
    more = [(b"X-Header-%d" % number, b"value %d" % number) for number in range(shape.headers)]
    flows = []
    for number in range(shape.flows):
        if number % FLOWS_OF_CONNECTION == 0:
            client, server = tflow.tclient_conn(), tflow.tserver_conn()
            client.timestamp_start = server.timestamp_start = now
            client.sni = "api.healthcode.test"
        now += chance.random() * 3
        flow = tflow.tflow(client_conn=client, server_conn=server, resp=True)
        host = (b"Host", b"api.healthcode.test")
        flow.request = http.Request.make(
            "POST", f"https://api.healthcode.test/mgw.htm?seq={number}", body(chance, shape), (host, *SENT, *more)
        )
        flow.request.timestamp_start, flow.request.timestamp_end = now, now + 0.0012345
        flow.response = http.Response.make(200, body(chance, shape), (*RECEIVED, *more))
        flow.response.timestamp_start, flow.response.timestamp_end = now + 0.05, now + 0.0512345
        if shape.messages:
            said = [
                websocket.WebSocketMessage(Opcode.TEXT, True, b'{"lat":30.2741}', now) for _ in range(shape.messages)
            ]
            flow.websocket = websocket.WebSocketData(said)
        flows.append(flow)
    return flows


def body(chance: random.Random, shape: Shape) -> bytes:
    """JSON; 0.3 to 3 KB of it in the usual shape."""
    token = base64.b64encode(chance.randbytes(chance.randrange(*shape.body))).decode()
    return json.dumps({"city": "杭州", "token": token}, ensure_ascii=False).encode()


def entry(flow: http.HTTPFlow) -> dict[str, object]:
    """A flow as an entry of an archive."""
    request, response = flow.request, flow.response
    assert response is not None  # noqa: S101 - they are made with one
    return {
        "startedDateTime": datetime.fromtimestamp(request.timestamp_start, UTC).isoformat(),
        "time": 50.0,
        "request": {
            "method": request.method,
            "url": request.url,
            "httpVersion": request.http_version,
            "headers": [{"name": name, "value": value} for name, value in request.headers.items(multi=True)],
            "queryString": [{"name": name, "value": value} for name, value in request.query.items(multi=True)],
            "cookies": [],
            "postData": {"mimeType": "application/json", "text": request.text, "params": []},
            "bodySize": len(request.raw_content or b""),
        },
        "response": {
            "status": response.status_code,
            "statusText": response.reason,
            "headers": [{"name": name, "value": value} for name, value in response.headers.items(multi=True)],
            "cookies": [],
            "content": {
                "text": response.text,
                "size": len(response.raw_content or b""),
                "mimeType": "application/json",
            },
        },
        "cache": {},
        "timings": {"send": 1.2, "wait": 48.0, "receive": 0.8},
        "serverIPAddress": "127.0.0.1",
    }


def ratio(title: str, mine: Callable[[], int], peers: Callable[[], int], peer: str) -> None:
    """Read in turns and print a line for each reader."""
    own, other = [], []
    for _ in range(ROUNDS):
        own.append(microseconds(mine))
        other.append(microseconds(peers))
    ratios = [theirs / ours for theirs, ours in zip(other, own, strict=True)]
    print(f"{title}: median of {ROUNDS} turns, microseconds each")
    print(f"  scantrail  {median(own):8.1f}  ({1e6 / median(own):.0f} a second)")
    print(f"  {peer:10} {median(other):8.1f}  {median(ratios):.1f} x  ({min(ratios):.1f} to {max(ratios):.1f})")


def microseconds(read: Callable[[], int]) -> float:
    """For one flow or entry."""
    begin = time.perf_counter()
    number = read()
    return (time.perf_counter() - begin) / number * 1e6


def ours(dump: Path) -> int:
    """Read a dump with our own reader."""
    return sum(1 for _ in mitm.read(dump, []))


def flow_reader(dump: Path) -> int:
    """Read a dump with mitmproxy's own reader."""
    with dump.open("rb") as file:
        return sum(1 for _ in FlowReader(file).stream())


def archived(archive: Path) -> int:
    """Read an archive into Requests."""
    return sum(1 for _ in har.read(archive, []))


def loads(archive: Path) -> int:
    """Parse an archive, all of it at once."""
    return len(json.loads(archive.read_bytes())["log"]["entries"])


def megabytes(path: Path) -> str:
    """The size of a file."""
    return f"{path.stat().st_size / 1e6:.1f} MB"
