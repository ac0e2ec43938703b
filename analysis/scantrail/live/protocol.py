"""What a lane of the live page and the simulation behind it tell each other, a JSON object a line.

The page writes a `Command` to the simulation's standard input and reads a `Reply` from its standard output; the end of
the input ends the simulation. What people and phones send is not told here: it is read from the capture.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

type Act = Literal["app start", "sign-up", "consent", "show code", "scan"]
"""What somebody does with the phone in their hand, in the words of moments."""
type Direction = Literal["enter", "leave"]

ACTS: tuple[Act, ...] = ("app start", "sign-up", "consent", "show code", "scan")
"""In the order in which they become possible."""


class Command(Struct, frozen=True, tag_field="do"):
    """Something that the page wants done."""


class Play(Command, frozen=True, tag="play"):
    """Let time run. `speed` is in simulated seconds a second."""

    speed: float


class Pause(Command, frozen=True, tag="pause"):
    """Let time stand still."""


class Step(Command, frozen=True, tag="step"):
    """Go on by some hours; or, with `to_hour`, until it is that hour by the city's clock, and wait there."""

    hours: float = 0.0
    to_hour: float | None = None


class Move(Command, frozen=True, tag="move"):
    """Carry the phone to a position (WGS-84 degrees); it takes its time."""

    latitude: float
    longitude: float


class Do(Command, frozen=True, tag="act"):
    """Use the phone where it is. `place` is the code of the place that is scanned, by default the nearest."""

    name: Act
    direction: Direction = "enter"
    place: str | None = None


class Reveal(Command, frozen=True, tag="reveal"):
    """Write down what is true so far, into the capture's folder."""


type Commands = Play | Pause | Step | Move | Do | Reveal


class Spot(Struct, frozen=True):
    """A place of the city: its code, names, category and first gate (WGS-84 degrees)."""

    id: str
    name: str
    english: str
    category: str
    latitude: float
    longitude: float


class Reply(Struct, frozen=True, tag_field="said"):
    """Something that the simulation tells."""


class Ready(Reply, frozen=True, tag="ready"):
    """The simulation has begun.

    `phone` is the address of the page on the phone in the hand, if the design has pages; `device_id` is what that phone
    calls itself. `part` says whose phone it is, and where they live and work: a part to be played.
    """

    design: str
    tz: str
    begins: datetime
    ends: datetime
    people: int
    spots: tuple[Spot, ...]
    device_id: str
    part: str
    phone: str | None = None


class State(Reply, frozen=True, tag="state"):
    """What time it is, and where the phone in the hand is. `place` is the nearest, `away_m` metres from it."""

    now: datetime
    is_running: bool
    latitude: float
    longitude: float
    place: str
    away_m: float
    done: tuple[Act, ...] = ()


class Did(Reply, frozen=True, tag="did"):
    """Somebody used the page on the phone: what another design's phone can do as well."""

    act: Do


class Revealed(Reply, frozen=True, tag="revealed"):
    """The truth is written."""


class Crowd(Reply, frozen=True, tag="crowd"):
    """The scans of many other people of the city are in a folder beside the capture."""

    folder: str


class Failed(Reply, frozen=True, tag="failed"):
    """Something could not be done; `fatal`: the simulation has ended."""

    message: str
    fatal: bool = False


type Replies = Ready | State | Did | Revealed | Crowd | Failed
