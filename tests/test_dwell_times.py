"""Dwell times: the hours that a location is expected to take, from what scans leave open."""

import math
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mobility_builders import HOME, WORK, Position, make_staypoints, rows, shuffled, together, when

from scantrail.mobility import dwell_times
from scantrail.schema import DWELL_TIMES, SchemaError

TZ = "Asia/Shanghai"
EIGHT_H = timedelta(hours=8)

type Stay = tuple[str, str, Position, int]


def stays(*of: Stay, user_id: str = "s1") -> pd.DataFrame:
    table = make_staypoints([stay[:3] for stay in of], user_id=user_id)
    return table.assign(location_id=[stay[3] for stay in of])


def stayed(hours: float) -> float:
    """Expected hours of a stay that ends by chance, or after so many."""
    return 8 * (1 - math.exp(-hours / 8))


def test_a_stay_takes_its_time_and_what_follows_fades() -> None:
    """At work from nine to five, and by half past five at home, where nobody is seen again."""
    table = dwell_times(stays(("09:00", "17:00", WORK, 0), ("17:30", "17:30", HOME, 1)), tz=TZ)
    work, home = rows(table)
    assert work.expected_h == pytest.approx(8 + stayed(0.5))
    assert (work.office_h, work.night_h) == (pytest.approx(8), 0)
    assert home.expected_h == pytest.approx(stayed(36))
    assert home.night_h == pytest.approx(stayed(13.5) - stayed(4.5) + stayed(36) - stayed(28.5))
    assert table["share"].tolist() == pytest.approx((table["expected_h"] / (8.5 + 36)).tolist())


def test_who_is_seen_again_at_one_place_was_there_by_either() -> None:
    """Of eight hours between two scans: there for the one, or for the other, or both."""
    (home,) = rows(dwell_times(stays(("22:00", "22:00", HOME, 0), ("Tue 06:00", "Tue 06:00", HOME, 0)), tz=TZ))
    between = 2 * stayed(8) - 8 * math.exp(-1)
    assert home.expected_h == pytest.approx(between + stayed(36))
    assert home.night_h == pytest.approx(between + stayed(1) + stayed(25) - stayed(16))


@pytest.mark.parametrize(("day", "office_h"), [("Fri", 8.0), ("Sat", 0.0)])
def test_offices_are_closed_at_weekends(day: str, office_h: float) -> None:
    (work,) = rows(dwell_times(stays((f"{day} 07:00", f"{day} 17:00", WORK, 0)), tz=TZ))
    assert work.office_h == pytest.approx(office_h)


def test_hours_are_those_of_the_place() -> None:
    table = stays(("22:00", "Tue 06:00", HOME, 0))
    nights = [rows(dwell_times(table, tz=tz, after=timedelta(seconds=1)))[0].night_h for tz in (TZ, "UTC")]
    assert nights == pytest.approx([8.0, 0.0], abs=1e-3)


def test_without_a_location_there_is_no_row() -> None:
    assert dwell_times(stays(("09:00", "10:00", WORK, -1)), tz=TZ).empty
    assert dwell_times(stays(), tz=TZ).columns.tolist() == DWELL_TIMES.names


def test_misuse_is_named() -> None:
    table = stays(("09:00", "10:00", WORK, 0))
    with pytest.raises(SchemaError, match="no column location_id"):
        dwell_times(table.drop(columns="location_id"), tz=TZ)
    with pytest.raises(ValueError, match="after must be positive"):
        dwell_times(table, tz=TZ, after=timedelta(0))


hours = st.floats(0, 200, allow_nan=False)
stay = st.tuples(hours, st.floats(0, 12), st.integers(-1, 3))


def somebody(of: list[tuple[float, float, int]], user_id: str, first_location: int) -> pd.DataFrame:
    table = make_staypoints([("00:00", "00:00", HOME)] * len(of), user_id=user_id)
    begin = pd.Timestamp(when("00:00")).tz_convert("UTC")
    started = [begin + timedelta(hours=at) for at, _, _ in of]
    return table.assign(
        started_at=started,
        finished_at=[at + timedelta(hours=lasts) for at, (_, lasts, _) in zip(started, of, strict=True)],
        location_id=[place if place < 0 else place + first_location for _, _, place in of],
    )


@given(st.lists(stay, min_size=1, max_size=8), st.lists(stay, min_size=1, max_size=8))
def test_time_is_not_negative_and_no_result_depends_on_order(
    one: list[tuple[float, float, int]], other: list[tuple[float, float, int]]
) -> None:
    table = together(somebody(one, "s1", 0), somebody(other, "s2", 4))
    found = dwell_times(table, tz=TZ)
    pd.testing.assert_frame_equal(found, dwell_times(shuffled(table), tz=TZ))
    assert (found[["expected_h", "night_h", "office_h"]].to_numpy() >= 0).all()
    assert (found["night_h"] + found["office_h"] <= found["expected_h"] + 1e-9).all()


@given(st.lists(st.tuples(hours, st.integers(0, 3)), min_size=1, max_size=8))
def test_shares_of_moments_sum_to_less_than_one(moments: list[tuple[float, int]]) -> None:
    found = dwell_times(somebody([(at, 0.0, place) for at, place in moments], "s1", 0), tz=TZ)
    assert np.isfinite(found["share"]).all()
    assert found["share"].sum() < 1
