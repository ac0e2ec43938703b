"""Verbs that hold captures against claims, rules, the truth and each other."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from scantrail.cli import rows, show
from scantrail.cli.options import CAPTURE, JSON, RECEIVER, TZ, analysed


@click.command()
@click.argument("captures", metavar="CAPTURE...", type=click.Path(path_type=Path), nargs=-1, required=True)
@TZ
@JSON
def compare(captures: Sequence[Path], tz: str | None, as_json: bool) -> None:
    """Set captures beside each other: what leaves at consent and at a scan, and who could put visits together.

    Of consent and scan what goes beyond the idle baseline, kinds that a greater share of these moments told than of
    idle ones. Visits are scans that a receiver could join to a subject of two scans or more: alone, or all together.
    """
    from scantrail.compare import compare as compared

    found = (compared(analysed(capture, tz=tz)) for capture in captures)
    if as_json:
        show.lines(rows.comparison(one) for one in found)
        return
    moments = ("consent", "scan", "idle")
    told = (one._asdict() | {name: rows.kinds(getattr(one, name)) for name in moments} for one in found)
    names = {"visits_alone": "alone", "visits_together": "together"}
    shown = ({names.get(key, key): value for key, value in row.items()} for row in told)
    show.table(shown, ("capture", "design", "scans", "subjects", *moments, "hiding", "alone", "together", "pu1"))


@click.command()
@CAPTURE
@TZ
@JSON
def findings(capture: Path, tz: str | None, as_json: bool) -> None:
    """Test the published claims T1 to T7 and PU1 against the traffic.

    Exit code 1 if one is refuted or evidence is missing.
    """
    found = analysed(capture, tz=tz).findings
    if as_json:
        show.lines(rows.finding(finding) for finding in found)
    else:
        show.findings(found)
    if any(finding.verdict == "refuted" or finding.missing for finding in found):
        sys.exit(1)


@click.command()
@CAPTURE
@TZ
@click.option("--truth", is_flag=True, help="Say which rule set the simulation used.")
@JSON
def rules(capture: Path, tz: str | None, truth: bool, as_json: bool) -> None:
    """Say which published rules of a colour code could explain the colours that came back, and which are refuted."""
    from scantrail.scoring import used_rules

    analysis = analysed(capture, tz=tz)
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


@click.command()
@CAPTURE
@TZ
@RECEIVER
@click.option("--each", is_flag=True, help="Each person for themselves, not all together.")
@JSON
def score(capture: Path, tz: str | None, receiver: str | None, each: bool, as_json: bool) -> None:
    """Compare the reconstructed history with the truth that a simulation left in the capture folder.

    Beside each figure stands that of a naive answer from the same scans.
    """
    from scantrail import scoring

    analysis = analysed(capture, tz=tz, receiver=receiver)
    truth = scoring.read_truth(capture)
    known = {user: analysis.subjects.values(user) for user in analysis.subjects.identifiers}
    scores = scoring.score(analysis.history, truth, known)
    if each or len(truth.people) == 1:
        who, found = "user_id", map(msgspec.to_builtins, scores)
    else:
        who, found = "people", map(msgspec.to_builtins, scoring.summarise(scores))
    show.rows(found, ("metric", who, "value", "baseline", "unit", "meaning"), as_json)
