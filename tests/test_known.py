"""Known values are told precisely: nothing that merely looks like them, each once, and what was made of them."""

import json
import re
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import make_request
from hypothesis import given, settings
from hypothesis import strategies as st
from known_builders import EMAIL, KNOWN, LOWER, UTDID, b64, digest, found, names, raw
from shared_data import shared

from scantrail import analyse_capture, disclose
from scantrail.decoders import fields
from scantrail.detectors import detect
from scantrail.detectors.known import load
from scantrail.detectors.known.encodings import ENCODINGS, encoded
from scantrail.detectors.known.hashes import HASHES, SHORT_HASHES
from scantrail.detectors.known.needles import case_tells_apart, index
from scantrail.model import Known, KnownValue, Message
from scantrail.readers import read

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
    "one name's hash in a longer one": digest("sha256", "jan"),
    "a model with one more letter": "SM-G991BX",
    "a phone number with other separators and another digit": "0151 / 234 567 88",
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
    turkish = Known((KnownValue("name", ("İbrahim Çelik",)),))
    assert all(names(sent, turkish) == {"name"} for sent in ("İBRAHİM ÇELİK", "ibrahim çelik", "İbrahim Çelik"))


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


def test_a_blank_value_is_found_nowhere() -> None:
    assert names(" ", Known((KnownValue("nothing", ("", " ")),))) == set()


def test_the_index_is_made_once() -> None:
    assert index(KNOWN) is index(Known(KNOWN.values))


@pytest.mark.parametrize("headers", [{}, {"Accept": "*/*"}, {"X-App": "1"}])
def test_the_host_is_searched_whatever_else_the_request_has(headers: dict[str, str]) -> None:
    known = Known((KnownValue("id", ("1209d0b9-b959-42e6-b921-aa5d9d08c1af",)),))
    plain = make_request("https://h.test/", headers=headers)
    telling = make_request("https://1209d0b9-b959-42e6-b921-aa5d9d08c1af.track.test/", headers=headers)
    told = [[d.known for d in disclose(request, known).disclosures] for request in (plain, telling, plain)]
    assert told == [[], ["id"], []]


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
