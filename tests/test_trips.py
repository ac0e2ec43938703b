"""A trip lies between two staypoints that follow each other at different locations."""

from itertools import permutations

import pandas as pd
import pytest
from mobility_builders import HOME, PARK, WORK, Position, make_staypoints, metres, rows, shuffled, together, when

from scantrail.mobility import trips
from scantrail.schema import TRIPS

type Stay = tuple[str, str, Position, int]


def stays(*of: Stay, user_id: str = "s1") -> pd.DataFrame:
    table = make_staypoints([stay[:3] for stay in of], user_id=user_id)
    return table.assign(location_id=[stay[3] for stay in of])


DAY: tuple[Stay, ...] = (
    ("07:00", "07:00", HOME, 0),
    ("08:30", "12:00", WORK, 1),
    ("13:00", "13:00", WORK, 1),
    ("19:00", "19:00", HOME, 0),
)


def test_from_the_last_fix_there_to_the_first_fix_here() -> None:
    first, second = rows(trips(stays(*DAY)))
    assert (first.started_at, first.finished_at) == (when("07:00"), when("08:30"))
    assert (first.origin_staypoint_id, first.destination_staypoint_id) == (0, 1)
    assert first.distance_m == pytest.approx(metres(HOME, WORK))
    assert (second.started_at, second.finished_at) == (when("13:00"), when("19:00"))
    assert (second.origin_staypoint_id, second.destination_staypoint_id) == (2, 3)


def test_staypoints_without_a_location_are_places_of_their_own() -> None:
    assert len(trips(stays(("07:00", "07:00", HOME, -1), ("08:00", "08:00", WORK, -1)))) == 1


def test_nobody_travels_into_another_subject() -> None:
    table = together(stays(("07:00", "07:00", HOME, 0)), stays(("08:00", "08:00", WORK, 1), user_id="s2"))
    assert trips(table).empty


def test_ids_are_rows_of_the_table_given() -> None:
    mixed = shuffled(together(stays(*DAY), stays(*DAY, user_id="s0")))
    before = mixed.copy(deep=True)
    for trip in rows(trips(mixed)):
        origin, destination = mixed.iloc[trip.origin_staypoint_id], mixed.iloc[trip.destination_staypoint_id]
        assert (origin["user_id"], origin["finished_at"]) == (trip.user_id, trip.started_at)
        assert (destination["user_id"], destination["started_at"]) == (trip.user_id, trip.finished_at)
    pd.testing.assert_frame_equal(mixed, before)


def test_trips_are_in_order_and_do_not_overlap() -> None:
    found = trips(shuffled(stays(*DAY)))
    assert (found["started_at"] <= found["finished_at"]).all()
    assert (found["finished_at"].iloc[:-1].array <= found["started_at"].iloc[1:].array).all()


@pytest.mark.parametrize("few", [(), DAY[:1], DAY[1:3]], ids=["none", "one", "one place"])
def test_no_trip(few: tuple[Stay, ...]) -> None:
    pd.testing.assert_frame_equal(trips(stays(*few)), TRIPS.frame())


def test_the_order_of_rows_is_no_input_even_at_one_moment() -> None:
    at_once = stays(("08:00", "08:00", HOME, 0), ("08:00", "08:00", WORK, 1), ("08:00", "08:00", PARK, 2))
    ends = ["origin_staypoint_id", "destination_staypoint_id"]
    expected = trips(at_once).drop(columns=ends)
    for order in permutations(range(3)):
        pd.testing.assert_frame_equal(trips(at_once.iloc[[*order]]).drop(columns=ends), expected)


def test_without_the_column_no_staypoint_has_a_location() -> None:
    assert len(trips(stays(*DAY).drop(columns="location_id"))) == len(DAY) - 1
