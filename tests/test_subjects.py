"""Identifiers that come together are one subject; so is what hangs together through others, and nothing else."""

from builders import disclosed, make_request
from hypothesis import given
from hypothesis import strategies as st

from scantrail.model import Request
from scantrail.subjects import Subjects, join

PHONES = ["15400000001", "15400000002", "15400000003", "15400000004"]
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
