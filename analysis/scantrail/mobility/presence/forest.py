"""Boosted decision trees as a table of nodes: evaluated here, fitted elsewhere (`benchmarks.presence.fit`)."""

from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from scantrail.mobility.presence.columns import Floats


class Forest(NamedTuple):
    """Trees one after the other; a row that reaches a leaf adds its value to the sum that begins with `base`.

    `feature` is the column to look at, -1 in a leaf; a value up to `threshold` goes to the node `left`, else `right`
    (rows of these columns). In a leaf, `threshold` is the value. `roots` are the rows where trees begin.
    """

    base: float
    roots: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: Floats
    left: NDArray[np.int32]
    right: NDArray[np.int32]

    def __call__(self, features: NDArray[np.float32]) -> Floats:
        """Sum of each row of `features` (rows, columns)."""
        return np.asarray(_sums(features, *self))

    @classmethod
    def of(cls, nodes: pd.DataFrame) -> Self:
        """Make it from a table: `tree` (-1: the base), `feature`, `threshold`, `left`, `right`."""
        base = float(nodes.loc[nodes["tree"] == -1, "threshold"].sum())
        nodes = nodes[nodes["tree"] >= 0]
        roots = np.flatnonzero(np.diff(nodes["tree"], prepend=-1)).astype(np.int32)
        feature, left, right = (nodes[name].to_numpy(np.int32) for name in ("feature", "left", "right"))
        return cls(base, roots, feature, nodes["threshold"].to_numpy(np.float64), left, right)


@cache
def weights(name: str) -> Forest:
    """The forest that is shipped under a name."""
    return Forest.of(pd.read_parquet(BytesIO(files(__package__).joinpath(f"{name}.parquet").read_bytes())))


@njit(cache=True)
def _sums(features: Any, base: float, roots: Any, feature: Any, threshold: Any, left: Any, right: Any) -> Any:
    sums = np.full(len(features), base)
    for root in roots:
        for row in range(len(features)):
            node = root
            while feature[node] >= 0:
                node = left[node] if features[row, feature[node]] <= threshold[node] else right[node]
            sums[row] += threshold[node]
    return sums
