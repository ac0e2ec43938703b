"""Ways to send a known value: 90-odd encodings, hashes, spellings and places in a request."""

import base64
import binascii
import gzip
import hashlib
import json
import plistlib
import zlib
from collections.abc import Iterable, Mapping
from html import escape
from urllib.parse import quote, quote_plus

import brotli
import cbor2
import mmh3
import msgpack
import zstandard

from benchmarks.encoders import b64, grpc, lz_base64, lz_bytes, lz_uri, lz_utf16, proto
from benchmarks.har import make
from benchmarks.table import Way
from scantrail.model import Disclosure, Request

EMAIL, PHONE, NAME = "mei.lin84@postbox.test", "+86 154 0001 2345", "陈美琳"
ADVERTISING, MAC = "3f2a9c14-7b60-4d8e-9a51-c0ffee12d0d0", "5c:0e:8b:71:a2:3d"
KNOWN: Mapping[str, tuple[str, ...]] = {
    "email": (EMAIL,),
    "phone": (PHONE,),
    "name": (NAME,),
    "advertising": (ADVERTISING,),
    "mac": (MAC,),
}


def known_as(known: str, name: str, request: Request) -> Way:
    """A way to send a known value, by its name."""

    def right(disclosure: Disclosure) -> bool:
        return disclosure.known == known

    return Way(name, request, right)


def _query(value: str) -> Request:
    """The value as it is to stand in a query, already encoded."""
    return make(f"https://collect.test/p?sid=77&v={value}&z=1")


def _json(value: object) -> Request:
    return make(body=json.dumps({"n": 3, "data": value}), headers={"Content-Type": "application/json"})


def _typed(body: bytes | str, content_type: str, **more: str) -> Request:
    return make(body=body, headers={"Content-Type": content_type, **{k.replace("_", "-"): v for k, v in more.items()}})


def _jwt(claims: object) -> str:
    parts = (json.dumps({"alg": "HS256", "typ": "JWT"}), json.dumps(claims))
    return ".".join([*(base64.urlsafe_b64encode(p.encode()).decode().rstrip("=") for p in parts), "c2lnbmF0dXJl"])


def _multipart(disposition: str, content: bytes) -> Request:
    body = (
        b"--xYz\r\nContent-Disposition: form-data; " + disposition.encode() + b"\r\n\r\n" + content + b"\r\n--xYz--\r\n"
    )
    return _typed(body, "multipart/form-data; boundary=xYz")


def _deflate(data: bytes) -> bytes:
    return zlib.compress(data, wbits=-15)


