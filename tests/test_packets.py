"""Captures of packets: real ones with known answers, and our own for what networks and protocols do."""

import gzip
import json
import random
import shutil
import ssl
import struct
import subprocess
import sys
import zlib
from base64 import b64encode
from pathlib import Path

import h2.config
import h2.connection
import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from packet_builders import (
    START_NS,
    Said,
    Tcp,
    TlsEnds,
    block,
    capture,
    ethernet,
    hello,
    initial,
    integer,
    pcapng,
    udp,
    write_pcap,
)
from scapy.layers.dns import DNS, DNSQR
from scapy.layers.inet import fragment
from scapy.packet import Packet
from shared_data import shared

from scantrail.model import Capture, CaptureError, Request
from scantrail.readers import read
from scantrail.readers.packets import http2, quic, tls
from scantrail.readers.packets.ciphers import SUITES, expand_label
from scantrail.readers.packets.flows import moment

GET = b"GET /scan?lat=30.25 HTTP/1.1\r\nHost: healthcode.test\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
URL = "http://healthcode.test/scan?lat=30.25"


def summary(request: Request) -> tuple[object, ...]:
    answer = request.response
    return request.method, request.url, request.body, answer and (answer.status, answer.body)


# Real captures


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tls-pcap/tls12-dsb.pcapng", [("HEAD", f"https://example.{end}/", 200, 0) for end in ("com", "net")]),
        (
            "tls-pcap/tls13-rfc8446.pcap",
            [
                ("GET", "https://10.9.0.2/first", 200, 52),
                ("GET", "https://10.9.0.2/early", 200, 53),
                ("GET", "https://10.9.0.2/second", 200, 54),
            ],
        ),
        ("tls-pcap/http2-data-reassembly.pcap", [("GET", "https://172.16.5.10:8443/wireshark.png", 200, 76091)]),
        (
            "tls-pcap/grpc_person_search_protobuf_with_image.pcapng.gz",
            [("POST", "http://localhost:50051/tutorial.PersonSearchService/Search", 200, 255)],
        ),
        (
            "tls-pcap/http-ooo.pcap",
            [(m, f"http://10.0.0.2/{n}", None, None) for n, m in enumerate(("PUT", "GET", "PUT", "PUT", "PUT"), 1)],
        ),
        (
            "http-pcap/http_chunk.pcap.gz",
            [
                (
                    "GET",
                    "http://www.httpwatch.com/httpgallery/chunked/chunkedimage.aspx?0.2911017199439567",
                    200,
                    33653,
                )
            ],
        ),
        ("http-pcap/http_head.pcapng.gz", [("HEAD", "http://google.com/", 301, 0)]),
        ("http-pcap/tls_nss_example.pcap", [("GET", "https://127.0.0.1/pki/srv_key.pem", 200, 1732)] * 2),
        ("http-pcap/http_compressed-brotli.pcap", [("", "", 200, 52)]),
        ("http-pcap/http_compressed-zstd.pcap", [("", "", 200, 117)]),
    ],
)
def test_real_captures_have_their_known_answers(path: str, expected: list[tuple[object, ...]]) -> None:
    found = read(shared(f"traffic/{path}"))
    assert [
        (r.method, r.url, r.response and r.response.status, r.response and len(r.response.body)) for r in found.requests
    ] == expected
    assert found.problems == ()


def test_segments_out_of_order_are_read_as_they_were_sent() -> None:
    bodies = [request.body for request in read(shared("traffic/tls-pcap/http-ooo.pcap")).requests]
    assert bodies == [b"1\n2\n", b"", b"after\n", b"four\n", b"DATA"]


# Files


@pytest.mark.parametrize("nano", [False, True])
@pytest.mark.parametrize("endian", ["<", ">"])
def test_pcap_of_either_byte_order_and_clock_is_read(tmp_path: Path, endian: str, nano: bool) -> None:
    frames = [ethernet(packet) for packet in Tcp().open().say("sent", GET).packets]
    (request,) = read(write_pcap(tmp_path / "c.pcap", frames, nano=nano, endian=endian)).requests
    assert (request.url, request.at) == (URL, moment(START_NS + 2 * 1_001_001))


@pytest.mark.parametrize("endian", ["<", ">"])
def test_pcapng_of_either_byte_order_is_read_section_by_section(tmp_path: Path, endian: str) -> None:
    sections = [
        pcapng([ethernet(p) for p in Tcp().open().say("sent", GET).close().packets], endian=endian),
        pcapng([bytes(p) for p in Tcp(("10.0.0.3", 1)).open().say("sent", GET).packets], linktype=101, endian="<"),
    ]
    (tmp_path / "c.pcapng").write_bytes(b"".join(sections))
    found = read(tmp_path / "c.pcapng")
    assert ([r.url for r in found.requests], found.problems) == ([URL, URL], ())


def test_resolution_and_offset_of_an_interface_are_respected(tmp_path: Path) -> None:
    options = struct.pack("<HHBxxx", 9, 1, 9) + struct.pack("<HHq", 14, 8, 1000) + bytes(4)  # ns, and 1,000 s
    frame = ethernet(udp(b"hello"))
    head = struct.pack("<IIIII", 0, *divmod(START_NS, 1 << 32), len(frame), len(frame))
    (tmp_path / "c.pcapng").write_bytes(pcapng([], options=options) + block(6, head + frame))
    (request,) = read(tmp_path / "c.pcapng").requests
    assert request.at == moment(START_NS + 1000 * 10**9)


