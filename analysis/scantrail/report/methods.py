"""How the page was made: each step, its parameters as the code has them, and the versions of what ran."""

import inspect
import platform
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scantrail import mobility
from scantrail.decoders.layers import DECODERS
from scantrail.decoders.limits import Limits
from scantrail.detectors import IDENTIFIERS
from scantrail.detectors.position import DATUMS
from scantrail.detectors.rules import RULES
from scantrail.mobility.unicity import unicity
from scantrail.report.crowd import KNOWN, POINTS, SQUARE_M
from scantrail.report.people import listed

_PACKAGES = ("scantrail", "numpy", "pandas", "scikit-learn", "matplotlib", "bokeh")

_OPENED = ", ".join(dict.fromkeys(decoder.name for decoder in DECODERS if decoder.name))
_LIMITS = [f"{name}={most}" for name, most in Limits()._asdict().items()]
_RULES = [f"rules={len(RULES)}", f"datum rules={len(DATUMS)}"]
_JOINED = ", ".join(IDENTIFIERS).replace("_", " ")


class Step(NamedTuple):
    """One step of the analysis."""

    name: str
    what: str
    parameters: Sequence[str]


def steps(tz: ZoneInfo) -> list[Step]:
    """The steps in their order, for a capture whose hours are those of a zone."""
    return [
        Step("open", f"Every part of a request is opened layer by layer: {_OPENED}.", _LIMITS),
        Step("detect", "Rules look at names and values, and at pairs of numbers for positions.", _RULES),
        Step("join", f"Identifiers that come together in a request belong to one subject: {_JOINED}.", []),
        _step("staypoints", mobility.staypoints),
        _step("locations", mobility.locations),
        _step("trips", mobility.trips),
        _step("home and work", mobility.home_and_work),
        _step("presence", mobility.presence),
        _step("meetings", mobility.meetings),
        _step("uniqueness", unicity, points=POINTS, place_m=SQUARE_M, every=listed(list(KNOWN)), tz=tz.key),
        Step("judge", "Each part of a claim is one test of the traffic; no test can look at the truth.", []),
    ]


def versions() -> list[str]:
    """What ran, with versions."""
    return [*(f"{package} {version(package)}" for package in _PACKAGES), f"Python {platform.python_version()}"]


def _step(name: str, function: Callable[..., object], **given: object) -> Step:
    """A step that is one function: the first line of its docstring, and its options as given, else by default."""
    options = inspect.signature(function).parameters.values()
    used = {option.name: option.default for option in options if option.default is not option.empty} | given
    return Step(
        name,
        (inspect.getdoc(function) or "").partition("\n")[0],
        [f"{option}={value}" for option, value in used.items() if value is not None],
    )
