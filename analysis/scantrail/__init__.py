"""What a scan sends, and the trail it leaves.

The stages do not know each other; this is where they are composed:

    read ──▶ decode ──▶ detect ──▶ join, reconstruct ──▶ judge

    >>> analysis = scantrail.analyse("captures/demo")      # doctest: +SKIP
    >>> analysis.history.anchors                            # doctest: +SKIP
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from scantrail import notebook, subjects
from scantrail.decoders import fields
from scantrail.decoders.limits import Limits
from scantrail.detectors import detect
from scantrail.gaps import gaps
from scantrail.model import Capture, CaptureError, Disclosure, Finding, Gap, Known, Request
from scantrail.readers import read

if TYPE_CHECKING:  # else when first asked for: pandas takes longer to load than a small capture to read
    import pandas as pd

    from scantrail.colours import Ruling
    from scantrail.findings import Evidence
    from scantrail.history import History
    from scantrail.joins import Join

__version__ = version("scantrail")
__all__ = [
    "Analysis",
    "Capture",
    "CaptureError",
    "Disclosure",
    "Finding",
    "Gap",
    "History",
    "Known",
    "Limits",
    "Told",
    "analyse",
    "analyse_capture",
    "disclose",
    "read",
]


def __getattr__(name: str) -> Any:
    if name == "History":
        from scantrail.history import History

        return History
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


type Progress = Callable[[float], None]


@dataclass(frozen=True)
class Analysis:
    """A capture and what follows from it, each stage made when first asked for."""

    capture: Capture
    disclosures: tuple[Disclosure, ...]
    gaps: tuple[Gap, ...] = ()
    receiver: str | None = None

    @cached_property
    def subjects(self) -> subjects.Subjects:
        """Who is who, to the server (or to `receiver` alone)."""
        return subjects.join(self.arrived)

    @cached_property
    def history(self) -> "History":
        """The location history that could be inferred."""
        from scantrail.history import reconstruct
        from scantrail.mobility.positionfixes import positionfixes

        return reconstruct(positionfixes(self.arrived, self.subjects.by_request), tz=self.capture.tz)

    @cached_property
    def joins(self) -> "list[Join]":
        """Which receivers could join their trails of a subject, over which identifier; searches all requests anew."""
        from scantrail.joins import as_known, joins

        known = as_known(self.subjects)
        sent = (request for request in self.capture.requests if not request.unsent)
        told = (disclose(request, known, received=False).disclosures for request in sent)
        return joins((disclosure for found in told for disclosure in found), self.subjects)

    @cached_property
    def links(self) -> "pd.DataFrame":
        """Subjects who are probably one person with a changed identifier, by behaviour alone (`schema.LINKS`)."""
        from scantrail.mobility.pseudonyms import follow

        return follow(self.history.believed, tz=self.capture.tz)

    @cached_property
    def evidence(self) -> "Evidence":
        """All that claims are tested against."""
        from scantrail.findings import Evidence

        return Evidence(self.capture, self.arrived, self.gaps, self.history, self.subjects)

    @cached_property
    def rulings(self) -> "list[Ruling]":
        """Which published rule sets of a health code the colours that came back are consistent with."""
        from scantrail.colours import holders, rule_on

        seen = holders(self.capture, self.arrived, self.subjects.by_request)
        return rule_on(seen, self.capture.tz)

    @cached_property
    def findings(self) -> list[Finding]:
        """What the capture says of each published claim."""
        from scantrail.findings import judge

        return judge(self.evidence)

    @cached_property
    def arrived(self) -> tuple[Disclosure, ...]:
        """What left, and so told somebody something: to all receivers together, or to `receiver` alone."""
        return tuple(
            disclosure
            for disclosure in self.disclosures
            if not disclosure.request.unsent and self.receiver in (None, disclosure.request.receiver)
        )

    def _repr_html_(self) -> str:
        told = Counter((each.request.receiver, each.kind) for each in self.disclosures if each.side == "sent")
        unread = Counter(gap.what for gap in self.gaps)
        counts = f"{len(self.capture.requests)} requests, {len(self.disclosures)} disclosures"
        return notebook.page(
            str(self.capture.path),
            notebook.paragraph("; ".join([counts, *(f"{what}: {count}" for what, count in unread.most_common())])),
            notebook.table(("receiver", "kind", "times"), [(*row, count) for row, count in told.most_common()]),
        )


class Told(NamedTuple):
    """What requests tell, and what of them nobody could read."""

    disclosures: tuple[Disclosure, ...]
    gaps: tuple[Gap, ...]


def disclose(request: Request, known: Known = Known(), limits: Limits = Limits(), *, received: bool = True) -> Told:
    """Decode one request and detect what it discloses.

    Args:
        request: what was sent, and what came back.
        known: values and positions to look for besides what rules find.
        limits: where the decoders stop.
        received: whether to look into what came back, too.

    """
    found = fields(request, limits, received=received)
    disclosures = tuple(detect(found, known, request))
    return Told(disclosures, tuple(gaps(request, found, disclosures)))


def analyse(
    path: str | PathLike[str],
    *,
    tz: str | None = None,
    receiver: str | None = None,
    known: Known = Known(),
    limits: Limits = Limits(),
    progress: Progress = lambda _: None,
) -> Analysis:
    """Read a capture and make everything that follows from it.

    Args:
        path: a capture folder or a file of a known format.
        tz: IANA zone in which hours of the day are meant; by default what the capture says.
        receiver: infer from what this host alone received.
        known: values and positions to look for besides what rules find.
        limits: where the decoders stop.
        progress: called with the share of requests done, 0 to 1.

    Raises:
        CaptureError: the capture cannot be read, or holds nothing that `receiver` was sent.

    """
    capture = read(Path(path), tz=tz)
    return analyse_capture(capture, receiver=receiver, known=known, limits=limits, progress=progress)


def analyse_capture(
    capture: Capture,
    *,
    receiver: str | None = None,
    known: Known = Known(),
    limits: Limits = Limits(),
    progress: Progress = lambda _: None,
) -> Analysis:
    """Make everything that follows from a capture that was read: see `analyse` for arguments and errors."""
    if receiver and all(receiver != request.receiver for request in capture.requests):
        raise CaptureError(f"{capture.path} holds no request to {receiver!r}: see `scantrail requests`")
    disclosures: list[Disclosure] = []
    unread: list[Gap] = []
    for number, request in enumerate(capture.requests, start=1):
        told = disclose(request, known, limits)
        disclosures.extend(told.disclosures)
        unread.extend(told.gaps)
        progress(number / len(capture.requests))
    return Analysis(capture, tuple(disclosures), tuple(unread), receiver)
