"""The phone's side: what the super-app and its health code send on each event."""

import httpx2

from scansim.city import Category, City
from scansim.clock import milliseconds
from scansim.designs import superapp
from scansim.designs.alipay.formats import (
    CHECK_IN,
    NO_LOCATION,
    NOTICE,
    QUERY,
    REGISTER,
    REPORT,
    STARTUP,
    Gateway,
    deep_link,
    get_location,
)
from scansim.events import Event
from scansim.people import Person
from scansim.phone import Call, Fix, Phone
from scansim.radios import Radios, amap_fields
from scansim.seeds import stream
from scansim.trail import Scan

POSTERS: tuple[Category, ...] = ("station", "railway", "mall", "restaurant", "market", "park")
"""Where the person scans a poster; elsewhere a guard scans the person's code."""
NETWORKS = ("4G", "4G", "4G", "WIFI")


class AlipayApp:
    """The app on one person's phone."""

    def __init__(self, person: Person, city: City, seed: int) -> None:
        self.person, self.city = person, city
        self.random = stream(seed, "app", person.user_id)
        self.gateway = Gateway(person.device, secret=f"scansim {seed}")
        self.chatter = superapp.Chatter(person.device, self.random)
        self.code_number = self.colour = ""

    async def handle(self, event: Event, phone: Phone) -> None:
        """Send what this event makes it send."""
        match event.name:
            case "app start":
                await self.start(phone)
            case "sign-up":
                await self.sign_up(phone)
            case "consent":
                await self.consent(phone)
            case "show code":
                await self.show_code(phone)
            case "check-in":
                await self.check_in(event, phone)
            case "scan" if event.scan:
                await self.scan(event.scan, phone)
            case "idle":
                for call in self.chatter.calls():
                    await phone.send(call)

    def locate(self, phone: Phone) -> dict[str, str]:
        """What `my.getLocation` gives: a position, or an error, with the radios around if the scenario wants them."""
        match phone.locate():
            case Fix() as fix:
                return get_location(fix, self.city)
            case Radios() as heard:
                return NO_LOCATION | amap_fields(heard)
        return dict(NO_LOCATION)

    async def start(self, phone: Phone) -> None:
        """Talk before any user action."""
        await phone.send(self.chatter.config())
        body = {"model": self.person.device.model, "os": "Android 10", "coldStart": True}
        await phone.send(self.gateway.post(STARTUP, body, phone.now))
        await phone.attempt(Call("POST", f"https://{superapp.PINNED}/v1/startup", self.gateway.headers))

    async def sign_up(self, phone: Phone) -> None:
        """Read the notice, fill in the form."""
        await phone.send(Call("GET", NOTICE, self.gateway.headers))
        form = {
            "name": self.person.name,
            "idCardNo": self.person.resident_id,
            "mobile": self.person.phone_number,
            "recentTravel": list(self.person.recent_travel),
            "symptoms": list(self.person.symptoms_on(phone.now)),
        }
        answer = await phone.send(self.gateway.post(REGISTER, form, phone.now))
        self.code_number = answer.json()["result"]["codeNo"]

    async def consent(self, phone: Phone) -> None:
        """Run the routine that the Times found."""
        body = {
            "location": self.locate(phone),
            "cityName": self.city.name,
            "codeNo": self.code_number,
        }
        await phone.send(self.gateway.post(REPORT, body, phone.now))

    async def show_code(self, phone: Phone) -> None:
        """Refresh the code; the page also shows the weather."""
        self._see(await phone.send(self.gateway.get(QUERY, {"codeNo": self.code_number}, phone.now)))
        if "longitude" in (location := self.locate(phone)):
            await phone.send(superapp.weather(self.person.device, location, phone.now))

    async def check_in(self, event: Event, phone: Phone) -> None:
        """Report how one is today."""
        body = {"codeNo": self.code_number, "symptoms": list(self.person.symptoms_on(event.at))}
        self._see(await phone.send(self.gateway.post(CHECK_IN, body, phone.now)))

    def _see(self, answer: httpx2.Response) -> None:
        told = answer.json()
        self.colour = (told.get("result") or told)["colour"]

    async def scan(self, scan: Scan, phone: Phone) -> None:
        """Tell the server that the code was scanned, and where."""
        place = scan.place
        data: dict[str, object] = {
            "location": superapp.compact(self.locate(phone)),
            "scanTime": str(milliseconds(phone.now)),
            "placeId": place.id,
            "gateId": f"{place.id}-{scan.gate}-{'in' if scan.direction == 'enter' else 'out'}",
        }
        scene = "poster" if place.category in POSTERS or scan.remote else "guard"
        if scene == "poster":
            data["qrCode"] = deep_link(place)
        fields = {"codeNo": self.code_number, "scene": scene}
        self._see(await phone.send(self.gateway.scan(fields, data, self.random.choice(NETWORKS))))
