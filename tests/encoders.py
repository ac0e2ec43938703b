"""Encoders for tests: what senders do, written out independently of the decoders."""

import base64
import gzip
import html
import json
import struct
import zlib
from collections.abc import Callable, Iterable
from urllib.parse import quote, quote_plus

import brotli
import zstandard

type Encoder = Callable[[str | bytes], str | bytes]


def raw(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


def lines(encoded: str, width: int = 76) -> str:
    return "\r\n".join(encoded[at : at + width] for at in range(0, len(encoded), width))


def lz_bits(value: str) -> str:
    """The bit stream of lz-string, after its reference implementation (lz-string 1.5.0, `_compress`)."""
    units = [
        value.encode("utf-16-le")[at : at + 2].decode("utf-16-le", "surrogatepass")
        for at in range(0, len(value.encode("utf-16-le")), 2)
    ]
    table: dict[str, int] = {}
    fresh: set[str] = set()
    bits: list[str] = []
    width, room, known, word = 2, 2.0, 3, ""

    def number(count: int, amount: int) -> None:
        bits.append(f"{amount:0{count}b}"[::-1])

    def count_down() -> None:
        nonlocal width, room
        room -= 1
        if room == 0:
            room, width = 2.0**width, width + 1

    def emit() -> None:
        if word in fresh:
            wide = ord(word[0]) >= 256
            number(width, int(wide))
            number(16 if wide else 8, ord(word[0]))
            count_down()
            fresh.discard(word)
        else:
            number(width, table[word])
        count_down()

    for char in units:
        if char not in table:
            table[char] = known
            known += 1
            fresh.add(char)
        if word + char in table:
            word += char
            continue
        emit()
        table[word + char] = known
        known += 1
        word = char
    if word:
        emit()
    number(width, 2)
    return "".join(bits)


def lz_units(value: str, width: int) -> list[int]:
    bits = lz_bits(value) + "0"
    bits += "0" * (-len(bits) % width)
    return [int(bits[at : at + width], 2) for at in range(0, len(bits), width)]


_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def lz_base64(value: str) -> str:
    encoded = "".join(_ALPHABET[unit] for unit in lz_units(value, 6))
    return encoded + "=" * (-len(encoded) % 4)


def lz_uri(value: str) -> str:
    return "".join((_ALPHABET[:63] + "-")[unit] for unit in lz_units(value, 6))


def lz_utf16(value: str) -> str:
    return "".join(chr(unit + 32) for unit in lz_units(value, 15)) + " "


def lz_bytes(value: str) -> bytes:
    return b"".join(struct.pack(">H", unit) for unit in lz_units(value, 16))


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    encoded = b""
    while value > 0x7F:
        encoded += bytes([value & 0x7F | 0x80])
        value >>= 7
    return encoded + bytes([value])


def zigzag(value: int) -> int:
    return value << 1 ^ value >> 63


def field(number: int, value: int | float | str | bytes, kind: str = "") -> bytes:
    """A field of a protobuf message; `kind`: float, fixed32, fixed64, sint (else by the value's type)."""
    if isinstance(value, str | bytes):
        return varint(number << 3 | 2) + varint(len(raw(value))) + raw(value)
    if kind in ("float", "fixed32", "sfixed32"):
        return varint(number << 3 | 5) + struct.pack({"float": "<f", "fixed32": "<I", "sfixed32": "<i"}[kind], value)
    if isinstance(value, float) or kind == "fixed64":
        return varint(number << 3 | 1) + struct.pack("<d" if isinstance(value, float) else "<Q", value)
    return varint(number << 3) + varint(zigzag(value) if kind == "sint" else value)


def grpc_frame(message: bytes, flag: int = 0) -> bytes:
    return struct.pack(">BI", flag, len(message)) + message


def multipart(parts: Iterable[tuple[str, str, bytes]], boundary: str = "XyZ") -> bytes:
    """Parts: name, further headers and parameters (`; filename="a"`, then lines), content."""
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n"
        for name, more, content in parts
    )
    return body + f"--{boundary}--\r\n".encode()


def percent_u(value: str) -> str:
    return "".join(char if char.isascii() and char.isalnum() else f"%u{ord(char):04X}" for char in value)