def test_gzip_is_told_by_content(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "plain.pcap", [ethernet(p) for p in Tcp().open().say("sent", GET).packets])
    packed = tmp_path / "capture.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert [r.url for r in read(packed).requests] == [URL]


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_file_that_is_cut_keeps_what_stands_before(tmp_path: Path, cut: int) -> None:
    path = write_pcap(
        tmp_path / "c.pcap", [ethernet(p) for p in Tcp().open().say("sent", GET).say("sent", GET).packets]
    )
    path.write_bytes(path.read_bytes()[:-cut])
    found = read(path)
    assert [r.url for r in found.requests] == [URL]
    assert found.problems


@pytest.mark.parametrize("data", [b"", b"not packets at all, but text", b"\x0a\x0d\x0d\x0a1234"])
def test_what_is_no_capture_is_refused_in_one_line(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "c.pcap").write_bytes(data)
    with pytest.raises(CaptureError, match=r"c\.pcap"):
        read(tmp_path / "c.pcap")


def test_without_the_packages_for_packets_one_line_says_which_to_install(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "c.pcap", [])
    code = "import sys, pathlib, scantrail.readers as r; sys.modules['scapy'] = None; r.read(pathlib.Path(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=False)
    assert "reading packets needs scapy: pip install 'scantrail[packets]'" in done.stderr


# Links and networks


@pytest.mark.parametrize(
    ("linktype", "header"),
    [
        (0, b"\x02\x00\x00\x00"),
        (108, b"\x00\x00\x00\x02"),
        (101, b""),
        (12, b""),
        (228, b""),
        (113, bytes(14) + b"\x08\x00"),
        (276, b"\x08\x00" + bytes(18)),
        (1, bytes(12) + b"\x81\x00\x00\x05\x08\x00"),
        (1, bytes(12) + b"\x88\xa8\x00\x05\x81\x00\x00\x06\x08\x00"),
        (1, bytes(12) + b"\x88\x64\x11\x00\x00\x01\x00\x00\x00\x21"),
        (1, bytes(12) + b"\x88\x47\x00\x01\x00\x40\x00\x01\x01\x40"),
        (9, b"\xff\x03\x00\x21"),
        (239, b"\x02\x00\x00\x00" + b"\x08\x00\x01\x00abcd" + b"\xff\xff\x09\x00"),
        (258, struct.pack("<III", 24, 1, 1) + bytes(12) + bytes(12) + b"\x08\x00"),
    ],
)
def test_every_link_layer_is_opened(tmp_path: Path, linktype: int, header: bytes) -> None:
    frames = [header + bytes(p) for p in Tcp().open().say("sent", GET).packets]
    assert [r.url for r in read(write_pcap(tmp_path / "c.pcap", frames, linktype=linktype)).requests] == [URL]


def test_ipv6_is_read_and_named_in_brackets(tmp_path: Path) -> None:
    tcp = Tcp(("2001:db8::1", 50_000), ("2001:db8::2", 8080)).open().say("sent", b"GET / HTTP/1.0\r\n\r\n")
    (request,) = capture(tmp_path, *tcp.packets).requests
    assert (request.url, request.server) == ("http://[2001:db8::2]:8080/", ("2001:db8::2", 8080))


def test_fragments_of_a_packet_are_joined_in_any_order(tmp_path: Path) -> None:
    tcp = Tcp().open()
    whole = tcp.packet("sent", "PA", GET)
    parts = fragment(whole, 24)  # type: ignore[no-untyped-call]
    found = capture(tmp_path, *tcp.packets, *reversed(parts))
    assert [r.url for r in found.requests] == [URL]


def test_what_is_not_opened_is_counted(tmp_path: Path) -> None:
    found = read(write_pcap(tmp_path / "c.pcap", [b"abc", b"abcdef"], linktype=105))
    assert [problem.message for problem in found.problems] == [
        "2 packets left out: of link type 105, which is not supported"
    ]


def test_padding_of_ethernet_is_no_content(tmp_path: Path) -> None:
    tcp = Tcp().open().say("sent", GET)
    frames = [ethernet(packet).ljust(60, b"\0") for packet in tcp.packets]
    assert [r.url for r in read(write_pcap(tmp_path / "c.pcap", frames)).requests] == [URL]


# TCP


POST = b"POST /report HTTP/1.1\r\nHost: healthcode.test\r\nContent-Length: 400\r\n\r\n" + bytes(range(200)) * 2


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("start", [1000, (1 << 32) - 200])
def test_segments_in_any_order_and_more_than_once_make_one_request(tmp_path: Path, seed: int, start: int) -> None:
    tcp = Tcp(seq={"sent": start, "received": 7}).open()
    opening = len(tcp.packets)
    tcp.say("sent", POST, size=29)
    segments = tcp.packets[opening:]
    chance = random.Random(seed)  # noqa: S311 # for a test
    segments += [*chance.sample(segments, 5), tcp.packet("sent", "PA", POST[100:300], seq=start + 101)]
    chance.shuffle(segments)
    tcp.packets[opening:] = segments
    found = capture(tmp_path, *tcp.say("received", OK).close().packets)
    assert [summary(r) for r in found.requests] == [
        ("POST", "http://healthcode.test/report", POST[-400:], (200, b"abc"))
    ]
    assert found.problems == ()


