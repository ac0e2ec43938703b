"""Places are where most people say; scans that cannot be true are said to be so, and stay in the table."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from builders import disclosed, make_request
from hypothesis import given
from hypothesis import strategies as st
from mobility_builders import HOME, MALL, PARK, WORK, Fix, Position, make_fixes, metres, moved, rows, together, when

from scantrail.history import reconstruct
from scantrail.mobility.places import places
from scantrail.mobility.positionfixes import positionfixes
from scantrail.mobility.remote import believe, believed
from scantrail.schema import PLACES, SchemaError

TZ = "Asia/Shanghai"
HANGZHOU, BEIJING = HOME, (39.90, 116.40)


def scans(*of: tuple[str, Position | None, str | None], user_id: str = "s1") -> pd.DataFrame:
    """Positionfixes from (when, where, place code)."""
    nowhere = (np.nan, np.nan)
    table = make_fixes([(at, where or nowhere) for at, where, _ in of], user_id=user_id)
    return table.assign(place_id=pd.Series([code for _, _, code in of], dtype="str"))


def crowd(*where: Position, code: str = "gate") -> pd.DataFrame:
    """One scan each of so many people."""
    tables = [scans(("09:00", position, code), user_id=f"s{number}") for number, position in enumerate(where)]
    return together(*tables)


def doubts(fixes: pd.DataFrame) -> list[str | None]:
    found = believe(fixes)[0]["doubt"]
    return [None if pd.isna(doubt) else doubt for doubt in found]


# Where places are


def test_a_place_is_where_its_scans_are() -> None:
    (place,) = rows(places(crowd(HOME, moved(HOME, north_m=20), moved(HOME, north_m=-20))))
    assert metres(HOME, (place.latitude, place.longitude)) < 1
    assert place.radius_m == pytest.approx(20, abs=1)
    assert (place.place_id, place.agreeing, place.users, place.fixes) == ("gate", 1.0, 3, 3)


def test_photographed_codes_do_not_move_it() -> None:
    (place,) = rows(places(crowd(HOME, HOME, HOME, WORK, BEIJING)))
    assert metres(HOME, (place.latitude, place.longitude)) < 1
    assert place.agreeing == pytest.approx(0.6)


def test_everybody_has_one_vote() -> None:
    often = scans(*((f"{hour:02}:00", WORK, "gate") for hour in range(8, 18)), user_id="often")
    (place,) = rows(places(together(often, crowd(HOME, HOME))))
    assert metres(HOME, (place.latitude, place.longitude)) < 1


def test_a_code_that_is_told_everywhere_is_no_place() -> None:
    everywhere = [moved(HOME, east_m=4_000 * step) for step in range(8)]
    assert places(crowd(*everywhere))["latitude"].isna().all()
    found, _ = believe(crowd(*everywhere))
    assert found["place_id"].isna().all()
    assert found["doubt"].isna().all()


def test_coarse_positions_count_for_nothing_beside_finer_ones() -> None:
    coarse = crowd(WORK, WORK, WORK).assign(precision_m=5_000.0)
    (place,) = rows(places(together(coarse, crowd(HOME))))
    assert metres(HOME, (place.latitude, place.longitude)) < 1
    (area,) = rows(places(coarse))
    assert area.radius_m == 5_000


@pytest.mark.parametrize("precision_m", [-100.0, -1.0, 0.0, np.nan, np.inf])
def test_no_precision_loses_a_place(precision_m: float) -> None:
    (place,) = rows(places(crowd(HOME, HOME).assign(precision_m=precision_m)))
    assert metres(HOME, (place.latitude, place.longitude)) < 1


def test_finer_positions_count_for_more() -> None:
    coarse = crowd(*[moved(HOME, east_m=700)] * 3).assign(precision_m=900.0)
    (place,) = rows(places(together(coarse, crowd(HOME, HOME).assign(precision_m=10.0))))
    assert metres(HOME, (place.latitude, place.longitude)) < 20


@pytest.mark.parametrize("at", [(0.0, 180.0), (12.0, -180.0), (90.0, 0.0), (-89.9999, 30.0)])
def test_places_may_be_at_the_edges_of_the_map(at: Position) -> None:
    around = [at, (at[0], at[1] - 1e-5), (at[0], -at[1] + 1e-5 if abs(at[1]) == 180 else at[1] + 1e-5)]
    (place,) = rows(places(crowd(*around)))
    assert metres(at, (place.latitude, place.longitude)) < 3
    assert place.fixes == 3


def test_without_codes_or_positions_there_are_none() -> None:
    assert places(make_fixes([("09:00", HOME)])).columns.tolist() == PLACES.names
    assert places(scans(("09:00", None, "gate"), ("10:00", HOME, None))).empty
    assert places(make_fixes([])).empty


# What is believed


def test_a_scan_without_a_position_is_at_its_place() -> None:
    fixes, _ = believe(together(crowd(HOME, HOME), scans(("10:00", None, "gate"), user_id="s9")))
    *_, last = rows(fixes)
    assert metres(HOME, (last.latitude, last.longitude)) < 1
    assert (last.told_by, pd.isna(last.doubt)) == ("place", True)


def test_a_scan_far_from_its_place_is_remote_and_stays_in_the_table() -> None:
    fixes = together(crowd(HOME, HOME, HOME), scans(("10:00", PARK, "gate"), user_id="s9"))
    found, _ = believe(fixes)
    assert doubts(fixes) == [None, None, None, "place"]
    assert len(believed(found)) == 3


@pytest.mark.parametrize("at", [(400.0, 116.4), (-90.01, 120.0), (30.0, 180.01), (30.0, -600.0)])
def test_a_position_that_is_not_on_the_earth_is_doubted_and_stays_in_the_table(at: Position) -> None:
    """It moves no place, casts no doubt on its neighbours, and is not taken for the place's own position."""
    fixes = together(scans(("09:00", HOME, None), ("09:01", at, "gate"), ("09:02", at, None), ("09:03", HOME, None)))
    assert doubts(fixes) == [None, "position", "position", None]
    found, located = believe(fixes)
    assert (found["latitude"].iat[1], found["longitude"].iat[1]) == at
    assert located.empty
    lost = scans(("10:00", None, "gate"), user_id="s9")
    assert doubts(together(crowd(HOME, at, at), lost)) == [None, "position", "position", None]


