"""A lane on the page, and what of it the browsers have been shown."""

from dataclasses import dataclass, field

from scantrail.live.lane import Lane
from scantrail.live.line import Line
from scantrail.live.protocol import Ready, State
from scantrail.live.world import World


@dataclass
class Scene:
    """A lane with the simulation behind it, if there is one, and what of it the browsers have been shown."""

    lane: Lane
    number: int
    world: World | None = None
    state: State | None = None
    fresh: dict[int, Line] = field(default_factory=dict)
    shown: int = 0
    added: int = 0
    phone_shown: str = ""
    who_shown: str = ""

    @property
    def ready(self) -> Ready | None:
        """What the simulation said when it began."""
        return self.world.ready if self.world else None

    async def stop(self) -> None:
        """End the simulation."""
        if self.world:
            await self.world.stop()
