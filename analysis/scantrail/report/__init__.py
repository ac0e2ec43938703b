"""The report: one page with its figures. Everything in it leads back to the bytes of a request.

The page is one file that needs nothing else: figures and scripts are inside it, and its content-security policy lets it
fetch nothing and run nothing but those very scripts, by their hashes. What a capture holds is hostile: it passes
`page._shown`, then Jinja's escaping; what the scripts read of it stands in a data block.
"""

from pathlib import Path

from scantrail import Analysis
from scantrail.report import pictures, sections
from scantrail.report.city import spots
from scantrail.report.context import context
from scantrail.report.crowd import crowd
from scantrail.report.hours import hours
from scantrail.report.moving import moving
from scantrail.report.page import render
from scantrail.report.people import inferred
from scantrail.report.truth import known

PEOPLE = 8  # subjects with map and timeline, those with most positions


def write(analysis: Analysis, folder: Path, *, city: Path | None = None, tiles: str | None = None) -> Path:
    """Write `index.html` and `figures/` into a folder, and give the page's path.

    Args:
        analysis: of the capture.
        folder: made if it is not there.
        city: a file with places to draw behind maps: see `city.spots`.
        tiles: the address of a tile server for the moving map, which whoever opens the page then asks.

    Raises:
        CaptureError: `city` is no such file.

    """
    places = spots(city) if city else []
    folder.mkdir(parents=True, exist_ok=True)
    figures, tz, truth = folder / "figures", analysis.capture.tz, known(analysis)
    shown = inferred(analysis.history)[:PEOPLE]
    spent = hours(analysis.history, shown, tz)
    people = []
    for number, person in enumerate(shown, start=1):
        lived, hers = truth.lived.get(person.user_id), spent.get(person.user_id, [])
        people.append((person, pictures.of_person(figures, number, person, lived, tz, spent=hers, city=places)))
    receivers = sections.receivers(analysis.capture, sections.tell(analysis.disclosures))
    matrix = pictures.of_receivers(figures, receivers)
    unique = crowd(analysis.history, tz)
    curve = pictures.of_crowd(figures, unique)
    map_ = moving(analysis.history, shown, spent, tz, city=places, tiles=tiles)
    page = folder / "index.html"
    said = context(analysis, people=people, matrix=matrix, truth=truth, unique=unique, curve=curve, moving=map_)
    page.write_text(render(tz, said), "utf-8")
    return page
