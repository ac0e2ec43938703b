"""Naive answers to where somebody was, from the same candidates: what the model has to beat."""

import numpy as np
from sklearn.isotonic import IsotonicRegression

from benchmarks.presence.fit import Asked
from scantrail.mobility.presence.columns import Floats
from scantrail.mobility.presence.features import FEATURES, candidates
from scantrail.mobility.presence.model import NEAR_M

NAMES = ("last seen", "nearest", "routine")


class Naive:
    """Of each slot, what the three answers are off, and what each can say for itself: a short gap, a steady routine."""

    def __init__(self, asked: Asked) -> None:
        """Ask them."""
        chosen, features = candidates(asked.user, asked.at_h, asked.scans.columns)
        of = {name: features[:, :, column] for column, name in enumerate(FEATURES)}
        before_h, after_h = of["gap_before_h"][:, 0], of["gap_after_h"][:, 0]
        routine = of["week_2h"] + 1e-3 * of["hour_3h"] + 1e-6 * of["count"]
        last = np.argmax(of["is_previous"], axis=1)
        nearest = np.where(before_h <= after_h, last, np.argmax(of["is_next"], axis=1))
        weekly = np.argmax(np.where(chosen >= 0, routine, -1.0), axis=1)
        off_m, row = asked.off_m(chosen), np.arange(len(chosen))
        seen = of["is_previous"].max(axis=1) > 0
        self.hit = (
            np.stack([np.where(seen, off_m[row, last], np.inf), off_m[row, nearest], off_m[row, weekly]]) < NEAR_M
        )
        self.says = np.stack([-before_h, -np.minimum(before_h, after_h), of["daytype_2h"][row, weekly]])


class Blend:
    """The one of the three that was right most often when it could say as much for itself (isotonic regression)."""

    def __init__(self, naive: list[Naive]) -> None:
        """Learn it from people who are not scored."""
        hit, says = (np.concatenate([getattr(of, name) for of in naive], axis=1) for name in ("hit", "says"))
        self._right = [IsotonicRegression(out_of_bounds="clip").fit(*of) for of in zip(says, hit, strict=True)]

    def __call__(self, naive: Naive) -> tuple[np.ndarray, Floats]:
        """Whether its answer is a hit, and how probable it says that is."""
        probability = np.stack([right.predict(says) for right, says in zip(self._right, naive.says, strict=True)])
        best = probability.argmax(axis=0)
        row = np.arange(len(best))
        return naive.hit[best, row], probability[best, row]
