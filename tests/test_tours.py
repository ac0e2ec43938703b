"""Triplegs lie between staypoints, trips between activities, and tours come back: on real movement, as trackintel says.

The trips without triplegs are in `test_trips.py`.
"""

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from benchmarks.staypoints import read
from benchmarks.trips import ours, same, theirs
from hypothesis import given, settings
from hypothesis import strategies as st
from mobility_builders import (
    HOME,
    MALL,
    MONDAY,
    WORK,
    Fix,
    Position,
    make_fixes,
    make_staypoints,
    metres,
    moved,
    rows,
    shuffled,
    together,
    when,
)
from shared_data import shared

from scantrail import geo
from scantrail.mobility import locations, staypoints
from scantrail.mobility.tours import tours
from scantrail.mobility.triplegs import triplegs
from scantrail.mobility.trips import trips
from scantrail.schema import TOURS, TRIPLEGS, TRIPS, SchemaError

TIMES = ["user_id", "started_at", "finished_at"]
DAY, GAP = timedelta(days=1), timedelta(minutes=15)


def stays_of(fixes: pd.DataFrame, minutes: int) -> pd.DataFrame:
    found = staypoints(fixes, distance_m=200, duration=timedelta(minutes=minutes), gap=DAY)
    return locations(found, tz="Asia/Shanghai")[0]


def test_they_are_the_very_rows_of_trackintel() -> None:
    """With stays of five minutes on: some are activities, some are waits."""
    everybody = read(shared("mobility/geolife_dev.parquet"))
    fixes = everybody[everybody["user_id"].isin([54, 110, 134, 158, 170])].reset_index(drop=True)
    mine = ours(fixes, duration=timedelta(minutes=5))
    peer = theirs(fixes, mine.staypoints["location_id"].to_numpy(), duration=timedelta(minutes=5))
    assert len(mine.tours) > 5
    assert same(mine, peer)

    ends = peer.triplegs.geometry.get_coordinates()
    assert mine.triplegs["fixes"].tolist() == peer.triplegs.geometry.count_coordinates().tolist()
    assert np.array_equal(mine.triplegs["origin_longitude"], ends.groupby(level=0)["x"].first())
    assert np.array_equal(mine.triplegs["destination_latitude"], ends.groupby(level=0)["y"].last())
    steps = ends.assign(to_x=ends["x"].groupby(level=0).shift(-1), to_y=ends["y"].groupby(level=0).shift(-1))
    steps_m = pd.Series(geo.distance_m(steps["y"], steps["x"], steps["to_y"], steps["to_x"]), steps.index)
    np.testing.assert_allclose(mine.triplegs["length_m"], steps_m.groupby(level=0).sum(), rtol=1e-6, atol=1e-3)
    there, back = (peer.trips.geometry.get_coordinates().to_numpy()[row::2] for row in (0, 1))
    apart = [metres((a[1], a[0]), (b[1], b[0])) for a, b in zip(there, back, strict=True)]
    np.testing.assert_allclose(mine.trips["distance_m"], apart, atol=0.01)


# Triplegs


def legs_of(*fixes: Fix, gap: timedelta = GAP) -> list[Any]:
    table = make_fixes(fixes)
    return rows(triplegs(table, stays_of(table, 30), gap=gap))


ON = [moved(HOME, north_m=1_000 * step) for step in range(1, 5)]


def test_a_tripleg_is_between_staypoints_and_has_its_length() -> None:
    way: list[Fix] = [("08:40", ON[0]), ("08:45", ON[1]), ("08:50", ON[3])]
    (leg,) = legs_of(("08:00", HOME), ("08:30", HOME), *way, ("08:55", WORK), ("09:30", WORK), ("09:40", HOME))
    assert (leg.started_at, leg.finished_at, leg.fixes) == (when("08:40"), when("08:50"), 3)
    assert (leg.origin_latitude, leg.destination_latitude) == (ON[0][0], ON[3][0])
    assert leg.length_m == pytest.approx(3_000, abs=1)


