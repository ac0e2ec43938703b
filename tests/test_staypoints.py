"""Runs of scans near their first one become staypoints, at any duration; nothing of the fixes is lost."""

import math
from datetime import datetime, timedelta

import pandas as pd
import pytest
from benchmarks.staypoints import ours, read, same, theirs
from hypothesis import given, settings
from hypothesis import strategies as st
from mobility_builders import (
    HOME,
    MONDAY,
    WORK,
    Fix,
    Position,
    make_fixes,
    metres,
    moved,
    rows,
    shuffled,
    together,
    when,
)
from shared_data import shared

from scantrail.mobility import staypoints
from scantrail.schema import STAYPOINTS, SchemaError


def runs(table: pd.DataFrame) -> list[tuple[datetime, datetime, list[int]]]:
    return [(row.started_at, row.finished_at, row.requests) for row in rows(table)]


CASES: dict[str, tuple[list[Fix], list[tuple[str, str, list[int]]]]] = {
    "one scan is a stay of no duration": ([("08:00", HOME)], [("08:00", "08:00", [0])]),
    "it ends at the last fix inside, not at the first outside": (
        [("08:00", HOME), ("08:20", HOME), ("09:00", WORK)],
        [("08:00", "08:20", [0, 1]), ("09:00", "09:00", [2])],
    ),
    "near is near the first fix, not near the last": (
        [("08:00", HOME), ("08:10", moved(HOME, north_m=150)), ("08:20", moved(HOME, north_m=300))],
        [("08:00", "08:10", [0, 1]), ("08:20", "08:20", [2])],
    ),
    "199 m is here": ([("08:00", HOME), ("08:10", moved(HOME, east_m=199))], [("08:00", "08:10", [0, 1])]),
    "201 m is elsewhere": (
        [("08:00", HOME), ("08:10", moved(HOME, east_m=201))],
        [("08:00", "08:00", [0]), ("08:10", "08:10", [1])],
    ),
    "who comes back begins anew": (
        [("08:00", HOME), ("09:00", WORK), ("10:00", HOME)],
        [("08:00", "08:00", [0]), ("09:00", "09:00", [1]), ("10:00", "10:00", [2])],
    ),
    "a night without a scan is still one stay": (
        [("20:00", HOME), ("Tue 07:59", HOME)],
        [("20:00", "Tue 07:59", [0, 1])],
    ),
    "a longer gap begins anew": (
        [("20:00", HOME), ("Tue 08:01", HOME)],
        [("20:00", "20:00", [0]), ("Tue 08:01", "Tue 08:01", [1])],
    ),
    "two fixes at one time": ([("08:00", HOME), ("08:00", HOME)], [("08:00", "08:00", [0, 1])]),
}


@pytest.mark.parametrize(("fixes", "expected"), CASES.values(), ids=CASES)
def test_runs(fixes: list[Fix], expected: list[tuple[str, str, list[int]]]) -> None:
    assert runs(staypoints(make_fixes(fixes))) == [(when(a), when(b), requests) for a, b, requests in expected]


def test_distance_and_gap_are_parameters() -> None:
    fixes = make_fixes([("08:00", HOME), ("09:00", moved(HOME, north_m=500))])
    assert len(staypoints(fixes)) == 2
    assert len(staypoints(fixes, distance_m=600)) == 1
    assert len(staypoints(fixes, distance_m=600, gap=timedelta(minutes=59))) == 2


def test_the_position_is_the_mean_of_the_distinct_ones() -> None:
    there = moved(HOME, north_m=90)
    (stay,) = rows(staypoints(make_fixes([("08:00", HOME), ("08:01", HOME), ("08:02", there)])))
    assert metres((stay.latitude, stay.longitude), moved(HOME, north_m=45)) < 0.01
    assert stay.fixes == 3


def test_the_antimeridian_is_no_border() -> None:
    (stay,) = rows(staypoints(make_fixes([("08:00", (-17.0, 179.9999)), ("08:01", (-17.0, -179.9997))])))
    assert stay.longitude == pytest.approx(-179.9999)


