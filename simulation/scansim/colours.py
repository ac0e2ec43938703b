"""The colour engine of the simulated server: what it was told and knows, and what colour each code has by a rule set.

The rule sets are those of `scantrail.colours`. A declaration counts at once; all else counts from the next midnight on,
so that a colour does not depend on who was served first on a day: an assumption, as are how near in time a contact is
and for how long. A colour is lifted by daily check-ins alone, as the set says; the holder is never told a reason.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scansim.people import Booking
from scansim.position import Position
from scantrail.colours import SEVERITY, Colour, RuleSet
from scantrail.colours.published import Input, Report, applies, is_lifted

HEALTH_STATUS: dict[Colour, int] = {"green": 1, "yellow": 2, "red": 3}
"""As a vendor's verification record numbers them (docs/facts.md §2)."""
CONTACT_WITHIN = timedelta(hours=1)
LOOKED_BACK = timedelta(days=14)


class Case(NamedTuple):
    """Somebody is known to be ill."""

    resident_id: str
    confirmed_at: datetime


class Reason(NamedTuple):
    """Why a code has a colour: nobody is told."""

    since: datetime
    colour: Colour
    rule: str


class _Scan(NamedTuple):
    at: datetime
    code_number: str
    position: Position | None


class Engine:
    """Decides colours.

    A code number that nobody declared anything for was given to nobody: asking for it, or telling of it, is a KeyError.
    """

    def __init__(
        self, rules: RuleSet, tz: ZoneInfo, cases: Sequence[Case] = (), bookings: Sequence[Booking] = ()
    ) -> None:
        self.rules, self.tz, self.cases, self.bookings = rules, tz, cases, bookings
        self.codes: dict[str, str] = {}
        self.own: dict[str, list[Reason]] = {}
        self.reports: dict[str, list[Report]] = defaultdict(list)
        self.scans: dict[str, list[_Scan]] = defaultdict(list)
        self._nights: dict[datetime, dict[str, list[Reason]]] = {}

    def declare(self, code_number: str, resident_id: str, form: Mapping[str, Sequence[str]], at: datetime) -> None:
        """Take what somebody declares at sign-up."""
        self.codes[resident_id] = code_number
        self.own.setdefault(code_number, [])
        self._tell(code_number, "travel", form.get("recentTravel", ()), at)
        self._tell(code_number, "symptoms", form.get("symptoms", ()), at)

    def check_in(self, code_number: str, symptoms: Sequence[str], at: datetime) -> None:
        """Take how somebody is today."""
        self._tell(code_number, "symptoms", symptoms, at)
        self.reports[code_number].append((at, not symptoms))

    def scanned(self, code_number: str, place_id: str, position: Position | None, at: datetime) -> None:
        """Take where somebody was."""
        if code_number not in self.own:
            raise KeyError(code_number)
        self.scans[place_id].append(_Scan(at, code_number, position))

    def colour(self, code_number: str, at: datetime) -> Colour:
        """Tell the colour of a code at a time."""
        night = at.astimezone(self.tz).replace(hour=0, minute=0, second=0, microsecond=0)
        if night not in self._nights:
            self._nights[night] = self._overnight(night)
        reasons = [*self.own[code_number], *self._nights[night].get(code_number, ())]
        grave = [
            reason.colour for reason in reasons if reason.since <= at and not self._lifted(code_number, reason, at)
        ]
        return max(grave, key=SEVERITY.__getitem__, default="green")

    def _lifted(self, code_number: str, reason: Reason, at: datetime) -> bool:
        return is_lifted(self.rules, reason.colour, reason.since, self.reports[code_number], at, self.tz)

    def _tell(self, code_number: str, input_: Input, values: Iterable[str], at: datetime) -> None:
        self.own[code_number] += [
            Reason(at, rule.colour, rule.id)
            for rule in self.rules.rules
            if rule.input == input_ and any(applies(rule, value) for value in values)
        ]

    def _overnight(self, night: datetime) -> dict[str, list[Reason]]:
        """What follows from all that was known before midnight."""
        cases = [case for case in self.cases if case.confirmed_at < night and case.resident_id in self.codes]
        found: dict[str, list[Reason]] = defaultdict(list)
        for rule in self.rules.rules:
            match rule.input:
                case "case":
                    hits = [(self.codes[case.resident_id], case.confirmed_at) for case in cases]
                case "booking":
                    hits = self._travellers(rule.values, night)
                case "contact":
                    hits = self._contacts(cases, night)
                case "companion":
                    hits = self._companions(cases, night)
                case _:
                    hits = []
            for code_number, since in hits:
                found[code_number].append(Reason(since, rule.colour, rule.id))
        return found

    def _travellers(self, areas: frozenset[str], night: datetime) -> list[tuple[str, datetime]]:
        """Who came back by a ticket from one of these areas."""
        today = night.date()
        return [
            (self.codes[one.resident_id], datetime.combine(one.returns, datetime.min.time(), self.tz))
            for one in self.bookings
            if one.city in areas and today - LOOKED_BACK <= one.returns < today and one.resident_id in self.codes
        ]

    def _contacts(self, cases: Iterable[Case], night: datetime) -> list[tuple[str, datetime]]:
        """Who was scanned at the same place within an hour of a case, in the two weeks before it was confirmed."""
        found: dict[str, datetime] = {}
        for case in cases:
            code_number = self.codes[case.resident_id]
            for scans in self.scans.values():
                times = [one.at for one in scans if one.code_number == code_number]
                times = [at for at in times if case.confirmed_at - LOOKED_BACK <= at < case.confirmed_at]
                for one in scans if times else ():
                    met = one.code_number != code_number and one.at < night
                    if met and any(abs(one.at - at) <= CONTACT_WITHIN for at in times):
                        since = max(one.at, case.confirmed_at)
                        found[one.code_number] = min(found.get(one.code_number, since), since)
        return list(found.items())

    def _companions(self, cases: Sequence[Case], night: datetime) -> list[tuple[str, datetime]]:
        """Who was a space-time companion of a case, by the published rule, of the positions that scans told."""
        from scantrail.mobility import companions, staypoints
        from scantrail.mobility.meetings import AFTER

        told = [one for scans in self.scans.values() for one in scans if one.at < night]
        rows = [(one.code_number, one.at, *one.position) for one in told if one.position]
        ill = {self.codes[case.resident_id]: case.confirmed_at for case in cases}
        if not rows or not ill:
            return []
        import pandas as pd

        fixes = pd.DataFrame(rows, columns=["user_id", "tracked_at", "latitude", "longitude"])
        fixes["tracked_at"] = pd.to_datetime(fixes["tracked_at"], utc=True)
        met = companions(staypoints(fixes), cases=list(ill), until=night, after=AFTER)
        pairs = [(str(a), str(b)) for a, b in met[["user_id", "other_id"]].itertuples(index=False)]
        return [(other, ill[case]) for pair in pairs for case, other in (pair, pair[::-1]) if case in ill]