def test_a_lost_segment_is_said_and_the_rest_is_read(tmp_path: Path) -> None:
    tcp = Tcp().open().say("sent", POST, size=100)
    del tcp.packets[4]
    found = capture(tmp_path, *tcp.say("received", OK).say("sent", GET).say("received", OK).close().packets)
    first, second = found.requests
    assert (len(first.body), first.error) == (300, "100 bytes of the body are not in the capture")
    assert (second.url, second.response and second.response.status) == (URL, 200)
    assert [p.message for p in found.problems] == [
        "tcp-1, 10.0.0.2 port 50000 to 192.0.2.1 port 80: 100 bytes are not in the capture, once"
    ]


def test_a_lost_head_costs_one_request(tmp_path: Path) -> None:
    tcp = Tcp().open().say("sent", GET)
    tcp.packets.pop()
    tcp.say("received", OK)
    found = capture(tmp_path, *tcp.say("sent", GET).say("received", OK).close().packets)
    assert [r.url for r in found.requests if r.unread is None] == [URL]
    assert len(found.problems) == 1


def test_a_snap_length_is_a_loss(tmp_path: Path) -> None:
    frames = [ethernet(p)[:200] for p in Tcp().open().say("sent", POST).say("received", OK).say("sent", GET).packets]
    found = read(write_pcap(tmp_path / "c.pcap", frames))
    assert [r.url for r in found.requests] == ["http://healthcode.test/report", URL]
    assert found.requests[0].error


def test_a_connection_that_began_before_the_capture_is_read_from_its_next_request(tmp_path: Path) -> None:
    tcp = Tcp().say("sent", b"...the end of something").say("received", OK).say("sent", GET).say("received", OK)
    found = capture(tmp_path, *tcp.packets)
    assert [r.url for r in found.requests if r.protocol == "http" and r.method] == [URL]


def test_ports_that_are_used_again_are_another_connection(tmp_path: Path) -> None:
    first = Tcp().open().say("sent", GET).say("received", OK).close()
    second = Tcp(seq={"sent": 99, "received": 77}).open().say("sent", GET).say("received", OK).close()
    found = capture(tmp_path, *first.packets, *second.packets)
    assert [summary(r)[1:] for r in found.requests] == [(URL, b"", (200, b"abc"))] * 2


def test_late_duplicates_after_the_end_are_nothing_new(tmp_path: Path) -> None:
    tcp = Tcp().open().say("sent", GET).say("received", OK).close()
    assert len(capture(tmp_path, *tcp.packets, *tcp.packets[2:]).requests) == 1


@pytest.mark.parametrize(
    ("flags", "why"), [("RA", "the server refused the connection"), ("", "nobody answered the connection")]
)
def test_a_connection_that_was_not_made_is_unsent(tmp_path: Path, flags: str, why: str) -> None:
    tcp = Tcp()
    packets = [tcp.packet("sent", "S")] + ([tcp.packet("received", flags)] if flags else [])
    (request,) = capture(tmp_path, *packets).requests
    assert (request.protocol, request.unsent, request.receiver) == ("connect", why, "192.0.2.1")


def test_a_second_attempt_to_connect_may_count_from_elsewhere(tmp_path: Path) -> None:
    unheard = Tcp(seq={"sent": 77, "received": 1}).packet("sent", "S")
    found = capture(tmp_path, unheard, *Tcp().open().say("sent", GET).packets)
    assert ([r.url for r in found.requests], found.problems) == ([URL], ())


def test_what_is_no_http_is_messages(tmp_path: Path) -> None:
    tcp = Tcp(server=("192.0.2.1", 9000)).open().say("sent", b"\x01\x02hello").say("received", b"welcome!").close()
    (request,) = capture(tmp_path, *tcp.packets).requests
    assert request.protocol == "tcp"
    assert [(m.side, m.data) for m in request.messages] == [("sent", b"\x01\x02hello"), ("received", b"welcome!")]


# HTTP/1


def chunked(*parts: bytes, trailer: bytes = b"") -> bytes:
    return b"".join(b"%x;ext\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n" + trailer + b"\r\n"


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"ab", b"c" * 300, trailer=b"X-T: 1\r\n")


