"""CSV (RFC 4180): a file for each table with the columns of docs/tables.md, times in UTC, lists with spaces.

Spreadsheets run what begins like a formula. Such text has an apostrophe before it, which they take for "this is text"
(https://owasp.org/www-community/attacks/CSV_Injection); numbers are left alone.
"""

import csv
import re
from pathlib import Path
from typing import Any

from scantrail.export.features import plain, records, xml_text
from scantrail.history import History

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


def write(history: History, path: Path) -> None:
    """Write all tables to a folder."""
    path.mkdir(parents=True, exist_ok=True)
    for name, table in history.tables.items():
        with (path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            sheet = csv.writer(file)
            sheet.writerow(table.columns)
            sheet.writerows([_cell(value) for value in row.values()] for row in records(table))


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return defused(value)
    return "" if value is None else plain(value)


def defused(value: str) -> str:
    """Text that no spreadsheet takes for a formula, without control characters."""
    value = xml_text(value)
    return f"'{value}" if _FORMULA.match(value) else value
