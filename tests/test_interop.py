"""Tables go to the peers and come back as they were; what the peers made is read, whatever its coordinates."""

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from mobility_builders import HOME, WORK, Position, make_fixes, make_staypoints, moved, shuffled, together

from scantrail import interop
from scantrail.mobility import locations, staypoints
from scantrail.schema import LOCATIONS, POSITIONFIXES, SchemaError


def some_fixes() -> pd.DataFrame:
    """Two subjects; one scan says where it was by a code alone."""
    fixes = together(
        make_fixes([("08:00", HOME), ("09:00", WORK), ("10:00", HOME)]),
        make_fixes([("08:00", HOME), ("08:30", WORK)], user_id="s2", first_request=3),
    )
    fixes.loc[2, ["latitude", "longitude"]] = np.nan
    return POSITIONFIXES.frame(fixes.assign(place_id=pd.Series(["a", None, "b", "c", "c"], dtype="str")))


def some_table(kind: str) -> pd.DataFrame:
    fixes = some_fixes()
    if kind == "positionfixes":
        return shuffled(fixes)
    stays, places = locations(staypoints(fixes), tz="Asia/Shanghai")
    if kind == "locations":
        return places
    stays.loc[0, "location_id"] = -1
    return shuffled(stays)


def by_file(table: pd.DataFrame, folder: Path) -> pd.DataFrame:
    interop.to_geoparquet(table, folder / "table.parquet")
    return interop.from_geoparquet(folder / "table.parquet")


def by_trackintel(table: pd.DataFrame, _: Path) -> pd.DataFrame:
    return interop.from_trackintel(interop.to_trackintel(table))


@pytest.mark.parametrize("way", [by_file, by_trackintel])
@pytest.mark.parametrize("kind", ["positionfixes", "staypoints", "locations"])
def test_there_and_back(kind: str, way: Callable[[pd.DataFrame, Path], pd.DataFrame], tmp_path: Path) -> None:
    table = some_table(kind)
    before = table.copy(deep=True)
    pd.testing.assert_frame_equal(way(table, tmp_path), before)
    pd.testing.assert_frame_equal(table, before)


def test_integers_stay_integers(tmp_path: Path) -> None:
    table = POSITIONFIXES.frame(make_fixes([("08:00", HOME)]).assign(user_id=7))
    for back in (by_file(table, tmp_path), by_trackintel(table, tmp_path)):
        assert back["user_id"].tolist() == [7]


def test_an_empty_table_is_a_file_too(tmp_path: Path) -> None:
    pd.testing.assert_frame_equal(by_file(make_fixes([]), tmp_path), make_fixes([]))


def test_trackintel_takes_them_as_its_own() -> None:
    import trackintel

    for kind in ("positionfixes", "staypoints", "locations"):
        theirs = interop.to_trackintel(some_table(kind))
        assert type(theirs) is getattr(trackintel, kind.capitalize())
        assert theirs.crs == "EPSG:4326"
    stays, places = interop.to_trackintel(some_table("staypoints")), interop.to_trackintel(some_table("locations"))
    assert stays["location_id"].isna().sum() == 1
    assert set(stays["location_id"].dropna()) <= set(places.index)


def test_what_trackintel_makes_is_read() -> None:
    fixes = make_fixes([("08:00", HOME), ("08:30", HOME), ("09:00", WORK)])
    with warnings.catch_warnings(action="ignore"):  # of what it calls
        _, theirs = interop.to_trackintel(fixes.drop(columns="request")).generate_staypoints(gap_threshold=60)
    stays = interop.from_trackintel(theirs)
    assert stays[["latitude", "longitude"]].to_numpy() == pytest.approx(np.array([HOME]))
    assert stays["finished_at"].tolist() == fixes["tracked_at"].tolist()[2:]


def test_coordinates_of_another_system_become_wgs84() -> None:
    fixes = make_fixes([("08:00", HOME), ("09:00", WORK)])
    mercator = interop.to_trackintel(fixes).to_crs("EPSG:3857")
    back = interop.from_trackintel(mercator)
    np.testing.assert_allclose(back[["latitude", "longitude"]], fixes[["latitude", "longitude"]], atol=1e-9)


def test_locations_that_trackintel_made_lack_what_we_count() -> None:
    places = interop.to_trackintel(some_table("locations"))[["user_id", "location_id", "center"]]
    with pytest.raises(SchemaError, match="table locations: no column staypoints, fixes, days, radius_m"):
        interop.from_trackintel(places)


@pytest.mark.parametrize(("city", "north_m"), [((30.27, 120.15), 170), ((22.57, 88.36), 3_400)])
def test_trackintel_merges_locations_that_are_far_apart(city: Position, north_m: float) -> None:
    """It clusters by longitude and latitude where scikit-learn wants them the other way: in Hangzhou, in Kolkata."""
    there = moved(city, north_m=north_m)
    stays, _ = locations(make_staypoints([("08:00", "09:00", city), ("10:00", "11:00", there)]), tz="Asia/Shanghai")
    points = interop.to_trackintel(stays.drop(columns="location_id"))
    with warnings.catch_warnings(action="ignore"):  # of what it calls
        theirs, _ = points.generate_locations(epsilon=100, num_samples=1, distance_metric="haversine")
    assert theirs["location_id"].tolist() == [0, 0]
    assert stays["location_id"].tolist() == [0, 1]


def by_movingpandas(table: pd.DataFrame) -> Any:
    with warnings.catch_warnings(action="ignore"):  # of what it calls
        return interop.to_movingpandas(table)


def test_movingpandas_has_a_trajectory_for_each_subject() -> None:
    fixes = some_fixes()
    theirs = by_movingpandas(shuffled(fixes))
    assert [trajectory.id for trajectory in theirs.trajectories] == ["s1", "s2"]
    assert theirs.trajectories[1].get_length() > 5_000
    pd.testing.assert_frame_equal(interop.from_movingpandas(theirs), fixes)
    pd.testing.assert_frame_equal(
        interop.from_movingpandas(theirs.trajectories[1]), fixes.iloc[3:].reset_index(drop=True)
    )


def test_movingpandas_cannot_hold_a_single_fix() -> None:
    nothing = interop.from_movingpandas(by_movingpandas(make_fixes([("08:00", HOME)])))
    pd.testing.assert_frame_equal(nothing, POSITIONFIXES.frame())


def test_a_trajectory_without_a_subject_is_one() -> None:
    (theirs,) = by_movingpandas(make_fixes([("08:00", HOME), ("08:30", WORK)])).trajectories
    theirs.df = theirs.df.drop(columns="user_id")
    assert interop.from_movingpandas(theirs)["user_id"].tolist() == ["s1", "s1"]


def test_other_tables_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="table staypoints: no column latitude"):
        interop.to_geoparquet(make_staypoints([]).drop(columns="latitude"), tmp_path / "table.parquet")
    with pytest.raises(SchemaError, match="table locations: no column days"):
        interop.to_trackintel(LOCATIONS.frame().drop(columns="days"))


def test_a_missing_package_is_named_with_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "geopandas", None)
    with pytest.raises(ModuleNotFoundError, match=r"geopandas is not installed: pip install 'scantrail\[geo\]'"):
        interop.to_geoparquet(make_fixes([]), tmp_path / "table.parquet")
