"""From Fields to Disclosures: what one request tells.

The contract of the family: a detector takes the opened fields of one request and yields `Disclosure`s, each with the
rule that found it and the reasoning; it declines what it does not know and never raises. Rules are rows (`rules.RULES`,
`position.DATUMS`); to add one, add a row with its positive and negative examples: the tests run them.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from msgspec.structs import replace

from scantrail.detectors import adapters, position, rules
from scantrail.detectors import known as known_values
from scantrail.detectors.opened import Opened, opened
from scantrail.detectors.quiet import Quiet
from scantrail.model import Disclosure, Field, Known, Request

type Detector = Callable[[Opened], Iterator[Disclosure]]

KINDS = {
    "position": "where the phone is: a pair of coordinates, or a cell of a grid",
    "address": "where it is, as a postal address",
    "city": "the city it is in, by name",
    "district": "the district it is in, by name",
    "region": "the province or state it is in",
    "adcode": "the city or district it is in, by its GB/T 2260 code",
    "telephone_code": "the city it is in, by its telephone area code",
    "postcode": "the area it is in, by its postal code",
    "place_id": "a known place: its gate, poster or scanner",
    "wifi": "the radio networks around it, which tell where it is",
    "cell": "the mobile cells around it, which tell where it is",
    "ip_address": "an address of the phone on the network",
    "resident_id": "the person's resident identity number (GB 11643)",
    "travel_document": "the number of the person's passport or permit",
    "phone_number": "the person's telephone number",
    "email": "the person's e-mail address",
    "name": "the person's name",
    "device_id": "the phone, by an identifier that stays",
    "account_id": "the person's account, by its number or name",
    "code_number": "the person's health-code number",
    "insurance_id": "the person's health insurance number",
    "bank_account": "the person's bank account (IBAN)",
    "vehicle": "the person's vehicle, by its licence plate",
    "health_status": "the person's colour",
    "health_record": "the person's vaccinations, tests or recovery",
    "birth_date": "the person's date of birth",
    "diagnosis": "what the person suffers from",
    "travel": "where the person has travelled",
    "visit_time": "when the person was somewhere",
    "label": "a name in the request that says whom the data is for",
    "opaque": "bytes that nobody could read, sent to an endpoint that is known to be told where phones are",
    "known_value": "a value that was known beforehand (`--known`)",
}
IDENTIFIERS = ("resident_id", "phone_number", "code_number", "device_id")
"""Kinds that tell one person (or phone) from all others, the surest first."""

DETECTORS: tuple[Detector, ...] = (adapters.detect, position.detect, rules.detect, known_values.detect)


def detect(fields: Sequence[Field], known: Known = Known(), request: Request | None = None) -> list[Disclosure]:
    """Run all detectors over the fields of one request; disclosures in the order in which their fields stand.

    Args:
        fields: what the decoders found in it.
        known: values and positions to look for besides what rules find.
        request: the request, where it may have no fields.

    """
    if request is None and fields:
        request = fields[0].because
    loud: list[Field] = []
    silent: list[str] = []
    is_quiet = _quiet(known)
    for field in fields:
        if field.parent in _HEADERS and is_quiet(field):
            silent.append(field.text)
        else:
            loud.append(field)
    disclosures = _first_to_speak(opened(loud, known, request, silent))
    if known.values:
        disclosures = _merge(disclosures)
    if len(disclosures) < 2:
        return disclosures
    order = {id(field): number for number, field in enumerate(loud)}
    return sorted(disclosures, key=lambda disclosure: order.get(id(disclosure.because[0]), len(order)))


_HEADERS = frozenset(("header", "response.header"))


@lru_cache(maxsize=8)
def _quiet(known: Known) -> Quiet:
    return Quiet(known, _first_to_speak)


def _first_to_speak(opened: Opened) -> list[Disclosure]:
    """What the detectors find; where one has spoken of a field, later ones say nothing more of the same kind.

    A known position is no more of the same: it tells where the phone was, and so in which datum it says so.
    """
    found: list[Disclosure] = []
    spoken: dict[tuple[str, int], int] = {}
    for detector in DETECTORS:
        before = len(found)
        for disclosure in detector(opened):
            first = spoken.get((disclosure.kind, id(disclosure.because[0])))
            if first is None or first >= before:
                spoken.update(((disclosure.kind, id(field)), len(found)) for field in disclosure.because)
                found.append(disclosure)
            elif disclosure.kind == "position" and disclosure.known:
                found[first] = replace(disclosure, rule=found[first].rule, reasoning=found[first].reasoning)
    return found


def _merge(disclosures: list[Disclosure]) -> list[Disclosure]:
    """Tell a value once that a rule explains and that is known too: as the rule's kind, with the known one's name."""
    known: dict[tuple[int, str], Disclosure] = {}
    for disclosure in disclosures:
        if disclosure.kind == "known_value":
            known.setdefault((id(disclosure.because[0]), disclosure.value), disclosure)
    merged: list[Disclosure] = []
    explained: set[int] = set()
    for disclosure in disclosures:
        same = known.get((id(disclosure.because[0]), disclosure.value)) if len(disclosure.because) == 1 else None
        if same and disclosure.kind != "known_value":
            explained.add(id(same))
            reasoning = f"{disclosure.reasoning}; known beforehand: {same.reasoning}"
            merged.append(replace(disclosure, known=disclosure.known or same.known, reasoning=reasoning))
        else:
            merged.append(disclosure)
    return [disclosure for disclosure in merged if id(disclosure) not in explained]
