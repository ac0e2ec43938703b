"""Where the work is done: what an engine must be able to do, and the two that need one machine."""

import multiprocessing
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

import duckdb
import pyarrow.compute as pc
from duckdb import CaseExpression, ColumnExpression, ConstantExpression, Expression

from scantrail.engine import store
from scantrail.engine.store import EngineError

SAMPLE = 1_000  # rows looked at for each part: parts are even to within 3 % (one standard deviation)
_PROCESS_BYTES = 300 << 20  # that a process holds for the libraries alone
_LEAST_ROOM_BYTES = 256 << 20  # for less, a process is not worth starting
_DUCKDB_SHARE = 0.6  # of the memory: its limit counts what it buffers, not all that the process holds


class Engine(Protocol):
    """Somewhere that rows can be put in order and functions be called. Both leave what they make in files."""

    workers: int
    """How many calls run at a time."""

    room_bytes: int
    """How much one of them may hold."""

    def shuffle(self, files: Sequence[Path], columns: Sequence[str], key: str, parts: int, table: Path) -> None:
        """Write rows as a table of about so many parts in the order of `key`: rows equal in it are in one part.

        Rows without it are left out.
        """

    def map(self, function: Callable[..., None], calls: Sequence[tuple[Any, ...]]) -> Iterator[None]:
        """Call a function of a module with each tuple of arguments, in any order; yield whenever one is done."""

    def close(self) -> None:
        """Give back what was taken."""


class Local:
    """This process alone: all rows are one part, and lie in memory."""

    workers = 1
    room_bytes = sys.maxsize

    def shuffle(self, files: Sequence[Path], columns: Sequence[str], key: str, parts: int, table: Path) -> None:  # noqa: ARG002
        """Write all rows as one part: whatever the key, equal rows are together."""
        rows = store.read_arrow(files, columns)
        store.write_arrow(rows.filter(pc.is_valid(rows[key])), table / store.part_name(0))

    def map(self, function: Callable[..., None], calls: Sequence[tuple[Any, ...]]) -> Iterator[None]:
        """Call one after the other."""
        for arguments in calls:
            function(*arguments)
            yield

    def close(self) -> None:
        """Nothing was taken."""


class Parallel:
    """All cores of this machine: DuckDB puts rows in order, on disk where memory does not do; processes do the rest.

    Processes, not threads: on two cores, two processes did 1.9 times the work of one, and two threads 1.6 times, since
    a third of a kernel's time holds the interpreter's lock.
    """

    def __init__(self, memory_bytes: int) -> None:
        left_bytes = memory_bytes - _PROCESS_BYTES  # by this one
        fit = left_bytes // (_PROCESS_BYTES + _LEAST_ROOM_BYTES)
        if fit < 1:
            least = 2 * _PROCESS_BYTES + _LEAST_ROOM_BYTES
            raise EngineError(f"{memory_bytes >> 20} MB are too little for any work: it takes {least >> 20} MB")
        self.workers = min(os.cpu_count() or 1, fit)
        self.room_bytes = left_bytes // self.workers - _PROCESS_BYTES
        self._memory_bytes = memory_bytes
        self._pool: ProcessPoolExecutor | None = None

    def shuffle(self, files: Sequence[Path], columns: Sequence[str], key: str, parts: int, table: Path) -> None:
        """Cut the keys into ranges by a sample, and let DuckDB write each range as a part."""
        settings: dict[str, Any] = {
            "memory_limit": f"{int(self._memory_bytes * _DUCKDB_SHARE)}B",
            "threads": self.workers,
            "preserve_insertion_order": False,
            "temp_directory": str(table.with_name("spilled")),
        }
        with duckdb.connect(config=settings) as database:
            rows = database.read_parquet([str(file) for file in files]).select(*map(ColumnExpression, columns))
            rows = rows.filter(ColumnExpression(key).isnotnull())
            keys = rows.select(ColumnExpression(key).alias("key"))
            sample: Any = keys.query("keys", f"FROM keys USING SAMPLE reservoir({parts * SAMPLE} ROWS)")
            firsts = first_keys([value for (value,) in sample.fetchall()], parts)
            cut = rows.select("*", _range(ColumnExpression(key), firsts).alias("part"))
            cut.to_parquet(str(table), partition_by=["part"], compression="lz4", overwrite=True)
        for folder in table.glob("part=*"):
            folder.rename(table / store.part_name(int(folder.name.removeprefix("part="))))
        shutil.rmtree(table.with_name("spilled"), ignore_errors=True)

    def map(self, function: Callable[..., None], calls: Sequence[tuple[Any, ...]]) -> Iterator[None]:
        """Call in processes of their own, which stay for the next calls."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self.workers, multiprocessing.get_context("spawn"), initializer=_end_with_parent
            )
        try:
            for done in as_completed([self._pool.submit(function, *arguments) for arguments in calls]):
                done.result()
                yield
        except BrokenProcessPool as error:
            raise EngineError(
                "a worker process was killed, perhaps for want of memory; started again, the run goes on from here"
            ) from error

    def close(self) -> None:
        """End the processes, and what they have not begun."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """End this process when the one that started it is gone: killed, it cannot say so, and nobody would wait for us."""

    def watch() -> None:
        if parent := multiprocessing.parent_process():
            parent.join()
            os._exit(1)

    Thread(target=watch, daemon=True).start()


def first_keys(sample: Sequence[Any], parts: int) -> list[Any]:
    """The first key of each part but the first, so that parts are even: quantiles of some rows' keys."""
    keys = sorted(sample)
    return sorted({keys[len(keys) * part // parts] for part in range(1, parts)}) if keys else []


def _range(key: Expression, firsts: Sequence[Any], number: int = 0) -> Expression:
    """The number of the range that a key is in: a binary search for the last of `firsts` that is not above it."""
    if not firsts:
        return ConstantExpression(number)
    middle = len(firsts) // 2
    below, above = _range(key, firsts[:middle], number), _range(key, firsts[middle + 1 :], number + middle + 1)
    return CaseExpression(key < ConstantExpression(firsts[middle]), below).otherwise(above)
