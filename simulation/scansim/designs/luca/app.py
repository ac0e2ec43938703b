"""The phone's side."""

import base64
from datetime import datetime
from uuid import UUID

from scansim.city import City, Place
from scansim.designs import kit
from scansim.designs.luca.formats import (
    ANDROID,
    API,
    NOTICE,
    Guest,
    check_in,
    check_out,
    minute,
    poll,
    qr_code,
    scanner_id,
    trace_id,
)
from scansim.designs.luca.seal import PublicKey, b64, crypt, mac, point, private_key, read_point, seal, sign
from scansim.designs.superapp import compact
from scansim.events import Event
from scansim.people import Person
from scansim.phone import Call, Phone
from scansim.seeds import stream
from scansim.trail import Scan

POLLED = 5
"""How many check-ins a poll names, the last ones: an assumption."""


class LucaApp:
    """The app on one person's phone."""

    colour = ""

    def __init__(self, person: Person, city: City, seed: int) -> None:
        self.person, self.city, self.seed = person, city, seed
        self.headers = kit.agent("luca/1.6.1", person.device)
        self.random = stream(seed, "luca", person.user_id)
        self.platform = kit.Platform(person.device, stream(seed, "platform", person.user_id))
        self.key, self.data_secret = private_key(self.random), self.random.randbytes(16)
        self.traces: list[str] = []
        self.checked_in: Place | None = None

    @property
    def code_number(self) -> str:
        """The server has a name for each check-in and none for the person: the first stands for all."""
        return self.traces[0] if self.traces else ""

    async def handle(self, event: Event, phone: Phone) -> None:
        """Send what this event makes it send; consent is a tick in the app."""
        match event.name:
            case "app start":
                await self.start(phone)
            case "sign-up":
                await self.sign_up(phone)
            case "show code":
                await self.poll(phone)
            case "scan" if event.scan:
                await self.scan(event.scan, phone)
            case "idle":
                await phone.send(self.platform.call())
                await self.poll(phone)

    async def start(self, phone: Phone) -> None:
        """See whether the app is still supported, and fetch the day's key of the health departments."""
        await phone.send(Call("GET", f"{API}/versions/apps/android", self.headers))
        answer = await phone.send(Call("GET", f"{API}/keys/daily/current", self.headers))
        self.daily = _public_key(answer.json()["publicKey"])

    async def sign_up(self, phone: Phone) -> None:
        """Have the phone number verified, then deposit the contact data, which nobody but the phone can read."""
        await phone.send(Call("GET", NOTICE, self.headers))
        body = {"phone": self.person.phone_number}
        challenge = (await phone.send(kit.post(f"{API}/sms/request", body, self.headers))).json()
        tan = f"{self.random.randrange(10**6):06d}"
        await phone.send(kit.post(f"{API}/sms/verify", {**challenge, "tan": tan}, self.headers))
        answer = await phone.send(kit.post(f"{API}/users", self.contact_data(), self.headers))
        self.user_id = UUID(answer.json()["userId"])

    def contact_data(self) -> dict[str, str]:
        """Encrypt and sign who the person is."""
        iv = self.random.randbytes(16)
        plain = {"v": 3, "fn": self.person.name, "pn": self.person.phone_number}
        data = crypt(compact(plain).encode(), self.data_secret, iv)
        tag = mac(data, self.data_secret)
        fields = {"data": data, "iv": iv, "mac": tag, "publicKey": point(self.key.public_key())}
        return {name: b64(value) for name, value in fields.items()} | {
            "signature": b64(sign(data + tag + iv, self.key))
        }

    async def scan(self, scan: Scan, phone: Phone) -> None:
        """Check in on entering; check out on leaving, and before checking in elsewhere."""
        if self.checked_in:
            await phone.send(check_out(self.traces[-1], minute(phone.now), self.headers))
            self.checked_in = None
        if scan.direction == "enter":
            await self.check_in(scan.place, phone)

    async def check_in(self, place: Place, phone: Phone) -> None:
        """Fetch the venue's key, check in under a new pseudonym, see that it worked and where one is."""
        scanner = scanner_id(self.seed, place.id)
        venue = (await phone.send(Call("GET", f"{API}/scanners/{scanner}", self.headers))).json()
        guest, timestamp = self.guest(phone.now), minute(phone.now)
        trace = trace_id(guest.user_id, guest.tracing_secret, timestamp)
        code, key = qr_code(guest, timestamp, self.daily, self.random), _public_key(venue["publicKey"])
        sealed = seal(code, key, self.random)
        await phone.send(check_in(trace, scanner, timestamp, sealed, ANDROID, self.headers))
        self.traces.append(trace)
        self.checked_in = place
        await self.poll(phone)
        await phone.send(Call("GET", f"{API}/locations/{venue['locationId']}", self.headers))

    def guest(self, at: datetime) -> Guest:
        """Tell who one is today: the tracing secret changes at midnight."""
        day = at.astimezone(self.city.zone).date()
        secret = stream(self.seed, "luca secret", self.person.user_id, day).randbytes(16)
        return Guest(self.user_id, secret, self.data_secret)

    async def poll(self, phone: Phone) -> None:
        """Ask what became of the last check-ins, if there are any."""
        if self.traces:
            await phone.send(poll(self.traces[-POLLED:], self.headers))


def _public_key(text: str) -> PublicKey:
    return read_point(base64.b64decode(text))
