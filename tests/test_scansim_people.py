import base64
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scansim import SimulationError, ids
from scansim.city import HANGZHOU, load_city
from scansim.people import make_person
from scansim.position import metres

CITY = load_city()
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
    person = make_person(seed, 1, CITY)
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
    device = make_person(seed, 1, CITY).device
    raw = base64.b64decode(device.utdid, validate=True)
    assert (len(device.utdid), len(raw), raw[8:10]) == (24, 18, b"\x03\x00")
    assert 2016 <= datetime.fromtimestamp(int.from_bytes(raw[:4]), UTC).year <= 2020
    assert int.from_bytes(raw[10:14]) == ids.java_hash(device.imei)


@for_any_seed
def test_people_live_behind_the_gate_of_an_invented_compound(seed: int) -> None:
    person = make_person(seed, 1, CITY)
    assert person.home.place.invented
    assert 39 < metres(person.home.position, person.home.place.gate) < 91
    assert 19 < metres(person.work.position, person.work.place.gate) < 61
    assert metres(person.home.place.gate, person.work.place.gate) > 2_000


def test_a_person_depends_on_seed_and_number_alone() -> None:
    assert make_person(1, 2, CITY) == make_person(1, 2, CITY)
    everyone = [make_person(seed, number, CITY) for seed in range(5) for number in range(1, 6)]
    assert len({person.resident_id for person in everyone}) == len({person.device.utdid for person in everyone}) == 25


def test_the_gazetteer_is_of_hangzhou() -> None:
    invented = [place for place in CITY.places if place.invented]
    assert 4 <= len(invented) <= 6
    assert {place.category for place in invented} == {"compound"}
    assert len(CITY.places) - len(invented) >= 40
    centre = CITY.of("station")[0].gate
    assert all(metres(place.gate, centre) < 30_000 for place in CITY.places)
    assert len({place.name for place in CITY.places}) == len(CITY.places)


def test_the_district_of_a_position_is_that_of_the_place_there() -> None:
    for place in CITY.places:
        assert CITY.district(place.gate.moved(10, -10)) == place.adcode


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("places = [", "places = [[", "line"),
        ('category = "mall"', 'category = "shop"', "shop.*places.17..category"),
        ("latitude = 30.2556", 'latitude = "north"', "float.*places.0..latitude"),
        ("latitude = 30.2556", "latitude = 302.556", "places.0..latitude"),
        ('"330102-0002"', '"330102-0001"', "two places have the id 330102-0001"),
        ('"330102-0002"', '"330999-0002"', "no district 330999"),
        ('tz = "Asia/Shanghai"', 'tz = "Asia/Hangzhou"', "no time zone 'Asia/Hangzhou'"),
        ('tz = "Asia/Shanghai"', 'zone = "Asia/Shanghai"', "zone"),
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
