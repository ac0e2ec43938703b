"""The figures of a report: drawn, written to files, and made ready to stand in the page."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from markupsafe import Markup
from matplotlib.figure import Figure

from scantrail.detectors import KINDS
from scantrail.report import style
from scantrail.report.city import Spot
from scantrail.report.crowd import Crowd, crowd_figure
from scantrail.report.hours import NOWHERE, Hour, hours_figure
from scantrail.report.maps import map_figure
from scantrail.report.matrix import matrix_figure
from scantrail.report.people import Inferred, Lived, Point, count, listed
from scantrail.report.sections import Receiver
from scantrail.report.timeline import timeline_figure

_CSS_PIXELS_PER_INCH = 96
_SAFE = " '/:;=,.()[]{}!?*+-_@$~^|"  # in a data URI within double quotes; letters and digits are, too


class Picture(NamedTuple):
    """A figure in the page. `uri` holds it whole: a page that was sent on alone is still complete."""

    uri: Markup
    width: int
    alt: str
    caption: str
    files: str


def of_person(
    folder: Path,
    number: int,
    person: Inferred,
    lived: Lived | None,
    tz: ZoneInfo,
    *,
    spent: Sequence[Hour] = (),
    city: Sequence[Spot] = (),
) -> list[Picture]:
    """The map of a person and the matrix of their hours, if there is a position, and the timeline."""
    with style.drawing():
        days = timeline_figure(person, lived, tz)
        figures = [_picture(folder, f"timeline-{number}", days, *_timeline_words(person, lived, tz))]
        if person.points:
            area = map_figure(person, lived, city)
            figures.insert(0, _picture(folder, f"map-{number}", area, *_map_words(person, lived, bool(city))))
        if spent:
            figures.append(_picture(folder, f"hours-{number}", hours_figure(spent, tz), *_hours_words(spent, tz)))
    return figures


def of_crowd(folder: Path, crowd: Crowd) -> Picture | None:
    """How few points single somebody out; nothing where there is nobody to be told apart from."""
    if crowd.few:
        return None
    alt = f"Curves of how many people a number of known points singles out. {crowd.words}"
    caption = (
        "Of each person so many points are drawn at random; who alone has them all is singled out. Bars: 95% intervals"
        f" (Wilson). The crowd is the {count(crowd.people, 'subject')} of this capture: among the millions of a city,"
        " more points are needed."
    )
    with style.drawing():
        return _picture(folder, "uniqueness", crowd_figure(crowd), alt, caption)


def of_receivers(folder: Path, receivers: Sequence[Receiver]) -> Picture | None:
    """What each receiver learned; nothing if none learned anything."""
    told = {receiver.host: receiver.tally.told for receiver in receivers if receiver.tally.told}
    if not told:
        return None
    with style.drawing():
        return _picture(folder, "receivers", matrix_figure(told, list(KINDS)), *_matrix_words(told))


def _picture(folder: Path, name: str, figure: Figure, alt: str, caption: str) -> Picture:
    svg = style.save(figure, folder, name).read_text("utf-8")
    width = round(figure.get_figwidth() * _CSS_PIXELS_PER_INCH)
    uri = Markup(f"data:image/svg+xml,{quote(svg, safe=_SAFE)}")  # noqa: S704 - quoted; a quarter smaller than base64
    return Picture(uri, width, alt, caption, f"{folder.name}/{name}.png, .svg, .pdf")


def _map_words(person: Inferred, lived: Lived | None, city: bool) -> tuple[str, str]:
    what = f"{count(len(person.locations), 'place')} and {count(len(person.trips), 'way')} between them"
    alt = f"Map of what was reconstructed: {what}; {_where(person.anchors_at) or 'neither home nor work'}."
    caption = (
        "Places by how often the phone told of being there, and straight lines between those that follow each other."
        + " Small diamonds: places of the city." * city
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
    beneath = " A band beneath each day shows where the person truly was." * (lived is not None)
    alt = f"Timeline: {person.trail} by day and hour, each marked as home, work or other place.{beneath}"
    caption = f"Each mark is one request that told where the phone was, by the clock of {tz.key}."
    return alt, caption


def _hours_words(spent: Sequence[Hour], tz: ZoneInfo) -> tuple[str, str]:
    spans = Counter(hour.look for hour in spent)
    what = listed([f"{number} at {name}" if name != NOWHERE else f"{number} {name}" for name, number in spans.items()])
    alt = f"Matrix of days by hours: of {count(len(spent), 'hour')} the person was most probably {what}."
    caption = (
        f"For every full hour by the clock of {tz.key} from the first position to the last, the most probable kind of"
        " place, inferred from those positions alone. “Elsewhere” is wherever no position was ever told."
    )
    return alt, caption


def _matrix_words(told: Mapping[str, Mapping[str, int]]) -> tuple[str, str]:
    kinds, hosts = len({kind for counts in told.values() for kind in counts}), count(len(told), "receiver")
    alt = f"Table of {hosts} by kind of disclosure; the numbers are in the table that follows."
    return alt, f"{count(kinds, 'kind')} of disclosure reached {hosts}."
