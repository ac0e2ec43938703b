"""What a kernel needs that lets somebody do something."""

from typing import NamedTuple

from scansim.life.diary import Diary
from scansim.life.draws import Stream
from scansim.life.habits import Habits
from scansim.life.town import Town


class Scene(NamedTuple):
    """Somebody's day: its chances, the city, how people move, and where it is written down."""

    stream: Stream
    town: Town
    habits: Habits
    diary: Diary
