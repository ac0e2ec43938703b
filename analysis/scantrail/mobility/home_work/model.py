"""From evidence to probabilities: which of a person's places it is, or that it is none of them.

Home is found by a conditional logit (McFadden 1974, *Conditional logit analysis of qualitative choice behavior*): each
place has a score, the weighted sum of its evidence, and so has "none of them", of how much there is to go by.

Work is found by boosted trees (Friedman 2001, *Greedy function approximation*), for whether somebody works at all shows
in how signs go together. They give the log odds of each place by itself, against which "none of them" scores 0.

In both, probabilities are the exponentials of the scores over their sum. The numbers are plain data in `weights.json`,
which `python -m tools.train_home_work` makes.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from scantrail.mobility.home_work.evidence import Bools, Evidence, Floats

WEIGHTS = Path(__file__).with_name("weights.json")
FARTHEST = 4.0  # standard deviations: beyond, nothing was learnt


class Term(NamedTuple):
    """What one number of the evidence counts: `weight` for each `scale` above `mean`."""

    mean: float
    scale: float
    weight: float


class Logit(NamedTuple):
    """Weighted sums: what speaks for a place, and what for none of them."""

    place: Mapping[str, Term]
    none: Mapping[str, Term]
    none_at_least: float

    def scores(self, found: Evidence) -> tuple[Floats, Floats]:
        """The score of each place, and of none of them for each person."""
        none = _sum(self.none, found.people, found.persons)
        return _sum(self.place, found.places, len(found.owner)), none + self.none_at_least


class Trees(NamedTuple):
    """Decision trees whose leaves add up. Nodes stand one after another; a leaf is a node that leads to itself.

    `below` and `above` are the nodes to go to when the number of that `feature` is at most the `threshold`, or more.
    """

    names: Sequence[str]
    roots: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: Floats
    below: NDArray[np.int32]
    above: NDArray[np.int32]
    value: Floats
    start: float

    def scores(self, found: Evidence) -> tuple[Floats, Floats]:
        """The score of each place, and of none of them for each person."""
        columns = [
            found.places[name] if name in found.places else found.people[name][found.owner] for name in self.names
        ]
        table = np.ascontiguousarray(np.column_stack(columns))
        score = self.start + _fall(table, self.roots, self.feature, self.threshold, self.below, self.above, self.value)
        return score, np.zeros(found.persons)


class Model(NamedTuple):
    """How home or work is told, and from which probability on it is believed."""

    by: Logit | Trees
    least_probability: float

    def probability(self, found: Evidence, possible: Bools) -> Floats:
        """The probability of each place to be the one; what the sum over a person's places lacks of 1 is for none.

        Args:
            found: the evidence.
            possible: which places may be the one.

        """
        score, none = self.by.scores(found)
        score = np.where(possible, score, -np.inf)
        top = none.copy()
        np.maximum.at(top, found.owner, score)  # exponentials of what is left do not overflow
        odds = np.exp(score - top[found.owner])
        probability: Floats = odds / (np.bincount(found.owner, odds, found.persons) + np.exp(none - top))[found.owner]
        return probability


@cache
def models() -> dict[str, Model]:
    """The models that come with the package: `home` and `work`."""
    return {purpose: from_dict(rows) for purpose, rows in json.loads(WEIGHTS.read_text("utf-8")).items()}


def from_dict(rows: Mapping[str, Any]) -> Model:
    """A model as `weights.json` has it."""
    return Model(_trees(rows) if "trees" in rows else _logit(rows), rows["least_probability"])


def _logit(rows: Mapping[str, Any]) -> Logit:
    place, none = ({name: Term(*term) for name, term in rows[of].items()} for of in ("place", "none"))
    return Logit(place, none, rows["none_at_least"])


def _trees(rows: Mapping[str, Any]) -> Trees:
    """Trees from lists of nodes: [name, threshold, below, above], or [value] for a leaf; numbered within the tree."""
    trees, sizes = rows["trees"], [len(tree) for tree in rows["trees"]]
    roots = np.cumsum([0, *sizes[:-1]])
    nodes = [(root, node) for root, tree in zip(roots.tolist(), trees, strict=True) for node in tree]
    names = sorted({node[0] for _, node in nodes if len(node) > 1})
    split = [
        (names.index(node[0]), node[1], root + node[2], root + node[3], 0.0)
        if len(node) > 1
        else (0, 0.0, at, at, *node)
        for at, (root, node) in enumerate(nodes)
    ]
    feature, threshold, below, above, value = (np.array(column) for column in zip(*split, strict=True))
    index = np.int32
    return Trees(
        names, roots.astype(index), feature.astype(index), threshold, below.astype(index), above.astype(index), value,
        rows["start"],
    )  # fmt: skip


def _sum(terms: Mapping[str, Term], values: Mapping[str, Floats], length: int) -> Floats:
    score = np.zeros(length)
    for name, (mean, scale, weight) in terms.items():
        score += weight * np.clip((values[name] - mean) / scale, -FARTHEST, FARTHEST)
    return score


@njit(cache=True)
def _fall(table, roots, feature, threshold, below, above, value):  # type: ignore[no-untyped-def]
    """The sum of the leaves that each row falls to."""
    score = np.zeros(len(table))
    for row in range(len(table)):
        for root in roots:
            node = root
            while below[node] != node:
                node = below[node] if table[row, feature[node]] <= threshold[node] else above[node]
            score[row] += value[node]
    return score
