"""The command line: `python -m scansim --design alipay --seed 1 --days 7 --people 1 -o FOLDER`."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click

from scansim import SimulationError, __version__
from scansim.chromium import Chromium, find_chromium
from scansim.designs import DESIGNS
from scansim.hand import by_hand
from scansim.world import Progress, simulate
from scantrail.proxy import ProxyError

_STEPS = 1000  # of the progress bar


@click.command()
@click.option(
    "--design", type=click.Choice(list(DESIGNS)), default="alipay", show_default=True, help="Whose code is scanned."
)
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same week.")
@click.option("--days", type=click.IntRange(1), default=7, show_default=True, help="From Monday 2020-02-17 on.")
@click.option("--people", type=click.IntRange(1), default=1, show_default=True, help="How many people.")
@click.option(
    "--phone",
    type=click.Choice(["fast", "chromium", "hand"]),
    default="fast",
    show_default=True,
    help="HTTP clients, or a page.",
)
@click.option(
    "--chromium", type=click.Path(path_type=Path), help="The browser of --phone chromium, if not the usual one."
)
@click.option("-o", "--output", "folder", type=click.Path(path_type=Path), required=True, help="The capture folder.")
@click.option("--force", is_flag=True, help="Replace the capture that is in the folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
@click.version_option(__version__, prog_name="scansim")
def main(
    design: str,
    seed: int,
    days: int,
    people: int,
    phone: str,
    chromium: Path | None,
    folder: Path,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Simulate weeks of health-code scans through a real proxy, into a capture folder."""
    try:
        if phone == "hand":
            by_hand(folder, design=design, seed=seed, force=force, chromium=chromium, say=_say)
            return
        browser = Chromium(find_chromium(chromium)) if phone == "chromium" else None
        with _bar(quiet) as progress:
            summary = simulate(
                folder,
                design=design,
                seed=seed,
                days=days,
                people=people,
                force=force,
                chromium=browser,
                progress=progress,
            )
    except (SimulationError, ProxyError, OSError) as error:
        click.echo(f"scansim: {error}", err=True)
        sys.exit(2)
    if as_json:
        click.echo(json.dumps(asdict(summary) | {"folder": str(folder)}))
    else:
        click.echo(f"{folder}: {summary.requests} requests, {summary.scans} scans, people: {people}, days: {days}")


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
