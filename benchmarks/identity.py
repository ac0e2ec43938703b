"""Identity: changed identifiers followed by behaviour alone, on real movement; and what a join of identifiers costs.

Protocol: each person's fixes get a new identifier at the end of every period of so many days, counted from the first
fix (Foursquare: all check-ins, 120 days; Geolife: three random fixes a day, 28 days). The true successor is the same
person's next identifier with any fix; a later one counts as wrong. People are split in halves: `fit` uses every
other person, the table is of the others, each half being the whole population of its own run. The naive
baseline links each identifier to the later one with the most cells in common (Jaccard), if any.
"""

import sys
import time
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from benchmarks.shared import shared
from scantrail.mobility.pseudonyms import (
    FEATURES,
    NONE,
    WEIGHTS,
    Pairs,
    calibrated,
    candidates,
    cells,
    follow,
    mutual,
    probabilities,
)
from scantrail.schema import POSITIONFIXES
from scantrail.subjects.components import components

SEED = 1
EDGES = 10_000_000
HALVES = {"fitted on": 0, "scored on": 1}


class Data(NamedTuple):
    """One data set: its name, the zone of its hours, fixes with the true person as user_id, and the period."""

    name: str
    tz: str
    fixes: pd.DataFrame
    days: int


def foursquare() -> Data:
    """All check-ins in New York."""
    rows = pd.read_parquet(shared("mobility/foursquare_nyc_checkins.parquet"))
    rows = rows.merge(pd.read_parquet(shared("mobility/foursquare_nyc_venues.parquet")), on="poi")
    at = pd.Timestamp("2012-04-03 18:00", tz="UTC") + pd.to_timedelta(rows["t_min"], unit="min")
    frame = {
        "user_id": rows["user"].astype("int64"),
        "tracked_at": at,
        "latitude": rows["lat"],
        "place_id": rows["poi"],
    }
    return Data("Foursquare", "America/New_York", pd.DataFrame({**frame, "longitude": rows["lon"]}), 120)


