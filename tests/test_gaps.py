"""What nobody could read is said, and a finding does not take it for silence."""

from base64 import b64encode
from hashlib import sha256

import pytest
from builders import make_capture, make_request
from hypothesis import given
from hypothesis import strategies as st

from scantrail import analyse_capture, disclose
from scantrail.decoders import fields
from scantrail.decoders.limits import Limits
from scantrail.decoders.opaque import entropy
from scantrail.model import Gap, Known, KnownValue, Request

RANDOM = bytes(range(128, 256)) * 2  # no UTF-8, no format


def gaps_of(request: Request, limits: Limits = Limits()) -> list[Gap]:
    return list(disclose(request, limits=limits).gaps)


@pytest.mark.parametrize(
    ("request_", "what", "source", "size", "hides"),
    [
        (make_request(unread="pinned"), "unread", "connection", 0, True),
        (make_request(unsent="refused"), "unsent", "connection", 0, False),
        (make_request(body=RANDOM), "opaque", "body", 256, True),
        (make_request(body=RANDOM[:64]), "opaque", "body", 64, False),
        (make_request(answer=RANDOM), "opaque", "response body", 256, False),
        (make_request(headers={"Sign": b64encode(RANDOM[:36]).decode()}), "opaque", "header Sign", 36, False),
    ],
)
def test_what_is_unread_is_a_gap(request_: Request, what: str, source: str, size: int, hides: bool) -> None:
    (gap,) = gaps_of(request_)
    assert (gap.what, gap.source, gap.size, gap.hides) == (what, source, size, hides)


@pytest.mark.parametrize(
    ("limits", "body", "why"),
    [
        (Limits(depth=1), {"a": '{"b": 1}'}, "wrapped in more layers"),
        (Limits(nesting=2), {"a": {"b": {"c": 1}}}, "nested deeper"),
        (Limits(size=10), {"a": "x" * 10}, "larger than was opened"),
        (Limits(fields=3), [1, 2, 3, 4], "holds more fields"),
    ],
)
def test_each_limit_that_is_reached_is_a_gap(limits: Limits, body: object, why: str) -> None:
    (gap,) = gaps_of(make_request(body=body), limits)
    assert (gap.what, gap.hides) == ("limit", True)
    assert gap.why.startswith(why)


def test_what_is_read_is_no_gap() -> None:
    assert gaps_of(make_request("https://h.test/a?b=c", body={"d": 1, "e": "a word", "f": "2020-02-17"})) == []


def test_a_digest_that_is_explained_is_no_gap() -> None:
    request = make_request(body={"em": sha256(b"jane@h.test").hexdigest()})
    assert [gap.size for gap in gaps_of(request)] == [32]
    assert disclose(request, Known((KnownValue("email", ("jane@h.test",)),))).gaps == ()


def test_a_scan_of_which_something_stayed_closed_is_not_refuted() -> None:
    closed = analyse_capture(make_capture([make_request(body=RANDOM, minutes=1)], [(0, "scan")]))
    (finding,) = [finding for finding in closed.findings if finding.id == "T2"]
    assert finding.parts[0].verdict == "not decidable"


def test_a_notice_that_cannot_be_read_is_not_silent() -> None:
    request = make_request("https://h.test/notice", answer=RANDOM)
    (finding,) = [f for f in analyse_capture(make_capture([request])).findings if f.id == "T4"]
    assert finding.parts[1].verdict == "not decidable"


def test_entropy_is_that_of_the_bytes() -> None:
    assert entropy(b"aaaa") == 0
    assert entropy(bytes(range(256))) == 8


@given(st.binary(max_size=300))
def test_nothing_that_was_sent_is_lost(body: bytes) -> None:
    found = fields(make_request(body=body))
    assert found or not body or body in (b"{}", b"[]", b'""')
