"""From values to the page. Everything that is shown passes `_shown`, and then Jinja's escaping."""

import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from scantrail.model import Disclosure
from scantrail.report.people import count
from scantrail.report.timeline import day_name
from scantrail.visible import visible

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CHINESE = re.compile(rf"([{_HAN}][{_HAN}\u3001-\u301f\uff01-\uff5e]*)")  # and its punctuation
_ZH = Markup('<span lang="zh">{}</span>')


def render(tz: ZoneInfo, context: Mapping[str, object]) -> str:
    """Fill the page's template; times are shown by the clock of a zone."""
    return environment(tz).get_template("page.html.j2").render(context)


def environment(tz: ZoneInfo, *packages: str) -> Environment:
    """Make what fills the templates of some packages, and those of the report, safely."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package, "") for package in (*packages, "scantrail.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "plain": visible,
        "short": lambda text, limit=200: tongues(visible(text, limit)),
        "tongues": tongues,
        "local": lambda at: local(at, tz),
        "grouped": lambda number: f"{number:,}",
        "counted": count,
        "position": position,
    }
    return environment


def _shown(value: object) -> object:
    """No hidden character reaches the page but the line break. What is markup already was shown before."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "\n".join(visible(line, len(line)) for line in value.split("\n"))


def tongues(text: str) -> Markup:
    """Text for an element, not for an attribute: Chinese in it says that it is, to what reads the page aloud."""
    parts = _CHINESE.split(str(_shown(text)))  # every other one is Chinese
    return Markup().join(_ZH.format(part) if odd % 2 else part for odd, part in enumerate(parts) if part)


def local(at: datetime, tz: ZoneInfo) -> str:
    """`Mon 17 Feb 2020, 08:04:11` by the clock of a zone."""
    there = at.astimezone(tz)
    return f"{day_name(there.date())} {there.year}, {there:%H:%M:%S}"


def position(disclosure: Disclosure) -> str:
    """A position in words: where, how precisely, and in which datum it was sent."""
    precision = "" if disclosure.precision_m is None else f" ± {disclosure.precision_m:,.4g} m"
    latitude, longitude = disclosure.latitude or 0.0, disclosure.longitude or 0.0
    north, east = "N" if latitude >= 0 else "S", "E" if longitude >= 0 else "W"
    where = f"{abs(latitude):.6f}° {north}, {abs(longitude):.6f}° {east} (WGS-84){precision}"
    return f"{where}; sent in {disclosure.datum}, {visible(disclosure.datum_because)}"
