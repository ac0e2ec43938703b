"""What part of the Earth a map shows, in degrees; with the lines and the bar that give it scale."""

from collections.abc import Iterable
from math import cos, radians
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from scantrail.geo import METRES_PER_DEGREE
from scantrail.report.people import Point
from scantrail.report.style import GRID, INK, LABEL, PAPER, SMALL_PT

LEAST_M = 1_500.0  # across
MARGIN = 0.1  # on each side, as a share of what is shown
FLATTEST = 0.72  # height of a map by its width, at least
_LINES = 7  # at most, in either direction
_STEPS_DEG = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 45.0)
_BARS_M = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000)


class Extent(NamedTuple):
    """A window in degrees."""

    south: float
    north: float
    west: float
    east: float

    @property
    def stretch(self) -> float:
        """How much longer a degree of latitude is than one of longitude in its middle."""
        return 1 / max(cos(radians((self.south + self.north) / 2)), 0.05)

    @property
    def width_m(self) -> float:
        """How wide it is."""
        return (self.east - self.west) * METRES_PER_DEGREE / self.stretch

    @property
    def shape(self) -> float:
        """Its height by its width, in metres."""
        return (self.north - self.south) * METRES_PER_DEGREE / self.width_m


def extent(points: Iterable[Point]) -> Extent:
    """The window that holds all points, with a margin, and neither a thread nor a dot."""
    latitudes, longitudes = np.array(list(points), dtype=np.float64).reshape(-1, 2).T
    middle = Point(*((side.min() + side.max()) / 2 for side in (latitudes, longitudes)))
    stretch = 1 / max(cos(radians(middle.latitude)), 0.05)
    spread = 1 + 2 * MARGIN
    high_m = float(np.ptp(latitudes)) * METRES_PER_DEGREE * spread
    wide_m = float(np.ptp(longitudes)) * METRES_PER_DEGREE / stretch * spread
    wide_m = max(wide_m, high_m, LEAST_M)
    high_m = max(high_m, wide_m * FLATTEST)
    up, across = high_m / METRES_PER_DEGREE / 2, wide_m / METRES_PER_DEGREE * stretch / 2
    return Extent(middle.latitude - up, middle.latitude + up, middle.longitude - across, middle.longitude + across)


def frame(axes: Axes, window: Extent) -> None:
    """Make axes a map of a window: metres equal in both directions, a graticule with its degrees, a scale bar."""
    axes.set(xlim=(window.west, window.east), ylim=(window.south, window.north), facecolor=PAPER)
    axes.set_aspect(window.stretch)
    axes.set_xticks(*_lines(window.west, window.east, "E", "W"))
    axes.set_yticks(*_lines(window.south, window.north, "N", "S"))
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=SMALL_PT)
    _bar(axes, window)


def _lines(low: float, high: float, positive: str, negative: str) -> tuple[list[float], list[str]]:
    step = next((step for step in _STEPS_DEG if (high - low) / step <= _LINES), _STEPS_DEG[-1])
    values = [float(number) * step for number in np.arange(np.ceil(low / step), np.floor(high / step) + 1)]
    digits = max(0, -int(np.floor(np.log10(step))))
    return values, [f"{abs(value):.{digits}f}° {positive if value >= 0 else negative}" for value in values]


def _bar(axes: Axes, window: Extent) -> None:
    length_m = max((bar for bar in _BARS_M if bar <= window.width_m / 3), default=_BARS_M[0])
    share = length_m / window.width_m
    ends = [0.04, 0.04 + share]
    axes.plot(ends, [0.05, 0.05], transform=axes.transAxes, color=INK, linewidth=3, solid_capstyle="butt")
    label = f"{length_m} m" if length_m < 1_000 else f"{length_m // 1_000} km"
    axes.text(0.04, 0.065, label, transform=axes.transAxes, va="bottom", fontsize=SMALL_PT, bbox=LABEL)