def geolife() -> Data:
    """Three random fixes of each person and local day."""
    rows = pd.read_parquet(shared("mobility/geolife_dev.parquet"))
    rows = rows[rows["t"] > pd.Timestamp("2007-01-01").timestamp()]
    rows = rows.sample(frac=1.0, random_state=SEED)
    rows = rows.groupby([rows["user"], (rows["t"] + 8 * 3600) // 86400]).head(3)
    at = pd.to_datetime(rows["t"], unit="s", utc=True)
    frame = {"user_id": rows["user"].astype("int64"), "tracked_at": at, "latitude": rows["lat_e6"] / 1e6}
    return Data("Geolife", "Asia/Shanghai", pd.DataFrame({**frame, "longitude": rows["lon_e6"] / 1e6}), 28)


def changed(data: Data, half: int) -> tuple[pd.DataFrame, dict[int, int]]:
    """The fixes of half of the people under changing identifiers, and the true successor of each that has one."""
    fixes = data.fixes[pd.factorize(data.fixes["user_id"], sort=True)[0] % 2 == half]
    since = fixes["tracked_at"] - fixes.groupby("user_id")["tracked_at"].transform("min")
    names = pd.MultiIndex.from_arrays([fixes["user_id"], since.dt.days // data.days])
    known = names.unique()
    order = np.random.default_rng(SEED).permutation(len(known))  # identifiers say nothing of whose they are
    number = dict(zip(known, order.tolist(), strict=True))
    ordered = sorted(number)
    true = {number[a]: number[b] for a, b in pairwise(ordered) if a[0] == b[0]}
    return fixes.assign(user_id=names.map(number).astype("int64")), true


def is_true(pairs: Pairs, true: dict[int, int]) -> np.ndarray:
    """Whether each pair is the true one."""
    successor = pd.Series(pairs.subjects[pairs.predecessor]).map(true).to_numpy()
    return np.asarray(successor == pairs.subjects[pairs.successor].to_numpy())


def fit(everything: list[tuple[Pairs, np.ndarray]]) -> np.ndarray:
    """Weights and `NONE` at which the pairs are likeliest (cross-entropy), either data set weighing the same."""

    def loss(values: np.ndarray) -> float:
        total = 0.0
        for pairs, right in everything:
            chance = np.clip(probabilities(pairs, values[:-1], values[-1]), 1e-12, 1 - 1e-12)
            total -= np.where(right, np.log(chance), np.log1p(-chance)).sum() / right.sum()
        return total + 1e-3 * float(values @ values)

    return np.asarray(minimize(loss, np.array([*WEIGHTS, NONE]), method="L-BFGS-B").x)


def calibrate(everything: list[tuple[Pairs, np.ndarray]], values: np.ndarray) -> np.ndarray:
    """Slope and intercept at which the links that these weights make are likeliest."""
    made = []
    for pairs, right in everything:
        chance = probabilities(pairs, values[:-1], values[-1])
        best = mutual(pairs, chance)
        made.append((chance[best], right[best]))

    def loss(line: np.ndarray) -> float:
        sure = [(np.clip(calibrated(chance, *line), 1e-12, 1 - 1e-12), right) for chance, right in made]
        return -sum(float(np.where(right, np.log(chance), np.log1p(-chance)).mean()) for chance, right in sure)

    return np.asarray(minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead").x)


def naive(pairs: Pairs, fixes: pd.DataFrame) -> dict[int, int]:
    """The later identifier with the largest Jaccard index of cells."""
    user, (cell, _) = pairs.subjects.get_indexer(pd.Index(fixes["user_id"])), cells(POSITIONFIXES.frame(fixes))
    seen = csr_array((np.ones(len(fixes)), (user, cell))).astype(bool).astype(np.int64)
    many = np.asarray(seen.sum(axis=1)).ravel()
    shared = np.asarray(seen[pairs.predecessor].multiply(seen[pairs.successor]).sum(axis=1)).ravel()
    index = shared / (many[pairs.predecessor] + many[pairs.successor] - shared)
    frame = pd.DataFrame({"one": pairs.predecessor, "other": pairs.successor, "index": index})
    best = frame.sort_values(["one", "index", "other"]).drop_duplicates("one", keep="last")
    return dict(zip(pairs.subjects[best["one"]], pairs.subjects[best["other"]], strict=True))


def row(name: str, links: dict[int, int], true: dict[int, int], note: str) -> None:
    """Print how much of the truth was found, and how much of what was found is right."""
    right = sum(true.get(one) == other for one, other in links.items())
    print(f"{name:32} {len(true):6} {100 * right / len(true):6.1f} {100 * right / max(len(links), 1):6.1f}  {note}")


def behaviour() -> None:
    """Links at p ≥ 0.5 beside the naive ones, on people that nothing was fitted on."""
    print(f"\nidentity: changed identifiers followed by behaviour alone, seed {SEED}, in %")
    print(f"{'':32} {'links':>6} {'found':>6} {'right':>6}  calibration: mean probability and share right")
    for data in (foursquare(), geolife()):
        fixes, true = changed(data, HALVES["scored on"])
        links = follow(fixes, tz=data.tz, at_least=0.01)
        links["right"] = [true.get(a) == b for a, b in zip(links["predecessor"], links["successor"], strict=True)]
        bins = links.groupby(pd.cut(links["probability"], [0, 0.25, 0.5, 0.75, 0.9, 1]), observed=True)
        means = bins[["probability", "right"]].mean().to_numpy()
        sure = links[links["probability"] >= 0.5]
        note = ", ".join(f"{p:.2f}: {r:.2f}" for p, r in means)
        row(data.name, dict(zip(sure["predecessor"], sure["successor"], strict=True)), true, note)
        row(f"{data.name}, naive", naive(candidates(fixes, tz=data.tz), fixes), true, "")


def join() -> None:
    """Connected components beside scipy's."""
    random = np.random.default_rng(SEED)
    count = EDGES // 2
    left, right = random.integers(0, count, (2, EDGES))
    components(left[:2], right[:2], count)  # compiles
    started = time.perf_counter()
    components(left, right, count)
    ours = time.perf_counter() - started
    started = time.perf_counter()
    connected_components(coo_array((np.ones(EDGES, np.int8), (left, right)), shape=(count, count)), directed=False)
    peer = time.perf_counter() - started
    print(f"\nidentity: components of {EDGES:,} random pairs of {count:,} identifiers, millions of pairs a second")
    print(f"Scantrail {EDGES / ours / 1e6:.1f}   scipy {EDGES / peer / 1e6:.1f}")


def main() -> None:
    """Print both; with `fit` as an argument, print weights for `scantrail.mobility.pseudonyms` instead."""
    join()
    behaviour()


if __name__ == "__main__":
    if sys.argv[1:] == ["fit"]:
        halves = [(data.tz, *changed(data, HALVES["fitted on"])) for data in (foursquare(), geolife())]
        found = [(pairs := candidates(fixes, tz=tz), is_true(pairs, true)) for tz, fixes, true in halves]
        values = fit(found)
        print(dict(zip((*FEATURES, "none"), values.round(2).tolist(), strict=True)))
        print("calibration", calibrate(found, values).round(2).tolist())
    else:
        main()
