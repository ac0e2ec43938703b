"""The two kinds of maps of the live page: the city, through which one carries the phone, and what the server knows.

Bokeh draws them; `live.js` gives their sources, which it finds by name, the data that stands in the page's events.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bokeh.core.types import ID
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource, DataRange1d, HoverTool
from bokeh.plotting import figure

from scantrail.live.knows import Knows
from scantrail.live.protocol import Spot
from scantrail.mercator import LIMIT_M
from scantrail.report.people import OTHER, Point
from scantrail.report.plot import MARKERS, empty_map, in_metres, show_all
from scantrail.report.style import BACKGROUND, INK, LOOKS
from scantrail.visible import visible

LEAST_M = 2_000.0  # a map shows at least so much
TRUE = "#7a2c00"

type Columns = Mapping[str, Sequence[Any]]


def city_map(spots: Sequence[Spot], target: str) -> dict[str, Any]:
    """Describe the map of the city: sources `spots` and `phone`."""
    plot, east, north = _map(230)
    places = ColumnDataSource(dict(_spots(spots)), name="spots")
    drawn = plot.scatter("x", "y", source=places, marker="diamond", size=8, color=BACKGROUND)
    phone = ColumnDataSource({"x": [], "y": []}, name="phone")
    plot.scatter(
        "x", "y", source=phone, marker="circle_dot", size=20, fill_color="#0072B2", line_color="white", line_width=2
    )
    show_all(drawn, east, north)  # not the phone: the map stays as it is
    plot.add_tools(HoverTool(renderers=[drawn], tooltips=[("", "@what")]))
    return _item(plot, target)


def known_map(spots: Sequence[Spot], target: str) -> dict[str, Any]:
    """Describe the map of what is known: sources `told`, `places`, `way` and, once revealed, `true` and `truth`."""
    plot, east, north = _map(330)
    behind = ColumnDataSource(dict(_spots(spots)))
    plot.scatter("x", "y", source=behind, marker="diamond", size=5, color=BACKGROUND)
    window = ColumnDataSource(dict(_window([Point(spot.latitude, spot.longitude) for spot in spots])), name="window")
    show_all(plot.scatter("x", "y", source=window, size=0, alpha=0), east, north)
    lived = ColumnDataSource({"xs": [], "ys": []}, name="true")
    plot.multi_line("xs", "ys", source=lived, color=TRUE, line_width=3, alpha=0.5, line_dash="dotted")
    way = ColumnDataSource({"x": [], "y": []}, name="way")
    plot.line("x", "y", source=way, color=INK, line_width=1.5, alpha=0.4)
    told = ColumnDataSource({"x": [], "y": [], "what": [], "alpha": []}, name="told")
    fixes = plot.scatter("x", "y", source=told, marker="x", size=8, line_width=2, color=INK, alpha="alpha")
    places = ColumnDataSource({name: [] for name in ("x", "y", "what", "colour", "marker", "size")}, name="places")
    found = plot.scatter(
        "x", "y", source=places, marker="marker", size="size", color="colour", line_color="white", alpha=0.85
    )
    truth = ColumnDataSource({name: [] for name in ("x", "y", "what", "marker")}, name="truth")
    real = plot.scatter("x", "y", source=truth, marker="marker", size=24, fill_alpha=0, line_color=TRUE, line_width=3)
    plot.add_tools(HoverTool(renderers=[fixes, found, real], tooltips=[("", "@what")]))
    return _item(plot, target)


def known_data(known: Knows, spots: Sequence[Spot]) -> dict[str, Columns]:
    """What the map of what is known shows now, by source. Without a city it shows as much as was told."""
    told = [(*in_metres(point), f"told {when}", 0.9 if believed else 0.2) for point, when, believed in known.fixes]
    believed = [row for row in told if row[3] > 0.5]
    places = [
        (
            *in_metres(point),
            f"{purpose}: {name}",
            LOOKS[purpose].colour,
            MARKERS[purpose],
            12 if purpose == OTHER else 18,
        )
        for point, purpose, name in known.places
    ]
    truth: list[tuple[Any, ...]] = []
    ways: list[tuple[list[float], list[float]]] = []
    if known.truth:
        truth.append((*in_metres(known.truth.home), "true home", "square"))
        if known.truth.work:
            truth.append((*in_metres(known.truth.work), "true work", "triangle"))
        ways = [_line(way) for way in known.truth.trail]
    seen = [] if spots else [point for point, _, _ in known.fixes]
    return {
        **({"window": _window(seen)} if seen else {}),
        "told": _columns(("x", "y", "what", "alpha"), told),
        "way": {"x": [row[0] for row in believed], "y": [row[1] for row in believed]},
        "places": _columns(("x", "y", "what", "colour", "marker", "size"), places),
        "true": _columns(("xs", "ys"), ways),
        "truth": _columns(("x", "y", "what", "marker"), truth),
    }


def phone_data(latitude: float, longitude: float) -> dict[str, Columns]:
    """Where the phone is, for the map of the city."""
    x, y = in_metres(Point(latitude, longitude))
    return {"phone": {"x": [x], "y": [y]}}


def _map(height: int) -> tuple[figure, DataRange1d, DataRange1d]:
    """An empty map, and the two ranges that it shows."""
    east, north = (DataRange1d(range_padding=0.08, min_interval=LEAST_M, default_span=LEAST_M) for _ in range(2))
    plot = empty_map(
        east,
        north,
        sizing_mode="stretch_width",
        height=height,
        tools="pan,wheel_zoom,reset",
        active_scroll="wheel_zoom",
        toolbar_location="above",
    )
    plot.axis.visible = False
    return plot, east, north


def _window(points: Sequence[Point]) -> Columns:
    """Two corners of what is shown: all points, or, without any, the Earth."""
    if not points:
        return {"x": [-LIMIT_M, LIMIT_M], "y": [-LIMIT_M, LIMIT_M]}
    metres = [in_metres(point) for point in points]
    return {"x": [x for x, _ in metres], "y": [y for _, y in metres]}


def _item(plot: figure, target: str) -> dict[str, Any]:
    described: dict[str, Any] = json.loads(json.dumps(json_item(plot, ID(target))))
    return described


def _spots(spots: Sequence[Spot]) -> Columns:
    rows = [
        (*in_metres(Point(spot.latitude, spot.longitude)), visible(f"{spot.name} {spot.english}", 60)) for spot in spots
    ]
    return _columns(("x", "y", "what"), rows)


def _columns(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Columns:
    return {name: [row[number] for row in rows] for number, name in enumerate(names)}


def _line(way: Sequence[Point]) -> tuple[list[float], list[float]]:
    metres = [in_metres(point) for point in way]
    return [x for x, _ in metres], [y for _, y in metres]
