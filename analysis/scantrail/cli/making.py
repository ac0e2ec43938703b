"""Verbs that make captures."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from tzlocal import get_localzone_name

from scantrail import recording
from scantrail.cli import show
from scantrail.cli.options import JSON, KNOWN, known_of

_PASS_ON = {"ignore_unknown_options": True, "help_option_names": []}


@click.command(context_settings=_PASS_ON, add_help_option=False)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def simulate(options: Sequence[str]) -> None:
    """Simulate people, phones and servers, recorded through the real proxy.

    All OPTIONS are the simulation's own: `scantrail simulate --help`.
    """
    with subprocess.Popen([sys.executable, "-m", "scansim", *options]) as simulation:  # noqa: S603
        while True:
            try:
                sys.exit(simulation.wait())
            except KeyboardInterrupt:  # it got Ctrl-C as well, and ends in good order
                continue


@click.command(context_settings={"ignore_unknown_options": True})
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="Capture folder, made or continued."
)
@click.option("--tz", help="IANA zone in which the phone lives. Default: this machine's.")
@click.option("--show", "shows", is_flag=True, help="Say in plain words what each request discloses, as it leaves.")
@KNOWN
@JSON
@click.argument("options", metavar="[MITMDUMP OPTIONS]", nargs=-1, type=click.UNPROCESSED)
def record(
    output: Path, tz: str | None, shows: bool, known: Path | None, as_json: bool, options: Sequence[str]
) -> None:
    """Record a real phone: start mitmdump with the recorder and say how to point a phone at it.

    Any option of mitmdump may follow, for instance `--mode wireguard` or `-p 9090`.
    """
    if known and not shows:
        raise click.UsageError("--known says what --show looks for: give --show, too")
    known_of(known)  # what is wrong with the file is said here, in one line

    def started(line: dict[str, Any]) -> None:
        if as_json:
            show.lines([{"event": "started", "folder": str(output), "modes": line["modes"], "listen": line["listen"]}])
        else:
            print(recording.instructions(output, line), flush=True)

    echo = (lambda _: None) if as_json else (lambda line: print(line, end="", flush=True))
    zone = tz or get_localzone_name()
    code = recording.record(output, tz=zone, shows=shows, known=known, options=options, echo=echo, started=started)
    if as_json:
        show.lines([{"event": "ended", "folder": str(output), "code": code}])
    sys.exit(2 if code else 0)
