"""Home and work from scans at doors and gates: found where the scans tell, and not said where they do not."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mobility_builders import (
    HOME,
    HOME_STATION,
    MALL,
    MONDAY,
    PARK,
    WORK,
    WORK_STATION,
    Fix,
    Position,
    make_fixes,
    metres,
    moved,
    rows,
    shuffled,
    together,
    when,
)

from scantrail.history import History, reconstruct
from scantrail.mobility import home_and_work
from scantrail.mobility.home_work import read_visits
from scantrail.mobility.home_work.evidence import evidence
from scantrail.mobility.home_work.model import from_dict
from scantrail.schema import ANCHORS

TZ = "Asia/Shanghai"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")
WEEK = (*WEEKDAYS, "Sat", "Sun")


def history(*fixes: Fix, tz: str = TZ) -> History:
    return reconstruct(make_fixes(fixes), tz=tz)


def anchors(*fixes: Fix, tz: str = TZ) -> dict[str, Position]:
    table = history(*fixes, tz=tz).anchors
    return {row.purpose: (row.latitude, row.longitude) for row in rows(table)}


def days(names: tuple[str, ...], *scans: Fix) -> list[Fix]:
    """The same scans on each of these days."""
    return [(f"{name} {clock}", place) for name in names for clock, place in scans]


COMMUTE: tuple[Fix, ...] = (("08:10", HOME_STATION), ("08:50", WORK), ("18:10", WORK_STATION), ("18:50", HOME))

# What was scanned, and where home and work are; None: not decidable.
CASES: dict[str, tuple[list[Fix], Position | None, Position | None]] = {
    "a working week": (days(WEEKDAYS, *COMMUTE), HOME, WORK),
    "lunch out, and back in through the gate": (
        days(WEEKDAYS, ("08:50", WORK), ("12:00", MALL), ("12:50", WORK), ("18:50", HOME)),
        HOME,
        WORK,
    ),
    "two nights and three days are enough": (
        days(("Mon", "Tue"), *COMMUTE) + days(("Wed",), *COMMUTE[:3]),
        HOME,
        WORK,
    ),
    "one night may be spent anywhere": ([("Mon 19:00", HOME), ("Tue 12:00", PARK)], None, None),
    "two places with as many nights": (
        [("Mon 19:00", HOME), ("Tue 19:00", PARK), ("Wed 19:00", HOME), ("Thu 19:00", PARK)],
        None,
        None,
    ),
    "first scans decide between them": (
        [("Mon 19:00", HOME), ("Tue 07:00", HOME), ("Tue 19:00", PARK), ("Wed 19:00", HOME), ("Thu 19:00", PARK)],
        HOME,
        None,
    ),
    "the night ends at four": (
        days(WEEK, ("17:00", PARK), ("20:00", MALL)) + days(WEEK[1:], ("01:30", HOME)),
        HOME,
        None,
    ),
    "the office door alone tells no home": (days(WEEKDAYS, ("08:50", WORK)), None, WORK),
    "a station whose next gate often fails to check is no workplace, the place behind it is": (
        days(WEEKDAYS, ("08:10", HOME_STATION), ("18:50", HOME)) + days(WEEKDAYS[:2], ("08:50", WORK)),
        HOME,
        WORK,
    ),
    "a park every morning is no workplace": (
        days(WEEK, ("08:00", PARK), ("10:00", HOME), ("19:30", PARK), ("20:30", HOME)),
        HOME,
        None,
    ),
    "a workplace needs working days": (
        days(("Fri", "Sat", "Sun"), ("11:00", MALL), ("16:00", HOME)) + days(WEEKDAYS[:4], ("18:00", HOME)),
        HOME,
        None,
    ),
    "who works by night sleeps by day": (
        days(WEEKDAYS, ("07:20", HOME), ("21:50", WORK)) + days(("Sat", "Sun"), ("14:00", MALL), ("16:00", HOME)),
        HOME,
        WORK,
    ),
    "evenings out are no work": (days(WEEKDAYS, ("15:00", MALL), ("21:00", HOME)), HOME, None),
    "nothing": ([], None, None),
}


@pytest.mark.parametrize(("fixes", "home", "work"), CASES.values(), ids=CASES)
def test_cases(fixes: list[Fix], home: Position | None, work: Position | None) -> None:
    found = anchors(*fixes)
    expected = {purpose: place for purpose, place in (("home", home), ("work", work)) if place}
    assert found.keys() == expected.keys()
    assert all(metres(place, expected[purpose]) < 1 for purpose, place in found.items())


def test_hours_are_those_of_the_zone_given() -> None:
    """In Hangzhou's hours it is work by day and home by night; read as UTC, the two swap."""
    there, elsewhere = anchors(*days(WEEKDAYS, *COMMUTE)), anchors(*days(WEEKDAYS, *COMMUTE), tz="UTC")
    assert there["home"] == elsewhere["work"] == HOME
    assert there["work"] == elsewhere["home"] == WORK


