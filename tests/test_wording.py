"""What a request tells, in plain words."""

import pytest
from builders import disclosed, make_request

from scantrail.detectors import KINDS
from scantrail.wording import PHRASES, length, say

CASES = [
    ({"latitude": 30.2741, "longitude": 120.1551, "accuracy": 10}, "where you are, within 10 m"),
    ({"latitude": 30.274123, "longitude": 120.155123}, "where you are, within 6 cm"),
    ({"city": "杭州市", "codeNo": "HZ20200217000001"}, "your city; your code number"),
    ({"province": "浙江省", "district": "西湖区", "city": "杭州市"}, "your city; your district"),
    ({"province": "浙江省"}, "your province"),
    ({"nothing": "to see"}, ""),
]


def test_every_kind_has_its_words() -> None:
    assert PHRASES.keys() == KINDS.keys()
    assert len(set(PHRASES.values())) == len(PHRASES)


@pytest.mark.parametrize(("body", "words"), CASES)
def test_each_thing_is_said_once_and_as_finely_as_it_was_told(body: object, words: str) -> None:
    assert say(disclosed(make_request(body=body))) == words


def test_a_label_is_quoted_and_its_hidden_characters_are_written_out() -> None:
    told = say(disclosed(make_request(body={"operation": "com.test.reportToPolice\u202e"})))
    assert told == "under the name “com.test.reportToPolice\\u202e”"


@pytest.mark.parametrize(
    ("metres", "words"), [(0.001, "1 cm"), (0.056, "6 cm"), (12.4, "12 m"), (999.0, "999 m"), (2_540.0, "2.54 km")]
)
def test_lengths_are_said_as_people_say_them(metres: float, words: str) -> None:
    assert length(metres) == words
