"""How few points single somebody out, and who is behind them."""

from datetime import timedelta
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mobility_builders import HOME, WORK, rows, shuffled

from scantrail.mobility.anonymity import anonymity
from scantrail.mobility.predictability import fano, lempel_ziv_bits, predictability
from scantrail.mobility.reidentification import reidentify
from scantrail.mobility.unicity import unicity, wilson
from scantrail.schema import SchemaError

START = pd.Timestamp("2020-02-17", tz="UTC")
HOUR = timedelta(hours=1)

type Trail = list[tuple[str, int]]  # place, hour


def trails(**of: Trail) -> pd.DataFrame:
    """Positionfixes of people: places by their codes, in hours from a Monday on."""
    return pd.DataFrame(
        [
            {"user_id": user, "tracked_at": START + hour * HOUR, "latitude": 0.0, "longitude": 0.0, "place_id": place}
            for user, trail in of.items()
            for place, hour in trail
        ],
        columns=["user_id", "tracked_at", "latitude", "longitude", "place_id"],
    ).astype({"tracked_at": "datetime64[us, UTC]", "user_id": "str", "place_id": "str"})


def shares(table: pd.DataFrame, **options: object) -> list[float]:
    return unicity(table, **options)["share"].tolist()  # type: ignore[arg-type]


# Unicity

TWINS = {"a": [("x", 1), ("y", 2)], "b": [("x", 1), ("y", 2)], "c": [("x", 1), ("z", 2)]}


def test_who_shares_all_points_with_somebody_is_not_unique() -> None:
    assert shares(trails(**TWINS), points=[2]) == [pytest.approx(1 / 3)]


def test_time_and_place_are_as_fine_as_is_asked() -> None:
    apart = trails(a=[("x", 1)], b=[("x", 2)], c=[("x", 30)])
    assert shares(apart, points=[1]) == [1.0]
    assert shares(apart, points=[1], every=timedelta(days=1)) == [pytest.approx(1 / 3)]
    assert shares(apart, points=[1], every=None) == [0.0]
    assert shares(apart, points=[1], every=None, place_m=500.0) == [0.0]


def test_days_begin_in_the_zone_that_is_given() -> None:
    apart = trails(a=[("x", 15)], b=[("x", 17)])
    assert shares(apart, points=[1], every=timedelta(days=1)) == [0.0]
    assert shares(apart, points=[1], every=timedelta(days=1), tz="Asia/Shanghai") == [1.0]


def test_people_with_fewer_points_are_left_out_and_counted() -> None:
    (one, two) = rows(unicity(trails(**TWINS, d=[("x", 1)]), points=[1, 2]))
    assert (one.people, one.left_out, two.people, two.left_out) == (4, 0, 3, 1)


def test_a_sample_is_compared_with_everybody() -> None:
    table = trails(**{f"p{number}": [("x", 1), ("y", 2)] for number in range(50)})
    (row,) = rows(unicity(table, points=[2], people=10))
    assert (row.people, row.share) == (10, 0.0)
    assert row.low == 0.0 < row.high < 0.5


def test_nobody_gives_no_share() -> None:
    (row,) = rows(unicity(trails(), points=[1]))
    assert (row.people, row.low, row.high) == (0, 0.0, 1.0)
    assert np.isnan(row.share)


def test_a_row_without_a_place_is_refused() -> None:
    with pytest.raises(SchemaError, match="not every row has a place_id"):
        unicity(trails(**TWINS).drop(columns="place_id"))
    with pytest.raises(SchemaError, match="row 0 has no position"):
        unicity(trails(**TWINS).assign(latitude=np.nan), place_m=500)


