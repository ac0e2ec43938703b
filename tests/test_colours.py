"""Rule sets of colours: the rows, the server's engine, and which sets traffic refutes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from scansim.colours import Case, Engine
from scansim.people import Booking
from scansim.position import Position
from scansim.world import simulate
from scantrail import analyse
from scantrail.cli import cli
from scantrail.colours import RULE_SETS, SEVERITY, Holder, rule_on
from scantrail.colours.observe import CheckIn, Shown, Told
from scantrail.colours.published import named
from scantrail.scoring import used_rules

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2020, 2, 17, 0, tzinfo=ZONE).astimezone(UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


# The rows


def test_rows_have_ids_and_say_why() -> None:
    assert len({one.name for one in RULE_SETS}) == len(RULE_SETS)
    for one in RULE_SETS:
        assert one.source
        assert len({rule.id for rule in one.rules}) == len(one.rules)
        assert all(rule.because and rule.colour in SEVERITY for rule in one.rules)
        assert set(one.release) <= SEVERITY.keys() - {"green"}


def test_zhejiang_says_fourteen_and_seven_days_and_chengdu_none() -> None:
    assert named("zhejiang-2020-02").release == {"red": 14, "yellow": 7}
    assert named("chengdu-2021-11").release == {}


# The engine


def engine(rules: str, *, cases: Sequence[Case] = (), bookings: Sequence[Booking] = ()) -> Engine:
    made = Engine(named(rules), ZONE, cases, bookings)
    for who in ("a", "b", "c"):
        made.declare(f"HZ{who}", who, {"recentTravel": ["杭州市"], "symptoms": []}, START)
    return made


def colours(one: Engine, who: str, days: int = 3) -> str:
    """The first letters of the colour at noon of each day."""
    return "".join(one.colour(f"HZ{who}", START + day * DAY + 12 * HOUR)[0] for day in range(days))


@pytest.mark.parametrize(
    ("rules", "form", "expected"),
    [
        ("zhejiang-2020-02", {"recentTravel": ["杭州市"], "symptoms": ["咳嗽"]}, "y"),
        ("zhejiang-2020-02", {"recentTravel": ["湖北省武汉市"], "symptoms": ["发热"]}, "r"),
        ("zhejiang-2020-02", {"recentTravel": ["温州市"]}, "y"),
        ("zhejiang-2020-02", {}, "g"),
        ("strict", {"symptoms": ["发热"]}, "r"),
        ("chengdu-2021-11", {"recentTravel": ["武汉市"], "symptoms": ["发热"]}, "g"),
    ],
)
def test_a_declaration_counts_at_once(rules: str, form: dict[str, list[str]], expected: str) -> None:
    one = engine(rules)
    one.declare("HZd", "d", form, START)
    assert colours(one, "d", 1) == expected


def test_seven_check_ins_in_a_row_without_symptoms_lift_yellow() -> None:
    one = engine("zhejiang-2020-02")
    one.declare("HZd", "d", {"symptoms": ["发热"]}, START)
    for day in range(1, 12):
        if day != 3:  # a day was missed: one begins anew
            one.check_in("HZd", ["发热"] if day == 1 else [], START + day * DAY + 8 * HOUR)
    assert colours(one, "d", 12) == "yyyyyyyyyygg"
    assert colours(engine("zhejiang-2020-02"), "a", 1) == "g"


def test_without_check_ins_no_colour_lifts_by_itself() -> None:
    one = engine("zhejiang-2020-02")
    one.declare("HZd", "d", {"symptoms": ["发热"]}, START)
    assert colours(one, "d", 40) == "y" * 40


def test_a_known_case_is_red_from_the_next_midnight_on() -> None:
    assert colours(engine("zhejiang-2020-02", cases=[Case("a", START + 10 * HOUR)]), "a") == "grr"


def test_a_contact_of_a_case_within_an_hour_is_red() -> None:
    one = engine("zhejiang-2020-02", cases=[Case("a", START + 20 * HOUR)])
    for who, minutes in (("a", 0), ("b", 50), ("c", 70)):
        one.scanned(f"HZ{who}", "330106-0023", None, START + 9 * HOUR + timedelta(minutes=minutes))
    assert (colours(one, "b"), colours(one, "c")) == ("grr", "ggg")


def test_a_ticket_from_a_key_area_is_red_after_the_journey() -> None:
    ticket = Booking("a", START.date(), (START + 2 * DAY).date(), "武汉市", "420100")
    assert colours(engine("zhejiang-2020-02", bookings=[ticket]), "a", 5)[-1] == "r"
    assert colours(engine("zhejiang-2020-02", bookings=[ticket]), "a", 2) == "gg"


def test_a_space_time_companion_is_yellow_by_the_rule_of_chengdu() -> None:
    one = engine("chengdu-2021-11", cases=[Case("a", START + 6 * DAY)])
    here, elsewhere = Position(30.2600, 120.2000), Position(30.3600, 120.3000)
    for day in range(6):
        for who, where in (("a", here), ("b", here), ("c", elsewhere)):
            at = START + day * DAY + timedelta(hours=9, minutes=5 * ord(who) % 7)
            one.scanned(f"HZ{who}", "x", where, at)
            one.scanned(f"HZ{who}", "x", where, at + 7 * HOUR)
    assert (colours(one, "a", 8), colours(one, "b", 8), colours(one, "c", 8)) == ("g" * 7 + "r", "g" * 7 + "y", "g" * 8)


def test_the_order_in_which_servers_are_told_changes_nothing() -> None:
    told = [("a", 0), ("b", 30), ("c", 55)]
    found = []
    for order in (told, told[::-1]):
        one = engine("zhejiang-2020-02", cases=[Case("a", START + 20 * HOUR)])
        for who, minutes in order:
            one.scanned(f"HZ{who}", "p", None, START + 9 * HOUR + timedelta(minutes=minutes))
        found.append([colours(one, who) for who in "abc"])
    assert found[0] == found[1]


# What traffic says of them


def holder(shown: str, *, ill: bool = False, check_ins: Sequence[int] = ()) -> Holder:
    """Somebody who declared at the first midnight, and was shown a colour at noon of each day."""
    names = {"g": "green", "y": "yellow", "r": "red"}
    return Holder(
        "s1",
        tuple([Told(START, "symptoms", "发热", 0)] if ill else [Told(START, "travel", "杭州市", 0)]),
        tuple(CheckIn(START + day * DAY + 8 * HOUR, True, 100 + day) for day in check_ins),
        tuple(Shown(START + day * DAY + 12 * HOUR, names[one], day + 1) for day, one in enumerate(shown)),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("seen", "refuted"),
    [
        (holder("ggg"), set()),
        (holder("gggg", ill=True), {"zhejiang-2020-02", "declared-alone", "strict"}),
        (holder("yyyy", ill=True), {"strict"}),
        (holder("rrrr", ill=True), {"declared-alone"}),
        (holder("gyyy"), {"declared-alone"}),
        (holder("ggrr"), {"declared-alone"}),
        (holder("yyyyyyyyyy", ill=True, check_ins=range(1, 11)), {"declared-alone", "strict"}),
        (holder("yyyyyyyygg", ill=True, check_ins=range(1, 11)), {"strict"}),
        (holder("yygggggggg", ill=True, check_ins=range(1, 11)), {"zhejiang-2020-02", "declared-alone", "strict"}),
    ],
)
def test_a_set_is_refuted_by_a_colour_that_it_does_not_permit(seen: Holder, refuted: set[str]) -> None:
    rulings = rule_on([seen], ZONE)
    assert {one.rule_set for one in rulings if one.verdict == "refuted"} == refuted
    assert all(one.requests for one in rulings)


def test_where_nothing_happened_nothing_is_decided() -> None:
    nobody = Holder("s1", (), (), (Shown(START, "green", 1),))
    assert {one.verdict for one in rule_on([nobody], ZONE)} == {"not decidable"}
    assert {one.shows for one in rule_on([], ZONE)} == {"No colour came back."}


def test_sets_that_permit_the_same_cannot_be_told_apart() -> None:
    well, ill = ({one.rule_set: one.like for one in rule_on([holder("ggg", ill=ill)], ZONE)} for ill in (False, True))
    assert well["zhejiang-2020-02"] == ("chengdu-2021-11", "strict")
    assert well["declared-alone"] == ()
    assert set(ill.values()) == {()}, "symptoms tell all of them apart"


SCENARIO = """
people = 8
days = 9
checks = {{ a_day = 3.0 }}
phones = {{ idle_min = 600 }}
[colours]
rules = "{rules}"
symptoms = {{ "发热" = 0.4 }}
ill_days = 1
cases = [{{ person = 2, confirmed = 2020-02-19 }}]
"""


@pytest.mark.parametrize("rules", [one.name for one in RULE_SETS])
def test_the_set_that_a_simulation_used_is_never_refuted_and_others_are(rules: str, tmp_path: Path) -> None:
    scenario = tmp_path / "scenario.toml"
    scenario.write_text(SCENARIO.format(rules=rules), "utf-8")
    summary = simulate(tmp_path / "capture", scenario=str(scenario))
    verdicts = {one.rule_set: one.verdict for one in analyse(summary.folder).rulings}
    assert used_rules(summary.folder) == rules
    assert verdicts[rules] == "consistent"
    assert "refuted" in verdicts.values()
    if rules == "zhejiang-2020-02":
        shown = CliRunner().invoke(cli, ["rules", str(summary.folder), "--truth"])
        assert shown.exit_code == 0
        assert "need something that no phone sends" in " ".join(shown.output.split())
