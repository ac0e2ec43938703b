"""The command line: verbs, printing and exit codes. Nothing else in the package prints.

Exit codes: 0 done; 1 a finding is refuted or could not be judged for want of evidence; 2 an error, one line on stderr.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec
import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text
from tzlocal import get_localzone_name

import scantrail
from scantrail import Analysis, CaptureError, Progress, recording
from scantrail.detectors import KINDS
from scantrail.model import Capture, Disclosure, Finding, Request
from scantrail.proxy import ProxyError
from scantrail.visible import visible

_CAPTURE = click.argument("capture", type=click.Path(path_type=Path))
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON lines with stable keys (docs/cli.md).")
_TZ = click.option("--tz", help="IANA zone for hours of the day, e.g. Asia/Shanghai. Default: what the capture says.")
_RECEIVER = click.option("--receiver", metavar="HOST", help="Infer from what this host alone received.")
_PASS_ON = {"ignore_unknown_options": True, "help_option_names": []}
_DECIMALS = {"latitude": 6, "longitude": 6, "share": 2, "value": 2}  # of metres, one
_STYLES = {"supported": "green", "refuted": "red", "not decidable": "yellow"}


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(scantrail.__version__, prog_name="scantrail")
def cli() -> None:
    """What a scan sends, and the trail it leaves.

    CAPTURE is a folder that `scantrail record` or `scantrail simulate` made, or one file of a known format.
    """


def main() -> None:
    """Entry point: errors of ours become one line on stderr and exit code 2."""
    try:
        cli.main(prog_name="scantrail", standalone_mode=False)
    except click.exceptions.Exit as exit_:
        sys.exit(exit_.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        sys.exit(0)
    except (CaptureError, ProxyError, OSError) as error:
        _fail(str(error))


def _fail(message: str) -> None:
    print(f"scantrail: {visible(message, 1000)}", file=sys.stderr)
    sys.exit(2)


# Making captures


@cli.command(context_settings=_PASS_ON, add_help_option=False)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def simulate(options: Sequence[str]) -> None:
    """Simulate people, phones and servers, recorded through the real proxy.

    All OPTIONS are the simulation's own: `scantrail simulate --help`.
    """
    sys.exit(subprocess.run([sys.executable, "-m", "scansim", *options], check=False).returncode)  # noqa: S603


@cli.command(context_settings={"ignore_unknown_options": True})
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="Capture folder, made or continued."
)
@click.option("--tz", help="IANA zone in which the phone lives. Default: this machine's.")
@_JSON
@click.argument("options", metavar="[MITMDUMP OPTIONS]", nargs=-1, type=click.UNPROCESSED)
def record(output: Path, tz: str | None, as_json: bool, options: Sequence[str]) -> None:
    """Record a real phone: start mitmdump with the recorder and say how to point a phone at it.

    Any option of mitmdump may follow, for instance `--mode wireguard` or `-p 9090`.
    """

    def started(line: dict[str, Any]) -> None:
        if as_json:
            _lines([{"event": "started", "folder": str(output), "modes": line["modes"], "listen": line["listen"]}])
        else:
            print(recording.instructions(output, line), flush=True)

    echo = (lambda _: None) if as_json else (lambda line: print(line, end="", flush=True))
    code = recording.record(output, tz=tz or get_localzone_name(), options=options, echo=echo, started=started)
    if as_json:
        _lines([{"event": "ended", "folder": str(output), "code": code}])
    sys.exit(2 if code else 0)


# Reading captures


@cli.command()
@_CAPTURE
@_JSON
def requests(capture: Path, as_json: bool) -> None:
    """List everything that left, or tried to."""
    held = scantrail.read(capture)
    _warn(held)
    _show(
        (_request_row(held, request) for request in held.requests),
        ("request", "at", "moment", "method", "receiver", "url", "status", "sent_bytes", "unread", "unsent"),
        as_json,
    )


@cli.command()
@_CAPTURE
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(sorted(KINDS)), help="Only this kind; may be repeated."
)
@click.option("--received", is_flag=True, help="Show also what came back to the phone.")
@_JSON
def disclosures(capture: Path, kinds: tuple[str, ...], received: bool, as_json: bool) -> None:
    """Say what each request discloses, where in it, and by which rule."""
    analysis = _analyse(capture)
    rows = (
        _disclosure_row(analysis.capture, disclosure)
        for disclosure in analysis.disclosures
        if (received or disclosure.side == "sent") and (not kinds or disclosure.kind in kinds)
    )
    _show(rows, ("request", "at", "receiver", "kind", "value", "datum", "precision_m", "path"), as_json)


@cli.command()
@click.argument("code", metavar="TEXT-OR-IMAGE")
@_JSON
def qr(code: str, as_json: bool) -> None:
    """Say what a QR code itself discloses, and to whom: its text, or an image with one or several codes."""
    from scantrail import qr as codes

    read = [codes.read(payload) for payload in codes.payloads_of(code)]
    if as_json:
        _lines(msgspec.to_builtins(one) for one in read)
        return
    for one in read:
        print(f"{one.name}: {visible(one.payload)}\n{one.says}\nSource: {one.source}")
        rows = ({**msgspec.to_builtins(told), "to": ", ".join(told.to)} for told in one.told)
        if one.told:
            _table(rows, ("kind", "value", "meaning", "to", "how"))
        else:
            print("Nothing in it that a detector knows.\n")


@cli.command()
@_CAPTURE
@_TZ
@_RECEIVER
@_JSON
def history(capture: Path, tz: str | None, receiver: str | None, as_json: bool) -> None:
    """Reconstruct the location history that the server could infer."""
    analysis = _analyse(capture, tz=tz, receiver=receiver)
    for name, table in analysis.history.tables.items():
        rows = ({"table": name, **row} for row in _records(table))
        if as_json:
            _lines(rows)
        else:
            _table(rows, [column for column in table.columns if column != "requests"], title=name)


@cli.command()
@_CAPTURE
@_TZ
@_JSON
def findings(capture: Path, tz: str | None, as_json: bool) -> None:
    """Test the published claims T1 to T7 against the traffic. Exit code 1 if one is refuted or evidence is missing."""
    found = _analyse(capture, tz=tz).findings
    if as_json:
        _lines(_finding_row(finding) for finding in found)
    else:
        _print_findings(found)
    if any(finding.verdict == "refuted" or finding.missing for finding in found):
        sys.exit(1)


@cli.command()
@_CAPTURE
@_TZ
@_RECEIVER
@_JSON
def score(capture: Path, tz: str | None, receiver: str | None, as_json: bool) -> None:
    """Compare the reconstructed history with the truth that a simulation left in the capture folder."""
    from scantrail import scoring

    analysis = _analyse(capture, tz=tz, receiver=receiver)
    truth = scoring.read_truth(capture)
    known = {user: analysis.subjects.values(user) for user in analysis.subjects.identifiers}
    rows = (msgspec.to_builtins(row) for row in scoring.score(analysis.history, truth, known))
    _show(rows, ("metric", "user_id", "value", "unit", "meaning"), as_json)


@cli.command()
@_CAPTURE
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder for the page and figures.")
@_TZ
@_JSON
def report(capture: Path, output: Path, tz: str | None, as_json: bool) -> None:
    """Write the report: a page with findings and evidence, a map, a timeline, what each receiver learned."""
    from scantrail.report import write

    page = write(_analyse(capture, tz=tz), output)
    if as_json:
        _lines([{"report": str(page)}])
    else:
        print(f"The report is at {page}")


# Rows


def _request_row(capture: Capture, request: Request) -> dict[str, object]:
    moment = capture.moment(request)
    return {
        "request": request.index,
        "at": request.at,
        "wall": request.wall,
        "moment": moment.name if moment else None,
        "protocol": request.protocol,
        "method": request.method,
        "url": request.url,
        "receiver": request.receiver,
        "status": request.response.status if request.response else None,
        "sent_bytes": request.sent_bytes,
        "unread": request.unread,
        "unsent": request.unsent,
        "error": request.error,
        "id": request.id,
    }


def _disclosure_row(capture: Capture, disclosure: Disclosure) -> dict[str, object]:
    moment = capture.moment(disclosure.request)
    return {
        "request": disclosure.request.index,
        "at": disclosure.request.at,
        "moment": moment.name if moment else None,
        "receiver": disclosure.request.receiver,
        "side": disclosure.side,
        "kind": disclosure.kind,
        "value": disclosure.value,
        "path": disclosure.path,
        "rule": disclosure.rule,
        "reasoning": disclosure.reasoning,
        "latitude": disclosure.latitude,
        "longitude": disclosure.longitude,
        "datum": disclosure.datum,
        "datum_because": disclosure.datum_because or None,
        "precision_m": disclosure.precision_m,
        "unsent": disclosure.request.unsent,
    }


def _finding_row(finding: Finding) -> dict[str, object]:
    return {
        "id": finding.id,
        "verdict": finding.verdict,
        "missing": finding.missing,
        "claim": finding.claim,
        "source": finding.source,
        "requests": finding.requests,
        "parts": [msgspec.to_builtins(part) for part in finding.parts],
    }


def _records(table: pd.DataFrame) -> Iterator[dict[str, object]]:
    for row in table.to_dict("records"):
        yield {
            str(key): value.to_pydatetime() if isinstance(value, pd.Timestamp) else value for key, value in row.items()
        }


# Printing


def _analyse(capture: Path, *, tz: str | None = None, receiver: str | None = None) -> Analysis:
    with _progress("reading requests") as progress:
        analysis = scantrail.analyse(capture, tz=tz, receiver=receiver, progress=progress)
    _warn(analysis.capture)
    return analysis


@contextmanager
def _progress(what: str) -> Iterator[Progress]:
    """A bar on stderr, on a terminal only."""
    with click.progressbar(length=1000, label=what, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield lambda share: bar.update(int(share * 1000) - bar.pos)


def _warn(capture: Capture) -> None:
    for problem in capture.problems:
        print(f"scantrail: warning: {visible(str(problem), 1000)}", file=sys.stderr)


def _show(rows: Iterable[dict[str, object]], columns: Sequence[str], as_json: bool) -> None:
    """Print rows as JSON lines, or as a table of the named columns."""
    if as_json:
        _lines(rows)
    else:
        _table(rows, columns)


def _lines(rows: Iterable[dict[str, object]]) -> None:
    for row in rows:
        # ASCII: captured text may hold lone surrogates, which no encoding but an escape can carry
        sys.stdout.write(json.dumps(msgspec.to_builtins(row, enc_hook=str), separators=(",", ":")) + "\n")
    sys.stdout.flush()


def _table(rows: Iterable[dict[str, object]], columns: Sequence[str], title: str | None = None) -> None:
    table = RichTable(*columns, box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")
    for row in rows:
        table.add_row(*(Text(_cell(column, row[column])) for column in columns))
    _console().print(table)


def _cell(column: str, value: object) -> str:
    """A value for people: as many decimals as it can be trusted for, whole seconds."""
    match value:
        case None:
            return ""
        case float():
            return f"{value:.{_DECIMALS.get(column, 1)}f}"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}Z"
        case _:
            return visible(str(value), 120)


def _print_findings(found: Sequence[Finding]) -> None:
    table = RichTable("", "claim and what the traffic shows", "verdict", box=box.SIMPLE_HEAD, show_lines=False)
    for finding in found:
        table.add_row(finding.id, Text(finding.claim, style="bold"), _verdict(finding.verdict, "bold "))
        for part in finding.parts:
            shows = f"{part.statement}\n  {visible(part.shows, 400)}{_requests(part.requests)}"
            table.add_row("", Text(shows), _verdict(part.verdict))
        table.add_row()
    _console(110).print(table)


def _verdict(verdict: str, style: str = "") -> Text:
    return Text(verdict, style=f"{style}{_STYLES[verdict]}")


def _requests(indices: Sequence[int]) -> str:
    """Name the requests; of many, the first few and how many there are (all are in --json)."""
    if not indices:
        return ""
    shown = ", ".join(f"#{index}" for index in indices[:6])
    noun = "Request" if len(indices) == 1 else "Requests"
    return f" {noun} {shown}" + (f" and {len(indices) - 6} more." if len(indices) > 6 else ".")


def _console(width: int = 240) -> Console:
    """A console; `width` is for files and pipes, which have none."""
    return Console(highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else width)
