"""Meetings: who was at one location at once; never with oneself, whatever the order of rows, in parts as in whole."""

import math
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mobility_builders import HOME, PARK, WORK, Position, make_staypoints, metres, moved, rows, shuffled, together

from scantrail import geo
from scantrail.mobility.companions import _grid, companions
from scantrail.mobility.meetings import (
    Stay,
    Within,
    _chance,
    bounds,
    meet,
    meeting_keys,
    meetings,
    presences,
    stay_time,
)
from scantrail.mobility.pairs import Presences, pairs
from scantrail.schema import MEETINGS, STAYPOINTS, SchemaError

TZ = "Asia/Shanghai"
HALF_AN_HOUR = timedelta(minutes=30)
NOWHERE: Position = (math.nan, math.nan)
MINUTE_US = 60_000_000


def scans(user_id: str, *scans: tuple[str, Position], place_id: str | None = None) -> pd.DataFrame:
    """Staypoints of no duration."""
    return make_staypoints([(at, at, position) for at, position in scans], user_id=user_id).assign(place_id=place_id)


def who(found: pd.DataFrame) -> list[tuple[Any, Any]]:
    return list(zip(found["user_id"], found["other_id"], strict=True))


@pytest.mark.parametrize(
    ("minutes", "metres", "met"),
    [(0, 0, True), (30, 99.9, True), (31, 0, False), (30, 100.1, False), (-30, 99.9, True)],
)
def test_the_plain_rule_is_a_time_and_a_distance(minutes: int, metres: float, met: bool) -> None:
    later = f"{10 + minutes // 60:02}:{minutes % 60:02}"
    both = together(scans("a", ("10:00", HOME)), scans("b", (later, moved(HOME, east_m=metres))))
    assert who(meetings(both, within=HALF_AN_HOUR)) == ([("a", "b")] if met else [])


def test_by_the_plain_rule_both_stay_so_long() -> None:
    (met,) = rows(meetings(together(scans("a", ("10:00", HOME)), scans("b", ("10:10", HOME))), within=HALF_AN_HOUR))
    assert (met.started_at.minute, met.finished_at.minute, met.duration_s, met.probability) == (10, 30, 1_200, 1)


@pytest.mark.parametrize(
    ("one", "other", "met"),
    [
        (("mall", HOME), ("mall", HOME), True),
        (("mall", HOME), ("mall", PARK), True),  # the code was scanned, whatever the phone says
        (("mall", HOME), ("shop", HOME), False),  # two names are two places
        (("mall", HOME), (None, HOME), True),
        (("mall", HOME), (None, PARK), False),
        (("mall", NOWHERE), ("mall", NOWHERE), True),
        ((None, NOWHERE), (None, NOWHERE), False),
        (("mall", NOWHERE), (None, HOME), False),
    ],
)
def test_names_tell_the_location_and_otherwise_positions(
    one: tuple[str | None, Position], other: tuple[str | None, Position], met: bool
) -> None:
    both = together(scans("a", ("10:00", one[1]), place_id=one[0]), scans("b", ("10:05", other[1]), place_id=other[0]))
    assert len(meetings(both)) == met


def test_what_overlaps_is_certain() -> None:
    both = together(
        make_staypoints([("08:00", "10:00", HOME)], user_id="a"),
        make_staypoints([("09:00", "11:00", HOME)], user_id="b"),
    )
    met = meetings(both, after=timedelta(0), before=timedelta(0))
    assert met["probability"].item() == 1.0
    assert met["duration_s"].item() == pytest.approx(3_600)
    assert met["started_at"].item() == both["started_at"][1]


def test_a_moment_is_met_by_how_long_people_stay() -> None:
    both = together(scans("a", ("10:00", HOME)), scans("b", ("10:30", HOME)))
    met = meetings(both, after=timedelta(hours=1), before=timedelta(0))
    assert met["probability"].item() == pytest.approx(math.exp(-0.5), abs=1e-6)
    assert meetings(both, after=timedelta(hours=1), before=timedelta(0), least=0.61).empty


