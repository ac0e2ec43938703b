"""An archive to measure on: a golden capture and made-up traffic of browsers and of SDKs in apps, seeded.

No request repeats another's values: ids, texts, numbers, cookies and nonces are fresh in each, so that nothing is
gained by remembering them; what repeats is what repeats in life (hosts, names of headers and members, User-Agents).
A few requests hold a known value, each in one of the encodings of `PLANTED`.
"""

import base64
import gzip
import hashlib
import json
import struct
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple
from urllib.parse import quote, quote_plus, urlencode
from uuid import UUID

import msgspec

from benchmarks.encoders import lz_uri, proto
from benchmarks.har import START
from scantrail.model import Message, Request, Response
from scantrail.readers import read

GOLDEN = Path(__file__).parents[1] / "captures" / "golden" / "hangzhou"
KNOWN: dict[str, list[str]] = {
    "email": ["mei.lin84@postbox.test"],
    "phone": ["+8615400012345"],
    "advertising": ["3f2a9c14-7b60-4d8e-9a51-c0ffee12d0d0"],
    "device": ["9d41c07be2a85f36"],
}
_EVERY = 40  # one request in so many holds a known value
_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Dalvik/2.1.0 (Linux; U; Android 10; SIM-P30 Build/QP1A.190711.020)",
    "okhttp/4.9.3",
)
_WORDS = (
    "open",
    "view",
    "scroll",
    "tap",
    "cart",
    "search",
    "share",
    "login",
    "banner",
    "list",
    "item",
    "detail",
    "error",
)

type Planted = tuple[int, str]


def _digest(name: str) -> Callable[[str], str]:
    return lambda text: hashlib.new(name, text.encode()).hexdigest()


PLANTED: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "upper case": str.upper,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of JSON": lambda text: base64.b64encode(json.dumps({"k": 1, "v": text}).encode()).decode().rstrip("="),
    "base64 of gzip": lambda text: base64.b64encode(gzip.compress(json.dumps({"v": text}).encode())).decode(),
    "hex": lambda text: text.encode().hex(),
    "lz-string": lambda text: lz_uri(json.dumps({"v": text})),
    "base64 of protobuf": lambda text: base64.b64encode(proto((1, 3), (2, text))).decode(),
    "JSON in JSON": lambda text: json.dumps({"a": json.dumps({"v": text})}),
    "md5": _digest("md5"),
    "sha256": _digest("sha256"),
    "sha256 of md5": lambda text: _digest("sha256")(_digest("md5")(text)),
    "base64 of sha1": lambda text: base64.b64encode(
        hashlib.sha1(text.encode(), usedforsecurity=False).digest()
    ).decode(),
}


class Traffic(NamedTuple):
    """Requests, and which of them holds which known value in which encoding."""

    requests: list[Request]
    planted: dict[Planted, str]


