"""The mini-program in a real browser: a person taps, a page sends.

What the super-app around it sends by itself (its chatter, its pinned connection) is no page and comes from the fast
phone's clients. The weather is not asked for. Where the fast phone knows what a guard or a poster says, here it is
read: the guard's terminal reads the code on the screen, the page reads the poster in a photo.
"""

import json
from urllib.parse import parse_qs, urlsplit

from scansim import SimulationError
from scansim.chromium import Chromium, Handset, Memory, Temper, read_code
from scansim.city import City
from scansim.designs import superapp
from scansim.designs.alipay import pages
from scansim.events import Event
from scansim.people import Device, Person
from scansim.phone import Call, Phone
from scansim.seeds import stream
from scansim.trail import Scan


class AlipayPage:
    """The page on one person's phone. Change `person` and let them sign up again to change the declaration."""

    def __init__(self, person: Person, city: City, seed: int, chromium: Chromium, temper: Temper) -> None:
        pages.segno()  # before anything starts: the server could say no more than that it failed
        self.person, self.city, self.temper = person, city, temper
        self.chromium = chromium
        self.chatter = superapp.Chatter(person.device, stream(seed, "app", person.user_id))
        self.secret = f"scansim {seed}"
        self.code_number = self.colour = ""
        self.location = temper.location
        self.scans = 0
        self.memory: Memory | None = None
        self.handset: Handset | None = None
        self._is_offline = False

    async def handle(self, event: Event, phone: Phone) -> None:
        """Do what the person does on this event."""
        if event.name == "idle":
            for call in self.chatter.calls():
                await phone.send(call)
            return
        if event.name == "app start":
            await phone.send(self.chatter.config())
        handset = await self._take_out(phone)
        match event.name:
            case "app start":
                await phone.attempt(Call("POST", f"https://{superapp.PINNED}/v1/startup", self.chatter.headers))
            case "sign-up":
                await self.sign_up(handset)
            case "consent":
                await self._do(handset, "#agree")
            case "show code":
                await self._show(handset)
            case "scan" if event.scan:
                await self.scan(event.scan, handset)

    async def sign_up(self, handset: Handset) -> None:
        """Read the notice, fill in the form; again, if there is a code already."""
        await self._do(handset, "#tab-form" if self.code_number else "#sign-up")
        person = self.person
        boxes = await handset.values("[name=symptom]")
        await handset.fill(
            {
                **{f"#{name}": value for name, value in pages.form(person).items()},
                "#other-symptoms": "，".join(one for one in person.symptoms if one not in boxes),
            }
        )
        await handset.tick("[name=symptom]", person.symptoms)
        await self._do(handset, "#submit")
        self.code_number = await handset.read("#ready-number")

    async def scan(self, scan: Scan, handset: Handset) -> None:
        """Have the code scanned by a guard, or scan a poster."""
        self.scans += 1
        revoked_after = self.temper.revoked_after_scans
        if self.location == "granted" and revoked_after is not None and self.scans > revoked_after:
            self.location = "refused"
            await handset.permit(self.location)
        by_guard = pages.scene(scan.place) == "guard" and not scan.remote
        if by_guard:
            await self._hold_out(handset)
        await self._do(handset, "#tab-scan")
        await handset.tap(f"[name=direction][value={'in' if scan.direction == 'enter' else 'out'}]")
        if self.scans == self.temper.offline_at_scan:
            await handset.switch_network(on=False)
            self._is_offline = True
        if by_guard:
            await handset.choose("#place", f"{scan.place.id}-{scan.gate}")
            await self._do(handset, "#at-place")
        else:
            await handset.photograph("#photo", pages.poster(scan.place))
            await self._check(handset, "the poster")

    async def _hold_out(self, handset: Handset) -> None:
        """Show the code to a guard, whose terminal reads it off the screen."""
        if not await handset.shows("#qr") or await handset.shows("#stale"):
            await self._show(handset)
        read = read_code(await handset.picture("#card"))
        number = parse_qs(urlsplit(read).query).get("codeNo", [""])[0]
        if number != self.code_number:
            raise SimulationError(f"the guard read {read or 'no code'!r} off the screen of {self.code_number}")

    async def _show(self, handset: Handset) -> None:
        await self._do(handset, "#show-code" if await handset.shows("#show-code") else "#tab-code")
        self.colour = await handset.read("#card", "data-colour")

    async def _do(self, handset: Handset, selector: str) -> None:
        await handset.tap(selector)
        await self._check(handset, selector)

    async def _check(self, handset: Handset, doing: str) -> None:
        """Hold that the page did it; without a network it may say that it waits."""
        state, words = await handset.said()
        if state == "error" or (state in ("offline", "queued") and not self._is_offline):
            raise SimulationError(f"the page says after {doing}: {words}")

    async def _take_out(self, phone: Phone) -> Handset:
        """Take the phone out of the pocket: it is where the person is, and knows what time it is.

        The page is opened if it was not yet, or if the phone was laid aside since.
        """
        handset = self.handset
        if begins := handset is None or handset.phone is not phone:
            handset = self.handset = await self.chromium.handset(
                phone,
                tz=self.city.tz,
                user_agent=superapp.web_user_agent(self.person.device),
                bridge=_bridge(self.person.device, self.secret),
                memory=self.memory,
            )
            phone.belongings.push_async_callback(self.lay_aside)
            await handset.permit(self.location)
        await handset.move()
        await handset.wake()
        if begins:
            await handset.go(pages.HOME)
            await self._check(handset, "it was opened")
        if self._is_offline:
            self._is_offline = False
            await handset.switch_network(on=True)
            await handset.settle("[data-queued='0']")
        return handset

    async def lay_aside(self) -> None:
        """Close the page. What it stored is there when the phone is used again."""
        if self.handset:
            self.memory = await self.handset.lay_aside() or self.memory
            self.handset = None


def _bridge(device: Device, secret: str) -> str:
    """Make what the super-app tells the page: which phone it is on, and what signs requests."""
    told = {"utdid": device.utdid, "model": device.model, "secret": secret}
    return f"window.superapp = {json.dumps(told)};"
