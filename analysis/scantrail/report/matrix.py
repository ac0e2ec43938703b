"""What each receiver learned: how many requests told it what."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from scantrail.report.style import QUIET, blank, canvas, plain, readable

RECEIVERS = 25  # rows at most, the first of them
_ROW_IN = 0.36


def matrix_figure(told: Mapping[str, Mapping[str, int]], kinds: Sequence[str]) -> Figure:
    """Draw a table of counts.

    Args:
        told: by receiver, how often it was told each kind; in the order of the rows.
        kinds: in the order of the columns; those that no receiver was told are left out.

    """
    shown = list(told)[:RECEIVERS]
    kinds = [kind for kind in kinds if any(kind in told[receiver] for receiver in shown)]
    if not kinds:
        return blank("No receiver was told anything that the detectors know.")
    counts = np.array([[told[receiver].get(kind, 0) for kind in kinds] for receiver in shown], dtype=np.float64)
    figure = canvas(_ROW_IN * len(shown) + 1.7)
    axes = figure.subplots()
    shades = np.ma.masked_equal(counts, 0)
    scale = LogNorm(0.5, max(counts.max(), 10.0) * 1.5)  # so that the darkest is not black and one is not white
    mesh = axes.pcolormesh(shades, cmap="Blues", norm=scale, edgecolor="white", linewidth=2)
    behind = mesh.to_rgba(counts)
    axes.set_ylim(len(shown), 0)
    axes.set_yticks(np.arange(len(shown)) + 0.5, [plain(receiver, 40) for receiver in shown])
    axes.set_xticks(np.arange(len(kinds)) + 0.5, [kind.replace("_", " ") for kind in kinds], rotation=35, ha="left")
    axes.tick_params(length=0, top=False, labeltop=True, bottom=False, labelbottom=False)
    axes.spines[:].set_visible(False)
    for row, column in np.ndindex(counts.shape):
        number = int(counts[row, column])
        colour = readable(behind[row, column]) if number else QUIET
        axes.text(column + 0.5, row + 0.5, f"{number:,}" if number else "·", ha="center", va="center", color=colour)
    more = f"; the first {RECEIVERS} of {len(told)} receivers" if len(told) > RECEIVERS else ""
    axes.set_xlabel(f"requests in which the receiver was told so{more}", loc="left", color=QUIET)
    return figure
