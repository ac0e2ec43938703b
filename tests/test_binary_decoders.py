"""Binary formats without a schema: all that a value may be meant as, and nothing read into noise."""

import base64
import plistlib
import struct
from decimal import Decimal
from typing import Any

import cbor2
import msgpack
import pytest
from builders import make_request, opened
from encoders import ENCODERS, field, grpc_frame, lz_base64, lz_uri, multipart, raw, varint, zigzag
from hypothesis import assume, given
from hypothesis import strategies as st

from scantrail.decoders import body, cbor, charsets, compression, evidence, grpc, lzstring, protobuf
from scantrail.decoders.layers import DECODERS, Decoder, open_layer
from scantrail.decoders.limits import Limits
from scantrail.decoders.values import Members, Readings, Value

LAT_E7, LON_E7 = 302740850, 1201550700
POSITION = field(1, 30.25) + field(2, 120.16)


@pytest.mark.parametrize(
    ("data", "path", "value"),
    [
        (POSITION, "protobuf.1|double", Decimal("30.25")),
        (field(5, 30.25) + field(6, 120.16), "protobuf.6|double", Decimal("120.16")),
        (field(1, 30.25, "float") + field(2, 120.16, "float"), "protobuf.2|float", Decimal("120.16")),
        (field(1, LAT_E7, "sint") + field(2, LON_E7, "sint"), "protobuf.2|sint64", LON_E7),
        (field(1, LAT_E7) + field(2, LON_E7), "protobuf.2", LON_E7),
        (field(1, -LAT_E7) + field(2, -LON_E7), "protobuf.1|int64", -LAT_E7),
        (field(1, LAT_E7, "sfixed32") + field(2, -LON_E7, "sfixed32"), "protobuf.2|int32", -LON_E7),
        (field(3, POSITION), "protobuf.3.1|double", Decimal("30.25")),
        (field(1, struct.pack("<dd", 30.25, 120.16)), "protobuf.1[1]", Decimal("120.16")),
        (field(1, struct.pack("<ff", 30.25, 120.16)), "protobuf.1[1]", Decimal("120.16")),
        (field(1, varint(zigzag(LAT_E7)) + varint(zigzag(LON_E7))), "protobuf.1[0]|sint64", LAT_E7),
        (field(1, "hangzhou"), "protobuf.1", "hangzhou"),
        (field(1, "a" * 13), "protobuf.1", "a" * 13),  # `\n\r` and letters: text as well
        (field(1, "杭州市西湖区"), "protobuf.1", "杭州市西湖区"),
        (field(1, "id") + b"\x13" + field(1, 30.25) + b"\x14" + field(3, "x"), "protobuf.2.1|double", Decimal("30.25")),
        (grpc_frame(POSITION) + grpc_frame(POSITION), "grpc[1].1|double", Decimal("30.25")),
        (msgpack.packb({"lat": 30.25, "lng": 120.16}), "msgpack.lng", Decimal("120.16")),
        (msgpack.packb([30.25, 120.16]), "msgpack[0]", Decimal("30.25")),
        (msgpack.packb([30.25, 120.16], use_single_float=True), "msgpack[1]", Decimal("120.16")),
        (msgpack.packb([LAT_E7, LON_E7]), "msgpack[1]", LON_E7),
        (
            msgpack.packb({"city": "hz", "at": msgpack.Timestamp(1581897600, 500_000_000)}),
            "msgpack.at",
            Decimal("1581897600.5"),
        ),
        (msgpack.packb({"city": "hz", "app": msgpack.ExtType(5, b"abc")}), "msgpack.app", "abc"),
        (msgpack.packb({"a": 1.5}) + msgpack.packb({"city": "hz"}), "msgpack[1].city", "hz"),
        (cbor2.dumps({"lat": 30.25, "lng": 120.16}), "cbor.lng", Decimal("120.16")),
        (cbor2.dumps([30.25, 120.16], canonical=True), "cbor[0]", Decimal("30.25")),
        (cbor2.dumps([LAT_E7, LON_E7]), "cbor[0]", LAT_E7),
        (cbor2.dumps({"lat": Decimal("30.250"), "city": "hz"}), "cbor.lat", Decimal("30.250")),
        (struct.pack("<dd", 30.274085, 120.15507), "struct[0]", Decimal("30.274085")),
        (struct.pack(">dd", 120.15507, 30.274085), "struct[1]", Decimal("30.274085")),
        (struct.pack(">ff", 30.274085, 120.15507), "struct[1]", Decimal("120.15507")),
        (struct.pack("<ff", 40.7128, -74.006), "struct[1]", Decimal("-74.006")),
        (struct.pack("<ii", 302_740_800, 1_201_550_700), "struct[1]", Decimal("120.1550700")),
    ],
)
def test_numbers_are_read_in_every_way_that_they_may_be_meant(data: bytes, path: str, value: object) -> None:
    assert opened(make_request(body=data))["body|" + path] == value
    assert opened(make_request(body={"v": base64.b64encode(data).decode()}))["body|json.v|base64|" + path] == value
    if len(data) >= 8:
        assert opened(make_request(body={"v": data.hex()}))["body|json.v|hex|" + path] == value


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (struct.pack("<q", 1581897600), {"": 1581897600}),  # as a double it would be denormal
        (struct.pack("<d", 30.25), {"": 4629207835727626240, "double": Decimal("30.25")}),
        (struct.pack("<q", -5), {"": (1 << 64) - 5, "int64": -5}),
    ],
)
def test_eight_bytes_are_a_double_only_if_one_could_be_meant(data: bytes, expected: dict[str, object]) -> None:
    message = protobuf.stated(b"\x09" + data)
    assert message is not None
    readings = message.pairs[0][1]
    assert isinstance(readings, Readings)
    assert dict(readings.pairs) == expected


