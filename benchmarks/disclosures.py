"""What a request discloses: how fast it is said, and how much of what was planted is found, beside the peers.

One archive of 9,000 requests (`benchmarks.traffic`; or one's own: `make bench ARGS=disclosures HAR=FILE`), each tool in
a process of its own on one core, loading and searching timed apart, in seconds of the processor's time. The fast ones
take turns in several rounds over the whole archive; the slow ones are given each seventh request or fewer, and those
with planted values, once, as their row says. The package looks for known values and applies its rules for unknown ones
at the same time; the peers look for the same known values.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks import har
from benchmarks.peers import PEERS, Outcome, Peer, one_core, run, write_known
from benchmarks.traffic import KNOWN, PLANTED, Planted, Traffic, traffic
from scantrail.readers import read

REQUESTS = 9_000
ROUNDS = 3
OURS = Peer("scantrail", lambda: None, lambda: [sys.executable, "-m", "benchmarks.peers.ours"])


class _Job(NamedTuple):
    """A tool with the archive that it is given."""

    peer: Peer
    archive: Path
    requests: int
    planted: dict[Planted, str]


def main() -> None:
    """Run all and print a table in Markdown."""
    one_core()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        archive = folder / "whole.har"
        if own := os.environ.get("HAR"):
            shutil.copy(own, archive)
            given = Traffic(list(read(archive).requests), {})
        else:
            given = traffic(REQUESTS)
            har.write(archive, given.requests)
        toml, needles = folder / "known.toml", write_known(folder / "known.json", KNOWN)
        toml.write_text("[values]\n" + "".join(f"{key} = {json.dumps(values)}\n" for key, values in KNOWN.items()))
        size = archive.stat().st_size / 1e6
        print(f"{len(given.requests):,} requests, {size:.1f} MB of HAR; {len(KNOWN)} known values\n")
        missing = {peer.name: why for peer in PEERS if (why := peer.install())}
        jobs = [_job(peer, given, archive) for peer in (OURS, *PEERS) if peer.name not in missing]
        outcomes = _rounds(jobs, toml, needles, missing)
        jobs = [job for job in jobs if job.peer.name not in missing]
        _table(jobs, outcomes, missing)
        _streaming(archive, toml)


def _job(peer: Peer, given: Traffic, archive: Path) -> _Job:
    """The whole archive, or each so-manieth request of it and those that hold what was planted."""
    if peer.every == 1:
        return _Job(peer, archive, len(given.requests), given.planted)
    kept = sorted({*range(0, len(given.requests), peer.every), *(index for index, _ in given.planted)})
    part = archive.with_name(f"each{peer.every}.har")
    entries = json.loads(archive.read_bytes())["log"]["entries"]
    part.write_text(json.dumps({"log": {"version": "1.2", "entries": [entries[index] for index in kept]}}))
    planted = {(kept.index(index), name): how for (index, name), how in given.planted.items()}
    return _Job(peer, part, len(kept), planted)


def _rounds(jobs: Sequence[_Job], toml: Path, needles: Path, missing: dict[str, str]) -> dict[str, list[Outcome]]:
    """The fast tools in turn, in every round; the slow ones in the first alone. A peer that fails joins `missing`."""
    outcomes: dict[str, list[Outcome]] = {job.peer.name: [] for job in jobs}
    for number in range(ROUNDS):
        for job in jobs:
            if job.peer is OURS:
                outcomes[OURS.name].append(run(OURS, job.archive, toml))
            elif job.peer.name not in missing and (number == 0 or job.peer.every == 1):
                try:
                    outcomes[job.peer.name].append(run(job.peer, job.archive, needles))
                except subprocess.CalledProcessError as error:
                    missing[job.peer.name] = f"failed on this archive (status {error.returncode})"
    return outcomes


def _table(jobs: Sequence[_Job], outcomes: dict[str, list[Outcome]], missing: dict[str, str]) -> None:
    ours = median(_rate(jobs_requests, one) for jobs_requests, one in _ours(jobs, outcomes))
    print("| tool | load, s | searches, requests/s | lowest–highest | scantrail is | found of planted | peak MB | |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
    for job in jobs:
        found = outcomes[job.peer.name]
        rates = [_rate(job.requests, one) for one in found]
        planted = set(job.planted)
        share = f"{_found(planted, found[0])} of {len(planted)}" if planted else "–"
        note = "" if job.peer.every == 1 else f"each {job.peer.every}th request, and the planted: {job.requests:,}"
        print(
            f"| {job.peer.name} | {median(one.load_s for one in found):.2f} | {median(rates):,.0f} "
            f"| {min(rates):,.0f}–{max(rates):,.0f} | {ours / median(rates):.2f} × | {share} "
            f"| {median(one.peak_mb for one in found):.0f} | {note} |"
        )
    for name, why in missing.items():
        print(f"| {name} | | | | | | | {why} |")
    if any(job.planted for job in jobs):
        _by_encoding(jobs, outcomes)


def _ours(jobs: Iterable[_Job], outcomes: dict[str, list[Outcome]]) -> list[tuple[int, Outcome]]:
    return [(job.requests, one) for job in jobs if job.peer is OURS for one in outcomes[job.peer.name]]


def _rate(requests: int, outcome: Outcome) -> float:
    return requests / outcome.work_s


def _found(planted: Iterable[Planted], outcome: Outcome) -> int:
    """How many of the planted (entry, name) it found; `*` is any name, of a tool that does not say which."""
    found = {(entry, name) for entry, name in outcome.found}
    return sum((entry, name) in found or (entry, "*") in found for entry, name in planted)


def _by_encoding(jobs: Iterable[_Job], outcomes: dict[str, list[Outcome]]) -> None:
    """Which encodings of the planted values each found at least once."""
    print("\nencodings of planted values of which it found one at least")
    for job in jobs:
        one = outcomes[job.peer.name][0]
        present = set(job.planted.values())
        seen = [e for e in PLANTED if e in present and _found([p for p, how in job.planted.items() if how == e], one)]
        missed = ", ".join(e for e in PLANTED if e in present and e not in seen)
        print(f"  {job.peer.name:30} {len(seen)} of {len(present)}" + (f"; not {missed}" if missed else ""))


def _streaming(archive: Path, toml: Path) -> None:
    """Our memory when each request is forgotten once it is judged."""
    stream = Peer("stream", lambda: None, lambda: [sys.executable, "-m", "benchmarks.peers.ours"])
    tenth = archive.with_name("tenth.har")
    entries = json.loads(archive.read_bytes())["log"]["entries"]
    tenth.write_text(json.dumps({"log": {"version": "1.2", "entries": entries[: len(entries) // 10]}}))
    whole, part = (run(stream, file, toml, "stream").peak_mb for file in (archive, tenth))
    print(f"\nscantrail, one request at a time: peak {whole:.0f} MB for all, {part:.0f} MB for a tenth of the archive")
