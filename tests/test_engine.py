"""Three engines, one history: where it is made, in how many parts and after what accidents changes nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pandas as pd
import pytest
from distributed import LocalCluster
from golden import CAPTURE, scantrail
from mobility_builders import HOME, MONDAY, PARK, WORK

from scantrail import engine
from scantrail.engine import EngineError, run
from scantrail.engine import cluster as cluster_engine
from scantrail.engine.run import Progress
from scantrail.engine.stages import Tables, people
from scantrail.history import reconstruct
from scantrail.mobility.days import Zone
from scantrail.mobility.meetings import meetings
from scantrail.schema import POSITIONFIXES

TZ = "Asia/Shanghai"
PEOPLE, SCANS = 40, 25
PLACES = np.array([HOME, WORK, PARK])
MEMORY = 1_500 << 20  # for two processes, on machines with more cores, too
MANY = 4_000_000  # bytes for a row, so that a small log is cut into more than ten parts


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
    """The tables of a run that is finished; meetings, which have no order, in one."""
    assert not (output / "unfinished").exists()
    found = {
        folder.name: pd.concat([pd.read_parquet(part) for part in sorted(folder.iterdir())], ignore_index=True)
        for folder in sorted(output.iterdir())
    }
    return {name: in_order(table) if name == "meetings" else table for name, table in found.items()}


def in_order(meetings: pd.DataFrame) -> pd.DataFrame:
    return meetings.sort_values(["user_id", "other_id", "started_at", "finished_at", "latitude"], ignore_index=True)


def assert_same(found: dict[str, pd.DataFrame], wanted: dict[str, pd.DataFrame]) -> None:
    assert found.keys() == wanted.keys()
    for name, table in wanted.items():
        pd.testing.assert_frame_equal(found[name], table)


def slowly(tables: Tables, tz: Zone) -> Tables:
    """A kernel that takes its time, to be killed in."""
    time.sleep(0.2)
    return people(tables, tz)


SLOW = tuple(stage._replace(kernel=slowly) if stage.kernel is people else stage for stage in engine.STAGES)


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    return make_log()


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, log: pd.DataFrame) -> Path:
    return write_log(tmp_path_factory.mktemp("engine") / "log", log)


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory, source: Path) -> dict[str, pd.DataFrame]:
    """What the engine `local` makes of the source."""
    output = tmp_path_factory.mktemp("engine") / "local"
    engine.history(source, output, tz=TZ, engine="local")
    return tables(output)


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Two workers in processes of their own, with the web page at any port."""
    local: Any = LocalCluster  # partly typed
    with local(n_workers=2, threads_per_worker=1, dashboard_address=":0") as started:
        yield started


def test_a_local_run_makes_what_one_call_makes(log: pd.DataFrame, wanted: dict[str, pd.DataFrame]) -> None:
    made = reconstruct(log, tz=TZ).tables
    made["meetings"] = in_order(meetings(made["staypoints"], after=timedelta(hours=1))[wanted["meetings"].columns])
    assert {*wanted} == {*made} - {"positionfixes"}
    assert len(made["meetings"]) > len(log) / 10
    for name, table in wanted.items():
        lists = table.columns.intersection(["requests"])
        pd.testing.assert_frame_equal(table.drop(columns=lists), made[name].drop(columns=lists))
        for column in lists:
            assert table[column].map(list).tolist() == made[name][column].tolist()


def test_all_cores_make_the_same_in_many_parts(
    tmp_path: Path, source: Path, wanted: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "BYTES_PER_ROW", MANY)
    counts = engine.history(source, tmp_path / "parallel", tz=TZ, engine="parallel", memory_bytes=MEMORY)
    found = tables(tmp_path / "parallel")
    assert_same(found, wanted)
    assert counts == {name: len(table) for name, table in found.items()}
    assert len(list((tmp_path / "parallel" / "trips").iterdir())) > 10


