"""The map with a time slider: who was where at which hour. Bokeh draws it, and asks nobody for anything.

Bokeh's own widgets would need another script and `eval`; the slider, the buttons and the list beside the map are plain
HTML instead, which keyboards and screen readers reach, and `moving.js` moves what the map shows.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bokeh.core.properties import value
from bokeh.core.types import ID
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource, DataRange1d, HoverTool, WMTSTileSource
from bokeh.plotting import figure
from bokeh.resources import Resources
from markupsafe import Markup

from scantrail.history import History
from scantrail.mercator import to_degrees
from scantrail.report.city import Spot
from scantrail.report.extent import extent
from scantrail.report.hours import Hour
from scantrail.report.page import local
from scantrail.report.people import Inferred, Point, points
from scantrail.report.plot import FONT, MARKERS, empty_map, in_metres, show_all
from scantrail.report.style import BACKGROUND, INK, LOOKS
from scantrail.visible import visible

MOST_HOURS = 24 * 62  # on the slider, the first of them
MOST_PLACES = 2_000  # behind the map
_HOUR = timedelta(hours=1)
_OLD, _RECENT = 5, 10  # how large the crosses are


class Moving(NamedTuple):
    """The map as the page takes it: its data, the scripts, and what the content-security policy must allow."""

    data: Markup
    scripts: Sequence[Markup]
    hashes: Sequence[str]
    images: str
    hours: int
    more: int
    city: bool
    people: Sequence[str]


def moving(
    history: History,
    people: Sequence[Inferred],
    spent: Mapping[str, Sequence[Hour]],
    tz: ZoneInfo,
    *,
    city: Sequence[Spot] = (),
    tiles: str | None = None,
) -> Moving | None:
    """Make the map of some people; nothing if none of them told a position.

    Args:
        history: of the capture, whose places stand behind the people.
        people: those that are shown.
        spent: their hours.
        tz: the zone whose clock the slider shows.
        city: its places stand behind the people, too.
        tiles: the address of a tile server, with {z}, {x} and {y}. Whoever opens the page asks it.

    """
    shown = [person for person in people if spent.get(person.user_id)]
    if not shown:
        return None
    every = [hour.at for person in shown for hour in spent[person.user_id]]
    first, span = min(every), int((max(every) - min(every)) / _HOUR) + 1
    times = [first + number * _HOUR for number in range(min(span, MOST_HOURS))]
    told = _told(shown, first, tz)
    data = {
        "plot": _plot(told, [*((spot.words, spot.point) for spot in city), *_places(history)][:MOST_PLACES], tiles),
        "times": [local(at.astimezone(tz), tz)[:-3] for at in times],
        "people": [_person(person.user_id, spent[person.user_id], times) for person in shown],
        "told": told,
        "sizes": [_OLD, _RECENT],
        "looks": {name: [LOOKS[name].colour, marker] for name, marker in MARKERS.items()},
    }
    scripts = _scripts()
    return Moving(
        data=_embedded(data),
        scripts=scripts,
        hashes=[f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts],
        images=_origin(tiles) if tiles else "",
        hours=len(times),
        more=span - len(times),
        city=bool(city),
        people=[person.user_id for person in shown],
    )


def _told(people: Sequence[Inferred], first: datetime, tz: ZoneInfo) -> dict[str, list[Any]]:
    """Every position that left: where, when, of whom; `hour` counts from the first."""
    columns: dict[str, list[Any]] = {"x": [], "y": [], "hour": [], "who": [], "what": []}
    for person in people:
        fixes = person.positionfixes.dropna(subset=["latitude", "longitude"])[["tracked_at", "latitude", "longitude"]]
        for at, latitude, longitude in fixes.sort_values("tracked_at").itertuples(index=False, name=None):
            x, y = in_metres(Point(latitude, longitude))
            when = local(at, tz)
            row = (x, y, int((at - first) / _HOUR), person.user_id, f"{person.user_id}, told {when}")
            for column, cell in zip(columns.values(), row, strict=True):
                column.append(cell)
    return columns


def _person(user_id: str, hours: Iterable[Hour], times: Sequence[datetime]) -> dict[str, object]:
    """What the list and the markers say of a person, hour by hour; None where nothing is known."""
    by_time = {hour.at: hour for hour in hours}
    found = [by_time.get(at) for at in times]
    metres = [in_metres(hour.point) if hour and hour.point else (None, None) for hour in found]
    return {
        "name": user_id,
        "look": [hour.look if hour else None for hour in found],
        "sure": [round(hour.probability * 100) if hour else None for hour in found],
        "x": [x for x, _ in metres],
        "y": [y for _, y in metres],
    }


def _places(history: History) -> list[tuple[str, Point]]:
    """The places that the capture itself names, by their codes."""
    located = history.places.dropna(subset=["latitude", "longitude"])
    return [
        (f"place {code}", point) for code, point in zip(located["place_id"].astype(str), points(located), strict=True)
    ]


def _plot(told: Mapping[str, list[Any]], places: Sequence[tuple[str, Point]], tiles: str | None) -> dict[str, Any]:
    """Bokeh's own description of the map. Sources are found by name: `now`, `told`, `trail`."""
    east, north = (DataRange1d(name=name, range_padding=0) for name in ("east", "north"))
    plot = empty_map(
        east,
        north,
        sizing_mode="stretch_both",
        tools="pan,wheel_zoom,box_zoom,reset",
        x_axis_label="degrees east (WGS-84)",
        y_axis_label="degrees north (WGS-84)",
    )
    plot.axis.axis_label_text_font_style = "normal"
    plot.axis.axis_label_text_font = plot.axis.major_label_text_font = FONT
    plot.axis.axis_label_text_font_size = plot.axis.major_label_text_font_size = "14px"
    if tiles:
        plot.add_tile(WMTSTileSource(url=tiles, attribution=visible(urlsplit(tiles).hostname or "", 60)))
    window = plot.scatter(*_window(told), size=0, alpha=0)
    show_all(window, east, north)
    spots = [in_metres(point) for _, point in places]
    behind: dict[str, Any] = {
        "x": [x for x, _ in spots],
        "y": [y for _, y in spots],
        "what": [visible(name, 60) for name, _ in places],
    }
    city = plot.scatter("x", "y", source=ColumnDataSource(behind), marker="diamond", size=6, color=BACKGROUND)
    trail = ColumnDataSource({"xs": [], "ys": []}, name="trail")
    plot.multi_line("xs", "ys", source=trail, color=INK, line_width=1.5, alpha=0.5)
    fixes = ColumnDataSource({**told, "size": [_OLD] * len(told["x"])}, name="told")
    left = plot.scatter("x", "y", source=fixes, marker="x", size="size", line_width=2, color=INK, alpha=0.7)
    now = ColumnDataSource({name: [] for name in ("x", "y", "what", "name", "colour", "marker", "alpha")}, name="now")
    where = plot.scatter(
        "x", "y", source=now, marker="marker", size=19, color="colour", fill_alpha="alpha", line_width=2
    )
    plot.text(
        "x",
        "y",
        text="name",
        source=now,
        x_offset=12,
        y_offset=6,
        text_color=INK,
        text_font=value(FONT),
        text_font_style="bold",
    )
    plot.add_tools(HoverTool(renderers=[where, left, city], tooltips=[("", "@what")]))
    return _item(plot)


