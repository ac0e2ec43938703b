"""The map of what was reconstructed, beside the true one when it is known. No tiles: nobody is asked for any."""

from collections.abc import Iterable, Mapping, Sequence
from math import hypot
from typing import Literal, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from scantrail.report.city import Spot
from scantrail.report.extent import extent, frame
from scantrail.report.people import OTHER, TRAVELLING, Inferred, Lived, Point, points
from scantrail.report.style import BACKGROUND, INK, LABEL, LOOKS, QUIET, SMALL_PT, WIDTH_IN, blank, canvas, key, plain

_ALONE_IN = 7.0  # width of a map without truth beside it
_SMALLEST, _LARGEST = 22.0, 420.0  # markers, in square points


class _Side(NamedTuple):
    """Where beside its marker a label stands."""

    right: int
    up: int
    ha: Literal["left", "center", "right"]
    va: Literal["bottom", "center", "top"]


_SIDES = (
    _Side(0, 1, "center", "bottom"),
    _Side(0, -1, "center", "top"),
    _Side(1, 0, "left", "center"),
    _Side(-1, 0, "right", "center"),
)
_BESIDE, _BESIDE_X = _SIDES[2], 0.07  # how far to the right a label has its middle, as a share of the map
_NAMES, _APART = 14, 0.12  # of a city's places: how many at most, and how far from all else (as a share of the map)
_EASTERNMOST = 0.8  # a name's place, as a share of the map: it ends within


def map_figure(person: Inferred, lived: Lived | None, city: Sequence[Spot] = ()) -> Figure:
    """Draw what was reconstructed of a person, and beside it the truth in the same window; behind both, a city."""
    if not person.points:
        return blank("No position left the phone, so that there is no map.")
    window = extent(person.points + (lived.points if lived else []))
    panels = 2 if lived else 1
    panel_in = (WIDTH_IN if lived else _ALONE_IN) / panels
    figure = canvas((panel_in - 0.3) * window.shape + 1.0, panel_in * panels)
    axes = figure.subplots(1, panels, sharex=True, sharey=True, squeeze=False)[0]
    for panel in axes:
        frame(panel, window)
        _draw_city(panel, city, person.points)
    _draw_inferred(axes[0], person)
    if lived:
        _draw_lived(axes[1], lived)
    handles = [key("home"), key("work"), key(OTHER), Line2D([], [], color=QUIET, linewidth=1.0, label="way between")]
    figure.legend(handles=handles, loc="outside lower left", ncols=4, frameon=False)
    return figure


def _draw_city(axes: Axes, city: Sequence[Spot], taken: Sequence[Point]) -> None:
    """Places of the city, and the names of some that have room."""
    here = [spot for spot in city if _on_map(axes, spot.point)]
    if not here:
        return
    north, east = zip(*(spot.point for spot in here), strict=True)
    axes.scatter(east, north, s=7, marker="D", facecolor=BACKGROUND, linewidth=0, zorder=1)
    for spot in _named(axes, here, taken):
        axes.annotate(
            plain(spot.name, 12),
            spot.point[::-1],
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=QUIET,
            fontsize=SMALL_PT,
            zorder=1,
        )


def _named(axes: Axes, spots: Sequence[Spot], taken: Sequence[Point]) -> list[Spot]:
    """The first spots whose names have room: within the map, away from what is taken and from each other."""
    west, east = axes.get_xlim()
    named: list[Spot] = []
    full = list(taken)
    for spot in spots:
        at = spot.point
        if at.longitude < west + _EASTERNMOST * (east - west) and _room(axes, at, _BESIDE, full) > _APART:
            named.append(spot)
            full += [at, Point(at.latitude, at.longitude + _BESIDE_X * (east - west))]  # and the middle of its name
    return named[:_NAMES]


def _on_map(axes: Axes, point: Point) -> bool:
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    return west < point.longitude < east and south < point.latitude < north


