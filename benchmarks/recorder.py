"""What recording costs, and how fast the log reads back.

mitmdump runs as a reverse proxy in front of a server that answers at once, without TLS: the case in which the
recorder's share is largest. The variants all run side by side and take turns, so that a drift of the machine meets them
alike; the ratio is taken turn by turn. One and the same variant differs by some percent from process to process (where
its memory happens to lie), so each round starts new ones. Load: 8 connections, POST of 336 bytes, answer of 200.
"""

import asyncio
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from mitmproxy.io import FlowReader

from scantrail.proxy import addon, mitmdump
from scantrail.readers import log, mitm

ROUNDS = 8  # of new processes
TURNS = 6  # of each variant in a round
REQUESTS = 400  # of one variant in one turn
CONNECTIONS = 8
READS = 7
REQUEST = (
    b"POST /mgw.htm HTTP/1.1\r\nHost: healthcode.test\r\nContent-Type: application/json\r\nOperation-Type: scan\r\n"
    b"Did: XlDyAAAAAAEDAAAAAGQAAADI\r\nUser-Agent: bench\r\nContent-Length: 336\r\n\r\n" + b"x" * 336
)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n" + b"y" * 200


def main() -> None:
    """Run both parts and print their tables."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asyncio.run(cost(folder))
        read_back(folder)


async def cost(folder: Path) -> None:
    """Throughput of mitmdump bare, with a no-op addon, with record.py and with its own `-w`."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    upstream = server.sockets[0].getsockname()[1]
    variants = {
        "bare": [],
        "no-op addon": ["-s", str(Path(__file__).with_name("noop.py"))],
        "record.py": ["-s", str(addon("record")), "--set", f"record_log={folder / 'log.jsonl'}"],
        "-w": ["-w", str(folder / "dump.mitm")],
    }
    rates: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(ROUNDS):
        with ExitStack() as stack:
            ports = {n: stack.enter_context(proxy(words, upstream, folder / "conf")) for n, words in variants.items()}
            for port in ports.values():
                await listening(port)
                await load(port)  # warm
            order = list(ports)
            for turn in range(TURNS):
                for variant in order[turn % len(order) :] + order[: turn % len(order)]:
                    rates[variant].append(await load(ports[variant]))
    server.close()
    print(f"mitmdump, reverse mode: {ROUNDS} rounds of new processes, {TURNS} turns of {REQUESTS} requests in each")
    print(f"  {'variant':12} {'requests/s':>10}  {'of no-op (median of turns)':>27} {'lowest':>7} {'highest':>8}")
    for variant, found in rates.items():
        ratios = [one / noop for one, noop in zip(found, rates["no-op addon"], strict=True)]
        print(f"  {variant:12} {median(found):10.0f}  {median(ratios):27.3f} {min(ratios):7.3f} {max(ratios):8.3f}")


def read_back(folder: Path) -> None:
    """Reading the log that was just written, beside mitmproxy's own reader on its dump of the same traffic."""
    ours, theirs = enlarge(folder / "log.jsonl", 50_000), folder / "dump.mitm"
    rates = [rate(lambda: sum(1 for _ in log.read(ours, []))) for _ in range(READS)]
    peer = [rate(lambda: flow_reader(theirs)) for _ in range(READS)]
    dump = [rate(lambda: sum(1 for _ in mitm.read(theirs, []))) for _ in range(READS)]
    print(f"\nreading back, requests/s, median of {READS}")
    for name, found in (
        ("record.py's log, scantrail's reader", rates),
        ("-w dump, scantrail's reader", dump),
        ("-w dump, mitmproxy's FlowReader", peer),
    ):
        ratio = median(found) / median(peer)
        print(f"  {name:36} {median(found):8.0f}  {ratio:5.1f} x  (lowest {min(found):.0f}, highest {max(found):.0f})")


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer each request at once."""
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            await reader.readexactly(336)
            writer.write(ANSWER)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


@contextmanager
def proxy(words: list[str], upstream: int, confdir: Path) -> Iterator[int]:
    """A mitmdump with these words on its command line; yields the port."""
    port = free_port()
    command = [mitmdump(), "-q", "--mode", f"reverse:http://127.0.0.1:{upstream}", "--listen-host", "127.0.0.1"]
    process = subprocess.Popen([*command, "-p", str(port), "--set", f"confdir={confdir}", *words])
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def listening(port: int) -> None:
    """Wait until somebody listens."""
    for _ in range(300):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    sys.exit(f"mitmdump did not listen on port {port}")


async def load(port: int) -> float:
    """Requests per second over all connections."""

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(REQUESTS // CONNECTIONS):
            writer.write(REQUEST)
            await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(200)
        writer.close()

    begin = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return REQUESTS / (time.perf_counter() - begin)


def enlarge(path: Path, requests: int) -> Path:
    """A log of so many requests, made of the lines of one that was recorded."""
    data = path.read_bytes()
    large = path.with_name("large.jsonl")
    large.write_bytes(data * -(-requests // max(data.count(b'"type":"request"'), 1)))
    return large


def rate(count: Callable[[], int]) -> float:
    """How many a second."""
    begin = time.perf_counter()
    number = count()
    return number / (time.perf_counter() - begin)


def flow_reader(path: Path) -> int:
    """Read a dump with mitmproxy's own reader."""
    with path.open("rb") as dump:
        return sum(1 for _ in FlowReader(dump).stream())
