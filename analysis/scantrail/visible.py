"""Captured text as it may be shown: no control character, no hidden or reordering one, no flood."""

import unicodedata

_HIDDEN = frozenset(
    {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
)  # controls, formats (bidi), surrogates, private, unassigned


def visible(text: str, limit: int = 200) -> str:
    r"""Write hidden characters as `\xNN` or `\uNNNN`, and say how much was left out beyond `limit` characters."""
    shown = "".join(char if unicodedata.category(char) not in _HIDDEN else _escape(char) for char in text[:limit])
    return shown if len(text) <= limit else f"{shown}… ({len(text) - limit} more characters)"


def _escape(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")
