"""Random draws inside kernels: SplitMix64 (Steele, Lea, Flood 2014, *Fast splittable pseudorandom number generators*).

Every question about somebody ("who is in this household", "what does she do on day 3") has a stream of its own, made
from numbers alone. So a person is the same whoever else there is, any part of a population can be made by itself, and
starting a stream costs nothing: NumPy's generators take microseconds to start, as long as a whole day takes to live.
A stream is an array with one number.
"""

from math import cos, log, pi, sqrt
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

type Stream = NDArray[np.uint64]

kernel = njit(cache=True, error_model="numpy")
"""Compiles a function, once and for all; dividing by zero gives infinity, for which nobody has to look."""

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_30, _27, _31, _11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT = 2.0**-53


@kernel
def mix(z: np.uint64) -> np.uint64:
    """Scatter the bits of a number over all of it (the finaliser of SplitMix64)."""
    z = (z ^ (z >> _30)) * _FIRST
    z = (z ^ (z >> _27)) * _SECOND
    return z ^ (z >> _31)


@kernel
def begin(stream: Stream, seed: int, question: int, number: int, part: int) -> None:
    """Start the stream of one question about one number, for instance a person's day."""
    state = mix(np.uint64(seed) + _GAMMA)
    state = mix(state ^ (np.uint64(question) + _GAMMA))
    state = mix(state ^ (np.uint64(number) * _GAMMA))
    stream[0] = mix(state ^ (np.uint64(part) + _GAMMA))


@kernel
def uniform(stream: Stream) -> float:
    """Draw from 0 to 1, 1 excluded."""
    stream[0] += _GAMMA
    return float(mix(stream[0]) >> _11) * _UNIT


@kernel
def between(stream: Stream, low: float, high: float) -> float:
    """Draw from a range, each value as likely."""
    return low + (high - low) * uniform(stream)


@kernel
def below(stream: Stream, number: int) -> int:
    """Draw a whole number from 0 on, below another."""
    return int(uniform(stream) * number)


@kernel
def triangular(stream: Stream, low: float, high: float, mode: float) -> float:
    """Draw from a range with a most likely value."""
    u, peak = uniform(stream), (mode - low) / (high - low)
    if u < peak:
        return low + sqrt(u * (high - low) * (mode - low))
    return high - sqrt((1.0 - u) * (high - low) * (high - mode))


@kernel
def exponential(stream: Stream, mean: float) -> float:
    """Draw a waiting time."""
    return -mean * log(1.0 - uniform(stream))


@kernel
def normal(stream: Stream) -> float:
    """Draw from the standard normal distribution (Box and Muller)."""
    radius = sqrt(-2.0 * log(1.0 - uniform(stream)))
    return radius * cos(2.0 * pi * uniform(stream))


@kernel
def pick(stream: Stream, cumulative: NDArray[np.floating[Any]]) -> int:
    """Draw an index with chances whose running sums these are."""
    return min(int(np.searchsorted(cumulative, uniform(stream) * cumulative[-1], "right")), len(cumulative) - 1)