def test_each_anchor_says_why() -> None:
    scans = [*days(WEEKDAYS, *COMMUTE), ("Sat 07:00", HOME)]
    home, work = rows(history(*scans).anchors)
    assert home.because == (
        "last scan of the day on 6, first of it on 1; one of the two on 6 of 6 days; the closest other place: on 5"
    )
    assert (home.share, home.days) == (1.0, 6)
    assert home.requests == [i for i, (_, place) in enumerate(scans) if place == HOME]
    assert work.because == (
        "seen there on 5 of 5 days from Monday to Friday, in office hours (09:00 to 17:00) on 5;"
        " the closest other place: on 5"
    )
    assert (work.share, work.days) == (1.0, 5)
    assert work.requests == [i for i, (_, place) in enumerate(scans) if place == WORK]
    assert (work.since, work.until) == (utc("Mon 08:50"), utc("Fri 08:50"))


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(when(text)).tz_convert("UTC")


def test_the_order_of_rows_is_no_input_and_no_input_is_changed() -> None:
    week = history(*days(WEEKDAYS, *COMMUTE))
    stays, places = shuffled(week.staypoints), shuffled(week.locations)
    before = stays.copy(deep=True), places.copy(deep=True)
    pd.testing.assert_frame_equal(home_and_work(stays, places, tz=TZ), week.anchors)
    pd.testing.assert_frame_equal(stays, before[0])
    pd.testing.assert_frame_equal(places, before[1])


def test_subjects_are_judged_apart() -> None:
    other = make_fixes([(time, moved(place, east_m=20_000)) for time, place in days(WEEKDAYS, *COMMUTE)], user_id="s2")
    both = reconstruct(together(make_fixes(days(WEEKDAYS, *COMMUTE)), other), tz=TZ).anchors
    assert both["user_id"].tolist() == ["s1", "s1", "s2", "s2"]
    pd.testing.assert_frame_equal(both[:2], history(*days(WEEKDAYS, *COMMUTE)).anchors)


def test_no_scans_no_anchors() -> None:
    pd.testing.assert_frame_equal(history().anchors, ANCHORS.frame())


# People whose gates check unevenly. Everybody lives at HOME; half of them work at WORK.


def life(rng: np.random.Generator, *, works: bool, days: int) -> Iterator[Fix]:
    """The scans of one person, each with an error of some ten metres."""
    for day in range(days):
        plan = workday if works and day % 7 < 5 else free_day
        for hour, place, checked in plan(rng):
            if rng.random() < checked:
                noisy = moved(place, north_m=rng.normal(0, 12), east_m=rng.normal(0, 12))
                yield MONDAY + timedelta(days=day, hours=hour), noisy


ERRANDS = (PARK, MALL, HOME_STATION, moved(PARK, east_m=900), moved(MALL, north_m=1_500))

type Plan = list[tuple[float, Position, float]]


def workday(rng: np.random.Generator) -> Plan:
    start, end = rng.uniform(7.5, 9.0), rng.uniform(17.0, 20.0)
    plan = [(start, HOME_STATION, 0.8), (start + 0.6, WORK, 0.8), (end, WORK_STATION, 0.8)]
    if rng.random() < 0.25:
        plan += [(12.0, moved(WORK, east_m=500), 0.9), (13.0, WORK, 0.8)]
    return sorted([*plan, (end + rng.uniform(0.6, 2.5), HOME, 0.8)])


