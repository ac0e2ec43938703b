from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import mean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scansim_builders import OFTEN, Lived, lived, world

from scansim.clock import FIRST_DAY, at_hour
from scansim.events import APART, FIRST_USE
from scansim.life.habits import Checks, Moves, Phones
from scansim.life.population import scans
from scansim.life.who import NIGHT_WORKER, PUPIL, WORKER
from scansim.position import metres
from scansim.trail import Week

CITY = world().city
START = datetime(2020, 2, 16, 16, tzinfo=UTC)  # Monday 17 February, 00:00 in Hangzhou
DAYS = 7
FASTEST_M_S = 10.0  # the metro, straight from station to station
HOME_BOUND = Moves(away=0.0)


def for_any_seed(test: Callable[[int], None]) -> Callable[[], None]:
    """A week takes as long as the machine lets it: no deadline."""
    return settings(deadline=None, max_examples=30)(given(st.integers(0, 10**6))(test))


def a_life(seed: int) -> Lived:
    return lived(world(seed, moves=HOME_BOUND), seed % 50 + 1)


def a_week(seed: int) -> Week:
    return a_life(seed).week


@for_any_seed
def test_truth_covers_every_instant_once(seed: int) -> None:
    segments = a_week(seed).segments
    assert segments[0].started_at == START
    assert segments[-1].finished_at >= START + timedelta(days=DAYS)
    assert all(segment.started_at < segment.finished_at for segment in segments)
    assert all(a.finished_at == b.started_at and a.end == b.start for a, b in pairwise(segments))


@for_any_seed
def test_people_move_at_plausible_speeds_and_stay_where_they_are(seed: int) -> None:
    for segment in a_week(seed).segments:
        seconds = (segment.finished_at - segment.started_at).total_seconds()
        assert metres(segment.start, segment.end) / seconds < FASTEST_M_S
        assert segment.activity == "travel" or segment.start == segment.end


@for_any_seed
def test_scans_happen_at_gates_where_the_person_is(seed: int) -> None:
    week = a_week(seed)
    for scan in week.scans:
        assert metres(week.position(scan.at), scan.place.all_gates[scan.gate].position) < 5
    assert {scan.direction for scan in week.scans if scan.place.category != "compound"} <= {"enter"}
    assert all(a.at < b.at for a, b in pairwise(week.scans))


@for_any_seed
def test_nights_are_spent_at_home_but_by_those_who_work_then(seed: int) -> None:
    life, home = a_life(seed), a_life(seed).life.resident.home.position
    works = life.life.resident.role == NIGHT_WORKER
    for day in range(1, DAYS):
        there = life.week.position(at_hour(FIRST_DAY + timedelta(days=day), 4, CITY.zone)) == home
        assert there or works


def test_who_works_by_night_sleeps_by_day() -> None:
    society = world(moves=HOME_BOUND)
    found = [lived(society, number) for number in range(1, 200)]
    nights = [one for one in found if one.life.resident.role == NIGHT_WORKER]
    assert 2 < len(nights) < 30
    for one in nights:
        hours = Counter(_hours(one.week, "work"))
        assert sum(hours[hour] for hour in (0, 1, 2, 3, 4, 5, 22, 23)) > sum(hours[hour] for hour in range(7, 20))


def _hours(week: Week, activity: str) -> list[int]:
    """The local hours that begin while somebody does something."""
    found = []
    for segment in week.segments:
        at = segment.started_at.astimezone(CITY.zone).replace(minute=30)
        while segment.activity == activity and at < segment.finished_at:
            found.append(at.hour)
            at += timedelta(hours=1)
    return found


def test_work_is_on_working_days_and_school_where_schools_are_open() -> None:
    hours: dict[int, list[float]] = {WORKER: [0.0] * DAYS, PUPIL: [0.0] * DAYS}
    people: Counter[int] = Counter()
    society = world(moves=Moves(away=0.0, schools_open=True))
    for number in range(1, 150):
        one = lived(society, number)
        people[one.life.resident.role] += 1
        for segment in one.week.segments:
            if segment.activity == "work" and one.life.resident.role in hours:
                day = (segment.started_at - START).days
                hours[one.life.resident.role][day] += (segment.finished_at - segment.started_at) / timedelta(hours=1)
    for role, low, high in ((WORKER, 8, 11), (PUPIL, 7, 9.5)):
        assert all(low < worked / people[role] < high for worked in hours[role][:5])
        assert hours[role][5:] == [0, 0]


def test_schools_were_closed_in_february_2020() -> None:
    pupils = [one for number in range(1, 60) if (one := world().life(number)).resident.role == PUPIL]
    assert pupils
    assert all(one.person.work is None for one in pupils)


