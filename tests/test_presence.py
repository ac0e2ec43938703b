"""Where people are between scans."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mobility_builders import (
    HOME,
    HOME_STATION,
    MALL,
    WORK,
    WORK_STATION,
    Fix,
    make_fixes,
    metres,
    moved,
    rows,
    shuffled,
    together,
    when,
)

from scantrail.mobility import hourly, locate, presence
from scantrail.mobility.presence.forest import Forest, weights
from scantrail.schema import PRESENCE, SchemaError

TZ = "Asia/Shanghai"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")


def week(*, user_id: str = "s1") -> pd.DataFrame:
    """Scanned on arriving at work and at home, every weekday."""
    fixes: list[Fix] = [fix for day in WEEKDAYS for fix in ((f"{day} 09:00", WORK), (f"{day} 19:00", HOME))]
    return make_fixes(fixes, user_id=user_id)


def asked(*times: str, user_id: str = "s1") -> pd.DataFrame:
    return pd.DataFrame({"user_id": user_id, "at": [pd.Timestamp(when(time)).tz_convert("UTC") for time in times]})


@pytest.mark.parametrize(
    ("at", "where"),
    [("Tue 09:00", WORK), ("Wed 11:30", WORK), ("Wed 23:00", HOME), ("Thu 04:00", HOME), ("Fri 14:00", WORK)],
)
def test_the_routine_of_a_week_is_followed(at: str, where: tuple[float, float]) -> None:
    (answer,) = rows(locate(week(), asked(at), TZ))
    assert metres(where, (answer.latitude, answer.longitude)) < 1
    assert answer.probability > 0.6


def test_who_is_scanned_now_is_there_and_who_was_scanned_long_ago_may_be_anywhere() -> None:
    answer = locate(make_fixes([("Mon 09:00", MALL)]), asked("Mon 09:00", "Mon 10:00", "Sun 15:00"), TZ)
    assert answer["probability"].is_monotonic_decreasing
    assert answer["radius_m"].is_monotonic_increasing


def test_a_code_that_is_shown_and_then_scanned_is_one_scan() -> None:
    again = week().assign(tracked_at=week()["tracked_at"] + timedelta(seconds=40))
    once, twice = (locate(fixes, asked("Tue 11:30", "Wed 23:00"), TZ) for fixes in (week(), together(week(), again)))
    pd.testing.assert_frame_equal(once, twice)


def test_nothing_is_known_of_people_without_scans() -> None:
    queries = together(asked("Tue 11:00"), asked("Tue 11:00", user_id="stranger"))
    known, stranger = rows(locate(week(), queries, TZ))
    assert known.probability > 0
    assert np.isnan([stranger.latitude, stranger.longitude, stranger.radius_m]).all()
    assert stranger.probability == 0
    (row,) = rows(presence(week(), queries[1:], TZ))
    assert np.isnan(row.latitude)
    assert row.probability == 1


def test_answers_have_the_index_of_the_queries() -> None:
    queries = asked("Wed 23:00", "Tue 11:00").set_index(pd.Index(["b", "a"]))
    assert list(locate(week(), queries, TZ).index) == ["b", "a"]


def test_no_scans_and_no_queries_give_empty_tables() -> None:
    assert locate(week()[:0], asked("Mon 09:00"), TZ)["probability"].tolist() == [0]
    assert locate(week(), asked(), TZ).empty
    assert hourly(week()[:0]).empty
    assert presence(week(), asked(), TZ).columns.tolist() == PRESENCE.names


def test_a_table_without_positions_is_named() -> None:
    with pytest.raises(SchemaError, match="table positionfixes: no column latitude"):
        locate(week().drop(columns="latitude"), asked("Mon 09:00"), TZ)


def test_a_place_that_is_not_located_says_nothing() -> None:
    unlocated = week().assign(latitude=np.nan, longitude=np.nan)
    assert locate(unlocated, asked("Tue 11:00"), TZ)["probability"].tolist() == [0]


def test_every_hour_from_the_first_scan_to_the_last() -> None:
    queries = hourly(together(week(), make_fixes([("Mon 09:30", MALL)], user_id="s2")))
    hours = [(user, at.min(), at.max(), len(at)) for user, at in queries.groupby("user_id")["at"]]
    assert hours == [
        ("s1", when("Mon 09:00"), when("Fri 19:00"), 4 * 24 + 11),
        ("s2", when("Mon 09:00"), when("Mon 09:00"), 1),
    ]


def test_people_are_told_apart_by_numbers_too() -> None:
    numbered = together(week().assign(user_id=7), make_fixes([("Mon 09:00", MALL)]).assign(user_id=2))
    answer = locate(numbered, asked("Tue 11:00").assign(user_id=7), TZ)
    assert answer["probability"].item() > 0.6


@pytest.mark.parametrize("at", [(0.0, 180.0), (89.9999, 10.0), (-90.0, 0.0)])
def test_places_at_the_edges_of_the_map_are_one(at: tuple[float, float]) -> None:
    """Positions a few metres apart, also on the two sides of the antimeridian."""
    around = [at, (at[0] * (1 - 1e-7), -at[1] + 1e-6 if abs(at[1]) == 180 else at[1])]
    fixes = make_fixes([(f"{day} 12:00", around[number % 2]) for number, day in enumerate(WEEKDAYS)])
    (answer,) = rows(locate(fixes, asked("Wed 12:00"), TZ))
    assert metres(at, (answer.latitude, answer.longitude)) < 100
    assert answer.probability > 0.5


minutes = st.integers(0, 14 * 24 * 60)
scan = st.tuples(minutes, st.sampled_from([HOME, WORK, MALL, moved(HOME, north_m=200), moved(HOME, north_m=90_000)]))
somebodys = st.lists(scan, min_size=1, max_size=12)


def fixes_of(scans: list[tuple[int, tuple[float, float]]], user_id: str) -> pd.DataFrame:
    return make_fixes([(when("00:00") + timedelta(minutes=at), where) for at, where in scans], user_id=user_id)


@given(somebodys, somebodys, st.lists(minutes, min_size=1, max_size=5))
def test_presence_sums_to_one_and_does_not_depend_on_the_order_of_rows(
    one: list[tuple[int, tuple[float, float]]], other: list[tuple[int, tuple[float, float]]], at: list[int]
) -> None:
    fixes = together(fixes_of(one, "s1"), fixes_of(other, "s2"))
    times = sorted({pd.Timestamp(when("00:00") + timedelta(minutes=minute)).tz_convert("UTC") for minute in at})
    queries = pd.DataFrame({"user_id": np.repeat(["s1", "s2"], len(times)), "at": times * 2})
    spread = presence(fixes, queries, TZ)
    assert spread.groupby(["user_id", "at"])["probability"].sum().to_numpy() == pytest.approx(1)
    assert spread["probability"].between(0, 1).all()
    pd.testing.assert_frame_equal(spread, presence(shuffled(fixes), queries, TZ))
    answer = locate(fixes, queries, TZ)
    assert answer["probability"].between(0, 1).all()
    assert (answer["radius_m"] > -1).all()


def test_who_is_scanned_at_every_gate_is_where_last_seen() -> None:
    """From the station home, every evening; of who is scanned on arrival alone, the way to the station is not known."""
    gates = (("08:20", HOME_STATION), ("09:00", WORK), ("18:40", WORK_STATION), ("19:20", HOME))
    fixes = make_fixes([(f"{day} {at}", where) for day in WEEKDAYS for at, where in gates])
    answer = locate(fixes, asked(*(f"{day} 18:20" for day in WEEKDAYS)), TZ)
    assert [metres(WORK, at) < 1 for at in zip(answer["latitude"], answer["longitude"], strict=True)] == [True] * 5


def test_trees_are_summed() -> None:
    nodes = pd.DataFrame(
        [(-1, -1, 0.5, 0, 0), (0, 1, 3.0, 1, 2), (0, -1, 10.0, 0, 0), (0, -1, 20.0, 0, 0), (1, -1, 100.0, 0, 0)],
        columns=["tree", "feature", "threshold", "left", "right"],
    )
    features = np.array([[0.0, 3.0], [0.0, 3.5]], dtype=np.float32)
    assert Forest.of(nodes)(features).tolist() == [110.5, 120.5]


@pytest.mark.parametrize("name", ["place", "region"])
def test_shipped_weights_lead_from_root_to_leaf(name: str) -> None:
    forest = weights(name)
    inner = forest.feature >= 0
    node = np.arange(len(forest.feature))
    assert (forest.left[inner] > node[inner]).all()
    assert (forest.right[inner] > node[inner]).all()
    assert max(forest.left.max(), forest.right.max()) < len(node)
