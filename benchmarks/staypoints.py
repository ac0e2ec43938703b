"""Staypoints of real movement (Geolife): the very rows of trackintel, and how much faster.

Both find the stays of 200 m, 30 min and gaps up to 24 h. trackintel is asked about some people, since it takes minutes
for all of them; Scantrail about the same people, and about all.
"""

import time
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from benchmarks.shared import shared
from scantrail.mobility import staypoints
from scantrail.mobility.runs import centroids, runs

PEOPLE = 12  # of 91; trackintel takes some ten seconds for them
TURNS = 5
DISTANCE_M, DURATION, GAP = 200.0, timedelta(minutes=30), timedelta(hours=24)


def read(path: Path) -> pd.DataFrame:
    """Positionfixes in the order of person and time, one for each second."""
    rows = pd.read_parquet(path).drop_duplicates(["user", "t"]).sort_values(["user", "t"], ignore_index=True)
    return pd.DataFrame(
        {
            "user_id": rows["user"].astype("int64"),
            "tracked_at": pd.to_datetime(rows["t"], unit="s", utc=True).astype("datetime64[us, UTC]"),
            "latitude": rows["lat_e6"] / 1e6,
            "longitude": rows["lon_e6"] / 1e6,
        }
    )


def ours(fixes: pd.DataFrame, *, include_last: bool = False) -> pd.DataFrame:
    """Scantrail, from one table to the other."""
    return staypoints(fixes, distance_m=DISTANCE_M, duration=DURATION, gap=GAP, include_last=include_last)


def theirs(fixes: pd.DataFrame, *, include_last: bool = False) -> pd.DataFrame:
    """The same by trackintel, its time without the making of points: `seconds` in the table's attributes."""
    import geopandas
    import trackintel

    points = geopandas.points_from_xy(fixes["longitude"], fixes["latitude"], crs="EPSG:4326")
    table = geopandas.GeoDataFrame(fixes[["user_id", "tracked_at"]], geometry=points)
    positionfixes = trackintel.Positionfixes(table)
    started = time.perf_counter()
    _, stays = positionfixes.generate_staypoints(
        method="sliding",
        dist_threshold=DISTANCE_M,
        time_threshold=DURATION.total_seconds() / 60,
        gap_threshold=GAP.total_seconds() / 60,
        include_last=include_last,
    )
    seconds = time.perf_counter() - started
    found = pd.DataFrame(stays[["user_id", "started_at", "finished_at"]])
    found["latitude"], found["longitude"] = stays.geometry.y, stays.geometry.x
    found.attrs["seconds"] = seconds
    return found


def same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two tables have the same stays: the very times, and positions to a tenth of a millimetre."""
    names = ["user_id", "started_at", "finished_at"]
    if len(one) != len(other) or not (one[names].to_numpy() == other[names].to_numpy()).all():
        return False
    places = ["latitude", "longitude"]
    return bool(np.abs(one[places].to_numpy() - other[places].to_numpy()).max(initial=0.0) < 1e-9)


def main() -> None:
    """Print points per second, from arrays, tables and Parquet, beside trackintel's."""
    path = shared("mobility/geolife_dev.parquet")
    everybody = read(path)
    some = everybody[everybody["user_id"].isin(everybody["user_id"].unique()[:PEOPLE])].reset_index(drop=True)
    compiled_s = seconds(lambda: ours(some), 1)
    peer = theirs(some)
    found = ours(some)
    print(f"\nstaypoints, {DISTANCE_M:.0f} m, {DURATION}, gaps up to {GAP}: {len(some):,} points of {PEOPLE} people")
    print(f"the same {len(found):,} rows as trackintel: {'yes' if same(found, peer) else 'NO'}")
    print(f"compiling, or loading what was compiled, at the first call: {compiled_s:.1f} s")
    rate = len(some) / peer.attrs["seconds"]
    print(f"{'trackintel':34} {rate / 1e6:9.3f} M points/s")
    for what, fixes, find in (
        ("Scantrail, from sorted arrays", some, kernel(some)),
        ("Scantrail, from a table", some, lambda: ours(some)),
        (f"the same, all {len(everybody):,} points", everybody, kernel(everybody)),
        ("from a table, all", everybody, lambda: ours(everybody)),
        ("from Parquet, all", everybody, lambda: ours(read_as_it_is(path))),
    ):
        points = len(fixes) / seconds(find, TURNS)
        print(f"{what:34} {points / 1e6:9.3f} M points/s, {points / rate:8,.0f} × trackintel")
    print(f"memory: {memory(everybody)}")


def kernel(fixes: pd.DataFrame) -> Callable[[], object]:
    """The same work without tables: runs, which of them last, and their centroids."""
    user, latitude, longitude = (fixes[name].to_numpy() for name in ("user_id", "latitude", "longitude"))
    time_us, no_place = pd.DatetimeIndex(fixes["tracked_at"]).asi8, np.empty(0, np.int64)
    gap_us, duration_us = (int(span.total_seconds() * 1e6) for span in (GAP, DURATION))

    def find() -> object:
        found = runs(user, time_us, latitude, longitude, no_place, distance_m=DISTANCE_M, gap_us=gap_us)
        until = np.minimum(found.end, len(user) - 1)
        stays = found.left & (time_us[until] - time_us[found.first] >= duration_us)
        return centroids(found.first[stays], found.end[stays], latitude, longitude)

    return find


def read_as_it_is(path: Path) -> pd.DataFrame:
    """The file's own columns turned into ours; it is in order but for some seconds said twice."""
    rows = pq.read_table(path, columns=["user", "t", "lat_e6", "lon_e6"])
    user, t, lat, lon = (column.to_numpy() for column in rows.columns)
    tracked_at = pd.DatetimeIndex((t.astype(np.int64) * 1_000_000).view("datetime64[us]"), tz="UTC")
    return pd.DataFrame(
        {"user_id": user, "tracked_at": tracked_at, "latitude": lat * 1e-6, "longitude": lon * 1e-6}, copy=False
    )


def seconds(what: Callable[[], object], turns: int) -> float:
    """Median time of some turns."""
    taken = []
    for _ in range(turns):
        started = time.perf_counter()
        what()
        taken.append(time.perf_counter() - started)
    return median(taken)


def memory(fixes: pd.DataFrame) -> str:
    """What finding the stays takes at most, beside the columns that it is given."""
    columns = fixes.memory_usage(index=False).sum()
    tracemalloc.start()
    ours(fixes)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return f"{peak / columns:.2f} × the {columns / 1e6:,.0f} MB of the columns, beside them"


if __name__ == "__main__":
    main()
