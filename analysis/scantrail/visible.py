"""Captured text as it may be shown: no control character, no hidden or reordering one, no flood."""

import unicodedata

_HIDDEN = frozenset(
    {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
)  # controls, formats (bidi), surrogates, private, unassigned


def visible(text: str, limit: int = 200) -> str:
    r"""Write hidden characters as `\xNN` or `\uNNNN`, and say how much was left out beyond `limit` characters."""
    shown = text[:limit]
    if not shown.isprintable():  # else there is nothing to write out, and most text is so
        shown = _written_out(shown)
    return shown if len(text) <= limit else f"{shown}… ({len(text) - limit} more characters)"


def _written_out(text: str) -> str:
    return "".join(char if unicodedata.category(char) not in _HIDDEN else _escape(char) for char in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")
