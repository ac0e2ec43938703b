"""Scores against a truth that is small enough to reckon by hand."""

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from mobility_builders import HOME, MALL, PARK, WORK, Fix, Position, make_fixes, moved, together, when

from scantrail.history import History, reconstruct
from scantrail.model import CaptureError
from scantrail.scoring import METRICS, WHEREABOUTS, Score, Truth, read_truth, score, summarise
from scantrail.scoring.encounters import true_encounters

TZ = "Asia/Shanghai"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")

type Row = tuple[str, str, Position, Position, str, str]


def stay(start: str, end: str, place: Position, activity: str, name: str) -> Row:
    return start, end, place, place, activity, name


def workday(day: str) -> list[Row]:
    return [
        stay(f"{day} 00:00", f"{day} 08:00", HOME, "home", "Home"),
        (f"{day} 08:00", f"{day} 09:00", HOME, WORK, "travel", "Office"),
        stay(f"{day} 09:00", f"{day} 18:00", WORK, "work", "Office"),
        (f"{day} 18:00", f"{day} 19:00", WORK, HOME, "travel", "Home"),
        stay(f"{day} 19:00", f"{day} 23:59", HOME, "home", "Home"),
    ]


def person(user_id: str = "p1", *, work: Position | None = WORK) -> dict[str, object]:
    names = ("name", "resident_id", "phone_number", "device_id", "code_number")
    told = {name: f"{name} of {user_id}" for name in names}
    return {"user_id": user_id, "home": point(HOME), "work": point(work), **told}


def point(position: Position | None) -> dict[str, float] | None:
    return position and {"latitude": position[0], "longitude": position[1]}


def write_truth(folder: Path, *people: Mapping[str, object], rows: list[Row] | None = None) -> Path:
    """A capture folder in which everybody lives the same."""
    (folder / "truth").mkdir()
    lived = rows or [row for day in WEEKDAYS for row in workday(day)]
    table = [
        (who["user_id"], pd.Timestamp(when(a)), pd.Timestamp(when(b)), *p, *q, *names)
        for who in people
        for a, b, p, q, *names in lived
    ]
    frame = WHEREABOUTS.frame(pd.DataFrame(table, columns=WHEREABOUTS.names))
    frame.to_parquet(folder / "truth" / "whereabouts.parquet")
    (folder / "truth" / "people.jsonl").write_text("".join(json.dumps(who) + "\n" for who in people))
    return folder


def truth(folder: Path, *people: Mapping[str, object], rows: list[Row] | None = None) -> Truth:
    return read_truth(write_truth(folder, *(people or (person(),)), rows=rows))


def inferred(*fixes: Fix) -> History:
    return reconstruct(make_fixes(fixes), tz=TZ)


def week(home: Position = HOME, work: Position = WORK) -> History:
    """Scanned on arrival, every weekday."""
    return inferred(*(fix for day in WEEKDAYS for fix in ((f"{day} 09:00", work), (f"{day} 19:00", home))))


KNOWN = {"s1": frozenset({"phone_number of p1"})}


def scores(history: History, known_truth: Truth, known: Mapping[str, frozenset[str]] | None = None) -> dict[str, Score]:
    return {row.metric: row for row in score(history, known_truth, KNOWN if known is None else known)}


# Truth


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("Mon 00:00", HOME),
        ("Mon 08:00", HOME),
        ("Mon 08:30", ((HOME[0] + WORK[0]) / 2, (HOME[1] + WORK[1]) / 2)),
        ("Mon 09:00", WORK),
        ("Tue 12:00", WORK),
        ("Fri 23:59", HOME),
        ("Sat 00:00", (np.nan, np.nan)),
    ],
)
def test_position_is_interpolated_on_the_way(tmp_path: Path, at: str, expected: Position) -> None:
    latitude, longitude = truth(tmp_path).position("p1", pd.DatetimeIndex([when(at)]))
    assert (latitude[0], longitude[0]) == pytest.approx(expected, nan_ok=True)


