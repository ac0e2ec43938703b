"""The command line: verbs, printing and exit codes. Nothing else in the package prints.

Exit codes: 0 done; 1 a finding is refuted or could not be judged for want of evidence, or a policy does not allow
something; 2 an error, one line on stderr.
"""

import gc
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import msgspec
from tzlocal import get_localzone_name

import scantrail
from scantrail import Analysis, CaptureError, Known, Limits, Progress, Told, policy, recording
from scantrail import export as exporting
from scantrail.cli import rows, show
from scantrail.decoders.limits import LIMITS
from scantrail.detectors import KINDS
from scantrail.detectors.known import load
from scantrail.export import FORMATS, HAR
from scantrail.masking import Mask
from scantrail.model import Disclosure, Problem, Request
from scantrail.overview import Overview
from scantrail.proxy import ProxyError
from scantrail.readers import LOG, glance, stream, zone
from scantrail.sarif import sarif
from scantrail.visible import visible

_CAPTURE = click.argument("capture", type=click.Path(path_type=Path))
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON lines with stable keys (docs/cli.md).")
_TZ = click.option("--tz", help="IANA zone for hours of the day, e.g. Asia/Shanghai. Default: what the capture says.")
_RECEIVER = click.option("--receiver", metavar="HOST", help="Infer from what this host alone received.")
_KNOWN = click.option(
    "--known",
    type=click.Path(path_type=Path),
    help="File of values and positions to look for in every encoding and through hashes (docs/known.md).",
)
_PASS_ON = {"ignore_unknown_options": True, "help_option_names": []}


def _LIMITS(verb: Callable[..., None]) -> Callable[..., None]:  # noqa: N802 - stands beside the other options
    """One option for each limit of the decoders."""
    for name, meaning in reversed(LIMITS.items()):
        default = Limits._field_defaults[name]
        verb = click.option(f"--max-{name}", name, type=click.IntRange(1), default=default, help=meaning)(verb)
    return verb


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(scantrail.__version__, prog_name="scantrail")
def cli() -> None:
    """What a scan sends, and the trail it leaves.

    CAPTURE is a folder that `scantrail record` or `scantrail simulate` made, or one file of a known format.
    """


def main() -> None:
    """Entry point: errors of ours become one line on stderr and exit code 2."""
    collect_less()
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


