"""The other way to simulate: every scan of a large population as a table, written by kernels, without phones.

People live as they do with phones; what is left out is traffic, and what codes and colours do to them. The rows are
positionfixes as docs/tables.md has them, so that `scantrail history FOLDER` takes them.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from scansim import SimulationError
from scansim.life.columns import Records
from scansim.life.population import scans
from scansim.life.resident import Days
from scansim.scenario import DEFAULT, load_scenario
from scansim.world import Progress, World

FILE_ROWS = 5_000_000  # and as many as the people of one step have


@dataclass(frozen=True)
class TableSummary:
    """What a table came to."""

    folder: Path
    people: int
    days: int
    scans: int


def write_table(
    folder: Path,
    *,
    scenario: str = DEFAULT,
    force: bool = False,
    progress: Progress = lambda _share: None,
    **changes: object,
) -> TableSummary:
    """Write all scans of a scenario as Parquet files: `scans-000.parquet` and so on, in the order of people and time.

    Args:
        folder: made, if it is not there.
        scenario: the name of a shipped one, or a path.
        force: whether to replace the tables that are in the folder.
        progress: called with the share of people that is done.
        changes: keys of the scenario that count instead of its own.

    Raises:
        SimulationError: the scenario or the folder cannot be used.

    """
    chosen, city = load_scenario(scenario, **changes)
    world = World.of(chosen, city)
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()) and not force:
        raise SimulationError(f"{folder} is not empty: name another folder, or use --force")
    for old in folder.glob("scans-*.parquet"):
        old.unlink()
    places = pa.array([place.id for place in city.all_places])
    total, files, writer, written = 0, 0, None, 0
    for rows in scans(world.society, chosen.people):
        table = _table(rows, world.days, places)
        if writer is None:
            writer = pq.ParquetWriter(folder / f"scans-{files:03}.parquet", table.schema)
        writer.write_table(table)
        written, total = written + len(rows), total + len(rows)
        if written >= FILE_ROWS:
            writer.close()
            writer, written, files = None, 0, files + 1
        if len(rows):
            progress(int(rows["number"][-1]) / chosen.people)
    if writer:
        writer.close()
    return TableSummary(folder, chosen.people, chosen.days, total)


def _table(rows: Records, days: Days, places: pa.Array) -> pa.Table:
    """Scans as positionfixes; where a phone had no position, its place stands alone."""
    at = np.datetime64(days.start.replace(tzinfo=None), "us") + rows["at"].astype("timedelta64[s]")
    return pa.table(
        {
            "user_id": np.ascontiguousarray(rows["number"]),
            "tracked_at": pa.array(at).cast(pa.timestamp("us", "UTC")),
            "latitude": np.ascontiguousarray(rows["latitude"]),
            "longitude": np.ascontiguousarray(rows["longitude"]),
            "accuracy_m": np.ascontiguousarray(rows["accuracy_m"]),
            "place_id": pa.DictionaryArray.from_arrays(np.ascontiguousarray(rows["place"]), places),
        }
    )
