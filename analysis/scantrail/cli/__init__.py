"""The command line: verbs, printing and exit codes. Nothing else in the package prints.

Exit codes: 0 done; 1 a finding is refuted or could not be judged for want of evidence, or a policy does not allow
something; 2 an error, one line on stderr.
"""

import gc
import sys

import click

import scantrail
from scantrail import CaptureError
from scantrail.cli.inferring import history, joins, meetings
from scantrail.cli.judging import compare, findings, rules, score
from scantrail.cli.live import live
from scantrail.cli.making import record, simulate
from scantrail.cli.options import fail
from scantrail.cli.reading import check, disclosures, gaps, qr, requests
from scantrail.cli.writing import export, report
from scantrail.proxy import ProxyError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(scantrail.__version__, prog_name="scantrail")
def cli() -> None:
    """What a scan sends, and the trail it leaves.

    CAPTURE is a folder that `scantrail record` or `scantrail simulate` made, or one file of a known format.
    """


for verb in (
    simulate,
    record,
    live,
    requests,
    disclosures,
    gaps,
    check,
    qr,
    history,
    meetings,
    compare,
    joins,
    findings,
    rules,
    score,
    report,
    export,
):
    cli.add_command(verb)


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
        fail(str(error))


def collect_less() -> None:
    """Look for cycles less often: evidence has none, and looking for them takes a sixth of the time to disclose."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