def test_people_may_be_text_and_times_finer(tmp_path: Path, cluster: LocalCluster) -> None:
    log = make_log(text=True)
    log["place_id"] = np.where(log["latitude"] > WORK[0] - 0.01, "far", "near")
    log.loc[::7, "place_id"] = "near"  # some of them are remote
    log.loc[::5, ["latitude", "longitude"]] = np.nan
    log.loc[1::5, "place_id"] = None
    source = write_log(tmp_path / "log", log.assign(tracked_at=log["tracked_at"].astype("datetime64[ns, UTC]")))
    engine.history(source, tmp_path / "local", tz=TZ, engine="local")
    made = reconstruct(log, tz=TZ)
    assert made.positionfixes["doubt"].value_counts()["place"] > 20
    pd.testing.assert_frame_equal(tables(tmp_path / "local")["locations"], made.locations)
    pd.testing.assert_frame_equal(tables(tmp_path / "local")["places"], made.places)
    engine.history(source, tmp_path / "parallel", tz=TZ, engine="parallel")
    engine.history(source, tmp_path / "dask", tz=TZ, engine="dask", scheduler=cluster.scheduler_address)
    assert_same(tables(tmp_path / "parallel"), tables(tmp_path / "local"))
    assert_same(tables(tmp_path / "dask"), tables(tmp_path / "local"))


def test_a_cluster_loses_nothing_with_a_worker(
    tmp_path: Path,
    source: Path,
    wanted: dict[str, pd.DataFrame],
    cluster: LocalCluster,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "BYTES_PER_ROW", MANY)
    output = tmp_path / "dask"
    victim = cluster.workers[0].pid

    def kill() -> None:
        while not list(output.glob("unfinished/made/anchors/*")):
            time.sleep(0.02)
        os.kill(victim, signal.SIGKILL)

    killer = Thread(target=kill, daemon=True)
    killer.start()
    at = cluster.scheduler_address
    engine.history(source, output, tz=TZ, engine="dask", scheduler=at, memory_bytes=300 << 20, stages=SLOW)
    killer.join()
    assert cluster.workers[0].pid != victim
    assert_same(tables(output), wanted)
    assert len(list((output / "trips").iterdir())) > 10


RUN = """
if __name__ == "__main__":
    import sys
    from pathlib import Path
    import test_engine
    from scantrail import engine
    from scantrail.engine import run
    run.BYTES_PER_ROW = test_engine.MANY
    source, output = map(Path, sys.argv[1:])
    memory, stages = test_engine.MEMORY, test_engine.SLOW
    engine.history(source, output, tz=test_engine.TZ, engine="parallel", memory_bytes=memory, stages=stages)
"""


def test_a_run_that_was_killed_goes_on(
    tmp_path: Path, source: Path, wanted: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    output, script = tmp_path / "output", tmp_path / "run.py"
    script.write_text(RUN)
    command = [sys.executable, str(script), str(source), str(output)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    made = output / "unfinished" / "made" / "anchors"
    killed = subprocess.Popen(command, env=environment)
    while len(list(made.glob("*"))) < 3:
        assert killed.poll() is None
        time.sleep(0.02)
    killed.kill()
    killed.wait()
    time.sleep(1.0)  # its processes end with it
    ordered = output / "unfinished" / "ordered" / "positionfixes-by-user_id"
    done, all_parts = len(list(made.iterdir())), len(list(ordered.iterdir()))
    assert [folder.name for folder in output.iterdir()] == ["unfinished"]

    shares: list[float] = []
    monkeypatch.setattr(run, "BYTES_PER_ROW", MANY)
    engine.history(source, output, tz=TZ, engine="parallel", memory_bytes=MEMORY, progress=told("histories", shares))
    assert len(shares) - 1 == all_parts - done
    assert_same(tables(output), wanted)


def told(stage: str, shares: list[float]) -> Progress:
    """Keep the shares of one stage."""
    return lambda name, share: shares.append(share) if name == stage else None


def column(name: str, values: Any) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda log: log.assign(**{name: values(log[name])})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda log: log.drop(columns="tracked_at"), r"1\.parquet: no column tracked_at; there is user_id, latitude"),
        (lambda log: log.drop(columns="request"), r"1\.parquet: column request is absent, but integer in 0\.parquet"),
        (column("user_id", lambda user: user.astype(str)), r"1\.parquet: column user_id is text, but integer in 0"),
        (column("user_id", lambda user: user.astype(float)), r"column user_id is float; it must be integer or text"),
        (column("tracked_at", lambda at: at.dt.tz_localize(None)), r"tracked_at is timestamp without a zone; it must"),
        (
            column("user_id", lambda user: user.astype("Int64").where(user > 0)),
            r"\d+ rows of .* have no user_id",
        ),
    ],
)
def test_a_log_that_is_no_table_is_named(
    tmp_path: Path, log: pd.DataFrame, change: Callable[[pd.DataFrame], pd.DataFrame], says: str
) -> None:
    source = write_log(tmp_path / "log", log, files=1)
    change(log).to_parquet(source / "1.parquet")
    with pytest.raises(EngineError, match=says) as raised:
        engine.history(source, tmp_path / "output", tz=TZ)
    assert "\n" not in str(raised.value)


