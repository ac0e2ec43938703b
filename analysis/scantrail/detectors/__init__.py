"""From Fields to Disclosures: what one request tells.

The contract of the family: a detector takes the fields of one request and yields `Disclosure`s, each with the rule that
found it and the reasoning; it declines what it does not know and never raises. Rules are rows (`rules.RULES`,
`position.DATUMS`); to add one, add a row with its positive and negative examples: the tests run them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from scantrail.detectors import position, rules
from scantrail.model import Disclosure, Field

type Detector = Callable[[Sequence[Field]], Iterator[Disclosure]]

KINDS = {
    "position": "where the phone is: a pair of coordinates",
    "city": "the city it is in, by name",
    "district": "the district it is in, by name",
    "adcode": "the city or district it is in, by its GB/T 2260 code",
    "place_id": "a known place: its gate, poster or scanner",
    "resident_id": "the person's resident identity number (GB 11643)",
    "phone_number": "the person's telephone number",
    "name": "the person's name",
    "device_id": "the phone, by an identifier that stays",
    "code_number": "the person's health-code number",
    "health_status": "the person's colour",
    "travel": "where the person has travelled",
    "label": "a name in the request that says whom the data is for",
}
IDENTIFIERS = ("resident_id", "phone_number", "code_number", "device_id")
"""Kinds that tell one person (or phone) from all others, the surest first."""

DETECTORS: tuple[Detector, ...] = (position.detect, rules.detect)


def detect(fields: Iterable[Field]) -> list[Disclosure]:
    """Run all detectors over the fields of one request, in the order in which the fields stand."""
    found = list(fields)
    order = {id(field): number for number, field in enumerate(found)}
    disclosures = [disclosure for detector in DETECTORS for disclosure in detector(found)]
    return sorted(disclosures, key=lambda disclosure: order[id(disclosure.because[0])])
