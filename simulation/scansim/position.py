"""Positions in WGS-84 degrees, and what one does with them over a few kilometres."""

from math import cos, radians
from typing import NamedTuple

from scantrail import geo


class Position(NamedTuple):
    """A point: degrees north and east, WGS-84."""

    latitude: float
    longitude: float

    def moved(self, east_m: float, north_m: float) -> "Position":
        """Find the point so many metres away."""
        parallel_m = geo.METRES_PER_DEGREE * cos(radians(self.latitude))
        return Position(self.latitude + north_m / geo.METRES_PER_DEGREE, self.longitude + east_m / parallel_m)

    def towards(self, other: "Position", share: float) -> "Position":
        """Find the point at this share (0 to 1) of the straight line to the other."""
        return Position(
            self.latitude + share * (other.latitude - self.latitude),
            self.longitude + share * (other.longitude - self.longitude),
        )


def metres(a: Position, b: Position) -> float:
    """Measure the distance between two points."""
    return float(geo.distance_m(*a, *b))