def test_what_is_no_parquet_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="holds no Parquet files"):
        engine.history(tmp_path, tmp_path / "output", tz=TZ)
    (tmp_path / "damaged.parquet").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(EngineError, match=r"damaged\.parquet cannot be read as Parquet: .*"):
        engine.history(tmp_path, tmp_path / "output", tz=TZ)
    assert not (tmp_path / "output").exists()


def test_an_engine_that_cannot_run_says_why(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_engine, "ANSWERS_WITHIN_S", 1)
    at = partial(engine.history, source, tmp_path / "output", tz=TZ)
    with pytest.raises(EngineError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        at(engine="dask", scheduler="tcp://127.0.0.1:9")
    with pytest.raises(EngineError, match="needs the address of a scheduler"):
        at(engine="dask")
    with pytest.raises(EngineError, match="a scheduler is for the engine dask, not local"):
        at(scheduler="tcp://127.0.0.1:9")
    with pytest.raises(EngineError, match="10 MB are too little for"):
        at(engine="parallel", memory_bytes=10 << 20)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(EngineError, match=r"pip install 'scantrail\[cluster\]'"):
        at(engine="dask", scheduler="tcp://127.0.0.1:9")


def test_tables_of_an_earlier_run_are_replaced_and_nothing_else(tmp_path: Path, source: Path) -> None:
    engine.history(source, tmp_path, tz=TZ)
    (tmp_path / "trips" / "part-00007.parquet").write_bytes(b"of a run with more parts")
    engine.history(source, tmp_path, tz=TZ)
    assert [part.name for part in (tmp_path / "trips").iterdir()] == ["part-00000.parquet"]
    (tmp_path / "trips" / "notes.txt").write_text("mine")
    with pytest.raises(EngineError, match="trips is there and is no table of an earlier run"):
        engine.history(source, tmp_path, tz=TZ)
    assert (tmp_path / "trips" / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("where", ["local", "parallel"])
def test_an_empty_log_makes_empty_tables(tmp_path: Path, log: pd.DataFrame, where: engine.Name) -> None:
    source = write_log(tmp_path / "log", log.head(0), files=1)
    counts = engine.history(source, tmp_path / "output", tz=TZ, engine=where)
    assert set(counts.values()) == {0}
    assert {name: list(table) for name, table in tables(tmp_path / "output").items()}.keys() == counts.keys()


def test_the_command_line_writes_tables(tmp_path: Path, source: Path, wanted: dict[str, pd.DataFrame]) -> None:
    output = tmp_path / "output"
    done = scantrail("history", str(source), "--tz", TZ, "-o", str(output), "--engine", "parallel", "--json")
    assert done.stderr == ""
    told = {line["table"]: line["rows"] for line in map(json.loads, done.stdout.splitlines())}
    assert told == {name: len(table) for name, table in wanted.items()}
    assert_same(tables(output), wanted)


def test_the_command_line_writes_the_tables_of_a_capture(tmp_path: Path) -> None:
    done = scantrail("history", str(CAPTURE), "--output", str(tmp_path / "output"))
    assert (done.returncode, done.stderr) == (0, "")
    shown = [json.loads(line) for line in scantrail("history", str(CAPTURE), "--json").stdout.splitlines()]
    for name, table in tables(tmp_path / "output").items():
        assert len(table) == sum(row["table"] == name for row in shown)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["{log}"], "say with --output"),
        (["{log}", "-o", "{new}"], "need --tz"),
        (["{log}", "-o", "{new}", "--tz", "Mars/Olympus"], "'Mars/Olympus' is not a time zone"),
        (["{log}", "-o", "{new}", "--tz", TZ, "--memory", "much"], "'much' is not a size"),
        (["{log}", "-o", "{new}", "--tz", TZ, "--engine", "dask"], "needs the address of a scheduler"),
        (["{folder}", "-o", "{new}", "--tz", TZ], "holds no Parquet files"),
        (["{folder}/nothing", "-o", "{new}", "--tz", TZ], "nothing does not exist"),
    ],
)
def test_the_command_line_says_what_is_wrong(tmp_path: Path, source: Path, words: list[str], says: str) -> None:
    done = scantrail("history", *(word.format(log=source, folder=tmp_path, new=tmp_path / "new") for word in words))
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "new").exists()