@pytest.mark.parametrize("at", [(90.0, 0.0), (-90.0, 180.0), (0.0, -180.0)])
def test_the_edges_of_the_map_are_on_the_earth(at: Position) -> None:
    assert doubts(make_fixes([("09:00", at)])) == [None]


def test_precision_excuses_a_distance() -> None:
    honest = crowd(HOME, HOME, HOME)
    near = scans(("10:00", moved(HOME, east_m=700), "gate"), user_id="s9")
    assert doubts(together(honest, near))[-1] == "place"
    assert doubts(together(honest, near.assign(precision_m=600.0)))[-1] is None


@pytest.mark.parametrize(
    ("at", "where", "doubt"),
    [
        ("09:05", moved(HOME, east_m=900), None),  # phones err
        ("09:10", moved(HOME, east_m=15_000), None),  # 84 km/h, the first kilometre excused
        ("09:05", moved(HOME, east_m=15_000), "speed"),
        ("10:30", (31.23, 121.47), None),  # to Shanghai by rail
        ("09:40", (31.23, 121.47), "speed"),
        ("12:00", BEIJING, None),  # by air
        ("10:30", BEIJING, "speed"),
    ],
)
def test_nobody_is_too_fast(at: str, where: Position, doubt: str | None) -> None:
    """Seen three times at home, once elsewhere."""
    fixes = make_fixes([("08:00", HOME), ("08:30", HOME), ("09:00", HOME), (at, where)])
    assert doubts(fixes) == [None, None, None, doubt]


@pytest.mark.parametrize("every_min", [1, 5, 10, 20])
def test_who_is_aboard_a_train_need_not_board_it_again(every_min: int) -> None:
    """From Hangzhou at 300 km/h after half an hour: a quarter of an hour later, all is believed."""
    minutes = range(0, 91, every_min)
    where = [moved(HOME, north_m=5_000 * max(0, minute - 30)) for minute in minutes]
    fixes = make_fixes(
        [(when("08:00") + timedelta(minutes=minute), at) for minute, at in zip(minutes, where, strict=True)]
    )
    doubted = [minute for minute, doubt in zip(minutes, doubts(fixes), strict=True) if doubt]
    assert max(doubted, default=0) <= 45


def test_a_stray_fix_is_no_boarding() -> None:
    """There by rail, and back at once by rail: boarded twice."""
    far = moved(HOME, north_m=100_000)
    assert doubts(make_fixes([("08:00", HOME), ("08:40", far), ("09:00", HOME), ("09:10", HOME)])).count("speed") == 1


def test_the_longest_chain_is_believed() -> None:
    """A stray fix goes, not its two neighbours; and a place that is confirmed outweighs one that is not."""
    stray: list[Fix] = [("09:00", HOME), ("09:05", BEIJING), ("09:10", HOME)]
    assert doubts(make_fixes(stray)) == [None, "speed", None]
    known = crowd(WORK, WORK, code="work")
    confirmed = scans(("09:00", HOME, None), ("09:01", WORK, "work"), user_id="s9")
    assert doubts(together(known, confirmed))[-2:] == ["speed", None]


def test_who_scans_a_photograph_of_a_code_without_a_position_is_too_fast() -> None:
    known = together(crowd(HOME, HOME, code="home"), crowd(WORK, WORK, code="work"))
    mine = scans(("09:00", None, "home"), ("09:02", None, "work"), ("09:04", None, "home"), user_id="s9")
    assert doubts(together(known, mine))[-3:] == [None, "speed", None]


def test_believing_twice_says_the_same() -> None:
    fixes = together(crowd(HOME, HOME, HOME, WORK), scans(("10:00", None, "gate"), user_id="s9"))
    once, known = believe(fixes)
    again, same = believe(once)
    pd.testing.assert_frame_equal(again, once)
    pd.testing.assert_frame_equal(same, known)