def collect_less() -> None:
    """Look for cycles less often: evidence has none, and looking for them takes a sixth of the time to disclose."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


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
    with subprocess.Popen([sys.executable, "-m", "scansim", *options]) as simulation:  # noqa: S603
        while True:
            try:
                sys.exit(simulation.wait())
            except KeyboardInterrupt:  # it got Ctrl-C as well, and ends in good order
                continue


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
            show.lines([{"event": "started", "folder": str(output), "modes": line["modes"], "listen": line["listen"]}])
        else:
            print(recording.instructions(output, line), flush=True)

    echo = (lambda _: None) if as_json else (lambda line: print(line, end="", flush=True))
    code = recording.record(output, tz=tz or get_localzone_name(), options=options, echo=echo, started=started)
    if as_json:
        show.lines([{"event": "ended", "folder": str(output), "code": code}])
    sys.exit(2 if code else 0)


# Reading captures


@cli.command()
@_CAPTURE
@_JSON
def requests(capture: Path, as_json: bool) -> None:
    """List everything that left, or tried to."""
    problems: list[Problem] = []
    held = glance(capture, problems)
    show.rows(
        (rows.request(held, request) for request in stream(capture, problems)),
        ("request", "at", "moment", "method", "receiver", "url", "status", "sent_bytes", "unread", "unsent"),
        as_json,
    )
    _warn(problems)


@cli.command()
@_CAPTURE
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(sorted(KINDS)), help="Only this kind; may be repeated."
)
@click.option("--mask", is_flag=True, help="Show a fingerprint for each value; the same value has the same one.")
@click.option("--received", is_flag=True, help="Show also what came back to the phone.")
@click.option("--each", is_flag=True, help="A line for each disclosure, not one for each receiver and kind.")
@_KNOWN
@_LIMITS
@_JSON
def disclosures(
    capture: Path,
    kinds: tuple[str, ...],
    mask: bool,
    received: bool,
    each: bool,
    known: Path | None,
    as_json: bool,
    **limits: int,
) -> None:
    """Say what was told to whom, how often and how precisely; and what nobody could read."""
    problems: list[Problem] = []
    held, cover = glance(capture, problems), Mask() if mask else None
    found = (
        (request, _chosen(told.disclosures, kinds, received, cover), told.gaps)
        for request, told in _told(stream(capture, problems), _known(known), Limits(**limits), received=received)
    )
    if as_json or each:
        columns = ("request", "at", "receiver", "kind", "value", "known", "datum", "precision_m", "distance_m", "path")
        show.rows((rows.disclosure(held, d) for _, chosen, _ in found for d in chosen), columns, as_json)
    else:
        overview = Overview()
        for request, chosen, unread in found:
            overview.add(request, chosen, unread)
        show.overview(overview)
    _warn(problems)


def _chosen(found: Iterable[Disclosure], kinds: Sequence[str], received: bool, mask: Mask | None) -> list[Disclosure]:
    """Those of some disclosures that are asked for, masked if that is."""
    chosen = [d for d in found if (received or d.side == "sent") and (not kinds or d.kind in kinds)]
    return [mask.disclosure(disclosure) for disclosure in chosen] if mask else chosen


@cli.command()
@_CAPTURE
@_LIMITS
@_JSON
def gaps(capture: Path, as_json: bool, **limits: int) -> None:
    """List what nobody could read: closed connections, opaque values, limits that were reached."""
    problems: list[Problem] = []
    told = _told(stream(capture, problems), Known(), Limits(**limits), received=True)
    columns = ("request", "at", "receiver", "what", "why", "source", "path", "size", "entropy")
    show.rows((rows.gap(gap) for _, each in told for gap in each.gaps), columns, as_json)
    _warn(problems)


@cli.command()
@_CAPTURE
@click.option("--policy", "rules", type=click.Path(path_type=Path), required=True, help="What may be told to whom.")
@click.option("--sarif", "log", type=click.Path(path_type=Path), help="Write the results there, as SARIF 2.1.0.")
@_KNOWN
@_JSON
def check(capture: Path, rules: Path, log: Path | None, known: Path | None, as_json: bool) -> None:
    """Hold what was told, and what nobody could read, against a policy. Exit code 1 if something is not allowed."""
    problems: list[Problem] = []
    allowed, told = policy.load(rules, KINDS), _told(stream(capture, problems), _known(known), Limits(), received=False)
    rulings = [ruling for _, each in told for ruling in policy.rule(allowed, each.disclosures, each.gaps)]
    if log:
        log.write_bytes(msgspec.json.format(msgspec.json.encode(sarif(capture, rulings, KINDS, scantrail.__version__))))
    columns = ("status", "receiver", "kind", "known", "requests", "in_clear", "reason")
    show.rows(rows.rulings(rulings), columns, as_json)
    _warn(problems)
    if any(ruling.status is policy.Status.OPEN for ruling in rulings):
        sys.exit(1)


@cli.command()
@click.argument("code", metavar="TEXT-OR-IMAGE")
@_JSON
def qr(code: str, as_json: bool) -> None:
    """Say what a QR code itself discloses, and to whom: its text, or an image with one or several codes."""
    from scantrail import qr as codes

    read = [codes.read(payload) for payload in codes.payloads_of(code)]
    if as_json:
        show.lines(msgspec.to_builtins(one) for one in read)
        return
    for one in read:
        print(f"{one.name}: {visible(one.payload)}\n{one.says}\nSource: {one.source}")
        found = ({**msgspec.to_builtins(told), "to": ", ".join(told.to)} for told in one.told)
        if one.told:
            show.table(found, ("kind", "value", "meaning", "to", "how"))
        else:
            print("Nothing in it that a detector knows.\n")


def _bytes(_context: click.Context, _option: click.Parameter, text: str) -> int:
    """What a size such as 4GB is in bytes; a thousand and 1,024 are not told apart."""
    size = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([MGT])i?B?", text.strip(), re.IGNORECASE)
    if size is None:
        raise click.BadParameter(f"{text!r} is not a size such as 4GB or 500MB")
    return int(float(size[1]) * 1024 ** (2 + "MGT".index(size[2].upper())))


@cli.command()
@_CAPTURE
@_TZ
@_RECEIVER
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
@_JSON
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
    analysis = _analyse(capture, tz=tz, receiver=receiver)
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
            analysis = _analyse(capture, tz=tz, receiver=receiver)
            source, where = Path(name) / "positionfixes.parquet", analysis.capture.tz
            analysis.history.positionfixes.to_parquet(source)
        try:
            counts = engine.history(source, output, tz=where, progress=_stage, **run_on)
        except (engine.EngineError, SchemaError) as error:
            _fail(str(error))
    found = ({"table": table, "rows": count, "folder": str(output / table)} for table, count in counts.items())
    show.rows(found, ("table", "rows", "folder"), as_json)


def _stage(name: str, share: float) -> None:
    """How far a stage is, on stderr, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r{name}: {share:.0%}", end="\n" if share == 1.0 else "", file=sys.stderr, flush=True)


