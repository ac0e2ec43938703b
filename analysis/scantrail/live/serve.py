"""Run the live page: begin its lanes, serve it until Ctrl-C, and leave what was recorded where it was asked for."""

import asyncio
import secrets
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, cast
from zoneinfo import ZoneInfo

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework
from tzlocal import get_localzone_name

from scantrail.live.lane import Lane
from scantrail.live.protocol import Spot
from scantrail.live.scene import Scene
from scantrail.live.server import LEAD, WATCH, Page
from scantrail.live.session import Session
from scantrail.live.shown import Shown
from scantrail.live.warm import warm_up
from scantrail.live.world import World, WorldError
from scantrail.readers import LOG, glance, stream, zone
from scantrail.recording import own_address

LOOPBACK = "127.0.0.1"
ANY = ("0.0.0.0", "::")  # noqa: S104 - only if somebody asks for it
_CLOSES_S = 2.0


@dataclass(frozen=True)
class Address:
    """Where the page is: for who leads, and for who only watches."""

    lead: str
    watch: str


class Source(Protocol):
    """What the page shows."""

    @property
    def designs(self) -> Sequence[str]:
        """With which it begins."""

    @property
    def choice(self) -> Sequence[str]:
        """Those that may be chosen later."""

    async def begin(self, designs: Sequence[str], origin: str, scratch: Path) -> list[Scene]:
        """Begin a lane for each design, in a folder of its own; `origin` is the page's.

        Raises:
            WorldError: a simulation did not begin.

        """

    def zone(self, scenes: Sequence[Scene]) -> ZoneInfo:
        """By whose clock the page shows times."""


@dataclass(frozen=True)
class Simulated:
    """Simulated phones, of one design or of two side by side. `options` go to the simulation.

    What is recorded goes to `folder`, or is thrown away.
    """

    designs: Sequence[str]
    options: Sequence[str]
    choice: Sequence[str]
    folder: Path | None = None

    async def begin(self, designs: Sequence[str], origin: str, scratch: Path) -> list[Scene]:
        """Begin a simulation of each design."""
        tasks = (self._scene(number, design, origin, scratch) for number, design in enumerate(designs))
        scenes = await asyncio.gather(*tasks, return_exceptions=True)
        begun = [scene for scene in scenes if isinstance(scene, Scene)]
        if failed := [error for error in scenes if isinstance(error, BaseException)]:
            for scene in begun:
                await scene.stop()
            raise failed[0]
        return begun

    async def _scene(self, number: int, design: str, origin: str, scratch: Path) -> Scene:
        folder = _free((self.folder or scratch) / design)
        world = await World.start(folder, origin, ["--design", design, *self.options])
        return Scene(Lane(design, folder, world.ready.spots), number, world)

    def zone(self, scenes: Sequence[Scene]) -> ZoneInfo:
        """That of the city."""
        return zone(scenes[0].ready.tz if scenes[0].ready else "UTC")


def _free(folder: Path) -> Path:
    """The folder, or one of a like name, if there is something in it: a design is begun anew."""
    names = chain([folder], (folder.with_name(f"{folder.name}-{number}") for number in count(2)))
    return next(path for path in names if not path.exists())


@dataclass(frozen=True)
class Recorded:
    """A recording, while it grows or as it is; and places with names, if there are any."""

    capture: Path
    tz: str | None = None
    spots: Sequence[Spot] = ()
    designs: Sequence[str] = ()
    choice: Sequence[str] = ()

    async def begin(self, designs: Sequence[str], origin: str, scratch: Path) -> list[Scene]:  # noqa: ARG002 - there is one lane
        """Begin to read.

        Raises:
            CaptureError: it is a file that cannot be read.

        """
        if self.capture.is_file():
            next(stream(self.capture, []), None)
        return [Scene(Lane(self.capture.name, self.capture, self.spots), 0)]

    def zone(self, scenes: Sequence[Scene]) -> ZoneInfo:  # noqa: ARG002 - no simulation
        """That of the recording."""
        has_begun = (self.capture / LOG).exists() if self.capture.is_dir() else self.capture.exists()
        return glance(self.capture, [], tz=self.tz).tz if has_begun else zone(self.tz or get_localzone_name())


def run(
    what: Source,
    *,
    host: str = LOOPBACK,
    port: int = 0,
    ready: Callable[[Address], None] = lambda _: None,
) -> None:
    """Serve the page until Ctrl-C.

    Args:
        what: what is shown.
        host: the address to listen at; others than loopback let other machines watch. Who leads is on this machine.
        port: 0 takes a free one.
        ready: called with the addresses as soon as the page answers.

    Raises:
        WorldError: a simulation did not begin.
        CaptureError: the recording cannot be read.
        OSError: the port is in use.

    """
    with ExitStack() as open_, suppress(KeyboardInterrupt):
        listeners = [open_.enter_context(socket.create_server((host, port)))]
        port = listeners[0].getsockname()[1]
        if host not in (LOOPBACK, *ANY):  # who leads is on this machine: elsewhere the phone's page would not work
            listeners.append(open_.enter_context(socket.create_server((LOOPBACK, port))))
        asyncio.run(_run(what, own_address() if host in ANY else host, listeners, ready))


async def _run(what: Source, host: str, listeners: Sequence[socket.socket], ready: Callable[[Address], None]) -> None:
    port = listeners[0].getsockname()[1]
    tokens = {secrets.token_urlsafe(16): role for role in (LEAD, WATCH)}
    origin = f"http://{LOOPBACK}:{port}"
    lead, watch = (f"http://{name}:{port}/?token={token}" for name, token in zip((LOOPBACK, host), tokens, strict=True))
    loop, end = asyncio.get_running_loop(), asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, end.set)
    warming = asyncio.create_task(asyncio.to_thread(warm_up))
    with TemporaryDirectory(prefix="scantrail-live-") as scratch:
        folder = Path(scratch)
        first = await what.begin(what.designs, origin, folder)
        session = Session(Shown(what.zone(first), what.choice))
        await session.open(first)

        one_at_a_time = asyncio.Lock()

        async def change(*designs: str) -> None:
            async with one_at_a_time:
                session.say("Beginning anew: a few seconds.")
                try:
                    await session.open(await what.begin([design for design in designs if design], origin, folder))
                except WorldError as error:
                    session.say(str(error))

        hosts = [f"{name}:{port}" for name in dict.fromkeys((host, LOOPBACK, "localhost"))]
        app = Page(session, change).app(hosts, tokens)
        serving = asyncio.create_task(serve(cast("ASGIFramework", app), _config(listeners), shutdown_trigger=end.wait))
        ready(Address(lead, watch))
        await end.wait()
        session.hub.end()
        await session.close()
        await serving
        warming.cancel()


def _config(listeners: Sequence[socket.socket]) -> Config:
    config = Config()
    config.bind = [f"fd://{listener.detach()}" for listener in listeners]
    config.loglevel = "ERROR"
    config.graceful_timeout = _CLOSES_S
    return config