def _draw_inferred(axes: Axes, person: Inferred) -> None:
    axes.set_title(f"Reconstructed from {person.trail} that left the phone")
    located = person.staypoints.dropna(subset=["latitude", "longitude"])
    stays = {index: (place.longitude, place.latitude) for index, place in located.iterrows()}
    ends = person.trips[["origin_staypoint_id", "destination_staypoint_id"]].itertuples(index=False, name=None)
    _ways(axes, [(stays[start], stays[end]) for start, end in ends if start in stays and end in stays])
    places = person.locations.dropna(subset=["latitude", "longitude"])
    looks = [person.purpose(location) for location in places["location_id"]]
    _places(axes, places.assign(look=looks), "staypoints", "stays")
    _labels(axes, person.anchors_at, points(places))


def _draw_lived(axes: Axes, lived: Lived) -> None:
    axes.set_title("Where the person truly was")
    moves = lived.whereabouts[lived.whereabouts["look"] == TRAVELLING]
    ends = moves[["longitude", "latitude", "end_longitude", "end_latitude"]].itertuples(index=False, name=None)
    _ways(axes, [(end[:2], end[2:]) for end in ends])
    stays = lived.whereabouts[lived.whereabouts["look"] != TRAVELLING]
    places = stays[["latitude", "longitude", "look", "hours"]].groupby(["latitude", "longitude", "look"]).sum()
    _places(axes, places.reset_index(), "hours", "hours")
    _labels(axes, lived.anchors_at, points(stays))


def _ways(axes: Axes, lines: list[tuple[tuple[float, float], tuple[float, float]]]) -> None:
    axes.add_collection(LineCollection(lines, colors=QUIET, linewidths=1.0, alpha=0.75, zorder=2))


def _places(axes: Axes, places: pd.DataFrame, weight: str, unit: str) -> None:
    """Markers whose area grows with their weight; home and work are never hidden by others."""
    if places.empty:
        return
    largest = max(places[weight].max(), 1)
    area = _SMALLEST + (_LARGEST - _SMALLEST) * places[weight] / largest
    for name, look in LOOKS.items():
        of_it = places["look"] == name
        axes.scatter(
            places.loc[of_it, "longitude"],
            places.loc[of_it, "latitude"],
            s=area[of_it],
            marker=look.marker,
            facecolor=look.colour,
            edgecolor="white",
            linewidth=0.8,
            alpha=0.85,
            zorder=3 if name == OTHER else 4,
        )
    note = f"area: {unit} there, {largest:.0f} at most"
    axes.text(0.98, 0.02, note, transform=axes.transAxes, ha="right", color=QUIET, fontsize=SMALL_PT, bbox=LABEL)


def _labels(axes: Axes, anchors: Mapping[str, Point], others: Sequence[Point]) -> None:
    """The names of home and work, each on the side of its marker where most room is."""
    for name, point in anchors.items():
        side = max(_SIDES, key=lambda side: _room(axes, point, side, others))
        axes.annotate(
            name,
            point[::-1],
            xytext=(13 * side.right, 14 * side.up),
            textcoords="offset points",
            ha=side.ha,
            va=side.va,
            color=INK,
            fontsize=10.5,
            fontweight="bold",
            bbox=LABEL,
            zorder=5,
        )


def _room(axes: Axes, point: Point, side: _Side, others: Iterable[Point]) -> float:
    """How far from a label the nearest other point would be, as a share of the map; none beyond its edges."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    x = (point.longitude - west) / (east - west) + _BESIDE_X * side.right
    y = (point.latitude - south) / (north - south) + 0.06 * side.up
    if not (0.07 < x < 0.93 and 0.03 < y < 0.97):
        return -1.0
    away = (((p.longitude - west) / (east - west) - x, (p.latitude - south) / (north - south) - y) for p in others)
    return min((hypot(*distance) for distance in away), default=1.0)
