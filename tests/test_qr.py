"""A QR code says what it discloses and to whom; damaged and hostile payloads give one clear error."""

import base64
import contextlib
import json
import sys
import zlib
from pathlib import Path
from urllib.parse import quote

import cbor2
import pytest
import zxingcpp
from builders import b64
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from scantrail import CaptureError, qr
from scantrail.cli import cli
from scantrail.detectors import KINDS
from scantrail.qr import image, payloads, whom
from scantrail.qr.formats import FORMATS, Format

PREFIXES = (
    "UKC19TRACING:1:",
    "NZCOVIDTRACER:",
    "HC1:",
    "WIFI:",
    "geo:",
    "tel:",
    "mailto:",
    "MECARD:",
    "https://h.test/",
)


def told(payload: str) -> set[tuple[str, str]]:
    return {(one.kind, one.value) for one in qr.read(payload).told}


def jwt(claims: object) -> str:
    parts = ({"alg": "ES256", "kid": "3"}, claims)
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + ".c2ln"
    )


def base45(data: bytes) -> str:
    """RFC 9285, written anew here."""
    letters, text = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", ""
    for start in range(0, len(data), 2):
        pair = data[start : start + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            text += letters[digit]
    return text


def certificate(entry: object) -> str:
    claims = cbor2.dumps({1: "DE", 4: 1_700_000_000, 6: 1_600_000_000, -260: {1: entry}})
    return "HC1:" + base45(zlib.compress(cbor2.dumps(cbor2.CBORTag(18, [b"", {}, claims, bytes(64)]))))


VACCINATION = {
    "ver": "1.3.0",
    "nam": {"fn": "Muster", "fnt": "MUSTER", "gn": "Éva", "gnt": "EVA"},
    "dob": "1864-08-12",
    "v": [
        {"tg": "840539006", "mp": "EU/1/20/1528", "dn": 2, "sd": 2, "dt": "2021-05-29", "co": "DE", "ci": "URN:UVCI:X"}
    ],
}


@pytest.mark.parametrize(("form", "example"), [(f, e) for f in FORMATS for e in f.positive], ids=lambda x: x[0][:24])
def test_positive_examples_are_recognised_and_read(
    form: Format, example: tuple[str, tuple[tuple[str, str], ...]]
) -> None:
    payload, tells = example
    code = qr.read(payload)
    assert (code.format, code.source) == (form.id, form.source)
    assert {(one.kind, one.value) for one in code.told} >= set(tells)
    assert {one.kind for one in code.told} <= set(KINDS)
    assert all(one.to[0] == whom.READER and one.how and one.path for one in code.told)


@pytest.mark.parametrize(("form", "payload"), [(f, n) for f in FORMATS for n in f.negative], ids=lambda x: str(x)[:24])
def test_negative_examples_are_of_no_such_format(form: Format, payload: str) -> None:
    assert qr.read(payload).format != form.id


def test_the_table_of_formats_is_sound() -> None:
    assert len({form.id for form in FORMATS}) == len(FORMATS)
    assert all(form.source and form.says and form.negative for form in FORMATS)


def test_a_venue_poster_tells_name_and_postcode_to_who_reads_it_alone() -> None:
    code = qr.read("UKC19TRACING:1:" + jwt({"id": "X7K2P9QA", "opn": "The Old Inn", "vt": "004", "pc": "ZZ99ZZ"}))
    assert ("postcode", "ZZ99ZZ") in {(one.kind, one.value) for one in code.told}
    assert {one.to for one in code.told} == {(whom.READER,)}
    assert "not verified" in code.says
    assert {one.path for one in code.told} >= {"payload|jwt.payload.pc"}


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_deep_link_discloses_a_city_under_layers_of_percent(layers: int) -> None:
    link = "https://healthcode.test/s?orgCode=330500-0042"
    for _ in range(layers):
        link = quote(link, safe="")
    code = qr.read(f"alipays://platformapi/startapp?appId=2021001&url={link}")
    assert {("adcode", "330500-0042"), ("city", "湖州市")} <= {(one.kind, one.value) for one in code.told}
    (city,) = [one for one in code.told if one.kind == "city"]
    assert city.to == (whom.READER, "the app for alipays: links (Alipay)", "healthcode.test")


@pytest.mark.parametrize(
    "query",
    [
        "url=" + quote("https://a.test/?url=" + quote("https://b.test/x?orgCode%3D330106-1", safe=""), safe=""),
        "page=" + quote("pages/index/index?orgCode=330106-1", safe=""),
        "query=" + quote("orgCode=330106-1&scene=poster", safe=""),
    ],
)
def test_a_district_is_told_with_its_city(query: str) -> None:
    found = told("alipays://platformapi/startapp?appId=1&" + query)
    assert {("city", "杭州市"), ("district", "西湖区")} <= found


def test_all_hosts_of_nested_links_learn_what_the_innermost_holds() -> None:
    inner = quote("https://b.test/x?placeId=P0042", safe="")
    code = qr.read("alipays://x/y?url=" + quote(f"https://a.test/?to={inner}#placeId=P0043", safe=""))
    to = {one.value: one.to[2:] for one in code.told}
    assert to == {"P0042": ("a.test", "b.test"), "P0043": ()}


def test_what_follows_the_hash_is_not_sent_and_what_stands_before_is() -> None:
    code = qr.read("https://venue.test/in?placeId=P0042#gateId=G0043")
    assert {one.value: one.to for one in code.told} == {
        "P0042": (whom.READER, "venue.test"),
        "G0043": (whom.READER,),
    }
    assert "no browser sends it" in code.told[1].how


def test_an_event_of_the_corona_warn_app_tells_no_server() -> None:
    (payload, _), *_ = next(form for form in FORMATS if form.id == "cwa-event").positive
    for link in (payload, "https://app.luca-app.de/webapp/512875cb#e30/CWA1/" + payload.partition("#")[2]):
        code = qr.read(link)
        assert code.format == "cwa-event"
        assert {one.to for one in code.told if one.path.startswith("fragment")} == {(whom.READER,)}
        assert {"2021-03-29 06:40:00Z"} <= {one.meaning for one in code.told}


def test_a_covid_certificate_tells_who_was_vaccinated() -> None:
    code = qr.read(certificate(VACCINATION))
    assert {("name", "Muster"), ("name", "Éva"), ("birth_date", "1864-08-12")} <= {
        (one.kind, one.value) for one in code.told
    }
    meanings = " ".join(one.meaning for one in code.told)
    assert "COVID-19" in meanings
    assert "Comirnaty" in meanings
    assert "not verified" in code.says


def test_tests_and_recoveries_are_read_too() -> None:
    test = VACCINATION | {"v": None, "t": [{"tg": "840539006", "tr": "260373001", "sc": "2021-05-29T10:00:00Z"}]}
    assert ("health_record", "260373001") in told(certificate(test))
    recovery = VACCINATION | {"v": None, "r": [{"tg": "840539006", "fr": "2021-01-02"}]}
    assert ("health_record", "2021-01-02") in told(certificate(recovery))


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "  \n",
        "UKC19TRACING:1:garbage",
        "UKC19TRACING:1:a.b.c",
        "NZCOVIDTRACER:%%%",
        "NZCOVIDTRACER:" + b64("[1, 2]"),
        "HC1:",
        "HC1::::",
        "HC1:" + base45(zlib.compress(b"\x00")),
        "HC1:" + base45(zlib.compress(bytes(1 << 22))),
        "HC1:" + base45(zlib.compress(b"\x81" * 100_000)),
        "HC1:" + base45(zlib.compress(cbor2.dumps(cbor2.CBORTag(18, [b"", {}, b"\xc4\x82\x1b" + b"\xff" * 9, b""])))),
        "WIFI:",
        "geo:north",
        "tel:call me",
        "mailto:nobody",
        "x" * (qr.LONGEST + 1),
    ],
)
def test_damaged_codes_give_one_line(payload: str) -> None:
    with pytest.raises(CaptureError) as error:
        qr.read(payload)
    assert len(str(error.value).splitlines()) == 1
    assert len(str(error.value)) < 300


