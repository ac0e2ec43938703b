"""What a design is: the interface that all of them have.

A design's `server` is an ASGI app for all of its hosts, its `app` the software on one phone. Both are made from the
seed and share nothing but the formats on the wire.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from starlette.types import ASGIApp

from scansim.chromium import Chromium, Temper
from scansim.city import City
from scansim.clock import FIRST_DAY
from scansim.colours import Case
from scansim.events import Event
from scansim.people import Booking, Person
from scansim.phone import Phone
from scantrail.colours import RULE_SETS, RuleSet
from scantrail.live.protocol import Do


class App(Protocol):
    """A design's software on one phone."""

    @property
    def code_number(self) -> str:
        """What the server calls this person; empty before sign-up, and in designs that give no such name."""

    @property
    def colour(self) -> str:
        """What colour the app shows; empty before it shows one, and in designs without."""

    async def handle(self, event: Event, phone: Phone) -> None:
        """Do what the app does on this event: the requests it sends, in order."""


class Setting(NamedTuple):
    """What the servers of a design know beforehand."""

    seed: int
    city: City
    first_day: date = FIRST_DAY
    rules: RuleSet = RULE_SETS[0]
    cases: tuple[Case, ...] = ()
    bookings: tuple[Booking, ...] = ()


@dataclass(frozen=True)
class Pages:
    """A design's pages for a real browser.

    They begin at `home`. `app` is how a simulated person uses them. Of the pages in a visitor's hand, `act` tells what
    a request (method, path, headers, body) says was done, and `form` what a person writes into which input (by id).
    """

    home: str
    app: Callable[[Person, City, int, Chromium, Temper], App]
    act: Callable[[str, str, Mapping[str, str], bytes], Do | None]
    form: Callable[[Person], Mapping[str, str]]


@dataclass(frozen=True)
class Design:
    """A design. All of its hosts are served by one server, told apart by name; some have pages for a browser."""

    name: str
    hosts: tuple[str, ...]
    server: Callable[[Setting], ASGIApp]
    app: Callable[[Person, City, int], App]
    pages: Pages | None = None
