"""Where tables live and run: from positionfixes in Parquet to the tables of a history, on one core or a thousand.

    scantrail.engine.history(Path("log"), Path("history"), tz="Asia/Shanghai")

One small interface (`engines.Engine`: put rows in order of a key; call a function for each part) and three ways to run:
`local`, in this process; `parallel`, out of core on all cores of this machine; `dask`, on a cluster. What is run is in
`stages`, and is the same everywhere: the result does not depend on where, in how many parts, or after how many
interruptions it was made.
"""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Literal

from scantrail.engine import store
from scantrail.engine.cluster import Dask
from scantrail.engine.engines import Engine, Local, Parallel
from scantrail.engine.run import Progress, Run
from scantrail.engine.stages import STAGES, Stage
from scantrail.engine.store import EngineError, is_log
from scantrail.mobility.days import Zone

__all__ = ["LOCAL_ROWS", "STAGES", "EngineError", "Name", "Stage", "history", "is_log"]

type Name = Literal["local", "parallel", "dask"]

LOCAL_ROWS = 2_000_000  # up to so many, starting processes takes longer than they save
MEMORY_BYTES = 4 << 30


def history(
    source: Path,
    output: Path,
    *,
    tz: Zone,
    engine: Name | None = None,
    scheduler: str | None = None,
    memory_bytes: int = MEMORY_BYTES,
    stages: Sequence[Stage] = STAGES,
    progress: Progress = lambda _stage, _share: None,
) -> dict[str, int]:
    """Infer a history from positionfixes in Parquet.

    A run that was killed goes on where it was when it is started again with the same source, zone and memory. What is
    not finished lies in `output/unfinished`; a table that is in `output` is whole.

    Args:
        source: a Parquet file or a folder of them: together a table by `schema.POSITIONFIXES`, in any order.
        output: a folder, which then holds one for each table with files `part-00000.parquet` and so on: one after the
            other they are the table that `scantrail.history.reconstruct` makes, row numbers included.
        tz: the zone in which the people live.
        engine: where to run; by default in this process up to `LOCAL_ROWS` rows, and on all its cores beyond.
        scheduler: address of the Dask scheduler, for the engine `dask`.
        memory_bytes: what all processes together may hold; on a cluster, what each of its threads may.
        stages: what to make.
        progress: called with a stage and the share of it that is done, 0 to 1.

    Returns:
        How many rows each table has.

    Raises:
        EngineError: there is no such log, or the engine cannot run.
        SchemaError: a part of the log is no table of positionfixes after all.

    """
    log = store.open_log(source)
    name = engine or ("local" if log.rows <= LOCAL_ROWS else "parallel")
    tables = [table for stage in stages for table in stage.makes]
    for table in tables:
        store.check_free(output / table)
    with closing(_engine(name, scheduler, memory_bytes)) as place:
        run = Run(place, log, output.absolute(), tz, progress)
        for stage in stages:
            run.stage(stage)
        return run.finish(tables)


def _engine(name: Name, scheduler: str | None, memory_bytes: int) -> Engine:
    if scheduler is not None and name != "dask":
        raise EngineError(f"a scheduler is for the engine dask, not {name}")
    match name:
        case "local":
            return Local()
        case "parallel":
            return Parallel(memory_bytes)
        case "dask":
            if scheduler is None:
                raise EngineError("the engine dask needs the address of a scheduler")
            return Dask(scheduler, memory_bytes)
