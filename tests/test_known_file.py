"""The file of known values and positions is read as it was meant, and what is wrong in it is said in one line."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scantrail.detectors.known import load
from scantrail.model import CaptureError, Known, KnownPosition, KnownValue

FULL = """
[values]
email = "jane@example.com"
phone = ["+49 151 23456789", " +49 151 23456789 ", "0151 23456789"]

[[position]]
name = "home"
lat = 30.25
lon = 120.16
from = 2020-02-17T08:00:00+08:00
to = "2020-02-18T08:00:00"

[[position]]
lat = 30
lon = 120
from = 2020-02-17
"""


def write(folder: Path, text: str, name: str = "known.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_values_and_positions_is_read(tmp_path: Path) -> None:
    known = load(write(tmp_path, FULL))
    assert known.values == (
        KnownValue("email", ("jane@example.com",)),
        KnownValue("phone", ("+49 151 23456789", "0151 23456789")),
    )
    assert known.positions == (
        KnownPosition("home", 30.25, 120.16, datetime(2020, 2, 17, tzinfo=UTC), datetime(2020, 2, 18, 8, tzinfo=UTC)),
        KnownPosition("position 2", 30.0, 120.0, datetime(2020, 2, 17, tzinfo=UTC), None),
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("k.json", '{"a": "one", "b": ["two", 4444]}'),
        ("k.toml", 'a = "one"\nb = ["two", 4444]'),
        ("k.toml", "\ufeffa = 'one'\nb = ['two', '4444']"),
    ],
)
def test_names_and_values_alone_are_read_too(tmp_path: Path, name: str, text: str) -> None:
    assert load(write(tmp_path, text, name)) == Known((KnownValue("a", ("one",)), KnownValue("b", ("two", "4444"))))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[values", "is not TOML"),
        ("[values]\na = 1.5", "values.a holds a number; expected a text"),
        ("[values]\na = true", "values.a holds true; expected a text"),
        ("[values]\na = []", "values.a is empty; expected one value or more"),
        ("[values]\na = ['yes', ' x ']", "values.a holds 'x'; expected at least 3 characters"),
        ("[values]\n[values.a]\nb = 'see'", "values.a holds a table"),
        ("values = 'abc'", "values is a text; expected a table: [values]"),
        ("[values]\n[other]", "other is not known; expected [values] and [[position]]"),
        ("position = 3", "position is a number; expected tables: [[position]]"),
        ("[position]\nlat = 1\nlon = 2", "position is a table; expected tables: [[position]]"),
        ("[[position]]\nlat = 1", "position 1.lon is missing"),
        ("[[position]]\nlat = 91\nlon = 2", "position 1.lat is 91; expected a number of WGS-84 degrees from -90 to 90"),
        ("[[position]]\nlat = nan\nlon = 2", "position 1.lat is nan"),
        ("[[position]]\nlat = '1'\nlon = 2", "position 1.lat is a text"),
        ("[[position]]\nlat = 1\nlon = 2\nalt = 3", "position 1.alt is not known; expected one of lat, lon"),
        ("[[position]]\nlat = 1\nlon = 2\nname = 3", "position 1.name is a number"),
        ("[[position]]\nlat = 1\nlon = 2\nfrom = 'noon'", "position 1.from is 'noon'; expected an ISO 8601 time"),
        ("[[position]]\nlat = 1\nlon = 2\nfrom = 12", "position 1.from is a number"),
        ("[[position]]\nlat = 1\nlon = 2\nfrom = 2020-01-02\nto = 2020-01-01", "position 1.to is 2020-01-01"),
    ],
)
def test_what_is_wrong_in_the_file_is_said_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(CaptureError) as refused:
        load(path)
    assert says in str(refused.value)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="cannot be read: No such file"):
        load(tmp_path / "none.toml")
    with pytest.raises(CaptureError, match="is not JSON"):
        load(write(tmp_path, "{", "k.json"))
    with pytest.raises(CaptureError, match="holds a list"):
        load(write(tmp_path, "[]", "k.json"))
    (tmp_path / "latin.toml").write_bytes(b"a = '\xe9'")
    with pytest.raises(CaptureError, match="is not UTF-8 at byte 5"):
        load(tmp_path / "latin.toml")
    with pytest.raises(CaptureError, match="a holds half of a surrogate pair"):
        load(write(tmp_path, '{"a": "abc\\ud800"}', "k.json"))


def test_the_example_of_the_documentation_is_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "known.md").read_text()
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    known = load(write(tmp_path, example))
    assert [value.name for value in known.values] == ["email", "phone", "advertising id"]
    assert known.positions[0].name == "home"
