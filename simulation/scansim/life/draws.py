"""Random draws inside kernels: SplitMix64 (Steele, Lea, Flood 2014, *Fast splittable pseudorandom number generators*).

Every question about somebody ("who is in this household", "what does she do on day 3") has a stream of its own, made
from numbers alone. So a person is the same whoever else there is, any part of a population can be made by itself, and
starting a stream costs nothing: NumPy's generators take microseconds to start, as long as a whole day takes to live.
A stream is an array with one number.
"""

from contextlib import suppress
from hashlib import sha256
from math import log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

type Stream = NDArray[np.uint64]


def _forget_stale_code() -> None:
    """Remove compiled kernels if any source of this folder has changed.

    Numba looks at the file of a kernel alone, and not at those of the kernels that it calls, whose code it holds.
    """
    folder = Path(__file__).parent
    digest = sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))).hexdigest()
    compiled = folder / "__pycache__"
    stamp = compiled / "kernels.sha256"
    with suppress(OSError):  # an installation that nobody may write to: its files do not change either
        if not stamp.exists() or stamp.read_text() != digest:
            for path in (*compiled.glob("*.nbi"), *compiled.glob("*.nbc")):
                path.unlink(missing_ok=True)
            compiled.mkdir(exist_ok=True)
            stamp.write_text(digest)


_forget_stale_code()
kernel = njit(cache=True, error_model="numpy")
"""Compiles a function, once and for all; dividing by zero gives infinity, for which nobody has to look."""
small = njit(cache=True, error_model="numpy", forceinline=True)
"""The same for a function of a line or two: a call, with all columns of a city among its arguments, costs more."""

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_30, _27, _31, _11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT = 2.0**-53


@small
def mix(z: np.uint64) -> np.uint64:
    """Scatter the bits of a number over all of it (the finaliser of SplitMix64)."""
    z = (z ^ (z >> _30)) * _FIRST
    z = (z ^ (z >> _27)) * _SECOND
    return z ^ (z >> _31)


@small
def begin(stream: Stream, seed: int, question: int, number: int, part: int) -> None:
    """Start the stream of one question about one number, for instance a person's day."""
    state = mix(np.uint64(seed) + _GAMMA)
    state = mix(state ^ (np.uint64(question) + _GAMMA))
    state = mix(state ^ (np.uint64(number) * _GAMMA))
    stream[0] = mix(state ^ (np.uint64(part) + _GAMMA))


@small
def uniform(stream: Stream) -> float:
    """Draw from 0 to 1, 1 excluded."""
    stream[0] += _GAMMA
    return float(mix(stream[0]) >> _11) * _UNIT


@small
def between(stream: Stream, low: float, high: float) -> float:
    """Draw from a range, each value as likely."""
    return low + (high - low) * uniform(stream)


@small
def below(stream: Stream, number: int) -> int:
    """Draw a whole number from 0 on, below another."""
    return int(uniform(stream) * number)


@small
def triangular(stream: Stream, low: float, high: float, mode: float) -> float:
    """Draw from a range with a most likely value."""
    u, peak = uniform(stream), (mode - low) / (high - low)
    if u < peak:
        return low + sqrt(u * (high - low) * (mode - low))
    return high - sqrt((1.0 - u) * (high - low) * (high - mode))


@small
def exponential(stream: Stream, mean: float) -> float:
    """Draw a waiting time."""
    return -mean * log(1.0 - uniform(stream))


@small
def normals(stream: Stream) -> tuple[float, float]:
    """Draw two from the standard normal distribution (Marsaglia's polar method)."""
    while True:
        x, y = 2.0 * uniform(stream) - 1.0, 2.0 * uniform(stream) - 1.0
        square = x * x + y * y
        if 0.0 < square < 1.0:
            scale = sqrt(-2.0 * log(square) / square)
            return x * scale, y * scale


@small
def pick(stream: Stream, cumulative: NDArray[np.floating[Any]]) -> int:
    """Draw an index with chances whose running sums these are."""
    return min(int(np.searchsorted(cumulative, uniform(stream) * cumulative[-1], "right")), len(cumulative) - 1)