@pytest.mark.parametrize(
    ("fixes", "count"),
    [
        ([], 0),
        ([("08:00", HOME)], 0),
        ([("08:00", HOME), ("08:05", HOME)], 0),
        ([("08:00", HOME), ("08:05", WORK)], 1),
        ([("08:00", HOME), ("08:16", WORK)], 0),
        ([("08:00", HOME), ("08:05", WORK), ("08:30", HOME), ("08:35", WORK)], 2),
        ([("08:00", HOME), ("08:05", (float("nan"), float("nan"))), ("08:10", WORK)], 1),
    ],
    ids=["none", "one", "without moving", "two", "across a gap", "two with a gap between", "a fix without a position"],
)
def test_it_takes_two_positions_and_no_gap(fixes: list[Fix], count: int) -> None:
    table = make_fixes(fixes).assign(place_id="gate")
    assert len(triplegs(table, stays_of(make_fixes([]), 30))) == count


def test_staypoints_of_other_fixes_are_refused() -> None:
    fixes = make_fixes([("08:00", HOME), ("08:05", WORK)])
    for stays in (make_staypoints([("08:00", "08:05", HOME)], user_id="s2"), make_staypoints([("7:00", "8:00", HOME)])):
        with pytest.raises(SchemaError, match="row 0 is not made from these positionfixes"):
            triplegs(fixes, stays)
    with pytest.raises(SchemaError, match="no column fixes"):
        triplegs(fixes, make_staypoints([]).drop(columns="fixes"))


minutes = st.integers(0, 12 * 60).map(lambda m: MONDAY + timedelta(minutes=m))
places = st.sampled_from(
    [HOME, moved(HOME, north_m=150), WORK, MALL, (-17.0, 179.9999), (-17.0, -179.999), (90.0, 0.0)]
)
trails = st.lists(st.tuples(minutes, places), max_size=40)


@settings(max_examples=30)
@given(trails, trails, st.integers(0, 99))
def test_the_order_of_rows_is_no_input_and_nothing_overlaps(trail: list[Fix], other: list[Fix], seed: int) -> None:
    fixes = together(make_fixes(trail), make_fixes(other, user_id="s2", first_request=len(trail)))
    stays = stays_of(fixes, 20)
    legs = triplegs(fixes, stays)
    pd.testing.assert_frame_equal(triplegs(shuffled(fixes, seed), shuffled(stays, seed)), legs)
    ways = trips(stays, legs)
    pd.testing.assert_frame_equal(trips(stays, shuffled(legs, seed)), ways)
    circles = tours(ways, stays)
    mixed = tours(shuffled(ways, seed), stays)
    pd.testing.assert_frame_equal(mixed.drop(columns="trips"), circles.drop(columns="trips"))
    assert (circles["finished_at"] - circles["started_at"] <= DAY).all()
    for table in (together(stays[TIMES], legs[TIMES]), ways):
        for _, mine in table.sort_values(TIMES).groupby("user_id"):
            times = mine[["started_at", "finished_at"]].to_numpy().ravel().tolist()
            assert times == sorted(times)
    assert legs["fixes"].sum() + stays["fixes"].sum() <= len(fixes)


@settings(max_examples=30)
@given(trails, trails)
def test_scans_are_all_in_staypoints(trail: list[Fix], other: list[Fix]) -> None:
    """Also those at one moment and at two places, and those that end and begin staypoints at one moment."""
    fixes = together(make_fixes(trail), make_fixes(other, user_id="s2", first_request=len(trail)))
    pd.testing.assert_frame_equal(triplegs(fixes, staypoints(fixes)), TRIPLEGS.frame())


# Trips along triplegs

type Row = tuple[str, str, Position]


def legs_from(*legs: Row) -> pd.DataFrame:
    """Triplegs that stay within a metre of one position."""
    table = make_staypoints(legs)
    ends = {f"{end}_{name}": table[name] for end in ("origin", "destination") for name in ("latitude", "longitude")}
    return TRIPLEGS.frame({**table[[*TIMES, "fixes"]], **ends, "length_m": np.zeros(len(table))})


def ways_of(stays: list[Row], legs: list[Row]) -> list[tuple[Any, Any, int, int]]:
    found = rows(trips(make_staypoints(stays), legs_from(*legs)))
    return [(way.started_at, way.finished_at, way.origin_staypoint_id, way.destination_staypoint_id) for way in found]


