"""The phone's side: check-ins stay on it, warnings come to it, levels of risk leave it."""

from datetime import datetime, timedelta
from typing import NamedTuple

from scansim.city import City
from scansim.designs import kit
from scansim.designs.cwa.formats import CONFIG, HOURS, NOTICE, daily, get, hour_of, poster, venue, venues
from scansim.events import Event
from scansim.people import Person
from scansim.phone import Phone
from scansim.seeds import stream
from scansim.trail import Scan

KEPT = timedelta(days=15)
WARNINGS_EVERY = timedelta(hours=1)


class CheckIn(NamedTuple):
    """A visit, as the phone keeps it."""

    at: datetime
    venue: bytes
    left: datetime | None = None


class CwaApp:
    """The app on one person's phone."""

    colour = code_number = ""

    def __init__(self, person: Person, _: City, seed: int) -> None:
        self.device = person.device
        self.platform = kit.Platform(person.device, stream(seed, "app", person.user_id))
        self.warnings = kit.Every(WARNINGS_EVERY)
        self.visits: list[CheckIn] = []
        self.warned: set[bytes] = set()
        self.hour = 0
        self.sends_at: datetime | None = None

    async def handle(self, event: Event, phone: Phone) -> None:
        """Send what this event makes it send."""
        match event.name:
            case "app start":
                await phone.send(get(CONFIG, self.device))
            case "sign-up":
                await phone.send(get(NOTICE, self.device))
            case "consent":
                self.begin(phone.now)
            case "scan" if event.scan:
                self.keep(event.scan, event.at)
            case "show code":
                await self.catch_up(phone)
            case "idle":
                await phone.send(self.platform.call())
                await self.catch_up(phone)

    def begin(self, now: datetime) -> None:
        """Begin with the last full hour."""
        self.hour, self.sends_at = hour_of(now) - 1, _tomorrow(now)

    def keep(self, scan: Scan, at: datetime) -> None:
        """Check in, or out again. Nothing leaves."""
        self.visits = [visit for visit in self.visits if at - visit.at <= KEPT]
        name = venue(poster(scan.place))
        if scan.direction == "enter":
            self.visits.append(CheckIn(at, name))
        elif self.visits and self.visits[-1].venue == name:
            self.visits[-1] = self.visits[-1]._replace(left=at)

    async def catch_up(self, phone: Phone) -> None:
        """Get the warnings of the hours that have passed, and give the day's data, once the app is set up."""
        if self.sends_at is None:
            return
        if self.warnings.is_due(phone.now):
            await self.download(phone)
        if phone.now >= self.sends_at:
            await phone.send(daily(self.device, phone.now))
            self.sends_at = _tomorrow(phone.now)

    async def download(self, phone: Phone) -> None:
        """Get what is new, and compare it on the phone."""
        there = (await phone.send(get(HOURS, self.device))).json()
        for hour in range(max(self.hour, there["oldest"]), min(hour_of(phone.now), there["latest"] + 1)):
            packed = (await phone.send(get(f"{HOURS}/{hour}", self.device))).content
            self.warned |= venues(packed, [visit.venue for visit in self.visits])
            self.hour = hour + 1


def _tomorrow(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
