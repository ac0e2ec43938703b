"""The phone's side, and the terminal at the gate."""

from scansim.city import City
from scansim.designs import kit
from scansim.designs.kipass.formats import ISSUER, NOTICE, Code, fetch, sign_up, visit
from scansim.events import Event
from scansim.people import Person
from scansim.phone import Call, Phone
from scansim.seeds import stream
from scansim.trail import Scan


class KiPassApp:
    """The app on one person's phone. The visit server has no name for the person."""

    colour = code_number = ""

    def __init__(self, person: Person, _city: City, seed: int) -> None:
        self.person, self.headers = person, kit.agent("QrPass/8.9", person.device)
        self.platform = kit.Platform(person.device, stream(seed, "platform", person.user_id))

    async def handle(self, event: Event, phone: Phone) -> None:
        """Send what this event makes it send; consent is a tick in the app."""
        match event.name:
            case "app start":
                await phone.send(Call("GET", f"https://{ISSUER}/v1/config", self.headers))
            case "sign-up":
                await phone.send(Call("GET", NOTICE, self.headers))
                await phone.send(sign_up(self.person, self.headers))
            case "show code":
                await self.show_code(phone)
            case "scan" if event.scan:
                await self.scan(event.scan, phone)
            case "idle":
                await phone.send(self.platform.call())

    async def show_code(self, phone: Phone) -> Code:
        """Fetch a new code: the last one is dead by now."""
        answer = (await phone.send(fetch(self.person, phone.now, self.headers))).json()
        return Code(answer["qrCodeId"], answer["issuedAt"], answer["mac"])

    async def scan(self, scan: Scan, phone: Phone) -> None:
        """Show a new code to the terminal, which reports it."""
        code = await self.show_code(phone)
        async with phone.beside() as terminal:
            await terminal.send(visit(code, scan.place, terminal.now))
