"""Verdicts follow from evidence: each part is shown supported, refuted and not decidable by small captures."""

from collections.abc import Iterable

import msgspec
import pytest
from builders import form, make_capture, make_request

from scantrail import analyse_capture
from scantrail.findings import CLAIMS
from scantrail.model import Finding, Part, Request

GPS = {"latitude": "30.25", "longitude": "120.16"}
FAR = {"latitude": "30.29", "longitude": "120.21"}
CODE = {"codeNo": "HZ0000000001"}
LABEL = {"Operation-Type": "reportInfoAndLocationToPolice"}
LEGEND = [
    {"colour": "green", "text": "Move freely"},
    {"colour": "yellow", "text": "Stay home for 7 days"},
    {"colour": "red", "text": "14 days of quarantine"},
]
DAY = 24 * 60.0


def judged(requests: Iterable[Request], moments: Iterable[tuple[float, str]] = ()) -> dict[str, Finding]:
    capture = make_capture(requests, moments)
    return {finding.id: finding for finding in analyse_capture(capture).findings}


def part(claim: str, number: int, *requests: Request, moments: Iterable[tuple[float, str]] = ()) -> Part:
    return judged(requests, moments)[claim].parts[number]


def test_the_table_of_claims_is_sound() -> None:
    assert [claim.id for claim in CLAIMS] == ["T1", "T2", "T3", "T4", "T5", "T6", "T7", "PU1"]
    assert all(claim.claim and claim.source and claim.parts for claim in CLAIMS)


def test_an_empty_capture_decides_nothing_and_says_that_evidence_is_missing() -> None:
    findings = judged([])
    assert {finding.verdict for finding in findings.values()} == {"not decidable"}
    assert all(finding.missing for finding in findings.values())


CONSENT = [(0.0, "consent")]
TOLD = make_request(body={"location": GPS, "cityName": "杭州市", **CODE}, headers=LABEL)


@pytest.mark.parametrize(
    ("requests", "moments", "verdict", "missing"),
    [
        ([TOLD], CONSENT, "supported", False),
        ([TOLD], [], "not decidable", True),
        ([TOLD], [(0.0, "consent"), (-1.0, "app start"), (0.0, "scan")], "refuted", False),
        ([make_request(body={"location": GPS, **CODE})], CONSENT, "refuted", False),
        ([make_request(unread="pinned")], CONSENT, "not decidable", False),
        (
            [make_request(body={"location": GPS, "city": "杭州市", **CODE}, unsent="refused")],
            CONSENT,
            "not decidable",
            True,
        ),
    ],
)
def test_t1_needs_all_three_in_one_request_after_consent(
    requests: list[Request], moments: list[tuple[float, str]], verdict: str, missing: bool
) -> None:
    judgement = part("T1", 0, *requests, moments=moments)
    assert (judgement.verdict, judgement.missing) == (verdict, missing)


@pytest.mark.parametrize(("headers", "verdict"), [(LABEL, "supported"), ({}, "not decidable")])
def test_t1_label(headers: dict[str, str], verdict: str) -> None:
    told = make_request(body={"location": GPS, "cityName": "杭州市", **CODE}, headers=headers)
    other = make_request(index=1, body=CODE, headers=LABEL)
    assert part("T1", 1, told, other, moments=CONSENT).verdict == verdict


SCANS = [(0.0, "scan"), (10.0, "scan")]


@pytest.mark.parametrize(
    ("second", "verdict", "shows"),
    [
        (make_request(index=1, minutes=10, body=FAR), "supported", "2 of 2 scans"),
        (make_request(index=1, minutes=10, body=CODE), "refuted", "1 of 2 scans"),
        (make_request(index=1, minutes=10, unread="pinned"), "not decidable", "could not be read"),
    ],
)
def test_t2_needs_every_scan(second: Request, verdict: str, shows: str) -> None:
    judgement = part("T2", 0, make_request(body=GPS), second, moments=SCANS)
    assert judgement.verdict == verdict
    assert shows in judgement.shows


@pytest.mark.parametrize(("second", "verdict"), [(FAR, "supported"), (GPS, "not decidable")])
def test_t2_current_means_that_it_changes(second: dict[str, str], verdict: str) -> None:
    requests = [make_request(body=GPS), make_request(index=1, minutes=10, body=second)]
    assert part("T2", 1, *requests, moments=SCANS).verdict == verdict


def trail(days: int, *, who: dict[str, str]) -> list[Request]:
    """Two scans a day at two places."""
    return [
        make_request(index=2 * day + half, minutes=day * DAY + half * 300, body={**where, **who})
        for day in range(days)
        for half, where in enumerate((GPS, FAR))
    ]


@pytest.mark.parametrize(
    ("requests", "verdict", "missing"),
    [
        (trail(3, who=CODE), "supported", False),
        (trail(1, who=CODE), "not decidable", True),
        (trail(3, who={}), "refuted", False),
        ([make_request(unread="pinned")], "not decidable", False),
    ],
)
def test_t3_needs_places_days_and_an_identifier(requests: list[Request], verdict: str, missing: bool) -> None:
    judgement = part("T3", 0, *requests, moments=SCANS)
    assert (judgement.verdict, judgement.missing) == (verdict, missing)
    assert judgement.requests == (tuple(range(6)) if verdict == "supported" else ())