def free_day(rng: np.random.Generator) -> Plan:
    plan: Plan = []
    for start in (rng.uniform(8, 11), rng.uniform(14, 18)):
        if rng.random() < 0.7:
            place = ERRANDS[rng.integers(len(ERRANDS))]
            plan += [(start, place, 0.8), (start + rng.uniform(0.5, 2.5), HOME, 0.8)]
    return plan


def test_homes_and_workplaces_of_a_hundred_people() -> None:
    scans = [make_fixes(life(np.random.default_rng(n), works=n % 2 == 0, days=21), user_id=f"{n}") for n in range(100)]
    found = reconstruct(pd.concat(scans), tz=TZ).anchors
    place = {(row.user_id, row.purpose): (row.latitude, row.longitude) for row in rows(found)}
    homes = [place.get((f"{n}", "home")) for n in range(100)]
    works = [place.get((f"{n}", "work")) for n in range(100)]
    assert sum(home is not None and metres(home, HOME) < 150 for home in homes) >= 98
    assert sum(work is not None and metres(work, WORK) < 150 for work in works[::2]) >= 48
    assert sum(work is not None for work in works[1::2]) <= 2


# Place ids alone, and more than one home. A visit is (day, from hour, hours, place).

type Visit = tuple[int, float, float, int]


def stays(visits: Iterable[Visit], *, user_id: str | int = "s1") -> pd.DataFrame:
    """Staypoints at places that nobody knows the position of."""
    day, hour, lasts, place = (np.array(column) for column in zip(*visits, strict=True))
    started = pd.Timestamp(MONDAY).tz_convert("UTC") + pd.to_timedelta(24.0 * day + hour, unit="h")
    return pd.DataFrame(
        {
            "user_id": user_id,
            "started_at": started,
            "finished_at": started + pd.to_timedelta(lasts, unit="h"),
            "latitude": np.nan,
            "longitude": np.nan,
            "location_id": place,
        }
    )


def nights(first: int, until: int, place: int) -> list[Visit]:
    return [(day, hour, 0.0, place) for day in range(first, until) for hour in (7.5, 19.0)]


def office(first: int, until: int, place: int) -> list[Visit]:
    return [(day, 8.5, 0.0, place) for day in range(first, until) if day % 7 < 5]


def told(table: pd.DataFrame, least_probability: float | None = None) -> dict[str, int]:
    found = home_and_work(table, tz=TZ, least_probability=least_probability)
    return dict(zip(found["purpose"], found["location_id"], strict=True))


def test_place_ids_are_enough() -> None:
    found = home_and_work(stays([*nights(0, 14, 7), *office(0, 14, 3)]), tz=TZ)
    assert dict(zip(found["purpose"], found["location_id"], strict=True)) == {"home": 7, "work": 3}
    assert found[["latitude", "longitude"]].isna().all(axis=None)
    assert "requests" not in found
    assert found["probability"].between(0.5, 1.0).all()


def test_stays_with_a_duration_tell_as_well() -> None:
    week = [(day, 19.0, 12.0, 1) for day in range(14)] + [(day, 9.0, 8.5, 2) for day in range(14) if day % 7 < 5]
    assert told(stays(week)) == {"home": 1, "work": 2}


def test_a_move_of_house_shows_both_homes_and_the_day() -> None:
    found = home_and_work(stays([*nights(0, 30, 1), *nights(30, 60, 2), *office(0, 60, 3)]), tz=TZ)
    by_purpose = found.set_index("purpose")
    assert by_purpose["location_id"].to_dict() == {"home": 2, "work": 3, "former home": 1}
    moved = pd.Timestamp(MONDAY) + timedelta(days=30)
    assert by_purpose["until"]["former home"] < moved <= by_purpose["since"]["home"]


@pytest.mark.parametrize("away", [(20, 27), (55, 60)], ids=["in between", "at the end"])
def test_a_holiday_is_no_move(away: tuple[int, int]) -> None:
    first, until = away
    assert told(stays([*nights(0, first, 1), *nights(first, until, 2), *nights(until, 60, 1)])) == {"home": 1}


def test_a_home_for_the_weekends_is_a_second_one() -> None:
    weekends = [visit for week in range(8) for visit in nights(7 * week + 5, 7 * week + 7, 2)]
    weekdays = [visit for week in range(8) for visit in nights(7 * week, 7 * week + 5, 1)]
    assert told(stays([*weekdays, *weekends, *office(0, 56, 3)])) == {"home": 1, "work": 3, "second home": 2}


