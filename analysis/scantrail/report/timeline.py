"""The timeline: a row for each local day, a mark for each position that left, the truth as a band beneath."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from scantrail.report.people import OTHER, TRAVELLING, Inferred, Lived
from scantrail.report.style import GRID, LOOKS, blank, canvas, key

DAYS = 35  # rows at most, the first of them
_ROW_IN = 0.44
_LINE_PT = 1.5  # of who is on the way: between the bands of places, and not by its colour alone
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Stretch(NamedTuple):
    """From one hour to another of one local day, and what it is drawn as."""

    day: date
    start: float
    end: float
    look: str


def timeline_figure(person: Inferred, lived: Lived | None, tz: ZoneInfo) -> Figure:
    """Draw the days of a person, by the clock of a zone."""
    fixes = zip(person.positionfixes["tracked_at"], person.positionfixes["request"], strict=True)
    marks = [_mark(at, tz, person.purpose_of_request.get(request, OTHER)) for at, request in fixes]
    bands = list(_bands(lived, tz)) if lived else []
    every = every_day([stretch.day for stretch in (*marks, *bands)])
    if not every:
        return blank("No position left the phone, so that there is no timeline.")
    days = every[:DAYS]
    figure = canvas(_ROW_IN * len(days) + 1.3)
    axes = figure.subplots()
    _frame(axes, days, tz)
    _draw_bands(axes, bands, days)
    _draw_marks(axes, marks, days)
    title = f"{person.trail} that left the phone, by day and hour"
    axes.set_title(title + (f"; the first {DAYS} of {len(every)} days" if len(every) > DAYS else ""))
    handles = [key("home"), key("work"), key(OTHER)]
    if lived:
        axes.set_xlabel(f"{axes.get_xlabel()}; the band beneath each day is the truth")
        handles.append(Line2D([], [], color=LOOKS[TRAVELLING].colour, linewidth=_LINE_PT, label=TRAVELLING))
    figure.legend(handles=handles, loc="outside lower left", ncols=len(handles), frameon=False)
    return figure


def day_name(day: date) -> str:
    """`Mon 17 Feb`, in any locale."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def _frame(axes: Axes, days: Sequence[date], tz: ZoneInfo) -> None:
    axes.set(xlim=(0, 24), ylim=(len(days) - 0.4, -0.6), xlabel=f"hour of the day, {tz.key}")
    axes.set_xticks(range(0, 25, 2), [f"{hour:02d}:00" for hour in range(0, 25, 2)])
    axes.set_yticks(range(len(days)), [day_name(day) for day in days])
    axes.tick_params(length=0)
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["left", "right", "top"]].set_visible(False)
    for row in range(len(days)):
        axes.axhline(row, color=GRID, linewidth=0.8, zorder=0.5)


def _draw_bands(axes: Axes, bands: Iterable[Stretch], days: Sequence[date]) -> None:
    rows = {day: row for row, day in enumerate(days)}
    for band in bands:
        if band.day in rows:
            look = LOOKS[band.look]
            row = rows[band.day] + 0.32
            if band.look == TRAVELLING:
                axes.hlines(row, band.start, band.end, color=look.colour, linewidth=_LINE_PT)
                continue
            span, height = [(band.start, band.end - band.start)], (row - 0.08, 0.16)
            axes.broken_barh(span, height, facecolor=look.colour, edgecolor="white", hatch=look.hatch, linewidth=0)


def _draw_marks(axes: Axes, marks: Iterable[Stretch], days: Sequence[date]) -> None:
    rows = {day: row for row, day in enumerate(days)}
    for name, look in LOOKS.items():
        of_it = [(mark.start, rows[mark.day]) for mark in marks if mark.look == name and mark.day in rows]
        axes.scatter(
            [hour for hour, _ in of_it],
            [row for _, row in of_it],
            s=48,
            marker=look.marker,
            facecolor=look.colour,
            edgecolor="white",
            linewidth=0.7,
            zorder=3,
        )


def _mark(at: datetime, tz: ZoneInfo, look: str) -> Stretch:
    local = at.astimezone(tz)
    return Stretch(local.date(), _hour(local), _hour(local), look)


def _bands(lived: Lived, tz: ZoneInfo) -> Iterator[Stretch]:
    """The truth, cut at local midnights."""
    rows = lived.whereabouts[["started_at", "finished_at", "look"]]
    for started_at, finished_at, look in rows.itertuples(index=False, name=None):
        start, end = started_at.astimezone(tz), finished_at.astimezone(tz)
        while start.date() < end.date():
            yield Stretch(start.date(), _hour(start), 24.0, look)
            start = start.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        if start < end:
            yield Stretch(start.date(), _hour(start), _hour(end), look)


def _hour(local: datetime) -> float:
    return local.hour + local.minute / 60 + local.second / 3600


def every_day(days: Iterable[date]) -> list[date]:
    """Every day from the first to the last; of a long time, those on which something was."""
    known = sorted(set(days))
    span = (known[-1] - known[0]).days + 1 if known else 0
    return [known[0] + timedelta(days=number) for number in range(span)] if span <= DAYS else known
