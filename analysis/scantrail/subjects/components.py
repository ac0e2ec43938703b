"""Connected components of pairs of numbers: what hangs together, however long the chain."""

import numba
import numpy as np
from numpy.typing import NDArray

type Numbers = NDArray[np.int64]


def components(left: Numbers, right: Numbers, count: int) -> Numbers:
    """Put together what pairs link, directly or through others.

    A union-find whose roots are the least number of their component, with path halving (Tarjan and van Leeuwen 1984):
    one pass over the pairs, in memory for the numbers alone.

    Args:
        left: one end of each pair, from 0 to `count` - 1.
        right: the other end.
        count: how many numbers there are.

    Returns:
        The component of each number; components are counted from 0 in the order of their least number.

    Raises:
        ValueError: the ends are not as many, or one is no number from 0 to `count` - 1.

    """
    left, right = np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64)
    if left.shape != right.shape:
        raise ValueError(f"{left.size} left ends of pairs, but {right.size} right ones")
    if left.size and not (min(left.min(), right.min()) >= 0 and max(left.max(), right.max()) < count):
        raise ValueError(f"a pair has an end outside 0 to {count - 1}")
    found: Numbers = _components(left, right, count)
    return found


@numba.njit(cache=True)
def _root(parents: Numbers, number: int) -> int:
    while parents[number] != number:
        parents[number] = parents[parents[number]]  # halves the way for the next
        number = parents[number]
    return number


@numba.njit(cache=True)
def _components(left: Numbers, right: Numbers, count: int) -> Numbers:
    parents = np.arange(count)
    for pair in range(len(left)):
        one, other = _root(parents, left[pair]), _root(parents, right[pair])
        if one < other:
            parents[other] = one
        else:
            parents[one] = other
    names = np.empty(count, dtype=np.int64)
    found = 0
    for number in range(count):
        parent = parents[number]
        if parent == number:
            names[number] = found
            found += 1
        else:
            names[number] = names[parent]  # a parent is less than its child, so it has its name already
    return names
