"""What a city's history costs: synthetic scans through every stage, time and peak memory, at growing sizes.

`make bench ARGS=scale` takes 1 and 10 million scans; `SCALE="1 10 100" make bench ARGS=scale` 100 million too, which
needs minutes and 40 GB of disk (`TMPDIR` says where). The engines are `parallel` on all cores and, up to 10 million,
`dask` with as many workers started here. Peak memory is the resident memory of this process and all below it, looked at
four times a second; what processes share counts for each. Core-hours are reckoned from the time of processors, since
other programs take theirs. The log is written by a process of its own, which is not counted. Seed 1.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from logging import ERROR
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

from distributed import LocalCluster

from benchmarks import scans
from scantrail import engine

MILLION = 1_000_000
SIZES = tuple(int(float(size) * MILLION) for size in os.environ.get("SCALE", "1 10").split())
SMALL = 10_000
DASK_SCANS = 10 * MILLION  # at most, for time
MEMORY_BYTES = 4 << 30
PEOPLE = {"a province": 15_000_000, "a billion people": 1_000_000_000}


class Cost(NamedTuple):
    """What one run took."""

    stages_s: dict[str, float]
    cpu_s: float
    peak_bytes: int
    rows: dict[str, int]

    @property
    def total_s(self) -> float:
        return sum(self.stages_s.values())


def main() -> None:
    """Print what each size costs on each engine, and what that means for more people than fit here."""
    cores = os.cpu_count() or 1
    print(f"scale: {cores} cores, {MEMORY_BYTES >> 30} GiB allowed; seconds a stage")
    with tempfile.TemporaryDirectory() as name:
        scans.write(Path(name) / "log", SMALL)
        print(
            f"  first call of all kernels {run(Path(name), engine='local').total_s:.1f} s (numba, and its cache if new)"
        )
    last = None
    for size in SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            began = time.perf_counter()
            subprocess.run([sys.executable, "-m", "benchmarks.scans", str(folder / "log"), str(size)], check=True)
            print(f"{size / MILLION:g} million scans; written in {time.perf_counter() - began:.1f} s")
            last = shown("parallel", size, run(folder, engine="parallel"))
            if size <= DASK_SCANS:
                used_s = processors_s()
                with cluster(cores) as address:
                    cost = run(folder, engine="dask", scheduler=address)
                shown("dask", size, cost._replace(cpu_s=processors_s() - used_s))  # the workers have ended only now
    if last is not None:
        each_s = last.cpu_s / SIZES[-1]
        for who, people in PEOPLE.items():
            rows = people * scans.SCANS_OF_PERSON
            print(f"{who}, {scans.DAYS} days, {rows / 1e6:,.0f} million scans: {rows * each_s / 3600:,.1f} core-hours")


def shown(name: str, size: int, cost: Cost) -> Cost:
    """Print a cost."""
    stages = ", ".join(f"{stage} {taken:.1f}" for stage, taken in cost.stages_s.items())
    print(
        f"  {name:8} {cost.total_s:7.1f} s ({cost.total_s / size * MILLION:.2f} a million), of processors "
        f"{cost.cpu_s:.1f} s, peak {cost.peak_bytes / 2**30:.2f} GiB: {stages}"
    )
    print(f"           {', '.join(f'{rows:,} {table}' for table, rows in cost.rows.items())}")
    return cost


def run(folder: Path, **on: Any) -> Cost:
    """Make the history of the log in a folder."""
    stages: dict[str, float] = {}
    began, used_s = time.perf_counter(), processors_s()

    def progress(stage: str, _share: float) -> None:
        stages[stage] = time.perf_counter() - began - sum(taken for name, taken in stages.items() if name != stage)

    with peak() as found:
        memory = MEMORY_BYTES if on["engine"] == "parallel" else MEMORY_BYTES // (os.cpu_count() or 1)
        rows = engine.history(
            folder / "log", folder / on["engine"], tz=scans.ZONE, memory_bytes=memory, progress=progress, **on
        )
    return Cost(stages, processors_s() - used_s, max(found), rows)


def processors_s() -> float:
    """Seconds of all cores for this process, and for those below it that have ended."""
    ours, theirs = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return ours.ru_utime + ours.ru_stime + theirs.ru_utime + theirs.ru_stime


@contextmanager
def peak() -> Iterator[list[int]]:
    """Resident memory of this process and all below it, from time to time."""
    found, over = [0], Event()

    def look() -> None:
        while not over.wait(0.25):
            found.append(resident_bytes())

    watching = Thread(target=look)
    watching.start()
    try:
        yield found
    finally:
        over.set()
        watching.join()


def resident_bytes() -> int:
    """Resident memory of this process and all below it."""
    listed = subprocess.run(["ps", "-axo", "pid=,ppid=,rss="], capture_output=True, text=True, check=True).stdout
    processes = [tuple(map(int, line.split())) for line in listed.splitlines()]
    ours, size = {os.getpid()}, 0
    while more := {pid for pid, parent, _ in processes if parent in ours} - ours:
        ours |= more
    for pid, _, kilobytes in processes:
        size += kilobytes * 1024 * (pid in ours)
    return size


@contextmanager
def cluster(workers: int) -> Iterator[str]:
    """A Dask cluster on this machine, by the address of its scheduler."""
    local: Any = LocalCluster  # partly typed
    with local(n_workers=workers, threads_per_worker=1, dashboard_address=":0", silence_logs=ERROR) as started:
        yield started.scheduler_address


if __name__ == "__main__":
    main()
