"""The claims of Mozur, Zhong and Krolik, The New York Times, 1 March 2020.

They read the software's code; no capture of its traffic is public.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from scantrail.colours.published import STATUSES
from scantrail.decoders import fields
from scantrail.findings.evidence import Answer, Claim, Evidence, beyond, missing
from scantrail.findings.words import count, indices, listed
from scantrail.geo import METRES_PER_DEGREE, Point, point_distance_m
from scantrail.model import Disclosure, Field, Request

TIMES = "The New York Times, 1 March 2020"


# T1: on consent


_CONSENT_KINDS = {"position", "city", "code_number"}
_TOGETHER = "location, city name and code number together"


def consent_sends(evidence: Evidence) -> Answer:
    """One request after consent carries position, city and code number together."""
    occasions = evidence.occasions.get("consent", [])
    if not occasions:
        return missing("The capture does not say when consent was given (no such moment).")
    after = [request for occasion in occasions for request in occasion]
    telling = [request for request in after if evidence.told[request.index] >= _CONSENT_KINDS]
    if telling:
        hosts = listed(sorted({request.receiver for request in telling}))
        return Answer("supported", f"{count(telling, 'request')} to {hosts} carried {_TOGETHER}.", indices(telling))
    if any(request.index in evidence.hiding for request in after):
        shows = f"No readable request carried {_TOGETHER}; some could not be read."
        return Answer("not decidable", shows, indices(after))
    if evidence.empty:
        return missing("No request that left and could be read was recorded.")
    return Answer("refuted", f"None of {count(after, 'request')} after consent carried {_TOGETHER}.", indices(after))


def consent_is_labelled(evidence: Evidence) -> Answer:
    """That request names the police."""
    consent = {request.index for occasion in evidence.occasions.get("consent", []) for request in occasion}
    telling = {index for index in consent if evidence.told[index] >= _CONSENT_KINDS}
    labels = [label for label in evidence.police_labels if label.request.index in telling]
    if labels:
        return Answer("supported", f"The request after consent is labelled {listed(_distinct(labels))}.", _of(labels))
    if not consent:
        return missing("The capture does not say when consent was given (no such moment).")
    return Answer("not decidable", "No label of the sort on the wire; a routine's name need not be sent.")


# T2: on each scan


def scans_send_position(evidence: Evidence) -> Answer:
    """Every scan is followed by a request that carries a position."""
    scans = evidence.occasions.get("scan", [])
    if not scans:
        return missing("The capture holds no scan (no such moment).")
    telling = [[r for r in scan if "position" in evidence.told[r.index]] for scan in scans]
    silent = [scan for scan, told in zip(scans, telling, strict=True) if not told]
    requests = indices(request for told in telling for request in told)
    sent = len(scans) - len(silent)
    if not silent:
        return Answer("supported", f"{sent} of {count(scans, 'scan')} sent a position.", requests)
    shows = f"{sent} of {count(scans, 'scan')} sent a position"
    if evidence.empty:
        return missing(f"{shows}; no request that left and could be read was recorded.")
    if any(request.index in evidence.hiding for scan in silent for request in scan):
        return Answer("not decidable", f"{shows}; in others something left that could not be read.", requests)
    return Answer("refuted", f"{shows}.", requests or indices(request for scan in silent for request in scan))


def scans_send_current(evidence: Evidence) -> Answer:
    """The positions that scans send change: they are where the phone is, not a fixed entry."""
    scans = {request.index for scan in evidence.occasions.get("scan", []) for request in scan}
    positions = [d for d in evidence.sent("position") if d.request.index in scans]
    if len(scans) < 2 or len({p.request.index for p in positions}) < 2:
        return missing("Fewer than two scans with a position.")
    places = _places((position.latitude or 0.0, position.longitude or 0.0) for position in positions)
    if len(places) < 2:
        return Answer(
            "not decidable", "All scans sent the same position; the phone may not have moved.", _of(positions)
        )
    return Answer("supported", f"Scans sent positions in {len(places)} places, 100 m or more apart.", _of(positions))


_APART_M = 100.0  # positions nearer to each other are one place to a scan


def _places(points: Iterable[Point]) -> list[Point]:
    """The first of all positions that are no place yet; each is compared with those about as far north alone."""
    rows: dict[int, list[Point]] = defaultdict(list)
    for point in points:
        row = int(point[0] * METRES_PER_DEGREE / _APART_M)
        near = (place for beside in (row - 1, row, row + 1) for place in rows.get(beside, ()))
        if all(point_distance_m(point, place) >= _APART_M for place in near):
            rows[row].append(point)
    return [place for row in rows.values() for place in row]


# T3: movements over time


def trail_exists(evidence: Evidence) -> Answer:
    """Positions at several places on several days hang together by an identifier."""
    history = evidence.history
    if not evidence.occasions.get("scan"):
        return missing("The capture holds no scan (no such moment).")
    fixes = history.believed
    if fixes.empty:
        if evidence.hiding:
            return Answer("not decidable", "No position with an identifier was readable; some traffic was not.")
        if evidence.empty:
            return missing("No request that left and could be read was recorded.")
        return Answer("refuted", "No request carries a position together with an identifier.")
    days = fixes["tracked_at"].dt.tz_convert(history.tz).dt.date.groupby(fixes["user_id"]).nunique()
    places = history.locations.groupby("user_id")["location_id"].nunique()
    user = max(days.index, key=lambda name: (days[name], places.get(name, 0)))
    mine = fixes[fixes["user_id"] == user]
    number, on = int(places.get(user, 0)), int(days[user])
    told = "positions" if mine["latitude"].notna().all() else "positions or places named"
    shows = f"Subject {user}: {len(mine)} {told}, {number} places, {on} days, joined by identifiers."
    if on < 2 or number < 2:
        return missing(f"{shows} A trail needs two places and two days.")
    return Answer("supported", shows, mine["request"].tolist())


# T4: the connection to the police


_POLICE = re.compile(r"police|law enforcement|public security|公安|警", re.IGNORECASE)
_NOTICE = re.compile(r"notice|agreement|privacy|policy|terms|consent|协议|隐私", re.IGNORECASE)


def traffic_names_police(evidence: Evidence) -> Answer:
    """Some request carries a label that names the police."""
    labels = evidence.police_labels
    if labels:
        return Answer("supported", f"Requests are labelled {listed(_distinct(labels))}.", _of(labels))
    return Answer("not decidable", "No request carries a label that names the police.")


def notice_is_silent(evidence: Evidence) -> Answer:
    """The notice that the app downloaded does not name the police."""
    notices = [
        request
        for request in evidence.capture.requests
        if request.response and request.response.body and _NOTICE.search(request.url)
    ]
    if not notices:
        return missing("No notice to users was downloaded while recording.")
    naming = [r for r in notices if any(_POLICE.search(field.text) for field in _received(r))]
    if naming:
        return Answer("refuted", "The notice that was downloaded names the police.", indices(naming))
    if any(request.index in evidence.closed_answers for request in notices):
        return Answer("not decidable", "A notice was downloaded of which not all could be read.", indices(notices))
    return Answer("supported", "The notice that was downloaded does not name the police.", indices(notices))


# T5, T6: colours


_REASON = re.compile(r"(.*_)?(reason|cause|why|because|explanation|basis|原因|理由)", re.IGNORECASE)
_CLAUSES = re.compile(r"[.;,\n。；，、]")
_DAYS = {
    "yellow": (re.compile(r"yellow|黄", re.IGNORECASE), re.compile(r"\b(7|seven)\b|7\s*天|七天", re.IGNORECASE)),
    "red": (
        re.compile(r"\bred\b|红", re.IGNORECASE),
        re.compile(r"\b(14|fourteen|two weeks)\b|14\s*天|十四天", re.IGNORECASE),
    ),
}


def colours_come_without_reason(evidence: Evidence) -> Answer:
    """Answers that carry the colour carry no reason for it."""
    coloured = _unique(d.request for d in evidence.received("health_status"))
    if not coloured:
        return missing("No answer with a colour was recorded.")
    reasoned = [r for r in coloured if any(_REASON.fullmatch(field.key) for field in _received(r))]
    if reasoned:
        return Answer("refuted", f"{count(reasoned, 'answer')} with a colour gave a reason.", indices(reasoned))
    return Answer("supported", f"{count(coloured, 'answer')} gave a colour, none a reason.", indices(coloured))


def colours_are_assigned(evidence: Evidence) -> Answer:
    """The server answers with a colour."""
    statuses = evidence.received("health_status")
    if not statuses:
        return missing("No answer with a colour was recorded.")
    counts = Counter(STATUSES.get(status.value.lower(), status.value.lower()) for status in statuses)
    shows = ", ".join(f"{colour} {number} times" for colour, number in counts.most_common())
    return Answer("supported", f"The server answered {shows}.", _of(statuses))


def colours_mean_days(evidence: Evidence) -> Answer:
    """The server states yellow as 7 days and red as 14."""
    coloured = _unique(d.request for d in evidence.received("health_status"))
    stating = [request for request in coloured if _stated(_received(request)) >= set(_DAYS)]
    if stating:
        shows = f"{count(stating, 'answer')} stated what yellow (7 days) and red (14 days) mean."
        return Answer("supported", shows, indices(stating))
    return missing("No answer stated what the colours mean.")


def _stated(fields: Sequence[Field]) -> set[str]:
    """The colours whose days are stated: in one clause, or in one object, that speaks of that colour alone."""
    objects: dict[str, str] = defaultdict(str)
    for field in fields:
        objects[field.parent] += f" {field.text}"
    units = [*objects.values(), *(f"{f.key} {clause}" for f in fields for clause in _CLAUSES.split(f.text))]
    alone = [(spoken[0], unit) for unit in units if len(spoken := _colours(unit)) == 1]
    return {colour for colour, unit in alone if _DAYS[colour][1].search(unit)}


def _colours(text: str) -> list[str]:
    return [colour for colour, (name, _) in _DAYS.items() if name.search(text)]


# T7: inputs


_FORM_KINDS = {"name", "resident_id", "phone_number", "travel"}


def form_asks(evidence: Evidence) -> Answer:
    """One request carries name, resident id, telephone number and recent travel."""
    forms = [index for index, kinds in evidence.told.items() if kinds >= _FORM_KINDS]
    if forms:
        shows = f"{count(forms, 'request')} carried name, national ID, telephone number and recent travel."
        return Answer("supported", shows, forms)
    return missing("No sign-up was recorded.")


CLAIMS = (
    Claim(
        "T1",
        "As soon as consent is given, the person's location, city name and an identifying code number are sent to a"
        " server, by a routine labelled reportInfoAndLocationToPolice.",
        TIMES,
        (
            ("After consent, location, city name and code number leave in one request.", consent_sends),
            ("That request is labelled as a report to the police.", consent_is_labelled),
        ),
    ),
    Claim(
        "T2",
        "Each time the code is scanned, the current location is sent to the system's servers.",
        TIMES,
        (
            ("Every scan sends a position.", scans_send_position),
            ("The position is the current one.", scans_send_current),
        ),
    ),
    Claim(
        "T3",
        "This could allow movements to be tracked over time.",
        TIMES,
        (("What leaves is enough to follow one person through places and days.", trail_exists),),
    ),
    Claim(
        "T4",
        "The software does not make clear to users its connection to the police.",
        TIMES,
        (
            ("Traffic carries a label that names the police.", traffic_names_police),
            ("The notice that the app downloads does not name the police.", notice_is_silent),
            ("The police receive the data.", beyond("a request shows a host, not who reads what it receives.")),
        ),
    ),
    Claim(
        "T5",
        "How colours are assigned is not public, and there is no clear way to make a code turn green.",
        TIMES,
        (
            ("The server gives colours without reasons.", colours_come_without_reason),
            ("The rules are published nowhere.", beyond("what was published elsewhere never passed this phone.")),
        ),
    ),
    Claim(
        "T6",
        "Green: move freely; yellow: may be asked to stay home for seven days; red: a two-week quarantine.",
        TIMES,
        (
            ("The server answers with a colour.", colours_are_assigned),
            ("It states what yellow and red mean: 7 and 14 days.", colours_mean_days),
        ),
    ),
    Claim(
        "T7",
        "Colours draw on known cases and government data on travel bookings; people enter name, national ID number,"
        " contact details and recent travel.",
        TIMES,
        (
            ("Name, national ID, telephone number and recent travel are sent at sign-up.", form_asks),
            (
                "Known cases and travel bookings feed the colour.",
                beyond("servers talk to each other out of its sight."),
            ),
        ),
    ),
)


def _received(request: Request) -> list[Field]:
    return [field for field in fields(request) if field.side == "received"]


def _of(disclosures: Iterable[Disclosure]) -> list[int]:
    return [disclosure.request.index for disclosure in disclosures]


def _unique(requests: Iterable[Request]) -> list[Request]:
    return list({request.index: request for request in requests}.values())


def _distinct(disclosures: Iterable[Disclosure]) -> list[str]:
    return list(dict.fromkeys(disclosure.value for disclosure in disclosures))