@cli.command()
@_CAPTURE
@_TZ
@_RECEIVER
@click.option("--each", is_flag=True, help="Each meeting, not all of a pair and day together.")
@click.option("--within", metavar="MINUTES", type=click.FloatRange(min=0), help="By scans so near in time, no more.")
@click.option("--companions", is_flag=True, help="Space-time companions by the rule of Chengdu, November 2021.")
@click.option("--of", "cases", metavar="SUBJECT", multiple=True, help="Meetings of this subject alone; repeatable.")
@_JSON
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
    found = _analyse(capture, tz=tz, receiver=receiver).history
    known = set(found.positionfixes["user_id"])
    if strangers := sorted(set(cases) - known):
        _fail(f"no positions of {', '.join(strangers)}; there is {', '.join(sorted(known)) or 'nobody'}")
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


@cli.command()
@click.argument("captures", metavar="CAPTURE...", type=click.Path(path_type=Path), nargs=-1, required=True)
@_TZ
@_JSON
def compare(captures: Sequence[Path], tz: str | None, as_json: bool) -> None:
    """Set captures beside each other: what leaves at consent and at a scan, and who could put visits together.

    Of consent and scan what goes beyond the idle baseline, kinds that a greater share of these moments told than of
    idle ones. Visits are scans that a receiver could join to a subject of two scans or more: alone, or all together.
    """
    from scantrail.compare import compare as compared

    found = (compared(_analyse(capture, tz=tz)) for capture in captures)
    if as_json:
        show.lines(rows.comparison(one) for one in found)
        return
    moments = ("consent", "scan", "idle")
    told = (one._asdict() | {name: rows.kinds(getattr(one, name)) for name in moments} for one in found)
    names = {"visits_alone": "alone", "visits_together": "together"}
    shown = ({names.get(key, key): value for key, value in row.items()} for row in told)
    show.table(shown, ("capture", "design", "scans", "subjects", *moments, "hiding", "alone", "together", "pu1"))


@cli.command()
@_CAPTURE
@_TZ
@_JSON
def joins(capture: Path, tz: str | None, as_json: bool) -> None:
    """Show which receivers could put their trails of one person together, over which identifier, plain or hashed.

    And which subjects are probably one person, whose identifier was changed: by behaviour alone.
    """
    analysis = _analyse(capture, tz=tz)
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


@cli.command()
@_CAPTURE
@_TZ
@_JSON
def findings(capture: Path, tz: str | None, as_json: bool) -> None:
    """Test the published claims T1 to T7 and PU1 against the traffic.

    Exit code 1 if one is refuted or evidence is missing.
    """
    found = _analyse(capture, tz=tz).findings
    if as_json:
        show.lines(rows.finding(finding) for finding in found)
    else:
        show.findings(found)
    if any(finding.verdict == "refuted" or finding.missing for finding in found):
        sys.exit(1)


@cli.command()
@_CAPTURE
@_TZ
@click.option("--truth", is_flag=True, help="Say which rule set the simulation used.")
@_JSON
def rules(capture: Path, tz: str | None, truth: bool, as_json: bool) -> None:
    """Say which published rules of a colour code could explain the colours that came back, and which are refuted."""
    from scantrail.scoring import used_rules

    analysis = _analyse(capture, tz=tz)
    used = used_rules(capture) if truth else None
    found = [ruling._asdict() | ({"used": ruling.rule_set == used} if truth else {}) for ruling in analysis.rulings]
    if all(row["verdict"] == "not decidable" for row in found) and not as_json:
        print(f"No rule can be tested: {found[0]['shows']}")
        return
    if as_json:
        show.lines(found)
    else:
        columns = ("rule_set", "verdict", *(("used",) if truth else ()), "shows", "like", "requests")
        show.table(
            ({**row, "like": ", ".join(row["like"]), "requests": _some(row["requests"])} for row in found), columns
        )


def _some(requests: Sequence[int]) -> str:
    """The first of many requests."""
    listed = ", ".join(f"#{index}" for index in requests[:4])
    return f"{listed} and {len(requests) - 4} more" if len(requests) > 4 else listed