def _places() -> Iterable[tuple[str, Request]]:
    """Where in a request it stands, as it is."""
    yield "query", _query(EMAIL)
    yield "name of a query parameter", make(f"https://collect.test/p?{quote(EMAIL)}=1")
    yield "path", make(f"https://collect.test/users/{EMAIL}/profile")
    yield "matrix parameter of the path", make(f"https://collect.test/u;mail={quote(EMAIL)}/x")
    yield "user part of the URL", make(f"https://{quote(EMAIL, safe='')}@collect.test/x")
    yield "header", make(headers={"X-User": EMAIL})
    yield "User-Agent", make(headers={"User-Agent": f"shop/3.1 (Android 10; {EMAIL})"})
    yield "Referer", make(headers={"Referer": f"https://shop.test/thanks?mail={quote(EMAIL)}"})
    yield "cookie", make(headers={"Cookie": f"theme=dark; u={EMAIL}; v=2"})
    yield "cookie, percent-encoded JSON", make(headers={"Cookie": "prefs=" + quote(json.dumps({"m": EMAIL}))})
    yield "Basic authorization", make(headers={"Authorization": "Basic " + b64(f"{EMAIL}:secret")})
    yield "plain text body", _typed(f"user {EMAIL} logged in", "text/plain")
    yield "JSON", _json({"user": {"mail": EMAIL}})
    yield "name of a JSON member", _json({EMAIL: True})
    yield "inside a longer JSON string", _json(f"Dear {EMAIL}, welcome")
    yield "JSON in a JSON string", _json(json.dumps({"mail": EMAIL}))
    yield "JSON in JSON in a JSON string", _json(json.dumps({"p": json.dumps({"mail": EMAIL})}))
    yield "NDJSON", _typed(f'{{"n":1}}\n{{"mail":"{EMAIL}"}}\n', "application/x-ndjson")
    yield "JSONP", _typed(f'callback({{"mail":"{EMAIL}"}});', "application/javascript")
    yield "JSON without a content type", make(body=json.dumps({"mail": EMAIL}))
    yield "form", _typed(f"a=1&mail={quote_plus(EMAIL)}", "application/x-www-form-urlencoded")
    yield "JSON in a form", _typed("p=" + quote_plus(json.dumps({"mail": EMAIL})), "application/x-www-form-urlencoded")
    yield "multipart field", _multipart('name="mail"', EMAIL.encode())
    yield "multipart file name", _multipart(f'name="f"; filename="{EMAIL}.csv"', b"x")
    yield "multipart file, gzip", _multipart('name="f"; filename="log.gz"', gzip.compress(EMAIL.encode()))
    yield "GraphQL variables", _json({"query": "mutation($m:String!){f(m:$m)}", "variables": {"m": EMAIL}})
    yield "XML text", _typed(f"<r><user>{EMAIL}</user></r>", "application/xml")
    yield "XML attribute", _typed(f'<r user="{EMAIL}"/>', "application/xml")
    yield "XML CDATA", _typed(f"<r><![CDATA[{EMAIL}]]></r>", "text/xml")
    yield "plist", _typed(plistlib.dumps({"user": EMAIL}), "application/x-plist")
    yield "binary plist", _typed(plistlib.dumps({"user": EMAIL}, fmt=plistlib.FMT_BINARY), "application/x-plist")
    yield "WebSocket text", make("wss://chat.test/s", messages=[f'42["hello",{{"mail":"{EMAIL}"}}]'])
    yield "WebSocket binary, msgpack", make("wss://chat.test/s", messages=[msgpack.packb({"mail": EMAIL})])
    yield "msgpack", _typed(msgpack.packb({"a": 1, "mail": EMAIL}), "application/msgpack")
    yield "CBOR", _typed(cbor2.dumps({"a": 1, "mail": EMAIL}), "application/cbor")
    yield "protobuf", _typed(proto((1, 7), (2, EMAIL)), "application/x-protobuf")
    yield (
        "protobuf, nested",
        _typed(proto((1, 7), (3, proto((1, 2.5), (4, proto((2, EMAIL)))))), "application/x-protobuf"),
    )
    yield "gRPC", _typed(grpc(proto((1, EMAIL))), "application/grpc")
    zipped = grpc(gzip.compress(proto((1, EMAIL), (2, "x" * 40))), compressed=True)
    yield "gRPC, compressed message", _typed(zipped, "application/grpc", grpc_encoding="gzip")
    yield "gRPC-Web text", _typed(b64(grpc(proto((1, EMAIL)))), "application/grpc-web-text")


