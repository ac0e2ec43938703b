"""How objects show themselves in a notebook (`_repr_html_`): small tables, with all text escaped: captures wrote it."""

from collections.abc import Iterable, Sequence
from html import escape

from scantrail.visible import visible

_ROWS = 20
_SHOWN = 300  # characters of a cell
CELL_STYLE = "padding: 0 1em 0.2em 0; text-align: left; vertical-align: top"  # some notebooks leave cells no room


def page(title: str, *parts: str) -> str:
    """A title with parts of HTML below it."""
    return f"<div><strong>{text(title)}</strong>{''.join(parts)}</div>"


def text(value: object) -> str:
    """Any value as HTML: nothing in it is markup, and nothing in it hides."""
    return escape(visible(str(value), _SHOWN))


def paragraph(value: object) -> str:
    """A line of its own."""
    return f"<p>{text(value)}</p>"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table of the first rows, which says how many it leaves out."""
    all_rows = [list(row) for row in rows]
    head = _row("th", columns)
    body = "".join(_row("td", row) for row in all_rows[:_ROWS])
    more = len(all_rows) - _ROWS
    rest = paragraph(f"… and {more} more") if more > 0 else ""
    return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>{rest}"


def _row(tag: str, cells: Iterable[object]) -> str:
    return f"<tr>{''.join(f'<{tag} style="{CELL_STYLE}">{text(cell)}</{tag}>' for cell in cells)}</tr>"


def indices(requests: Sequence[int]) -> str:
    """The first of many requests."""
    listed = ", ".join(f"#{index}" for index in requests[:6])
    return f"{listed} and {len(requests) - 6} more" if len(requests) > 6 else listed
