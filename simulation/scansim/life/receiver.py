"""What a phone's positioning says: GPS with its error, an old position that was kept, or nothing."""

import numpy as np
from numpy.typing import NDArray

from scansim.life.columns import Records
from scansim.life.diary import TRAVEL, position_at, segment_at
from scansim.life.draws import begin, between, exponential, kernel, normals, uniform
from scansim.life.habits import Receiver
from scansim.life.town import Town
from scansim.life.who import PHONE

MILLISECONDS = 1000
"""A fix is drawn by person and millisecond: who asks twice at once is answered the same."""


@kernel
def measure(
    town: Town, receiver: Receiver, number: int, segments: Records, count: int, at_ms: int, reading: NDArray[np.float64]
) -> bool:
    """Measure where a person's phone is: fills `reading` (latitude, longitude, accuracy in metres).

    Returns:
        Whether there is a fix; without one, `reading` is NaN.

    """
    stream = np.empty(1, np.uint64)
    begin(stream, receiver["seed"], PHONE, number, at_ms)
    at_s = at_ms / MILLISECONDS
    indoors = segments[segment_at(segments, count, at_s)]["activity"] != TRAVEL
    none = uniform(stream) < (receiver["no_fix_indoors"] if indoors else receiver["no_fix"])
    old_s = exponential(stream, 60.0 * receiver["stale_min"]) if uniform(stream) < receiver["stale"] else 0.0
    latitude, longitude = position_at(segments, count, at_s - old_s)
    east, north = normals(stream)
    reading[0] = latitude + receiver["gps_error_m"] * north / town.degree[0]
    reading[1] = longitude + receiver["gps_error_m"] * east / town.degree[1]
    reading[2] = np.round(between(stream, receiver["accuracy_m"][0], receiver["accuracy_m"][1]), 1)
    if none:
        reading[:] = np.nan
    return not none
