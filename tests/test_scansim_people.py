import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scansim_builders import lived, world

from scansim import SimulationError, ids
from scansim.city import HANGZHOU, find_city, load_city
from scansim.people import Person
from scansim.position import metres

CITY = load_city()


def a_person(seed: int, number: int = 1) -> Person:
    return world(seed).life(number).person


GB_11643_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # as the standard prints them


def for_any_seed(test: Callable[[int], None]) -> Callable[[], None]:
    """A week takes as long as the machine lets it: no deadline."""
    return settings(deadline=None, max_examples=50)(given(st.integers(0, 10**6))(test))


@pytest.mark.parametrize("published", ["11010519491231002X", "440524188001010014"])  # the examples of GB 11643
def test_check_character_agrees_with_the_standards_examples(published: str) -> None:
    assert ids.check_character(published[:-1]) == published[-1]


def test_luhn_digit_and_java_hash_agree_with_published_values() -> None:
    assert ids.luhn_digit("49015420323751") == "8"  # the usual example of an IMEI
    assert ids.java_hash("hello") == 99162322
    assert ids.java_hash("") == 0


@for_any_seed
def test_identifiers_are_valid_and_nobodys(seed: int) -> None:
    person = a_person(seed)
    resident_id = person.resident_id
    total = sum(int(digit) * weight for digit, weight in zip(resident_id[:17], GB_11643_WEIGHTS, strict=True))
    assert resident_id[17] == "10X98765432"[total % 11]
    assert resident_id[:6] in CITY.districts
    assert date(1840, 1, 1) <= date.fromisoformat(resident_id[6:14]) < date(1900, 1, 1)
    assert re.fullmatch(r"154\d{8}", person.phone_number)
    imei = person.device.imei
    assert re.fullmatch(r"00101\d{10}", imei)
    assert ids.luhn_digit(imei[:-1]) == imei[-1]


@for_any_seed
def test_the_device_id_has_the_published_layout(seed: int) -> None:
    device = a_person(seed).device
    raw = base64.b64decode(device.utdid, validate=True)
    assert (len(device.utdid), len(raw), raw[8:10]) == (24, 18, b"\x03\x00")
    assert 2016 <= datetime.fromtimestamp(int.from_bytes(raw[:4]), UTC).year <= 2020
    assert int.from_bytes(raw[10:14]) == ids.java_hash(device.imei)


@for_any_seed
def test_people_live_behind_the_gate_of_an_invented_compound(seed: int) -> None:
    person = a_person(seed)
    assert person.home.place.invented
    assert 39 < metres(person.home.position, person.home.place.gate) < 91
    if person.work:
        assert 19 < metres(person.work.position, person.work.place.gate) < 61
        assert metres(person.home.place.gate, person.work.place.gate) > 200


def test_a_person_depends_on_seed_and_number_alone() -> None:
    assert a_person(1, 2) == a_person(1, 2)
    everyone = [a_person(seed, number) for seed in range(5) for number in range(1, 6)]
    assert len({person.resident_id for person in everyone}) == len({person.device.utdid for person in everyone}) == 25


def test_the_gazetteer_is_of_hangzhou() -> None:
    real = [place for place in CITY.places if not place.invented]
    assert all(place.invented for place in CITY.of("compound")), "no simulated person lives where somebody does"
    assert len(real) >= 40
    centre = CITY.of("station")[0].gate
    assert all(metres(place.gate, centre) < 30_000 for place in CITY.places)
    assert len({place.name for place in CITY.places}) == len(CITY.places)


def test_yunlan_is_nowhere() -> None:
    city = find_city("yunlan", Path())
    assert all(place.invented for place in city.places)
    assert {code[:2] for code in (city.adcode, *city.districts)} == {"99"}, "no code of GB/T 2260"
    centre = city.places[0].gate
    assert all(metres(place.gate, centre) < 30_000 for place in city.places)
    assert any(len(place.all_gates) > 1 for place in city.places)


