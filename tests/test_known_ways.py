"""Known values are found in every spelling, encoding and hash, wherever in a request they stand."""

import base64
import codecs
import html
import json
import zlib
from datetime import UTC, datetime
from urllib.parse import quote, quote_plus
from uuid import UUID

import blake3
import mmh3
import pytest
import zstandard
from builders import make_request
from known_builders import EMAIL, LOWER, VALUES, b64, b64url, digest, found, names, packed, raw

from scantrail.detectors.known.hashes import HASHES
from scantrail.model import Message, Request

SPELLED = [
    ("email", "jane.test+shop@gmail.com"),
    ("email", "JANE.TEST+SHOP@GMAIL.COM"),
    ("email", "Jane.Test@gmail.com"),
    ("email", "janetest@gmail.com"),
    ("email", "janetest@googlemail.com"),
    ("email", f"mailto:{EMAIL}"),
    ("phone", "+4915123456789"),
    ("phone", "4915123456789"),
    ("phone", "004915123456789"),
    ("phone", "015123456789"),
    ("phone", "15123456789"),
    ("phone", "01512 3456789"),
    ("phone", "+49-1512-3456789"),
    ("phone", "tel:+49 1512 3456789"),
    ("phone", 4915123456789),
    ("phone", "0151 / 234 567 89"),
    ("phone", "+49 (0)151 23456789"),
    ("phone", "tel:+49-151-2345-6789"),
    ("name", digest("sha256", "jane")),
    ("name", digest("md5", "test")),
    ("mobile", "+8615400012345"),
    ("mobile", "+86 154 0001 2345"),
    ("name", "Test, Jane"),
    ("name", "TEST Jane"),
    ("name", "jane_test"),
    ("name", "JaneTest"),
    ("name", "Jane+Test"),
    ("chinese name", "姓名：王小明"),
    ("mac", "02-00-5e-10-00-fb"),
    ("mac", "02005E1000FB"),
    ("mac", "0200.5e10.00fb"),
    ("uuid", "1209D0B9B95942E6B921AA5D9D08C1AF"),
    ("uuid", "{1209d0b9-b959-42e6-b921-aa5d9d08c1af}"),
    ("imei", "49015420323751"),
    ("imei", "49-015420-323751-8"),
    ("born", "19900517"),
    ("born", "17.05.1990"),
    ("born", "05/17/1990"),
    ("born", "1990-05-17T00:00:00Z"),
    ("ip", "10.0.0.1:8080"),
    ("ip", 167772161),
    ("carrier", "T-MOBILE"),
    ("model", "Dalvik/2.1.0 (Linux; Android 14; SM-G991B Build/UP1A)"),
    ("carrier", "carrier=T-Mobile;country=de"),
    ("city", "Europe/Berlin"),
    ("account", "a1B2"),
]


UUID_BYTES = bytes.fromhex(VALUES["uuid"].replace("-", ""))
IDENTIFIERS = [
    ("uuid", b64(UUID_BYTES)),
    ("uuid", b64url(UUID_BYTES)),
    ("uuid", digest("sha256", VALUES["uuid"].upper())),
    ("uuid", digest("md5", VALUES["uuid"].replace("-", ""))),
    ("android id", 0x9774D56D682E549C),
    ("android id", 0x9774D56D682E549C - 2**64),
    ("android id", "9774D56D682E549C"),
    ("mac", int("02005e1000fb", 16)),
    ("mac", digest("sha1", "02:00:5E:10:00:FB")),
    ("mac", digest("md5", "02005e1000fb")),
    ("number", 1172860168363571074),
    ("number", f"{1172860168363571074:x}"),
    ("imei", digest("md5", VALUES["imei"])),
    ("phone", digest("sha256", "4915123456789")),
    ("phone", digest("sha256", "+4915123456789")),
    ("mobile", digest("sha256", "8615400012345")),
    ("mobile", digest("md5", "15400012345")),
    ("name", digest("sha256", "jane test")),
    ("name", digest("sha256", "janetest")),
    ("chinese name", digest("md5", "王小明")),
    ("born", digest("sha256", "19900517")),
]


@pytest.mark.parametrize(("name", "sent"), IDENTIFIERS, ids=str)
def test_identifiers_are_found_as_numbers_bytes_and_digests(name: str, sent: object) -> None:
    assert names(sent) == {name}


def test_identifiers_are_found_among_bytes() -> None:
    for name, data in ("uuid", UUID_BYTES), ("number", (1172860168363571074).to_bytes(8, "little")):
        assert {one.known for one in found(make_request(body=b"\x01\xff" + data + b"\xfe\x00"))} == {name}


