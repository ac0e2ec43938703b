"""Known values are found in every encoding and through hashes, and nothing that merely looks like them is."""

import base64
import codecs
import gzip
import hashlib
import html
import json
import re
import zlib
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, quote_plus

import blake3
import mmh3
import pytest
import zstandard
from builders import as_bytes, make_request
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_data import shared

from scantrail import analyse_capture
from scantrail.decoders import fields
from scantrail.detectors import detect
from scantrail.detectors.known import detect as detect_known
from scantrail.detectors.known import load
from scantrail.detectors.known.encodings import ENCODINGS, encoded
from scantrail.detectors.known.hashes import HASHES, SHORT_HASHES
from scantrail.detectors.known.needles import case_tells_apart, index
from scantrail.detectors.opened import opened
from scantrail.model import CaptureError, Disclosure, Known, KnownPosition, KnownValue, Message, Request
from scantrail.readers import read

EMAIL = "Jane.Test+shop@gmail.com"
UTDID = "XlDyAAAAAAEDAAAAAGQAAADI"
VALUES = {
    "email": EMAIL,
    "phone": "+49 151 23456789",
    "mobile": "15400012345",
    "name": "Jane Test",
    "chinese name": "王小明",
    "mac": "02:00:5E:10:00:fb",
    "uuid": "1209d0b9-b959-42e6-b921-aa5d9d08c1af",
    "imei": "490154203237518",
    "born": "1990-05-17",
    "ip": "10.0.0.1",
    "carrier": "T-Mobile",
    "city": "Berlin",
    "utdid": UTDID,
    "account": "A1b2",
    "android id": "9774d56d682e549c",
    "number": "1172860168363571074",
}
KNOWN = Known(tuple(KnownValue(name, (value,)) for name, value in VALUES.items()))


def found(request: Request, known: Known = KNOWN) -> list[Disclosure]:
    return list(detect_known(opened(fields(request), known)))


def names(value: object, known: Known = KNOWN) -> set[str | None]:
    """The known values that are found when one value is sent in a JSON body."""
    return {disclosure.known for disclosure in found(make_request(body={"x": value}), known)}


def b64(data: bytes | str) -> str:
    return base64.b64encode(as_bytes(data)).decode()


def b64url(data: bytes | str) -> str:
    return base64.urlsafe_b64encode(as_bytes(data)).decode().rstrip("=")


def digest(name: str, text: str | bytes) -> str:
    return hashlib.new(name, as_bytes(text)).hexdigest()


def raw(name: str, text: str | bytes) -> bytes:
    return hashlib.new(name, as_bytes(text)).digest()


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


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


LOWER = EMAIL.lower()
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


OTHER = "john.doe@example.com"
NEAR_MISSES: dict[str, object] = {
    "another address": OTHER,
    "an address that ends alike": "mary-" + EMAIL.replace("Jane.Test", "Jan.Test"),
    "digest of another value": digest("sha256", OTHER),
    "digest of another value, in base64": b64(raw("sha256", OTHER)),
    "a digest with the same beginning": digest("sha256", LOWER)[:40] + digest("sha256", OTHER)[40:],
    "the beginning of a digest": digest("sha256", LOWER)[:32],
    "a salted digest": digest("sha256", "salt" + LOWER),
    "a digest of a digest of another": digest("md5", digest("md5", OTHER)),
    "a short hash in a number": f"1{zlib.crc32(LOWER.encode())}",
    "a short hash in a text": f"v={zlib.crc32(LOWER.encode()):08x};",
    "base64 of another": b64(OTHER),
    "reversed, of another": OTHER[::-1],
    "an address in a longer one": "210.0.0.17",
    "an address before a port of it": "110.0.0.1",
    "an address with a fifth part": "10.0.0.1.5",
    "a version": "10.0.0.10",
    "a longer word": "Berliner Luft",
    "a compound": "Neuberlin",
    "a carrier in a word": "T-Mobiles",
    "a shop": "t-mobilekit",
    "another carrier": "E-Mobile",
    "a name in a word": "janetester",
    "another order of letters": "Enja Tset",
    "one half of a name": "Jane",
    "a name with a stranger between": "Jane Q. Test",
    "a number in a longer one": "8490154203237518",
    "one more digit": "4901542032375180",
    "a phone number in a longer one": "99154000123457",
    "a phone number with another last digit": "+49 151 23456788",
    "a date in a longer number": "199005171",
    "another date": "1990-05-18",
    "another century": "19990517",
    "a MAC with another byte": "02:00:5e:10:00:fc",
    "a UUID with another digit": "1209d0b9-b959-42e6-b921-aa5d9d08c1ae",
    "a token in other case": UTDID.lower(),
    "base64 in other case": b64(EMAIL).swapcase(),
    "a short value in a text": "xA1b2 y",
    "a short value beside others": "A1b2 c3",
    "a number like a short value": 162,
    "nothing": "",
    "a letter that grows": "İİİİ",
    "true": True,
    "null": None,
}


