"""Meetings: what the join costs beside DuckDB's, and what meetings between scans are worth on real movement.

Worth: scans are drawn from Geolife, and pairs of people ranked by how many meetings are expected of them (the sum of
the probabilities); the baseline counts coincidences within 100 m and 30 minutes, and believes two. Truth are the pairs
who spent at least three ten-minute slots within 100 m of one another, whoever was scanned. Uploads of one track under
two ids are taken out beforehand.

How long people stay is learned from random scans, without the truth; for scans on arrival it is the default of 8 h.
That, the longest pause to learn from and the least probability were chosen among a few each, having seen these people:
three sets of pairs that share none (both of one half of the people, both of the other, one of each) chose alike. The
baseline gets more: among windows of 0.5 to 8 h, the one that the truth says is the best for it.
"""

import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from statistics import median

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.presence import geolife
from benchmarks.shared import shared
from scantrail import geo
from scantrail.mobility.meetings import meetings, stay_time
from scantrail.mobility.pairs import Presences, pairs

type Ints = NDArray[np.int64]
type Way = Callable[[], tuple[Ints, ...]]

NEAR_M, LEAST_SLOTS = 100.0, 3
NAIVE = timedelta(minutes=30)
WINDOWS = tuple(timedelta(hours=hours) for hours in (0.5, 1, 2, 4, 8))
NAIVE_COUNT = 2
LEAST = 0.02  # a pair may meet in many improbable meetings
BINS = (0.1, 0.3, 0.5, 0.7, 0.9, 1.01)
PAIR = ["user_id", "other_id"]
SCANS, PEOPLE, VENUES = 5_000_000, 200_000, 20_000
HOURS, WITHIN_S, ROUNDS = 26, 600, 3
# By venue and time, as one would write it; and by buckets of time, which make it a join by equality: DuckDB's fastest.
PLAIN = f"""
    select least(x.person, y.person) * {PEOPLE} + greatest(x.person, y.person) as pair
    from scans x join scans y on x.venue = y.venue and y.s between x.s and x.s + {WITHIN_S}
    where x.person <> y.person and (x.s < y.s or x.id < y.id)
"""  # noqa: S608 - numbers of our own
JOIN = f"""
    select least(x.person, y.person) * {PEOPLE} + greatest(x.person, y.person) as pair
    from (select *, s // {WITHIN_S} as bucket from scans) x
    join (select *, s // {WITHIN_S} as bucket from scans union all select *, s // {WITHIN_S} - 1 from scans) y
    on x.venue = y.venue and x.bucket = y.bucket and y.s between x.s and x.s + {WITHIN_S}
    where x.person <> y.person and (x.s < y.s or x.id < y.id)
"""  # noqa: S608
COUNT = f"select pair, count(*) as times from ({JOIN}) group by pair"  # noqa: S608


def main() -> None:
    """Print both."""
    join()
    worth()


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
    print(f"  median of {ROUNDS} turns in memory, seconds and seconds of processor; DuckDB joins by buckets of time:")
    questions: dict[str, tuple[Way, str]] = {
        "each meeting": (lambda: ours(seen), JOIN),
        "each pair, with its number of meetings": (lambda: counted(ours(seen)), COUNT),
    }
    for question, (mine, sql) in questions.items():
        peers = {f"DuckDB, {n} thread{'s'[: n - 1]}": partial(theirs, database, sql, n) for n in (1, 2)}
        compare(question, {"scantrail, 1 thread": mine, **peers}, ROUNDS)
    plain = {"scantrail, 1 thread": lambda: ours(seen), "DuckDB, 2 threads": lambda: theirs(database, PLAIN, 2)}
    compare("each meeting, but DuckDB by plain SQL, one turn", plain, 1)


