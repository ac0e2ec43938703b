"""Rules for fields that tell something only together: they stand in one object."""

from collections.abc import Callable
from typing import NamedTuple

from scantrail.detectors import identifiers, place_names
from scantrail.detectors.reading import Reading
from scantrail.detectors.rules.row import CHINESE, LATIN
from scantrail.detectors.words import words


class Member(NamedTuple):
    """One field of a group: its key (compared as in `Rule`, whole) and its value."""

    keys: frozenset[str]
    value: str


class Group(NamedTuple):
    """A row: an object that has all `members` is disclosed; `reads` takes their values (None: no).

    Examples are objects.
    """

    id: str
    kind: str
    reasoning: str
    members: tuple[Member, ...]
    positive: tuple[dict[str, str], ...]
    negative: tuple[dict[str, str], ...]
    reads: Callable[..., Reading | None]


def _joined(*values: str) -> Reading | None:
    return Reading(",".join(values))


def _cell(*values: str) -> Reading | None:
    """Cells have numbers; 0 and the largest number of the field mean "unknown" (Android's CellIdentity)."""
    unknown = {0, 65535, 268435455, 2147483647}
    return None if {int(value) for value in values[2:]} & unknown else Reading(",".join(values))


def _access_point(mac: str, *more: str) -> Reading | None:
    return Reading(",".join((mac, *more))) if identifiers.is_mac(mac) else None


def _full_name(first: str, last: str) -> Reading | None:
    return Reading(f"{first} {last}") if identifiers.is_name(first) and identifiers.is_name(last) else None


_NAME = rf"{CHINESE}|[\u3400-\u9fff]|{LATIN}"

GROUPS = (
    Group(
        "cell-object",
        "cell",
        "a mobile cell: its country, network, area and number (3GPP TS 23.003)",
        (
            Member(words("mcc mobilecountrycode"), r"[2-7]\d{2}"),
            Member(words("mnc mobilenetworkcode"), r"\d{1,3}"),
            Member(words("lac tac locationareacode trackingareacode"), r"\d{1,8}"),
            Member(words("ci cid cellid eci nci cellidentity"), r"\d{1,11}"),
        ),
        (
            {"mcc": "460", "mnc": "0", "lac": "22234", "cid": "104734855"},
            {"mcc": "460", "mnc": "01", "tac": "4301", "ci": "20986"},
        ),
        (
            {"mcc": "460", "mnc": "0"},
            {"mcc": "460", "mnc": "0", "lac": "65535", "cid": "1"},
            {"mcc": "1", "mnc": "0", "lac": "2", "cid": "3"},
        ),
        _cell,
    ),
    Group(
        "access-point-object",
        "wifi",
        "an access point: its address and how strongly it is received",
        (
            Member(words("mac macaddress macaddr bssid"), r"[0-9A-Fa-f:\-]{12,17}"),
            Member(words("rssi signal signalstrength level dbm ss"), r"-?\d{1,3}"),
        ),
        (
            {"mac": "8c:53:c3:00:11:22", "rssi": "-65", "ssid": "Home"},
            {"macAddress": "8c:53:c3:00:11:22", "signalStrength": "-65"},
        ),
        ({"mac": "02:00:00:00:00:00", "rssi": "-65"}, {"mac": "8c:53:c3:00:11:22"}, {"mac": "x", "level": "3"}),
        _access_point,
    ),
    Group(
        "first-and-last-name",
        "name",
        "a first and a last name in one object",
        (
            Member(words("firstname givenname fname vorname 名"), _NAME),
            Member(words("lastname familyname surname lname nachname 姓"), _NAME),
        ),
        ({"first_name": "Jane", "last_name": "Tester"}, {"givenName": "小明", "familyName": "王"}),
        (
            {"first_name": "Jane"},
            {"firstName": "true", "lastName": "false"},
            {"firstName": "Unknown", "lastName": "Unknown"},
        ),
        _full_name,
    ),
    Group(
        "postcode-of-country",
        "postcode",
        "a postcode of the shape that its country's have",
        (
            Member(words("zip zipcode postcode postalcode postal plz"), r"[0-9A-Za-z][0-9A-Za-z \-]{2,9}"),
            Member(words("country countrycode countryiso countryname cc land"), r"[A-Za-z][A-Za-z ]{1,40}"),
        ),
        (
            {"zip": "94103", "country": "US"},
            {"postalCode": "SW1A 1AA", "countryCode": "GB"},
            {"postcode": "10115", "country": "Germany"},
        ),
        (
            {"zip": "94103"},
            {"zip": "9410", "country": "US"},
            {"zip": "00000", "country": "US"},
            {"zip": "94103", "country": "none"},
        ),
        place_names.postcode_of,
    ),
)