@pytest.mark.parametrize("miss", NEAR_MISSES)
def test_near_misses_raise_no_alarm(miss: str) -> None:
    assert names(NEAR_MISSES[miss]) == set()


def test_half_of_a_surrogate_pair_is_no_obstacle() -> None:
    (disclosure,) = found(make_request(body=rf'{{"x": "\ud83d {EMAIL}"}}'))
    assert disclosure.value == EMAIL


def test_a_letter_that_grows_in_lower_case_moves_nothing() -> None:
    (disclosure,) = found(make_request(body={"x": f"İİ {EMAIL}"}))
    assert disclosure.value == EMAIL


def test_the_plainest_explanation_wins_and_a_field_is_told_once() -> None:
    (disclosure,) = found(make_request(body={"x": f"{EMAIL} {LOWER} {digest('md5', EMAIL)}"}))
    assert (disclosure.value, disclosure.rule, disclosure.reasoning) == (EMAIL, "known-value", "the value")


@pytest.mark.parametrize(
    ("sent", "rule", "reasoning"),
    [
        (LOWER, "known-value", "the value, in other case"),
        ("4915123456789", "known-value", "the number in international form without +"),
        (b64(f"x{LOWER}y") + "!", "known-encoded", "base64 of the lower-cased value"),
        (digest("sha256", LOWER), "known-hash", "sha256 of the lower-cased value"),
        (digest("md5", digest("sha1", LOWER)), "known-hash", "md5 of the sha1 (hex) of the lower-cased value"),
        (f"{zlib.crc32(EMAIL.encode()):08x}", "known-hash", "crc32 of the value"),
    ],
)
def test_the_reasoning_says_what_was_made_of_the_value(sent: str, rule: str, reasoning: str) -> None:
    (disclosure,) = found(make_request(body={"x": sent}))
    assert (disclosure.rule, disclosure.reasoning) == (rule, reasoning)


def test_a_spelling_inside_another_known_value_is_that_values() -> None:
    known = Known((KnownValue("email", ("jane.test@example.com",)), KnownValue("name", ("Jane Test",))))
    assert names("jane.test@example.com", known) == {"email"}
    assert names("jane.test@elsewhere.test", known) == {"name"}


def test_a_receivers_own_name_is_no_disclosure() -> None:
    known = Known((KnownValue("carrier", ("T-Mobile",)),))
    assert not found(make_request("https://www.t-mobile.com/a", headers={"Host": "www.t-mobile.com"}), known)
    assert found(make_request("https://www.x.test/?c=t-mobile", headers={"Host": "www.x.test"}), known)


def test_a_value_that_a_rule_finds_too_is_told_once_with_both_names() -> None:
    known = Known((KnownValue("my phone", ("15400012345",)), KnownValue("my UTDID", (UTDID,))))
    disclosures = detect(fields(make_request(body={"mobile": "15400012345", "did": UTDID})), known)
    assert [(one.kind, one.known) for one in disclosures] == [("phone_number", "my phone"), ("device_id", "my UTDID")]
    assert disclosures[0].reasoning.endswith("known beforehand: the value")


def test_case_tells_tokens_apart_and_words_not() -> None:
    assert all(case_tells_apart(token) for token in (UTDID, "dGVzdCBvZiBiYXNl", "aB3dE5fG7hI9"))
    assert not any(
        case_tells_apart(word)
        for word in (EMAIL, "Europe/Berlin", "SamsungGalaxyS21Ultra", "Jane Test", "HZ20200217000001")
    )


