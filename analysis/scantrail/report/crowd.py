"""The uniqueness curve: how few points of a trail single its owner out among the people of the capture."""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd
from matplotlib.figure import Figure

from scantrail.history import History
from scantrail.mobility.unicity import unicity
from scantrail.report.style import GRID, INK, QUIET, blank, canvas

POINTS = (1, 2, 3, 4, 6, 8)
SQUARE_M = 500.0
KNOWN = {"hour": timedelta(hours=1), "day": timedelta(days=1), "place alone": None}


class Look(NamedTuple):
    """How a curve is drawn: colour, marker and dashes all differ. The colours are Okabe and Ito's."""

    colour: str
    marker: str
    dashes: str


LOOKS = {
    "hour": Look("#0072B2", "s", "-"),
    "day": Look("#D55E00", "^", "--"),
    "place alone": Look("#595959", "o", ":"),
}


class Crowd(NamedTuple):
    """How unique people are: `curves` by what is known of a point's time, each by `schema.UNICITY`.

    `people` have a position; fewer than two of them cannot be told apart from anybody, and there is no curve.
    """

    people: int
    curves: Mapping[str, pd.DataFrame]

    @property
    def few(self) -> str:
        """Why there is no curve, or nothing."""
        if self.people > 1:
            return ""
        who = "One subject" if self.people else "Nobody"
        return (
            f"Not measurable: {who} of this capture told positions, and a person can be singled out only among others."
            " That says nothing about how unique the trail would be in a city."
        )

    @property
    def words(self) -> str:
        """What the finest curve comes to, in a sentence."""
        known = self.curves["hour"].dropna(subset=["share"])
        if known.empty:
            return ""
        row = known.iloc[min(3, len(known) - 1)]
        points = f"{row['points']:.0f} random points" if row["points"] > 1 else "one random point"
        return (
            f"Who knows {points} of a person (a square of {SQUARE_M:.0f} m, in one hour) singles out"
            f" {row['share']:.0%} of {row['people']:.0f} people (95% interval {row['low']:.0%} to {row['high']:.0%})."
        )


def crowd(history: History, tz: ZoneInfo) -> Crowd:
    """Measure uniqueness among the people of a history. A point is a square, so that those without a position wait."""
    fixes = history.believed.dropna(subset=["latitude", "longitude"])
    people = int(fixes["user_id"].nunique())
    if people < 2:
        return Crowd(people, {})
    return Crowd(
        people,
        {name: unicity(fixes, points=POINTS, place_m=SQUARE_M, every=every, tz=tz) for name, every in KNOWN.items()},
    )


def crowd_figure(crowd: Crowd) -> Figure:
    """Draw the curves with their intervals."""
    if not crowd.curves:
        return blank(crowd.few)
    figure = canvas(3.6, 7.0)
    axes = figure.subplots()
    for number, (name, table) in enumerate(crowd.curves.items()):
        known, look = table.dropna(subset=["share"]), LOOKS[name]
        x = known["points"] + (number - 1) * 0.07  # intervals side by side
        shares = known["share"] * 100
        error = [shares - known["low"] * 100, known["high"] * 100 - shares]
        axes.errorbar(x, shares, error, color=look.colour, elinewidth=0.8, capsize=3, linestyle="none")
        label = f"place and {name}" if name != "place alone" else name
        axes.plot(x, shares, color=look.colour, marker=look.marker, linestyle=look.dashes, label=label)
    axes.set(xlim=(0.6, POINTS[-1] + 0.4), ylim=(-3, 103), xticks=POINTS)
    axes.set_xlabel(f"random points known of a person (squares of {SQUARE_M:.0f} m)", color=INK)
    axes.set_ylabel("people singled out, in %")
    axes.set_title(f"How few points single a person out among {crowd.people}")
    axes.grid(color=GRID, linewidth=0.8)
    axes.spines[["right", "top"]].set_visible(False)
    axes.tick_params(length=0, color=QUIET)
    figure.legend(loc="outside lower left", ncols=3, frameon=False)
    return figure
