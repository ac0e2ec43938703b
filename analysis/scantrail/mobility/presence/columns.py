"""The scans of all people as columns, in the order of person and time, and their places: what the kernels take."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]


class Columns(NamedTuple):
    """People are numbered 0, 1, …; the scans and places of the n-th lie between `starts[n]` and `starts[n + 1]`."""

    starts: Ints
    time_h: Floats
    """When each scan was made, in hours of local time since 1970, a Thursday."""
    x_m: Floats
    """Where, in metres east within the person's own plane."""
    y_m: Floats
    """Likewise, north."""
    place: Ints
    """Which of the person's places it is: 0, 1, …."""
    place_starts: Ints
    place_x: Floats
    """The places' centres, in the same plane."""
    place_y: Floats
    place_people: Floats
    """How many other people come to a place."""
    place_hours: Floats
    """(places, 24): what part of other people's scans there falls into an hour, over what part anywhere does."""
