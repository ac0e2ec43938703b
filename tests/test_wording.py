"""Plain words for what a request tells: a row for each kind, each thing said once, nothing hostile gets through."""

import pytest
from builders import disclosed, form, make_request

from scantrail import disclose
from scantrail.detectors import KINDS
from scantrail.masking import Mask
from scantrail.model import Disclosure, Field, Gap, Known, KnownPosition
from scantrail.wording import NOTHING, PHRASES, UNREADABLE, length, phrase, say, sentence

REQUEST = make_request()


def told(kind: str, value: str = "", **more: object) -> Disclosure:
    field = Field("body.x", "body", "x", value, "body", "sent", REQUEST)
    return Disclosure(kind=kind, value=value, rule="", reasoning="", because=(field,), **more)  # type: ignore[arg-type]


def test_every_kind_has_words() -> None:
    assert PHRASES.keys() == KINDS.keys()


@pytest.mark.parametrize(
    ("disclosure", "words"),
    [
        (told("position"), "where you are"),
        (told("position", precision_m=10.0), "where you are, within 10 m"),
        (told("position", precision_m=5_500.0), "where you are, within 5.5 km"),
        (
            told("position", precision_m=10.0, known="home", distance_m=12.3),
            "where you are, within 10 m (12 m from home)",
        ),
        (
            told("position", precision_m=10.0, known="a", distance_m=0.2),
            "where you are, within 10 m (less than 1 m from a)",
        ),
        (told("city", "杭州市"), "your city"),
        (told("phone_number", "13800000000"), "your telephone number"),
        (told("phone_number", "13800000000", known="phone"), "your telephone number"),
        (told("known_value", "jane", known="nickname"), "nickname"),
        (told("known_value", "jane", known="a\x1b[2Jb"), r"a\x1b[2Jb"),
        (told("label", "reportTo\u202eecilop"), r"under the name “reportTo\u202eecilop”"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_disclosure_in_words(disclosure: Disclosure, words: str) -> None:
    assert phrase(disclosure) == words


@pytest.mark.parametrize(("metres", "words"), [(0.0, "1 cm"), (0.08, "8 cm"), (10.4, "10 m"), (2_500.0, "2.5 km")])
def test_lengths_as_people_say_them(metres: float, words: str) -> None:
    assert length(metres) == words


@pytest.mark.parametrize(
    ("disclosures", "words"),
    [
        ([], ""),
        (["code_number", "city", "code_number"], "your city; your code number"),
        (["region", "city", "district"], "your city; your district"),
        (["region", "adcode"], "the code of your city or district"),
    ],
)
def test_each_thing_is_said_once_and_of_areas_the_finest(disclosures: list[str], words: str) -> None:
    assert say(map(told, disclosures)) == words


def test_of_several_positions_the_most_precise_is_said() -> None:
    assert say(told("position", precision_m=metres) for metres in (50.0, 8.0, 20.0)) == "where you are, within 8 m"


def test_masked_values_are_said_in_the_same_words() -> None:
    found = disclosed(make_request(body=form(latitude="30.2500", longitude="120.1600", phone="13800138000")))
    assert say(map(Mask().disclosure, found)) == say(found) == "where you are, within 6 m; your telephone number"


def test_a_sentence_names_the_receiver_and_how_far_from_a_known_position_it_was() -> None:
    request = make_request(body=form(latitude="30.2501", longitude="120.1600", city="杭州市"))
    found = disclose(request, Known(positions=(KnownPosition("home", 30.25, 120.16),)))
    words = "to healthcode.test: where you are, within 6 m (11 m from home); your city"
    assert sentence(request, *found) == words


def test_what_came_back_is_not_what_was_told() -> None:
    request = make_request(answer={"phone": "13800138000"})
    assert disclosed(request)
    assert sentence(request, *disclose(request)) == f"to healthcode.test: {NOTHING}"


@pytest.mark.parametrize("size", [4_000, 40])
def test_unreadable_bytes_are_said_if_they_could_hide_something(size: int) -> None:
    gap = Gap(what="opaque", why="", side="sent", source="body", path="body", size=size, because=REQUEST)
    assert (UNREADABLE in sentence(REQUEST, [], [gap])) == (size > 64)


def test_what_did_not_leave_told_nobody() -> None:
    request = make_request(body=form(city="杭州市"), unsent="refused")
    assert sentence(request, *disclose(request)) == "to healthcode.test: did not leave (refused)"


def test_a_hostile_receiver_is_shown_and_not_obeyed() -> None:
    request = make_request(url="", unread="pinned", sni="a\x1b]0;\u202e" + "x" * 500)
    words = sentence(request, *disclose(request))
    assert words.startswith(r"to a\x1b]0;\u202exxx")
    assert words.endswith(f"more characters): {UNREADABLE} (pinned)")
    assert len(words) < 200
