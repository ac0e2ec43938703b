"""Three engines, one history: where and in how many parts it is made changes nothing."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mobility_builders import HOME, MONDAY, PARK, WORK

from scantrail import engine
from scantrail.history import reconstruct
from scantrail.schema import POSITIONFIXES

TZ = "Asia/Shanghai"
PEOPLE, SCANS = 40, 25
PLACES = np.array([HOME, WORK, PARK])


def make_log(*, people: int = PEOPLE, text: bool = False, seed: int = 1) -> pd.DataFrame:
    """Scans of some people at three places in two weeks, in the order of time, as a log has them."""
    random = np.random.default_rng(seed)
    rows = people * SCANS
    seconds = np.sort(random.integers(0, 14 * 86_400, rows))
    hour = seconds // 3600 % 24
    place = np.where((hour > 8) & (hour < 17), random.integers(1, 3, rows), 0)
    user = random.integers(0, people, rows) * 1_000
    return POSITIONFIXES.frame(
        {
            "user_id": [f"s{number}" for number in user] if text else user,
            "tracked_at": pd.Timestamp(MONDAY).tz_convert("UTC") + pd.to_timedelta(seconds, unit="s"),
            "latitude": PLACES[place, 0] + random.normal(0, 1e-4, rows),
            "longitude": PLACES[place, 1],
            "request": np.arange(rows),
        }
    )


def write_log(folder: Path, log: pd.DataFrame, files: int = 3) -> Path:
    folder.mkdir()
    for number in range(files):
        log.iloc[len(log) * number // files : len(log) * (number + 1) // files].to_parquet(folder / f"{number}.parquet")
    return folder


def tables(output: Path) -> dict[str, pd.DataFrame]:
    assert not (output / "unfinished").exists()
    return {
        folder.name: pd.concat([pd.read_parquet(part) for part in sorted(folder.iterdir())], ignore_index=True)
        for folder in sorted(output.iterdir())
    }


def assert_same(found: dict[str, pd.DataFrame], wanted: dict[str, pd.DataFrame]) -> None:
    assert found.keys() == wanted.keys()
    for name, table in wanted.items():
        pd.testing.assert_frame_equal(found[name], table)


@pytest.mark.parametrize("text", [False, True], ids=["numbers", "text"])
def test_all_cores_make_the_tables_that_one_call_makes(tmp_path: Path, text: bool) -> None:
    log = make_log(text=text)
    source = write_log(tmp_path / "log", log)
    engine.history(source, tmp_path / "local", tz=TZ, engine="local")
    counts = engine.history(source, tmp_path / "parallel", tz=TZ, engine="parallel")
    wanted = reconstruct(log, tz=TZ).tables
    local, parallel = tables(tmp_path / "local"), tables(tmp_path / "parallel")
    assert_same(parallel, local)
    for name, table in local.items():
        assert counts[name] == len(table)
        pd.testing.assert_frame_equal(
            table.drop(columns="requests", errors="ignore"), wanted[name].drop(columns="requests", errors="ignore")
        )
    assert len(list((tmp_path / "parallel" / "trips").iterdir())) > 1