@pytest.mark.parametrize("payload", ["hello", "https://shop.test/product?size=30.25,120.16&v=10.1.85", "4006381333931"])
def test_codes_of_everyday_things_disclose_nothing(payload: str) -> None:
    assert told(payload) == set()


@given(st.sampled_from(PREFIXES), st.text(max_size=120))
def test_any_payload_is_read_or_declined(prefix: str, rest: str) -> None:
    with contextlib.suppress(CaptureError):
        qr.read(prefix + rest)


@given(st.binary(max_size=60))
def test_any_bytes_are_no_error_of_the_openers(data: bytes) -> None:
    text = base64.urlsafe_b64encode(data).decode()
    payloads.trace_location(text)
    payloads.health_certificate(base45(zlib.compress(data)))
    payloads.health_certificate(base45(data))
    payloads.base64_json(text)


@given(st.binary(max_size=60))
def test_base45_is_undone(data: bytes) -> None:
    assert payloads._base45(base45(data)) == (data or None)


# Images


def picture(path: Path, *texts: str) -> Path:
    pictures = [
        Image.fromarray(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=4))
        for text in texts
    ]
    sheet = Image.new("L", (sum(p.width for p in pictures) + 40, max(p.height for p in pictures) + 40), 255)
    at = 20
    for one in pictures:
        sheet.paste(one, (at, 20))
        at += one.width
    sheet.save(path)
    return path


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif", "a.bmp", "a.webp", "a.tiff"])
def test_a_code_is_read_from_any_image(tmp_path: Path, name: str) -> None:
    assert image.codes(picture(tmp_path / name, "geo:30.25,120.16")) == ["geo:30.25,120.16"]


