"""The world behind the live page: the phone in somebody's hand, and the process that obeys the page."""

import json
import subprocess
import sys
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from scansim_builders import world

from scansim.city import Place, load_city
from scansim.classroom.handheld import SHORTEST_WAY, SPEED_M_S, Handheld
from scansim.clock import FIRST_DAY, at_hour
from scansim.position import metres
from scansim.seeds import stream
from scantrail.readers import read
from scantrail.scoring import read_truth

CITY = load_city()
MORNING = at_hour(FIRST_DAY, 7, CITY.zone)
PLACES = st.sampled_from(CITY.places)


def handheld() -> Handheld:
    person = world(1).life(1).person
    return Handheld(person, CITY, stream(1, "hand"), MORNING, person.home.position)


@given(st.lists(st.tuples(st.floats(0, 300), PLACES), max_size=8), st.floats(0, 300))
def test_the_phone_is_somewhere_at_each_moment_and_no_way_is_faster_than_it_can_be(
    ways: list[tuple[float, Place]], minutes: float
) -> None:
    hand, now = handheld(), MORNING
    for waited, place in ways:
        now += timedelta(minutes=waited)
        arrives = hand.carry(place.gate, now)
        assert arrives - now >= SHORTEST_WAY
        assert hand.at(arrives) == place.gate
    now += timedelta(minutes=minutes)
    lived = hand.lived(now)
    assert sum((one.finished_at - one.started_at for one in lived), timedelta()) == now - MORNING
    for one, after in pairwise(lived):
        assert one.finished_at == after.started_at
        assert metres(one.end, after.start) < 0.01
    for one in lived:
        fastest_m = SPEED_M_S * (one.finished_at - one.started_at).total_seconds()
        assert metres(one.start, one.end) <= 1.001 * fastest_m + 0.01  # the Earth is not flat
    assert hand.lived(now) == lived


def told(folder: Path, *commands: object, options: tuple[str, ...] = ()) -> list[dict[str, object]]:
    """What a world says that is told these commands, and then that it is over."""
    words = [sys.executable, "-m", "scansim.classroom", "-o", str(folder), "--embedder", "http://127.0.0.1:1", *options]
    lines = "".join(json.dumps(one) + "\n" for one in commands)
    done = subprocess.run(words, input=lines, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_world_does_what_it_is_told_and_keeps_what_was_recorded_and_what_was_true(tmp_path: Path) -> None:
    folder = tmp_path / "capture"
    scan = {"do": "act", "name": "scan"}
    said = told(folder, scan, {"do": "fly"}, scan | {"place": "0"}, {"do": "reveal"}, options=("--design", "nhs"))
    answers = [one["said"] for one in said if one["said"] not in ("state", "crowd")]
    assert answers == ["ready", "failed", "failed", "revealed"]
    failures = [str(one["message"]) for one in said if one["said"] == "failed"]
    assert failures[0].startswith("not a command (Invalid value 'fly'")
    assert failures[1] == "no place '0' in 杭州市"
    assert said[0]["phone"] is None
    done = [one["done"] for one in said if one["said"] == "state"]
    assert done[-1] == ["app start", "sign-up", "consent", "scan"]
    capture = read(folder)
    assert {moment.name for moment in capture.moments} >= {"app start", "sign-up", "consent", "scan", "idle"}
    assert capture.about["complete"] is True
    truth = read_truth(folder)
    assert [person.user_id for person in truth.people] == ["person-1", "person-2"]
    assert truth.whereabouts["finished_at"].max() <= pd.Timestamp(MORNING + timedelta(minutes=5))


def test_a_world_that_cannot_begin_says_why(tmp_path: Path) -> None:
    [said] = told(tmp_path / "capture", options=("--scenario", "atlantis"))
    assert said["fatal"] is True
    assert str(said["message"]).startswith("no scenario 'atlantis': give a path, or one of")
