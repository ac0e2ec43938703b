"""The claim of central collection: row PU1 of Table 1 in Lueks et al., CrowdNotifier, turned round.

There it is a requirement, "no central collection", that designs of presence tracing meet or fail. Here a claim says
that the design of this capture fails it, so that supported, refuted and not decidable mean what they mean elsewhere.
"""

from collections.abc import Iterable, Sequence

from scantrail.findings.evidence import Answer, Claim, Evidence, missing
from scantrail.findings.words import count, indices, listed
from scantrail.visits import PLACES, Visit

CROWDNOTIFIER = "Lueks et al., CrowdNotifier, PoPETs 2021, Table 1, row PU1"


def scans_tell_places(evidence: Evidence) -> Answer:
    """Requests of scans carry a place together with an identifier."""
    told = evidence.visits.by_receiver
    if not told:
        return _untold(evidence)
    scans = {visit.scan for visits in told.values() for visit in visits}
    shows = f"{len(scans)} of {count(evidence.scans, 'scan')} told {listed(told)} a place with an identifier."
    return Answer("supported", shows, _requests(visit for visits in told.values() for visit in visits))


def one_receiver_joins(evidence: Evidence) -> Answer:
    """Some receiver knows two visits or more of one subject."""
    found = evidence.visits
    if not found.together:
        answer = _untold(evidence)
        nobody = "No receiver was told of a visit, so that none can join two."
        return answer._replace(shows=nobody) if answer.verdict == "refuted" else answer
    if found.alone:
        most, visits = max(found.alone.items(), key=lambda row: len({visit.scan for visit in row[1]}))
        others = [receiver for receiver in found.alone if receiver != most]
        also = f" So could {listed(others)}, of other requests." if others else ""
        shows = f"{most} alone can join {_whose(visits)}.{also}"
        return Answer("supported", shows, _requests(visits))
    if found.joined:
        together = f"Together {listed(_involved(evidence))} could join {_whose(found.joined)}"
        alone, beyond = (
            "No receiver alone: none knows two visits of one subject",
            "whether they do is beyond this traffic",
        )
        shows = f"{alone}. {together}; {beyond}."
        return Answer("not decidable", shows, _requests(found.joined))
    return missing("No subject was seen at two scans, by all receivers together: a history needs two.")


def _untold(evidence: Evidence) -> Answer:
    """No scan told a place with an identifier: whether that means that nobody was told of visits."""
    if not evidence.scans:
        return missing("The capture holds no scan (no such moment).")
    number = count(evidence.scans, "scan")
    at_scans = [request for scan in evidence.scans for request in scan]
    nameless = [request for request in at_scans if PLACES & evidence.told[request.index]]
    if nameless:
        hosts = listed(sorted({request.receiver for request in nameless}))
        shows = f"Scans told {hosts} a place, but no identifier; addresses and times may tell whose it is."
        return Answer("not decidable", shows, indices(nameless))
    since = evidence.since_first_scan
    later = [request for request in since if PLACES & evidence.told[request.index]]
    if later:
        shows = f"None of {number} told a place, but other moments after the first did: visits may be told later."
        return Answer("not decidable", shows, indices(later))
    hidden = [request for request in since if request.index in evidence.hiding]
    if hidden:
        shows = f"None of {number} told a place that could be read; something that left since could not be read."
        return Answer("not decidable", shows, indices(hidden))
    if evidence.empty:
        return missing("No request that left and could be read was recorded.")
    if any(request.unsent for request in since):
        return missing(f"None of {number} told a place, but something did not leave that would have elsewhere.")
    shows = f"None of {number} told a place, nor did any request since; all that left could be read."
    return Answer("refuted", shows, indices(at_scans))


def _involved(evidence: Evidence) -> list[str]:
    """The receivers that were told identifiers of subjects with joined visits."""
    whose = {visit.user_id for visit in evidence.visits.joined}
    subjects = evidence.subjects.by_request
    told = (disclosure.request for disclosure in evidence.disclosures)
    return sorted({request.receiver for request in told if subjects.get(request.index) in whose})


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "PU1",
        "A server collects who was where: the design fails 'no central collection'.",
        CROWDNOTIFIER,
        (
            ("Scans tell a server a place together with an identifier.", scans_tell_places),
            ("One server alone can join visits of one person.", one_receiver_joins),
        ),
    ),
)


def _whose(visits: Sequence[Visit]) -> str:
    scans, people = {visit.scan for visit in visits}, {visit.user_id for visit in visits}
    return f"{count(scans, 'visit')} of {count(people, 'subject')}"


def _requests(visits: Iterable[Visit]) -> list[int]:
    return [visit.request for visit in visits]