@for_any_seed
def test_errands_begin_at_open_places(seed: int) -> None:
    by_name = {place.name: place for place in CITY.places}
    for segment in a_week(seed).segments:
        if segment.activity == "errand":
            hours = CITY.categories[by_name[segment.place].category]
            assert hours.opens <= segment.started_at.astimezone(CITY.zone).time() <= hours.closes


@pytest.mark.parametrize("a_day", [0.3, 1.55, 4.0])
def test_people_are_scanned_as_often_as_the_scenario_says(a_day: float) -> None:
    society = world(5, checks=Checks(a_day=a_day)).society
    rows = np.concatenate(list(scans(society, 10_000)))
    assert len(rows) / 10_000 / DAYS == pytest.approx(a_day, rel=0.03)


def test_guards_stand_at_gates_between_the_hours_of_the_scenario() -> None:
    society = world(checks=Checks(hours=(7.0, 9.0))).society
    rows = np.concatenate(list(scans(society, 300)))
    assert len(rows) > 100
    assert rows["at"][~rows["remote"]].min() % 86_400 >= 7 * 3600
    assert (rows["at"] % 86_400).max() < 9 * 3600 + 60


def test_compounds_check_on_coming_home_more_than_on_leaving() -> None:
    found = [scan for number in range(1, 80) for scan in lived(world(), number).week.scans]
    compounds = [scan for scan in found if scan.place.category == "compound"]
    coming = sum(scan.direction == "enter" for scan in compounds)
    assert 1.3 < coming / (len(compounds) - coming) < 3.6


@for_any_seed
def test_the_same_seed_gives_the_same_week(seed: int) -> None:
    again = lived.__wrapped__(world(seed, moves=HOME_BOUND), seed % 50 + 1)
    assert (again.week, again.happened, again.person) == (a_week(seed), a_life(seed).happened, a_life(seed).person)
    assert lived(world(seed + 1, moves=HOME_BOUND), seed % 50 + 1).week != again.week


@for_any_seed
def test_more_days_do_not_change_the_first_ones(seed: int) -> None:
    few, many = (world(seed, days=days, moves=HOME_BOUND).society for days in (2, 7))
    chance = many.habits["chance"]
    few.habits["chance"] = chance  # which depends on how often gates are passed on the days that there are
    first, second = (next(iter(scans(society, 20))) for society in (few, many))
    early = second[second["at"] < 2 * 86_400]
    assert first[["number", "at", "place"]].tolist() == early[["number", "at", "place"]].tolist()


# Both ways


@pytest.mark.parametrize("city", ["hangzhou", "yunlan"])
def test_days_one_by_one_and_all_at_once_are_the_same(city: str) -> None:
    """What goes through phones, and what is written as a table, is made by the same kernels: to the last digit."""
    here = world(3, city=city, checks=Checks(remote=0.1), moves=Moves(away=0.3), phones=Phones(stale=0.3, no_fix=0.1))
    table = next(iter(scans(here.society, 40)))
    for number in range(1, 41):
        one, rows = lived(here, number), table[table["number"] == number]
        mine = [scan for scan in one.week.scans if scan.at < here.days.end]
        assert [here.days.at(int(row["at"])) for row in rows] == [scan.at for scan in mine]
        assert [here.city.all_places[row["place"]] for row in rows] == [scan.place for scan in mine]
        assert rows["remote"].tolist() == [scan.remote for scan in mine]
        for row, scan in zip(rows, mine, strict=True):
            said = one.life.resident.measure(scan.at)
            stated = (row["latitude"], row["longitude"]) if said else None
            assert stated == (said and tuple(said[0]))
    assert np.isnan(table["latitude"]).any()


def test_any_part_of_a_population_is_the_same() -> None:
    society = world().society
    whole, part = next(iter(scans(society, 60))), next(iter(scans(society, 20, first=21)))
    assert part.tobytes() == whole[(whole["number"] > 20) & (whole["number"] <= 40)].tobytes()


# What people do together, and far away


def test_friends_meet_once_a_week() -> None:
    society = world(moves=Moves(friends=1.0, evening_errand=0.0, outing=0.0, lunch_out=0.0, away=0.0))
    evenings: dict[int, set[tuple[str, int]]] = {}
    for number in range(1, 61):
        one = lived(society, number)
        errands = [segment for segment in one.week.segments if segment.activity == "errand"]
        circle = int(one.life.resident._who["friends"])
        if one.life.resident.role == WORKER:
            evenings.setdefault(circle, set()).update((s.place, (s.started_at - START).days) for s in errands)
    assert len(evenings) > 9
    assert all(len(met) <= 1 for met in evenings.values()), "one place, one evening"
    assert sum(map(len, evenings.values())) > 8