def test_who_is_seen_elsewhere_left() -> None:
    """Seen elsewhere at 10:12, the one left at any moment before: the other came at 10:06, the middle."""
    both = together(scans("a", ("10:00", HOME), ("10:12", PARK)), scans("b", ("10:06", HOME)))
    met = meetings(both, after=timedelta(days=30), before=timedelta(0), least=0.1)
    assert met["probability"].item() == pytest.approx(0.5, abs=1e-3)
    home_again = together(scans("a", ("10:00", HOME), ("10:12", HOME)), scans("b", ("10:06", HOME)))
    assert meetings(home_again, after=timedelta(days=30), before=timedelta(0))["probability"].min() > 0.99


@pytest.mark.parametrize("means_s", [(3_600, 300), (600, 600), (1_000, 0), (0, 500), (300, 90_000)])
@pytest.mark.parametrize("rooms_s", [(math.inf, math.inf), (900, math.inf), (math.inf, 200), (700, 800), (0, 900)])
@pytest.mark.parametrize("gap_s", [1, 600, 1_200])
def test_the_chance_is_that_of_drawn_stays(
    means_s: tuple[float, float], rooms_s: tuple[float, float], gap_s: float
) -> None:
    share = (np.arange(600) + 0.5) / 600
    after, before = (
        -max(mean, 1e-3) * np.log1p(-share * -np.expm1(-room / max(mean, 1e-3)))
        for mean, room in zip(means_s, rooms_s, strict=True)
    )
    drawn = float((after[:, None] + before > gap_s).mean())
    assert _chance(float(gap_s), *map(float, rooms_s + means_s)) == pytest.approx(drawn, abs=3e-3)


@pytest.mark.parametrize("hours", [0.25, 1.0, 3.0])
def test_how_long_people_stay_is_learned_from_pauses(hours: float) -> None:
    """People who move on after exponential times, between two places so that each is elsewhere, seen every hour."""
    randomly = np.random.default_rng(1)
    moves = np.cumsum(randomly.exponential(hours, 20_000))
    seen_h = np.sort(randomly.uniform(0, moves[-1], 5_000))
    number = np.searchsorted(moves, seen_h)  # which stay it is
    at = pd.Timestamp("2020-02-17", tz="UTC") + pd.to_timedelta(seen_h, unit="h")
    columns = {"user_id": 1, "started_at": at, "finished_at": at, "latitude": 0.0, "longitude": number % 300 * 0.01}
    assert stay_time(pd.DataFrame(columns)) / timedelta(hours=1) == pytest.approx(hours, rel=0.08)


def test_nothing_is_learned_from_nothing() -> None:
    assert stay_time(scans("a", ("10:00", HOME))) == timedelta(hours=1)
    assert stay_time(scans("a", ("10:00", HOME), ("10:30", PARK))) < timedelta(seconds=10)
    assert stay_time(scans("a", ("10:00", HOME), ("10:30", HOME))) > timedelta(days=29)


def test_one_recording_under_two_ids_is_left_out_on_demand() -> None:
    both = together(scans("a", ("10:00", HOME), ("11:00", HOME)), scans("b", ("10:00", HOME), ("11:01", HOME)))
    assert len(meetings(both, within=timedelta(minutes=5))) == 2
    assert len(meetings(both, within=timedelta(minutes=5), drop_duplicates=True)) == 1


def test_the_meetings_of_a_local_day_are_summed_up() -> None:
    """07:00 and 23:00 in Hangzhou are one day there."""
    times = ("Tue 07:00", "Tue 23:00", "Wed 07:00")
    both = together(*(scans(user, *((time, HOME) for time in times)) for user in ("a", "b")))
    met = meetings(both, within=HALF_AN_HOUR, per_day=TZ)
    assert met["meetings"].tolist() == [2, 1]
    assert met["duration_s"].tolist() == [3_600, 1_800]
    assert met["finished_at"].tolist() == [both["started_at"][row] + HALF_AN_HOUR for row in (1, 2)]


