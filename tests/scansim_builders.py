"""Lives without sockets: worlds of any kind, and what their people do in them."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from scansim.events import Event
from scansim.life.habits import Checks
from scansim.people import Person
from scansim.scenario import DEFAULT, load_scenario
from scansim.trail import Week
from scansim.world import Life, World

OFTEN = Checks(a_day=4.0)
"""So many scans that a few days have some of each kind."""


_worlds: dict[str, World] = {}


def world(seed: int = 1, *, scenario: str = DEFAULT, **changes: Any) -> World:
    """A world, as its scenario says but for what is given, and with frequent checks."""
    changes = {"checks": OFTEN} | changes | {"seed": seed}
    key = f"{scenario} {changes}"
    if key not in _worlds:
        _worlds[key] = World.of(*load_scenario(scenario, **changes))
    return _worlds[key]


@dataclass(frozen=True)
class Lived:
    """A life to its end, and what happened to its phone; the phone itself did nothing."""

    life: Life
    week: Week
    happened: tuple[Event, ...]

    @property
    def person(self) -> Person:
        return self.life.person


@cache
def lived(world: World, number: int = 1, *, suspect: bool = False) -> Lived:
    """Let somebody live all days of a world, under one colour."""
    life = world.life(number)
    happened = life.wake_up()
    for day in range(world.days.days):
        happened += life.live_day(day, suspect=suspect)
    return Lived(life, Week(tuple(life.segments), tuple(life.scans)), happened)
