"""One run of stages: which files are made from which, and which are there already."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path
from typing import Any

import pandas as pd

from scantrail.engine import store
from scantrail.engine.engines import Engine
from scantrail.engine.stages import Stage
from scantrail.engine.store import EngineError, Log
from scantrail.mobility.days import Zone

type Progress = Callable[[str, float], None]

_LOG = "positionfixes"  # what the log is called among the tables
BYTES_PER_ROW = 1_300  # that a kernel holds at its peak for each row of its part, a fifth of it to spare


class Run:
    """The work of an engine for one output.

    Until all is done, it lies in the folder `unfinished` of the output:

    - `ordered/TABLE-by-KEY/`: tables put in the order of a key;
    - `made/TABLE/`: what kernels made, with row numbers that count from the part's first row;
    - `numbered/TABLE/`: the same, counting from the table's first row.
    """

    def __init__(self, engine: Engine, log: Log, output: Path, tz: Zone, progress: Progress) -> None:
        self._engine, self._log, self._output, self._tz, self._progress = engine, log, output, tz, progress
        self._work = output / "unfinished"
        self._lying: dict[tuple[str, str], Path] = {}  # the tables by name and the key in whose order they are
        inputs = [[str(file.absolute()), file.stat().st_size, file.stat().st_mtime_ns] for file in log.files]
        where = [type(engine).__name__, engine.workers, engine.room_bytes]
        self._begin(json.dumps({"scantrail": version("scantrail"), "engine": where, "tz": str(tz), "log": inputs}))

    def _begin(self, plan: str) -> None:
        """Keep what an interrupted run with the same plan left, and nothing else."""
        file = self._work / "plan.json"
        if not file.exists() or file.read_text() != plan:
            shutil.rmtree(self._work, ignore_errors=True)
            self._work.mkdir(parents=True)
            file.write_text(plan)

    def stage(self, stage: Stage) -> None:
        """Put the tables in order where they are not, and call the kernel for each part."""
        sources = {name: self._ordered(name, stage) for name in stage.reads}
        beside = {(name, column): self._work / "made" / name for name, column in stage.looks_up}
        made = {name: self._work / "made" / name for name in (*stage.makes, *stage.hands_on)}
        *_, last = made.values()  # is written last: a part that has it has all
        waiting = [part.name for part in store.parts(sources[stage.reads[0]]) if not (last / part.name).exists()]
        self._call(stage.name, make, [(stage, self._tz, sources, beside, made, part) for part in waiting])
        self._lying |= {(name, stage.key): table for name, table in made.items()}

    def _ordered(self, name: str, stage: Stage) -> Path:
        """The table in the order of the stage's key."""
        if (name, stage.key) in self._lying:
            return self._lying[name, stage.key]
        ordered = self._work / "ordered" / f"{name}-by-{stage.key}"
        if not ordered.exists():
            files, columns, rows = self._log if name == _LOG else self._made(name)
            parts = max(self._engine.workers, -(-rows * BYTES_PER_ROW // self._engine.room_bytes))
            unfinished = ordered.with_name(f"{ordered.name} unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(parents=True)
            self._progress(f"{name} by {stage.key}", 0.0)
            if rows and stage.key in columns:
                self._engine.shuffle(files, columns, stage.key, parts, unfinished)
            kept = sum(store.rows(store.parts(unfinished)))
            if kept < rows and not stage.some:
                raise EngineError(f"{rows - kept} rows of {name} have no {stage.key}")
            if not kept:  # a table has a part
                store.write_arrow(store.read_arrow(files, columns).slice(0, 0), unfinished / store.part_name(0))
            self._progress(f"{name} by {stage.key}", 1.0)
            unfinished.rename(ordered)
        self._lying[name, stage.key] = ordered
        return ordered

    def _made(self, name: str) -> Log:
        """A table that an earlier stage made, as the files and rows that it is."""
        files = store.parts(self._work / "made" / name)
        return Log(files, store.columns(files[0]), sum(store.rows(files)))

    def finish(self, tables: Sequence[str]) -> dict[str, int]:
        """Number the rows of the whole tables, put these where they are to be, and say how many rows they have."""
        made, numbered = self._work / "made", self._work / "numbered"
        rows = {name: store.rows(store.parts(made / name)) for name in tables}
        before = {name: list(accumulate(counts, initial=0)) for name, counts in rows.items()}
        calls = []
        for name in tables:
            for place, part in enumerate(store.parts(made / name)):
                firsts = {other: counts[place] for other, counts in before.items() if place < len(rows[other])}
                if not (numbered / name / part.name).exists():
                    calls.append((part, numbered / name / part.name, firsts))
        self._call("row numbers", store.number, calls)
        for name in tables:
            shutil.rmtree(self._output / name, ignore_errors=True)
            (numbered / name).rename(self._output / name)
        shutil.rmtree(self._work)
        return {name: sum(counts) for name, counts in rows.items()}

    def _call(self, what: str, function: Callable[..., None], calls: Sequence[tuple[Any, ...]]) -> None:
        self._progress(what, 0.0)
        for done, _ in enumerate(self._engine.map(function, calls), start=1):
            self._progress(what, done / len(calls))


def make(
    stage: Stage,
    tz: Zone,
    sources: Mapping[str, Path],
    beside: Mapping[tuple[str, str], Path],
    made: Mapping[str, Path],
    part: str,
) -> None:
    """Call a kernel for one part, which is read from files and written to files of the same name."""
    tables = {name: store.read(table / part) for name, table in sources.items()}
    read = list(tables.values())
    for (name, column), table in beside.items():
        values = [frame[column] for frame in read if column in frame]
        tables[name] = store.look_up(table, column, pd.concat(values).dropna().unique() if values else [])
    results = stage.kernel(tables, tz)
    for name, table in made.items():
        store.write(name, results[name], table / part)
