"""Run a world for the live page: commands on standard input, replies on standard output."""

import asyncio
import secrets
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import click
import msgspec

from scansim import SimulationError
from scansim.capture import CaptureFolder
from scansim.classroom.relay import Relay
from scansim.classroom.stage import Stage
from scansim.scenario import DEFAULT, load_scenario
from scansim.server import serving
from scansim.table import write_table
from scansim.world import World, on_line
from scantrail.live.protocol import Commands, Crowd, Do, Failed, Ready, Replies, Reveal, Revealed, Spot
from scantrail.proxy import ProxyError

CROWD = 5_000  # people among whom one may be looked for
CROWD_FOLDER = "crowd"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Commands).decode


@click.command()
@click.option("--scenario", default=DEFAULT)
@click.option("--design")
@click.option("--seed", type=int)
@click.option("--people", type=int)
@click.option("--days", type=int)
@click.option("-o", "--output", "folder", type=click.Path(path_type=Path), required=True)
@click.option("--embedder", required=True, help="The origin of the page that shows the phone in a frame.")
@click.option("--force", is_flag=True)
def main(folder: Path, scenario: str, embedder: str, force: bool, **changes: str | int | None) -> None:
    """Live by the clock of a class."""
    chosen: dict[str, Any] = {key: value for key, value in changes.items() if value is not None}
    try:
        _play(folder, scenario, embedder, force, chosen)
    except (SimulationError, ProxyError, OSError) as error:
        _say(Failed(str(error), fatal=True))
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def _play(folder: Path, scenario: str, embedder: str, force: bool, chosen: dict[str, Any]) -> None:
    made, city = load_scenario(scenario, **chosen)
    world, capture = World.of(made, city), CaptureFolder(folder, force=force)
    capture.write_about(made, city, complete=False)
    capture.write_scenario(made)
    with on_line(capture, world.design, world.setting) as (connect, servers, proxy):
        try:
            asyncio.run(_serve(Stage(world, connect, capture, _say), servers, embedder, scenario, chosen))
        except ExceptionGroup as failed:
            proxy.check()
            raise failed.exceptions[0] from None
    capture.write_about(made, city, complete=True)


async def _serve(stage: Stage, servers: Any, embedder: str, scenario: str, chosen: dict[str, Any]) -> None:
    async with servers, AsyncExitStack() as open_:
        open_.push_async_callback(stage.close)
        await stage.begin()
        phone = await open_.enter_async_context(_relayed(stage, embedder))
        _say(_ready(stage, phone))
        async with asyncio.TaskGroup() as group:
            clock = group.create_task(stage.run())
            crowd = group.create_task(_gather(stage, scenario, chosen))
            async for command in _commands():
                await _heed(stage, command)
            clock.cancel()
            crowd.cancel()
        stage.write_truth()


async def _heed(stage: Stage, command: Commands) -> None:
    try:
        match command:
            case Do():
                await stage.act(command)
            case Reveal():
                stage.write_truth()
                _say(Revealed())
            case _:
                stage.heed(command)
    except SimulationError as error:
        _say(Failed(str(error)))


@asynccontextmanager
async def _relayed(stage: Stage, embedder: str) -> AsyncIterator[str | None]:
    """Serve the design's pages, if it has some, and give the address at which the phone shows them."""
    if (pages := stage.world.design.pages) is None:
        yield None
        return
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port, token = listener.getsockname()[1], secrets.token_urlsafe(16)
        relay = Relay(stage, pages, embedder)
        async with serving(relay.app(token, port), listener):
            yield f"http://127.0.0.1:{port}/?token={token}"
            await relay.close()


def _ready(stage: Stage, phone: str | None) -> Ready:
    scenario, city, me = stage.world.scenario, stage.world.city, stage.hand.person
    work = f" and works at {me.work.place.name} ({me.work.place.english})" if me.work else ""
    return Ready(
        design=scenario.design,
        tz=city.tz,
        begins=stage.world.days.start,
        ends=stage.world.days.end,
        people=scenario.people,
        spots=tuple(Spot(place.id, place.name, place.english, place.category, *place.gate) for place in city.places),
        device_id=me.device.utdid,
        part=f"{me.name} lives at {me.home.place.name} ({me.home.place.english}){work}.",
        phone=phone,
    )


async def _gather(stage: Stage, scenario: str, chosen: dict[str, Any]) -> None:
    """Have many other people of the same city scan for the same days."""
    folder = stage.capture.path / CROWD_FOLDER
    many = {**chosen, "people": CROWD}
    await asyncio.to_thread(write_table, folder, scenario=scenario, force=True, **many)
    _say(Crowd(str(folder)))


async def _commands() -> AsyncIterator[Commands]:
    """What is read from standard input, to its end."""
    loop, lines = asyncio.get_running_loop(), asyncio.Queue[bytes]()

    def read() -> None:  # in a thread that nobody waits for
        for line in sys.stdin.buffer:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, b"")

    Thread(target=read, daemon=True).start()
    while line := await lines.get():
        try:
            yield _decode(line)
        except msgspec.MsgspecError as error:
            _say(Failed(f"not a command ({error}): {line[:200]!r}"))


def _say(reply: Replies) -> None:
    sys.stdout.buffer.write(_encode(reply) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
