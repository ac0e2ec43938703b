"""Runs of scans near their first one become staypoints, at any duration; nothing of the fixes is lost."""

from datetime import datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mobility_builders import HOME, MONDAY, WORK, Fix, make_fixes, metres, moved, rows, shuffled, together, when

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