@pytest.mark.parametrize("size", [5, 1400])
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([("sent", GET), ("received", OK)], [("GET", 200, b"abc")]),
        ([("sent", GET + GET), ("received", OK + CHUNKED)], [("GET", 200, b"abc"), ("GET", 200, b"ab" + b"c" * 300)]),
        (
            [("sent", GET.replace(b"GET", b"HEAD") + GET), ("received", OK[:-3] + OK)],
            [("HEAD", 200, b""), ("GET", 200, b"abc")],
        ),
        ([("sent", GET), ("received", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK)], [("GET", 200, b"abc")]),
        (
            [("sent", GET + GET), ("received", b"HTTP/1.1 204 No\r\n\r\n" + OK)],
            [("GET", 204, b""), ("GET", 200, b"abc")],
        ),
        (
            [("sent", GET + GET), ("received", b"HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n" + OK)],
            [("GET", 304, b""), ("GET", 200, b"abc")],
        ),
        ([("sent", GET), ("received", b"HTTP/1.0 200 OK\r\n\r\nuntil the end")], [("GET", 200, b"until the end")]),
        ([("sent", GET), ("received", b"HTTP/1.1 404\nContent-Length: 1\n\nx")], [("GET", 404, b"x")]),
        ([("sent", b"\r\n" + GET)], [("GET", None, None)]),
    ],
)
def test_messages_end_where_they_end(
    tmp_path: Path, said: list[Said], expected: list[tuple[object, ...]], size: int
) -> None:
    found = capture(tmp_path, *Tcp().open().all(said, size).close().packets)
    assert [
        (r.method, r.response and r.response.status, r.response and r.response.body) for r in found.requests
    ] == expected
    assert {r.url for r in found.requests} == {URL}
    assert not any(r.error for r in found.requests)


def test_trailers_are_headers_and_folded_lines_go_on(tmp_path: Path) -> None:
    request = b"POST / HTTP/1.1\r\nHost: h.test\r\nX-Long: a\r\n b\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(
        b"body", trailer=b"X-T: 1\r\n"
    )
    (found,) = capture(tmp_path, *Tcp().open().say("sent", request).packets).requests
    assert found.headers[1:] == (("X-Long", "a b"), ("Transfer-Encoding", "chunked"), ("X-T", "1"))
    assert found.body == b"body"


@pytest.mark.parametrize(
    ("target", "host", "url"),
    [
        (b"/a", b"Host: h.test:81\r\n", "http://h.test:81/a"),
        (b"http://p.test/a", b"Host: h.test\r\n", "http://p.test/a"),
        (b"/http://p.test/a", b"Host: h.test\r\n", "http://h.test/http://p.test/a"),
        (b"*", b"Host: h.test\r\n", "http://h.test"),
        (b"/\xff", b"", "http://192.0.2.1/\xff"),
    ],
)
def test_urls_are_absolute(tmp_path: Path, target: bytes, host: bytes, url: str) -> None:
    request = b"OPTIONS " + target + b" HTTP/1.1\r\n" + host + b"\r\n"
    (found,) = capture(tmp_path, *Tcp().open().say("sent", request).packets).requests
    assert found.url == url


def test_what_a_proxy_is_asked_to_connect_to_is_read_inside(tmp_path: Path) -> None:
    ends = TlsEnds(tmp_path)
    inside, _ = ends.session([("sent", GET), ("received", OK)])
    said: list[Said] = [
        ("sent", b"CONNECT healthcode.test:443 HTTP/1.1\r\nHost: healthcode.test:443\r\n\r\n"),
        ("received", b"HTTP/1.1 200 Connection established\r\n\r\n"),
    ]
    found = capture(tmp_path, *Tcp(server=("192.0.2.1", 8080)).open().all(said + inside).close().packets)
    assert [(r.protocol, r.method, r.url) for r in found.requests] == [
        ("connect", "CONNECT", "https://healthcode.test:443"),
        ("http", "GET", URL.replace("http:", "https:")),
    ]


# WebSocket


def frame(opcode: int, data: bytes, mask: bytes = b"") -> bytes:
    size = bytes([len(data) | (128 if mask else 0)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data))
    if not mask and len(data) >= 126:
        size = b"\x7e" + size[1:]
    return (
        bytes([opcode]) + size + mask + bytes(b ^ (mask or b"\0")[n % len(mask or b"\0")] for n, b in enumerate(data))
    )


def deflate(*messages: bytes) -> list[bytes]:
    packer = zlib.compressobj(wbits=-15)
    return [(packer.compress(m) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4] for m in messages]


@pytest.mark.parametrize("size", [1, 1400])
def test_websocket_messages_join_the_request_that_opened_it(tmp_path: Path, size: int) -> None:
    first, second = deflate(b"position " * 40, b"position " * 40)
    answer = b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    said: list[Said] = [
        ("sent", GET.replace(b"\r\n\r\n", b"\r\nUpgrade: websocket\r\n\r\n")),
        ("received", answer),
        ("sent", frame(0x81, b"hello", b"abcd") + frame(0x89, b"ping", b"abcd") + frame(0xC2, first, b"wxyz")),
        ("received", frame(0x01, b"frag") + frame(0x80, b"ment") + frame(0x82, b"B" * 300)),
        ("sent", frame(0xC1, second, b"wxyz")),
    ]
    (request,) = capture(tmp_path, *Tcp().open().all(said, size).close().packets).requests
    assert [(m.side, m.text, m.data) for m in request.messages] == [
        ("sent", True, b"hello"),
        ("sent", False, b"position " * 40),
        ("received", True, b"fragment"),
        ("received", False, b"B" * 300),
        ("sent", True, b"position " * 40),
    ]


# HTTP/2


