"""Tables at rest: folders of Parquet. A table is a folder of parts, a part is a file or itself a folder of files.

Parts are named in order: one after the other, they are the table. What is written appears under its name when it is
whole.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow.dataset import dataset, field

from scantrail.schema import POSITIONFIXES, TABLES, Kind

_ARROW: Mapping[Kind, pa.DataType] = {
    "text": pa.string(),
    "time": pa.timestamp("us", "UTC"),
    "float": pa.float64(),
    "int": pa.int64(),
    "bool": pa.bool_(),
    "list": pa.list_(pa.int64()),
}
_KINDS = {table.name: {column.name: column.kind for column in table.columns} for table in TABLES}
_ROW_OF = {
    "location_id": "locations",
    "origin_staypoint_id": "staypoints",
    "destination_staypoint_id": "staypoints",
}


class EngineError(ValueError):
    """What an engine cannot run on, or not without. The message is one line and names it."""


class Log(NamedTuple):
    """Positionfixes as they came: Parquet files, and the columns of them that count."""

    files: list[Path]
    columns: list[str]
    rows: int


# What came in


def is_log(path: Path) -> bool:
    """Whether a path is a Parquet file or a folder with some in it."""
    return path.suffix == ".parquet" or any(path.glob("*.parquet"))


def open_log(path: Path) -> Log:
    """Look at positionfixes in Parquet, without reading a row.

    Args:
        path: a file, or a folder of files: together a table by `schema.POSITIONFIXES` in any order. Columns of other
            names do not count.

    Raises:
        EngineError: there is no Parquet; a file is damaged, lacks a column that the table or another file has, or has
            it in another type.

    """
    files = [path] if path.is_file() else sorted(path.glob("*.parquet"))
    if not files:
        raise EngineError(f"{path} holds no Parquet files (*.parquet)")
    rows = 0
    known: dict[str, str] = {}
    for file in files:
        metadata = _metadata(file)
        found = _columns(file, metadata.schema.to_arrow_schema())
        known = known or found
        for name in known | found:
            if known.get(name) != found.get(name):
                there, first = (types.get(name, "absent") for types in (found, known))
                raise EngineError(f"{file}: column {name} is {there}, but {first} in {files[0].name}")
        rows += metadata.num_rows
    return Log(files, list(known), rows)


def _metadata(file: Path) -> pq.FileMetaData:
    try:
        return pq.read_metadata(file)
    except (OSError, pa.ArrowException) as error:
        raise EngineError(f"{file} cannot be read as Parquet: {str(error).splitlines()[0]}") from error


def _columns(file: Path, schema: pa.Schema) -> dict[str, str]:
    """The columns that count, each with what it holds."""
    found = {}
    for column in POSITIONFIXES.columns:
        if column.name in schema.names:
            kind, allowed = _holds(schema.field(column.name).type), _ALLOWED[column.kind]
            if kind not in allowed:
                raise EngineError(f"{file}: column {column.name} is {kind}; it must be {' or '.join(allowed)}")
            found[column.name] = kind
        elif not column.optional:
            raise EngineError(f"{file}: no column {column.name}; there is {', '.join(schema.names)}")
    return found


_ALLOWED: Mapping[Kind, tuple[str, ...]] = {
    "id": ("integer", "text"),
    "text": ("text",),
    "time": ("timestamp in UTC",),
    "float": ("float", "integer"),
    "int": ("integer",),
}


def _holds(kind: pa.DataType) -> str:
    """What values of an Arrow type are, in words."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    words: dict[str, Callable[[pa.DataType], bool]] = {
        "integer": pa.types.is_integer,
        "text": lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind),
        "float": pa.types.is_floating,
        "timestamp in UTC": lambda kind: pa.types.is_timestamp(kind) and kind.tz is not None,
    }
    if pa.types.is_timestamp(kind) and kind.tz is None:
        return "timestamp without a zone"
    return next((word for word, holds in words.items() if holds(kind)), str(kind))


# Parts of tables


def parts(table: Path) -> list[Path]:
    """The parts of a table, in order."""
    return sorted(table.glob("part-*"))


def part_name(number: int) -> str:
    """The name of a part."""
    return f"part-{number:05}.parquet"


def rows(files: Iterable[Path]) -> list[int]:
    """How many rows each file or part has."""
    pieces = ([*file.iterdir()] if file.is_dir() else [file] for file in files)
    return [sum(pq.read_metadata(piece).num_rows for piece in some) for some in pieces]


def columns(part: Path) -> list[str]:
    """The columns of a part."""
    return list(pq.read_schema(part).names)


def read(part: Path) -> pd.DataFrame:
    """Read a part."""
    frame: pd.DataFrame = read_arrow([part]).to_pandas(split_blocks=True, self_destruct=True, ignore_metadata=True)
    return frame


def read_arrow(files: Sequence[Path], columns: Sequence[str] | None = None) -> pa.Table:
    """Read parts or files, one after the other."""
    tables = [pq.read_table(file, columns=columns, partitioning=None) for file in files]
    return pa.concat_tables(tables, promote_options="permissive")


def look_up(table: Path, column: str, values: Iterable[str | int]) -> pd.DataFrame:
    """The rows of a table whose column has one of these values, read a batch at a time."""
    rows = dataset([str(part) for part in parts(table)])
    wanted = pa.array(list(values), rows.schema.field(column).type)
    frame: pd.DataFrame = rows.to_table(filter=field(column).isin(wanted)).to_pandas(ignore_metadata=True)
    return frame


def write(name: str, frame: pd.DataFrame, file: Path) -> None:
    """Write a part of a table; by its schema if `schema` knows the name, so that an empty part has its types, too."""
    fields = [
        (column, _ARROW.get(kind, pa.int64() if frame[column].dtype == "int64" else pa.string()))
        for column, kind in _KINDS.get(name, {}).items()
        if column in frame
    ]
    schema = pa.schema(fields) if fields else None
    write_arrow(pa.Table.from_pandas(frame, schema=schema, preserve_index=False), file)


def write_arrow(table: pa.Table, file: Path, compression: str = "lz4") -> None:
    """Write a file that is there when it is whole.

    Until then it lies beside the table, under a name of its own: on a cluster two tasks may write one file.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.parent.with_name(f"{file.stem}-{uuid4().hex}.unfinished")
    pq.write_table(table.replace_schema_metadata(), unfinished, compression=compression)
    unfinished.replace(file)


def number(part: Path, file: Path, firsts: Mapping[str, int]) -> None:
    """Write a part once more, with numbers of rows that count the whole table and not the part.

    Args:
        part: a file whose row numbers count from its own first row.
        file: where it is to be.
        firsts: for each table, the number of its first row in the part of this name.

    """
    table = pq.read_table(part, partitioning=None)
    for place, name in enumerate(table.column_names):
        if first := firsts.get(_ROW_OF.get(name, ""), 0):
            ids = table.column(name)
            numbered = pc.if_else(pc.less(ids, 0), ids, pc.add(ids, first))  # below zero: none
            table = table.set_column(place, name, numbered)
    write_arrow(table, file, "zstd")


def check_free(table: Path) -> None:
    """Look whether a table can be put there, in place of one that an earlier run made.

    Raises:
        EngineError: something else is there.

    """
    if table.exists() and not (table.is_dir() and all(part.suffix == ".parquet" for part in table.iterdir())):
        raise EngineError(f"{table} is there and is no table of an earlier run: move it away")