@cli.command()
@_CAPTURE
@_TZ
@_RECEIVER
@click.option("--each", is_flag=True, help="Each person for themselves, not all together.")
@_JSON
def score(capture: Path, tz: str | None, receiver: str | None, each: bool, as_json: bool) -> None:
    """Compare the reconstructed history with the truth that a simulation left in the capture folder.

    Beside each figure stands that of a naive answer from the same scans.
    """
    from scantrail import scoring

    analysis = _analyse(capture, tz=tz, receiver=receiver)
    truth = scoring.read_truth(capture)
    known = {user: analysis.subjects.values(user) for user in analysis.subjects.identifiers}
    scores = scoring.score(analysis.history, truth, known)
    if each or len(truth.people) == 1:
        who, found = "user_id", map(msgspec.to_builtins, scores)
    else:
        who, found = "people", map(msgspec.to_builtins, scoring.summarise(scores))
    show.rows(found, ("metric", who, "value", "baseline", "unit", "meaning"), as_json)


@cli.command()
@_CAPTURE
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
@_TZ
@_JSON
def report(capture: Path, output: Path, city: Path | None, tiles: str | None, tz: str | None, as_json: bool) -> None:
    """Write the report: a page with verdicts and evidence, maps, hours, uniqueness, what each receiver learned."""
    from scantrail.report import write

    if tiles and not re.fullmatch(r"https?://[\w.:-]+/[^\s\"'<>]*", tiles):
        raise click.BadParameter("not the address of a tile server, such as https://host/{z}/{x}/{y}.png")
    page = write(_analyse(capture, tz=tz), output, city=city, tiles=tiles)
    if as_json:
        show.lines([{"report": str(page)}])
    else:
        print(f"The report is at {page}")


@cli.command()
@_CAPTURE
@click.option("--format", "format_", metavar="FORMAT", required=True, help=f"One of: {', '.join(FORMATS)}.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="File or folder, by the format.")
@click.option("--mask", is_flag=True, help="Of har: put look-alike fingerprints in place of all disclosed values.")
@_KNOWN
@_TZ
@_RECEIVER
@_JSON
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
        _fail(f"no format {format_!r}; there is {', '.join(FORMATS)}")
    if mask and format_ != HAR:
        _fail(f"--mask is for {HAR} alone: a history without its positions is none")
    if known and not mask:
        _fail("--known says what to mask besides what is found: it needs --mask")
    if format_ == HAR:
        _export_requests(capture, output, receiver, _known(known) if mask else None)
    else:
        try:
            exporting.write(_analyse(capture, tz=tz, receiver=receiver).history, format_, output)
        except ModuleNotFoundError as error:
            _fail(str(error))
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
        with _progress_of(stream(capture, problems)) as each:
            yield from (request for request in each if receiver in (None, request.receiver))

    if masking:
        masking.learn(requests())
    left_out = har.write(masking.masked(requests()) if masking else requests(), output)
    _warn(problems)
    for why, count in sorted(left_out.items()):
        print(f"scantrail: left out: {count} ({visible(why)}), which an archive cannot hold", file=sys.stderr)
    if masking:
        for source, count in sorted(masking.whole.items()):
            what = "their layers cannot be written" if count > 1 else "its layers cannot be written"
            print(f"scantrail: replaced whole: {count} × {source}, since {what}", file=sys.stderr)
        if masking.left_out:
            print(f"scantrail: left out: {masking.left_out} that could not be masked", file=sys.stderr)


# Reading


def _known(file: Path | None) -> Known:
    return load(file) if file else Known()


def _told(
    requests: Iterable[Request], known: Known, limits: Limits, *, received: bool
) -> Iterator[tuple[Request, Told]]:
    """What each request tells, one after the other; a sign of life on stderr, on a terminal only."""
    with _progress_of(requests) as each:
        for request in each:
            yield request, scantrail.disclose(request, known, limits, received=received)


def _progress_of(requests: Iterable[Request]) -> AbstractContextManager[Iterable[Request]]:
    hidden = not sys.stderr.isatty()
    return click.progressbar(requests, label="reading requests", file=sys.stderr, hidden=hidden)


def _analyse(capture: Path, *, tz: str | None = None, receiver: str | None = None) -> Analysis:
    with _progress("reading requests") as progress:
        analysis = scantrail.analyse(capture, tz=tz, receiver=receiver, progress=progress)
    _warn(analysis.capture.problems)
    return analysis


@contextmanager
def _progress(what: str) -> Iterator[Progress]:
    """A bar on stderr, on a terminal only."""
    with click.progressbar(length=1000, label=what, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield lambda share: bar.update(int(share * 1000) - bar.pos)


def _warn(problems: Iterable[Problem]) -> None:
    for problem in problems:
        print(f"scantrail: warning: {visible(str(problem), 1000)}", file=sys.stderr)
