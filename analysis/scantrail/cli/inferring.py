"""Verbs that infer a history, and who was where at once."""

import re
import sys
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import msgspec

from scantrail.cli import rows, show
from scantrail.cli.options import CAPTURE, JSON, RECEIVER, TZ, analysed, fail
from scantrail.readers import LOG, zone


def _bytes(_context: click.Context, _option: click.Parameter, text: str) -> int:
    """What a size such as 4GB is in bytes; a thousand and 1,024 are not told apart."""
    size = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([MGT])i?B?", text.strip(), re.IGNORECASE)
    if size is None:
        raise click.BadParameter(f"{text!r} is not a size such as 4GB or 500MB")
    return int(float(size[1]) * 1024 ** (2 + "MGT".index(size[2].upper())))


@click.command()
@CAPTURE
@TZ
@RECEIVER
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write the tables there as Parquet, and print their sizes."
)
@click.option(
    "--engine",
    type=click.Choice(["local", "parallel", "dask"]),
    help="In this process, on all its cores out of core, or on a Dask cluster. Default: by the number of rows.",
)
@click.option("--scheduler", metavar="ADDRESS", help="Of the Dask cluster, e.g. tcp://10.0.0.1:8786.")
@click.option(
    "--memory",
    "memory_bytes",
    metavar="SIZE",
    default="4GB",
    show_default=True,
    callback=_bytes,
    help="What all processes together may hold; on a cluster, what each thread of a worker may.",
)
@JSON
def history(
    capture: Path, tz: str | None, receiver: str | None, output: Path | None, as_json: bool, **run_on: Any
) -> None:
    """Reconstruct the location history that the server could infer.

    CAPTURE may also be positionfixes: a Parquet file or a folder of them. Then --tz and --output are needed. A run that
    was interrupted goes on where it was when it is started again.
    """
    from scantrail.engine import is_log

    if output is not None:
        _write_history(capture, tz, receiver, output, as_json, **run_on)
        return
    if run_on["engine"] or run_on["scheduler"] or is_log(capture):
        raise click.UsageError("say with --output where the tables are to be")
    analysis = analysed(capture, tz=tz, receiver=receiver)
    for name, table in analysis.history.tables.items():
        found = ({"table": name, **row} for row in rows.records(table))
        if as_json:
            show.lines(found)
        else:
            show.table(found, [column for column in table.columns if column != "requests"], title=name)


def _write_history(
    capture: Path, tz: str | None, receiver: str | None, output: Path, as_json: bool, **run_on: Any
) -> None:
    """Make the tables where the engine runs, and print how many rows they have."""
    from scantrail import engine
    from scantrail.schema import SchemaError

    with TemporaryDirectory() as name:
        if engine.is_log(capture) or (capture.is_dir() and not (capture / LOG).exists()):
            if tz is None or receiver is not None:
                raise click.UsageError("positionfixes need --tz, such as Asia/Shanghai, and know no --receiver")
            source, where = capture, zone(tz)
        else:
            analysis = analysed(capture, tz=tz, receiver=receiver)
            source, where = Path(name) / "positionfixes.parquet", analysis.capture.tz
            analysis.history.positionfixes.to_parquet(source)
        try:
            counts = engine.history(source, output, tz=where, progress=_stage, **run_on)
        except (engine.EngineError, SchemaError) as error:
            fail(str(error))
    found = ({"table": table, "rows": count, "folder": str(output / table)} for table, count in counts.items())
    show.rows(found, ("table", "rows", "folder"), as_json)


def _stage(name: str, share: float) -> None:
    """How far a stage is, on stderr, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r{name}: {share:.0%}", end="\n" if share == 1.0 else "", file=sys.stderr, flush=True)


@click.command()
@CAPTURE
@TZ
@RECEIVER
@click.option("--each", is_flag=True, help="Each meeting, not all of a pair and day together.")
@click.option("--within", metavar="MINUTES", type=click.FloatRange(min=0), help="By scans so near in time, no more.")
@click.option("--companions", is_flag=True, help="Space-time companions by the rule of Chengdu, November 2021.")
@click.option("--of", "cases", metavar="SUBJECT", multiple=True, help="Meetings of this subject alone; repeatable.")
@JSON
def meetings(
    capture: Path,
    tz: str | None,
    receiver: str | None,
    each: bool,
    within: float | None,
    companions: bool,
    cases: tuple[str, ...],
    as_json: bool,
) -> None:
    """Show who was where at once, with the probability, as far as scans can tell."""
    from scantrail import mobility
    from scantrail.mobility.meetings import AFTER

    if companions and (each or within is not None):
        raise click.UsageError("--companions is a rule of its own: leave out --each and --within")
    found = analysed(capture, tz=tz, receiver=receiver).history
    known = set(found.positionfixes["user_id"])
    if strangers := sorted(set(cases) - known):
        fail(f"no positions of {', '.join(strangers)}; there is {', '.join(sorted(known)) or 'nobody'}")
    if companions:
        met = mobility.companions(found.staypoints, cases=cases or None, after=AFTER)
    else:
        per_day = None if each else found.tz
        within_time = None if within is None else timedelta(minutes=within)
        met = mobility.meetings(found.staypoints, within=within_time, per_day=per_day)
    if cases:
        met = met[met["user_id"].isin(cases) | met["other_id"].isin(cases)]
    columns = [column for column in met.columns if not column.endswith("staypoint_id")]
    show.rows(rows.records(met[columns]), columns, as_json)


@click.command()
@CAPTURE
@TZ
@JSON
def joins(capture: Path, tz: str | None, as_json: bool) -> None:
    """Show which receivers could put their trails of one person together, over which identifier, plain or hashed.

    And which subjects are probably one person, whose identifier was changed: by behaviour alone.
    """
    analysis = analysed(capture, tz=tz)
    found = (
        {**msgspec.to_builtins(join), "subjects": len(join.subjects), "requests": join.requests}
        for join in analysis.joins
    )
    links = rows.records(analysis.links)
    if as_json:
        show.lines(found)
        show.lines(links)
        return
    shown = ({**row, "receivers": " and ".join(row["receivers"]), "how": " and ".join(row["how"])} for row in found)
    show.table(shown, ("receivers", "kind", "how", "subjects"))
    show.table(links, list(analysis.links.columns), title="links")