def test_ids_may_be_numbers() -> None:
    both = together(scans("a", ("10:00", HOME)), scans("b", ("10:00", HOME))).assign(user_id=[12, 7])
    assert who(meetings(both)) == [(7, 12)]


@pytest.mark.parametrize("per_day", [None, TZ])
@pytest.mark.parametrize("stays", [STAYPOINTS.frame(), scans("a"), scans("a", ("10:00", HOME))])
def test_nobody_meets_nobody(stays: pd.DataFrame, per_day: str | None) -> None:
    found = meetings(stays, per_day=per_day)
    assert found.empty
    assert found.dtypes.to_dict().items() <= MEETINGS.frame().dtypes.to_dict().items()


@pytest.mark.parametrize("wrong", [{"least": 0.0}, {"least": 1.1}, {"distance_m": -1.0}, {"within": timedelta(-1)}])
def test_what_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        meetings(scans("a"), **wrong)
    with pytest.raises(SchemaError, match="staypoints"):
        meetings(pd.DataFrame({"user_id": ["a"]}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((-17.0, 179.9998), (-17.0, -179.9998)),
        ((89.9998, 10.0), (89.9998, -170.0)),
        ((-89.9998, 10.0), (-90.0, 77.0)),
        ((60.0, 10.0), (60.0, 10.0017)),
        ((0.0, 0.0), (-0.0005, -0.0005)),
    ],
)
def test_the_earth_has_no_border(one: Position, other: Position) -> None:
    both = together(scans("a", ("10:00", one)), scans("b", ("10:00", other)))
    assert len(meetings(both)) == 1
    assert meetings(both, distance_m=float(geo.distance_m(*one, *other)) * 0.999).empty


# Presences around the poles, the antimeridian, the equator and 30° N, in some places and within some days.


@st.composite
def crowds(draw: st.DrawFn) -> Presences:
    number = draw(st.integers(0, 40))
    randomly = np.random.default_rng(draw(st.integers(0, 10**6)))
    centre = np.array([[30.0, 120.0], [90.0, 0.0], [-90.0, 0.0], [0.0, 180.0], [0.0, 0.0]])[
        randomly.integers(0, draw(st.integers(1, 5)), number)
    ]
    latitude = centre[:, 0] + randomly.normal(0.0, 0.001, number)
    latitude = np.where(np.abs(latitude) > 90, np.sign(latitude) * 180 - latitude, latitude)
    around = np.where(np.abs(centre[:, 0]) > 80, 180.0, 0.001)
    longitude = (centre[:, 1] + around * randomly.uniform(-1, 1, number) + 180) % 360 - 180
    latitude[randomly.random(number) < 0.1] = np.nan
    started = randomly.integers(-90, draw(st.sampled_from([60, 5_000])), number) * MINUTE_US
    return Presences(
        randomly.integers(0, draw(st.integers(1, 20)), number),
        started,
        started + randomly.choice([0, 0, 10, 2_000], number) * MINUTE_US,
        np.where(randomly.random(number) < draw(st.sampled_from([0.0, 0.5, 1.0])), randomly.integers(0, 3, number), -1),
        latitude,
        longitude,
    )


def by_trying_all(seen: Presences, distance_m: float, reach_us: int) -> set[tuple[int, int]]:
    found = set()
    for i in range(len(seen.user)):
        for j in range(len(seen.user)):
            if seen.place[i] >= 0 and seen.place[j] >= 0:
                near = seen.place[i] == seen.place[j]
            else:
                apart = geo.distance_m(seen.latitude[i], seen.longitude[i], seen.latitude[j], seen.longitude[j])
                near = apart <= distance_m
            at_once = max(seen.started_us[[i, j]]) <= min(seen.finished_us[[i, j]]) + reach_us
            if seen.user[i] < seen.user[j] and near and at_once:
                found.add((i, j))
    return found


def listed(first: Any, second: Any) -> list[tuple[int, int]]:
    return sorted(zip(first.tolist(), second.tolist(), strict=True))


reaches = st.sampled_from([0, 10 * MINUTE_US, 1_500 * MINUTE_US])
distances = st.sampled_from([5.0, 100.0, 400.0])


