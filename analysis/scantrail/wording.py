"""What a request tells, in plain words, for people who look on while it happens."""

from collections.abc import Iterable, Mapping, Sequence

from scantrail.model import Disclosure, Gap, Request
from scantrail.visible import visible

PHRASES: Mapping[str, str] = {
    "position": "where you are",
    "address": "where you are, as an address",
    "city": "your city",
    "district": "your district",
    "region": "your province",
    "adcode": "the code of your city or district",
    "telephone_code": "your city’s telephone code",
    "postcode": "your postcode",
    "place_id": "which place was scanned",
    "wifi": "the Wi-Fi networks around you",
    "cell": "the mobile cells around you",
    "ip_address": "an address of your phone on the network",
    "resident_id": "your identity number",
    "travel_document": "your passport number",
    "phone_number": "your telephone number",
    "email": "your e-mail address",
    "name": "your name",
    "device_id": "which phone it is",
    "account_id": "your account",
    "code_number": "your code number",
    "insurance_id": "your insurance number",
    "bank_account": "your bank account",
    "vehicle": "your car’s number plate",
    "health_status": "your colour",
    "health_record": "your vaccinations or tests",
    "birth_date": "your date of birth",
    "diagnosis": "what you suffer from",
    "travel": "where you have travelled",
    "visit_time": "when you were there",
    "label": "under a name that says whom it is for",
    "opaque": "bytes that nobody here can read",
    "known_value": "a value that was looked for",
}
"""By kind (`scantrail.detectors.KINDS`), as said to whose phone it is."""
LONGEST_LABEL = 80
UNREADABLE = "something that nobody here could read"
NOTHING = "nothing found"

_OF_AN_AREA = ("city", "district", "region", "adcode", "telephone_code", "postcode")
"""Said once, as the finest of them that was told."""
_FINEST = ("address", "district", "postcode", "city", "adcode", "telephone_code", "region")


def phrase(disclosure: Disclosure) -> str:
    """Say one disclosure: `where you are, within 10 m`, `your telephone number`.

    Of a known position also how far from it that is: `where you are, within 10 m (12 m from home)`.
    """
    words = PHRASES[disclosure.kind]
    if disclosure.kind == "label":
        return f"under the name “{visible(disclosure.value, LONGEST_LABEL)}”"
    if disclosure.kind == "known_value" and disclosure.known:
        return visible(disclosure.known, LONGEST_LABEL)
    if disclosure.kind != "position" or disclosure.precision_m is None:
        return words
    words = f"{words}, within {length(disclosure.precision_m)}"
    if disclosure.known is None or disclosure.distance_m is None:
        return words
    away = length(disclosure.distance_m) if disclosure.distance_m >= 1 else "less than 1 m"
    return f"{words} ({away} from {visible(disclosure.known, LONGEST_LABEL)})"


def say(disclosures: Iterable[Disclosure]) -> str:
    """Say what one request tells, each thing once: `where you are, within 10 m; your city; your code number`.

    Of several positions the most precise is said. Of names of areas the finest one is, and the city.
    """
    told: dict[str, Disclosure] = {}
    for one in disclosures:
        before = told.get(one.kind)
        if before is None or (one.precision_m is not None and one.precision_m < (before.precision_m or float("inf"))):
            told[one.kind] = one
    for kind in _hidden(list(told)):
        del told[kind]
    return "; ".join(phrase(told[kind]) for kind in PHRASES if kind in told)


def sentence(request: Request, disclosures: Iterable[Disclosure], gaps: Iterable[Gap] = ()) -> str:
    """Say one request: `to healthcode.test: where you are, within 10 m; your city; your code number`."""
    receiver = visible(request.receiver, LONGEST_LABEL) or "an unknown host"
    return f"to {receiver}: {content(request, disclosures, gaps)}"


def content(request: Request, disclosures: Iterable[Disclosure], gaps: Iterable[Gap] = ()) -> str:
    """Say what was sent in one request. What could hide something and nobody could read is said, too."""
    if request.unsent is not None:
        return f"did not leave ({visible(request.unsent, LONGEST_LABEL)})"
    if request.unread is not None:
        return f"{UNREADABLE} ({visible(request.unread, LONGEST_LABEL)})"
    told = say(disclosure for disclosure in disclosures if disclosure.side == "sent")
    unreadable = UNREADABLE if any(gap.hides for gap in gaps) else ""
    return "; ".join(filter(None, (told, unreadable))) or NOTHING


def _hidden(kinds: Sequence[str]) -> list[str]:
    """Kinds that say less than another that is there."""
    areas = [kind for kind in _FINEST if kind in kinds]
    shown = {*areas[:1], *(["city"] if "city" in areas else [])}
    return [kind for kind in kinds if kind in _OF_AN_AREA and kind not in shown]


def length(metres: float) -> str:
    """Say a length as people do: `8 cm`, `10 m`, `2.5 km`."""
    if metres < 1:
        return f"{max(metres * 100, 1):.0f} cm"
    return f"{metres:.0f} m" if metres < 1_000 else f"{metres / 1_000:.3g} km"
