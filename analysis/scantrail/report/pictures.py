"""The figures of a report: drawn, written to files, and made ready to stand in the page."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from matplotlib.figure import Figure

from scantrail.detectors import KINDS
from scantrail.report import style
from scantrail.report.maps import map_figure
from scantrail.report.matrix import matrix_figure
from scantrail.report.people import Inferred, Lived, Point, count, listed
from scantrail.report.sections import Receiver
from scantrail.report.timeline import timeline_figure

_CSS_PIXELS_PER_INCH = 96


class Picture(NamedTuple):
    """A figure in the page. `uri` holds it whole: a page that was sent on alone is still complete."""

    uri: str
    width: int
    alt: str
    caption: str
    files: str


def of_person(folder: Path, number: int, person: Inferred, lived: Lived | None, tz: ZoneInfo) -> list[Picture]:
    """The map of a person, if there is a position to draw, and the timeline."""
    with style.drawing():
        days = timeline_figure(person, lived, tz)
        timeline = _picture(folder, f"timeline-{number}", days, *_timeline_words(person, lived, tz))
        if not person.points:
            return [timeline]
        area = map_figure(person, lived)
        return [_picture(folder, f"map-{number}", area, *_map_words(person, lived)), timeline]


def of_receivers(folder: Path, receivers: Sequence[Receiver]) -> Picture | None:
    """What each receiver learned; nothing if none learned anything."""
    told = {receiver.host: receiver.tally.told for receiver in receivers if receiver.tally.told}
    if not told:
        return None
    with style.drawing():
        return _picture(folder, "receivers", matrix_figure(told, list(KINDS)), *_matrix_words(told))


def _picture(folder: Path, name: str, figure: Figure, alt: str, caption: str) -> Picture:
    svg = style.save(figure, folder, name).read_bytes()
    width = round(figure.get_figwidth() * _CSS_PIXELS_PER_INCH)
    uri = f"data:image/svg+xml;base64,{b64encode(svg).decode()}"
    return Picture(uri, width, alt, caption, f"{folder.name}/{name}.png, {name}.svg")


def _map_words(person: Inferred, lived: Lived | None) -> tuple[str, str]:
    what = f"{count(len(person.locations), 'place')} and {count(len(person.trips), 'way')} between them"
    alt = f"Map of what was reconstructed: {what}; {_where(person.anchors_at) or 'neither home nor work'}."
    caption = (
        "Places by how often the phone told of being there, and straight lines between those that follow each other."
    )
    if not lived:
        return alt, caption
    beside = "Right: the truth, places by the hours spent there. Both maps show the same area."
    return (
        f"{alt} Beside it the truth: {_where(lived.anchors_at)}.",
        f"Left: {caption[0].lower()}{caption[1:]} {beside}",
    )


def _where(anchors: Mapping[str, Point]) -> str:
    return listed([f"{name} at {at.latitude:.4f}, {at.longitude:.4f}" for name, at in anchors.items()])


def _timeline_words(person: Inferred, lived: Lived | None, tz: ZoneInfo) -> tuple[str, str]:
    alt = f"Timeline: {person.trail} by day and hour, each marked as home, work or other place."
    caption = f"Each mark is one request that told where the phone was, by the clock of {tz.key}."
    return alt, f"{caption} The band beneath each day is the truth." if lived else caption


def _matrix_words(told: Mapping[str, Mapping[str, int]]) -> tuple[str, str]:
    kinds, hosts = len({kind for counts in told.values() for kind in counts}), count(len(told), "receiver")
    alt = f"Table of {hosts} by kind of disclosure; the numbers are in the table that follows."
    return alt, f"{count(kinds, 'kind')} of disclosure reached {hosts}. Each number counts requests."