def test_people_have_their_own_whereabouts(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        truth(tmp_path).position("p2", pd.DatetimeIndex([when("08:00")]))


@pytest.mark.parametrize("name", ["whereabouts.parquet", "people.jsonl"])
def test_without_truth_there_is_one_clear_line(tmp_path: Path, name: str) -> None:
    (write_truth(tmp_path, person()) / "truth" / name).unlink()
    with pytest.raises(CaptureError, match=rf"{name}: no such file; only captures of a simulation hold the truth"):
        read_truth(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [("whereabouts.parquet", b"PAR1"), ("people.jsonl", b'{"user_id": "p1"}\n'), ("people.jsonl", b"{")],
)
def test_damaged_truth_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (write_truth(tmp_path, person()) / "truth" / name).write_bytes(content)
    with pytest.raises(CaptureError, match=f"{name}: "):
        read_truth(tmp_path)


def test_whereabouts_of_another_table_are_named(tmp_path: Path) -> None:
    write_truth(tmp_path, person())
    pd.DataFrame({"user_id": ["p1"]}).to_parquet(tmp_path / "truth" / "whereabouts.parquet")
    with pytest.raises(CaptureError, match="table whereabouts: no column started_at"):
        read_truth(tmp_path)


def test_people_without_whereabouts_are_named(tmp_path: Path) -> None:
    write_truth(tmp_path, person())
    (tmp_path / "truth" / "people.jsonl").write_text(json.dumps(person("p9")))
    with pytest.raises(CaptureError, match="nothing about p9"):
        read_truth(tmp_path)


# Scores


def test_each_metric_once_per_person(tmp_path: Path) -> None:
    rows = score(week(), truth(tmp_path, person("p1"), person("p2")), KNOWN)
    assert [(row.user_id, row.metric) for row in rows] == [(who, m.name) for who in ("p1", "p2") for m in METRICS]
    assert all(row.meaning and row.unit for row in rows)


def test_errors_are_metres_from_the_truth(tmp_path: Path) -> None:
    found = scores(week(home=moved(HOME, north_m=40), work=moved(WORK, east_m=70)), truth(tmp_path))
    assert found["home_error"].value == pytest.approx(40, abs=0.1)
    assert found["work_error"].value == pytest.approx(70, abs=0.1)
    assert found["work_decision"].value == 1.0
    assert found["fix_error_median"].value == pytest.approx(55, abs=0.1)
    assert found["fix_error_p95"].value == pytest.approx(70, abs=0.1)


def test_a_fix_is_compared_with_the_position_at_its_time(tmp_path: Path) -> None:
    halfway = ((HOME[0] + WORK[0]) / 2, (HOME[1] + WORK[1]) / 2)
    found = scores(inferred(("Mon 08:30", halfway), ("Sun 12:00", HOME)), truth(tmp_path))
    assert found["fix_error_median"].value == pytest.approx(0, abs=0.01)
    assert found["fix_error_median"].meaning == "so near to the truth are 50% of 1 positions told"


def test_what_is_not_decidable_has_no_value(tmp_path: Path) -> None:
    found = scores(inferred(("Mon 09:00", WORK)), truth(tmp_path))
    assert (found["home_error"].value, found["home_error"].meaning) == (None, "home was not decidable")
    assert (found["work_error"].value, found["work_error"].meaning) == (None, "work was not decidable")
    assert found["work_decision"].value is None


@pytest.mark.parametrize(
    ("true_work", "history", "value", "meaning"),
    [
        (WORK, week(), 1.0, "right: a workplace is there"),
        (WORK, week(work=PARK), 0.0, "wrong: works elsewhere"),
        (None, week(), 0.0, "wrong: was given a workplace and has none"),
        (None, inferred(("Mon 19:00", HOME)), 1.0, "right: has no workplace"),
    ],
)
def test_work_is_decided_rightly_or_wrongly(
    tmp_path: Path, true_work: Position | None, history: History, value: float, meaning: str
) -> None:
    found = scores(history, truth(tmp_path, person(work=true_work)))["work_decision"]
    assert found.value == value
    assert found.meaning.startswith(meaning)


def test_places_are_found_and_locations_are_right(tmp_path: Path) -> None:
    """Of home, office, mall and a park of ten minutes, three count; two are scanned, and so is where nobody was."""
    rows = [
        stay("00:00", "09:00", HOME, "home", "Home"),
        stay("09:00", "17:00", WORK, "work", "Office"),
        stay("17:00", "17:10", PARK, "errand", "Park"),
        stay("17:10", "18:00", MALL, "errand", "Mall"),
        stay("18:00", "23:00", HOME, "home", "Home"),
    ]
    nowhere = moved(HOME, east_m=9_000)
    found = scores(inferred(("08:00", HOME), ("09:00", WORK), ("10:00", nowhere)), truth(tmp_path, rows=rows))
    assert found["places_recall"].value == pytest.approx(2 / 3)
    assert found["places_precision"].value == pytest.approx(2 / 3)


def test_a_gate_on_the_way_is_no_error(tmp_path: Path) -> None:
    halfway = ((HOME[0] + WORK[0]) / 2, (HOME[1] + WORK[1]) / 2)
    assert scores(inferred(("08:30", halfway)), truth(tmp_path))["places_precision"].value == 1.0


def test_hours_are_located_beside_where_last_seen(tmp_path: Path) -> None:
    """Seen at the office at 09:10 and never again: right from 10:00 to 18:00, wrong from 19:00 to 23:00."""
    found = scores(inferred(("09:10", WORK)), truth(tmp_path, rows=workday("Mon")))["hours_located"]
    assert found.meaning == "of 14 hours from the first scan on, within 250 m; beside it: where last seen"
    assert (found.value, found.baseline) == (9 / 14, 9 / 14)


def test_a_night_is_located_though_its_evening_was_not_scanned(tmp_path: Path) -> None:
    """Without a scan on coming home on Wednesday, the last place seen is the office, the routine says home."""
    fixes: list[Fix] = [fix for day in WEEKDAYS for fix in ((f"{day} 09:00", WORK), (f"{day} 19:00", HOME))]
    found = scores(inferred(*(fix for fix in fixes if fix[0] != "Wed 19:00")), truth(tmp_path))["hours_located"]
    assert found.value is not None
    assert found.baseline is not None
    assert found.value > found.baseline + 0.05


def test_without_a_scan_no_hour_is_located(tmp_path: Path) -> None:
    found = scores(inferred(("Sun 09:10", WORK)), truth(tmp_path))["hours_located"]
    assert (found.value, found.meaning) == (None, "no full hour after the first positionfix")


def test_naive_answers_stand_beside(tmp_path: Path) -> None:
    """Who is scanned at the mall in the evenings is naively at home there."""
    fixes = [
        fix for day in WEEKDAYS for fix in ((f"{day} 09:00", WORK), (f"{day} 22:30", MALL), (f"{day} 23:00", HOME))
    ]
    found = scores(inferred(*fixes, ("Fri 23:10", MALL)), truth(tmp_path))
    home, work = found["home_error"], found["work_error"]
    assert home.value == pytest.approx(0, abs=1)
    assert home.baseline == pytest.approx(1_800, abs=5)
    assert work.value == pytest.approx(0, abs=1)
    assert work.baseline == pytest.approx(0, abs=1)
    assert found["fix_error_median"].baseline is None


def together_until(end: str, *, scanned: tuple[Fix, ...]) -> dict[str, Score]:
    """Two people at the park from 10:00 to a time, of whom each scans; what is said of the one."""
    rows = [stay("Mon 10:00", f"Mon {end}", PARK, "errand", "Park")]
    theirs = make_fixes(scanned, user_id="s2", first_request=50)
    history = reconstruct(together(make_fixes([("Mon 10:01", PARK)]), theirs), tz=TZ)
    with TemporaryDirectory() as folder:
        known_truth = truth(Path(folder), person("p1"), person("p2"), rows=rows)
        return scores(history, known_truth, KNOWN | {"s2": frozenset({"phone_number of p2"})})


@pytest.mark.parametrize(
    ("end", "scanned", "recall", "precision"),
    [
        ("12:00", ("Mon 10:10", PARK), (1.0, 1.0), (1.0, 1.0)),
        ("12:00", ("Mon 11:00", PARK), (1.0, 0.0), (1.0, None)),  # people stay longer than the naive half hour
        ("12:00", ("Mon 11:00", MALL), (0.0, 0.0), (None, None)),
        ("10:14", ("Mon 10:10", PARK), (None, None), (0.0, 0.0)),  # too short to be called a meeting
    ],
)
def test_meetings_are_found_beside_coincidences(
    end: str, scanned: Fix, recall: tuple[float | None, float | None], precision: tuple[float | None, float | None]
) -> None:
    found = together_until(end, scanned=(scanned,))
    assert (found["meetings_recall"].value, found["meetings_recall"].baseline) == recall
    assert (found["meetings_precision"].value, found["meetings_precision"].baseline) == precision


def test_a_meeting_past_midnight_is_one_of_two_days(tmp_path: Path) -> None:
    rows = [stay("Mon 20:00", "Tue 07:00", HOME, "home", "Home")]
    known_truth = truth(tmp_path, person("p1"), person("p2"), rows=rows)
    first, second = when("Mon 00:00").date(), when("Tue 00:00").date()
    met = true_encounters(known_truth, TZ)
    assert met == {"p1": {("p2", first), ("p2", second)}, "p2": {("p1", first), ("p1", second)}}


def test_a_summary_is_over_all_people(tmp_path: Path) -> None:
    """Shares are averaged, errors and counts have their median; who has no value is not counted."""
    known_truth = truth(tmp_path, person("p1"), person("p2", work=None), person("p3"))
    rows = {row.metric: row for row in summarise(score(week(home=moved(HOME, north_m=40)), known_truth, KNOWN))}
    assert list(rows) == [metric.name for metric in METRICS]
    assert rows["home_error"].value == pytest.approx(40, abs=0.1)
    assert rows["home_error"].people == 1
    assert rows["work_decision"].value == 1.0
    assert (rows["subjects"].value, rows["subjects"].people) == (0.0, 3)


def test_several_subjects_of_a_person_are_counted_and_the_fullest_is_measured(tmp_path: Path) -> None:
    fixes = together(week().positionfixes, make_fixes([("09:00", PARK)], user_id="s0", first_request=50))
    known = KNOWN | {"s0": frozenset({"device_id of p1"}), "s2": frozenset({"device_id of somebody"})}
    found = scores(reconstruct(fixes, tz=TZ), truth(tmp_path), known)
    assert (found["subjects"].value, found["subjects"].meaning) == (2.0, "known to the server as s1, s0")
    assert found["fix_error_p95"].value == pytest.approx(0, abs=0.01)


def test_of_whom_nothing_is_known_nothing_is_found(tmp_path: Path) -> None:
    found = scores(week(), truth(tmp_path), {})
    values = {name: row.value for name, row in found.items() if row.value is not None}
    assert values == {"subjects": 0.0, "places_recall": 0.0}