def test_households_live_together() -> None:
    people = [world().life(number).resident for number in range(1, 121)]
    sizes = Counter(person.household[0] for person in people)
    assert 2.2 < mean(sizes.values()) < 3.2
    for one in people:
        for other in people:
            assert (one.household[0] == other.household[0]) <= (one.home == other.home)


def test_journeys_lead_to_other_cities_and_back_and_are_booked() -> None:
    society = world(2, days=14, moves=Moves(away=0.5))
    travellers = [lived(society, number) for number in range(1, 40)]
    away = [one for one in travellers if any(segment.activity == "away" for segment in one.week.segments)]
    assert len(away) > 10
    stations = {other.station.name: other.adcode for other in CITY.elsewhere}
    for one in away:
        been = {stations[segment.place] for segment in one.week.segments if segment.activity == "away"}
        assert been <= {booking.adcode for booking in one.person.bookings}
    assert sum(one.week.position(society.days.end) == one.person.home.position for one in away) > len(away) / 2


# Quarantine


def test_who_has_a_bad_code_stays_at_home_or_is_sent_back() -> None:
    society = world(checks=Checks(a_day=4.0, waves=0.0))
    found = [lived(society, number, suspect=True).week for number in range(1, 60)]
    admitted = Counter(scan.admitted for week in found for scan in week.scans if scan.direction == "enter")
    at_home = mean(_share_at(week, "home") for week in found)
    assert at_home > 0.95
    assert not any(segment.activity == "work" for week in found for segment in week.segments)
    refused = [scan for week in found for scan in week.scans if not scan.admitted]
    assert len(refused) > 30
    assert all(scan.place.category != "compound" for scan in refused), "everybody may go home"
    assert admitted[True] > 0


def _share_at(week: Week, activity: str) -> float:
    total = week.segments[-1].finished_at - week.segments[0].started_at
    there = sum((s.finished_at - s.started_at for s in week.segments if s.activity == activity), timedelta())
    return there / total


def test_some_guards_wave_people_through() -> None:
    always, never = (world(checks=Checks(a_day=4.0, waves=waves)) for waves in (1.0, 0.0))
    refusals = [
        sum(not scan.admitted for number in range(1, 40) for scan in lived(one, number, suspect=True).week.scans)
        for one in (always, never)
    ]
    assert refusals[0] == 0 < refusals[1]


# Events


@for_any_seed
def test_events_are_apart_and_in_order(seed: int) -> None:
    one = a_life(seed)
    assert all(b.at - a.at >= APART for a, b in pairwise(one.happened))
    assert [event.name for event in one.happened if event.name != "idle"][:4] == [name for name, _ in FIRST_USE]
    assert [event.scan for event in one.happened if event.name == "scan"] == list(one.week.scans)
    assert all(event.position == one.week.position(event.at) for event in one.happened)


def test_before_the_app_is_opened_there_is_a_night_of_idle_phones() -> None:
    for number in range(1, 10):
        names = [event.name for event in lived(world(), number).happened]
        assert set(names[: names.index("app start")]) == {"idle"}
        assert names.index("app start") > 10


def test_phones_talk_day_and_night_and_show_the_code_before_scans() -> None:
    idle = [event for number in range(1, 11) for event in lived(world(), number).happened if event.name == "idle"]
    assert len(idle) / 10 / DAYS == pytest.approx(96, rel=0.1)  # every 15 minutes
    assert {event.at.hour for event in idle} == set(range(24))
    happened = [event.name for number in range(1, 21) for event in lived(world(), number).happened]
    assert 0.3 < happened.count("show code") / happened.count("scan") < 0.8


def test_who_has_a_bad_code_checks_in_every_morning() -> None:
    happened = lived(world(), suspect=True).happened
    mornings = [event.at.astimezone(CITY.zone) for event in happened if event.name == "check-in"]
    assert len({at.date() for at in mornings}) == len(mornings) == DAYS
    assert all(8 <= at.hour < 9 for at in mornings)
    assert not [event for event in lived(world()).happened if event.name == "check-in"]


def test_pictures_of_posters_are_scanned_from_home() -> None:
    society = world(checks=Checks(remote=0.5))
    for number in range(1, 20):
        one = lived(society, number)
        remote = [scan for scan in one.week.scans if scan.remote]
        assert all(metres(one.week.position(scan.at), scan.place.gate) > 50 for scan in remote)
    assert OFTEN.remote == 0.0