def test_a_location_id_may_mean_other_places_to_other_people() -> None:
    one, other = [*nights(0, 14, 1), *office(0, 14, 2)], [*nights(0, 14, 2), *office(0, 14, 1)]
    found = home_and_work(together(stays(one, user_id=10), stays(other, user_id=9)), tz=TZ)
    assert found[["user_id", "purpose", "location_id"]].values.tolist() == [
        [9, "home", 2],
        [9, "work", 1],
        [10, "home", 1],
        [10, "work", 2],
    ]


def test_a_staypoint_at_no_location_is_nobodys_home() -> None:
    assert told(stays(nights(0, 14, -1))) == {}


def test_who_asks_for_surer_ones_gets_fewer() -> None:
    table = stays([*nights(0, 4, 1), *office(0, 4, 2)])
    assert told(table).keys() == {"home", "work"}
    assert told(table, least_probability=0.999) == {}


def test_many_people_are_judged_in_parts_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    table = together(*(stays([*nights(0, 7, 1), *office(0, 7, n % 3)], user_id=n) for n in range(9)))
    at_once = home_and_work(table, tz=TZ)
    monkeypatch.setattr("scantrail.mobility.home_work._ROWS", 25)
    pd.testing.assert_frame_equal(home_and_work(table, tz=TZ), at_once)


VISITS = st.lists(
    st.tuples(
        st.integers(0, 9), st.floats(0, 24, allow_nan=False), st.sampled_from([0.0, 0.5, 9.0]), st.integers(0, 3)
    ),
    min_size=1,
    max_size=40,
)


@given(VISITS, VISITS)
@settings(max_examples=40, deadline=None)
def test_whatever_the_visits(one: list[Visit], other: list[Visit]) -> None:
    table = together(stays(one), stays(other, user_id="s2"))
    found = home_and_work(table, tz=TZ, least_probability=0.0)
    pd.testing.assert_frame_equal(home_and_work(shuffled(table), tz=TZ, least_probability=0.0), found)
    assert found["probability"].between(0, 1).all()
    assert found["share"].between(0, 1).all()
    assert (found["since"] <= found["until"]).all()
    assert not found.duplicated(["user_id", "purpose"]).any()
    assert not found.duplicated(["user_id", "location_id"]).any()


@given(VISITS)
@settings(max_examples=40, deadline=None)
def test_hours_and_days_are_those_counted_one_by_one(some: list[Visit]) -> None:
    visits, _ = read_visits(stays(some), tz=TZ)
    found = evidence(visits)
    dates, office_hours = set(), np.zeros(len(found.owner))
    for row, (place, start) in enumerate(zip(visits.place, visits.start_h, strict=True)):
        until = min([start + 1.0, *visits.start_h[row + 1 :]])
        if row + 1 == len(visits.place) or visits.finish_h[row] > start:
            until = max(until, min([visits.finish_h[row], *visits.start_h[row + 1 :]]))
        dates.add((place, start // 24))
        for minute in np.arange(start, until, 1 / 60):
            office_hours[place] += (minute // 24 % 7 < 5) and 9 <= minute % 24 < 17
    assert found.counts["days"].tolist() == [sum(p == place for p, _ in dates) for place in range(len(found.owner))]
    share = office_hours / 60 / (office_hours.sum() / 60 + 1)
    assert found.places["office hours, share"] == pytest.approx(share, abs=0.05)


def test_trees_fall_where_they_should() -> None:
    tree = [["days, log", 1.5, 1, 2], [-3.0], ["days, share", 0.5, 3, 4], [1.0], [2.0]]
    found = evidence(read_visits(stays([*nights(0, 9, 1), *nights(20, 21, 2), *office(21, 25, 3)]), tz=TZ)[0])
    model = from_dict({"least_probability": 0.5, "start": 0.0, "trees": [tree, tree]})
    assert found.places["days, log"].tolist() == pytest.approx(np.log1p([9, 1, 4]).tolist())
    odds = np.exp([4.0, -6.0, 2.0])
    assert model.probability(found, np.ones(3, dtype=bool)) == pytest.approx(odds / (odds.sum() + 1.0))
