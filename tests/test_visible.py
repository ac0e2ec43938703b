"""Captured text that is shown can neither hide, reorder nor flood."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scantrail.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 杭州 ü", "plain 杭州 ü"),
        ("a\x00b\x1b[31m", "a\\x00b\\x1b[31m"),
        ("abc\u202egpj", "abc\\u202egpj"),
        ("line\nbreak", "line\\nbreak"),
        ("\ud800", "\\ud800"),
        ("x" * 12, "xxxxxxxxxx… (2 more characters)"),
    ],
)
def test_hidden_characters_are_written_out(text: str, shown: str) -> None:
    assert visible(text, 10 if text.startswith("xx") else 200) == shown


@given(st.text())
def test_nothing_hidden_is_left(text: str) -> None:
    assert not {unicodedata.category(char) for char in visible(text)} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
