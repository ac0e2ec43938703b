"""Uniqueness: check-ins in New York (Foursquare) beside the published shares, and what a city costs.

scikit-mobility does not install plainly beside today's pandas, so its speed is the published measurement: its
`LocationTimeAttack` with two known points took 2.9 s for 16 people with 1,538 stays, and 136 s with 3,618.
"""

import time
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.shared import shared
from scantrail.mobility.reidentification import reidentify
from scantrail.mobility.unicity import unicity

SEEDS = (1, 2, 3, 4, 5)
PEER_SECONDS_A_PERSON = 2.9 / 16  # the quicker of the two
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CITY_PEOPLE, CITY_POINTS, CITY_PLACES = 2_000_000, 20, 100_000


class Row(NamedTuple):
    """How fine points are, and the published shares by number of points, in %."""

    name: str
    place_m: float | None
    every: timedelta | None
    published: dict[int, float]


ROWS = (
    Row("venue x hour", None, HOUR, {1: 97.3, 2: 99.9}),
    Row("venue x day", None, DAY, {1: 82.8, 2: 99.8, 4: 100.0}),
    Row("500 m x day", 500.0, DAY, {1: 41.7, 2: 94.1, 4: 99.8}),
    Row("2 km x day", 2_000.0, DAY, {1: 16.5, 2: 67.3, 4: 94.9}),
    Row("venue, no time", None, None, {1: 5.4, 2: 66.7, 4: 99.4}),
)


def checkins() -> pd.DataFrame:
    """Positionfixes of 1,083 people at venues."""
    rows = pd.read_parquet(shared("mobility/foursquare_nyc_checkins.parquet"))
    venues = pd.read_parquet(shared("mobility/foursquare_nyc_venues.parquet"))
    rows = rows.merge(venues, on="poi")
    return pd.DataFrame(
        {
            "user_id": rows["user"].astype("int64"),
            "tracked_at": pd.Timestamp("2012-04-03", tz="UTC") + pd.to_timedelta(rows["t_min"], unit="min"),
            "latitude": rows["lat"],
            "longitude": rows["lon"],
            "place_id": rows["poi"].astype("int64"),
        }
    )


def city() -> pd.DataFrame:
    """People of a city whose places are visited as often as Zipf has it, each at twenty times of two weeks."""
    rng = np.random.default_rng(1)
    rows = CITY_PEOPLE * CITY_POINTS
    minute = rng.integers(0, 14 * 24 * 60, rows)
    return pd.DataFrame(
        {
            "user_id": np.repeat(np.arange(CITY_PEOPLE), CITY_POINTS),
            "tracked_at": pd.DatetimeIndex((minute * 60_000_000).view("datetime64[us]"), tz="UTC"),
            "latitude": 0.0,
            "longitude": 0.0,
            "place_id": (CITY_PLACES ** rng.random(rows)).astype(np.int64),
        }
    )


def main() -> None:
    """Print the table, the speed, and who is found from a few noisy points."""
    fixes = checkins()
    unicity(fixes[:100], points=[1])  # compiles
    print(f"\nunicity, Foursquare NYC, {fixes['user_id'].nunique():,} people: mean of seeds {SEEDS}, in %")
    print(f"{'a point is':16} {'points':>6} {'Scantrail':>9}  {'one seed, 95 %':16} {'published':>9}")
    for row in ROWS:
        found = [
            unicity(fixes, points=list(row.published), place_m=row.place_m, every=row.every, seed=s) for s in SEEDS
        ]
        share = np.mean([table["share"] for table in found], axis=0) * 100
        for number, (points, published) in enumerate(row.published.items()):
            low, high = found[0].loc[number, ["low", "high"]] * 100
            interval = f"{low:.1f} to {high:.1f}"
            print(f"{row.name:16} {points:6} {share[number]:9.1f}  {interval:16} {published:9.1f}")
    _speed(fixes)
    _noisy(fixes)


def _speed(fixes: pd.DataFrame) -> None:
    few = fixes[fixes["user_id"].isin(fixes["user_id"].unique()[:16])].head(1_538)
    for name, table in (("16 people, as the peer", few), ("Foursquare", fixes), ("a city", city())):
        started = time.perf_counter()
        unicity(table, points=[2])
        seconds = time.perf_counter() - started
        people = table["user_id"].nunique()
        print(
            f"{name}: {people:,} people, {len(table):,} points in {seconds:.3g} s: {seconds / people * 1e6:,.1f} us a "
            f"person, {PEER_SECONDS_A_PERSON * people / seconds:,.0f} x scikit-mobility as published"
        )


def _noisy(fixes: pd.DataFrame) -> None:
    """Points as somebody remembers them: a square of 500 m, and of one in five the wrong hour."""
    rng = np.random.default_rng(1)
    drawn = fixes.iloc[rng.permutation(len(fixes))].groupby("user_id").head(4)
    wrong = np.where(rng.random(len(drawn)) < 0.2, 1, 0)
    drawn = drawn.assign(tracked_at=drawn["tracked_at"] + pd.to_timedelta(wrong, unit="h"))
    print("re-identified by points remembered by the hour and 500 m, one in five an hour off:")
    for points in (1, 2, 3, 4):
        seen = drawn.groupby("user_id").head(points).rename(columns={"user_id": "person"})
        found = reidentify(seen, fixes, place_m=500.0, best=1)
        right = found["user_id"] == found["person"]
        sure = found["probability"] >= 0.5
        print(
            f"  {points}: the right one first {100 * right.sum() / fixes['user_id'].nunique():.1f} % of people; "
            f"named with p >= 0.5 {100 * sure.mean():.1f} %, of these right {100 * right[sure].mean():.1f} %"
        )


if __name__ == "__main__":
    main()
