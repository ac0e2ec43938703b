"""Tables have the columns, types and order that the schema says, or there is one clear error."""

import pandas as pd
import pytest
from mobility_builders import HOME, make_fixes

from scantrail.schema import POSITIONFIXES, TABLES, TRIPS, SchemaError, Table


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_each_table_is_described(table: Table) -> None:
    assert table.row
    assert len(set(table.names)) == len(table.names)
    assert all(column.meaning for column in table.columns)


@pytest.mark.parametrize("rows", [None, [], {}], ids=repr)
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_an_empty_table_is_typed(table: Table, rows: object) -> None:
    frame = table.frame(rows)
    assert frame.columns.tolist() == table.names
    assert len(frame) == 0
    assert {str(frame[column.name].dtype) for column in table.columns if column.kind == "time"} <= {
        "datetime64[us, UTC]"
    }
    assert {str(frame[column.name].dtype) for column in table.columns if column.kind == "int"} <= {"int64"}


def test_names_of_tables_are_distinct() -> None:
    assert len({table.name for table in TABLES}) == len(TABLES)


def test_columns_come_in_order_and_others_are_left_out() -> None:
    fixes = make_fixes([("08:00", HOME)])
    mixed = fixes[fixes.columns[::-1]].assign(note="x")
    pd.testing.assert_frame_equal(POSITIONFIXES.frame(mixed), fixes)
    assert "note" in mixed.columns


def test_times_in_another_zone_become_utc() -> None:
    fixes = make_fixes([("08:00", HOME)])
    local = fixes.assign(tracked_at=fixes["tracked_at"].dt.tz_convert("Asia/Shanghai"))
    pd.testing.assert_frame_equal(POSITIONFIXES.frame(local), fixes)


def test_rows_are_numbered_from_zero() -> None:
    assert POSITIONFIXES.frame(make_fixes([("08:00", HOME), ("09:00", HOME)]).iloc[1:]).index.tolist() == [0]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(SchemaError, match="table trips: no column started_at, distance_m; it has user_id"):
        TRIPS.frame(TRIPS.frame().drop(columns=["started_at", "distance_m"]))


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("tracked_at", pd.DatetimeIndex(["2020-02-17T08:00:00"])),  # whose clock?
        ("latitude", ["north"]),
        ("request", [None]),
    ],
)
def test_values_of_another_type_are_refused(column: str, values: object) -> None:
    with pytest.raises(SchemaError, match="table positionfixes: "):
        POSITIONFIXES.frame(make_fixes([("08:00", HOME)]).assign(**{column: values}))  # type: ignore[arg-type]
