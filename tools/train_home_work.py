"""Trains the model for home and work: `python -m tools.train_home_work` writes `weights.json` anew.

The people are those of HoWDe (De Sojo, Lucchini, Alessandretti 2025, arXiv 2506.20679): stops at places without
coordinates, home and work annotated. They are read by path and are no part of the project. Their stops are thinned to
scans in many ways, so that one model serves sparse scans and full stops; see `benchmarks/home_work.py`, which trains on
half of the people and scores the other half.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.ensemble import GradientBoostingClassifier
from tools.gate_people import gate_people

from scantrail.mobility.home_work import read_visits
from scantrail.mobility.home_work.evidence import Evidence, evidence
from scantrail.mobility.home_work.model import FARTHEST, WEIGHTS, from_dict

DATA = Path(__file__).parents[2] / "shared" / "data" / "mobility" / "howde_dev.parquet"
LABELS = {"home": "H", "work": "W"}
_DAY_S = 86_400
_L2 = 3.0
_TREES: dict[str, Any] = {
    "n_estimators": 100,
    "learning_rate": 0.08,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 100,
    "subsample": 0.5,
    "max_features": 0.3,
    "random_state": 1,
}
_GATE_PEOPLE, _GATE_HOMES, _GATE_WORKPLACES = 1500, 0.05, 0.15  # how many, and what one weighs
_HOME_AT_LEAST = 0.35  # a tie of three decides nothing
_FALSE_WORKPLACES = 0.06  # of the people without one: well below the 15 % that are bearable


# What may speak for a home, and what may only speak against it: numbers that go together would else get signs that make
# no sense for people unlike the annotated ones.
_FOR_HOME = (
    "night hours, share", "evening hours, share", "way hours, share", "office hours, share",
    "night pauses, share", "evening pauses, share", "office pauses, share",
    "last of the day, share", "last in the evening, share", "first of the day, share", "begins or ends days, share",
    "days, log", "days, share", "weeks, log", "weeks, share", "spread of hours", "mean stay", "mean pause",
    "night hours, share, ahead", "last of the day, share, ahead", "days, share, ahead",
)  # fmt: skip
_AGAINST_HOME = (
    "office of its own hours", "office hours, share, ahead", "half days, share", "weekdays of its own days",
    "reached in the morning",
)  # fmt: skip


class Scheme(NamedTuple):
    """How stops become scans: which, how many a day, on how many days, and the share of home arrivals that is scanned.

    `moments`: any moment in sight is as likely; `stops`: any stop is, scanned as it begins; `arrivals`: likewise, with
    stops that continue at midnight as one; `full`: the stops with their durations, not thinned.
    """

    what: Literal["full", "moments", "stops", "arrivals"]
    scans_a_day: int | None = None
    days: int | None = None
    at_home: float = 1.0

    def __str__(self) -> str:
        """The scheme in words."""
        words = [self.what, f"{self.scans_a_day or 'all'} a day" if self.what != "full" else ""]
        words += [f"{self.days or 'all'} days", f"q = {self.at_home:g}" if self.at_home < 1 else ""]
        return ", ".join(filter(None, words))


TRAINED_ON: dict[Scheme, int] = {  # with how many draws of each: sparse ones tell less
    Scheme("full"): 1,
    Scheme("full", None, 28): 3,
    Scheme("moments", 3): 2,
    Scheme("stops", 3): 2,
    Scheme("moments", 3, 28): 3,
    Scheme("stops", 3, 28): 3,
    Scheme("stops", 5, 14): 3,
    Scheme("moments", 1, 28): 4,
    Scheme("moments", 1, 7): 8,
    Scheme("stops", 1, 7): 8,
    Scheme("arrivals", None, 28): 3,
    Scheme("arrivals", None, 7): 4,
    Scheme("arrivals", 3, 28): 3,
    Scheme("arrivals", 3, 28, 0.3): 3,
    Scheme("arrivals", 3, 28, 0.1): 4,
    Scheme("arrivals", 3, 28, 0.03): 4,
}

DENSE = (Scheme("full"), Scheme("moments", 3), Scheme("stops", 3))


def people(path: Path = DATA) -> pd.DataFrame:
    """The annotated stops: `user_id, location_id, start_s, finish_s` (local), `label` (H, W or O), `half` (0 or 1)."""
    stops = pd.read_parquet(path)
    person = pd.factorize(stops["useruuid"], sort=True)[0]
    place = pd.factorize(pd.MultiIndex.from_frame(stops[["useruuid", "loc"]]))[0]
    table = pd.DataFrame(
        {
            "user_id": stops["useruuid"].astype("int64"),
            "location_id": place,
            "start_s": stops["start"],
            "finish_s": stops["end"],
            "label": stops["true_location_type"],
            "half": person % 2,
        }
    )
    return table.sort_values(["user_id", "start_s", "finish_s", "location_id"], ignore_index=True)


def scans(stops: pd.DataFrame, scheme: Scheme, seed: int) -> pd.DataFrame:
    """Thin stops to scans: the same columns, with `start_s` and `finish_s` one moment unless stops stay in full."""
    rng = np.random.default_rng([seed, scheme.scans_a_day or 0, scheme.days or 0])
    stops = _window(_joined(stops) if scheme.what == "arrivals" else stops, scheme.days, rng)
    if scheme.at_home < 1:
        stops = stops[(stops["label"] != "H") | (rng.random(len(stops)) < scheme.at_home)]
    if scheme.what == "full":
        return stops
    if scheme.what == "moments":
        drawn = _moments(stops, scheme.scans_a_day or 1, rng)
    else:
        drawn = stops.assign(luck=rng.random(len(stops)), finish_s=stops["start_s"]).sort_values("luck")
        if scheme.scans_a_day:
            drawn = drawn[drawn.groupby(["user_id", "day"]).cumcount() < scheme.scans_a_day]
    return drawn.sort_values(["user_id", "start_s", "location_id"], ignore_index=True)


def _joined(stops: pd.DataFrame) -> pd.DataFrame:
    """Stops that follow each other at one place without a pause as one: they were cut at midnight."""
    before = stops.shift()
    same = (stops["user_id"] == before["user_id"]) & (stops["location_id"] == before["location_id"])
    begins = ~(same & (stops["start_s"] <= before["finish_s"]))
    ends = stops.groupby(begins.cumsum())["finish_s"].max()
    return stops[begins].assign(finish_s=ends.to_numpy())


def _window(stops: pd.DataFrame, days: int | None, rng: np.random.Generator) -> pd.DataFrame:
    """So many days of each person that follow each other among those with a stop, from a random one on."""
    stops = stops.assign(day=stops["start_s"] // _DAY_S)
    if days is None:
        return stops
    by_person = stops.groupby("user_id")["day"]
    number = by_person.rank("dense").astype(int) - 1
    spare = np.maximum(by_person.transform("nunique") - days + 1, 1)
    luck = rng.random(stops["user_id"].nunique())[pd.factorize(stops["user_id"])[0]]
    first = (luck * spare).astype(int)
    return stops[(number >= first) & (number < first + days)]


def _moments(stops: pd.DataFrame, a_day: int, rng: np.random.Generator) -> pd.DataFrame:
    """Moments drawn evenly from the time in sight of each day (Efraimidis and Spirakis 2006, once for each moment)."""
    lasts = (stops["finish_s"] - stops["start_s"]).clip(lower=60)
    draws = []
    for _ in range(a_day):
        luck = np.log(rng.random(len(stops))) / lasts
        drawn = stops.assign(luck=luck).sort_values("luck", ascending=False).drop_duplicates(["user_id", "day"])
        at = drawn["start_s"] + (rng.random(len(drawn)) * (drawn["finish_s"] - drawn["start_s"])).astype("int64")
        draws.append(drawn.assign(start_s=at, finish_s=at))
    return pd.concat(draws)


def staypoints(seen: pd.DataFrame) -> pd.DataFrame:
    """The scans by `schema.STAYPOINTS`: local times are taken for UTC."""
    started, finished = (pd.to_datetime(seen[name], unit="s", utc=True) for name in ("start_s", "finish_s"))
    return seen[["user_id", "location_id"]].assign(
        started_at=started, finished_at=finished, latitude=np.nan, longitude=np.nan
    )


class Sample(NamedTuple):
    """Evidence with the answers: the label of each place, its weight, and whether there is enough to tell work by."""

    found: Evidence
    label: NDArray[np.str_]
    weight: float
    dense: bool


def samples(stops: pd.DataFrame) -> Iterator[Sample]:
    """The evidence in all draws of all schemes; each scheme weighs the same."""
    for scheme, draws in TRAINED_ON.items():
        for seed in range(100, 100 + draws):  # others than the benchmark's
            yield _sample(scans(stops, scheme, seed), 1.0 / draws, dense=scheme in DENSE)


def _sample(seen: pd.DataFrame, weight: float, *, dense: bool = False) -> Sample:
    visits, stays = read_visits(staypoints(seen), tz="UTC")
    labels = seen.drop_duplicates("location_id").set_index("location_id")["label"]
    label = np.empty(int(visits.place.max()) + 1, dtype="<U1")
    label[visits.place] = labels.reindex(stays["location_id"])
    return Sample(evidence(visits), label, weight, dense)


def train(stops: pd.DataFrame) -> dict[str, Any]:
    """The models for home and work, as `weights.json` has them."""
    annotated, gates = list(samples(stops)), gate_people(_GATE_PEOPLE, seed=1)
    return {
        "home": _fit([*annotated, _sample(gates, _GATE_HOMES)]),
        "work": _grow([*annotated, _sample(gates, _GATE_WORKPLACES)]),
    }


class _Rows(NamedTuple):
    """Places of all samples: their evidence, whether they are workplaces, whose they are and what they weigh."""

    table: NDArray[np.float64]
    right: NDArray[np.bool_]
    owner: NDArray[np.int64]
    fold: NDArray[np.int64]
    dense: NDArray[np.bool_]
    weight: NDArray[np.float64]

    def where(self, which: NDArray[np.bool_]) -> "_Rows":
        chosen: list[Any] = [column[which] for column in self]
        return _Rows(*chosen)

    def grown(self) -> GradientBoostingClassifier:
        """Trees that tell workplaces from all others."""
        return GradientBoostingClassifier(**_TREES).fit(self.table, self.right, self.weight)


def _grow(every: Sequence[Sample]) -> dict[str, Any]:
    """Boost trees for workplaces."""
    rows = _rows(every)
    grown = rows.grown()
    names = [*every[0].found.places, *every[0].found.people]
    share = np.average(rows.right, weights=rows.weight)
    return {
        "least_probability": _least(rows),
        "start": float(np.log(share / (1 - share))),
        "trees": [_nodes(tree.tree_, names) for tree in grown.estimators_[:, 0]],
    }


def _rows(every: Sequence[Sample]) -> _Rows:
    columns = []
    first = 0
    for sample in every:
        found, number = sample.found, len(sample.label)
        columns.append(
            (
                np.column_stack(_columns(found)),
                sample.label == LABELS["work"],
                found.owner + first,
                found.owner % 2,
                np.full(number, sample.dense),
                np.full(number, sample.weight),
            )
        )
        first += found.persons
    several = np.concatenate([sample.found.counts["days"] for sample in every]) > 1
    joined: list[Any] = [np.concatenate(column) for column in zip(*columns, strict=True)]
    return _Rows(*joined).where(several)


def _least(rows: _Rows) -> float:
    """The probability above which few enough people without a workplace are given one.

    Each half of the people is judged by trees grown on the other.

    """
    idle = []
    for fold in (0, 1):
        judged = rows.where(rows.dense & (rows.fold == fold))
        odds = np.exp(rows.where(rows.fold != fold).grown().decision_function(judged.table))
        owner = np.unique(judged.owner, return_inverse=True)[1]
        probability = odds / (1.0 + np.bincount(owner, odds))[owner]
        best = np.zeros(owner.max() + 1)
        np.maximum.at(best, owner, probability)
        idle.append(best[np.bincount(owner, judged.right) == 0])
    return round(float(np.quantile(np.concatenate(idle), 1.0 - _FALSE_WORKPLACES)), 2)


def _columns(found: Evidence) -> list[NDArray[np.float64]]:
    return [*found.places.values(), *(values[found.owner] for values in found.people.values())]


def _nodes(tree: Any, names: Sequence[str]) -> list[list[Any]]:
    """A tree's nodes: [name, threshold, below, above], or [value] for a leaf."""
    rate = _TREES["learning_rate"]
    splits = zip(
        tree.feature, tree.threshold, tree.children_left, tree.children_right, tree.value[:, 0, 0], strict=True
    )
    return [
        [float(value) * rate] if below < 0 else [names[feature], float(threshold), int(below), int(above)]
        for feature, threshold, below, above, value in splits
    ]