class H2:
    """Both ends of a connection, as the `h2` package speaks it."""

    def __init__(self) -> None:
        self.ends = {
            "sent": h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding=None)),
            "received": h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding=None)),
        }
        self.said: list[Said] = []
        for end in self.ends.values():
            end.initiate_connection()
        self.flush()

    def flush(self) -> None:
        for _ in range(3):
            for side, other in (("sent", "received"), ("received", "sent")):
                if data := self.ends[side].data_to_send():
                    self.said.append((side, data))  # type: ignore[arg-type]
                    self.ends[other].receive_data(data)

    def ask(self, path: str, body: bytes = b"", *more: tuple[str, str]) -> int:
        client = self.ends["sent"]
        number = client.get_next_available_stream_id()
        pseudo = [(":method", "POST"), (":authority", "h.test"), (":scheme", "https"), (":path", path)]
        client.send_headers(number, [*pseudo, ("cookie", "a=1"), *more], end_stream=not body)
        if body:
            client.send_data(number, body, end_stream=True, pad_length=7)
        return number

    def answer(self, number: int, body: bytes) -> None:
        self.ends["received"].send_headers(number, [(":status", "200"), ("x-n", str(number))])
        self.ends["received"].send_data(number, body, end_stream=True)


@pytest.mark.parametrize("size", [50, 1400])
def test_streams_of_http2_are_requests(tmp_path: Path, size: int) -> None:
    both = H2()
    numbers = [both.ask(f"/{n}", b"body %d" % n, ("x-large", "v" * 20_000)) for n in range(3)]
    both.flush()
    for number in reversed(numbers):
        both.answer(number, b"answer %d" % number)
    both.flush()
    requests = capture(tmp_path, *Tcp().open().all(both.said, size).close().packets).requests
    assert [(r.url, r.body, r.http_version) for r in requests] == [
        (f"https://h.test/{n}", b"body %d" % n, "HTTP/2.0") for n in range(3)
    ]
    assert requests[0].headers[0] == ("cookie", "a=1")
    assert [r.response and r.response.body for r in requests] == [b"answer %d" % n for n in numbers]


def test_http2_of_which_the_beginning_is_missing_is_read_as_far_as_it_can_be(tmp_path: Path) -> None:
    both = H2()
    both.ask("/before", b"", ("x-token", "long-ago"))
    both.flush()
    begun = len(both.said)
    number = both.ask("/after", b"position", ("x-token", "long-ago"), ("x-new", "here"))
    both.flush()
    both.answer(number, b"fine")
    both.flush()
    (request,) = capture(tmp_path, *Tcp(server=("192.0.2.1", 8443)).all(both.said[begun:]).packets).requests
    assert (request.body, dict(request.headers)["x-new"]) == (b"position", "here")
    assert request.url.endswith("/after")
    assert request.error
    assert "not in the capture" in request.error


def test_http2_goes_on_after_a_loss(tmp_path: Path) -> None:
    both = H2()
    tcp = Tcp().open()
    for n in range(3):
        both.ask(f"/{n}")
        both.flush()
    tcp.all(both.said)
    lost = next(n for n, p in enumerate(tcp.packets) if bytes(p["TCP"].payload)[6:9] == b"\x00\x00\x03" and n > 3)
    del tcp.packets[lost]
    found = capture(tmp_path, *tcp.close().packets)
    assert found.requests[-1].url.endswith("/2")
    assert len(found.problems) == 1