def test_a_single_fix_keeps_its_very_position() -> None:
    (stay,) = rows(staypoints(make_fixes([("08:00", (30.1, 120.3))])))
    assert (stay.latitude, stay.longitude) == (30.1, 120.3)


def test_subjects_do_not_mix() -> None:
    fixes = together(make_fixes([("08:00", HOME)]), make_fixes([("08:01", HOME)], user_id="s2", first_request=1))
    assert staypoints(fixes)["user_id"].tolist() == ["s1", "s2"]


def test_no_fixes_no_staypoints() -> None:
    assert staypoints(make_fixes([])).empty


def test_another_table_is_refused() -> None:
    with pytest.raises(SchemaError, match="table positionfixes: no column tracked_at"):
        staypoints(make_fixes([]).drop(columns="tracked_at"))


minutes = st.integers(0, 3 * 24 * 60).map(lambda m: MONDAY + timedelta(minutes=m))
places = st.tuples(st.integers(-5, 5), st.integers(-5, 5)).map(
    lambda p: moved(HOME, north_m=90 * p[0], east_m=90 * p[1])
)
trails = st.lists(st.tuples(minutes, places), max_size=30)


def one_by_one(fixes: pd.DataFrame) -> list[list[int]]:
    """The definition, fix by fix."""
    found: list[list[int]] = []
    anchor, last = (0.0, 0.0), None
    for fix in rows(fixes.sort_values(["tracked_at", "request"])):
        position, at = (fix.latitude, fix.longitude), fix.tracked_at
        if last is None or at - last > timedelta(hours=12) or metres(anchor, position) >= 200:
            found.append([])
            anchor = position
        found[-1].append(fix.request)
        last = at
    return found


@settings(max_examples=30)
@given(trails)
def test_it_is_the_definition(trail: list[Fix]) -> None:
    fixes = make_fixes(trail)
    assert staypoints(fixes)["requests"].tolist() == one_by_one(fixes)


@settings(max_examples=30)
@given(trails, trails)
def test_each_fix_is_in_one_staypoint_and_times_are_its(trail: list[Fix], other: list[Fix]) -> None:
    fixes = together(make_fixes(trail), make_fixes(other, user_id="s2", first_request=len(trail)))
    stays = staypoints(fixes)
    assert sorted(request for requests in stays["requests"] for request in requests) == list(range(len(fixes)))
    for stay in rows(stays):
        mine = fixes.iloc[stay.requests]
        assert set(mine["user_id"]) == {stay.user_id}
        assert (mine["tracked_at"].min(), mine["tracked_at"].max()) == (stay.started_at, stay.finished_at)
        assert mine["latitude"].min() - 1e-9 <= stay.latitude <= mine["latitude"].max() + 1e-9
        assert len(mine) == stay.fixes


@settings(max_examples=30)
@given(trails, st.integers(0, 99))
def test_the_order_of_rows_is_no_input_and_no_input_is_changed(trail: list[Fix], seed: int) -> None:
    fixes = make_fixes(trail)
    mixed = shuffled(fixes, seed)
    before = mixed.copy(deep=True)
    pd.testing.assert_frame_equal(staypoints(mixed), staypoints(fixes))
    pd.testing.assert_frame_equal(mixed, before)


@settings(max_examples=30)
@given(trails, st.integers(-(10**6), 10**6).map(lambda s: pd.Timedelta(seconds=s)))
def test_shifting_time_shifts_the_result(trail: list[Fix], shift: pd.Timedelta) -> None:
    fixes = make_fixes(trail)
    later = staypoints(fixes.assign(tracked_at=fixes["tracked_at"] + shift))
    back = {name: later[name] - shift for name in ("started_at", "finished_at")}
    pd.testing.assert_frame_equal(STAYPOINTS.frame(later.assign(**back)), staypoints(fixes))


# With a duration, as trackintel has them


