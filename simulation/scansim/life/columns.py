"""What kernels hand to each other: columns, rows of records, and positions."""

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Records = NDArray[np.void]
type Point = tuple[float, float]  # degrees north and east, WGS-84
