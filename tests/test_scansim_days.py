from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scansim.city import load_city
from scansim.clock import FIRST_DAY, at_hour
from scansim.days import live
from scansim.events import APART, FIRST_USE, Event, events
from scansim.people import make_person
from scansim.position import metres
from scansim.seeds import stream
from scansim.trail import CHECKS, Week

CITY = load_city()
START = datetime(2020, 2, 16, 16, tzinfo=UTC)  # Monday 17 February, 00:00 in Hangzhou
DAYS = 7
FASTEST_M_S = 10.0  # the metro, straight from station to station


def for_any_seed(test: Callable[[int], None]) -> Callable[[], None]:
    """A week takes as long as the machine lets it: no deadline."""
    return settings(deadline=None, max_examples=50)(given(st.integers(0, 10**6))(test))


@cache
def a_week(seed: int) -> Week:
    return live(make_person(seed, 1, CITY), CITY, seed=seed, first=FIRST_DAY, days=DAYS)


@cache
def the_events(seed: int) -> tuple[Event, ...]:
    return events(a_week(seed), CITY, stream(seed, "events"))


@for_any_seed
def test_truth_covers_every_instant_once(seed: int) -> None:
    segments = a_week(seed).segments
    assert segments[0].started_at == START
    assert segments[-1].finished_at == START + timedelta(days=DAYS)
    assert all(segment.started_at < segment.finished_at for segment in segments)
    assert all(a.finished_at == b.started_at and a.end == b.start for a, b in pairwise(segments))


@for_any_seed
def test_people_move_at_plausible_speeds_and_stay_where_they_are(seed: int) -> None:
    for segment in a_week(seed).segments:
        seconds = (segment.finished_at - segment.started_at).total_seconds()
        assert metres(segment.start, segment.end) / seconds < FASTEST_M_S
        assert segment.activity == "travel" or segment.start == segment.end


@for_any_seed
def test_scans_happen_where_the_person_is(seed: int) -> None:
    week = a_week(seed)
    assert all(metres(week.position(scan.at), scan.place.gate) < 5 for scan in week.scans)
    assert all((scan.place.category, scan.direction) in CHECKS for scan in week.scans)
    assert all(a.at < b.at for a, b in pairwise(week.scans))


@for_any_seed
def test_nights_are_spent_at_home(seed: int) -> None:
    week, home = a_week(seed), make_person(seed, 1, CITY).home.position
    for day in range(DAYS):
        assert week.position(at_hour(FIRST_DAY + timedelta(days=day), 3, CITY.zone)) == home


@for_any_seed
def test_work_is_on_working_days(seed: int) -> None:
    hours = [0.0] * DAYS
    for segment in a_week(seed).segments:
        if segment.activity == "work":
            hours[(segment.started_at - START).days] += (segment.finished_at - segment.started_at) / timedelta(hours=1)
    assert all(5 < worked < 12 for worked in hours[:5])
    assert hours[5:] == [0, 0]


@for_any_seed
def test_errands_begin_at_open_places(seed: int) -> None:
    by_name = {place.name: place for place in CITY.places}
    for segment in a_week(seed).segments:
        if segment.activity == "errand":
            assert CITY.is_open(by_name[segment.place], segment.started_at)


def test_a_week_has_about_four_scans_a_day() -> None:
    a_day = [len(a_week(seed).scans) / DAYS for seed in range(60)]
    assert 3.8 < mean(a_day) < 4.5
    assert sum(3 <= scans <= 5 for scans in a_day) > 45
    assert 2 < min(a_day) <= max(a_day) < 7


def test_compounds_check_on_coming_home_more_than_on_leaving() -> None:
    scans = [scan for seed in range(60) for scan in a_week(seed).scans if scan.place.category == "compound"]
    coming = sum(scan.direction == "enter" for scan in scans)
    assert 1.8 < coming / (len(scans) - coming) < 3.6


@for_any_seed
def test_the_same_seed_gives_the_same_week(seed: int) -> None:
    person = make_person(seed, 1, CITY)
    again = live(person, CITY, seed=seed, first=FIRST_DAY, days=DAYS)
    assert again == a_week(seed)
    assert events(again, CITY, stream(seed, "events")) == the_events(seed)
    assert live(person, CITY, seed=seed + 1, first=FIRST_DAY, days=DAYS) != again


@for_any_seed
def test_more_days_do_not_change_the_first_ones(seed: int) -> None:
    shorter = live(make_person(seed, 1, CITY), CITY, seed=seed, first=FIRST_DAY, days=2)
    assert a_week(seed).scans[: len(shorter.scans)] == shorter.scans


@for_any_seed
def test_events_are_apart_and_in_order(seed: int) -> None:
    happened = the_events(seed)
    assert all(b.at - a.at >= APART for a, b in pairwise(happened))
    assert [event.name for event in happened if event.name != "idle"][:4] == [name for name, _ in FIRST_USE]
    assert [event.scan for event in happened if event.name == "scan"] == list(a_week(seed).scans)
    assert all(event.position == a_week(seed).position(event.at) for event in happened)


def test_phones_talk_day_and_night_and_show_the_code_two_or_three_times_a_day() -> None:
    idle = [event for seed in range(10) for event in the_events(seed) if event.name == "idle"]
    assert len(idle) / 10 / DAYS == pytest.approx(96, rel=0.1)  # every 15 minutes
    assert {event.at.hour for event in idle} == set(range(24))
    shows = [event for seed in range(10) for event in the_events(seed) if event.name == "show code"]
    assert 1.8 < len(shows) / 10 / DAYS < 3
