"""Triplegs, trips and tours of real movement (Geolife): the very rows of trackintel, and how much faster.

Both go from positionfixes to trips, by stays of 200 m and 30 min with gaps up to 24 h, and then to tours. trackintel is
asked about some people; Scantrail about the same people, and about all.
"""

import time
import tracemalloc
import warnings
from datetime import timedelta
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from benchmarks.shared import shared
from benchmarks.staypoints import read, seconds
from scantrail.interop import to_trackintel
from scantrail.mobility import locations, staypoints
from scantrail.mobility.tours import tours
from scantrail.mobility.triplegs import triplegs
from scantrail.mobility.trips import trips

PEOPLE = (16, 40, 44, 54, 92, 180)  # of 91; 330,000 points
TURNS = 3
DISTANCE_M, DURATION, GAP = 200.0, timedelta(minutes=30), timedelta(hours=24)
LOST, ACTIVITY = timedelta(minutes=15), timedelta(minutes=15)
TIMES = ("user_id", "started_at", "finished_at")
ENDS = ("origin_staypoint_id", "destination_staypoint_id")


class Found(NamedTuple):
    """The tables, and how long it took to the trips, and from there to the tours."""

    staypoints: Any
    triplegs: Any
    trips: Any
    tours: Any
    trips_s: float
    tours_s: float


def ours(fixes: pd.DataFrame, *, duration: timedelta = DURATION) -> Found:
    """Scantrail, from one table to the other."""
    started = time.perf_counter()
    stays = staypoints(fixes, distance_m=DISTANCE_M, duration=duration, gap=GAP)
    legs = triplegs(fixes, stays, gap=LOST)
    ways = trips(stays, legs, gap=LOST, activity=ACTIVITY)
    trips_s = time.perf_counter() - started
    stays, _ = locations(stays, tz="Asia/Shanghai")
    started = time.perf_counter()
    return Found(stays, legs, ways, tours(ways, stays), trips_s, time.perf_counter() - started)


def theirs(fixes: pd.DataFrame, location_id: np.ndarray, *, duration: timedelta = DURATION) -> Found:
    """Trackintel, its time without the making of points, and with our locations: those of its own swap the axes."""
    minute = timedelta(minutes=1)
    points = to_trackintel(fixes)
    with warnings.catch_warnings(action="ignore"):  # of what it calls
        started = time.perf_counter()
        points, stays = points.generate_staypoints(
            dist_threshold=DISTANCE_M, time_threshold=duration / minute, gap_threshold=GAP / minute
        )
        _, legs = points.generate_triplegs(gap_threshold=LOST / minute)
        stays = stays.create_activity_flag(time_threshold=ACTIVITY / minute)
        stays, legs, ways = legs.generate_trips(stays, gap_threshold=LOST / minute)
        trips_s = time.perf_counter() - started
        stays["location_id"] = location_id
        started = time.perf_counter()
        alone = [ways[ways["user_id"] == user] for user in ways["user_id"].unique()]  # one without spoils all types
        circles = [way.generate_tours(staypoints=stays)[1] for way in alone]
        tours_s = time.perf_counter() - started
    return Found(stays, legs, ways, pd.concat([circle for circle in circles if len(circle)]), trips_s, tours_s)


def same(one: Found, other: Found) -> bool:
    """Whether all triplegs, trips and tours are."""
    return (
        _same(one.triplegs, other.triplegs, *TIMES)
        and _same(one.trips, other.trips, *TIMES, *ENDS)
        and _same(one.tours, other.tours, *TIMES, *ENDS, "location_id")
        and one.tours["trips"].tolist() == other.tours["trips"].tolist()
    )


def _same(one: pd.DataFrame, other: pd.DataFrame, *names: str) -> bool:
    return np.array_equal(one[[*names]].to_numpy(), other[[*names]].fillna(-1).to_numpy())


def main() -> None:
    """Print points per second from positionfixes to trips, and trips per second to tours, beside trackintel's."""
    everybody = read(shared("mobility/geolife_dev.parquet"))
    some = everybody[everybody["user_id"].isin(PEOPLE)].reset_index(drop=True)
    compiled_s = seconds(lambda: ours(some), 1)
    mine, peers = [], []
    for _ in range(TURNS):  # in turn, so that what else the machine does slows both
        mine.append(ours(some))
        peers.append(theirs(some, mine[-1].staypoints["location_id"].to_numpy()))
    print(f"\nfrom positionfixes to trips: {len(some):,} points of {len(PEOPLE)} people")
    kinds = ", ".join(f"{len(table):,} {name}" for name, table in zip(Found._fields, mine[0][:4], strict=False))
    print(f"the same {kinds} as trackintel: {'yes' if same(mine[0], peers[0]) else 'NO'}")
    print(f"compiling, or loading what was compiled, at the first call: {compiled_s:.1f} s")
    points_rate, tours_rate = _rates(peers, len(some))
    print(f"{'trackintel':34} {points_rate / 1e6:9.3f} M points/s; to tours {tours_rate:12,.0f} trips/s")
    whole = [ours(everybody) for _ in range(TURNS)]
    for what, found, points in (
        ("Scantrail", mine, len(some)),
        (f"the same, all {len(everybody):,} points", whole, len(everybody)),
    ):
        to_trips, to_tours = _rates(found, points)
        print(
            f"{what:34} {to_trips / 1e6:9.3f} M points/s, {to_trips / points_rate:6,.0f} × trackintel;"
            f" to tours {to_tours:12,.0f} trips/s, {to_tours / tours_rate:6,.0f} ×"
        )
    print(f"memory for triplegs: {memory(everybody)}")


def _rates(found: list[Found], points: int) -> tuple[float, float]:
    """Points per second to trips, and trips per second to tours: medians."""
    trips_s, tours_s = median(turn.trips_s for turn in found), median(turn.tours_s for turn in found)
    return points / trips_s, len(found[0].trips) / tours_s


def memory(fixes: pd.DataFrame) -> str:
    """What finding the triplegs takes at most, beside the columns that it is given."""
    columns = fixes.memory_usage(index=False).sum()
    stays = staypoints(fixes, distance_m=DISTANCE_M, duration=DURATION, gap=GAP)
    tracemalloc.start()
    triplegs(fixes, stays)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return f"{peak / columns:.2f} × the {columns / 1e6:,.0f} MB of the columns, beside them"


if __name__ == "__main__":
    main()
