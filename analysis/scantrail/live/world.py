"""The simulation behind a lane: a process that is told what to do and says what happens (`protocol`)."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from scantrail.live.protocol import Commands, Failed, Ready, Replies

STARTS_S = 90.0  # kernels are compiled when a simulation runs for the first time
ENDS_S = 10.0
_LONGEST = 2**24  # bytes of a reply: a large city has many places

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Replies).decode


class WorldError(RuntimeError):
    """A simulation that did not begin, or ended. The message says why."""


class World:
    """A simulation that runs; `heard` is called with each of its replies."""

    def __init__(self, process: Process, ready: Ready) -> None:
        self.process, self.ready = process, ready
        self.heard: Callable[[Replies], None] = lambda _: None

    @classmethod
    async def start(cls, folder: Path, embedder: str, options: Sequence[str]) -> "World":
        """Start a simulation and wait until it is ready.

        Args:
            folder: its capture folder.
            embedder: the origin of the page that shows its phone.
            options: words for its command line: design, scenario, seed, people, days.

        Raises:
            WorldError: it did not begin.

        """
        words = ["-m", "scansim.classroom", "-o", str(folder), "--embedder", embedder, *options]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *words),
            stdin=PIPE,
            stdout=PIPE,
            limit=_LONGEST,
            start_new_session=True,  # Ctrl-C is for the page, which then ends the simulation in good order
        )
        why = "the simulation did not begin: see above"
        try:
            first = await asyncio.wait_for(_reply(process), STARTS_S)
        except TimeoutError:
            first, why = None, f"the simulation was not ready within {STARTS_S:.0f} s"
        if isinstance(first, Ready):
            return cls(process, first)
        await _kill(process)
        raise WorldError(first.message if isinstance(first, Failed) else why)

    async def listen(self) -> None:
        """Hear what it says, to its end."""
        last = None
        while (reply := await _reply(self.process)) is not None:
            self.heard(last := reply)
        if not (isinstance(last, Failed) and last.fatal):
            self.heard(Failed("The simulation has ended.", fatal=True))

    def tell(self, command: Commands) -> None:
        """Say what to do; nothing if it has ended."""
        if self.process.stdin and self.process.returncode is None:
            self.process.stdin.write(_encode(command) + b"\n")

    async def stop(self) -> None:
        """End it in good order, or by force."""
        if self.process.stdin:
            self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), ENDS_S)
        except TimeoutError:
            await _kill(self.process)


async def _kill(process: Process) -> None:
    """End it at once, and the proxy that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.communicate()


async def _reply(process: Process) -> Replies | None:
    line = await process.stdout.readline() if process.stdout else b""
    return _decode(line) if line else None
