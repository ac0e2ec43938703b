"""The presence matrix: a row for each local day, a cell for each hour, in it where the person most probably was."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from math import isnan
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from scantrail import geo
from scantrail.history import History
from scantrail.mobility import hourly, presence
from scantrail.mobility.presence import NEAR_M
from scantrail.report.people import OTHER, Inferred, Point
from scantrail.report.style import GRID, INK, LOOKS, PAPER, QUIET, SMALL_PT, blank, canvas
from scantrail.report.timeline import DAYS, day_name, every_day

NOWHERE = "elsewhere"  # none of the places of which a position was told
LETTERS = {"home": "H", "work": "W", OTHER: "O", NOWHERE: "–"}
FAINTEST, DARKEST = 0.12, 0.6  # shades of a cell; letters stay readable on the darkest
_ROW_IN = 0.4


class Hour(NamedTuple):
    """One hour of a person: as what the place is drawn where they most probably were, and how sure that is.

    `day` and `hour` are local. `point` is the most probable place of that kind, None if it is none of theirs.
    """

    at: datetime
    day: date
    hour: int
    look: str
    probability: float
    point: Point | None


def hours(history: History, people: Sequence[Inferred], tz: ZoneInfo) -> dict[str, list[Hour]]:
    """Where people were, every hour from their first scan to their last; by subject, none of whom has no position.

    The scans of all others count, too: they tell how many people come to a place, and when.
    """
    fixes = history.believed.dropna(subset=["latitude", "longitude"])
    asked = hourly(fixes[fixes["user_id"].isin([person.user_id for person in people])])
    rows = presence(fixes, asked, tz)
    by_user = dict(tuple(rows.groupby("user_id", sort=False)))
    return {
        person.user_id: _of(by_user[person.user_id], person.anchors_at, tz)
        for person in people
        if person.user_id in by_user
    }


def _of(rows: pd.DataFrame, anchors: Mapping[str, Point], tz: ZoneInfo) -> list[Hour]:
    """The most probable kind of place for each hour: candidates at home add up to `home`, and so on."""
    named = rows.assign(look=_looks(rows, anchors))
    shares = named.pivot_table(index="at", columns="look", values="probability", aggfunc="sum", fill_value=0)
    local = pd.DatetimeIndex(shares.index).tz_convert(tz)
    best, sure = shares.idxmax(axis=1), shares.max(axis=1)
    named = named[named["look"] == named["at"].map(best)].drop_duplicates("at")  # rows come by falling probability
    placed = named[["latitude", "longitude"]].itertuples(index=False, name=None)
    return [
        Hour(
            at, at.date(), at.hour, str(look), min(float(probability), 1.0), None if isnan(place[0]) else Point(*place)
        )
        for at, look, probability, place in zip(local, best, sure, placed, strict=True)
    ]


def _looks(rows: pd.DataFrame, anchors: Mapping[str, Point]) -> np.ndarray:
    looks = np.where(rows["latitude"].isna(), NOWHERE, OTHER).astype(object)
    for name, point in anchors.items():
        near = geo.distance_m(rows["latitude"], rows["longitude"], point.latitude, point.longitude) <= NEAR_M
        looks[np.asarray(near) & (looks == OTHER)] = name
    return looks


def hours_figure(hours: Sequence[Hour], tz: ZoneInfo) -> Figure:
    """Draw the hours of a person: a letter says what the place is to them, a number and the shade how sure that is."""
    if not hours:
        return blank("No position left the phone, so that no hour can be told.")
    every = every_day([hour.day for hour in hours])
    days = every[:DAYS]
    figure = canvas(_ROW_IN * len(days) + 1.4)
    axes = figure.subplots()
    _frame(axes, days, tz)
    rows = {day: row for row, day in enumerate(days)}
    _draw(axes, [(rows[hour.day], hour) for hour in hours if hour.day in rows])
    title = "Where the person most probably was, hour by hour"
    axes.set_title(title + (f"; the first {DAYS} of {len(every)} days" if len(every) > DAYS else ""))
    handles = [
        Patch(facecolor=LOOKS[name].colour if name in LOOKS else PAPER, edgecolor=QUIET, label=f"{letter}  {name}")
        for name, letter in LETTERS.items()
    ]
    figure.legend(handles=handles, loc="outside lower left", ncols=len(handles), frameon=False)
    return figure


def _frame(axes: Axes, days: Sequence[date], tz: ZoneInfo) -> None:
    axes.set(xlim=(0, 24), ylim=(len(days), 0), facecolor="white")
    axes.set_xlabel(f"hour that begins then, {tz.key}; number and shade: probability in %; empty: nothing is known yet")
    axes.set_xticks(np.arange(24) + 0.5, [f"{hour:02d}" for hour in range(24)])
    axes.set_yticks(np.arange(len(days)) + 0.5, [day_name(day) for day in days])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_axisbelow(True)
    axes.hlines(range(len(days) + 1), 0, 24, color=GRID, linewidth=0.8, zorder=0.5)


def _draw(axes: Axes, rows: Sequence[tuple[int, Hour]]) -> None:
    """All cells at once, then what is written in them."""
    cells, colours = [], []
    for row, hour in rows:
        left, right, top, bottom = hour.hour + 0.03, hour.hour + 0.97, row + 0.05, row + 0.95
        cells.append([(left, top), (right, top), (right, bottom), (left, bottom)])
        shade = FAINTEST + (DARKEST - FAINTEST) * hour.probability
        colours.append(to_rgba(LOOKS[hour.look].colour, shade) if hour.look in LOOKS else to_rgba(PAPER))
        words = f"{LETTERS[hour.look]}\n{hour.probability * 100:.0f}"
        at = (hour.hour + 0.5, row + 0.5)
        axes.text(*at, words, ha="center", va="center", color=INK, fontsize=SMALL_PT, linespacing=0.95)
    axes.add_collection(PolyCollection(cells, facecolors=colours, linewidths=0), autolim=False)