def compare(question: str, ways: dict[str, Way], rounds: int) -> None:
    """Run them in turns, so that a drift of the machine meets them alike; all must find the same."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    of_processor: dict[str, list[float]] = {name: [] for name in ways}
    found = set()
    for _ in range(rounds):
        for name, run in ways.items():
            begin, processor = time.perf_counter(), time.process_time()
            pair, *_ = run()
            seconds[name].append(time.perf_counter() - begin)
            of_processor[name].append(time.process_time() - processor)
            found.add((len(pair), int(pair.sum())))
            del pair
    if len(found) != 1:
        raise ValueError(f"{question}: they differ: {found}")
    ((rows, _),) = found
    print(f"  {question}: {rows:,} rows, the same by all")
    best, *_ = (median(times) for times in of_processor.values())
    for name, times in of_processor.items():
        print(f"    {name:19} {median(seconds[name]):6.2f} s, {median(times):6.2f} s {median(times) / best:5.1f} x")


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


def worth() -> None:
    """How well pairs who met are told from others."""
    truth = geolife.slots(shared("mobility/geolife_dev.parquet"), 1)
    shared_slots = together(truth)
    met = shared_slots.groupby(PAIR).size()
    met = met[met >= LEAST_SLOTS]
    print(
        f"  Geolife: {truth['user_id'].nunique()} people in Beijing, of whom {len(met)} pairs spent {LEAST_SLOTS} slots"
    )
    print(
        f"  or more within {NEAR_M:.0f} m; mean of seeds {', '.join(map(str, geolife.SEEDS))} (lowest to highest), in %"
    )
    print(f"    {'':16}  {'naive':>32}  {'scantrail at its recall, precision':>34}  {'average precision':>49}")
    heads = ("right", "found", "right", "found", "naive", "naive, best", "scantrail", "best")
    print(f"    {'scans':16}  {'  '.join(head.rjust(15) for head in heads[:-1])}  {heads[-1]}")
    events = []
    for regime in geolife.REGIMES:
        rows: list[tuple[float, ...]] = []
        for seed in geolife.SEEDS:
            counted, expected, event = ranked(geolife.scans(truth, regime, seed), regime)
            rows.append(scored(counted, expected, met.index))
            events.append(event.assign(true=happened(event, shared_slots, truth), random=regime.kind == "random"))
        *rules, own = zip(*rows, strict=True)
        windows = rules[-len(WINDOWS) :]
        best = max(range(len(WINDOWS)), key=lambda window: float(np.mean(windows[window])))
        columns = (*rules[: -len(WINDOWS)], windows[WINDOWS.index(NAIVE)], windows[best], own)
        within = f"{WINDOWS[best] / timedelta(hours=1):g} h"
        print(f"    {regime.label:16}  {'  '.join(map(spread, columns))}  {within:>4}", flush=True)
    calibration(pd.concat(events))


def together(truth: pd.DataFrame) -> pd.DataFrame:
    """The slots in which two people are near one another."""
    columns = truth[["user_id", "slot", "latitude", "longitude"]]
    both = columns.merge(columns.rename(columns={"user_id": "other_id"}), on="slot")
    both = both[both["user_id"] < both["other_id"]]
    apart_m = geo.distance_m(both["latitude_x"], both["longitude_x"], both["latitude_y"], both["longitude_y"])
    return both.loc[apart_m <= NEAR_M, [*PAIR, "slot"]]


def ranked(scans: pd.DataFrame, regime: geolife.Regime) -> tuple[list[pd.Series], pd.Series, pd.DataFrame]:
    """Each pair's coincidences, by window; each pair's expected meetings, and these with the slots of the two scans."""
    at = geolife.times(scans["slot"])
    stays = scans.assign(started_at=at, finished_at=at)
    coincidences = [meetings(stays, distance_m=NEAR_M, within=window).groupby(PAIR).size() for window in WINDOWS]
    if regime.kind == "random":
        mean = stay_time(stays, distance_m=NEAR_M)
        found = meetings(stays, distance_m=NEAR_M, after=mean, before=mean, least=LEAST)
    else:
        found = meetings(stays, distance_m=NEAR_M, least=LEAST)
    slots = (scans["slot"].to_numpy()[found[name]] for name in ("staypoint_id", "other_staypoint_id"))
    found["one"], found["other"] = slots
    return coincidences, found.groupby(PAIR)["probability"].sum(), found


def scored(windows: list[pd.Series], expected: pd.Series, met: pd.Index) -> tuple[float, ...]:
    """In %: precision and recall of the naive rule, ours at its recall or precision; average precisions, ours last."""
    counted = windows[WINDOWS.index(NAIVE)]
    believed = counted[counted >= NAIVE_COUNT]
    hits = int(believed.index.isin(met).sum())
    ranking = hits_in_order(expected, met)
    enough = np.searchsorted(ranking, hits)  # the shortest list that finds as many
    right = hits / (enough + 1) if enough < len(ranking) else np.nan
    precision, recall = hits / len(believed), hits / len(met)
    as_right = ranking / np.arange(1, len(ranking) + 1) >= precision
    found = ranking[as_right].max(initial=0) / len(met)
    averages = (average(score, met) for score in (*windows, expected))
    return tuple(100 * x for x in (precision, recall, right, found, *averages))


def hits_in_order(score: pd.Series, met: pd.Index) -> Ints:
    """How many of the first 1, 2, … pairs met; of equal ones, those who did not come first."""
    hit = score.index.isin(met)
    return np.asarray(np.cumsum(hit[np.lexsort((hit, -score.to_numpy()))]))


def average(score: pd.Series, met: pd.Index) -> float:
    """Average precision; pairs who met and are not ranked count as never found."""
    hits = hits_in_order(score, met)
    new = np.diff(hits, prepend=0) > 0
    return float((hits / np.arange(1, len(hits) + 1))[new].sum() / len(met))


def happened(found: pd.DataFrame, shared_slots: pd.DataFrame, truth: pd.DataFrame) -> pd.Series:
    """Whether both were there at once between the two scans; missing, where either was out of sight in between."""
    low, high = found[["one", "other"]].min(axis=1), found[["one", "other"]].max(axis=1)
    row = np.repeat(np.arange(len(found)), high - low + 1)
    slot = low.to_numpy()[row] + np.arange(len(row)) - np.searchsorted(row, row)
    steps = found[PAIR].iloc[row].assign(row=row, slot=slot)
    near = steps.merge(shared_slots, on=[*PAIR, "slot"])["row"].unique()
    seen = truth[["user_id", "slot"]]
    both = steps.merge(seen, on=["user_id", "slot"]).merge(
        seen.rename(columns={"user_id": "other_id"}), on=["other_id", "slot"]
    )
    looked_at = np.bincount(both["row"], minlength=len(found)) == high - low + 1
    result = pd.Series(np.isin(np.arange(len(found)), near), index=found.index).astype(float)
    return result.where(looked_at)


def calibration(found: pd.DataFrame) -> None:
    """How often meetings of a probability happened, pairs weighed alike, since some move together all day.

    Where people were out of sight between the two scans, nobody knows: never counted as meetings they give the least,
    left out (those in sight are rather those who stay) the most.
    """
    print("  were they there at once? said: truth at least to at most (pairs)")
    bins = pd.cut(found["probability"], BINS, right=False)
    bounds = found.assign(least=found["true"].fillna(0.0)).rename(columns={"true": "most", "probability": "said"})
    of_pair = bounds.groupby(["random", bins, *PAIR], observed=True)[["said", "least", "most"]].mean()
    for kind, rows in of_pair.groupby(level=0):
        table = rows.groupby(level=1, observed=True).agg({"said": ["mean", "size"], "least": "mean", "most": "mean"})
        cells = (
            f"{said:.2f}: {least:.2f} to {most:.2f} ({n:.0f})" for said, n, least, most in table.to_numpy().tolist()
        )
        print(f"    {'random scans' if kind else 'on arrival'}  {', '.join(cells)}")


def spread(values: Iterable[float]) -> str:
    """Mean, lowest and highest."""
    of_seeds = np.array(list(values))
    return f"{np.nanmean(of_seeds):5.1f} ({np.nanmin(of_seeds):.0f}-{np.nanmax(of_seeds):.0f})".rjust(15)


if __name__ == "__main__":
    main()
