"""Controls: designs of which one knows what must be found, and what must not.

The table holds for each design through the real proxy. Below it are the negative controls without sockets: what a scan
leaves on the phone, and that nothing of it leaves the phone.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from scansim_builders import OFTEN, Rehearsal, lived, rehearse, world

from scansim.__main__ import main
from scansim.city import City, Place
from scansim.designs import DESIGNS, cwa, nhs
from scansim.designs.cwa.app import CwaApp
from scansim.designs.cwa.formats import CODES
from scansim.designs.nhs.app import NhsApp
from scansim.world import simulate
from scantrail import analyse, qr
from scantrail.compare import compare
from scantrail.model import Verdict

SEED = 3
LIVED = lived(world(SEED, days=2), 2)
CITY, PERSON, WEEK = LIVED.life.world.city, LIVED.person, LIVED.week
CONTROLS = ("nhs", "cwa")


class Expected(NamedTuple):
    """Who could put visits together, whether scans tell anything beyond idle chatter, and the verdict of PU1."""

    who: Literal["one receiver", "only several", "nobody"]
    scans_tell: bool
    pu1: Verdict


EXPECTED = {
    "alipay": Expected("one receiver", True, "supported"),
    "place-code": Expected("one receiver", True, "supported"),
    "safeentry": Expected("one receiver", True, "supported"),
    "luca": Expected("one receiver", True, "supported"),
    "kipass": Expected("only several", True, "not decidable"),
    "nhs": Expected("nobody", False, "refuted"),
    "cwa": Expected("nobody", False, "refuted"),
}
"""By design (docs/facts.md §5). A design that is not registered is not asked for."""


def test_every_design_is_a_control() -> None:
    assert EXPECTED.keys() >= DESIGNS.keys()


@pytest.mark.parametrize("design", DESIGNS)
def test_each_design_gives_what_is_known_of_it(design: str, tmp_path: Path) -> None:
    summary = simulate(tmp_path / design, design=design, seed=1, days=2, people=2, checks=OFTEN)
    row = compare(analyse(summary.folder))
    could = {
        "one receiver": row.visits_alone > 1,
        "only several": row.visits_alone == 0 and row.visits_together > 1,
        "nobody": row.visits_alone == row.visits_together == 0,
    }
    expected = EXPECTED[design]
    assert could[expected.who], row
    assert (bool(row.scan), row.pu1) == (expected.scans_tell, expected.pu1), row
    assert (row.design, row.scans) == (design, summary.scans)
    assert row.scans > 5


def test_designs_are_listed_for_scripts() -> None:
    assert CliRunner().invoke(main, ["--list-designs"]).stdout.split() == list(DESIGNS)


@cache
def rehearsal(design: str) -> Rehearsal:
    return rehearse(design, LIVED)


@pytest.mark.parametrize("design", CONTROLS)
def test_nothing_leaves_at_a_scan_and_the_phone_keeps_the_visit(design: str) -> None:
    played = rehearsal(design)
    app: Any = played.app
    assert "scan" not in played.during
    assert len(app.visits) == sum(scan.direction == "enter" for scan in WEEK.scans) > 2


@pytest.mark.parametrize("design", CONTROLS)
def test_everything_goes_to_hosts_of_the_design_and_the_same_seed_sends_the_same(design: str) -> None:
    played = rehearsal(design)
    hosts = {request.receiver for request in played.requests}
    assert hosts <= set(DESIGNS[design].hosts) - {CODES}
    assert all(host.endswith(".test") for host in DESIGNS[design].hosts)
    assert rehearse(design, LIVED).requests == played.requests


@pytest.mark.parametrize(("design", "path", "at_most"), [("nhs", "/risky-venues", 24), ("cwa", "/DE/hour", 48)])
def test_lists_come_no_more_often_than_published(design: str, path: str, at_most: int) -> None:
    played = rehearsal(design)
    sent = zip(played.during, played.requests, strict=True)
    downloads = [event for event, request in sent if urlsplit(request.url).path.endswith(path)]
    assert at_most / 2 < len(downloads) <= at_most
    assert set(downloads) <= {"idle", "show code"}


@pytest.mark.parametrize(
    ("poster", "format_", "says"),
    [
        (nhs.formats.poster, "nhs-venue", lambda place: {place.english, nhs.formats.venue_id(place.id)}),
        (lambda place, _: cwa.formats.poster(place), "cwa-event", lambda place: {place.english}),
    ],
)
def test_posters_are_in_the_published_format(
    poster: Callable[[Place, City], str], format_: str, says: Callable[[Place], set[str]]
) -> None:
    place = CITY.places[0]
    code = qr.read(poster(place, CITY))
    assert code.format == format_
    assert {told.value for told in code.told if told.kind == "place_id"} >= says(place)


def test_who_was_at_a_listed_venue_is_warned_on_the_phone() -> None:
    app = NhsApp(PERSON, CITY, SEED)
    scan = next(scan for scan in WEEK.scans if scan.direction == "enter")
    app.check_in(scan, scan.at)
    id_ = nhs.formats.venue_id(scan.place.id)
    window = {"from": "2020-02-01T00:00:00Z", "until": "2020-02-02T00:00:00Z"}
    app.compare([{"id": id_, "riskyWindow": window}])
    assert not app.warned
    app.compare([{"id": id_, "riskyWindow": window | {"until": "2020-03-01T00:00:00Z"}}])
    assert app.warned == {id_}


def test_a_package_warns_those_alone_who_were_there() -> None:
    app = CwaApp(PERSON, CITY, SEED)
    scan = next(scan for scan in WEEK.scans if scan.direction == "enter")
    app.keep(scan, scan.at)
    here, elsewhere = app.visits[0].venue, bytes(16)
    packed = cwa.formats.package(1, [cwa.formats.Warned(elsewhere, 1, 2, 3), cwa.formats.Warned(here, 1, 2, 3)])
    assert cwa.formats.venues(packed, [here]) == {here}
    assert cwa.formats.venues(packed, [bytes([1] * 16)]) == set()
