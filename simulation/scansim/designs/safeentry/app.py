"""The phone's side."""

from scansim import ids
from scansim.city import City
from scansim.designs import kit
from scansim.designs.safeentry.formats import NOTICE, PAGE, building, person
from scansim.events import Event
from scansim.people import Person
from scansim.phone import Call, Phone
from scansim.seeds import stream
from scansim.trail import Scan


class SafeEntryApp:
    """The app on one person's phone; it remembers who the person is and says so at every gate."""

    colour = ""

    def __init__(self, person: Person, _city: City, seed: int) -> None:
        self.person, self.headers = person, kit.agent("SafeEntry/1.4", person.device)
        self.platform = kit.Platform(person.device, stream(seed, "platform", person.user_id))
        self.nric = ids.nric(stream(seed, "nric", person.user_id))

    @property
    def code_number(self) -> str:
        """The server knows people by their NRIC."""
        return self.nric

    async def handle(self, event: Event, phone: Phone) -> None:
        """Send what this event makes it send; consent and showing the pass need no server."""
        match event.name:
            case "app start":
                await phone.send(Call("GET", f"https://{PAGE}/config.json", self.headers))
            case "sign-up":
                await phone.send(Call("GET", NOTICE, self.headers))
            case "scan" if event.scan:
                await self.scan(event.scan, phone)
            case "idle":
                await phone.send(self.platform.call())

    async def scan(self, scan: Scan, phone: Phone) -> None:
        """Open the venue's link, then check in or out."""
        await phone.send(building(scan.place, self.headers))
        await phone.send(person(self.nric, self.person.phone_number, scan.place, scan.direction, self.headers))
