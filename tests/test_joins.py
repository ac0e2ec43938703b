"""Receivers who were sent the same identifier, plain or hashed, could join what they know."""

import base64
import hashlib

import pytest
from builders import disclosed, make_request

from scantrail import disclose
from scantrail.joins import Join, as_known, joins
from scantrail.model import Request
from scantrail.subjects import join

PHONE, OTHER = "15400000001", "15400000002"


def found(*requests: Request) -> list[Join]:
    subjects = join(disclosure for request in requests for disclosure in disclosed(request))
    known = as_known(subjects)
    return joins((one for request in requests for one in disclose(request, known).disclosures), subjects)


def told(receiver: str, index: int, **body: str) -> Request:
    return make_request(f"https://{receiver}/", index=index, body=body)


def test_two_receivers_of_one_number_can_join_and_a_third_of_another_cannot() -> None:
    (row,) = found(
        told("code.test", 0, mobile=PHONE), told("ads.test", 1, phone=PHONE), told("shop.test", 2, mobile=OTHER)
    )
    assert row == Join(("ads.test", "code.test"), "phone_number", ("plain", "plain"), ("s1",), (0, 1))


@pytest.mark.parametrize(
    ("made", "how"),
    [
        (hashlib.sha256(PHONE.encode()).hexdigest(), "sha256"),
        (hashlib.md5(PHONE.encode(), usedforsecurity=False).hexdigest().upper(), "md5"),
        (base64.b64encode(hashlib.sha1(PHONE.encode(), usedforsecurity=False).digest()).decode(), "sha1"),
    ],
)
def test_a_hash_of_it_joins_as_well(made: str, how: str) -> None:
    (row,) = found(told("code.test", 0, mobile=PHONE), told("ads.test", 1, id=made))
    assert row.receivers == ("ads.test", "code.test")
    assert how in row.how[0]
    assert row.how[1] == "plain"


def test_one_receiver_has_nothing_to_join_and_what_it_answers_is_not_sent() -> None:
    assert found(told("code.test", 0, mobile=PHONE), told("code.test", 1, mobile=PHONE)) == []
    assert found(told("code.test", 0, mobile=PHONE), make_request("https://ads.test/", answer={"mobile": PHONE})) == []


def test_subjects_are_counted() -> None:
    requests = [told(host, n, mobile=phone) for n, phone in enumerate((PHONE, OTHER)) for host in ("a.test", "b.test")]
    (row,) = found(*requests)
    assert row.subjects == ("s1", "s2")