@pytest.mark.parametrize(
    ("value", "encoding", "text"),
    [
        ("Hello World!", "base58", "2NEpo7TZRRrLZSi2U"),  # draft-msporny-base58-03, section 5
        ("foobar12", "base32", "MZXW6YTBOIYTE"),  # RFC 4648, section 10, and two more characters
        ("Hello World!", "rot13", "Uryyb Jbeyq!"),
    ],
)
def test_encodings_agree_with_published_values(value: str, encoding: str, text: str) -> None:
    assert text in {content for content, row in encoded(value) if row.name == encoding}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("md5", "900150983cd24fb0d6963f7d28e17f72"),  # RFC 1321
        ("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"),  # FIPS 180-4
        ("sha3-256", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),  # FIPS 202
        ("blake2s", "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"),  # RFC 7693
        ("blake3", "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"),  # the BLAKE3 team's b3sum
    ],
)
def test_hashes_agree_with_published_values(name: str, expected: str) -> None:
    assert HASHES[name](b"abc").hex() == expected


def test_every_row_of_encodings_has_a_name_of_its_own() -> None:
    assert len({row.name for row in ENCODINGS}) == len(ENCODINGS)


PRINTED = st.text(st.characters(exclude_categories=["C"]), max_size=40)


@given(PRINTED.filter(lambda text: len(text.strip()) >= 3), PRINTED)
@settings(max_examples=60, deadline=None)
def test_any_value_is_found_where_it_stands_alone(value: str, other: str) -> None:
    known = Known((KnownValue("v", (value,)),))
    field_values = make_request(body={"x": value.strip(), "y": other})
    assert "v" in {disclosure.known for disclosure in found(field_values, known)}


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_declined_without_an_exception(data: bytes) -> None:
    message = Message(datetime(2020, 2, 17, tzinfo=UTC), "sent", data)
    for disclosure in found(make_request(body=data, messages=(message,), headers={"x": data.decode("latin-1")})):
        assert disclosure.known


def test_every_hash_is_documented() -> None:
    page = (Path(__file__).parents[1] / "docs" / "known.md").read_text()
    assert not [
        name for name in [*HASHES, *SHORT_HASHES] if not re.search(rf"\b{re.escape(name.split(' half')[-1])}", page)
    ]


def test_the_example_of_the_documentation_is_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "known.md").read_text()
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    known = load(write(tmp_path, example))
    assert [value.name for value in known.values] == ["email", "phone", "advertising id"]
    assert known.positions[0].name == "home"


def test_the_index_is_made_once() -> None:
    assert index(KNOWN) is index(Known(KNOWN.values))


# The file


FULL = """
[values]
email = "jane@example.com"
phone = ["+49 151 23456789", " +49 151 23456789 ", "0151 23456789"]

[[position]]
name = "home"
lat = 30.25
lon = 120.16
from = 2020-02-17T08:00:00+08:00
to = "2020-02-18T08:00:00"

[[position]]
lat = 30
lon = 120
from = 2020-02-17
"""


