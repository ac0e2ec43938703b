"""What all figures share: look, colours, letters, and how they are saved."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.lines import Line2D

from scantrail.visible import visible

WIDTH_IN = 10.4  # the page's: so that letters in figures are as large as in tables
DPI = 150
INK, QUIET, GRID, PAPER = "#1a1a1a", "#5f5f5f", "#e3e1dc", "#f7f6f3"
BACKGROUND = "#8c867b"  # of places behind a map
SMALL_PT = 8.5  # the smallest letters: as small as may be on a projector


class Look(NamedTuple):
    """Colour, marker and hatch together: nothing is told by colour alone.

    The colours are Okabe and Ito's, those of them that stand out from white and paper by 3 to 1 (WCAG 2.1, 1.4.11).
    """

    colour: str
    marker: str
    hatch: str = ""


LOOKS = {
    "home": Look("#0072B2", "s"),
    "work": Look("#D55E00", "^"),
    "other place": Look("#767676", "o", "//////"),
    "travelling": Look("#595959", "d"),
}

_FAMILY = "DejaVu Sans"
_CHINESE = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Hiragino Sans GB"),
    *("Microsoft YaHei", "SimHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback"),
)
_SETTINGS: dict[Any, object] = {
    "font.family": _FAMILY,  # comes with matplotlib: the same letters everywhere
    "font.size": 9.5,
    "text.parse_math": False,  # a captured `$` is a dollar
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "hatch.linewidth": 0.5,
    "pdf.fonttype": 3,  # letters that can be searched; to subset TrueType (42) takes half of all drawing
    "svg.fonttype": "path",  # outlines: no captured text in the file, the same letters everywhere
    "svg.hashsalt": "scantrail",  # the same figure is the same bytes
}
_COORDINATES = re.compile(r'(?<=\s)(?:d|x|y|x1|y1|x2|y2|width|height)="[^"]*"')
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)  # matplotlib repeats every text in one
_IDLE = re.compile(r' id="[a-z]\w*?_\d+"', re.IGNORECASE)  # what nothing refers to
_INDENT = re.compile(r"\s*\n\s*")
_DIGITS = re.compile(r"(\.\d\d)\d+")
LABEL: dict[str, Any] = {"facecolor": PAPER, "alpha": 0.75, "linewidth": 0, "pad": 1.0}  # behind letters on a map
_one_at_a_time = Lock()


@contextmanager
def drawing() -> Iterator[None]:
    """Draw within: matplotlib's settings belong to the process, so one thread at a time has ours."""
    with _one_at_a_time, mpl.rc_context():
        mpl.rcdefaults()  # whatever the user's own matplotlibrc says
        mpl.rcParams.update(_SETTINGS)
        if more := chinese():
            mpl.rcParams["font.family"] = [_FAMILY, more.family_name]
        yield


def contrast(one: Any, other: Any) -> float:
    """How much two colours of matplotlib stand out from each other, from 1 to 21 (WCAG 2.1, 1.4.3)."""
    light, dark = sorted((_luminance(colour) for colour in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Any) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-relative-luminance."""
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour))
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def readable(behind: Any) -> str:
    """Black or white letters: which of them stands out more from a colour, and so by 4.5 at least."""
    return max("black", "white", key=lambda letters: contrast(letters, behind))


def canvas(height_in: float, width_in: float = WIDTH_IN) -> Figure:
    """An empty figure, as wide as the page."""
    return Figure(figsize=(width_in, height_in), dpi=DPI, facecolor="white", layout="constrained")


def blank(why: str) -> Figure:
    """A figure of nothing, which says why."""
    figure = canvas(1.0)
    figure.text(0.5, 0.5, why, ha="center", va="center", color=QUIET, wrap=True)
    return figure


def save(figure: Figure, folder: Path, name: str) -> Path:
    """Write a figure as PNG, PDF and SVG, and give the SVG's path."""
    folder.mkdir(parents=True, exist_ok=True)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # laid out once for all formats
    figure.savefig(folder / f"{name}.png", dpi=DPI)
    figure.savefig(folder / f"{name}.pdf", metadata={"CreationDate": None})
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
    svg = folder / f"{name}.svg"
    svg.write_text(_slim(svg.read_text("utf-8")), "utf-8")
    return svg


def _slim(svg: str) -> str:
    """Half the size, and nobody sees it: coordinates to a hundredth of a point, no comments, indents and idle names.

    Single quotes, since double ones take three characters each within the page.
    """
    bare = _IDLE.sub("", _COMMENT.sub("", svg))
    bare = _INDENT.sub(" ", _COORDINATES.sub(lambda found: _DIGITS.sub(r"\1", found[0]), bare)).replace("> <", "><")
    return bare if "'" in bare else bare.replace('"', "'")


def plain(text: str, limit: int = 60) -> str:
    """Captured text for a figure: what the fonts have no letters for is escaped, and it is short."""
    return "".join(char if _drawn(char) else char.encode("unicode_escape").decode() for char in visible(text, limit))


def _drawn(char: str) -> bool:
    more = chinese()
    return char in "…–“”’" or ord(char) < 256 or (more is not None and more.get_char_index(ord(char)) > 0)


@cache
def chinese() -> FT2Font | None:
    """The first of the usual fonts with Chinese letters that is installed; matplotlib brings none."""
    files = {font.name: font.fname for font in font_manager.fontManager.ttflist}
    return next((font_manager.get_font(files[name]) for name in _CHINESE if name in files), None)


def key(name: str) -> Line2D:
    """A legend's entry for a look."""
    look = LOOKS[name]
    return Line2D([], [], color=look.colour, marker=look.marker, linestyle="", markersize=7, label=name)
