"""Staypoints that lie together become locations: latitude first, on the sphere, per subject, counted in local days."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mobility_builders import HOME, PARK, WORK, Position, make_staypoints, metres, moved, rows, shuffled, together
from sklearn.cluster import DBSCAN

from scantrail import geo
from scantrail.mobility import locations
from scantrail.schema import LOCATIONS

TZ = "Asia/Shanghai"


def at(*positions: Position) -> pd.DataFrame:
    """Staypoints at these positions, one after the other."""
    return make_staypoints(
        [(f"{8 + i // 60:02}:{i % 60:02}", f"{8 + i // 60:02}:{i % 60:02}", p) for i, p in enumerate(positions)]
    )


def ids(stays: pd.DataFrame, **more: float) -> list[int]:
    return locations(stays, tz=TZ, **more)[0]["location_id"].tolist()


def test_what_lies_together_is_one_location_in_the_order_of_first_visits() -> None:
    assert ids(at(HOME, WORK, moved(HOME, east_m=80), PARK, WORK)) == [0, 1, 0, 2, 1]


def test_a_chain_of_steps_holds_together() -> None:
    assert ids(at(HOME, moved(HOME, north_m=180), moved(HOME, north_m=90))) == [0, 0, 0]


@pytest.mark.parametrize(("radius_m", "expected"), [(99.0, [0, 1]), (101.0, [0, 0])])
def test_the_radius_is_in_metres(radius_m: float, expected: list[int]) -> None:
    assert ids(at(HOME, moved(HOME, east_m=100)), radius_m=radius_m) == expected


def test_longitude_first_would_merge_what_is_apart() -> None:
    """The mistake of handing [lon, lat] to scikit-learn, as trackintel 1.4 does: at 120° E it halves northward ways."""
    stays = at(HOME, moved(HOME, north_m=150))
    swapped = np.radians(stays[["longitude", "latitude"]].to_numpy())
    wrong = DBSCAN(eps=100 / geo.EARTH_RADIUS_M, min_samples=1, metric="haversine").fit_predict(swapped)
    assert wrong.tolist() == [0, 0]
    assert ids(stays) == [0, 1]


def test_subjects_have_their_own_locations() -> None:
    stays, places = locations(together(at(HOME), at(HOME).assign(user_id="s2")), tz=TZ)
    assert stays["location_id"].tolist() == [0, 1]
    assert places["user_id"].tolist() == ["s1", "s2"]


def test_the_centre_is_weighted_by_fixes() -> None:
    often = make_staypoints([("08:00", "08:00", HOME)], fixes=3)
    once = make_staypoints([("09:00", "09:00", moved(HOME, north_m=80))])
    _, places = locations(together(often, once), tz=TZ)
    (place,) = rows(places)
    assert metres((place.latitude, place.longitude), moved(HOME, north_m=20)) < 0.01
    assert (place.staypoints, place.fixes) == (2, 4)
    assert place.radius_m == pytest.approx(60, abs=0.01)


def test_days_are_local() -> None:
    """07:00 and 23:00 in Hangzhou are two days in UTC and one there."""
    stays = make_staypoints([("Tue 07:00", "Tue 07:00", HOME), ("Tue 23:00", "Tue 23:00", HOME)])
    assert locations(stays, tz=TZ)[1]["days"].tolist() == [1]
    assert locations(stays, tz="UTC")[1]["days"].tolist() == [2]


def test_a_night_is_two_days() -> None:
    assert locations(make_staypoints([("20:00", "Tue 07:00", HOME)]), tz=TZ)[1]["days"].tolist() == [2]


def test_the_antimeridian_is_no_border() -> None:
    stays, places = locations(at((-17.0, 179.9998), (-17.0, -179.9998)), tz=TZ)
    assert stays["location_id"].tolist() == [0, 0]
    assert abs(places["longitude"].item()) == pytest.approx(180.0)


def test_no_staypoints_no_locations() -> None:
    stays, places = locations(at(), tz=TZ)
    assert stays.empty
    pd.testing.assert_frame_equal(places, LOCATIONS.frame())


spots = st.tuples(st.integers(-6, 6), st.integers(-6, 6)).map(
    lambda p: moved(HOME, north_m=70 * p[0], east_m=70 * p[1])
)


def components(positions: list[Position], radius_m: float) -> list[int]:
    """Connected components by trying all pairs, numbered by first member."""
    label = list(range(len(positions)))
    for i, a in enumerate(positions):
        for j, b in enumerate(positions[:i]):
            if metres(a, b) <= radius_m:
                label = [label[j] if known == label[i] else known for known in label]
    order: dict[int, int] = {}
    return [order.setdefault(known, len(order)) for known in label]


@settings(max_examples=30)
@given(st.lists(spots, min_size=1, max_size=20))
def test_they_are_the_connected_components(positions: list[Position]) -> None:
    assert ids(at(*positions)) == components(positions, 100.0)


@settings(max_examples=30)
@given(st.lists(spots, min_size=1, max_size=20), st.integers(0, 99))
def test_the_order_of_rows_is_no_input_and_no_input_is_changed(positions: list[Position], seed: int) -> None:
    stays = together(at(*positions), at(*positions[:3]).assign(user_id="s0"))
    mixed = shuffled(stays, seed)
    before = mixed.copy(deep=True)
    numbered, places = locations(mixed, tz=TZ)
    pd.testing.assert_frame_equal(mixed, before)
    expected, expected_places = locations(stays, tz=TZ)
    pd.testing.assert_frame_equal(places, expected_places)
    key = ["user_id", "started_at"]
    pd.testing.assert_frame_equal(
        numbered.sort_values(key, ignore_index=True), expected.sort_values(key, ignore_index=True)
    )


def named(stays: pd.DataFrame, *places: str | None) -> pd.DataFrame:
    return stays.assign(place_id=pd.array(places, dtype="str"))


def test_the_same_place_is_one_location_even_without_a_position_and_two_places_are_two() -> None:
    near = moved(HOME, east_m=50)
    stays = named(at(HOME, (np.nan, np.nan), near, (np.nan, np.nan), WORK), "a", "a", "b", "c", None)
    found, places = locations(stays, tz=TZ)
    assert found["location_id"].tolist() == [0, 0, 1, 2, 3]
    assert places["latitude"].isna().tolist() == [False, False, True, False]
    assert (places["latitude"][0], places["longitude"][0]) == HOME


@pytest.mark.parametrize("longitude", [120.13, 179.9999, 0.0])
@pytest.mark.parametrize("latitude", [0.0, 30.29, -89.999, 89.99])
@settings(max_examples=10)
@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=1, max_size=40), st.integers(30, 200))
def test_clusters_are_those_of_scikit_learn(
    latitude: float, longitude: float, steps: list[tuple[int, int]], radius_m: int
) -> None:
    """Also across the antimeridian and around a pole."""
    positions = [moved((latitude, longitude), north_m=47.0 * north, east_m=53.0 * east) for north, east in steps]
    found = np.array(ids(at(*positions), radius_m=radius_m))
    model = DBSCAN(eps=radius_m / geo.EARTH_RADIUS_M, min_samples=1, metric="haversine")
    labels = model.fit_predict(np.radians(np.array(positions)))
    assert ((found[:, None] == found) == (labels[:, None] == labels)).all()
