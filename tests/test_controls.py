"""The negative controls: what a scan leaves on the phone, and that nothing of it leaves the phone."""

import asyncio
import io
import json
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx2
import pytest

from scansim.city import City, Place, load_city
from scansim.clock import FIRST_DAY
from scansim.days import live
from scansim.designs import DESIGNS, cwa, nhs
from scansim.designs.cwa.app import CwaApp
from scansim.designs.cwa.formats import CODES
from scansim.designs.nhs.app import NhsApp
from scansim.events import events
from scansim.people import make_person
from scansim.phone import Phone
from scansim.seeds import stream
from scansim.server import AccessLog
from scantrail import qr

CITY = load_city()
SEED = 3
PERSON = make_person(SEED, 1, CITY)
WEEK = live(PERSON, CITY, seed=SEED, first=FIRST_DAY, days=2)
CONTROLS = ("nhs", "cwa")


class Sent(NamedTuple):
    """The name of the event, and the line of the server's access log."""

    event: str
    line: dict[str, Any]


@cache
def rehearsal(design: str) -> tuple[Any, list[Sent]]:
    """The app after two days, and what it sent."""
    return asyncio.run(rehearse(design))


async def rehearse(name: str) -> tuple[Any, list[Sent]]:
    """Two days without sockets: a phone whose clients call the ASGI app."""
    design, log = DESIGNS[name], io.BytesIO()
    app, server = design.app(PERSON, CITY, SEED), AccessLog(design.server(SEED), log)
    happened = events(WEEK, CITY, stream(SEED, "events"))
    names: list[str] = []

    def connect(*_: object) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(server))

    async with Phone(connect, stream(SEED, "phone"), happened[0].at) as phone:
        for event in happened:
            phone.wake(event.at)
            before = phone.sent
            await app.handle(event, phone)
            names += [event.name] * (phone.sent - before)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return app, [Sent(name, line | {"at": None}) for name, line in zip(names, lines, strict=True)]


@pytest.mark.parametrize("design", CONTROLS)
def test_nothing_leaves_at_a_scan_and_the_phone_keeps_the_visit(design: str) -> None:
    app, sent = rehearsal(design)
    assert "scan" not in {event for event, _ in sent}
    assert len(app.visits) == sum(scan.direction == "enter" for scan in WEEK.scans) > 2


@pytest.mark.parametrize("design", CONTROLS)
def test_everything_goes_to_hosts_of_the_design_and_the_same_seed_sends_the_same(design: str) -> None:
    _, sent = rehearsal(design)
    hosts = {urlsplit(line["url"]).hostname for _, line in sent}
    assert hosts <= set(DESIGNS[design].hosts) - {CODES}
    assert all(host.endswith(".test") for host in DESIGNS[design].hosts)
    assert asyncio.run(rehearse(design))[1] == sent


@pytest.mark.parametrize(("design", "path", "at_most"), [("nhs", "/risky-venues", 24), ("cwa", "/DE/hour", 48)])
def test_lists_come_no_more_often_than_published(design: str, path: str, at_most: int) -> None:
    _, sent = rehearsal(design)
    downloads = [event for event, line in sent if urlsplit(line["url"]).path.endswith(path)]
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
