"""Home and work from scans at doors and gates: found where the scans tell, and not said where they do not."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
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
)

from scantrail.history import History, reconstruct
from scantrail.mobility import home_and_work
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
    "a station whose next gate often fails to check is no workplace": (
        days(WEEKDAYS, ("08:10", HOME_STATION), ("18:50", HOME)) + days(WEEKDAYS[:2], ("08:50", WORK)),
        HOME,
        None,
    ),
    "a park every morning is no workplace": (
        days(WEEK, ("08:00", PARK), ("10:00", HOME), ("19:30", PARK), ("20:30", HOME)),
        HOME,
        None,
    ),
    "a workplace needs working days": (
        days(("Mon", "Tue", "Sat", "Sun"), ("09:00", MALL), ("18:00", HOME)),
        HOME,
        None,
    ),
    "a second home is no workplace": (
        days(("Mon", "Tue", "Wed", "Thu"), ("19:00", HOME))
        + days(("Fri", "Sat", "Sun"), ("13:00", PARK), ("20:00", PARK)),
        HOME,
        None,
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
    assert home.because == "last scan of the day on 5, first of the next day on 1 of 5 nights; next place: 0"
    assert (home.share, home.days) == (1.0, 5)
    assert home.requests == [i for i, (_, place) in enumerate(scans) if place == HOME]
    assert work.because == "reached by 14:00 for 3 h or more on 5 of 5 weekdays away from home; next place: 0"
    assert (work.share, work.days) == (1.0, 5)
    assert work.requests == [i for i, (_, place) in enumerate(scans) if place == WORK]


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
    assert sum(work is not None for work in works[1::2]) <= 1