@pytest.mark.parametrize("include_last", [False, True])
def test_they_are_the_very_rows_of_trackintel(include_last: bool) -> None:
    """On real movement: eight people of Geolife."""
    everybody = read(shared("mobility/geolife_dev.parquet"))
    some = everybody[everybody["user_id"].isin([54, 56, 100, 102, 110, 134, 158, 170])].reset_index(drop=True)
    assert same(ours(some, include_last=include_last), theirs(some, include_last=include_last))


def lasting(fixes: list[Fix], *, include_last: bool = False) -> list[tuple[datetime, datetime]]:
    found = staypoints(make_fixes(fixes), duration=timedelta(minutes=30), include_last=include_last)
    return [(row.started_at, row.finished_at) for row in rows(found)]


def test_a_stay_finishes_at_the_first_fix_outside_and_takes_its_time() -> None:
    fixes: list[Fix] = [("08:00", HOME), ("08:10", HOME), ("08:30", WORK), ("08:59", HOME)]
    assert lasting(fixes) == [(when("08:00"), when("08:30"))]


def test_a_gap_discards_the_open_stay() -> None:
    assert lasting([("08:00", HOME), ("10:00", HOME), ("23:00", HOME), ("23:20", WORK)]) == []


def test_the_last_stay_is_taken_if_wanted() -> None:
    fixes: list[Fix] = [("08:00", HOME), ("08:10", WORK), ("08:40", WORK)]
    assert lasting(fixes) == []
    assert lasting(fixes, include_last=True) == [(when("08:10"), when("08:40"))]


@settings(max_examples=30)
@given(trails, trails)
def test_stays_are_ordered_disjoint_and_within_the_span_of_their_fixes(trail: list[Fix], other: list[Fix]) -> None:
    fixes = together(make_fixes(trail), make_fixes(other, user_id="s2"))
    for user, mine in staypoints(fixes, duration=timedelta(minutes=20), include_last=True).groupby("user_id"):
        times = [time for row in rows(mine) for time in (row.started_at, row.finished_at)]
        assert times == sorted(times)
        span = fixes[fixes["user_id"] == user]["tracked_at"]
        assert span.min() <= times[0] <= times[-1] <= span.max()


# Places by their code


def placed(*fixes: tuple[str, Position, str | None]) -> pd.DataFrame:
    table = make_fixes([(time, position) for time, position, _ in fixes])
    return table.assign(place_id=pd.array([place for *_, place in fixes], dtype="str"))


NOWHERE: Position = (float("nan"), float("nan"))


def test_two_places_are_two_stays_however_near_and_an_unnamed_fix_belongs_to_either() -> None:
    found = staypoints(placed(("08:00", HOME, None), ("08:01", HOME, "a"), ("08:02", HOME, None), ("08:03", HOME, "b")))
    assert [(row.requests, row.place_id) for row in rows(found)] == [([0, 1, 2], "a"), ([3], "b")]


def test_a_place_needs_no_position() -> None:
    found = staypoints(
        placed(("08:00", NOWHERE, "a"), ("08:01", NOWHERE, "a"), ("08:02", HOME, "a"), ("08:03", WORK, "b"))
    )
    assert found["requests"].tolist() == [[0, 1, 2], [3]]
    assert (found["latitude"][0], found["longitude"][0]) == HOME
    (unlocated,) = rows(staypoints(placed(("08:00", NOWHERE, "a"))))
    assert math.isnan(unlocated.latitude)


def test_a_fix_that_says_nothing_is_named() -> None:
    with pytest.raises(SchemaError, match="table positionfixes: row 1 has neither a position nor a place"):
        staypoints(placed(("08:00", HOME, None), ("08:01", NOWHERE, None)))


@pytest.mark.parametrize("pole", [90.0, -90.0])
def test_around_a_pole_all_longitudes_are_near(pole: float) -> None:
    near = [(pole * (1 - 1e-6), longitude) for longitude in (0.0, 90.0, 180.0, -90.0)]
    assert len(staypoints(make_fixes([("08:00", at) for at in near]))) == 1


def test_columns_that_are_absent_stay_absent() -> None:
    few = make_fixes([("08:00", HOME)])[["user_id", "tracked_at", "latitude", "longitude"]]
    assert not {"requests", "place_id"} & set(staypoints(few))
