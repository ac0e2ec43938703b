"""The command line: `python -m scansim --scenario hangzhou-2020 --people 8 -o FOLDER`."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import click

from scansim import SimulationError, __version__
from scansim.chromium import Chromium, find_chromium
from scansim.designs import DESIGNS
from scansim.hand import by_hand
from scansim.scenario import DEFAULT, shipped
from scansim.table import TableSummary, write_table
from scansim.world import Progress, Summary, simulate
from scantrail.proxy import ProxyError

_STEPS = 1000  # of the progress bar


def _list(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    """Print the designs, one a line, and end."""
    if wanted:
        click.echo("\n".join(DESIGNS))
        context.exit()


@click.command()
@click.option(
    "--scenario", default=DEFAULT, show_default=True, metavar="NAME|FILE",
    help=f"What is simulated: a TOML file (docs/scenarios.md), or one of {', '.join(shipped())}.",
)  # fmt: skip
@click.option("--design", type=click.Choice(list(DESIGNS)), help="Whose code is scanned.  [default: the scenario's]")
@click.option(
    "--list-designs", is_flag=True, is_eager=True, expose_value=False, callback=_list, help="Print all designs."
)
@click.option("--seed", type=int, help="The same seed gives the same week.  [default: the scenario's]")
@click.option("--days", type=click.IntRange(1), help="How many days.  [default: the scenario's]")
@click.option("--people", type=click.IntRange(1), help="How many people.  [default: the scenario's]")
@click.option(
    "--phone",
    type=click.Choice(["fast", "chromium", "hand"]),
    default="fast",
    show_default=True,
    help="HTTP clients; the design's pages in a real browser; or the pages for you to use.",
)
@click.option("--chromium", metavar="PATH", type=click.Path(path_type=Path), help="The browser, if not the usual one.")
@click.option("-o", "--output", "folder", type=click.Path(path_type=Path), required=True, help="The capture folder.")
@click.option("--table", is_flag=True, help="Write all scans as a table (Parquet), without phones: for many people.")
@click.option("--force", is_flag=True, help="Replace the capture that is in the folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
@click.version_option(__version__, prog_name="scansim")
def main(
    scenario: str,
    phone: str,
    chromium: Path | None,
    folder: Path,
    table: bool,
    force: bool,
    as_json: bool,
    quiet: bool,
    **changes: str | int | None,
) -> None:
    """Simulate people who scan codes, through a real proxy, into a capture folder."""
    chosen: dict[str, Any] = {key: value for key, value in changes.items() if value is not None}
    make: Callable[..., Summary | TableSummary] = write_table if table else simulate
    try:
        if table and phone != "fast":
            raise SimulationError(f"--table writes scans without phones: leave out --phone {phone}")
        if phone == "hand":
            by_hand(folder, scenario=scenario, force=force, chromium=chromium, say=_say, **chosen)
            return
        if phone == "chromium":
            make = partial(simulate, chromium=Chromium(find_chromium(chromium)))
        with _bar(quiet) as progress:
            summary = make(folder, scenario=scenario, force=force, progress=progress, **chosen)
    except (SimulationError, ProxyError, OSError) as error:
        click.echo(f"scansim: {error}", err=True)
        sys.exit(2)
    if as_json:
        click.echo(json.dumps(asdict(summary) | {"folder": str(folder)}))
        return
    sent = f"{summary.requests} requests, " if isinstance(summary, Summary) else ""
    click.echo(f"{folder}: {sent}{summary.scans} scans, people: {summary.people}, days: {summary.days}")


def _say(text: str) -> None:
    click.echo(text, err=True)


@contextmanager
def _bar(quiet: bool) -> Iterator[Progress]:
    """Show a progress bar on a terminal, nothing elsewhere."""
    hidden = quiet or not sys.stderr.isatty()
    with click.progressbar(length=_STEPS, label="simulating", file=sys.stderr, hidden=hidden) as bar:
        yield lambda share: bar.update(round(share * _STEPS) - bar.pos)


if __name__ == "__main__":
    main()
