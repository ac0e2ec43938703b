"""Distances and datums against values that others published."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scantrail import geo

type Position = tuple[float, float]

# Latitude, longitude; what two map vendors' own converters returned for GPS positions.
GPS_GCJ = ((39.990475, 116.481499), (39.991754014757, 116.487585177952))
GPS_BD = ((29.575429778924, 114.21892734521), (29.57908428837437, 114.2307519546763))

# Wherever the shift is defined, a kilometre away from the borders of its box, beyond which there is none.
latitudes, longitudes = st.floats(0.85, 55.81), st.floats(72.03, 137.82)


def metres(a: Position, b: Position) -> float:
    return float(geo.distance_m(*a, *b))


@pytest.mark.parametrize(
    ("a", "b", "expected_m"),
    [
        ((0.0, 0.0), (0.0, 0.0), 0.0),
        ((0.0, 0.0), (0.0, 180.0), np.pi * geo.EARTH_RADIUS_M),
        ((90.0, 0.0), (-90.0, 77.0), np.pi * geo.EARTH_RADIUS_M),
        ((0.0, 0.0), (1.0, 0.0), geo.METRES_PER_DEGREE),
        ((60.0, 10.0), (60.0, 10.001), geo.METRES_PER_DEGREE / 2000),
        ((10.0, 179.9995), (10.0, -179.9995), geo.METRES_PER_DEGREE / 1000 * np.cos(np.radians(10))),
        ((36.12, -86.67), (33.94, -118.40), 2_886_448.0),  # Nashville to Los Angeles: Rosetta Code, "Haversine formula"
    ],
)
def test_distances(a: Position, b: Position, expected_m: float) -> None:
    assert metres(a, b) == pytest.approx(expected_m, rel=1e-6, abs=1e-6)


def test_distance_of_arrays_is_elementwise() -> None:
    found = geo.distance_m([0.0, 0.0], [0.0, 0.0], np.array([1.0, 2.0]), 0.0)
    assert found == pytest.approx([geo.METRES_PER_DEGREE, 2 * geo.METRES_PER_DEGREE])


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180))
def test_chords_and_unit_vectors_say_the_same(a: float, b: float, c: float, d: float) -> None:
    apart = float(np.linalg.norm(geo.unit_vectors(a, b) - geo.unit_vectors(c, d)))
    assert apart == pytest.approx(geo.chord(metres((a, b), (c, d))), abs=1e-9)


def test_centres_are_weighted_and_cross_the_antimeridian() -> None:
    latitude, longitude = geo.centres([1.0, 2.0, 5.0], [179.999, -179.999, 3.0], np.array([0, 0, 1]), [3.0, 1.0, 1.0])
    assert latitude == pytest.approx([1.25, 5.0])
    assert longitude == pytest.approx([179.9995, 3.0])


def test_gcj02_is_the_vendors() -> None:
    gps, gcj = GPS_GCJ
    latitude, longitude = geo.wgs84_to_gcj02(*gps)
    assert metres((float(latitude), float(longitude)), gcj) < 0.05


def test_bd09_is_the_vendors() -> None:
    gps, bd = GPS_BD
    latitude, longitude = geo.gcj02_to_bd09(*geo.wgs84_to_gcj02(*gps))
    assert metres((float(latitude), float(longitude)), bd) < 0.7


@pytest.mark.parametrize(("datum", "expected_m"), [("gcj02", 521.0), ("bd09", 1159.0)])
def test_a_wrong_datum_moves_hangzhou_by_half_a_kilometre_or_more(datum: str, expected_m: float) -> None:
    latitude, longitude = np.meshgrid(np.linspace(30.15, 30.40, 26), np.linspace(120.00, 120.35, 36))
    right = geo.to_wgs84(latitude, longitude, datum)
    assert np.median(geo.distance_m(latitude, longitude, *right)) == pytest.approx(expected_m, rel=0.02)


@given(latitudes, longitudes)
def test_gcj02_and_back(latitude: float, longitude: float) -> None:
    back = geo.to_wgs84(*geo.wgs84_to_gcj02(latitude, longitude), "gcj02")
    assert geo.distance_m(latitude, longitude, *back) < 0.001


@given(latitudes, longitudes)
def test_bd09_and_back(latitude: float, longitude: float) -> None:
    back = geo.to_wgs84(*geo.gcj02_to_bd09(*geo.wgs84_to_gcj02(latitude, longitude)), "bd09")
    assert geo.distance_m(latitude, longitude, *back) < 0.001


@pytest.mark.parametrize("position", [(48.2, 16.4), (-33.9, 151.2), (40.7, -74.0)])
def test_nothing_is_shifted_elsewhere(position: Position) -> None:
    assert tuple(float(x) for x in geo.wgs84_to_gcj02(*position)) == position
    assert not geo.point_is_shifted(position)


@pytest.mark.parametrize("datum", ["wgs84", "unknown"])
def test_wgs84_and_unknown_stay(datum: str) -> None:
    assert tuple(float(x) for x in geo.to_wgs84(30.2, 120.1, datum)) == (30.2, 120.1)


def test_an_unheard_of_datum_is_named() -> None:
    with pytest.raises(ValueError, match="unknown datum 'mars'"):
        geo.to_wgs84(30.2, 120.1, "mars")


@pytest.mark.parametrize("side_m", [50.0, 500.0, 20_000.0])
@given(st.floats(-90, 90), st.floats(-180, 180))
def test_a_square_is_of_one_size_everywhere(side_m: float, latitude: float, longitude: float) -> None:
    """Who is half as far away as a side, in both directions, is in the same square or in one of its neighbours."""
    step = side_m / geo.METRES_PER_DEGREE
    here = geo.squares(latitude, longitude, side_m)
    assert here == geo.squares(latitude, longitude + 360.0, side_m) or abs(longitude) < 1e-6
    corners = np.array([(a, b) for a in (-0.4, 0.4) for b in (-0.4, 0.4)]) * step
    lon = longitude + corners[:, 1] / max(np.cos(np.radians(latitude)), 1e-3)
    assert len(set(geo.squares(latitude + corners[:, 0], lon, side_m).tolist())) <= 4


def test_squares_are_told_apart() -> None:
    latitude, longitude = np.meshgrid(np.arange(30.0, 30.2, 0.01), np.arange(120.0, 120.2, 0.01))
    assert len(np.unique(geo.squares(latitude, longitude, 500.0))) == latitude.size
