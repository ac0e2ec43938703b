"""The report: one page with its figures. Everything in it leads back to the bytes of a request.

The page is one file that needs nothing else: figures and scripts are inside it, and its content-security policy lets it
fetch nothing and run nothing but those very scripts, by their hashes. What a capture holds is hostile: it passes
`page._shown`, then Jinja's escaping; what the scripts read of it stands in a data block.
"""

from pathlib import Path

from scantrail import Analysis
from scantrail.report import pictures, sections
from scantrail.report.context import context
from scantrail.report.crowd import crowd
from scantrail.report.hours import hours
from scantrail.report.moving import moving
from scantrail.report.page import render
from scantrail.report.people import inferred
from scantrail.report.truth import known

PEOPLE = 8  # subjects with map and timeline, those with most positions


def write(analysis: Analysis, folder: Path) -> Path:
    """Write `index.html` and `figures/` into a folder, and give the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    figures, tz, truth = folder / "figures", analysis.capture.tz, known(analysis)
    shown = inferred(analysis.history)[:PEOPLE]
    spent = hours(analysis.history, shown, tz)
    people = [
        (
            person,
            pictures.of_person(
                figures, number, person, truth.lived.get(person.user_id), tz, spent.get(person.user_id, [])
            ),
        )
        for number, person in enumerate(shown, start=1)
    ]
    receivers = sections.receivers(analysis.capture, sections.tell(analysis.disclosures))
    matrix = pictures.of_receivers(figures, receivers)
    unique = crowd(analysis.history, tz)
    curve = pictures.of_crowd(figures, unique)
    map_ = moving(analysis.history, shown, spent, tz)
    page = folder / "index.html"
    said = context(analysis, people=people, matrix=matrix, truth=truth, unique=unique, curve=curve, moving=map_)
    page.write_text(render(tz, said), "utf-8")
    return page