def test_several_codes_of_one_image_are_all_read(tmp_path: Path) -> None:
    codes = {"geo:30.25,120.16", "tel:+4915100000000"}
    done = CliRunner().invoke(cli, ["qr", str(picture(tmp_path / "two.png", *codes)), "--json"])
    assert {json.loads(line)["payload"] for line in done.output.splitlines()} == codes


def test_files_without_a_code_give_one_line(tmp_path: Path) -> None:
    Image.new("L", (50, 50), 255).save(tmp_path / "blank.png")
    (tmp_path / "note.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    (tmp_path / "empty.png").write_bytes(b"")
    for name, says in (
        ("blank.png", "no code was found"),
        ("note.png", "not an image"),
        ("empty.png", "not an image"),
        ("absent.png", "no such image"),
    ):
        with pytest.raises(CaptureError, match=says):
            qr.payloads_of(str(tmp_path / name))


def test_a_missing_reader_of_images_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = picture(tmp_path / "a.png", "geo:30.25,120.16")
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    with pytest.raises(CaptureError, match=r"install scantrail\[qr\]"):
        image.codes(path)


def test_pictures_of_too_many_pixels_are_not_looked_at(tmp_path: Path) -> None:
    for side in (8_000, 12_000, 20_000):
        Image.new("1", (side, side)).save(tmp_path / "large.png")
        with pytest.raises(CaptureError, match="pixels"):
            image.codes(tmp_path / "large.png")


# Command line


def test_the_command_line_escapes_what_is_hostile() -> None:
    done = CliRunner().invoke(cli, ["qr", "WIFI:S:evil\x1b[31m\u202e;P:secret;;"])
    assert done.exit_code == 0
    assert "\x1b" not in done.output
    assert "\u202e" not in done.output
    assert "evil\\x1b[31m" in done.output


def test_json_has_the_keys_that_are_documented() -> None:
    done = CliRunner().invoke(cli, ["qr", "geo:30.25,120.16", "--json"])
    (code,) = (json.loads(line) for line in done.output.splitlines())
    assert list(code) == ["payload", "format", "name", "source", "says", "told"]
    assert set(code["told"][0]) == set(qr.Told.__struct_fields__)
    assert code["told"][0]["latitude"] == 30.25