@settings(max_examples=60, deadline=None)
@given(crowds(), distances, reaches)
def test_they_are_the_pairs_that_trying_all_finds_each_once(seen: Presences, distance_m: float, reach_us: int) -> None:
    found = listed(*pairs(seen, distance_m=distance_m, reach_us=reach_us))
    assert found == sorted(by_trying_all(seen, distance_m, reach_us))


@settings(max_examples=60, deadline=None)
@given(crowds(), distances, reaches, st.integers(1, 3))
def test_partitions_find_what_the_whole_finds(seen: Presences, distance_m: float, reach_us: int, workers: int) -> None:
    rule = Within(reach_us)
    limits = bounds(seen, distance_m=distance_m)
    row, key = meeting_keys(seen, distance_m=distance_m, reach_us=reach_us)
    found: list[tuple[int, int]] = []
    for worker in range(workers):
        mine = key // 2 % workers == worker
        part = seen.take(row[mine]), limits.take(row[mine])
        met = meet(*part, rule, distance_m=distance_m, partition=key[mine])
        found += listed(row[mine][met.first], row[mine][met.second])
    whole = meet(seen, limits, rule, distance_m=distance_m)
    assert sorted(found) == listed(whole.first, whole.second)


def test_across_midnight_and_across_a_border_of_areas_they_meet_once() -> None:
    """Along 40 km, day and night: some pairs lie across the borders of any areas of some kilometres."""
    positions = [moved(HOME, east_m=60.0 * step) for step in range(700)]
    number = np.arange(len(positions))
    latitude, longitude = np.array(positions).T
    started = number * 7 * MINUTE_US
    seen = Presences(number % 5, started, started, np.full(len(number), -1), latitude, longitude)
    row, key = meeting_keys(seen, distance_m=100.0, reach_us=10 * MINUTE_US)
    assert len(np.unique(key)) > 8
    assert len(row) < 1.1 * len(number)
    first, second = pairs(seen.take(row), distance_m=100.0, reach_us=10 * MINUTE_US, partition=key)
    assert listed(row[first], row[second]) == sorted(
        (i, j) if i % 5 < j % 5 else (j, i) for i, j in zip(number[:-1].tolist(), number[1:].tolist(), strict=True)
    )


spots = st.sampled_from([HOME, moved(HOME, north_m=70), moved(HOME, east_m=120), PARK, WORK, NOWHERE])
stays = st.lists(
    st.tuples(
        st.integers(0, 600), st.integers(0, 90), spots, st.sampled_from("abc"), st.sampled_from([None, "x", "y"])
    ),
    max_size=15,
)


def table(some: list[tuple[int, int, Position, str, str | None]]) -> pd.DataFrame:
    start = pd.Timestamp("2020-02-17", tz="UTC")
    return STAYPOINTS.frame(
        {
            "user_id": [user for *_, user, _ in some],
            "started_at": pd.DatetimeIndex([start + timedelta(minutes=at) for at, *_ in some], tz="UTC"),
            "finished_at": pd.DatetimeIndex([start + timedelta(minutes=at + long) for at, long, *_ in some], tz="UTC"),
            "latitude": [position[0] for _, _, position, *_ in some],
            "longitude": [position[1] for _, _, position, *_ in some],
            "place_id": pd.Series([place for *_, place in some], dtype="str"),
        }
    )


@settings(max_examples=60, deadline=None)
@given(stays, st.sampled_from([None, HALF_AN_HOUR]), st.integers(0, 99))
def test_meetings_hold_whatever_the_order_of_rows(
    some: list[tuple[int, int, Position, str, str | None]], within: timedelta | None, seed: int
) -> None:
    seen = table(some)
    before = seen.copy(deep=True)
    found = meetings(seen, within=within, least=0.2)
    pd.testing.assert_frame_equal(seen, before)
    assert (found["user_id"] < found["other_id"]).all()
    assert (found["started_at"] <= found["finished_at"]).all()
    assert found["probability"].between(0.2, 1.0).all()
    assert (found["duration_s"] == (found["finished_at"] - found["started_at"]).dt.total_seconds()).all()
    mixed = meetings(shuffled(seen, seed), within=within, least=0.2)
    rows_of = ["staypoint_id", "other_staypoint_id"]
    pd.testing.assert_frame_equal(mixed.drop(columns=rows_of), found.drop(columns=rows_of))