ENCODERS: dict[str, Encoder] = {
    "json": lambda value: json.dumps({"v": text(value)}),
    "json string": lambda value: json.dumps(text(value)),
    "jsonp": lambda value: f"cb_1({json.dumps({'v': text(value)})});",
    "socket.io": lambda value: "42" + json.dumps(["event", {"v": text(value)}]),
    "ndjson": lambda value: json.dumps({"v": text(value)}) + "\n" + json.dumps({"w": 1}) + "\n",
    "form": lambda value: "a=1&v=" + quote_plus(raw(value)),
    "url": lambda value: "https://h.test/p?v=" + quote(raw(value), safe=""),
    "percent": lambda value: quote(raw(value), safe=""),
    "percent twice": lambda value: quote(quote(raw(value), safe=""), safe=""),
    "percent all": lambda value: "".join(f"%{byte:02x}" for byte in raw(value)),
    "percent %u": lambda value: percent_u(text(value)),
    "percent +": lambda value: quote_plus(raw(value)),
    "entities": lambda value: "&#" + str(ord(text(value)[0])) + ";" + html.escape(text(value)[1:]),
    "entities all": lambda value: "".join(f"&#{ord(char)};" for char in text(value)),
    "entities hex": lambda value: "".join(f"&#x{ord(char):x};" for char in text(value)),
    "escapes": lambda value: "".join(f"\\u{ord(char):04x}" for char in text(value)),
    "escapes x": lambda value: "".join(f"\\x{ord(char):02x}" for char in text(value)),
    "quoted-printable": lambda value: "".join(f"={byte:02X}" for byte in raw(value)),
    "base64": lambda value: base64.b64encode(raw(value)).decode(),
    "base64 unpadded": lambda value: base64.b64encode(raw(value)).decode().rstrip("="),
    "base64 url-safe": lambda value: base64.urlsafe_b64encode(raw(value)).decode(),
    "base64 url-safe unpadded": lambda value: base64.urlsafe_b64encode(raw(value)).decode().rstrip("="),
    "base64 dot": lambda value: base64.urlsafe_b64encode(raw(value)).decode().replace("=", "."),
    "base64 lines": lambda value: lines(base64.b64encode(raw(value)).decode(), 20),
    "base64 data": lambda value: "data:text/plain;charset=utf-8;base64," + base64.b64encode(raw(value)).decode(),
    "base64 percent": lambda value: quote(base64.b64encode(raw(value)).decode(), safe=""),
    "hex": lambda value: raw(value).hex(),
    "hex upper": lambda value: raw(value).hex().upper(),
    "hex 0x": lambda value: "0x" + raw(value).hex(),
    "hex colon": lambda value: raw(value).hex(":"),
    "hex space": lambda value: raw(value).hex(" "),
    "base32": lambda value: base64.b32encode(raw(value)).decode(),
    "base32 lower": lambda value: base64.b32encode(raw(value)).decode().lower().rstrip("="),
    "ascii85": lambda value: base64.a85encode(raw(value), adobe=True).decode(),
    "gzip": lambda value: gzip.compress(raw(value), mtime=0),
    "zlib": lambda value: zlib.compress(raw(value)),
    "deflate": lambda value: raw_deflate(raw(value)),
    "brotli": lambda value: brotli.compress(raw(value)),
    "zstd": lambda value: zstandard.compress(raw(value)),
    "lz-string base64": lambda value: lz_base64(text(value)),
    "lz-string uri": lambda value: lz_uri(text(value)),
    "lz-string utf16": lambda value: lz_utf16(text(value)),
    "lz-string bytes": lambda value: lz_bytes(text(value)),
    "utf-16 bom": lambda value: text(value).encode("utf-16"),
    "utf-16": lambda value: text(value).encode("utf-16-le"),
    "utf-32": lambda value: text(value).encode("utf-32"),
    "xml": lambda value: f"<?xml version='1.0'?><a><v>{html.escape(text(value))}</v></a>",
    "jwt": lambda value: (
        ".".join(
            base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
            for part in ({"alg": "HS256"}, {"v": text(value)})
        )
        + ".c2ln"
    ),
    "protobuf": lambda value: field(1, 7) + field(2, value),
    "grpc": lambda value: grpc_frame(field(1, value)),
    "multipart": lambda value: multipart([("v", "", raw(value))]),
}
