"""Meetings: what the join costs beside DuckDB's, and what meetings between scans are worth on real movement."""

import time
from collections.abc import Callable
from functools import partial
from statistics import median

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scantrail.mobility.pairs import Presences, pairs

type Ints = NDArray[np.int64]
type Way = Callable[[], tuple[Ints, ...]]

SCANS, PEOPLE, VENUES = 5_000_000, 200_000, 20_000
HOURS, WITHIN_S, ROUNDS = 26, 600, 3
# Buckets of time make it a join by equality, which is DuckDB's fastest; each scan also looks into the next bucket.
JOIN = f"""
    select least(x.person, y.person) * {PEOPLE} + greatest(x.person, y.person) as pair
    from (select *, s // {WITHIN_S} as bucket from scans) x
    join (select *, s // {WITHIN_S} as bucket from scans union all select *, s // {WITHIN_S} - 1 from scans) y
    on x.venue = y.venue and x.bucket = y.bucket and y.s between x.s and x.s + {WITHIN_S}
    where x.person <> y.person and (x.s < y.s or x.id < y.id)
"""  # noqa: S608 - numbers of our own
COUNT = f"select pair, count(*) as times from ({JOIN}) group by pair"  # noqa: S608


def main() -> None:
    """Print both."""
    join()


def join() -> None:
    """Scans spread evenly over people, venues and a day: same venue within ten minutes."""
    chance = np.random.default_rng(1)
    person, venue = chance.integers(0, PEOPLE, SCANS), chance.integers(0, VENUES, SCANS)
    second = chance.integers(0, HOURS * 3_600, SCANS)
    print(f"meetings: {SCANS:,} scans, {PEOPLE:,} people, {VENUES:,} venues, {HOURS} h; same venue within {WITHIN_S} s")
    nowhere, at_us = np.full(SCANS, np.nan), second * 1_000_000
    seen = Presences(person, at_us, at_us, venue, nowhere, nowhere)
    begin = time.perf_counter()
    ours(seen.take(np.arange(1_000)))
    print(f"  first call of a process {time.perf_counter() - begin:.1f} s (numba, and its cache if new)")
    database = duckdb.connect()
    database.register("arrived", pa.table({"id": np.arange(SCANS), "person": person, "venue": venue, "s": second}))
    database.execute("create table scans as select * from arrived")
    print(f"  median of {ROUNDS} turns, all in memory:")
    questions: dict[str, tuple[Way, str]] = {
        "each meeting": (lambda: ours(seen), JOIN),
        "each pair, with its number of meetings": (lambda: counted(ours(seen)), COUNT),
    }
    for question, (mine, sql) in questions.items():
        peers = {f"DuckDB, {n} thread{'s'[: n - 1]}": partial(theirs, database, sql, n) for n in (1, 2)}
        compare(question, {"scantrail, 1 thread": mine, **peers})


def compare(question: str, ways: dict[str, Way]) -> None:
    """Run them in turns, so that a drift of the machine meets them alike; all must find the same."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    found = set()
    for _ in range(ROUNDS):
        for name, run in ways.items():
            begin = time.perf_counter()
            pair, *_ = run()
            seconds[name].append(time.perf_counter() - begin)
            found.add((len(pair), int(pair.sum())))
            del pair
    if len(found) != 1:
        raise ValueError(f"{question}: they differ: {found}")
    ((rows, _),) = found
    print(f"  {question}: {rows:,} rows, the same by all")
    best = median(next(iter(seconds.values())))
    for name, times in seconds.items():
        print(f"    {name:19} {median(times):6.2f} s  {median(times) / best:5.1f} x")


def ours(seen: Presences) -> tuple[Ints, ...]:
    """The pair of subjects of each meeting, as one number."""
    first, second = pairs(seen, distance_m=0.0, reach_us=WITHIN_S * 1_000_000)
    return (seen.user[first] * PEOPLE + seen.user[second],)


def counted(found: tuple[Ints, ...]) -> tuple[Ints, ...]:
    """Each pair once, and how often it is there."""
    pair = np.sort(found[0])
    first = np.flatnonzero(np.diff(pair, prepend=-1))
    return pair[first], np.diff(first, append=len(pair))


def theirs(database: duckdb.DuckDBPyConnection, sql: str, threads: int) -> tuple[Ints, ...]:
    """The same by SQL."""
    database.execute(f"set threads = {threads}")
    columns = database.execute(sql).fetchnumpy().values()
    return tuple(np.asarray(column) for column in columns)


if __name__ == "__main__":
    main()