def test_the_area_of_a_position_is_that_of_the_place_there() -> None:
    for place in CITY.places:
        assert CITY.area(place.gate.moved(10, -10)).district_adcode == place.adcode
    [wuhan] = [other for other in CITY.elsewhere if other.english == "Wuhan"]
    there = CITY.area(wuhan.station.gate)
    assert (there.city, there.city_adcode, there.province_adcode) == ("武汉市", "420100", "420000")


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("places = [", "places = [[", "line"),
        ('category = "mall"', 'category = "shop"', "places.17..category.*shop.*is not one of station"),
        ("latitude = 30.2556", 'latitude = "north"', "places.0..latitude.*float"),
        ("latitude = 30.2556", "latitude = 302.556", "places.0..latitude.*90"),
        ('"330102-0002"', '"330102-0001"', "two places have the id 330102-0001"),
        ('"330102-0002"', '"330999-0002"', "no district 330999"),
        ('tz = "Asia/Shanghai"', 'tz = "Asia/Hangzhou"', "no time zone 'Asia/Hangzhou'"),
        ('tz = "Asia/Shanghai"', 'zone = "Asia/Shanghai"', "zone: no such key; allowed are"),
        ('category = "mall"', 'category = "park"', "no place of category mall"),
        ("mall = { opens = 10:00:00, closes = 22:00:00 }", "", "no opening hours for mall"),
    ],
)
def test_a_bad_gazetteer_gives_one_clear_line(tmp_path: Path, was: str, becomes: str, says: str) -> None:
    path, text = tmp_path / "city.toml", HANGZHOU.read_text("utf-8")
    everywhere = becomes == 'category = "park"'
    path.write_text(text.replace(was, becomes, -1 if everywhere else 1), "utf-8")
    with pytest.raises(SimulationError, match=says) as caught:
        load_city(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_missing_gazetteer_is_named(tmp_path: Path) -> None:
    with pytest.raises(SimulationError, match=r"nowhere\.toml: No such file"):
        load_city(tmp_path / "nowhere.toml")


# A city of one's own


def feature(longitude: float, latitude: float, **properties: object) -> dict[str, object]:
    geometry = {"type": "Point", "coordinates": [longitude, latitude]}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def collection(*features: object, **city: object) -> dict[str, object]:
    return {"type": "FeatureCollection", "city": {"tz": "Europe/Berlin"} | city, "features": list(features)}


HERE = (
    feature(13.40, 52.51, category="compound", name="Hof"),
    feature(13.45, 52.52, category="office"),
    feature(13.41, 52.53, shop="mall", name="Passage"),
    feature(13.41, 52.53, highway="bus_stop"),
    {"type": "Feature", "properties": {"leisure": "park"},
     "geometry": {"type": "Polygon", "coordinates": [[[13.0, 52.0], [13.2, 52.0], [13.2, 52.4], [13.0, 52.4]]]}},
)  # fmt: skip


def test_a_city_of_ones_own_is_geojson(tmp_path: Path) -> None:
    path = tmp_path / "berlin.geojson"
    path.write_text(json.dumps(collection(*HERE)))
    city = find_city("berlin.geojson", tmp_path)
    assert [(place.category, place.name) for place in city.places] == [
        ("compound", "Hof"), ("office", "office 1"), ("mall", "Passage"), ("park", "park 4"),
    ]  # fmt: skip
    assert city.of("park")[0].gate == pytest.approx((52.2, 13.1))
    people = [lived(world(city=str(path), days=2), number) for number in range(1, 8)]
    assert sum(len(one.week.scans) for one in people) > 5


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[", "no JSON"),
        ("{}", "not a GeoJSON FeatureCollection"),
        (json.dumps({"type": "FeatureCollection", "features": []}), 'needs a member "city"'),
        (json.dumps(collection()), "no place of category office"),
        (json.dumps(collection(*HERE, tz="Mars/Base")), "no time zone 'Mars/Base'"),
        (json.dumps(collection(feature(13.4, 95.0, category="mall"))), r"places\[0\].latitude.*90"),
        (json.dumps(collection(feature(13.4, 52.5, category="pub"))), r"places\[0\].category: 'pub' is not one of"),
        (json.dumps(collection({"properties": {"category": "mall"}})), r"features\[0\]"),
        (json.dumps(collection("x")), r"features\[0\]"),
    ],
)
def test_a_bad_geojson_gives_one_clear_line(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "city.geojson"
    path.write_text(content)
    with pytest.raises(SimulationError, match=says) as caught:
        load_city(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
