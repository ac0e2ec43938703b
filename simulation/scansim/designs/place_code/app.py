"""The phone's side."""

from scansim.city import City
from scansim.designs import kit
from scansim.designs.place_code.formats import CODE, CONFIG, NOTICE, register, scan
from scansim.events import Event
from scansim.people import Person
from scansim.phone import Call, Phone
from scansim.seeds import stream


class PlaceCodeApp:
    """The app on one person's phone. It never asks where the phone is."""

    def __init__(self, person: Person, _city: City, seed: int) -> None:
        self.person, self.headers = person, kit.agent("PlaceCode/3.1", person.device)
        self.platform = kit.Platform(person.device, stream(seed, "platform", person.user_id))
        self.code_number = self.colour = ""

    async def handle(self, event: Event, phone: Phone) -> None:
        """Send what this event makes it send; consent is a tick on the form."""
        match event.name:
            case "app start":
                await phone.send(Call("GET", CONFIG, self.headers))
            case "sign-up":
                await phone.send(Call("GET", NOTICE, self.headers))
                self.code_number = (await phone.send(register(self.person, self.headers))).json()["codeNo"]
            case "show code":
                answer = await phone.send(Call("GET", f"{CODE}?codeNo={self.code_number}", self.headers))
                self.colour = answer.json()["colour"]
            case "scan" if event.scan:
                answer = await phone.send(scan(self.code_number, event.scan.place, phone.now, self.headers))
                self.colour = answer.json()["colour"]
            case "idle":
                await phone.send(self.platform.call())
