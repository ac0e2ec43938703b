"""Synthetic people: who they are, what phone they carry, where they live and work, where they have been."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from scansim import ids
from scansim.city import Spot
from scansim.life.resident import Resident
from scansim.seeds import stream

SURNAMES = "王李张刘陈杨黄赵周吴徐孙朱马胡林郭何高罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红梅建国文辉子涵梓轩欣怡宇航"
MODELS = ("SIM-A10", "SIM-A20", "SIM-P30", "SIM-M9")  # invented
RECENT = timedelta(days=14)  # the travel that sign-up asks for
_PHONES_FIRST_SEEN = (datetime(2016, 1, 1, tzinfo=UTC), datetime(2020, 1, 31, tzinfo=UTC))
_WEEKS_BEFORE = (-2, -1)


@dataclass(frozen=True)
class Device:
    """A phone, as it can be told apart."""

    imei: str
    utdid: str
    model: str


@dataclass(frozen=True)
class Booking:
    """A ticket for a train, as who sells it knows it."""

    resident_id: str
    leaves: date
    returns: date
    city: str
    adcode: str


@dataclass(frozen=True)
class Person:
    """One person. `home` and `work` are the door and the desk, some way behind the gates of their places."""

    user_id: str
    name: str
    resident_id: str
    phone_number: str
    device: Device
    recent_travel: tuple[str, ...]
    symptoms: tuple[str, ...]
    home: Spot
    work: Spot | None
    bookings: tuple[Booking, ...] = ()
    well_from: datetime | None = None

    def symptoms_on(self, at: datetime) -> tuple[str, ...]:
        """What the person suffers from at a time."""
        return () if self.well_from and at >= self.well_from else self.symptoms


def make_person(
    seed: int, resident: Resident, symptoms: Mapping[str, float] | None = None, ill_days: int | None = None
) -> Person:
    """Make the person of a resident: the same for the same seed, whoever else there is.

    Args:
        seed: of the simulation.
        resident: how the person lives.
        symptoms: each with the share of people who have it at the beginning.
        ill_days: after so many days they are well again; never, if not given.

    """
    random = stream(seed, "person", resident.number)
    city, days = resident.days.city, resident.days
    resident_id = ids.resident_id(random, random.choice(sorted(city.districts)))
    names = {other.adcode: other.name for other in city.elsewhere}
    weeks = (*_WEEKS_BEFORE, *range(-(-days.days // 7)))
    bookings = tuple(
        Booking(resident_id, leaves, returns, names[adcode], adcode)
        for leaves, returns, adcode in resident.journeys(weeks)
    )
    recent = (b.city for b in bookings if days.first - RECENT <= b.leaves < days.first)
    return Person(
        user_id=f"person-{resident.number}",
        name=random.choice(SURNAMES) + "".join(random.sample(GIVEN, random.choice((1, 2, 2)))),
        resident_id=resident_id,
        phone_number=ids.phone_number(random),
        device=make_device(random),
        recent_travel=tuple(dict.fromkeys((city.name, *recent))),
        symptoms=tuple(symptom for symptom, share in (symptoms or {}).items() if random.random() < share)[:1],
        home=resident.home,
        work=resident.work,
        bookings=bookings,
        well_from=days.start + timedelta(days=ill_days) if ill_days else None,
    )


def make_device(random: Random) -> Device:
    """Draw a phone."""
    imei = ids.imei(random)
    first, last = (int(at.timestamp()) for at in _PHONES_FIRST_SEEN)
    return Device(imei, ids.utdid(random, random.randrange(first, last), imei), random.choice(MODELS))
