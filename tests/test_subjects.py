"""Identifiers that come together are one subject; so is what hangs together through others, and nothing else."""

import numpy as np
import pytest
from builders import disclosed, make_request
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from scantrail.model import Request
from scantrail.subjects import Subjects, join
from scantrail.subjects.components import components

PHONES = ["15400000001", "15400000002", "15400000003", "15400000004"]
PEOPLE = ["330106184905120015", "330106184905120023"]
CODES = ["HZ0000000001", "HZ0000000002", "HZ0000000003", "HZ0000000004"]


def joined(*requests: Request) -> Subjects:
    return join(disclosure for request in requests for disclosure in disclosed(request))


def test_identifiers_join_through_a_request_that_carries_both() -> None:
    subjects = joined(
        make_request(index=0, body={"mobile": PHONES[0]}),
        make_request(index=1, body={"codeNo": CODES[0]}),
        make_request(index=2, body={"codeNo": CODES[1]}),
        make_request(index=3, body={"mobile": PHONES[0], "codeNo": CODES[0]}),
    )
    assert dict(subjects.by_request) == {0: "s1", 1: "s1", 2: "s2", 3: "s1"}
    assert subjects.values("s1") == {PHONES[0], CODES[0]}


def test_an_answer_joins_too() -> None:
    subjects = joined(make_request(index=0, body={"mobile": PHONES[0]}, answer={"codeNo": CODES[0]}))
    assert subjects.values("s1") == {PHONES[0], CODES[0]}


def test_requests_without_identifiers_have_no_subject() -> None:
    assert joined(make_request(body={"city": "杭州市"})).by_request == {}


@given(st.lists(st.tuples(st.sampled_from(PHONES), st.sampled_from(CODES)), max_size=12))
def test_the_join_is_the_connected_components(pairs: list[tuple[str, str]]) -> None:
    subjects = joined(*(make_request(index=i, body={"mobile": p, "codeNo": c}) for i, (p, c) in enumerate(pairs)))
    groups: list[set[str]] = []
    for pair in pairs:
        touching = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if group not in touching] + [set(pair).union(*touching)]
    assert {frozenset(group) for group in groups} == {subjects.values(user) for user in subjects.identifiers}


def test_a_shared_telephone_does_not_make_a_family_one_person() -> None:
    subjects = joined(
        make_request(index=0, body={"idCard": PEOPLE[0], "mobile": PHONES[0], "codeNo": CODES[0]}),
        make_request(index=1, body={"idCard": PEOPLE[1], "mobile": PHONES[0], "codeNo": CODES[1]}),
        make_request(index=2, body={"mobile": PHONES[0]}),
        make_request(index=3, body={"codeNo": CODES[1]}),
    )
    first, second, nobody, second_again = (subjects.by_request[index] for index in range(4))
    assert second == second_again
    assert len({first, second, nobody}) == 3
    assert subjects.values(nobody) == {PHONES[0]}


def test_an_address_book_joins_nobody() -> None:
    book = [f"1540000{number:04}" for number in range(20, 26)]
    subjects = joined(
        make_request(index=0, body={"codeNo": CODES[0], "contacts": [{"mobile": phone} for phone in book]}),
        make_request(index=1, body={"mobile": book[3], "codeNo": CODES[1]}),
    )
    assert subjects.values(subjects.by_request[0]) == {CODES[0]}
    assert subjects.values(subjects.by_request[1]) == {book[3], CODES[1]}


def test_a_code_that_is_given_anew_each_day_stays_one_person() -> None:
    codes = [f"HZ{number:010}" for number in range(28)]
    subjects = joined(*(make_request(index=i, body={"mobile": PHONES[0], "codeNo": c}) for i, c in enumerate(codes)))
    assert set(subjects.by_request.values()) == {"s1"}


@given(st.integers(1, 30).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_components_are_those_of_scipy(graph: tuple[int, list[tuple[int, int]]]) -> None:
    count, pairs = graph
    left, right = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    _, peers = connected_components(coo_array((np.ones(len(left)), (left, right)), shape=(count, count)), False)
    names = components(left, right, count)
    assert np.array_equal(names[:, None] == names, peers[:, None] == peers)
    first = np.unique(names, return_index=True)[1]
    assert (np.diff(first) > 0).all()
    assert np.array_equal(components(right[::-1], left[::-1], count), names)


@pytest.mark.parametrize(("left", "right"), [([0, 1], [1]), ([0], [3]), ([-1], [0])])
def test_components_refuse_what_is_no_pair(left: list[int], right: list[int]) -> None:
    with pytest.raises(ValueError, match="pair"):
        components(np.array(left), np.array(right), 3)