@pytest.mark.parametrize(("name", "sent"), SPELLED, ids=str)
def test_every_spelling_is_found(name: str, sent: object) -> None:
    assert name in names(sent)


WAYS: dict[str, object] = {
    # encodings
    "base64": b64(EMAIL),
    "base64 unpadded": b64(EMAIL).rstrip("="),
    "base64url": b64url(EMAIL + "?>"),
    "base64 in the middle, 1": b64("a" + EMAIL + "b"),
    "base64 in the middle, 2": b64("ab" + EMAIL + "b"),
    "base64 in the middle of text": f"v1.{b64url(EMAIL)}.{b64url('signature')}",
    "base64 of the lower-cased": b64(LOWER),
    "base64 of UTF-16": b64(EMAIL.encode("utf-16-le")),
    "base64 in a data URL": f"data:text/plain;base64,{b64(EMAIL)}",
    "base64 with line breaks": "\n".join(b64(EMAIL * 3)[at : at + 76] for at in range(0, 200, 76)),
    "base64 in YUI's dialect": b64("??>" + EMAIL).replace("+", ".").replace("/", "_").replace("=", "-"),
    "hex": EMAIL.encode().hex(),
    "hex upper": EMAIL.encode().hex().upper(),
    "hex with 0x": "0x" + EMAIL.encode().hex(),
    "hex with spaces": EMAIL.encode().hex(" "),
    "hex with colons": EMAIL.encode().hex(":"),
    "hex escapes": "".join(f"\\x{byte:02x}" for byte in EMAIL.encode()),
    "hex of UTF-16": EMAIL.encode("utf-16-be").hex(),
    "percent": quote(EMAIL),
    "percent plus": quote_plus(EMAIL),
    "percent in full": "".join(f"%{byte:02X}" for byte in EMAIL.encode()),
    "percent twice": quote(quote(EMAIL)),
    "percent thrice": quote(quote(quote(EMAIL))),
    "JSON string": json.dumps(EMAIL),
    "JSON in JSON": json.dumps({"a": json.dumps({"b": EMAIL})}),
    "JSON escapes": "".join(f"\\u{ord(c):04x}" for c in EMAIL),
    "HTML entities, decimal": "".join(f"&#{ord(c)};" for c in EMAIL),
    "HTML entities, hexadecimal": "".join(f"&#x{ord(c):X};" for c in EMAIL),
    "HTML entities, named": html.escape(EMAIL).replace("@", "&commat;"),
    "HTML entities, at sign": EMAIL.replace("@", "&#64;"),
    "quoted-printable": "".join(f"={byte:02X}" for byte in EMAIL.encode()),
    "reversed": EMAIL[::-1],
    "rot13": codecs.encode(EMAIL, "rot13"),
    "base32": base64.b32encode(EMAIL.encode()).decode(),
    "base32hex": base64.b32hexencode(EMAIL.encode()).decode(),
    "ascii85": base64.a85encode(EMAIL.encode()).decode(),
    "base85": base64.b85encode(EMAIL.encode()).decode(),
    "character codes": ",".join(str(byte) for byte in EMAIL.encode()),
    "array of bytes as text": json.dumps(list(EMAIL.encode())),
    "octal escapes": "".join(f"\\{byte:03o}" for byte in EMAIL.encode()),
    # hashes
    **{f"{name} in hex": digest_of(EMAIL.encode()).hex() for name, digest_of in HASHES.items()},
    "sha256 in upper-case hex": digest("sha256", EMAIL).upper(),
    "sha256 of the lower-cased": digest("sha256", LOWER),
    "sha256 of the upper-cased": digest("sha256", EMAIL.upper()),
    "sha256 without dots and tag": digest("sha256", "janetest@gmail.com"),
    "sha256 without tag": digest("sha256", "jane.test@gmail.com"),
    "sha256 in base64": b64(raw("sha256", LOWER)),
    "sha256 in base64url": b64url(raw("sha256", LOWER)),
    "md5 in base64": b64(raw("md5", LOWER)),
    "sha512 in base64": b64(raw("sha512", LOWER)),
    "sha256 in a prefixed text": f"sha256:{digest('sha256', LOWER)};v=1",
    "md5 in a path": f"/avatar/{digest('md5', LOWER)}.png",
    "md5 in the middle": digest("md5", LOWER)[8:24],
    "blake3": blake3.blake3(LOWER.encode()).hexdigest(),
    "crc32 in hex": f"{zlib.crc32(LOWER.encode()):08x}",
    "crc32 as a number": zlib.crc32(LOWER.encode()),
    "crc32 as a signed text": str(zlib.crc32(b"jane.test@gmail.com") - 2**32),
    "murmur3-32": mmh3.hash(LOWER, signed=False),
    "murmur3-32 signed": mmh3.hash(LOWER),
    "murmur3-32 in hex": f"{mmh3.hash(LOWER, signed=False):08x}",
    "murmur3-128": mmh3.hash_bytes(LOWER).hex(),
    "murmur3-128 as one number in hex": f"{mmh3.hash128(LOWER, signed=False):032x}",
    "murmur3-128 as a number": str(mmh3.hash128(LOWER, signed=False)),
    "murmur3-128, two words": "".join(f"{word:016x}" for word in mmh3.hash64(LOWER, signed=False)),
    "md5 as a UUID": str(UUID(digest("md5", LOWER))),
    "md5 as a UUID of version 3": str(UUID(bytes=raw("md5", LOWER), version=3)),
    "murmur3-64": mmh3.hash64(LOWER)[0],
    # two layers
    "md5 of md5": digest("md5", digest("md5", LOWER)),
    "sha256 of md5": digest("sha256", digest("md5", LOWER)),
    "sha1 of sha1": digest("sha1", digest("sha1", EMAIL)),
    "sha512 of sha1": digest("sha512", digest("sha1", EMAIL)),
    "sha256 of the bytes of sha256": digest("sha256", raw("sha256", LOWER)),
    "md5 of the upper-case md5": digest("md5", digest("md5", LOWER).upper()),
    "sha256 of sha256 in base64": digest("sha256", b64(raw("sha256", LOWER))),
    "sha3 of sha256": digest("sha3_256", digest("sha256", LOWER)),
    "md5 of sha256, in base64": b64(raw("md5", digest("sha256", LOWER))),
    "sha256 of base64": digest("sha256", b64(LOWER)),
    "md5 of percent-encoded": digest("md5", quote(LOWER, safe="")),
    "sha1 of UTF-16": digest("sha1", LOWER.encode("utf-16-le")),
    "md5 of md5 in the middle of text": f"id={digest('md5', digest('md5', LOWER))}; path=/",
    # nested
    "base64 of base64": b64(b64(EMAIL)),
    "base64 of JSON": b64(json.dumps({"user": {"mail": EMAIL}})),
    "base64 of percent": b64(quote(EMAIL, safe="")),
    "percent of base64 of JSON": quote(b64(json.dumps({"mail": EMAIL})), safe=""),
    "URL in a URL": f"https://a.test/?u={quote(f'https://b.test/?m={quote(EMAIL)}', safe='')}",
    "base64 of a hash": b64(digest("sha256", LOWER)),
    "JSON of a hash": json.dumps({"h": [{"v": digest("sha1", LOWER)}]}),
    "base64 of hex": b64(EMAIL.encode().hex()),
}
NESTED: dict[str, object] = {
    "base64 of gzip": b64(packed(json.dumps({"mail": EMAIL}).encode())),
    "base64url of gzip": b64url(packed(EMAIL.encode())),
    "hex of gzip": packed(EMAIL.encode()).hex(),
    "base64 of zlib": b64(zlib.compress(EMAIL.encode())),
    "base64 of deflate": b64(zlib.compress(EMAIL.encode(), wbits=-15)),
    "base64 of brotli": "G4kA+B0JNo5yL0TBRSpzG6V+VZEnLpnNNjEsDBVe0GaARF87oYk/G6keIrr5Y3IfIEReYpLcp27bJ9TJfXxawgJZjXP6"
    "Ag==",
    "base64 of zstd": b64(zstandard.compress(json.dumps([{"n": n, "mail": EMAIL} for n in range(3)]).encode())),
    "percent of base64 of gzip": quote(b64(packed(EMAIL.encode())), safe=""),
    "base64 of gzip of base64": b64(packed(b64(EMAIL).encode())),
    "JSON in base64 of gzip of JSON": json.dumps({"p": b64(packed(json.dumps({"e": [EMAIL]}).encode()))}),
    "hash in base64 of gzip": b64(packed(json.dumps({"h": digest("sha256", LOWER)}).encode())),
    "hex of base64": b64(EMAIL).encode().hex(),
    "lz-string": "FIQwdgpgdAKhDOAXA1PAFgewA4AEDmAtiAJYA2UAxhgUA===",
}
"""What needs a decoder: these are found once the walk opens the compression."""