@pytest.mark.parametrize(
    ("notice", "verdict"),
    [
        ("We protect you from the epidemic.", "supported"),
        ("Shared with the police.", "refuted"),
        ("与公安机关共享", "refuted"),
    ],
)
def test_t4_reads_the_notice(notice: str, verdict: str) -> None:
    request = make_request("https://healthcode.test/h5/notice.json", answer={"text": notice})
    assert part("T4", 1, request).verdict == verdict


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ({"healthStatus": "1"}, "supported"),
        ({"healthStatus": "2", "reason": "contact"}, "refuted"),
        ({}, "not decidable"),
    ],
)
def test_t5_looks_for_a_reason_beside_the_colour(answer: dict[str, str], verdict: str) -> None:
    assert part("T5", 0, make_request(answer=answer)).verdict == verdict


@pytest.mark.parametrize(
    ("legend", "verdict"),
    [
        (LEGEND, "supported"),
        (LEGEND[:2], "not decidable"),
        (LEGEND[::-1], "supported"),
        ({"yellow": "7 days at home", "red": "14 days"}, "supported"),
        ("黄码：七天内隔离；红码：14天", "supported"),
        ("Yellow: 14 days. Red: 7 days.", "not decidable"),
        ({"yellow": "14 days at home", "red": "7 days"}, "not decidable"),
    ],
)
def test_t6_wants_seven_and_fourteen_days(legend: object, verdict: str) -> None:
    assert part("T6", 1, make_request(answer={"healthStatus": "1", "legend": legend})).verdict == verdict


def test_t7_wants_all_four_in_the_form() -> None:
    asked = {"name": "王小明", "idCardNo": "330106184905120015", "mobile": "15400012345", "recentTravel": ["武汉市"]}
    assert part("T7", 0, make_request(body=asked)).verdict == "supported"
    assert part("T7", 0, make_request(body=form(mobile="15400012345"))).missing


def test_what_traffic_cannot_show_keeps_a_claim_from_being_supported() -> None:
    findings = judged([TOLD], CONSENT)
    assert (findings["T1"].verdict, findings["T4"].verdict) == ("supported", "not decidable")


PLACE = {"placeId": "330102-0001"}
PHONE = {"mobile": "15400012345"}
OTHER = {"codeNo": "HZ0000000002"}
ISSUER, VENUES = "https://issuer.test/", "https://venues.test/"
SIGN_UP = [make_request(ISSUER, body=PHONE | CODE, minutes=-9), make_request(ISSUER, body=PHONE | OTHER, minutes=-8)]
"""A server that knows who holds the codes that another one sees."""


def seen(*requests: Request) -> list[Request]:
    """Numbered as a capture would have them."""
    return [msgspec.structs.replace(request, index=index) for index, request in enumerate(requests)]


@pytest.mark.parametrize(
    ("requests", "parts", "verdict"),
    [
        pytest.param(
            [make_request(body=PLACE | CODE), make_request(body=PLACE | CODE, minutes=10)],
            ("supported", "supported"),
            "supported",
            id="one server knows both",
        ),
        pytest.param(
            [make_request(body=GPS | CODE), make_request(body=CODE, minutes=10)],
            ("supported", "not decidable"),
            "not decidable",
            id="a single visit is no history",
        ),
        pytest.param(
            [make_request(VENUES, body=PLACE | CODE), make_request(VENUES, body=PLACE | OTHER, minutes=10), *SIGN_UP],
            ("supported", "not decidable"),
            "not decidable",
            id="two servers could together",
        ),
        pytest.param(
            [make_request(body=PLACE), make_request(body=PLACE, minutes=10)],
            ("not decidable", "not decidable"),
            "not decidable",
            id="places of nobody",
        ),
        pytest.param([make_request(body={"beat": 1})], ("refuted", "refuted"), "refuted", id="nothing of a place"),
        pytest.param(
            [make_request(body={"beat": 1}), make_request(body=GPS | CODE, minutes=-5)],
            ("refuted", "refuted"),
            "refuted",
            id="a place before the first scan is no visit",
        ),
        pytest.param(
            [make_request(body={"beat": 1}), make_request(body=PLACE | CODE, minutes=20)],
            ("not decidable", "not decidable"),
            "not decidable",
            id="visits may be told later",
        ),
        pytest.param(
            [make_request(body={"beat": 1}), make_request(unread="pinned", minutes=20)],
            ("not decidable", "not decidable"),
            "not decidable",
            id="what is closed may tell of visits",
        ),
        pytest.param(
            [make_request(body=PLACE | CODE, unsent="refused"), make_request(body=PLACE | CODE, minutes=-5)],
            ("not decidable", "not decidable"),
            "not decidable",
            id="nothing left since",
        ),
    ],
)
def test_pu1_needs_visits_that_one_server_can_join(
    requests: list[Request], parts: tuple[str, str], verdict: str
) -> None:
    finding = judged(seen(*requests), [*SCANS, (15.0, "idle")])["PU1"]
    assert tuple(part.verdict for part in finding.parts) == parts
    assert finding.verdict == verdict


def test_pu1_tells_apart_whether_one_server_or_several_could() -> None:
    visits = [make_request(VENUES, body=PLACE | CODE), make_request(VENUES, body=PLACE | OTHER, minutes=10)]
    apart = judged(seen(*visits, *SIGN_UP), SCANS)["PU1"].parts[1].shows
    assert "No receiver alone" in apart
    assert "issuer.test, venues.test could join 2 visits of 1 subject" in apart
    unknown = judged(seen(*visits), SCANS)["PU1"].parts[1]
    assert (unknown.missing, "No subject was seen at two scans" in unknown.shows) == (True, True)
    known = [make_request(VENUES, body=PHONE | code, minutes=-9) for code in (CODE, OTHER)]
    one = judged(seen(*visits, *known), SCANS)["PU1"].parts[1]
    assert one.shows == "venues.test alone can join 2 visits of 1 subject."


def test_pu1_says_what_is_missing_where_nothing_was_scanned() -> None:
    assert part("PU1", 0, make_request(body=PLACE | CODE)).missing
