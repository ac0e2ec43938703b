"""Fit what `scantrail.mobility.presence` weighs with: `python -m benchmarks.presence.fit` writes the shipped weights.

Each of some thousand truths (a person, a way of scanning, a slot) gives a row for each candidate place, which was right
or wrong. People are weighed alike: each gives as many slots.
"""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from benchmarks.presence import geolife
from benchmarks.presence.gates import gates
from benchmarks.presence.geolife import REGIMES, TZ, Regime
from benchmarks.shared import shared
from scantrail import geo
from scantrail.mobility.presence.features import candidates
from scantrail.mobility.presence.forest import Forest
from scantrail.mobility.presence.model import NEAR_M, REGION, Model, place, region_features
from scantrail.mobility.presence.scans import Scans, gather, local_hours

SEED = 11  # not one of those that are scored
LEAST_DAYS = 3
SLOTS_A_PERSON = 300
GATE_PEOPLE = 200
# The scored ways of scanning and some between them, so that no single rate is learnt by heart.
_REGIMES = (
    *REGIMES,
    *(Regime("random", k, f"random, {k} a day") for k in (4, 7)),
    *(Regime("arrival", share, f"on arrival, {share}") for share in (0.2, 0.47, 0.88)),
)
_TREES: dict[str, Any] = {"learning_rate": 0.06, "l2_regularization": 5.0, "random_state": 0, "early_stopping": False}


class Asked:
    """Scans of some people, and slots of theirs whose truth is known."""

    def __init__(self, truth: pd.DataFrame, fixes: pd.DataFrame, seed: int, slots_a_person: int) -> None:
        """Draw the slots; people without a scan are left out."""
        self.fixes = fixes
        self.scans: Scans = gather(fixes, TZ)
        shuffled = truth.sample(frac=1, random_state=seed)
        some = shuffled[shuffled["user_id"].isin(self.scans.users)].groupby("user_id").head(slots_a_person)
        self.truth = some.sort_values(["user_id", "slot"], ignore_index=True)
        self.user = self.scans.users.get_indexer(pd.Index(self.truth["user_id"]))
        self.at_h = local_hours(geolife.times(self.truth["slot"]), TZ)

    def off_m(self, chosen: np.ndarray) -> np.ndarray:
        """How far each candidate is from the truth, in metres; -1 stands for none, and is endlessly far."""
        lat, lon = (self.truth[name].to_numpy()[:, None] for name in ("latitude", "longitude"))
        there = geo.distance_m(self.scans.place_latitude[chosen], self.scans.place_longitude[chosen], lat, lon)
        return np.where(chosen >= 0, there, np.inf)


def asked(truth: pd.DataFrame, regime: Regime, seed: int, slots_a_person: int) -> Asked:
    """Scans drawn from the truth."""
    drawn = geolife.scans(truth, regime, seed)
    fixes = drawn.assign(tracked_at=geolife.times(drawn["slot"])).drop(columns="slot")
    return Asked(truth, fixes, seed, slots_a_person)


