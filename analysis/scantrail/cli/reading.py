"""Verbs that say what a capture, or a code, tells to whom."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
import msgspec

import scantrail
from scantrail import Known, Limits, policy
from scantrail.cli import rows, show
from scantrail.cli.options import CAPTURE, JSON, KNOWN, LIMIT_OPTIONS, known_of, told_by, warn
from scantrail.detectors import KINDS
from scantrail.masking import Mask
from scantrail.model import Disclosure, Problem
from scantrail.overview import Overview
from scantrail.readers import glance, stream
from scantrail.sarif import sarif
from scantrail.visible import visible


@click.command()
@CAPTURE
@JSON
def requests(capture: Path, as_json: bool) -> None:
    """List everything that left, or tried to."""
    problems: list[Problem] = []
    held = glance(capture, problems)
    show.rows(
        (rows.request(held, request) for request in stream(capture, problems)),
        ("request", "at", "moment", "method", "receiver", "url", "status", "sent_bytes", "unread", "unsent"),
        as_json,
    )
    warn(problems)


@click.command()
@CAPTURE
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(sorted(KINDS)), help="Only this kind; may be repeated."
)
@click.option("--mask", is_flag=True, help="Show a fingerprint for each value; the same value has the same one.")
@click.option("--received", is_flag=True, help="Show also what came back to the phone.")
@click.option("--each", is_flag=True, help="A line for each disclosure, not one for each receiver and kind.")
@KNOWN
@LIMIT_OPTIONS
@JSON
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
        for request, told in told_by(stream(capture, problems), known_of(known), Limits(**limits), received=received)
    )
    if as_json or each:
        columns = ("request", "at", "receiver", "kind", "value", "known", "datum", "precision_m", "distance_m", "path")
        show.rows((rows.disclosure(held, d) for _, chosen, _ in found for d in chosen), columns, as_json)
    else:
        overview = Overview()
        for request, chosen, unread in found:
            overview.add(request, chosen, unread)
        show.overview(overview)
    warn(problems)


def _chosen(found: Iterable[Disclosure], kinds: Sequence[str], received: bool, mask: Mask | None) -> list[Disclosure]:
    """Those of some disclosures that are asked for, masked if that is."""
    chosen = [d for d in found if (received or d.side == "sent") and (not kinds or d.kind in kinds)]
    return [mask.disclosure(disclosure) for disclosure in chosen] if mask else chosen


@click.command()
@CAPTURE
@LIMIT_OPTIONS
@JSON
def gaps(capture: Path, as_json: bool, **limits: int) -> None:
    """List what nobody could read: closed connections, opaque values, limits that were reached."""
    problems: list[Problem] = []
    told = told_by(stream(capture, problems), Known(), Limits(**limits), received=True)
    columns = ("request", "at", "receiver", "what", "why", "source", "path", "size", "entropy")
    show.rows((rows.gap(gap) for _, each in told for gap in each.gaps), columns, as_json)
    warn(problems)


@click.command()
@CAPTURE
@click.option("--policy", "rules", type=click.Path(path_type=Path), required=True, help="What may be told to whom.")
@click.option("--sarif", "log", type=click.Path(path_type=Path), help="Write the results there, as SARIF 2.1.0.")
@KNOWN
@JSON
def check(capture: Path, rules: Path, log: Path | None, known: Path | None, as_json: bool) -> None:
    """Hold what was told, and what nobody could read, against a policy. Exit code 1 if something is not allowed."""
    problems: list[Problem] = []
    allowed, told = (
        policy.load(rules, KINDS),
        told_by(stream(capture, problems), known_of(known), Limits(), received=False),
    )
    rulings = [ruling for _, each in told for ruling in policy.rule(allowed, each.disclosures, each.gaps)]
    if log:
        log.write_bytes(msgspec.json.format(msgspec.json.encode(sarif(capture, rulings, KINDS, scantrail.__version__))))
    columns = ("status", "receiver", "kind", "known", "requests", "in_clear", "reason")
    show.rows(rows.rulings(rulings), columns, as_json)
    warn(problems)
    if any(ruling.status is policy.Status.OPEN for ruling in rulings):
        sys.exit(1)


@click.command()
@click.argument("code", metavar="TEXT-OR-IMAGE")
@JSON
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