AT_HOME, AT_WORK = ("07:00", "08:00", HOME), ("09:00", "12:00", WORK)
TRIP_CASES: dict[str, tuple[list[Row], list[Row], list[tuple[str, str, int, int]]]] = {
    "from one activity to the next": (
        [AT_HOME, AT_WORK],
        [("08:00", "08:20", MALL), ("08:21", "08:59", MALL)],
        [("08:00", "08:59", 0, 1)],
    ),
    "a wait belongs to the trip": (
        [AT_HOME, ("08:30", "08:40", MALL), AT_WORK],
        [("08:00", "08:29", MALL), ("08:40", "08:58", MALL)],
        [("08:00", "08:58", 0, 2)],
    ),
    "a wait alone is no trip": ([AT_HOME, ("08:10", "08:20", MALL), AT_WORK], [], []),
    "a gap ends a trip, and its destination is unknown": (
        [AT_HOME, AT_WORK],
        [("08:00", "08:20", MALL), ("08:50", "08:59", MALL)],
        [("08:00", "08:20", 0, -1), ("08:50", "08:59", -1, 1)],
    ),
    "before the first activity and after the last": (
        [AT_WORK],
        [("08:50", "08:59", MALL), ("12:00", "12:30", MALL)],
        [("08:50", "08:59", -1, 0), ("12:00", "12:30", 0, -1)],
    ),
    "nothing but a way": ([], [("08:00", "08:20", MALL)], [("08:00", "08:20", -1, -1)]),
    "nothing": ([], [], []),
}


@pytest.mark.parametrize(("stays", "legs", "expected"), TRIP_CASES.values(), ids=TRIP_CASES)
def test_trips(stays: list[Row], legs: list[Row], expected: list[tuple[str, str, int, int]]) -> None:
    assert ways_of(stays, legs) == [(when(a), when(b), *ends) for a, b, *ends in expected]


def test_the_end_of_the_way_stands_for_an_unknown_staypoint() -> None:
    (way,) = rows(trips(make_staypoints([AT_HOME]), legs_from(("08:00", "08:20", MALL))))
    assert way.distance_m == pytest.approx(metres(HOME, MALL))


# Tours


def tours_of(*visited: int, longest: timedelta = DAY) -> list[list[int]]:
    """Which trips make tours, of stays of an hour at such locations, an hour after each other; -1 is no location."""
    starts = [MONDAY + timedelta(hours=2 * hour) for hour in range(len(visited))]
    stays = make_staypoints([(start, start + timedelta(hours=1), HOME) for start in starts])  # type: ignore[misc]
    stays["location_id"] = list(visited)
    return tours(trips(stays), stays, longest=longest)["trips"].tolist()


@pytest.mark.parametrize(
    ("visited", "expected"),
    [
        ((), []),
        ((0,), []),
        ((0, 1), []),
        ((0, 1, 0), [[0, 1]]),
        ((0, 1, 2, 1, 0), [[1, 2], [0, 1, 2, 3]]),
        ((0, 1, 0, 1), [[0, 1], [1, 2]]),
        ((-1, 1, -1), []),
        ((1, -1, 1), [[0, 1]]),
    ],
)
def test_tours(visited: tuple[int, ...], expected: list[list[int]]) -> None:
    assert tours_of(*visited) == expected


def test_a_tour_takes_no_longer_than_allowed() -> None:
    assert tours_of(0, 1, 2, 0, longest=timedelta(hours=5)) == [[0, 1, 2]]
    assert tours_of(0, 1, 2, 0, longest=timedelta(hours=4, minutes=59)) == []


def test_trips_that_do_not_follow_each_other_make_no_tour() -> None:
    stays = make_staypoints([("07:00", "07:10", HOME), ("08:00", "08:10", WORK), ("09:00", "09:10", HOME)])
    ways = TRIPS.frame(trips(stays.assign(location_id=[0, 1, 0])).assign(destination_staypoint_id=[-1, 2]))
    pd.testing.assert_frame_equal(tours(ways, stays.assign(location_id=[0, 1, 0])), TOURS.frame())


def test_trips_to_unknown_rows_are_refused() -> None:
    stays = make_staypoints([("07:00", "07:10", HOME), ("08:00", "08:10", WORK)])
    with pytest.raises(SchemaError, match="table trips: staypoint 1 is no row of the staypoints"):
        tours(trips(stays), stays.iloc[:1])