def halves(truth: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split the people in two."""
    people = np.random.default_rng(SEED).permutation(np.sort(truth["user_id"].unique()))
    first = truth["user_id"].isin(people[::2])
    return truth[first].reset_index(drop=True), truth[~first].reset_index(drop=True)


def fit(truth: pd.DataFrame, *, at_gates: bool = False) -> tuple[Model, pd.DataFrame, pd.DataFrame]:
    """Fit a model; the two tables are its forests, as `Forest.of` reads them.

    One for people at gates learns from made-up ones, too: they make what is said of real people of whom few scans were
    drawn worse (48.9 % for 50.3 at one scan a day), and so have a model of their own.

    The radius is fitted to answers about people whom the trees behind the answer had not seen: about others they are
    too sure.
    """
    one, other = halves(truth)
    of_regions = [
        *chain.from_iterable(
            _regions(_taught(seen, at_gates, SEED + 1), Forest.of(_places(_taught(unseen, at_gates))))
            for seen, unseen in ((one, other), (other, one))
        )
    ]
    regions = _nodes(
        HistGradientBoostingRegressor(
            loss="quantile", quantile=REGION, max_iter=150, max_leaf_nodes=12, min_samples_leaf=300, **_TREES
        ).fit(*map(np.concatenate, zip(*of_regions, strict=True)))
    )
    places = _places(_taught(truth, at_gates))
    return Model(Forest.of(places), Forest.of(regions)), places, regions


def _taught(truth: pd.DataFrame, at_gates: bool, gates_seed: int = SEED) -> Iterator[Asked]:
    """What is learnt from: the scans of real people drawn in many ways, and perhaps made-up people at gates."""
    yield from (asked(truth, regime, SEED, SLOTS_A_PERSON) for regime in _REGIMES)
    if at_gates:
        yield Asked(*gates(GATE_PEOPLE, gates_seed), SEED, SLOTS_A_PERSON)


def _places(taught: Iterable[Asked]) -> pd.DataFrame:
    features, right = [], []
    for of in taught:
        chosen, described = candidates(of.user, of.at_h, of.scans.columns)
        there = chosen >= 0
        features.append(described[there])
        right.append(of.off_m(chosen)[there] < NEAR_M)
    trees = HistGradientBoostingClassifier(
        max_iter=200, max_leaf_nodes=24, min_samples_leaf=200, max_features=0.5, **_TREES
    )
    return _nodes(trees.fit(np.concatenate(features), np.concatenate(right)))


def _regions(taught: Iterable[Asked], places: Forest) -> list[tuple[np.ndarray, np.ndarray]]:
    rows = []
    for of in taught:
        chosen, features = candidates(of.user, of.at_h, of.scans.columns)
        placed = place(of.scans, of.user, of.at_h, Model(places, _ANY_REGION))
        rank = np.argmax(chosen == placed.place[:, :1], axis=1)
        best = features[np.arange(len(rank)), rank]
        off_m = of.off_m(placed.place[:, :1])[:, 0]
        rows.append((region_features(of.scans, placed.place, placed.probability, best), np.log(off_m + 1.0)))
    return rows


_ANY_REGION = Forest.of(pd.DataFrame({"tree": [-1], "feature": [-1], "threshold": [0.0], "left": [0], "right": [0]}))


def _nodes(fitted: Any) -> pd.DataFrame:
    """The trees of scikit-learn as a table."""
    (base,) = np.ravel(fitted._baseline_prediction)
    tables = [pd.DataFrame({"tree": [-1], "feature": [-1], "threshold": [float(base)], "left": [0], "right": [0]})]
    first = 0
    for number, (tree,) in enumerate(fitted._predictors):
        nodes = tree.nodes
        leaf = nodes["is_leaf"].astype(bool)
        tables.append(
            pd.DataFrame(
                {
                    "tree": number,
                    "feature": np.where(leaf, -1, nodes["feature_idx"]).astype(np.int16),
                    "threshold": np.where(leaf, nodes["value"], nodes["num_threshold"]),
                    "left": np.where(leaf, 0, nodes["left"] + first).astype(np.int32),
                    "right": np.where(leaf, 0, nodes["right"] + first).astype(np.int32),
                }
            )
        )
        first += len(nodes)
    return pd.concat(tables, ignore_index=True)


def main() -> None:
    """Fit to all people, and write what is shipped."""
    truth = geolife.slots(shared("mobility/geolife_dev.parquet"), LEAST_DAYS)
    folder = Path(str(files("scantrail.mobility.presence")))
    for prefix, at_gates in (("", False), ("gates_", True)):
        _, places, regions = fit(truth, at_gates=at_gates)
        for name, nodes in ((f"{prefix}place", places), (f"{prefix}region", regions)):
            nodes.to_parquet(folder / f"{name}.parquet", compression="zstd", index=False)
            print(f"{name}: {nodes['tree'].max() + 1} trees, {len(nodes)} nodes")


if __name__ == "__main__":
    main()