@pytest.mark.parametrize("way", WAYS)
def test_every_encoding_hash_and_nesting_is_found(way: str) -> None:
    assert "email" in names(WAYS[way])


CHINESE = "王小明"
CHINESE_WAYS: dict[str, bytes | str] = {
    "UTF-8": json.dumps({"n": CHINESE}, ensure_ascii=False),
    "JSON escapes": json.dumps({"n": CHINESE}),
    "percent-encoded UTF-8": f"n={quote(CHINESE)}&a=1",
    "percent-encoded GBK": f"n={quote(CHINESE, encoding='gb18030')}&a=1",
    "GBK": b"n=" + CHINESE.encode("gb18030"),
    "HTML entities": json.dumps({"n": CHINESE.encode("ascii", "xmlcharrefreplace").decode()}),
    "base64": json.dumps({"n": b64(CHINESE)}),
    "base64 of GBK": json.dumps({"n": b64(CHINESE.encode("gb18030"))}),
    "UTF-16": b"\xff\xfe\x00" + CHINESE.encode("utf-16-le"),
    "md5": json.dumps({"n": digest("md5", CHINESE)}),
    "in an address": json.dumps({"n": f"收件人:{CHINESE},杭州市"}, ensure_ascii=False),
}


@pytest.mark.parametrize("way", CHINESE_WAYS)
def test_chinese_names_are_found(way: str) -> None:
    request = make_request(body=CHINESE_WAYS[way], headers={"Content-Type": "text/plain"})
    assert "chinese name" in {disclosure.known for disclosure in found(request)}


