"""What interactive maps share: Bokeh plots in Web Mercator, with the report's look and without its logo."""

from typing import Any

from bokeh.models import DataRange1d
from bokeh.models.renderers import GlyphRenderer
from bokeh.plotting import figure

from scantrail.mercator import to_metres
from scantrail.report.people import OTHER, Point
from scantrail.report.style import GRID, PAPER, QUIET

FONT = "Helvetica, Arial, sans-serif"
MARKERS = {"home": "square", "work": "triangle", OTHER: "circle"}


def empty_map(east: DataRange1d, north: DataRange1d, **more: Any) -> figure:
    """An empty map; `more` is as Bokeh's `figure` takes it."""
    plot = figure(
        x_axis_type="mercator",
        y_axis_type="mercator",
        x_range=east,
        y_range=north,
        match_aspect=True,
        background_fill_color=PAPER,
        border_fill_color="white",
        outline_line_color=QUIET,
        **more,
    )
    plot.toolbar.logo = None
    plot.grid.grid_line_color = GRID
    return plot


def show_all(drawn: "GlyphRenderer[Any]", *ranges: DataRange1d) -> None:
    """Have a map show all of something at first, whatever else is drawn on it."""
    for shown in ranges:
        shown.renderers = [drawn]


def in_metres(point: Point) -> tuple[float, float]:
    """A position as such a map takes it: metres east and north, to a decimetre."""
    x, y = to_metres(*point)
    return round(x, 1), round(y, 1)
