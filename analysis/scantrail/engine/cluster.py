"""A Dask cluster by the address of its scheduler (extra `scantrail[cluster]`)."""

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from scantrail.engine import store
from scantrail.engine.engines import SAMPLE, first_keys
from scantrail.engine.store import EngineError

ANSWERS_WITHIN_S = 10
_BLOCK_BYTES = 64 << 20  # that are read at a time, if row groups are that small


class Dask:
    """A Dask cluster: its own shuffle puts rows in order, a task for each part calls the function.

    The workers need scantrail, and the same files under the same paths. A task leaves its result in a file that is
    there when it is whole; so one that was lost with its worker is run again elsewhere, which is Dask's business.
    """

    def __init__(self, scheduler: str, memory_bytes: int) -> None:
        """Connect.

        Args:
            scheduler: an address such as `tcp://10.0.0.1:8786`.
            memory_bytes: what each thread of a worker may hold.

        Raises:
            EngineError: Dask is not installed, no scheduler answers, or it has no workers.

        """
        self._dask = _imported("dask")
        self._distributed = _imported("distributed")
        self._frames = _imported("dask.dataframe")
        try:
            self._client = self._distributed.Client(scheduler, timeout=ANSWERS_WITHIN_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise EngineError(f"no Dask scheduler answers at {scheduler}: {type(error).__name__}") from error
        self.workers = sum(self._client.nthreads().values())
        self.room_bytes = memory_bytes
        if not self.workers:
            self.close()
            raise EngineError(f"the Dask scheduler at {scheduler} has no workers")

    def shuffle(self, files: Sequence[Path], columns: Sequence[str], key: str, parts: int, table: Path) -> None:
        """Let Dask make the key the index, which puts the rows in its order.

        It is told where to cut: by itself (2026.8) it does not move rows at all where small files look like one to it
        when it reads their keys, but not when it reads all columns.
        """
        with self._client.as_current():
            rows = self._frames.read_parquet(
                [str(file.absolute()) for file in files],
                columns=list(columns),
                index=False,
                split_row_groups="adaptive",  # files may be large, and a worker holds some of them at once
                blocksize=_BLOCK_BYTES,
            )
            rows = rows[rows[key].notnull()]
            share = min(1.0, parts * SAMPLE / max(sum(store.rows(files)), 1))
            keys = rows[key]
            low, high, some = self._dask.compute(keys.min(), keys.max(), keys.sample(frac=share, random_state=1))
            ordered = rows.set_index(key, divisions=[*sorted({low, *first_keys(some.tolist(), parts)}), high])
            ordered.to_parquet(str(table), name_function=store.part_name, compression="lz4", write_metadata_file=False)

    def map(self, function: Callable[..., None], calls: Sequence[tuple[Any, ...]]) -> Iterator[None]:
        """Call in a task each."""
        tasks = [self._client.submit(function, *arguments, pure=False) for arguments in calls]
        try:
            for task in self._distributed.as_completed(tasks, loop=self._client.loop):
                task.result()
                yield
        except self._distributed.KilledWorker as error:
            raise EngineError("several workers were killed at the same part, perhaps for want of memory") from error

    def close(self) -> None:
        """Leave the cluster as it is, and go."""
        self._client.close()


def _imported(module: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise EngineError("a Dask cluster needs more packages: pip install 'scantrail[cluster]'") from error
