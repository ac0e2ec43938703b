"""What was found, in the formats of other programs: one row of `FORMATS` and one small module for each family.

The contract of the family: a module has `write(history, path)`, and makes the file, or the folder with its files, that
its row says. Times are aware; positions are WGS-84 degrees, in the order that the format wants. Text comes from
captures and is hostile: what writes the file escapes it, and what the format cannot hold is replaced. A package that a
module needs beyond the core is imported when it writes. `har` writes requests, not a history.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from scantrail.history import History

HAR = "har"


class Format(NamedTuple):
    """One format: its name, whether it is one file or a folder of them, the module that writes it, and what it is."""

    name: str
    shape: Literal["file", "folder"]
    module: str
    meaning: str


FORMATS: dict[str, Format] = {
    row.name: row
    for row in (
        Format("geojson", "file", "geojson", "GeoJSON (RFC 7946): a feature for each row of the tables"),
        Format("geoparquet", "folder", "geoparquet", "GeoParquet: a file for each table with positions"),
        Format("gpx", "file", "gpx", "GPX 1.1: a track for each subject; locations and anchors as waypoints"),
        Format("kml", "file", "kml", "KML 2.2: a folder for each subject, with a gx:Track and times"),
        Format("csv", "folder", "sheets", "CSV: a file for each table"),
        Format(HAR, "file", HAR, "HAR 1.2: the requests themselves"),
        Format("trackintel", "folder", "trackintel", "CSV as trackintel reads it"),
        Format("timeline", "folder", "timeline", "JSON like the Timeline that phones export: a file for each subject"),
    )
}


def write(history: "History", name: str, path: Path) -> None:
    """Write a history.

    Args:
        history: what to write.
        name: of a row of `FORMATS` that is not `HAR`.
        path: the file, or the folder.

    Raises:
        OSError: it cannot be written.
        ModuleNotFoundError: an extra is not installed.

    """
    import_module(f"{__name__}.{FORMATS[name].module}").write(history, path)
