"""Captures beside each other: the idle baseline, and which moments there were."""

from builders import make_capture, make_request

from scantrail import analyse_capture
from scantrail.compare import Told, compare

GPS = {"latitude": "30.25", "longitude": "120.16"}
CODE = {"codeNo": "HZ0000000001"}
PLACE = {"placeId": "330102-0001"}


def test_what_idle_requests_tell_as_often_is_no_doing_of_a_scan() -> None:
    moments = [(0.0, "idle"), (10.0, "scan"), (20.0, "scan")]
    bodies = [(0, CODE), (10, CODE | PLACE), (20, CODE | PLACE)]
    requests = [make_request(index=n, minutes=at, body=body) for n, (at, body) in enumerate(bodies)]
    row = compare(analyse_capture(make_capture(requests, moments)))
    assert row.idle == (Told("healthcode.test", "code_number", 1),)
    assert row.scan == (Told("healthcode.test", "place_id", 2),)
    assert row.consent is None
    assert (row.scans, row.subjects, row.visits_alone, row.visits_together) == (2, 1, 2, 2)
    assert row.receivers_alone == ("healthcode.test",)


def test_another_receiver_is_another_baseline() -> None:
    requests = [
        make_request("https://maps.test/", body=GPS),
        make_request("https://healthcode.test/", index=1, minutes=10, body=GPS),
    ]
    row = compare(analyse_capture(make_capture(requests, [(0.0, "idle"), (10.0, "scan")])))
    assert [(one.receiver, one.kind) for one in row.scan or ()] == [("healthcode.test", "position")]


def test_one_late_request_among_idle_ones_does_not_hide_what_every_scan_tells() -> None:
    moments = [(0.0, "scan"), (10.0, "idle"), (20.0, "idle"), (30.0, "idle")]
    requests = [make_request(body=PLACE | CODE), make_request(index=1, minutes=10, body=PLACE | CODE)]
    row = compare(analyse_capture(make_capture(requests, moments)))
    assert {one.kind for one in row.scan or ()} == {"place_id", "code_number"}


def test_what_could_not_be_read_is_counted() -> None:
    requests = [make_request(body=PLACE | CODE), make_request(index=1, minutes=10, unread="pinned")]
    row = compare(analyse_capture(make_capture(requests, [(0.0, "scan")])))
    assert (row.hiding, row.visits_alone, row.pu1) == (1, 0, "not decidable")


def test_without_moments_nothing_is_said_of_them() -> None:
    row = compare(analyse_capture(make_capture([make_request(body=PLACE | CODE)])))
    assert (row.consent, row.scan, row.idle, row.scans) == (None, None, None, 0)
    assert (row.subjects, row.visits_alone, row.pu1) == (1, 0, "not decidable")
