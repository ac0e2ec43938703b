"""Cells and map projections against values that their makers, or other libraries, published."""

import h3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scantrail import cells, geo, mercator

latitudes, longitudes = st.floats(-84, 84), st.floats(-179.9, 179.9)

# Latitude, longitude, the leaf cell's id, the token at level 20: as the library s2sphere 0.2.5 has them.
S2SPHERE = [
    (30.246026, 120.155077, 3768213957154391271, "344b62a111d"),
    (-33.856784, 151.215297, 7715420867172105727, "6b12ae66907"),
    (37.7749, -122.4194, 9260949627242122337, "8085809e8e9"),
    (-22.9519, -43.2105, 43206226838249625, "00997fd59ad"),
    (89.9, 10.0, 4995994163539129101, "45555638c9b"),
    (-89.5, -170.0, 11913564301273121425, "a5557b9c7a3"),
    (0.1, -0.1, 1152916813142290119, "0ffffbbbaef"),
    (51.5, 179.99, 6352142443761338783, "582757e5c31"),
]


def metres(cell: cells.Cell | mercator.Tile | None, latitude: float, longitude: float) -> float:
    assert cell is not None
    return geo.point_distance_m((cell.latitude, cell.longitude), (latitude, longitude))


@pytest.mark.parametrize(("latitude", "longitude", "leaf", "token"), S2SPHERE)
def test_s2_cells_are_those_of_s2sphere(latitude: float, longitude: float, leaf: int, token: str) -> None:
    assert cells.s2_at(latitude, longitude, 30) == leaf
    assert cells.s2_token(cells.s2_at(latitude, longitude, 20)) == token
    assert metres(cells.s2_cell(leaf), latitude, longitude) < 0.02
    assert metres(cells.s2_cell(token), latitude, longitude) < 8
    signed = leaf - (1 << 64) if leaf >> 63 else leaf
    assert cells.s2_cell(signed) == cells.s2_cell(leaf)


@given(latitudes, longitudes, st.integers(0, 30))
def test_an_s2_cell_holds_what_it_was_made_from(latitude: float, longitude: float, level: int) -> None:
    cell = cells.s2_cell(cells.s2_token(cells.s2_at(latitude, longitude, level)))
    assert metres(cell, latitude, longitude) < 7_842_000 / 2**level * 1.1


@pytest.mark.parametrize(
    ("text", "latitude", "longitude"),
    [("u4pruydqqvj", 57.64911, 10.40744), ("ezs42", 42.605, -5.603), ("EZS42", 42.605, -5.603)],  # Wikipedia, "Geohash"
)
def test_geohashes_are_the_published_ones(text: str, latitude: float, longitude: float) -> None:
    cell = cells.geohash(text)
    assert cell is not None
    assert (cell.latitude, cell.longitude) == pytest.approx((latitude, longitude), abs=1e-3)
    assert cells.geohash_at(cell.latitude, cell.longitude, len(text)) == text.lower()


@given(st.floats(-90, 90), st.floats(-180, 180), st.integers(1, 12))
def test_a_geohash_holds_what_it_was_made_from(latitude: float, longitude: float, length: int) -> None:
    cell = cells.geohash(cells.geohash_at(latitude, longitude, length))
    assert cell is not None
    assert abs(cell.latitude - latitude) <= cell.half_latitude * 1.0001
    assert abs(cell.longitude - longitude) <= cell.half_longitude * 1.0001


@given(latitudes, longitudes, st.integers(0, 15))
def test_h3_cells_are_read_as_text_and_as_integers(latitude: float, longitude: float, resolution: int) -> None:
    index = h3.latlng_to_cell(latitude, longitude, resolution)
    cell = cells.h3_cell(index)
    assert cell == cells.h3_cell(int(index, 16)) == cells.h3_cell(index.upper())
    assert cell is not None
    assert metres(cell, latitude, longitude) < 2.5 * cell.radius_m


def test_plus_codes_are_the_published_ones() -> None:
    assert metres(cells.plus_code("8FVC9G8F+6X"), 47.365590, 8.524997) < 20  # the code's documentation: Google Zurich
    assert cells.plus_code("9G8F+6X", (47.4, 8.6)) == cells.plus_code("8FVC9G8F+6X")
    assert cells.plus_code("9G8F+6X") is None


def test_quadkeys_and_tiles_are_the_published_ones() -> None:
    assert mercator.quadkey("213") == mercator.tile(3, 3, 5)  # Bing Maps Tile System
    assert mercator.tile_at(47.37, 8.55, 10) == (536, 358)
    assert metres(mercator.quadkey(mercator.quadkey_at(30.25, 120.16, 18)), 30.25, 120.16) < 120


@given(latitudes, longitudes)
def test_web_mercator_and_back(latitude: float, longitude: float) -> None:
    assert mercator.to_degrees(*mercator.to_metres(latitude, longitude)) == pytest.approx((latitude, longitude))


def test_baidu_metres_are_those_of_its_map() -> None:
    x, y = mercator.to_baidu_metres(39.915, 116.404)  # the Gate of Heavenly Peace, as its demos centre the map
    assert (x, y) == pytest.approx((12958175.0, 4825923.77), abs=0.01)


@given(st.floats(-73, 73), st.floats(-179, 179))
def test_baidu_metres_and_back(latitude: float, longitude: float) -> None:
    back = mercator.from_baidu_metres(*mercator.to_baidu_metres(latitude, longitude))
    assert geo.point_distance_m(back, (latitude, longitude)) < 1


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09", "unknown"])
@given(st.floats(1, 55), st.floats(73, 137))
def test_one_position_is_converted_as_arrays_are(datum: str, latitude: float, longitude: float) -> None:
    one = geo.point_to_wgs84((latitude, longitude), datum)
    assert one == pytest.approx(tuple(float(x) for x in geo.to_wgs84(latitude, longitude, datum)), abs=1e-8)
    assert geo.point_distance_m(one, (30.0, 120.0)) == pytest.approx(float(geo.distance_m(*one, 30.0, 120.0)))


@given(st.text(max_size=24))
def test_any_text_is_a_cell_or_none(text: str) -> None:
    for read in (cells.geohash, cells.h3_cell, cells.s2_cell, cells.plus_code, mercator.quadkey):
        read(text)


@given(st.integers(-(2**70), 2**70))
def test_any_integer_is_a_cell_or_none(number: int) -> None:
    cells.h3_cell(number)
    cells.s2_cell(number)
