"""The phone's side: visits stay on it, lists come to it, counts leave it."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from scansim.city import City
from scansim.designs import kit
from scansim.designs.nhs.formats import Venue, analytics, download, notice, poster, read_poster
from scansim.events import Event
from scansim.people import Person
from scansim.phone import Phone
from scansim.seeds import stream
from scansim.trail import Scan

KEPT = timedelta(days=21)
LISTS_EVERY = timedelta(hours=2)


class NhsApp:
    """The app on one person's phone."""

    colour = code_number = ""

    def __init__(self, person: Person, city: City, seed: int) -> None:
        self.person, self.city = person, city
        self.platform = kit.Platform(person.device, stream(seed, "app", person.user_id))
        self.lists = kit.Every(LISTS_EVERY)
        self.visits: list[tuple[datetime, Venue]] = []
        self.warned: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.day: datetime | None = None

    async def handle(self, event: Event, phone: Phone) -> None:
        """Send what this event makes it send."""
        match event.name:
            case "app start":
                await phone.send(download("availability-android", self.person.device))
            case "sign-up":
                await phone.send(notice(self.person.device))
            case "consent":
                self.begin(phone.now)
            case "scan" if event.scan:
                self.check_in(event.scan, event.at)
            case "show code":
                await self.catch_up(phone)
            case "idle":
                await phone.send(self.platform.call())
                await self.catch_up(phone)

    def begin(self, now: datetime) -> None:
        """Begin to count."""
        self.day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        self.counts["completedOnboarding"] = 1

    def check_in(self, scan: Scan, at: datetime) -> None:
        """Keep the visit. Nothing leaves."""
        if scan.direction == "enter":
            self.visits = [(then, venue) for then, venue in self.visits if at - then <= KEPT]
            self.visits.append((at, read_poster(poster(scan.place, self.city))))
            self.counts["checkedIn"] += 1

    async def catch_up(self, phone: Phone) -> None:
        """Look for lists and send the day's counts, once the app is set up."""
        if self.day is None:
            return
        self.counts["totalBackgroundTasks"] += 1
        self.counts["runningNormallyBackgroundTick"] += 1
        if self.lists.is_due(phone.now):
            answer = await phone.send(download("risky-venues", self.person.device))
            self.compare(answer.json()["venues"])
        if phone.now >= self.day + timedelta(days=1):
            await phone.send(analytics(self.person, self.city, self.day.date(), self.counts))
            self.counts.clear()
            self.day = phone.now.replace(hour=0, minute=0, second=0, microsecond=0)

    def compare(self, venues: list[dict[str, Any]]) -> None:
        """Find the visits to risky venues, on the phone."""
        for listed in venues:
            begins, ends = (datetime.fromisoformat(listed["riskyWindow"][name]) for name in ("from", "until"))
            self.warned |= {venue.id for at, venue in self.visits if venue.id == listed["id"] and begins <= at <= ends}
