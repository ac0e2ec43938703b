"""The verb that shows what leaves as it leaves."""

import subprocess
import sys
import webbrowser
from pathlib import Path

import click

from scantrail.cli import show
from scantrail.cli.options import JSON, TZ, fail
from scantrail.live.protocol import Spot

LOOPBACK, PORT = "127.0.0.1", 8710


@click.command()
@click.option("--capture", type=click.Path(path_type=Path), help="Show this recording while it grows: see `record`.")
@click.option(
    "--design", metavar="NAME", default="alipay", show_default=True, help="The design of “scan” to begin with."
)
@click.option("--beside", metavar="NAME", help="Another design beside it: the same people, the same acts.")
@click.option("--scenario", metavar="NAME|FILE", help="The simulated world (docs/scenarios.md).")
@click.option("--seed", type=int, metavar="N", help="Other people.")
@click.option("--people", type=int, metavar="N", default=3, show_default=True, help="How many live beside the phone.")
@click.option(
    "--host", default=LOOPBACK, show_default=True, help="Where to listen; others than loopback are reachable."
)
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0: any that is free.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Keep what is recorded in this folder.")
@click.option(
    "--city", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="With --capture: name places."
)
@click.option("--open", "opens", is_flag=True, help="Open the page in this machine’s browser.")
@TZ
@JSON
def live(
    capture: Path | None,
    design: str,
    beside: str | None,
    scenario: str | None,
    seed: int | None,
    people: int,
    host: str,
    port: int,
    output: Path | None,
    city: Path | None,
    opens: bool,
    tz: str | None,
    as_json: bool,
) -> None:
    """Show on a page what leaves a phone as it leaves, and what the server knows by then: for classes.

    Without --capture the phone is simulated and in your hand: the page has its health code, a map to carry it through,
    and a clock; some people live beside it.
    """
    from scantrail.live.serve import Address, Recorded, Simulated, Source, run
    from scantrail.live.world import WorldError

    def ready(address: Address) -> None:
        if as_json:
            show.lines([{"event": "started", "lead": address.lead, "watch": address.watch}])
        else:
            print(
                f"The page is at      {address.lead}\n"
                f"To watch alone:     {address.watch}\n"
                "Ctrl-C ends it."
                + ("" if capture or output else " Nothing is kept (-o FOLDER keeps what is recorded)."),
                flush=True,
            )
        if opens:
            webbrowser.open(address.lead)

    what: Source
    if capture:
        what = Recorded(capture, tz, _spots(city) if city else ())
    else:
        chosen = {"--scenario": scenario, "--seed": seed, "--people": people}
        options = [word for name, value in chosen.items() if value is not None for word in (name, str(value))]
        designs = [design, *([beside] if beside else [])]
        what = Simulated(designs, options, _designs(), output)
        if unknown := [name for name in designs if name not in what.choice]:
            fail(f"no design {unknown[0]!r}: there is {', '.join(what.choice)}")
    try:
        run(what, host=host, port=port, ready=ready)
    except WorldError as error:
        fail(str(error))
    except OSError as error:
        fail(f"port {port} of {host}: {error.strerror}. Choose another with --port" if error.errno else str(error))


def _designs() -> list[str]:
    """The designs that the simulation has."""
    listed = subprocess.run(
        [sys.executable, "-m", "scansim", "--list-designs"], check=True, capture_output=True, text=True
    )
    return listed.stdout.split()


def _spots(city: Path) -> list[Spot]:
    """The places of a city's file, by names that are not codes."""
    from scantrail.report.city import spots

    return [Spot("", spot.name, spot.more, "", *spot.point) for spot in spots(city)]
