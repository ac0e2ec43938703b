"""From evidence to probabilities: which of a person's places is it, or is it none of them?

A conditional logit (McFadden 1974, *Conditional logit analysis of qualitative choice behavior*): each place has a score,
the weighted sum of its evidence; "none of them" has one, the weighted sum of how much there is to go by; probabilities
are the exponentials of the scores over their sum. The weights are plain numbers in `weights.json`, which
`python -m tools.train_home_work` makes from annotated people.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scantrail.mobility.home_work.evidence import Bools, Evidence, Floats

WEIGHTS = Path(__file__).with_name("weights.json")
_FARTHEST = 4.0  # standard deviations: beyond, nothing was learnt


class Term(NamedTuple):
    """What one number of the evidence counts: `weight` for each `scale` above `mean`."""

    mean: float
    scale: float
    weight: float


class Model(NamedTuple):
    """What speaks for a place, what for none of them, and from which probability on a place is believed."""

    place: Mapping[str, Term]
    none: Mapping[str, Term]
    none_at_least: float
    least_probability: float

    def probability(self, found: Evidence, *, possible: Bools | None = None) -> Floats:
        """The probability of each place to be the one; what the sum over a person's places lacks of 1 is for none.

        Args:
            found: the evidence.
            possible: which places may be the one; by default all of them.

        """
        score = _score(self.place, found.places, len(found.owner))
        if possible is not None:
            score = np.where(possible, score, -np.inf)
        none = _score(self.none, found.people, int(found.owner.max(initial=-1)) + 1) + self.none_at_least
        top = none.copy()
        np.maximum.at(top, found.owner, score)  # exponentials of what is left do not overflow
        weight = np.exp(score - top[found.owner])
        total = np.bincount(found.owner, weight, len(none)) + np.exp(none - top)
        probability: Floats = weight / total[found.owner]
        return probability


@cache
def models() -> dict[str, Model]:
    """The models that come with the package: `home` and `work`."""
    return {purpose: from_dict(rows) for purpose, rows in json.loads(WEIGHTS.read_text("utf-8")).items()}


def from_dict(rows: Mapping[str, Any]) -> Model:
    """A model as `weights.json` has it."""
    place, none = ({name: Term(*term) for name, term in rows[of].items()} for of in ("place", "none"))
    return Model(place, none, rows["none_at_least"], rows["least_probability"])


def _score(terms: Mapping[str, Term], values: Mapping[str, Floats], length: int) -> Floats:
    score = np.zeros(length)
    for name, (mean, scale, weight) in terms.items():
        score += weight * np.clip((values[name] - mean) / scale, -_FARTHEST, _FARTHEST)
    return score
