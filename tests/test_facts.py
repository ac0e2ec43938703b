"""What the Times reported of the app on 1 March 2020, fact by fact (docs/facts.md §1): the simulation has each."""

import json
import re
from collections import Counter
from datetime import date, timedelta
from functools import cache

import pytest
from scansim_builders import Rehearsal, lived, rehearse, world

from scansim.city import Category
from scansim.colours import Case, Engine
from scansim.designs.alipay.server import LEGEND
from scansim.life.habits import Moves
from scansim.scenario import Colours, KnownCase
from scantrail import Analysis
from scantrail.colours.published import named

CITY = world().city


@cache
def week() -> Rehearsal:
    """Four days of somebody who is ill at the beginning."""
    here = world(11, days=4, colours=Colours(symptoms={"发热": 1.0}, ill_days=2))
    return rehearse("alipay", lived(here, 2, suspect=True))


@cache
def analysed() -> Analysis:
    return week().analysed(CITY)


def verdict(claim: str, part: int) -> str:
    return str(next(one for one in analysed().findings if one.id == claim).parts[part].verdict)


def test_sign_up_asks_for_name_national_id_contact_and_recent_travel() -> None:
    assert verdict("T7", 0) != "refuted"
    told = {d.kind for d in analysed().disclosures if d.request.index in {r.index for r in week().sent_at("sign-up")}}
    assert told >= {"name", "resident_id", "phone_number", "travel"}


def test_there_are_three_colours() -> None:
    assert [row["colour"] for row in LEGEND] == ["green", "yellow", "red"]


@pytest.mark.parametrize(("colour", "days"), [("yellow", 7), ("red", 14)])
def test_yellow_is_seven_days_and_red_fourteen(colour: str, days: int) -> None:
    [row] = [row for row in LEGEND if row["colour"] == colour]
    assert re.findall(r"\d+", row["en"]) == [str(days)]
    assert {one: number for one, number in named("zhejiang-2020-02").release.items() if one == colour} == {colour: days}


@pytest.mark.parametrize("category", ["station", "mall", "compound"])
def test_codes_are_checked_in_the_subway_at_malls_and_at_compounds(category: Category) -> None:
    scanned = Counter(scan.place.category for number in range(1, 30) for scan in lived(world(), number).week.scans)
    assert scanned[category] > 10


def test_on_consent_location_city_and_code_number_are_sent_under_the_reported_label() -> None:
    [report] = week().sent_at("consent")
    told = {d.kind for d in analysed().disclosures if d.request.index == report.index}
    assert told >= {"position", "city", "code_number"}
    assert "reportInfoAndLocationToPolice" in str(report.headers)


def test_each_scan_sends_the_current_location() -> None:
    scans = week().sent_at("scan")
    placed = {d.request.index for d in analysed().disclosures if d.kind == "position" and d.side == "sent"}
    assert scans
    assert {request.index for request in scans} <= placed


def test_known_cases_give_colours() -> None:
    here = world(days=3, people=2, colours=Colours(cases=(KnownCase(2, date(2020, 2, 17)),)))
    setting = here.setting
    assert setting.cases == (Case(here.person(2).resident_id, here.days.start),)
    engine = Engine(setting.rules, CITY.zone, setting.cases)
    engine.declare("HZ2", here.person(2).resident_id, {}, here.days.start)
    assert engine.colour("HZ2", here.days.start + timedelta(days=1)) == "red"


def test_travel_bookings_give_colours() -> None:
    here = world(4, days=14, people=60, moves=Moves(away=1.0))
    wuhan = [booking for booking in here.setting.bookings if booking.city == "武汉市"]
    assert wuhan, "one of sixty people in four weeks goes to Wuhan"
    traveller = wuhan[0]
    engine = Engine(here.setting.rules, CITY.zone, (), here.setting.bookings)
    engine.declare("HZ1", traveller.resident_id, {}, here.days.start)
    after = here.days.midnight((traveller.returns - here.days.first).days + 2)
    assert engine.colour("HZ1", after) == "red"


def test_nobody_is_told_a_reason_or_a_rule() -> None:
    assert verdict("T5", 0) == "supported"
    answers = [json.loads(request.response.body) for request in week().sent_at("show code")[::2] if request.response]
    assert {key for answer in answers for key in answer.get("result", {})} == {
        "codeNo", "colour", "healthStatus", "refreshedAt", "legend",
    }  # fmt: skip


def test_there_is_no_way_back_to_green_that_the_holder_is_shown() -> None:
    """Four days of check-ins, two of them well: still yellow, and no answer says until when."""
    assert len(week().sent_at("check-in")) == 4
    shown = [json.loads(request.response.body) for request in week().sent_at("check-in") if request.response]
    assert [answer["result"]["colour"] for answer in shown] == ["yellow"] * 4
    assert not re.search(r"until|expire|release|解除", json.dumps(shown, ensure_ascii=False))


def test_checking_is_uneven() -> None:
    """The same gate is guarded now and then: parks hardly ever, hospitals always."""
    chance = world().society.habits["chance"][0]
    of = dict(zip(("station", "mall", "park", "hospital"), (chance[0], chance[3], chance[6], chance[8]), strict=True))
    assert of["park"] < of["mall"] <= of["hospital"]
    quiet = world(checks=type(world().scenario.checks)())
    people = [lived(quiet, number).week for number in range(1, 20)]
    passed = sum(segment.activity == "errand" for one in people for segment in one.segments)
    assert 0 < sum(len(one.scans) for one in people) < passed * 3
