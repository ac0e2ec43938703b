"""GeoParquet (https://geoparquet.org) with geopandas: a file for each table with positions; longitude comes first."""

from pathlib import Path

from scantrail.export.features import TABLES
from scantrail.history import History
from scantrail.interop import to_geoparquet


def write(history: History, path: Path) -> None:
    """Write the tables to a folder."""
    path.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        to_geoparquet(history.tables[name], path / f"{name}.parquet", staypoints=history.staypoints)
