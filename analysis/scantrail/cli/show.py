"""Printing: JSON lines for programs, tables for people. What was captured passes `visible` first."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from scantrail.model import Disclosure, Finding
from scantrail.overview import Overview, Receiver, Unread
from scantrail.visible import visible

_DECIMALS = {"latitude": 6, "longitude": 6, "share": 2, "probability": 2, "value": 2, "baseline": 2}  # of metres, one
_PLACE = 48  # characters of a place that are shown
_HOSTS = 12  # that told nothing and are named
_STYLES = {"supported": "green", "refuted": "red", "not decidable": "yellow"}


def rows(found: Iterable[dict[str, object]], columns: Sequence[str], as_json: bool) -> None:
    """Print rows as JSON lines, or as a table of the named columns."""
    if as_json:
        lines(found)
    else:
        table(found, columns)


def lines(found: Iterable[dict[str, object]]) -> None:
    """Print JSON lines."""
    for row in found:
        # ASCII: captured text may hold lone surrogates, which no encoding but an escape can carry
        sys.stdout.write(json.dumps(msgspec.to_builtins(row, enc_hook=str), separators=(",", ":")) + "\n")
    sys.stdout.flush()


def table(found: Iterable[dict[str, object]], columns: Sequence[str], title: str | None = None) -> None:
    """Print a table of the named columns."""
    table = RichTable(*columns, box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")
    for row in found:
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


def findings(found: Sequence[Finding]) -> None:
    """Print claims with their parts and verdicts."""
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


def overview(found: Overview) -> None:
    """Print what each receiver was told, and below it what nobody could read."""
    console = _console(160)
    for receiver in found.receivers:
        if receiver.rows:
            told = f"{receiver.telling} of {_counted(receiver.requests, 'request')} told something"
            console.print(Text.assemble((visible(receiver.host) or "(no host)", "bold"), f"  {told}"))
            console.print(_told(receiver))
    silent = [receiver for receiver in found.receivers if not receiver.rows]
    if silent:
        names = ", ".join(visible(receiver.host) or "(no host)" for receiver in silent[:_HOSTS])
        more = f" and {len(silent) - _HOSTS} more" if len(silent) > _HOSTS else ""
        requests = sum(receiver.requests for receiver in silent)
        console.print(f"Nothing found in {_counted(requests, 'request')} to {names}{more}.")
    if not found.requests:
        console.print("Nothing was recorded.")
    for unread in found.unread:
        console.print(f"Not read: {_unread(unread)}.", style="yellow")


def _told(receiver: Receiver) -> RichTable:
    """What one receiver was told; without a column for how where nothing needs it."""
    found = sorted(receiver.rows.values(), key=lambda row: (row.known or "", row.kind))
    precise = {id(row): _precision(row.finest) for row in found}
    table = RichTable("what", "value", *(["how"] if any(precise.values()) else []), box=box.SIMPLE_HEAD)
    table.add_column("requests", justify="right")
    table.add_column("first seen", no_wrap=True)
    table.add_column("where", overflow="fold")
    for row in found:
        more = row.distinct - len(row.values)
        values = "\n".join(visible(value, 40) for value in row.values) + (f"\nand {more:,} more" if more > 0 else "")
        named = f" ({visible(row.known, 40)})" if row.known else ""
        table.add_row(
            Text(row.kind.replace("_", " ") + named),
            Text(values),
            *([Text(precise[id(row)])] if any(precise.values()) else []),
            str(row.requests),
            Text(f"{row.first:%Y-%m-%d %H:%M}Z"),
            Text("\n".join(_end(place) for place in row.places[:2])),
        )
    return table


def _end(place: str) -> str:
    """A place by its end, which tells most."""
    return visible(place, _PLACE) if len(place) <= _PLACE else f"…{visible(place[-_PLACE:])}"


def _precision(finest: Disclosure | None) -> str:
    """How precise the finest of several is, or by what it was recognised."""
    if finest is None:
        return ""
    if finest.precision_m is None:
        how = finest.reasoning.rpartition("known beforehand: ")[2] if finest.known else ""
        return "" if how == "the value" else how
    datum = "datum not stated" if finest.datum == "unknown" else f"datum {finest.datum}"
    said = f"{finest.precision_class}, within {_metres(max(finest.precision_m, _FINEST_M))}; {datum}"
    return said if finest.distance_m is None else f"{said}; {_metres(finest.distance_m)} from it"


_FINEST_M = 0.1  # what more digits than six would say of a phone is nothing


def _metres(metres: float) -> str:
    return f"{metres / 1000:.1f} km" if metres >= 1000 else f"{metres:.1f} m" if metres < 10 else f"{metres:.0f} m"


def _unread(unread: Unread) -> str:
    what = {"unread": "connection", "unsent": "request", "cut": "answer", "opaque": "value", "limit": "value"}
    size = f", {unread.size:,} bytes" if unread.size else ""
    hosts = sorted(visible(host) or "(no host)" for host in unread.receivers)
    named = ", ".join(hosts[:3]) + (f" and {len(hosts) - 3} more" if len(hosts) > 3 else "")
    count, requests = _counted(unread.count, what[unread.what]), _counted(unread.requests, "request")
    return f"{count} in {requests}{size}: {visible(unread.why)} ({named})"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
