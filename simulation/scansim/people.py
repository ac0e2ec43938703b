"""Synthetic people: who they are, what phone they carry, where they live and work."""

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from scansim import ids
from scansim.city import City, Place, Spot
from scansim.position import metres
from scansim.seeds import stream

SURNAMES = "王李张刘陈杨黄赵周吴徐孙朱马胡林郭何高罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红梅建国文辉子涵梓轩欣怡宇航"
MODELS = ("SIM-A10", "SIM-A20", "SIM-P30", "SIM-M9")  # invented
TRAVEL = (("杭州市", 60), ("宁波市", 10), ("绍兴市", 10), ("上海市", 10), ("温州市", 5), ("武汉市", 1))
"""Cities of the last 14 days and how often people name them: an assumption, Wuhan the key area of the time."""
SYMPTOMS = (("", 97), ("发热", 1), ("咳嗽", 2))  # none, fever, cough: likewise an assumption
COMMUTE_M = (2_500.0, 12_000.0)  # shortest and longest way to work, straight: an assumption
_PHONES_FIRST_SEEN = (datetime(2016, 1, 1, tzinfo=UTC), datetime(2020, 1, 31, tzinfo=UTC))


@dataclass(frozen=True)
class Device:
    """A phone, as it can be told apart."""

    imei: str
    utdid: str
    model: str


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
    work: Spot


def make_person(seed: int, number: int, city: City) -> Person:
    """Make the person of that number (from 1): the same for the same seed, whoever else there is."""
    random = stream(seed, "person", number)
    home, work = _home_and_work(random, city)
    return Person(
        user_id=f"person-{number}",
        name=random.choice(SURNAMES) + "".join(random.sample(GIVEN, random.choice((1, 2, 2)))),
        resident_id=ids.resident_id(random, random.choice(sorted(city.districts))),
        phone_number=ids.phone_number(random),
        device=_device(random),
        recent_travel=tuple(dict.fromkeys((city.name, _weighted(random, TRAVEL)))),
        symptoms=tuple(filter(None, (_weighted(random, SYMPTOMS),))),
        home=Spot(home, home.gate.nearby(random, 40, 90)),
        work=Spot(work, work.gate.nearby(random, 20, 60)),
    )


def _home_and_work(random: Random, city: City) -> tuple[Place, Place]:
    """Choose a compound and a place of work to commute between; any two where the city has none so far apart."""
    pairs = [(home, work) for home in city.of("compound") for work in city.of("office")]
    nearest_m, farthest_m = COMMUTE_M
    fit = [(home, work) for home, work in pairs if nearest_m < metres(home.gate, work.gate) < farthest_m]
    return random.choice(fit or pairs)


def _device(random: Random) -> Device:
    imei = ids.imei(random)
    first, last = (int(at.timestamp()) for at in _PHONES_FIRST_SEEN)
    return Device(imei, ids.utdid(random, random.randrange(first, last), imei), random.choice(MODELS))


def _weighted(random: Random, rows: tuple[tuple[str, int], ...]) -> str:
    return random.choices([value for value, _ in rows], [weight for _, weight in rows])[0]
