"""The depth table: of many ways to send a known value or a place, how many does each tool find, and what else it says.

`benchmarks.table` holds the ways. Every tool is given the same archive; the package's answer must be the right one
(the known value by name, the position within so many metres and in the right datum), a peer's any hit at all, and what
the peers look for of the place are its coordinates' and its city's usual spellings. A near miss of which a tool says
anything at all is a false alarm. `VERBOSE=1` shows the request of each way that the package misses.
"""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import scantrail
from benchmarks import har
from benchmarks.peers import PEERS, Needles, Peer, run, write_known
from benchmarks.table import Way, harder
from benchmarks.table.near import MISSES
from benchmarks.table.places import LATITUDE, LONGITUDE, NEEDLES
from benchmarks.table.places import WAYS as PLACES
from benchmarks.table.values import KNOWN as VALUES
from benchmarks.table.values import WAYS
from scantrail.model import Disclosure, Known, KnownPosition, KnownValue

KNOWN = Known(
    tuple(KnownValue(name, values) for name, values in VALUES.items()),
    (KnownPosition("here", LATITUDE, LONGITUDE),),
)
PARTS: tuple[tuple[str, Sequence[Way], Needles], ...] = (
    ("known value", (*WAYS, *harder.VALUES), VALUES),
    ("position or city", (*PLACES, *harder.PLACES), NEEDLES),
    ("near misses: alarms", (*MISSES, *harder.MISSES), {**VALUES, **NEEDLES}),
)


def main() -> None:
    """Print a table in Markdown, and below it each way that the package missed and each false alarm of its own."""
    missing = {peer.name: why for peer in PEERS if (why := peer.install())}
    present = [peer for peer in PEERS if peer.name not in missing]
    print("| tool | " + " | ".join(f"{title} ({len(ways)})" for title, ways, _ in PARTS) + " |")
    print("| --- |" + " ---: |" * len(PARTS))
    print("| scantrail | " + " | ".join(str(sum(map(found, ways))) for _, ways, _ in PARTS) + " |")
    with tempfile.TemporaryDirectory() as name:
        for peer in present:
            try:
                counts = [len(hits(peer, part, Path(name))) for part in PARTS]
            except subprocess.CalledProcessError as error:
                missing[peer.name] = f"failed (status {error.returncode})"
                continue
            print(f"| {peer.name} | " + " | ".join(map(str, counts)) + " |")
    for peer_name, why in missing.items():
        print(f"| {peer_name} | {why} |" + " |" * (len(PARTS) - 1))
    _report(verbose="VERBOSE" in os.environ)


def disclosures(way: Way) -> Sequence[Disclosure]:
    """What the package says of a way's request."""
    return scantrail.disclose(way.request, KNOWN).disclosures


def found(way: Way) -> bool:
    """Whether it says the right thing."""
    return any(way.right(one) and (not way.datums or one.datum in way.datums) for one in disclosures(way))


def hits(peer: Peer, part: tuple[str, Sequence[Way], Needles], folder: Path) -> set[int]:
    """The ways of which a peer says anything."""
    _, ways, needles = part
    archive = folder / "ways.har"
    har.write(archive, (way.request for way in ways))
    return {entry for entry, _ in run(peer, archive, write_known(folder / "known.json", needles)).found}


def _report(*, verbose: bool) -> None:
    for title, ways, _ in PARTS[:-1]:
        missed = [way for way in ways if not found(way)]
        print(f"\nscantrail misses {len(missed)} of {len(ways)} ways to send a {title}")
        for way in missed:
            _explain(way, verbose)
    _, misses, _ = PARTS[-1]
    alarms = [way for way in misses if found(way)]
    print(f"\nscantrail raises {len(alarms)} false alarms in {len(misses)} near misses")
    for way in alarms:
        _explain(way, verbose)


def _explain(way: Way, verbose: bool) -> None:
    said = "; ".join(
        f"{one.kind} {one.value!r} ({one.rule}, {one.path}, {one.datum or one.known or ''})" for one in disclosures(way)
    )
    print(f"  {way.name}: says {said[:300] or 'nothing'}")
    if verbose:
        request = way.request
        extra = [pair for pair in request.headers if pair[0] != "User-Agent"] + [m.data for m in request.messages]
        print(f"      {request.method} {request.url} {extra} {request.body[:300]!r}")