@pytest.mark.parametrize(
    "types", ["application/x-protobuf", "application/x-protobuf; charset=x", "APPLICATION/PROTOBUF"]
)
def test_a_header_is_believed_where_the_bytes_alone_would_not_be(types: str) -> None:
    tiny = field(9, 3)
    assert opened(make_request(body=tiny)) == {"body": tiny}
    assert opened(make_request(body=tiny, headers={"Content-Type": types}))["body|protobuf.9"] == 3


@pytest.mark.parametrize(
    ("headers", "data", "path", "value"),
    [
        ({"Content-Encoding": "gzip"}, ENCODERS["gzip"]('{"a": "x"}'), "body|gzip|json.a", "x"),
        ({"content-encoding": "x-gzip"}, ENCODERS["gzip"]('{"a": "x"}'), "body|gzip|json.a", "x"),
        ({"Content-Encoding": "deflate"}, ENCODERS["zlib"]('{"a": "x"}'), "body|deflate|json.a", "x"),
        ({"Content-Encoding": "deflate"}, ENCODERS["deflate"]('{"a": "x"}'), "body|deflate|json.a", "x"),
        ({"Content-Encoding": "br"}, ENCODERS["brotli"](b"\xff\x00"), "body|br", b"\xff\x00"),
        ({"Content-Encoding": "zstd"}, ENCODERS["zstd"]('{"a": "x"}'), "body|zstd|json.a", "x"),
        ({"Content-Encoding": "br, gzip"}, ENCODERS["gzip"](ENCODERS["brotli"]("hi")), "body|gzip|br", "hi"),
        ({"Content-Encoding": "gzip"}, b'{"a": "x"}', "body|json.a", "x"),  # the recorder has undone it
        ({"Content-Encoding": "identity"}, b'{"a": "x"}', "body|json.a", "x"),
        ({"Content-Encoding": "aes"}, b'{"a": "x"}', "body|json.a", "x"),
        ({"Content-Type": "application/grpc+proto"}, grpc_frame(field(9, 3)), "body|grpc[0].9", 3),
        (
            {"Content-Type": "application/grpc-web-text"},
            base64.b64encode(grpc_frame(field(9, 3))),
            "body|base64|grpc[0].9",
            3,
        ),
        ({"Content-Type": "application/msgpack"}, msgpack.packb({1: 2}), "body|msgpack.1", 2),
        ({"Content-Type": "application/cbor"}, cbor2.dumps([1]), "body|cbor[0]", 1),
        ({"Content-Type": "application/senml+cbor"}, cbor2.dumps([1]), "body|cbor[0]", 1),
        ({"Content-Type": "text/plain; charset=GBK"}, "杭州".encode("gbk"), "body|gbk", "杭州"),
        ({"Content-Type": 'text/plain; charset="shift_jis"'}, "東京".encode("shift_jis"), "body|shift_jis", "東京"),
        ({"Content-Type": "text/plain; charset=gbk"}, "杭州".encode(), "body", "杭州"),  # stated, but not so
        ({"Content-Type": "text/plain; charset=base64"}, b"x", "body", "x"),
        (
            {"Content-Type": "multipart/form-data; boundary=b"},
            multipart([("a", "", b"x")], "b"),
            "body|multipart.a",
            "x",
        ),
    ],
)
def test_what_the_headers_state_is_undone(headers: dict[str, str], data: bytes, path: str, value: object) -> None:
    assert opened(make_request(body=data, headers=headers))[path] == value