def test_http2_by_upgrade_answers_the_request_that_asked(tmp_path: Path) -> None:
    client = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
    server = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    settings = client.initiate_upgrade_connection()
    server.initiate_upgrade_connection(settings)
    server.send_headers(1, [(":status", "200")])
    server.send_data(1, b"upgraded", end_stream=True)
    said: list[Said] = [
        ("sent", GET.replace(b"\r\n\r\n", b"\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n")),
        ("received", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n" + server.data_to_send()),
        ("sent", client.data_to_send()),
    ]
    (request,) = capture(tmp_path, *Tcp().open().all(said).close().packets).requests
    assert summary(request) == ("GET", URL, b"", (200, b"upgraded"))


def test_frames_are_told_from_other_bytes() -> None:
    settings = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
    assert http2.plausible(settings, whole=True)
    assert not http2.plausible(settings + b"x", whole=True)
    assert not http2.plausible(b"GET / HTTP/1.1\r\n", whole=True)


# TLS


TLS12 = ssl.TLSVersion.TLSv1_2


def secure(said: list[Said]) -> list[Packet]:
    return Tcp(server=("192.0.2.1", 443)).open().all(said).close().packets


@pytest.mark.parametrize(
    ("version", "ciphers", "key"),
    [
        (ssl.TLSVersion.TLSv1_3, None, "rsa"),
        *(
            (TLS12, cipher, "ec" if "ECDSA" in cipher else "rsa")
            for cipher in (
                "ECDHE-RSA-AES128-GCM-SHA256",
                "ECDHE-RSA-AES256-GCM-SHA384",
                "ECDHE-ECDSA-CHACHA20-POLY1305",
                "ECDHE-RSA-AES128-SHA",
                "ECDHE-RSA-AES256-SHA384",
                "AES256-SHA256",
                "AES128-CCM",
                "ECDHE-ECDSA-AES256-CCM8",
            )
        ),
        (ssl.TLSVersion.TLSv1_1, "ALL:@SECLEVEL=0", "rsa"),
        (ssl.TLSVersion.TLSv1, "ALL:@SECLEVEL=0", "rsa"),
    ],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_is_opened_with_the_key_log_beside_the_capture(
    tmp_path: Path, version: ssl.TLSVersion, ciphers: str | None, key: str
) -> None:
    said, _ = TlsEnds(tmp_path, version, ciphers, key=key).session([("sent", POST), ("received", OK)])
    found = capture(tmp_path, *secure(said))
    (request,) = found.requests
    assert summary(request) == ("POST", "https://healthcode.test/report", POST[-400:], (200, b"abc"))
    assert (request.sni, request.unread, found.problems) == ("phone.test", None, ())


def test_http2_inside_of_tls_is_read(tmp_path: Path) -> None:
    both = H2()
    number = both.ask("/report", b"position")
    both.flush()
    both.answer(number, b"fine")
    both.flush()
    said, _ = TlsEnds(tmp_path, alpn=("h2",)).session(both.said)
    (request,) = capture(tmp_path, *secure(said)).requests
    assert summary(request) == ("POST", "https://h.test/report", b"position", (200, b"fine"))


def test_a_hello_that_is_asked_for_again_is_the_same_connection(tmp_path: Path) -> None:
    said, _ = TlsEnds(tmp_path, group="secp521r1").session([("sent", GET), ("received", OK)])
    assert sum(side == "sent" for side, _ in said[:4]) == 2  # two hellos
    assert [r.unread for r in capture(tmp_path, *secure(said)).requests] == [None]


@pytest.mark.parametrize("version", [TLS12, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("logged", [True, False])
def test_sessions_that_are_resumed_are_read(tmp_path: Path, version: ssl.TLSVersion, logged: bool) -> None:
    ends = TlsEnds(tmp_path, version)
    first, client = ends.session([("sent", GET), ("received", OK)])
    log = ends.log.read_text()
    second, again = ends.session([("sent", GET), ("received", OK)], resume=client.session)
    assert again.session_reused
    if not logged:
        ends.log.write_text(log)
    again_packets = Tcp(("10.0.0.2", 50_001), ("192.0.2.1", 443)).open().all(second).close().packets
    found = capture(tmp_path, *secure(first), *again_packets)
    opened = [r.url for r in found.requests if not r.unread]
    assert len(opened) == (2 if logged or version == TLS12 else 1)  # TLS 1.3 derives new secrets: RFC 8446 §2.2


def test_keys_that_are_updated_are_followed(tmp_path: Path) -> None:
    ends = TlsEnds(tmp_path)
    said, client = ends.session([("sent", GET), ("received", OK)])
    suite = SUITES[0x1302]
    line = next(text for text in ends.log.read_text().splitlines() if text.startswith("CLIENT_TRAFFIC_SECRET_0"))
    secret = bytes.fromhex(line.split()[2])
    update = sealed(secret, 1, b"\x18\x00\x00\x01\x00\x16")
    after = sealed(expand_label(secret, "traffic upd", 48, suite.hash), 0, GET + b"\x17" + bytes(5))
    said.append(("sent", update + after))
    assert client.cipher() == ("TLS_AES_256_GCM_SHA384", "TLSv1.3", 256)
    assert [r.url for r in capture(tmp_path, *secure(said)).requests] == [URL.replace("http:", "https:")] * 2


def sealed(secret: bytes, seq: int, content: bytes) -> bytes:
    """A record of TLS 1.3 under AES-256-GCM."""
    head = b"\x17\x03\x03" + struct.pack(">H", len(content) + 16)
    iv = expand_label(secret, "iv", 12, "sha384")
    nonce = (int.from_bytes(iv) ^ seq).to_bytes(12)
    return head + AESGCM(expand_label(secret, "key", 32, "sha384")).encrypt(nonce, content, head)


@pytest.mark.parametrize("version", [TLS12, ssl.TLSVersion.TLSv1_3])
def test_tls_goes_on_after_a_loss(tmp_path: Path, version: ssl.TLSVersion) -> None:
    talk: list[Said] = [("sent", GET), ("received", OK)] * 4
    said, _ = TlsEnds(tmp_path, version).session(talk)
    packets = secure(said)
    sent = [n for n, p in enumerate(packets) if bytes(p["TCP"].payload)[:1] == b"\x17" and p["TCP"].dport == 443]
    del packets[sent[-2]]
    found = capture(tmp_path, *packets)
    assert [r.url for r in found.requests if r.method] == [URL.replace("http:", "https:")] * 3
    assert len(found.problems) == 1


@pytest.mark.parametrize("version", [TLS12, ssl.TLSVersion.TLSv1_3])
def test_tls_without_secrets_is_unread_with_host_and_bytes(tmp_path: Path, version: ssl.TLSVersion) -> None:
    ends = TlsEnds(tmp_path, version)
    said, _ = ends.session([("sent", POST), ("received", OK)])
    ends.log.unlink()
    (request,) = capture(tmp_path, *secure(said)).requests
    assert (request.protocol, request.unread, request.receiver) == ("tls", tls.NO_SECRETS, "phone.test")
    assert request.unread_bytes is not None
    assert len(POST) < request.unread_bytes < len(POST) + 200
    assert request.sent_bytes == request.unread_bytes


def test_tls_that_began_before_the_capture_is_unread(tmp_path: Path) -> None:
    said, _ = TlsEnds(tmp_path).session([("sent", POST), ("received", OK)])
    (request,) = capture(tmp_path, *Tcp(server=("192.0.2.1", 443)).all(said[-2:]).packets).requests
    assert (request.unread, request.receiver) == (tls.NO_HANDSHAKE, "192.0.2.1")


def test_a_client_that_refuses_the_certificate_is_said_to(tmp_path: Path) -> None:
    said, _ = TlsEnds(tmp_path).session([])
    alert: Said = ("sent", b"\x15\x03\x03\x00\x02\x02\x30")
    (request,) = capture(tmp_path, *secure([*said[:2], alert])).requests
    assert request.unread == "the client broke off the TLS handshake (unknown certificate authority)"
    assert (request.sni, request.unread_bytes) == ("phone.test", 0)


def test_secrets_in_the_file_are_found_behind_the_packets(tmp_path: Path) -> None:
    ends = TlsEnds(tmp_path)
    said, _ = ends.session([("sent", GET), ("received", OK)])
    log = ends.log.read_bytes()
    ends.log.unlink()
    (tmp_path / "c.pcapng").write_bytes(pcapng([ethernet(p) for p in secure(said)], secrets=log))
    assert [r.unread for r in read(tmp_path / "c.pcapng").requests] == [None]


def test_the_usual_environment_variable_names_a_key_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = TlsEnds(tmp_path)
    said, _ = ends.session([("sent", GET), ("received", OK)])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("SSLKEYLOGFILE", str(ends.log))
    assert [r.unread for r in capture(elsewhere, *secure(said)).requests] == [None]


def test_a_cipher_that_is_not_ours_is_left_to_tshark_or_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said, _ = TlsEnds(tmp_path, TLS12, "ECDHE-RSA-CAMELLIA128-SHA256").session([("sent", GET), ("received", OK)])
    if shutil.which("tshark"):
        (request,) = capture(tmp_path, *secure(said)).requests
        assert summary(request) == ("GET", URL.replace("http:", "https:"), b"", (200, b"abc"))
    monkeypatch.setenv("PATH", str(tmp_path))
    (request,) = capture(tmp_path, *secure(said)).requests
    assert request.unread == "TLS with cipher suite 0xc076, which is not supported"


def test_dtls_is_unread_and_quic_of_any_version_too(tmp_path: Path) -> None:
    sent = [
        udp(b"\x16\xfe\xfd" + bytes(99), port=9),
        udp(b"\xd0Q050\x08" + bytes(99)),
        udp(b"\x40" + bytes(50), client=9),
    ]
    rows = capture(tmp_path, *sent).requests
    assert [(r.protocol, bool(r.unread)) for r in rows] == [("udp", True), ("quic", True), ("quic", True)]
    assert [r.sent_bytes for r in rows] == [102, 105, 51]


def test_starttls_is_followed(tmp_path: Path) -> None:
    said, _ = TlsEnds(tmp_path).session([("sent", b"secret mail")])
    before: list[Said] = [("received", b"220 mail.test\r\n"), ("sent", b"STARTTLS\r\n"), ("received", b"220 go\r\n")]
    found = capture(tmp_path, *Tcp(server=("192.0.2.1", 25)).open().all(before + said).close().packets)
    assert [[m.data for m in r.messages if m.side == "sent"] for r in found.requests] == [
        [b"STARTTLS\r\n"],
        [b"secret mail"],
    ]


# UDP


@pytest.mark.parametrize(
    ("version", "salt", "label"),
    [
        (1, "38762cf7f55934b34d179ae6a4c80cadccbb7f0a", "quic"),
        (0x6B3343CF, "0dede3def700a6db819381be6e269dcbf9bd2ed9", "quicv2"),
    ],
)
def test_a_quic_connection_is_one_unread_row_with_its_host(tmp_path: Path, version: int, salt: str, label: str) -> None:
    message, target = hello(), bytes.fromhex("8394c8f03e515708")
    middle = len(message) // 2
    parts = [(middle, message[middle:]), (0, message[:middle])]  # out of order, in two packets
    packets = [
        initial(
            b"\x01\x06" + integer(offset) + integer(len(part)) + part,
            target,
            version=version,
            number=number,
            salt=bytes.fromhex(salt),
            label=label,
        )
        for number, (offset, part) in enumerate(parts)
    ]
    (request,) = capture(
        tmp_path, *map(udp, packets), udp(b"\x40" + bytes(99)), udp(bytes(99), side="received")
    ).requests
    assert (request.protocol, request.receiver, request.tls_version) == ("quic", "phone.test", "TLSv1.3")
    assert request.unread
    assert request.sent_bytes == request.unread_bytes == sum(map(len, packets)) + 100


def test_keys_of_quic_are_those_of_the_rfc() -> None:
    keys = quic.derive(quic.VERSIONS[1], bytes.fromhex("8394c8f03e515708"))  # RFC 9001 appendix A.1
    assert (keys.iv.hex(), keys.header.hex()) == ("fa044b2f42a3fd3b46fb255c", "9f50449e04a0e810283a1e9933adedd2")


def query(name: str, kind: str = "A", number: int = 1, *, answer: bool = False) -> bytes:
    return bytes(DNS(id=number, qr=int(answer), qd=DNSQR(qname=name, qtype=kind)))


def test_each_dns_query_is_a_request(tmp_path: Path) -> None:
    packets = [
        udp(query("a.test"), port=53),
        udp(query("a.test", answer=True), port=53, side="received"),
        udp(query("a.test", "AAAA", 2), port=53),
        udp(query("b.test", number=3, answer=True), port=53, side="received", client=50_001),
    ]
    found = capture(tmp_path, *packets)
    assert [(r.protocol, r.url, r.server) for r in found.requests] == [
        ("dns", f"dns:{asked}", ("192.0.2.1", 53)) for asked in ("a.test A", "a.test AAAA", "b.test A")
    ]


def test_dns_over_tcp_is_the_same(tmp_path: Path) -> None:
    messages = [query("a.test"), query("b.test", "HTTPS", 2)]
    stream = b"".join(struct.pack(">H", len(message)) + message for message in messages)
    found = capture(tmp_path, *Tcp(server=("192.0.2.1", 53)).open().say("sent", stream, 9).packets)
    assert [r.url for r in found.requests] == ["dns:a.test A", "dns:b.test HTTPS"]


def test_other_datagrams_are_messages_of_one_conversation(tmp_path: Path) -> None:
    found = capture(tmp_path, udp(b"one", port=9), udp(b"two", port=9, side="received"), udp(b"three", port=10))
    assert [(r.protocol, [(m.side, m.data) for m in r.messages]) for r in found.requests] == [
        ("udp", [("sent", b"one"), ("received", b"two")]),
        ("udp", [("sent", b"three")]),
    ]


# Whatever comes


def _samples(folder: Path) -> list[bytes]:
    ends = TlsEnds(folder)
    both = H2()
    both.ask("/", b"x")
    both.flush()
    plain = Tcp().open().say("sent", GET + POST).say("received", OK + CHUNKED).close().packets
    frames = [
        *plain,
        *secure(ends.session([("sent", GET), ("received", OK)])[0]),
        *Tcp(("10.0.0.9", 9)).all(both.said).packets,
    ]
    frames += [udp(query("a.test"), port=53), udp(b"\xc0\x00\x00\x00\x01\x08" + bytes(99))]
    path = write_pcap(folder / "sample.pcap", [ethernet(packet) for packet in frames])
    return [path.read_bytes(), pcapng([ethernet(packet) for packet in frames])]


def test_damage_is_a_problem_and_never_an_exception(tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 # for a test
    for sample in _samples(tmp_path):
        for _ in range(60):
            data = bytearray(sample)
            for _ in range(chance.choice((1, 5, 50))):
                data[chance.randrange(len(data))] = chance.randrange(256)
            target = tmp_path / "damaged.pcap"
            target.write_bytes(data[: chance.randrange(len(data))] if chance.random() < 0.2 else data)
            _read(target)


def _read(path: Path) -> Capture | None:
    try:
        return read(path)
    except CaptureError:
        return None


def test_the_same_traffic_in_two_formats_is_the_same_requests(tmp_path: Path) -> None:
    asked = (
        b"POST /report?a=%20 HTTP/1.1\r\nHost: healthcode.test\r\nX-\xff: \xfe\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    said: list[Said] = [("sent", asked + chunked(b"position", trailer=b"X-T: 1\r\n")), ("received", CHUNKED)]
    (packets,) = capture(tmp_path, *Tcp().open().all(said).close().packets).requests
    lines: list[dict[str, object]] = [
        {
            "type": "request",
            "method": "POST",
            "url": "http://healthcode.test/report?a=%20",
            "http": "HTTP/1.1",
            "headers": [["Host", "healthcode.test"], ["X-\xff", "\xfe"], ["Transfer-Encoding", "chunked"]],
            "trailers": [["X-T", "1"]],
            "body": b64encode(b"position").decode(),
            "client": ["10.0.0.2", 50000],
            "server": ["192.0.2.1", 80],
        },
        {
            "type": "response",
            "status": 200,
            "reason": "OK",
            "headers": [["Transfer-Encoding", "chunked"], ["X-T", "1"]],
            "body": b64encode(b"ab" + b"c" * 300).decode(),
            "size": 302,
        },
    ]
    at = moment(START_NS).isoformat()
    common: dict[str, object] = {"v": 1, "id": "tcp-1.0", "at": at, "wall": at}
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(common | line) + "\n" for line in lines))
    (logged,) = read(tmp_path / "log.jsonl").requests
    assert timeless(packets) == timeless(logged)


def timeless(request: Request) -> Request:
    """The request without its times, which the two recorders take at different moments."""
    start = moment(START_NS)
    response = request.response and msgspec.structs.replace(request.response, at=start)
    return msgspec.structs.replace(request, at=start, wall=start, response=response)
