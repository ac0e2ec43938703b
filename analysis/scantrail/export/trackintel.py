"""CSV as trackintel's readers want it: WKT for the points of staypoints and locations, `id` as the index.

Text is defused as in `sheets`, since spreadsheets open these files as well. trackintel has no table without rows: of an
empty one the file has the header alone.
"""

from pathlib import Path

import pandas as pd
from pandas.api.types import is_string_dtype

from scantrail.export.sheets import defused
from scantrail.history import History
from scantrail.interop import to_trackintel

_TABLES = ("positionfixes", "staypoints", "locations", "trips")
_TIME = "%Y-%m-%dT%H:%M:%S.%f%z"  # all alike, else pandas guesses by the first


def write(history: History, path: Path) -> None:
    """Write the tables that trackintel has to a folder."""
    path.mkdir(parents=True, exist_ok=True)
    for name in _TABLES:
        table, file = _defused(history.tables[name]), path / f"{name}.csv"
        if table.empty:
            table.rename_axis("id").to_csv(file)
        else:
            theirs = to_trackintel(table)
            if name == "staypoints":
                theirs = theirs.rename_geometry("geom")  # where its reader looks
            theirs.to_csv(file, date_format=_TIME)


def _defused(table: pd.DataFrame) -> pd.DataFrame:
    texts = [name for name in table.columns if is_string_dtype(table[name].dtype) and name != "requests"]
    return table.assign(**{name: table[name].map(defused, na_action="ignore") for name in texts})