def _texts() -> Iterable[tuple[str, Request]]:
    """Encodings of text as text."""
    yield "percent", _query(quote(EMAIL, safe=""))
    yield "percent, dots too", _query(quote(EMAIL, safe="").replace(".", "%2e"))
    yield "percent, every character", _query("".join(f"%{byte:02x}" for byte in EMAIL.encode()))
    yield "percent twice", _query(quote(quote(EMAIL, safe=""), safe=""))
    yield "percent three times", _query(quote(quote(quote(EMAIL, safe=""), safe=""), safe=""))
    yield "URL in a query", _query(quote(f"https://shop.test/?m={quote(EMAIL, safe='')}", safe=""))
    yield "base64", _query(b64(EMAIL).replace("=", "%3D"))
    yield "base64 without padding", _query(b64(EMAIL).rstrip("="))
    yield "URL-safe base64 of bytes around it", _query(base64.urlsafe_b64encode(b"\xfb\xff" + EMAIL.encode()).decode())
    yield "base64 at offset 1", _query(b64("x" + EMAIL).rstrip("="))
    yield "base64 at offset 2", _query(b64("xy" + EMAIL + ";").rstrip("="))
    yield (
        "base64 with line breaks",
        _json(base64.encodebytes(json.dumps({"pad": "-" * 90, "mail": EMAIL}).encode()).decode()),
    )
    yield "base64 of JSON", _query(b64(json.dumps({"mail": EMAIL})).rstrip("="))
    yield "base64 twice", _json(b64(b64(EMAIL)))
    yield "base64 three times", _json(b64(b64(b64(EMAIL))))
    yield "base64 of a percent-encoding", _json(b64(quote(EMAIL, safe="")))
    yield "base64 behind a prefix", _json("v1:" + b64(json.dumps({"mail": EMAIL})))
    yield "data URL", _json("data:text/plain;base64," + b64(EMAIL))
    yield "base32", _query(base64.b32encode(EMAIL.encode()).decode().rstrip("="))
    yield "hex", _query(EMAIL.encode().hex())
    yield "hex, upper case", _query(EMAIL.encode().hex().upper())
    yield "hex with colons", _json(EMAIL.encode().hex(":"))
    yield "hex of JSON", _json(json.dumps({"mail": EMAIL}).encode().hex())
    yield "JSON \\u escapes", make(body='{"m":"' + "".join(f"\\u{ord(c):04x}" for c in EMAIL) + '"}')
    yield "JSON \\/ and \\u0040", make(body='{"m":"' + EMAIL.replace("@", "\\u0040") + '"}')
    yield "HTML entities, decimal", _json("".join(f"&#{ord(c)};" for c in EMAIL))
    yield "HTML entities, hexadecimal", _json(EMAIL.replace("@", "&#x40;").replace(".", "&#x2e;"))
    yield "HTML entities, named", _json(EMAIL.replace("@", "&commat;").replace(".", "&period;"))
    yield "XML escaped twice", _typed(f"<r>{escape(f'<u>{EMAIL}</u>')}</r>", "application/xml")
    yield "JWT in a header", make(headers={"Authorization": "Bearer " + _jwt({"sub": 1, "email": EMAIL})})
    yield "JWT in a query", _query(_jwt({"email": EMAIL}))
    yield "UTF-16 body", _typed(EMAIL.encode("utf-16"), "text/plain; charset=utf-16")


def _compressed() -> Iterable[tuple[str, Request]]:
    """Compression, alone and within text."""
    data = json.dumps({"pad": ["abc"] * 4, "mail": EMAIL}).encode()
    yield "gzip body", _typed(gzip.compress(data), "application/json", Content_Encoding="gzip")
    yield "gzip body, not stated", _typed(gzip.compress(data), "application/octet-stream")
    yield "gzip twice", _typed(gzip.compress(gzip.compress(data)), "application/json", Content_Encoding="gzip")
    yield "zlib body", _typed(zlib.compress(data), "application/json", Content_Encoding="deflate")
    yield "raw deflate body", _typed(_deflate(data), "application/json", Content_Encoding="deflate")
    yield "brotli body", _typed(brotli.compress(data), "application/json", Content_Encoding="br")
    yield "zstd body", _typed(zstandard.compress(data), "application/json", Content_Encoding="zstd")
    yield "zstd body, not stated", _typed(zstandard.compress(data), "application/octet-stream")
    yield "base64 of gzip", _query(quote(b64(gzip.compress(data)), safe=""))
    yield "URL-safe base64 of gzip", _json(base64.urlsafe_b64encode(gzip.compress(data)).decode().rstrip("="))
    yield "base64 of zlib", _json(b64(zlib.compress(data)))
    yield "base64 of raw deflate", _json(b64(_deflate(data)))
    yield "hex of gzip", _json(gzip.compress(data).hex())
    yield (
        "percent-encoded gzip in a form",
        _typed("d=" + quote(gzip.compress(data), safe=""), "application/x-www-form-urlencoded"),
    )
    yield "base64 of gzip of base64 of JSON", _json(b64(gzip.compress(b64(data).encode())))
    yield "base64 of zstd", _json(b64(zstandard.compress(data)))
    yield "lz-string, base64", _json(lz_base64(data.decode()))
    yield "lz-string, URI", _query(lz_uri(data.decode()))
    yield "lz-string, UTF-16", _json(lz_utf16(data.decode()))
    yield "lz-string, bytes", _typed(lz_bytes(data.decode()), "application/octet-stream")


def _digest(name: str, text: str) -> str:
    return hashlib.new(name, text.encode()).hexdigest()