@settings(max_examples=60, deadline=None)
@given(stays)
def test_a_meeting_lies_between_what_is_seen_of_both_elsewhere(
    some: list[tuple[int, int, Position, str, str | None]],
) -> None:
    seen = presences(table(some))
    limits = bounds(seen, distance_m=100.0)
    met = meet(seen, limits, Stay(3_600.0, 600.0, 0.1), distance_m=100.0)
    for side in (met.first, met.second):
        assert (met.started_us >= limits.came_us[side]).all()
        assert (met.finished_us <= limits.left_us[side]).all()


# The published rule: one cell, more than 10 minutes together, either more than 30 hours there.


def guests(*stays: tuple[str, str, str], position: Position = HOME) -> pd.DataFrame:
    """Staypoints from (user, from, until), all at one place."""
    return together(*(make_staypoints([(start, end, position)], user_id=user) for user, start, end in stays))


@pytest.mark.parametrize(
    ("stays", "found"),
    [
        ([("a", "08:00", "Tue 15:00"), ("b", "09:00", "09:11")], [("a", "b")]),
        ([("a", "09:00", "09:11"), ("b", "08:00", "Tue 15:00")], [("a", "b")]),
        ([("a", "08:00", "Tue 15:00"), ("b", "09:00", "09:10")], []),  # not more than 10 minutes
        ([("a", "08:00", "Tue 14:00"), ("b", "09:00", "09:30")], []),  # not more than 30 hours
        ([("a", "08:00", "Tue 15:00"), ("b", "Tue 14:55", "Tue 15:30")], []),
        ([("a", "08:00", "Tue 07:00"), ("a", "Wed 08:00", "Wed 16:00"), ("b", "09:00", "09:30")], [("a", "b")]),
        ([("a", "08:00", "Mon 23:30"), ("a", "09:00", "Mon 23:40"), ("b", "09:00", "09:30")], []),  # no hour twice
        ([("a", "08:00", "Tue 15:00"), ("b", "09:00", "09:06"), ("b", "09:06", "09:12")], [("a", "b")]),
        ([("a", "08:00", "Tue 15:00"), ("b", "09:00", "09:06"), ("b", "10:06", "10:12")], []),  # with a break
        ([("a", "08:00", "Tue 15:00"), ("b", "09:00", "09:20"), ("c", "09:00", "09:20")], [("a", "b"), ("a", "c")]),
    ],
)
def test_companions_are_by_the_published_numbers(
    stays: list[tuple[str, str, str]], found: list[tuple[str, str]]
) -> None:
    assert who(companions(guests(*stays))) == found


def test_companions_of_cases_are_asked_for() -> None:
    stays = guests(("a", "08:00", "Tue 15:00"), ("b", "09:00", "09:20"), ("c", "08:00", "Tue 15:00"))
    assert who(companions(stays)) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert who(companions(stays, cases=["b"])) == [("a", "b"), ("b", "c")]
    assert companions(stays, cases=["nobody"]).empty


def test_companions_are_looked_for_within_14_days() -> None:
    stays = guests(("a", "08:00", "Tue 15:00"), ("b", "09:00", "09:20"))
    end = stays["finished_at"].max()
    assert len(companions(stays, until=end + timedelta(days=12))) == 1
    assert companions(stays, until=end + timedelta(days=13)).empty  # the 30 hours are cut
    assert companions(stays, until=end - timedelta(hours=2)).empty


def test_companions_by_scans_stay_until_seen_elsewhere() -> None:
    a = scans("a", *((f"{day} {hour:02}:00", HOME) for day in ("Mon", "Tue") for hour in range(24)))
    both = together(a, scans("b", ("10:00", HOME), ("10:12", PARK)))
    assert companions(both).empty
    (row,) = rows(companions(both, after=timedelta(hours=1)))
    assert (row.duration_s, row.meetings) == (720, 1)
    assert companions(both, after=timedelta(hours=1), together=timedelta(minutes=12)).empty