def _fit(every: Sequence[Sample]) -> dict[str, Any]:
    """Fit a conditional logit for homes by maximum likelihood, large weights made dear."""
    people_n = [sample.found.persons for sample in every]
    before = np.cumsum([0, *people_n])
    owner = np.concatenate([sample.found.owner + first for sample, first in zip(every, before, strict=False)])
    right = np.concatenate([sample.label == LABELS["home"] for sample in every])
    weight = np.repeat([sample.weight for sample in every], people_n)
    names = (*_FOR_HOME, *_AGAINST_HOME)
    place, place_scaling = _scaled([{name: sample.found.places[name] for name in names} for sample in every])
    none, none_scaling = _scaled([sample.found.people for sample in every])
    none = np.column_stack([none, np.ones(len(none))])
    split, known = place.shape[1], np.bincount(owner, right) > 0
    dear = np.append(np.full(split + none.shape[1] - 1, _L2), 0.0)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds, none_odds = np.exp(place @ weights[:split]), np.exp(none @ weights[split:])
        total = np.bincount(owner, odds) + none_odds
        true = np.where(known, np.bincount(owner, odds * right), none_odds)
        place_slope = odds * ((weight / total)[owner] - right * (weight / true)[owner])
        none_slope = weight * (none_odds / total - ~known)
        slope = np.append(place_slope @ place, none_slope @ none) + 2.0 * dear * weights
        return float(weight @ np.log(total / true) + dear @ weights**2), slope

    signs = [(0.0, None)] * len(_FOR_HOME) + [(None, 0.0)] * len(_AGAINST_HOME) + [(None, None)] * none.shape[1]
    started = np.zeros(len(signs))
    weights = minimize(loss, started, jac=True, method="L-BFGS-B", bounds=signs, options={"maxiter": 500}).x
    return {
        "least_probability": _HOME_AT_LEAST,
        "place": {name: [*scaling, w] for (name, scaling), w in zip(place_scaling.items(), weights, strict=False)},
        "none": {
            name: [*scaling, w] for (name, scaling), w in zip(none_scaling.items(), weights[split:], strict=False)
        },
        "none_at_least": float(weights[-1]),
    }


def _scaled(rows: Sequence[Mapping[str, NDArray[np.float64]]]) -> tuple[NDArray[np.float64], dict[str, list[float]]]:
    """The numbers with mean 0 and deviation 1, and what they were scaled by."""
    values = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
    scaling = {name: [float(column.mean()), float(column.std())] for name, column in values.items()}
    columns = [(values[name] - mean) / scale for name, (mean, scale) in scaling.items()]
    return np.clip(np.column_stack(columns), -FARTHEST, FARTHEST), scaling


def _written(model: dict[str, Any]) -> str:
    """The model as text, four digits, one term a line."""
    rounded = json.loads(json.dumps(model), parse_float=lambda text: float(f"{float(text):.4g}"))
    lines = json.dumps(rounded, indent=1)
    return lines.replace("[\n   ", "[").replace(",\n    ", ", ").replace("\n   ]", "]") + "\n"


def main() -> None:
    """Write the weights, trained on everybody."""
    model = train(people())
    for rows in model.values():
        from_dict(rows)
    WEIGHTS.write_text(_written(model), "utf-8")
    sys.stdout.write(f"{WEIGHTS} is new\n")


if __name__ == "__main__":
    main()