def _hashes() -> Iterable[tuple[str, Request]]:
    """Digests that the value can be told from."""
    for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_512", "blake2b", "blake2s"):
        yield name, _query(_digest(name, EMAIL))
    raw = hashlib.sha256(EMAIL.encode()).digest()
    yield "sha256, upper case", _json(_digest("sha256", EMAIL).upper())
    yield "sha256, base64", _json(b64(raw))
    yield "sha256, URL-safe base64", _query(base64.urlsafe_b64encode(raw).decode().rstrip("="))
    yield "sha256, raw in protobuf", _typed(proto((1, 9), (2, raw)), "application/x-protobuf")
    yield "sha256 of the upper case", _json(_digest("sha256", EMAIL.upper()))
    yield "sha256 of sha256", _json(_digest("sha256", _digest("sha256", EMAIL)))
    yield "sha256 of md5", _json(_digest("sha256", _digest("md5", EMAIL)))
    yield "md5 of sha1, base64 of JSON", _json(b64(json.dumps({"h": _digest("md5", _digest("sha1", EMAIL))})))
    yield "md5, 16 digits from its middle", _json(_digest("md5", EMAIL)[8:24])
    yield "crc32", _json(f"{binascii.crc32(EMAIL.encode()):08x}")
    yield "murmur3, 32 bits", _json(mmh3.hash(EMAIL, signed=False))
    yield "murmur3, 128 bits", _json(f"{mmh3.hash128(EMAIL):032x}")
    yield "hash behind a prefix", _query("em." + _digest("sha256", EMAIL))


WAYS: tuple[Way, ...] = (
    *(known_as("email", name, request) for part in (_places, _texts, _compressed, _hashes) for name, request in part()),
    known_as("email", "upper case", _json(EMAIL.upper())),
    known_as("phone", "telephone without spaces", _json("+8615400012345")),
    known_as("phone", "telephone, national", _query("15400012345")),
    known_as("phone", "telephone with 0086", _json("008615400012345")),
    known_as("phone", "telephone with hyphens", _json("154-0001-2345")),
    known_as("phone", "telephone as a number", _json(15400012345)),
    known_as("phone", "telephone as a varint", _typed(proto((1, 15400012345), (2, "x")), "application/x-protobuf")),
    known_as("phone", "sha256 of E.164", _json(_digest("sha256", "+8615400012345"))),
    known_as("phone", "md5 of the national number", _query(_digest("md5", "15400012345"))),
    known_as("name", "Chinese, percent-encoded UTF-8", _query(quote(NAME))),
    known_as("name", "Chinese, percent-encoded GBK", _query(quote(NAME.encode("gbk")))),
    known_as("name", "Chinese, GB18030 body", _typed(f"<u>{NAME}</u>".encode("gb18030"), "text/xml; charset=gb18030")),
    known_as("name", "Chinese, JSON escapes", make(body=json.dumps({"n": NAME}))),
    known_as("name", "Chinese, escape()", _query("".join(f"%u{ord(c):04X}" for c in NAME))),
    known_as("name", "Chinese, base64 of GBK", _json(b64(NAME.encode("gbk")))),
    known_as("advertising", "UUID, upper case", _json(ADVERTISING.upper())),
    known_as("advertising", "UUID without hyphens", _query(ADVERTISING.replace("-", ""))),
    known_as("advertising", "UUID as 16 bytes, base64", _json(b64(bytes.fromhex(ADVERTISING.replace("-", ""))))),
    known_as(
        "advertising",
        "UUID as 16 bytes in protobuf",
        _typed(proto((1, 3), (2, bytes.fromhex(ADVERTISING.replace("-", "")))), "application/x-protobuf"),
    ),
    known_as("advertising", "sha1 of the UUID without hyphens", _json(_digest("sha1", ADVERTISING.replace("-", "")))),
    known_as("mac", "MAC address with hyphens, upper case", _json(MAC.upper().replace(":", "-"))),
    known_as("mac", "MAC address, digits alone", _query(MAC.replace(":", ""))),
    known_as("mac", "MAC address as 6 bytes, base64", _json({"b": b64(bytes.fromhex(MAC.replace(":", "")))})),
    known_as("mac", "md5 of the upper-case MAC address", _json(_digest("md5", MAC.upper()))),
)