def test_a_history_is_made_of_what_is_believed() -> None:
    fixes = together(crowd(HOME, HOME, HOME), scans(("10:00", PARK, "gate"), user_id="s9"))
    history = reconstruct(fixes, tz=TZ)
    assert len(history.positionfixes) == 4
    assert "s9" not in set(history.staypoints["user_id"])


def test_other_tables_are_named() -> None:
    with pytest.raises(SchemaError, match="table positionfixes: no column latitude"):
        believe(make_fixes([("09:00", HOME)]).drop(columns="latitude"))
    with pytest.raises(SchemaError, match="table places: no column"):
        believe(make_fixes([("09:00", HOME)]), make_fixes([]))


somewhere = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
minute = st.integers(0, 10_000)
code = st.sampled_from(["a", "b", None])
scan = st.tuples(minute, st.one_of(somewhere, st.sampled_from([HOME, WORK, MALL]), st.none()), code)


def table_of(of: Sequence[tuple[int, Position | None, str | None]]) -> pd.DataFrame:
    start = when("00:00")
    tables = [
        scans((start + timedelta(minutes=at), where, name), user_id=f"s{number % 3}")  # type: ignore[arg-type]
        for number, (at, where, name) in enumerate(of)
    ]
    return together(*tables).assign(request=range(len(of)))


@given(st.lists(scan, min_size=1, max_size=12), st.randoms())
def test_nothing_is_lost_and_no_result_depends_on_order(
    of: list[tuple[int, Position | None, str | None]], random: np.random.Generator
) -> None:
    fixes = table_of(of)
    order = list(range(len(fixes)))
    random.shuffle(order)
    found, located = believe(fixes)
    other, same = believe(fixes.iloc[order])
    assert found["request"].tolist() == fixes["request"].tolist()
    pd.testing.assert_frame_equal(located, same, rtol=1e-9)
    told = other.set_index("request").sort_index()
    assert told["told_by"].fillna("").tolist() == found["told_by"].fillna("").tolist()
    doubted = pd.DataFrame(
        {"of": told["doubt"].fillna("").to_numpy(), "at": fixes["tracked_at"], "user": fixes["user_id"]}
    )
    again = pd.DataFrame({"of": found["doubt"].fillna(""), "at": fixes["tracked_at"], "user": fixes["user_id"]})
    assert sorted(doubted.itertuples(index=False)) == sorted(again.itertuples(index=False))


@given(st.lists(somewhere, max_size=2), st.integers(3, 6))
def test_a_minority_moves_no_place(elsewhere: list[Position], honest: int) -> None:
    (place,) = rows(places(crowd(*[HOME] * honest, *elsewhere)))
    assert metres(HOME, (place.latitude, place.longitude)) < 1_001


# From requests


def told(*bodies: dict[str, object]) -> pd.DataFrame:
    """Positionfixes of requests with these bodies, a minute apart, each with the same telephone number."""
    requests = [
        make_request(body={"phone": "13800138000"} | body, index=index, minutes=index)
        for index, body in enumerate(bodies)
    ]
    found = [disclosure for request in requests for disclosure in disclosed(request)]
    return positionfixes(found, dict.fromkeys(range(len(requests)), "s1"))


AT_HOME: dict[str, object] = {"latitude": HOME[0], "longitude": HOME[1]}


def test_a_request_may_name_a_place_alone() -> None:
    (fix,) = rows(told({"placeId": "gate-17"}))
    assert (fix.place_id, np.isnan(fix.latitude), pd.isna(fix.told_by)) == ("gate-17", True, True)


def test_a_radio_tells_where_a_request_without_position_was_made() -> None:
    wifi: dict[str, object] = {"bssid": "8c:53:c3:00:11:22"}
    here, again = rows(told(AT_HOME | wifi, {"bssid": "8C-53-C3-00-11-22"}))
    assert (here.told_by, again.told_by) == ("position", "wifi")
    assert metres((here.latitude, here.longitude), (again.latitude, again.longitude)) < 1


def test_an_area_says_where_a_place_is_and_is_no_position() -> None:
    area: dict[str, object] = {"adcode": "330106"}
    far = {"latitude": WORK[0], "longitude": WORK[1]}
    fixes = told(AT_HOME | area, far | area, AT_HOME | area, area | {"placeId": "gate-17"}, area)
    assert fixes["request"].tolist() == [0, 1, 2, 3]
    found, located = believe(fixes)
    (gate,) = rows(located)
    assert gate.radius_m > 1_000
    last = rows(found)[-1]
    assert (last.place_id, np.isnan(last.latitude)) == ("gate-17", True)


def test_of_several_codes_the_one_that_is_a_place_counts() -> None:
    shop: dict[str, object] = {"storeId": "shop-1"}  # an app's constant, told wherever the phone is
    where = [moved(HOME, east_m=3_000 * step) for step in range(5)]
    fixes = told(
        *(shop | {"placeId": f"gate-{n}", "latitude": at[0], "longitude": at[1]} for n, at in enumerate(where)),
    )
    assert fixes["place_id"].tolist() == [f"gate-{n}" for n in range(5)]
