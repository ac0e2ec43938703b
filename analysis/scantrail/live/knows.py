"""What the server knows by now: the history of a capture that is still growing, put into words and points."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from scantrail import Analysis, geo, scoring
from scantrail.detectors import IDENTIFIERS, KINDS
from scantrail.history import History
from scantrail.live.crowd import Crowd
from scantrail.live.protocol import Spot
from scantrail.model import CaptureError
from scantrail.report.page import local
from scantrail.report.people import Inferred, Point, count, inferred, listed, of_today
from scantrail.report.truth import in_words

NEAR_M = 400.0  # a place so near to a position gives it its name
MEETINGS = 6  # shown, the most probable ones
_OUTRIGHT = ("name", "resident_id", "phone_number", "email", "travel_document", "bank_account", "health_record")


class Guess(NamedTuple):
    """Home or work: how probable in percent, where in words, why, and how far from the truth if that is revealed."""

    purpose: str
    percent: int
    where: str
    because: str
    off_m: float | None = None


class Met(NamedTuple):
    """A meeting: with whom, where and when, how probable in percent."""

    other: str
    where: str
    when: str
    percent: int


class Measure(NamedTuple):
    """How far an inference is right: what is measured, the inference's value, a naive one's, what it means."""

    name: str
    value: str
    naive: str
    meaning: str


class Revealed(NamedTuple):
    """What is true of the subject."""

    name: str
    home: Point
    work: Point | None
    trail: Sequence[Sequence[Point]]
    measures: Sequence[Measure]


@dataclass(frozen=True)
class Knows:
    """What the server knows of one subject, and who else it knows."""

    subjects: Sequence[tuple[str, str]]
    user_id: str = ""
    known_by: str = ""
    outright: str = ""
    trail: str = ""
    guesses: Sequence[Guess] = ()
    undecided: str = ""
    met: Sequence[Met] = ()
    crowd: Sequence[tuple[int, int]] = ()
    crowd_size: int = 0
    fixes: Sequence[tuple[Point, str, bool]] = ()
    places: Sequence[tuple[Point, str, str]] = ()
    truth: Revealed | None = None
    truth_problem: str = ""


@dataclass(frozen=True)
class Wanted:
    """What the page wants to know: of whom (else of the phone in the hand, else of who told most), and how true."""

    user_id: str = ""
    device_id: str = ""
    is_revealed: bool = False


def knows(analysis: Analysis, wanted: Wanted, spots: Sequence[Spot], crowd: Crowd | None) -> Knows:
    """Infer it.

    Args:
        analysis: of all that was sent so far.
        wanted: which subject, and whether the truth may be looked at.
        spots: places with names.
        crowd: other people among whom the subject may be looked for.

    """
    subjects = analysis.subjects
    mine = next((user for user, known in subjects.identifiers.items() if ("device_id", wanted.device_id) in known), "")
    history = analysis.history
    people = {person.user_id: person for person in inferred(history)}
    names = [user for user in subjects.identifiers if user in people or user == mine]
    listed_ = [(user, f"{user}, the phone in your hand" if user == mine else user) for user in names]
    chosen = wanted.user_id if wanted.user_id in names else mine or next(iter(people), "")
    if not chosen:
        return Knows(listed_)
    shown = Knows(listed_, chosen, _known_by(analysis, chosen), _outright(analysis, chosen))
    if chosen not in people:
        return shown
    person, tz = people[chosen], analysis.capture.tz
    where = Places(spots)
    truth, problem = _truth(analysis, chosen) if wanted.is_revealed else (None, "")
    today = of_today(person.anchors)
    absent = [purpose for purpose in ("home", "work") if purpose not in set(today["purpose"])]
    return Knows(
        subjects=listed_,
        user_id=chosen,
        known_by=shown.known_by,
        outright=shown.outright,
        trail=_trail(person.trail, len(person.locations), person.doubted),
        guesses=list(_guesses(today, where, truth)),
        undecided=f"{listed(absent).capitalize()}: not decidable yet, by these scans." if absent else "",
        met=_met(history, chosen, where, tz),
        crowd=crowd.narrowed(person.positionfixes) if crowd else (),
        crowd_size=crowd.people if crowd else 0,
        fixes=_fixes(history, chosen, tz),
        places=_places(person, where),
        truth=truth,
        truth_problem=problem,
    )


def _outright(analysis: Analysis, user_id: str) -> str:
    """What requests said of a subject in so many words."""
    of = analysis.subjects.by_request
    kinds = {one.kind for one in analysis.arrived if one.side == "sent" and of.get(one.request.index) == user_id}
    return listed([kind.replace("_", " ") for kind in KINDS if kind in kinds and kind in _OUTRIGHT])


class Places:
    """Names for positions."""

    def __init__(self, spots: Sequence[Spot]) -> None:
        self.spots = spots
        self._latitude = np.array([spot.latitude for spot in spots])
        self._longitude = np.array([spot.longitude for spot in spots])

    def name(self, latitude: float, longitude: float) -> str:
        """What is there: the nearest place, or the position itself."""
        if self.spots and not pd.isna(latitude):
            away_m = geo.distance_m(self._latitude, self._longitude, latitude, longitude)
            nearest = int(np.argmin(away_m))
            if away_m[nearest] <= NEAR_M:
                spot = self.spots[nearest]
                return spot.english or spot.name
        return "a place known by its code alone" if pd.isna(latitude) else f"{latitude:.4f}, {longitude:.4f}"


def _known_by(analysis: Analysis, user_id: str) -> str:
    known = [kind for kind, _ in analysis.subjects.identifiers[user_id]]
    kinds = [kind for kind in IDENTIFIERS if kind in known]
    return listed([count(known.count(kind), kind.replace("_", " ")) for kind in kinds])


def _trail(trail: str, places: int, doubted: int) -> str:
    doubt = f"; {doubted} more cannot be true" if doubted else ""
    return f"{trail} at {count(places, 'place')}{doubt}"


def _fixes(history: History, user_id: str, tz: ZoneInfo) -> list[tuple[Point, str, bool]]:
    """Each position that was told: where, when in words, and whether it is believed."""
    rows = history.positionfixes[history.positionfixes["user_id"] == user_id].dropna(subset=["latitude", "longitude"])
    rows = rows.sort_values("tracked_at")
    columns = rows[["latitude", "longitude", "tracked_at", "doubt"]]
    return [
        (Point(latitude, longitude), local(at, tz), pd.isna(doubt))
        for latitude, longitude, at, doubt in columns.itertuples(index=False, name=None)
    ]


def _places(person: Inferred, where: Places) -> list[tuple[Point, str, str]]:
    """Each place: where, what it is to the subject, and its name."""
    rows = person.locations.dropna(subset=["latitude", "longitude"])[["latitude", "longitude", "location_id"]]
    return [
        (Point(latitude, longitude), person.purpose(location), where.name(latitude, longitude))
        for latitude, longitude, location in rows.itertuples(index=False, name=None)
    ]


def _guesses(anchors: pd.DataFrame, where: Places, truth: Revealed | None) -> Iterator[Guess]:
    columns = anchors[["purpose", "probability", "because", "latitude", "longitude"]]
    for purpose, probability, because, *at in columns.itertuples(index=False, name=None):
        true = None if truth is None else truth.home if purpose == "home" else truth.work
        off_m = None if true is None or pd.isna(at[0]) else float(geo.distance_m(at[0], at[1], *true))
        yield Guess(purpose, round(probability * 100), where.name(*at), because, off_m)


def _met(history: History, user_id: str, where: Places, tz: ZoneInfo) -> list[Met]:
    table = history.meetings
    mine = table[(table["user_id"] == user_id) | (table["other_id"] == user_id)]
    rows = mine.sort_values("probability", ascending=False).head(MEETINGS)
    columns = rows[["user_id", "other_id", "latitude", "longitude", "started_at", "probability"]]
    return [
        Met(
            other if one == user_id else one,
            where.name(latitude, longitude),
            f"{at.astimezone(tz):%a %H:%M}",
            round(probability * 100),
        )
        for one, other, latitude, longitude, at, probability in columns.itertuples(index=False, name=None)
    ]


def _truth(analysis: Analysis, user_id: str) -> tuple[Revealed | None, str]:
    """What the simulation says of the subject; or why that is not known."""
    try:
        truth = scoring.read_truth(analysis.capture.path)
    except CaptureError as error:
        return None, str(error)
    identifiers: Mapping[str, frozenset[str]] = {
        user: analysis.subjects.values(user) for user in analysis.subjects.identifiers
    }
    person = scoring.match(truth, identifiers).get(user_id)
    if person is None:
        return None, "The truth names nobody with these identifiers."
    measures = [
        Measure(
            row.metric.replace("_", " "), in_words(row.value, row.unit), in_words(row.baseline, row.unit), row.meaning
        )
        for row in scoring.score(analysis.history, truth, identifiers)
        if row.user_id == person.user_id and row.value is not None
    ]
    rows = truth.of(person.user_id)
    ways = [
        [Point(a, b), Point(c, d)]
        for a, b, c, d in rows[["latitude", "longitude", "end_latitude", "end_longitude"]].itertuples(
            index=False, name=None
        )
    ]
    work = Point(person.work.latitude, person.work.longitude) if person.work else None
    return Revealed(person.name, Point(person.home.latitude, person.home.longitude), work, ways, measures), ""