def test_wilsons_interval_is_as_published() -> None:
    """Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    low, high = wilson(np.array([81, 15, 0, 1]), np.array([263, 148, 20, 29]), 0.95)
    assert low == pytest.approx([0.2553, 0.0624, 0.0000, 0.0061], abs=5e-5)
    assert high == pytest.approx([0.3662, 0.1605, 0.1611, 0.1718], abs=5e-5)


trail = st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 3)), min_size=1, max_size=6)


@given(st.lists(trail, min_size=1, max_size=6), st.integers(0, 99))
def test_more_points_never_make_less_unique_and_rows_may_come_in_any_order(people: list[Trail], seed: int) -> None:
    table = trails(**{f"p{number}": mine for number, mine in enumerate(people)})
    found = unicity(table, points=[1, 2, 3], seed=seed)
    pd.testing.assert_frame_equal(found, unicity(shuffled(table), points=[1, 2, 3], seed=seed))
    enough = [mine for mine in people if len(set(mine)) >= 3]
    if len(enough) == len(people):
        assert found["share"].is_monotonic_increasing
    assert (found["low"] <= found["share"].fillna(0)).all()
    assert (found["high"] >= found["share"].fillna(1)).all()


@given(st.lists(trail, min_size=1, max_size=5))
def test_with_all_points_known_it_is_the_definition(people: list[Trail]) -> None:
    """Of people with two points each: unique is who has a pair that nobody else has."""
    pairs = [set(mine[:2]) for mine in people if len(set(mine[:2])) == 2]
    table = trails(**{f"p{number}": sorted(pair) for number, pair in enumerate(pairs)})
    (found,) = rows(unicity(table, points=[2]))
    expected = [sum(pair == other for other in pairs) == 1 for pair in pairs]
    assert found.people == len(pairs)
    assert np.nan_to_num(found.share) == pytest.approx(np.mean(expected) if pairs else 0)


# Anonymity


def test_home_and_work_together_single_out_more_than_either() -> None:
    far = (HOME[0] + 1, HOME[1])
    lived = {"a": (HOME, WORK), "b": (HOME, far), "c": (far, WORK), "d": (HOME, WORK), "e": (HOME, None)}
    anchors = pd.DataFrame(
        [
            {"user_id": user, "purpose": purpose, "location_id": 0, "latitude": at[0], "longitude": at[1]}
            for user, places in lived.items()
            for purpose, at in zip(("home", "work"), places, strict=True)
            if at
        ]
    ).assign(share=1.0, days=1, because="", probability=1.0, since=START, until=START)
    found = [(row.user_id, row.home_k, row.work_k, row.both_k) for row in rows(anonymity(anchors))]
    assert found == [("a", 4, 3, 2), ("b", 4, 1, 1), ("c", 1, 3, 1), ("d", 4, 3, 2), ("e", 4, 1, 1)]


# Predictability


def stays(*places: int, user: str = "s1") -> pd.DataFrame:
    times = [START + hour * HOUR for hour in range(len(places))]
    table = {"user_id": user, "started_at": times, "finished_at": times, "latitude": 0.0, "longitude": 0.0}
    return pd.DataFrame(table | {"location_id": places})


def test_who_never_moves_is_foretold_and_a_rhythm_nearly() -> None:
    constant, rhythm = (rows(predictability(stays(*places)))[0] for places in ([1] * 60, [1, 2] * 30))
    assert (constant.places, constant.real_bits, constant.bound) == (1, 0.0, 1.0)
    assert (rhythm.random_bits, rhythm.uncorrelated_bits) == (1.0, 1.0)
    assert rhythm.real_bits < 0.4
    assert rhythm.bound > 0.9


def test_dice_are_foretold_as_often_as_chance_has_it() -> None:
    (row,) = rows(predictability(stays(*np.random.default_rng(1).integers(0, 6, 3000).tolist())))
    assert row.random_bits == pytest.approx(np.log2(6))
    assert row.real_bits == pytest.approx(np.log2(6), rel=0.06)
    assert row.bound < 0.4


def shortest_new(sequence: list[int], start: int) -> int:
    """Length of the shortest stretch from there on that is not in what came before."""
    size = len(sequence)
    for length in range(1, size - start + 1):
        piece = sequence[start : start + length]
        if not any(sequence[at : at + length] == piece for at in range(start - length + 1)):
            return length
    return size - start + 1


@given(st.lists(st.integers(0, 3), min_size=2, max_size=25))
def test_the_estimate_is_kontoyiannis(sequence: list[int]) -> None:
    total = sum(shortest_new(sequence, start) for start in range(len(sequence)))
    expected = len(sequence) * np.log2(len(sequence)) / total
    assert lempel_ziv_bits(np.array(sequence)) == pytest.approx(expected)


@given(st.integers(2, 50), st.floats(0.01, 0.999))
def test_the_bound_solves_fanos_equation(places: int, share: float) -> None:
    highest = max(share, 1 / places)
    wrong = 1 - highest
    bits = -highest * np.log2(highest) - (wrong * np.log2(wrong) if wrong else 0) + wrong * np.log2(places - 1)
    assert fano(bits, places) == pytest.approx(highest, abs=1e-4)


# Re-identification


def observed(person: str, *seen: tuple[str, int]) -> pd.DataFrame:
    return trails(**{person: list(seen)}).rename(columns={"user_id": "person"})


CROWD = trails(**{f"p{number}": [("x", 1), (f"shop {number % 5}", 2), (f"home {number}", 3)] for number in range(20)})


def test_each_point_that_fits_makes_it_likelier_and_a_rare_one_most() -> None:
    (one, *_) = rows(reidentify(observed("w", ("x", 1)), CROWD, best=1))
    (shop, *_) = rows(reidentify(observed("w", ("x", 1), ("shop 3", 2)), CROWD, best=1))
    (home,) = rows(reidentify(observed("w", ("shop 3", 2), ("home 13", 3)), CROWD, best=1))
    assert one.probability == pytest.approx(1 / 20)
    assert 1 / 20 < shop.probability <= 1 / 4
    assert (home.user_id, home.rank) == ("p13", 1)
    assert home.probability > 0.8


def test_an_observation_that_fits_nobody_tells_nothing() -> None:
    found = reidentify(
        pd.concat([observed("w", ("home 1", 3), ("moon", 9)), observed("v", ("moon", 9))]), CROWD, best=2
    )
    assert {(row.person, row.user_id) for row in rows(found)} == {("w", "p1")}


@given(st.lists(st.sampled_from(sorted(combinations("xyz", 2))), min_size=2, max_size=6))
def test_probabilities_are_of_all_subjects_together(kinds: list[tuple[str, str]]) -> None:
    table = trails(**{f"p{number}": [(kind[0], 1), (kind[1], 2)] for number, kind in enumerate(kinds)})
    found = reidentify(observed("w", (kinds[0][0], 1), (kinds[0][1], 2)), table, best=99)
    assert found["probability"].sum() <= 1 + 1e-9
    assert found["probability"].is_monotonic_decreasing
    assert "p0" in found.loc[found["probability"] == found["probability"].max(), "user_id"].tolist()