@pytest.mark.parametrize("way", NESTED)
def test_what_a_decoder_opens_is_found(way: str) -> None:
    assert "email" in names(NESTED[way])


def test_the_tables_hold_more_ways_than_any_peer_was_tried_with() -> None:
    assert len(WAYS) + len(NESTED) >= 80


RAW: dict[str, bytes | str] = {
    "bytes of a digest": b"\x01\x02" + raw("sha256", LOWER) + b"\xff\xfe",
    "UTF-16": b"\x00\x01\xff" + EMAIL.encode("utf-16-le") + b"\xfe",
    "UTF-16, big-endian": b"\xff\x01" + EMAIL.encode("utf-16-be") + b"\xfe\xff",
    "among bytes": b"\x08\x96\x01\x12\x18" + EMAIL.encode() + b"\xff\x00",
    "base64 among text": f"--{b64('xx' + EMAIL + 'yy')}--",
    "a digest glued to a word": f"user{digest('sha256', LOWER)}z",
    "the name of a member": json.dumps({"people": {EMAIL: {"age": {"years": 29}}}}),
}


@pytest.mark.parametrize("way", RAW)
def test_what_no_field_holds_is_found_on_the_wire(way: str) -> None:
    assert "email" in {disclosure.known for disclosure in found(make_request(body=RAW[way]))}


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        (make_request(f"https://x.test/a?q={quote(EMAIL)}"), "query.q"),
        (make_request(f"https://x.test/u/{quote(EMAIL, safe='')}/b"), "path[1]"),
        (make_request(f"https://x.test/#m={EMAIL}"), "fragment|form.m"),
        (make_request(f"https://{quote(EMAIL, safe='')}:secret@x.test/"), "userinfo.user"),
        (make_request(f"https://{EMAIL.encode().hex()}.leak.x.test/?a=b"), "host"),
        (make_request(headers={"X-User": EMAIL}), "header.x-user"),
        (make_request(headers={"Cookie": f"a=b; mail={quote(EMAIL)}"}), "cookie.mail"),
        (
            make_request(headers={"Referer": f"https://x.test/?m={EMAIL.replace('+', '%2B')}"}),
            "header.referer|url.query.m",
        ),
        (make_request(body=f"a=1&m={quote(EMAIL, safe='')}"), "body|form.m"),
        (make_request(body={"a": [{"m": EMAIL}]}), "body|json.a[0].m"),
        (make_request(body={EMAIL: True}), f"body|json.{EMAIL}"),
        (
            make_request(messages=(Message(datetime(2020, 2, 17, tzinfo=UTC), "sent", b"hi " + EMAIL.encode()),)),
            "message[0]",
        ),
        (make_request(answer={"m": EMAIL}), "response.body|json.m"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_part_of_a_request_is_looked_at(request_: Request, path: str) -> None:
    (disclosure,) = [disclosure for disclosure in found(request_) if disclosure.known == "email"]
    assert disclosure.path.replace("%2B", "+").startswith(path)