def test_a_row_tells_of_all_their_times_in_a_cell() -> None:
    stays = guests(
        ("a", "08:00", "Tue 15:00"), ("b", "09:00", "09:20"), ("b", "11:00", "11:30"), ("b", "12:00", "12:05")
    )
    (row,) = rows(companions(stays))
    assert (row.duration_s, row.meetings, row.probability) == (3_000, 2, 1)
    assert (row.started_at, row.finished_at) == (stays["started_at"][1], stays["finished_at"][2])
    assert metres((row.latitude, row.longitude), HOME) < 570


@settings(max_examples=30, deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-600, 600), st.floats(-600, 600))
def test_cells_are_800_m_wide_and_high(latitude: float, longitude: float, north_m: float, east_m: float) -> None:
    cell, centre_latitude, centre_longitude = _grid(np.array([latitude]), np.array([longitude]), 800.0)
    assert metres((latitude, longitude), (centre_latitude[0], centre_longitude[0])) < 570 + 400 * (abs(latitude) > 89.9)
    other = moved((centre_latitude[0], centre_longitude[0]), north_m=north_m, east_m=east_m)
    if abs(centre_latitude[0]) < 89:
        same = _grid(np.array([other[0]]), np.array([other[1]]), 800.0)[0] == cell
        assert same or max(abs(north_m), abs(east_m)) > 395
        assert not same or max(abs(north_m), abs(east_m)) < 405


@settings(max_examples=40, deadline=None)
@given(stays, st.integers(0, 99))
def test_companions_hold_whatever_the_order_of_rows(
    some: list[tuple[int, int, Position, str, str | None]], seed: int
) -> None:
    seen = table(some)
    numbers: dict[str, Any] = {"stay": timedelta(hours=1), "after": timedelta(minutes=20)}
    found = companions(seen, **numbers)
    assert (found["user_id"] < found["other_id"]).all()
    assert (found["duration_s"] > 600).all()
    pd.testing.assert_frame_equal(companions(shuffled(seen, seed), **numbers), found)


def test_a_crowd_costs_no_more_than_its_residents() -> None:
    """20,000 people pass a station within an hour, which makes 200 million pairs, and one lives there."""
    crowd = 20_000
    start = pd.Timestamp("2020-02-17", tz="UTC")
    day, hour = pd.Timedelta(days=2), pd.Timedelta(hours=1)
    stays = pd.DataFrame(
        {
            "user_id": np.arange(crowd),
            "started_at": start,
            "finished_at": [start + day, *[start + hour] * (crowd - 1)],
            "latitude": HOME[0],
            "longitude": HOME[1],
        }
    )
    found = companions(stays)
    assert len(found) == crowd - 1
    assert set(found["user_id"]) == {0}


@pytest.mark.parametrize(
    "stays", [STAYPOINTS.frame(), guests(("a", "08:00", "Tue 15:00")), scans("a", ("10:00", NOWHERE))]
)
def test_nobody_accompanies_nobody(stays: pd.DataFrame) -> None:
    found = companions(stays)
    assert found.empty
    assert found.dtypes.to_dict().items() <= MEETINGS.frame().dtypes.to_dict().items()


@pytest.mark.parametrize("wrong", [{"cell_m": 0.0}, {"stay": timedelta(-1)}])
def test_a_rule_that_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        companions(scans("a"), **wrong)


def test_the_examples_of_the_page_run() -> None:
    """The last of them divides the work; whatever the number of tasks, here one, it finds the same."""
    page = (Path(__file__).parents[1] / "docs" / "meetings.md").read_text()
    names: dict[str, Any] = {"staypoints": table([(0, 5, HOME, "a", None), (4, 9, HOME, "b", None)])}
    for example in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(example, names)  # noqa: S102 - our own page
    assert len(names["met"]) == len(names["naive"]) == len(names["days"]) == len(names["found"].first) == 1
