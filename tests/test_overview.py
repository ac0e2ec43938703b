"""What was told is summed up by receiver and kind: first values, finest precision, all that is unread."""

from builders import make_request

from scantrail import disclose
from scantrail.model import Request
from scantrail.overview import Overview, Receiver


def overview(*requests: Request) -> Overview:
    found = Overview()
    for request in requests:
        found.add(request, *disclose(request))
    return found


def told(*requests: Request) -> Receiver:
    (receiver,) = overview(*requests).receivers
    return receiver


def test_a_row_counts_requests_values_and_the_first_time() -> None:
    bodies = [{"mobile": "15400012345"}, {"mobile": "15400012345"}, {"mobile": "15400054321"}, {"x": 1}]
    receiver = told(*(make_request(body=body, index=n, minutes=9 - n) for n, body in enumerate(bodies)))
    (row,) = receiver.rows.values()
    assert (receiver.requests, receiver.telling, row.requests, row.distinct) == (4, 3, 3, 2)
    assert row.values == ["15400012345", "15400054321"]
    assert (row.first, row.last) == (make_request(minutes=7).at, make_request(minutes=9).at)


def test_the_finest_position_speaks_and_its_place_is_written_once() -> None:
    coarse = make_request(body={"points": [{"lat": 30.25, "lng": 120.16}]}, index=0)
    fine = make_request(body={"points": [{"x": 1}, {"lat": 30.25123, "lng": 120.16456}]}, index=1)
    (row,) = told(coarse, fine).rows.values()
    assert row.finest is not None
    assert row.finest.precision_class == "door"
    assert row.places == ["body|json.points[].{lat,lng}"]


def test_receivers_that_were_told_most_stand_first() -> None:
    hosts = [
        receiver.host
        for receiver in overview(
            make_request("https://a.test/", index=0),
            make_request("https://b.test/?mobile=15400012345", index=1),
        ).receivers
    ]
    assert hosts == ["b.test", "a.test"]


def test_what_is_unread_is_summed_by_its_reason() -> None:
    closed = bytes(range(128, 256))
    found = overview(*(make_request(f"https://{n % 2}.test/", body=closed, index=n) for n in range(3)))
    (unread,) = found.unread
    assert (unread.count, unread.requests, unread.size, unread.receivers) == (3, 3, 384, {"0.test", "1.test"})