def _window(told: Mapping[str, list[Any]]) -> tuple[list[float], list[float]]:
    """Two corners of what the map shows at first: every position that left, and no mere dot."""
    window = extent([Point(*to_degrees(x, y)) for x, y in zip(told["x"], told["y"], strict=True)])
    corners = [in_metres(Point(window.south, window.west)), in_metres(Point(window.north, window.east))]
    return [x for x, _ in corners], [y for _, y in corners]


def _item(plot: figure) -> dict[str, Any]:
    """A plot as `Bokeh.embed.embed_item` takes it. Bokeh numbers models as they come; the same page needs the same."""
    known: dict[str, str] = {}
    item = _renumbered(json.loads(json.dumps(json_item(plot, ID("moving-map")))), known)
    return {**item, "root_id": known[plot.id]}


def _renumbered(value: Any, known: dict[str, str]) -> Any:
    """A description with its models numbered in the order in which they stand; data is never a dict with an `id`."""
    if isinstance(value, list):
        return [_renumbered(item, known) for item in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("id"), str) and (value.get("type") == "object" or len(value) == 1):
        value = {**value, "id": known.setdefault(value["id"], f"m{len(known)}")}
    return {key: _renumbered(item, known) for key, item in value.items()}


def _embedded(data: object) -> Markup:
    """Data that a browser takes for nothing else: within a script element only `<` could end it."""
    return Markup(json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c"))  # noqa: S704


@cache
def _scripts() -> list[Markup]:
    """Bokeh, without its widgets, tables, formulae and graphics card; and what moves the map."""
    own = Path(__file__).with_name("moving.js").read_text("utf-8")
    return [Markup(script) for script in (*Resources(mode="inline", components=["bokeh"]).js_raw, own)]  # noqa: S704


def _origin(tiles: str) -> str:
    """Whom the content-security policy must let the page ask for tiles."""
    parts = urlsplit(tiles)
    return f"{parts.scheme}://{parts.netloc}"
