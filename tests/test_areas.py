"""Administrative areas and cities: codes with their history, names in any spelling, addresses, composite values."""

import phonenumbers
import pytest
from gb2260.data import data as editions
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import geocoder
from stdnum.cn import ric

from scantrail.detectors import areas, gazetteer, place_names


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("330106", "330106 is 西湖区, 杭州市, 浙江省"),
        ("3301", "330100 is 杭州市, 浙江省"),
        ("33", "330000 is 浙江省"),
        ("330106001", "330106 is 西湖区, 杭州市, 浙江省"),
        ("330106001002", "330106 is 西湖区, 杭州市, 浙江省"),
        ("330113", "330113 is 临平区, 杭州市, 浙江省"),
        ("110103", "110103 is 崇文区, 北京市 (a code valid until 2010)"),
        ("330104", "330104 is 江干区, 杭州市, 浙江省 (a code valid until 2021)"),
        ("429004", "429004 is 仙桃市, 湖北省"),
        ("810000", "810000 is 香港特别行政区"),
    ],
)
def test_a_code_is_said_in_names(code: str, words: str) -> None:
    assert areas.described(code) == words


@pytest.mark.parametrize(
    "code", ["000000", "990101", "330199", "33010", "3301061", "", "abcdef", "３３０１０６", "33010600100"]
)
def test_what_never_was_a_code_is_none(code: str) -> None:
    assert areas.area(code) is None


def test_every_code_of_the_standard_since_2002_is_known() -> None:
    assert [code for edition in editions.values() for code in edition if areas.area(str(code)) is None] == []


@pytest.mark.parametrize("code", ["330106", "110105", "360426", "810000", "659001"])
def test_a_birthplace_is_the_one_that_python_stdnum_reads(code: str) -> None:
    found = areas.area(code)
    assert found is not None
    place = ric.get_birth_place(f"{code}201001010000")
    assert found.name in (place.get("county"), place["province"], "香港特别行政区")


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("杭州市", "city"),
        ("杭州", "city"),
        ("北京", "city"),
        ("香港", "city"),
        ("延边", "city"),
        ("义乌", "city"),
        ("吉林", "city"),  # a province too
        ("浙江", "region"),
        ("内蒙古", "region"),
        ("西湖区", "district"),
        ("西湖", "district"),
        ("浦东新区", "district"),
        ("市辖区", None),
        ("城市", None),
        ("Hangzhou", None),
    ],
)
def test_a_chinese_name_has_a_level(name: str, level: str | None) -> None:
    assert areas.level(name) == level


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("浙江省杭州市西湖区文三路90号", ("浙江省", "杭州市", "西湖区", True)),
        ("浙江省 杭州市 西湖区", ("浙江省", "杭州市", "西湖区", False)),
        ("杭州市", (None, "杭州市", None, False)),
        ("北京市海淀区中关村大街1号", (None, "北京市", "海淀区", True)),
        ("广西壮族自治区南宁市青秀区", ("广西壮族自治区", "南宁市", "青秀区", False)),
        ("延边朝鲜族自治州延吉市", (None, "延边朝鲜族自治州", "延吉市", False)),
        ("西湖区文三路", None),
        ("火星市", None),
        ("杭州", None),
        ("", None),
    ],
)
def test_a_chinese_address_is_read_from_its_beginning(text: str, expected: tuple[object, ...] | None) -> None:
    assert areas.address(text) == (expected and areas.Address(*expected))  # type: ignore[arg-type]


@given(st.text(alphabet="浙江省杭州市西湖区文三路0123,; ", max_size=400))
def test_any_text_is_read_without_an_error(text: str) -> None:
    areas.address(text)
    place_names.city_in_list(text)


def test_telephone_codes_are_those_of_libphonenumber() -> None:
    codes = areas.telephone_codes()
    assert (codes["0571"], codes["010"], len(codes)) == ("浙江省杭州市", "北京市", 316)
    for code in ("0571", "021", "0755"):
        number = phonenumbers.parse(code + "88886666"[: 11 - len(code)], "CN")
        assert codes[code].endswith(
            geocoder.description_for_number(number, "zh").removeprefix("广东省").removeprefix("浙江省")
        )


@pytest.mark.parametrize(
    ("name", "country", "found"),
    [
        ("plovdiv", None, "Plovdiv"),
        ("München", None, "Munich"),
        ("HANGZHOU", None, "Hangzhou"),
        ("hang zhou shi", None, "Hangzhou"),
        ("杭州", None, "Hangzhou"),
        ("Sao Paulo", None, "São Paulo"),
        ("Paris", "US", "Paris"),
        ("Paris", "BG", None),
        ("Lemuria City", None, None),
        ("HGH", None, None),
    ],
)
def test_a_city_is_known_in_any_spelling(name: str, country: str | None, found: str | None) -> None:
    city = gazetteer.city(name, country)
    assert (city and city.name) == found
    assert city is None or country in (None, city.country)


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("plovdiv|16|4000|BG|EU", "plovdiv"),
        ("Hangzhou,Zhejiang,CN", "Hangzhou"),
        ("Hangzhou, China", "Hangzhou"),
        ("San Francisco, CA", "San Francisco"),
        ("浙江/杭州", "杭州"),
        ("浙江-杭州-西湖", "杭州"),
        ("US|Springfield", "Springfield"),
        ("Hangzhou", None),
        ("left,top,US", None),
        ("1,2,3", None),
        ("en-US,en;q=0.9", None),
        ("", None),
    ],
)
def test_a_list_tells_a_city_with_its_country_or_province(text: str, city: str | None) -> None:
    found = place_names.city_in_list(text)
    assert (found and found.value) == city


@pytest.mark.parametrize(
    ("postcode", "country", "found"),
    [
        ("94103", "US", True),
        ("SW1A 1AA", "GB", True),
        ("10115", "Germany", True),
        ("1011", "DE", False),
        ("94103", "x", False),
    ],
)
def test_a_postcode_has_its_countrys_shape(postcode: str, country: str, found: bool) -> None:
    assert (place_names.postcode_of(postcode, country) is not None) == found
