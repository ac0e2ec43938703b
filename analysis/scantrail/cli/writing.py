"""Verbs that write what was found for people and for other programs."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from scantrail import Known
from scantrail import export as exporting
from scantrail.cli import show
from scantrail.cli.options import CAPTURE, JSON, KNOWN, RECEIVER, TZ, analysed, fail, known_of, progress_of, warn
from scantrail.export import FORMATS, HAR
from scantrail.model import Problem, Request
from scantrail.readers import stream
from scantrail.visible import visible


@click.command()
@CAPTURE
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder for the page and figures.")
@click.option(
    "--city",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw the places of a city behind maps: TOML as the simulation has it, or GeoJSON.",
)
@click.option(
    "--tiles",
    metavar="URL",
    help="Draw tiles of this server behind the moving map (https://…/{z}/{x}/{y}.png): it learns where people look.",
)
@TZ
@JSON
def report(capture: Path, output: Path, city: Path | None, tiles: str | None, tz: str | None, as_json: bool) -> None:
    """Write the report: a page with verdicts and evidence, maps, hours, uniqueness, what each receiver learned."""
    from scantrail.report import write

    if tiles and not re.fullmatch(r"https?://[\w.:-]+/[^\s\"'<>]*", tiles):
        raise click.BadParameter("not the address of a tile server, such as https://host/{z}/{x}/{y}.png")
    page = write(analysed(capture, tz=tz), output, city=city, tiles=tiles)
    if as_json:
        show.lines([{"report": str(page)}])
    else:
        print(f"The report is at {page}")


@click.command()
@CAPTURE
@click.option("--format", "format_", metavar="FORMAT", required=True, help=f"One of: {', '.join(FORMATS)}.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="File or folder, by the format.")
@click.option("--mask", is_flag=True, help="Of har: put look-alike fingerprints in place of all disclosed values.")
@KNOWN
@TZ
@RECEIVER
@JSON
def export(
    capture: Path,
    format_: str,
    output: Path,
    mask: bool,
    known: Path | None,
    tz: str | None,
    receiver: str | None,
    as_json: bool,
) -> None:
    """Write what was found, or the requests, for other programs: maps, tables, HTTP archives (docs/export.md)."""
    if format_ not in FORMATS:
        fail(f"no format {format_!r}; there is {', '.join(FORMATS)}")
    if mask and format_ != HAR:
        fail(f"--mask is for {HAR} alone: a history without its positions is none")
    if known and not mask:
        fail("--known says what to mask besides what is found: it needs --mask")
    if format_ == HAR:
        _export_requests(capture, output, receiver, known_of(known) if mask else None)
    else:
        try:
            exporting.write(analysed(capture, tz=tz, receiver=receiver).history, format_, output)
        except ModuleNotFoundError as error:
            fail(str(error))
    if as_json:
        show.lines([{"format": format_, "output": str(output)}])
    else:
        print(f"Written to {visible(str(output), 1000)}")


def _export_requests(capture: Path, output: Path, receiver: str | None, masked: Known | None) -> None:
    """Write the requests as an archive, masked if it is said what is known, and count on stderr what is not in it."""
    from scantrail.export import har
    from scantrail.export.masked import Masking

    masking = None if masked is None else Masking(masked)
    problems: list[Problem] = []

    def requests() -> Iterator[Request]:
        problems.clear()
        with progress_of(stream(capture, problems)) as each:
            yield from (request for request in each if receiver in (None, request.receiver))

    if masking:
        masking.learn(requests())
    left_out = har.write(masking.masked(requests()) if masking else requests(), output)
    warn(problems)
    for why, count in sorted(left_out.items()):
        print(f"scantrail: left out: {count} ({visible(why)}), which an archive cannot hold", file=sys.stderr)
    if masking:
        for source, count in sorted(masking.whole.items()):
            what = "their layers cannot be written" if count > 1 else "its layers cannot be written"
            print(f"scantrail: replaced whole: {count} × {source}, since {what}", file=sys.stderr)
        if masking.left_out:
            print(f"scantrail: left out: {masking.left_out} that could not be masked", file=sys.stderr)