def traffic(count: int, seed: int = 1) -> Traffic:
    """So many requests."""
    random = Random(seed)  # noqa: S311 # reproducible, not secret
    requests, planted = [request for request in read(GOLDEN).requests if request.url][:count], dict[Planted, str]()
    makers = [make for make, weight in MAKERS for _ in range(weight)]
    pairs = [(name, encoding) for name in KNOWN for encoding in PLANTED]
    while len(requests) < count:
        index, extra = len(requests), ""
        if index % _EVERY == 0:
            name, encoding = pairs[index // _EVERY % len(pairs)]
            planted[index, name], extra = encoding, PLANTED[encoding](KNOWN[name][0])
        made = random.choice(makers)(_Fresh(random), extra)
        at = START + timedelta(seconds=index)
        requests.append(msgspec.structs.replace(made, index=index, id=str(index), at=at, wall=at))
    return Traffic(requests, planted)


class _Fresh:
    """Values that nothing else has."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def hex(self, digits: int) -> str:
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"

    def uuid(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def word(self) -> str:
        return self.random.choice(_WORDS)

    def text(self, words: int) -> str:
        return " ".join(f"{self.word()}{self.random.randrange(1 << 20):x}" for _ in range(words))

    def blob(self, size: int) -> bytes:
        return self.random.randbytes(size)

    def number(self) -> float:
        return round(self.random.uniform(0, 5_000), 3)

    def time_ms(self) -> int:
        return 1_581_868_800_000 + self.random.randrange(10**10)

    def event(self) -> dict[str, object]:
        return {
            "event": f"{self.word()}_{self.word()}",
            "event_id": self.uuid(),
            "time": self.time_ms(),
            "session": self.hex(32),
            "seq": self.random.randrange(1 << 30),
            "properties": {
                "duration": self.number(),
                "title": self.text(4),
                "tab": self.word(),
                "ok": True,
                "prev": None,
            },
        }

    def device(self) -> dict[str, object]:
        return {
            "os": "Android",
            "os_version": "10",
            "install_id": self.uuid(),
            "free_mb": self.random.randrange(1 << 24),
        }

    def cookies(self) -> str:
        visitor = f"{self.random.getrandbits(31)}.{self.time_ms() // 1000}"
        return f"_ga=GA1.2.{visitor}; sid={self.hex(40)}; exp={self.word()}-{self.hex(6)}"


def _request(fresh: _Fresh, url: str, body: bytes = b"", kind: str = "", cookies: str = "", **more: str) -> Request:
    headers = {"Host": url.split("/")[2], "User-Agent": fresh.random.choice(_AGENTS), "Accept": "*/*"}
    headers |= {
        "Accept-Encoding": "gzip, deflate, br",
        "Accept-Language": "en-GB,en;q=0.9",
        "X-Request-Id": fresh.uuid(),
    }
    headers |= {
        "sec-ch-ua": '"Chromium";v="120", "Not?A_Brand";v="24"',
        "sec-ch-ua-mobile": "?1",
        "Sec-Fetch-Mode": "cors",
    }
    headers |= {"Cookie": cookies} if cookies else {}
    headers |= {"Content-Type": kind, "Content-Length": str(len(body))} if body else {}
    answer = json.dumps({"ok": True, "id": fresh.uuid(), "next": fresh.time_ms(), "note": fresh.text(5)}).encode()
    answered = (
        ("content-type", "application/json"),
        ("date", "Mon, 17 Feb 2020 00:00:00 GMT"),
        ("etag", fresh.hex(16)),
    )
    return Request(
        index=0,
        id="",
        at=START,
        wall=START,
        method="POST" if body else "GET",
        url=url,
        http_version="HTTP/2.0",
        headers=tuple((headers | {name.replace("_", "-"): value for name, value in more.items()}).items()),
        body=body,
        response=Response(at=START, status=200, headers=answered, body=answer),
    )


def _page(fresh: _Fresh, extra: str) -> Request:
    """A browser fetches something from a page, with its cookies."""
    query = urlencode(
        {"v": fresh.hex(8), "cb": fresh.time_ms(), "dl": f"https://shop.test/{fresh.word()}/{fresh.hex(6)}", "u": extra}
    )
    url = f"https://static{fresh.random.randrange(9)}.shop.test/{fresh.word()}/{fresh.hex(20)}.js?{query}"
    return _request(fresh, url, cookies=fresh.cookies(), Referer=f"https://shop.test/{fresh.word()}?id={fresh.hex(8)}")


def _pixel(fresh: _Fresh, extra: str) -> Request:
    """A tracking pixel: all of it in the query."""
    fields = {
        "tid": f"UA-{fresh.hex(6)}",
        "cid": f"{fresh.random.getrandbits(31)}.{fresh.time_ms()}",
        "dt": fresh.text(5),
    }
    fields |= {f"ep.{fresh.word()}": fresh.text(2) for _ in range(8)} | {"sr": "1080x2340", "_s": fresh.hex(3)}
    fields |= {"ec": extra or fresh.hex(24), "dr": f"https://search.test/?q={quote_plus(fresh.text(3))}"}
    return _request(fresh, f"https://px.metrics.test/g/collect?{urlencode(fields)}", cookies=fresh.cookies())


def _batch(fresh: _Fresh, extra: str) -> Request:
    """A batch of analytics events in JSON, one member of which is JSON in a string."""
    events = [fresh.event() for _ in range(fresh.random.randrange(3, 8))]
    context = json.dumps({"device": fresh.device(), "trace": fresh.hex(32), "tag": extra})
    body = json.dumps({"batch": events, "context": context, "sent_at": fresh.time_ms()}).encode()
    return _request(
        fresh, "https://api.events.test/v1/batch", body, "application/json", Authorization=f"Basic {fresh.hex(24)}"
    )


def _form(fresh: _Fresh, extra: str) -> Request:
    """A form with JSON in one of its fields."""
    fields = {
        "data": json.dumps({"list": [fresh.event(), fresh.event()], "x": extra}),
        "sign": fresh.hex(32),
        "t": fresh.time_ms(),
    }
    kind = "application/x-www-form-urlencoded; charset=UTF-8"
    return _request(
        fresh, f"https://gw.app.test/h5/{fresh.word()}/1.0", urlencode(fields).encode(), kind, cookies=fresh.cookies()
    )


def _packed(fresh: _Fresh, extra: str) -> Request:
    """An SDK's payload: JSON, gzip, base64, in a form."""
    data = json.dumps({"e": [fresh.event() for _ in range(6)], "d": fresh.device(), "x": extra}).encode()
    fields = {
        "data_list": base64.b64encode(gzip.compress(data)).decode(),
        "gzip": 1,
        "crc": fresh.random.getrandbits(31),
    }
    return _request(
        fresh, "https://sa.sensors.test/sa?project=app", urlencode(fields).encode(), "application/x-www-form-urlencoded"
    )


def _zipped(fresh: _Fresh, extra: str) -> Request:
    """JSON under a stated content coding."""
    data = gzip.compress(json.dumps({"logs": [fresh.event() for _ in range(8)], "x": extra}).encode())
    return _request(fresh, "https://in.crash.test/i/v1", data, "application/json", Content_Encoding="gzip")


def _protobuf(fresh: _Fresh, extra: str) -> Request:
    """Protobuf, nested, with an opaque part."""
    event = [proto((1, fresh.uuid()), (2, fresh.time_ms()), (3, fresh.number()), (4, fresh.text(6))) for _ in range(5)]
    body = proto((1, "app"), *((2, one) for one in event), (5, fresh.blob(64)), (7, extra))
    return _request(fresh, "https://pb.play.test/log/batch", body, "application/x-protobuf")


def _bid(fresh: _Fresh, extra: str) -> Request:
    """An advertiser's bid request."""
    slots = [{"id": fresh.hex(12), "banner": {"w": 320, "h": 50}, "bidfloor": fresh.number()} for _ in range(3)]
    body = {
        "id": fresh.uuid(),
        "imp": slots,
        "app": {"bundle": f"test.{fresh.word()}", "ver": "3.1"},
        "device": fresh.device(),
    }
    body |= {
        "ext": {
            "sdk": "5.2",
            "consent": fresh.hex(60),
            "eids": [{"source": "id.test", "uids": [{"id": extra or fresh.uuid()}]}],
        }
    }
    return _request(fresh, "https://rtb.exchange.test/openrtb2/auction", json.dumps(body).encode(), "application/json")


def _graphql(fresh: _Fresh, extra: str) -> Request:
    """A query of an app's own server, with a token."""
    claims = base64.urlsafe_b64encode(json.dumps({"sub": fresh.uuid(), "exp": fresh.time_ms(), "x": extra}).encode())
    token = f"eyJhbGciOiJIUzI1NiJ9.{claims.decode().rstrip('=')}.{fresh.hex(43)}"
    body = {"query": "query Feed($c:ID!){feed(cursor:$c){items{id title price}}}", "variables": {"c": fresh.hex(40)}}
    return _request(
        fresh,
        "https://api.shop.test/graphql",
        json.dumps(body).encode(),
        "application/json",
        Authorization=f"Bearer {token}",
    )


def _upload(fresh: _Fresh, extra: str) -> Request:
    """A multipart form with a small file."""
    mark = fresh.hex(24)
    part = f'--{mark}\r\nContent-Disposition: form-data; name="note"\r\n\r\n{fresh.text(5)} {extra}\r\n--{mark}\r\n'
    part += f'Content-Disposition: form-data; name="file"; filename="{fresh.hex(8)}.jpg"\r\n'
    part += "Content-Type: image/jpeg\r\n\r\n"
    body = part.encode() + b"\xff\xd8\xff\xe0" + fresh.blob(1_500) + f"\r\n--{mark}--\r\n".encode()
    return _request(fresh, "https://up.shop.test/media", body, f"multipart/form-data; boundary={mark}")


def _large(fresh: _Fresh, extra: str) -> Request:
    """A body of about 100 KB: a queue that was long offline."""
    body = json.dumps({"queue": [fresh.event() for _ in range(320)], "x": extra}).encode()
    return _request(fresh, "https://api.events.test/v1/import", body, "application/json")


def _socket(fresh: _Fresh, extra: str) -> Request:
    """A WebSocket with messages in text and in binary."""
    request = _request(fresh, f"https://live.chat.test/socket?token={fresh.hex(40)}")
    texts = [f'42["{fresh.word()}",{json.dumps(fresh.event() | {"x": extra})}]'.encode() for _ in range(4)]
    sent = [Message(START, "sent", data, True) for data in texts]
    sent.append(
        Message(START, "sent", struct.pack("<Id", fresh.random.getrandbits(32), fresh.number()) + fresh.blob(60))
    )
    return msgspec.structs.replace(request, protocol="websocket", messages=tuple(sent))


MAKERS: tuple[tuple[Callable[[_Fresh, str], Request], int], ...] = (
    (_page, 100),
    (_pixel, 70),
    (_batch, 80),
    (_form, 50),
    (_packed, 40),
    (_zipped, 30),
    (_protobuf, 25),
    (_bid, 50),
    (_graphql, 35),
    (_upload, 12),
    (_socket, 6),
    (_large, 1),
)
"""What is made, and in how many of 499 requests."""
