"""What several verbs share: options, how a capture is read, warnings and errors."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import click

import scantrail
from scantrail import Analysis, Known, Limits, Progress, Told
from scantrail.decoders.limits import LIMITS
from scantrail.detectors.known import load
from scantrail.model import Problem, Request
from scantrail.visible import visible

CAPTURE = click.argument("capture", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON lines with stable keys (docs/cli.md).")
TZ = click.option("--tz", help="IANA zone for hours of the day, e.g. Asia/Shanghai. Default: what the capture says.")
RECEIVER = click.option("--receiver", metavar="HOST", help="Infer from what this host alone received.")
KNOWN = click.option(
    "--known",
    type=click.Path(path_type=Path),
    help="File of values and positions to look for in every encoding and through hashes (docs/known.md).",
)


def LIMIT_OPTIONS(verb: Callable[..., None]) -> Callable[..., None]:  # noqa: N802 - stands beside the other options
    """One option for each limit of the decoders."""
    for name, meaning in reversed(LIMITS.items()):
        default = Limits._field_defaults[name]
        verb = click.option(f"--max-{name}", name, type=click.IntRange(1), default=default, help=meaning)(verb)
    return verb


def known_of(file: Path | None) -> Known:
    """What a file of known values says; nothing without one."""
    return load(file) if file else Known()


def told_by(
    requests: Iterable[Request], known: Known, limits: Limits, *, received: bool
) -> Iterator[tuple[Request, Told]]:
    """What each request tells, one after the other; a sign of life on stderr, on a terminal only."""
    with progress_of(requests) as each:
        for request in each:
            yield request, scantrail.disclose(request, known, limits, received=received)


def progress_of(requests: Iterable[Request]) -> AbstractContextManager[Iterable[Request]]:
    """The same requests, and a bar on stderr, on a terminal only."""
    hidden = not sys.stderr.isatty()
    return click.progressbar(requests, label="reading requests", file=sys.stderr, hidden=hidden)


def analysed(capture: Path, *, tz: str | None = None, receiver: str | None = None) -> Analysis:
    """A capture and what follows from it; warns of what was wrong with it."""
    with progress("reading requests") as tell:
        analysis = scantrail.analyse(capture, tz=tz, receiver=receiver, progress=tell)
    warn(analysis.capture.problems)
    return analysis


@contextmanager
def progress(what: str) -> Iterator[Progress]:
    """A bar on stderr, on a terminal only."""
    with click.progressbar(length=1000, label=what, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield lambda share: bar.update(int(share * 1000) - bar.pos)


def warn(problems: Iterable[Problem]) -> None:
    """Print a line on stderr for each."""
    for problem in problems:
        print(f"scantrail: warning: {visible(str(problem), 1000)}", file=sys.stderr)


def fail(message: str) -> None:
    """Print an error in a line on stderr, and end."""
    print(f"scantrail: {visible(message, 1000)}", file=sys.stderr)
    sys.exit(2)