def test_what_remains_of_a_cut_gzip_body_is_read() -> None:
    whole = raw(ENCODERS["gzip"](" ".join(f"word{number}" for number in range(500))))
    found = opened(make_request(body=whole[: len(whole) // 2], headers={"Content-Encoding": "gzip"}))
    assert str(found["body|gzip"]).startswith("word0 word1 ")


def test_parts_have_names_files_and_types() -> None:
    data = multipart(
        [
            ("city", "", b"hangzhou"),
            ("meta", "\r\nContent-Type: application/json", b'{"lat": 30.25}'),
            ("photo", '; filename="西湖.jpg"\r\nContent-Type: image/jpeg', b"\xff\xd8\x00"),
            ("doc", "; filename*=UTF-8''%E6%9D%AD.txt", b"t"),
            ("inner", "", multipart([("deep", "", b"1")], "other")),
        ]
    )
    found = opened(make_request(body=data))
    assert found["body|multipart.city"] == "hangzhou"
    assert found["body|multipart.meta|json.lat"] == Decimal("30.25")
    assert found["body|multipart.photo.filename"] == "西湖.jpg"
    assert found["body|multipart.photo.type"] == "image/jpeg"
    assert found["body|multipart.photo.content"] == b"\xff\xd8\x00"
    assert found["body|multipart.doc.filename"] == "杭.txt"
    assert found["body|multipart.inner|multipart.deep"] == "1"


@pytest.mark.parametrize("form", [plistlib.FMT_XML, plistlib.FMT_BINARY])
def test_property_lists_are_opened(form: plistlib.PlistFormat) -> None:
    found = opened(make_request(body=plistlib.dumps({"lat": 30.25, "l": [1, True, "x"]}, fmt=form)))
    assert found == {
        "body|plist.lat": Decimal("30.25"),
        "body|plist.l[0]": 1,
        "body|plist.l[1]": True,
        "body|plist.l[2]": "x",
    }


def test_xml_names_elements_attributes_and_text() -> None:
    document = '<?xml version="1.0" encoding="gbk"?><r xmlns="urn:x" id="7"><p lat="30.2500">here<b/></p><p>2</p></r>'
    found = opened(make_request(body=document))
    assert found == {
        "body|xml.r.@id": "7",
        "body|xml.r.p.@lat": "30.2500",
        "body|xml.r.p.#text": "here",
        "body|xml.r.p": "2",
    }


@pytest.mark.parametrize(
    "text", ["<html><body>x</body></html>", "<!DOCTYPE html><p>x</p>", "<svg><p>1</p></svg>", "<a>"]
)
def test_pages_and_broken_markup_are_text(text: str) -> None:
    assert opened(make_request(body=text)) == {"body": text}


LZ_STRINGS = [  # made by lz-string 1.5.0: a text, compressToBase64, compressToEncodedURIComponent
    ("hangzhou", "BYQwdg5gXsD2CuQ=", "BYQwdg5gXsD2CuQ"),
    (
        "zhang.wei@example.test zhang.wei@example.test",
        "F4Cwhgdg5gdA7gUwJYAEEA8wFsAOAbBGAFwQGciACUSWRVDbfQk8oA==",
        "F4Cwhgdg5gdA7gUwJYAEEA8wFsAOAbBGAFwQGciACUSWRVDbfQk8oA",
    ),
    (
        '{"lat":30.25,"lng":120.16}',
        "N4IgNghgLiBcDMAGAdAJgKwBpwDsDmcAjKioQGwC+QA=",
        "N4IgNghgLiBcDMAGAdAJgKwBpwDsDmcAjKioQGwC+QA",
    ),
    ("杭州市西湖区文三路", "rbmj3dRAeo/pGGp2hcyo4aaEg5Q97FA=", "rbmj3dRAeo-pGGp2hcyo4aaEg5Q97FA"),
    ("emoji 😀 and text 😀", "KYWw9gVglgBIvBuAA9mBDAdgExgF2ADy/AkA", "KYWw9gVglgBIvBuAA9mBDAdgExgF2ADy-AkA"),
]


@pytest.mark.parametrize(("plain", "base64_form", "uri_form"), LZ_STRINGS)
def test_lz_string_is_what_its_reference_implementation_makes(plain: str, base64_form: str, uri_form: str) -> None:
    assert lz_base64(plain) == base64_form
    assert lzstring.token(base64_form, 1 << 20) == lzstring.token(uri_form, 1 << 20) == plain


@given(st.text(st.characters(categories=["L", "Nd", "P", "Zs"], max_codepoint=0x24F), min_size=6))
def test_lz_string_of_any_text_is_opened(plain: str) -> None:
    assume(len(lz_uri(plain)) >= 12)
    assert lzstring.token(lz_base64(plain), 1 << 20) == plain


simple = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text() | st.floats(allow_nan=False)
documents: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.text(), st.recursive(simple, lambda inner: st.lists(inner), max_leaves=6)
)


def plain(value: object) -> object:
    """A value as Python would have it, to compare with what a library gives."""
    if isinstance(value, Members):
        return {name: plain(member) for name, member in value.pairs}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


def comparable(value: object) -> object:
    if isinstance(value, dict):
        return {name: comparable(member) for name, member in value.items()}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return repr(value)
    return value


@given(documents)
def test_cbor_is_read_as_its_library_writes_it(document: dict[str, Any]) -> None:
    assert plain(cbor.stated(cbor2.dumps(document))) == comparable(document)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_single_precision_numbers_have_the_fewest_digits(value: float) -> None:
    digits = evidence.shortest32(value)
    assert struct.pack("<f", float(digits)) == struct.pack("<f", value)
    assert len(Decimal(digits).as_tuple().digits) <= 9


@given(st.lists(st.tuples(st.integers(1, 15), st.integers(0, 2**64 - 1) | st.text(min_size=1) | st.floats(1, 180))))
def test_any_message_is_read_back(fields: list[tuple[int, int | str | float]]) -> None:
    message = protobuf.stated(b"".join(field(number, value) for number, value in fields))
    assert [int(name) for name, _ in message.pairs] == [number for number, _ in fields] if message else not fields


BOMBS: dict[str, bytes] = {
    "gzip": raw(ENCODERS["gzip"](b"\0" * (1 << 25))),
    "gzip in gzip": raw(ENCODERS["gzip"](ENCODERS["gzip"](b"\0" * (1 << 25)))),
    "zlib": raw(ENCODERS["zlib"](b"\0" * (1 << 25))),
    "zstd": raw(ENCODERS["zstd"](b"\0" * (1 << 25))),
    "brotli": raw(ENCODERS["brotli"](b"a" * (1 << 25))),
    "lz-string": lz_base64("a" * 3000).encode(),
    "entities": b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;&c;</a>',
    "xml nesting": b"<a>" * 50_000 + b"</a>" * 50_000,
    "msgpack length": b"\xdf\xff\xff\xff\xff" + b"\xa1a\x01" * 9,
    "msgpack nesting": b"\x91" * 100_000,
    "cbor length": b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff" + b"\x61a\x01" * 9,
    "cbor open length": b"\x9f" * 100_000,
    "protobuf nesting": b"\x0b" * 100_000,
    "grpc length": b"\x00\xff\xff\xff\xff" + b"a" * 100,
    "multipart": b"--a\r\nb: c\r\n" + b"\r\n--a" * 50_000,
    "plist": plistlib.dumps({}, fmt=plistlib.FMT_BINARY)[:-1] + b"\xff",
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_bounded(name: str) -> None:
    limits = Limits(expansion=1 << 16)
    layer = open_layer(BOMBS[name], limits)
    if layer and isinstance(layer[1], str | bytes):
        assert len(layer[1]) <= max(len(BOMBS[name]), limits.expansion + 1)


def test_a_shared_list_of_a_property_list_does_not_grow() -> None:
    value: list[Any] = ["x"] * 16
    for _ in range(16):
        value = [value] * 16
    assert open_layer(plistlib.dumps(value, fmt=plistlib.FMT_BINARY)) is None


def of(kind: type) -> list[object]:
    return [pytest.param(decoder, id=decoder.open.__qualname__) for decoder in DECODERS if decoder.opens is kind]


@pytest.mark.parametrize("decoder", of(bytes))
@given(data=st.binary(min_size=1, max_size=300))
def test_decoders_of_bytes_decline_and_never_raise(decoder: Decoder, data: bytes) -> None:
    open_one(decoder, data)


@pytest.mark.parametrize("decoder", of(str))
@given(text=st.text(min_size=1, max_size=200) | st.from_regex(r"[A-Za-z0-9+/=%&;:\\{}<>-]{1,80}", fullmatch=True))
def test_decoders_of_text_decline_and_never_raise(decoder: Decoder, text: str) -> None:
    open_one(decoder, text)


def open_one(decoder: Decoder, value: str | bytes) -> Value:
    return decoder.open(value, 1 << 16) if decoder.expander else decoder.open(value)


@pytest.mark.parametrize(
    ("charset", "name"),
    [
        ("GBK", "gb18030"),
        ("Shift_JIS", "shift_jis"),
        ("iso-8859-1", "iso8859-1"),
        *((no, None) for no in ("a\0b", "zlib", "idna", "unicode_escape", "../x", "x" * 99, "", "no-such")),
    ],
)
def test_character_sets_are_those_of_the_registry(charset: str, name: str | None) -> None:
    assert charsets.named(charset) == name


@given(st.sampled_from(sorted(body.TYPES)), st.binary(max_size=200), st.sampled_from(sorted(compression.CODINGS)))
def test_bodies_that_are_not_what_they_say_do_no_harm(kind: str, data: bytes, coding: str) -> None:
    opened(make_request(body=data, headers={"Content-Type": kind, "Content-Encoding": coding}))


def exif(order: str, latitude: tuple[int, ...], longitude: tuple[int, ...], south: bytes = b"N\0") -> bytes:
    """A TIFF structure with GPS tags: three rationals each, in whole degrees, minutes and hundredths of seconds."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    main = struct.pack(order + "HHHIII", 1, 0x8825, 4, 1, 26, 0)
    values = 26 + 2 + 4 * 12
    gps = struct.pack(order + "H", 4)
    for tag, half, at in ((1, south, values), (3, b"E\0", values + 24)):
        gps += struct.pack(order + "HHI4s", tag, 2, 2, half) + struct.pack(order + "HHII", tag + 1, 5, 3, at)
    for degrees, minutes, hundredths in (latitude, longitude):
        gps += struct.pack(order + "IIIIII", degrees, 1, minutes, 1, hundredths, 100)
    return head + main + gps


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(
    "head", [b"\xff\xd8\xff\xe1\0\xffExif\0\0", b"\x89PNG\r\n\x1a\n....eXIf", b"RIFF....WEBPEXIF...."]
)
def test_a_photo_tells_where_it_was_taken(head: bytes, order: str) -> None:
    photo = head + exif(order, (30, 16, 2670), (120, 9, 1825)) + b"\xff\xd9"
    data = multipart([("photo", '; filename="a.jpg"', photo)])
    found = opened(make_request(body=data))
    assert found["body|multipart.photo.content|exif.latitude"] == Decimal("30.274083")
    assert found["body|multipart.photo.content|exif.longitude"] == Decimal("120.155069")
    south = opened(make_request(body=head + exif(order, (30, 16, 2670), (120, 9, 1825), b"S\0")))
    assert south["body|exif.latitude"] == Decimal("-30.274083")


@given(st.binary(max_size=120), st.sampled_from("<>"))
def test_damaged_photos_stay_bytes(damage: bytes, order: str) -> None:
    whole = exif(order, (30, 16, 2670), (120, 9, 1825))
    for at in range(0, len(whole), 7):
        open_layer(b"\xff\xd8\xff\xe1\0\xffExif\0\0" + whole[:at] + damage + whole[at + len(damage) :])


def test_frames_that_hold_no_message_stay_bytes() -> None:
    assert grpc.frames(grpc_frame(b"\xff\xff")) == [b"\xff\xff"]
    assert grpc.frames(grpc_frame(raw(ENCODERS["gzip"](POSITION)), flag=1)) == [ENCODERS["gzip"](POSITION)]
