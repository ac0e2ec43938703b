"""A changed identifier is followed by behaviour, never where times overlap, and whatever the order of the rows."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import make_capture, make_request
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from scantrail import analyse_capture
from scantrail.cli import cli
from scantrail.mobility.pseudonyms import follow
from scantrail.schema import LINKS

START = pd.Timestamp("2020-02-17", tz="UTC")
PEOPLE = 12


def town(*, days: int = 28, change: int = 14, names: str = "{person}-{number}") -> pd.DataFrame:
    """People between a home and a work of their own and one market; identifiers change after so many days."""
    rows = [
        {
            "user_id": names.format(person=person, number=day // change),
            "tracked_at": START + pd.Timedelta(days=day, hours=hour),
            "latitude": 30.0 + 0.02 * place,
            "longitude": 120.0,
        }
        for person in range(PEOPLE)
        for day in range(days)
        for hour, place in ((7, 1 + 2 * person), (9, 2 + 2 * person), (18, 0))
    ]
    return pd.DataFrame(rows)


def linked(fixes: pd.DataFrame) -> dict[str, str]:
    links = follow(fixes, tz="Asia/Shanghai")
    return dict(zip(links["predecessor"], links["successor"], strict=True))


def test_who_keeps_home_and_work_is_followed() -> None:
    assert linked(town()) == {f"{person}-0": f"{person}-1" for person in range(PEOPLE)}


def test_a_place_by_its_code_needs_no_position() -> None:
    fixes = town()
    fixes["place_id"] = fixes["latitude"].map("gate {:.2f}".format)
    fixes[["latitude", "longitude"]] = np.nan
    assert len(linked(fixes)) == PEOPLE


def test_overlapping_times_are_two_people() -> None:
    fixes = town()
    late = fixes["user_id"].str.endswith("-1")
    fixes.loc[late, "tracked_at"] -= pd.Timedelta(days=10)
    assert linked(fixes) == {}


def test_who_shares_but_the_market_is_not_followed() -> None:
    fixes = town()
    late = fixes["user_id"].str.endswith("-1") & (fixes["latitude"] > 30.0)
    fixes.loc[late, "latitude"] += 5.0
    assert linked(fixes) == {}


def test_few_subjects_cannot_tell_what_is_rare() -> None:
    fixes = town()
    assert linked(fixes[fixes["user_id"].isin(["0-0", "0-1", "1-0", "1-1"])]) == {}


@pytest.mark.parametrize("rows", [0, 1])
def test_nothing_to_link_is_an_empty_table(rows: int) -> None:
    links = follow(town().head(rows) if rows else pd.DataFrame(), tz="UTC")
    assert links.empty
    assert list(links.columns) == LINKS.names


def test_a_fix_without_time_or_place_says_nothing() -> None:
    fixes = town()
    lost = fixes.head(2).assign(tracked_at=pd.Series([None, START]), latitude=[30.0, np.nan], user_id=["0-0", "nobody"])
    assert linked(pd.concat([fixes, lost])) == linked(fixes)


def test_integers_stay_integers() -> None:
    links = follow(town(names="{person}{number}").astype({"user_id": "int64"}), tz="UTC")
    assert len(links) == PEOPLE
    assert links["predecessor"].dtype == links["successor"].dtype == np.int64


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(random: object) -> None:
    fixes = town(days=8, change=4)
    mixed = fixes.sample(frac=1.0, random_state=random.randrange(2**31))  # type: ignore[attr-defined]
    expected = follow(fixes, tz="UTC")
    pd.testing.assert_frame_equal(follow(mixed, tz="UTC"), expected)
    assert expected["probability"].between(0.5, 1.0).all()


def test_codes_that_were_changed_in_a_capture_are_linked() -> None:
    visits = town(days=8, change=4, names="HZ{person:05}{number:05}").sort_values("tracked_at")
    minutes = (visits["tracked_at"] - START) / pd.Timedelta(minutes=1)
    told = zip(minutes, visits["user_id"], visits["latitude"], strict=True)
    requests = [
        make_request(index=index, minutes=minute, body={"codeNo": code, "lat": f"{latitude:.6f}", "lng": "120.000000"})
        for index, (minute, code, latitude) in enumerate(told)
    ]
    analysis = analyse_capture(make_capture(requests))
    code = {user: next(iter(analysis.subjects.values(user))) for user in analysis.subjects.identifiers}
    pairs = analysis.links[["predecessor", "successor"]].map(code.__getitem__).to_numpy()
    assert len(pairs) == PEOPLE
    assert all(old[:7] == new[:7] for old, new in pairs)


def test_the_verb_prints_the_table_of_links() -> None:
    done = CliRunner().invoke(cli, ["joins", str(Path(__file__).parents[1] / "captures" / "golden" / "hangzhou")])
    assert done.exit_code == 0, done.output
    assert "links" in done.output