def write(folder: Path, text: str, name: str = "known.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_values_and_positions_is_read(tmp_path: Path) -> None:
    known = load(write(tmp_path, FULL))
    assert known.values == (
        KnownValue("email", ("jane@example.com",)),
        KnownValue("phone", ("+49 151 23456789", "0151 23456789")),
    )
    assert known.positions == (
        KnownPosition("home", 30.25, 120.16, datetime(2020, 2, 17, tzinfo=UTC), datetime(2020, 2, 18, 8, tzinfo=UTC)),
        KnownPosition("position 2", 30.0, 120.0, datetime(2020, 2, 17, tzinfo=UTC), None),
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("k.json", '{"a": "one", "b": ["two", 4444]}'),
        ("k.toml", 'a = "one"\nb = ["two", 4444]'),
        ("k.toml", "\ufeffa = 'one'\nb = ['two', '4444']"),
    ],
)
def test_names_and_values_alone_are_read_too(tmp_path: Path, name: str, text: str) -> None:
    assert load(write(tmp_path, text, name)) == Known((KnownValue("a", ("one",)), KnownValue("b", ("two", "4444"))))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[values", "is not TOML"),
        ("[values]\na = 1.5", "values.a holds a number; expected a text"),
        ("[values]\na = true", "values.a holds true; expected a text"),
        ("[values]\na = []", "values.a is empty; expected one value or more"),
        ("[values]\na = ['yes', ' x ']", "values.a holds 'x'; expected at least 3 characters"),
        ("[values]\n[values.a]\nb = 'see'", "values.a holds a table"),
        ("values = 'abc'", "values is a text; expected a table: [values]"),
        ("[values]\n[other]", "other is not known; expected [values] and [[position]]"),
        ("position = 3", "position is a number; expected tables: [[position]]"),
        ("[position]\nlat = 1\nlon = 2", "position is a table; expected tables: [[position]]"),
        ("[[position]]\nlat = 1", "position 1.lon is missing"),
        ("[[position]]\nlat = 91\nlon = 2", "position 1.lat is 91; expected a number of WGS-84 degrees from -90 to 90"),
        ("[[position]]\nlat = nan\nlon = 2", "position 1.lat is nan"),
        ("[[position]]\nlat = '1'\nlon = 2", "position 1.lat is a text"),
        ("[[position]]\nlat = 1\nlon = 2\nalt = 3", "position 1.alt is not known; expected one of lat, lon"),
        ("[[position]]\nlat = 1\nlon = 2\nname = 3", "position 1.name is a number"),
        ("[[position]]\nlat = 1\nlon = 2\nfrom = 'noon'", "position 1.from is 'noon'; expected an ISO 8601 time"),
        ("[[position]]\nlat = 1\nlon = 2\nfrom = 12", "position 1.from is a number"),
        ("[[position]]\nlat = 1\nlon = 2\nfrom = 2020-01-02\nto = 2020-01-01", "position 1.to is 2020-01-01"),
    ],
)
def test_what_is_wrong_in_the_file_is_said_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(CaptureError) as refused:
        load(path)
    assert says in str(refused.value)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="cannot be read: No such file"):
        load(tmp_path / "none.toml")
    with pytest.raises(CaptureError, match="is not JSON"):
        load(write(tmp_path, "{", "k.json"))
    with pytest.raises(CaptureError, match="holds a list"):
        load(write(tmp_path, "[]", "k.json"))
    (tmp_path / "latin.toml").write_bytes(b"a = '\xe9'")
    with pytest.raises(CaptureError, match="is not UTF-8 at byte 5"):
        load(tmp_path / "latin.toml")
    with pytest.raises(CaptureError, match="a holds half of a surrogate pair"):
        load(write(tmp_path, '{"a": "abc\\ud800"}', "k.json"))


# Captures that nobody here wrote


def test_all_pairs_of_the_android_capture_are_found_and_no_others() -> None:
    known = load(shared("traffic/android-har/indicators.android.json"))
    expected = json.loads(shared("traffic/android-har/expected_indicators.first-run.json").read_text())
    disclosures = analyse_capture(read(shared("traffic/android-har/first-run.har")), known=known).disclosures
    pairs = {(disclosure.known, disclosure.request.index) for disclosure in disclosures if disclosure.known}
    assert pairs == {(name, index) for name, indices in expected.items() for index in indices}
    assert len(pairs) == 33


DEMO_SHOP = {
    ("email", "shop.example", "body"),
    ("phone", "shop.example", "body"),
    ("name", "shop.example", "body"),
    ("email", "shop.example", "header"),
    ("email", "analytics-vendor.test", "body"),
    ("name", "analytics-vendor.test", "body"),
    ("email", "pixel-tracker.test", "url"),
    ("phone", "pixel-tracker.test", "url"),
    ("email", "legacy-ads.test", "url"),
    ("email", "payments-processor.test", "body"),
    ("email", "replay-vendor.test", "body"),
    ("email", "chat-widget.test", "message"),
}


def test_the_persona_of_the_demo_shop_is_found_at_each_receiver() -> None:
    values = {"email": "jane.test@example.com", "phone": "+49 151 23456789", "name": "Jane Test"}
    known = Known(tuple(KnownValue(name, (value,)) for name, value in values.items()))
    sent = analyse_capture(read(shared("traffic/demo-shop/demo-shop.har")), known=known).disclosures
    rows = {
        (one.known, ".".join(one.request.receiver.split(".")[-2:]), one.because[0].source.split()[0])
        for one in sent
        if one.known
    }
    assert rows == DEMO_SHOP
