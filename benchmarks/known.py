"""What looking for known values costs: 20 of them in requests of 3 KB and 50 fields, decoders not counted."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from scantrail.decoders import fields
from scantrail.detectors.known import detect
from scantrail.detectors.known.hashes import SIZES
from scantrail.detectors.known.needles import Index
from scantrail.detectors.opened import Opened, opened
from scantrail.model import Known, KnownValue, Request

VALUES = (
    "jane.test@example.com", "+49 151 23456789", "Jane Test", "1209d0b9-b959-42e6-b921-aa5d9d08c1af", "T-Mobile",
    "490154203237518", "02:00:5e:10:00:01", "10.0.0.17", "sdk_gphone64_x86_64", "Europe/Berlin", "Berlin",
    "1990-05-17", "9774d56d682e549c", "DE89370400440532013000", "A123456780", "15400012345", "330106184905120015",
    "王小明", "XlDyAAAAAAEDAAAAAGQAAADI", "1172860168363571074",
)  # fmt: skip
REQUESTS, TURNS, BUILDS = 25, 200, 7  # best of so many, since other programs take their time too
HEADERS = (
    ("User-Agent", "Mozilla/5.0 (Linux; Android 13; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0"),
    ("Accept", "*/*"),
    ("Content-Type", "application/json"),
    ("Accept-Encoding", "gzip, deflate"),
    ("Accept-Language", "de-DE,de;q=0.9"),
)


def request(index: int) -> Request:
    """A request as analytics libraries send them, all its values new."""
    randomly = random.Random(index)  # noqa: S311 - no secret
    events = [
        {
            "id": f"{randomly.getrandbits(128):032x}",
            "at": randomly.randrange(10**12),
            "name": f"event {randomly.randrange(1000)}",
            "text": f"shown with words of middling length, {'and more of the same ' * 9}{randomly.random()}",
            "ok": True,
        }
        for _ in range(8)
    ]
    return Request(
        index=index,
        id=str(index),
        at=datetime(2020, 2, 17, tzinfo=UTC),
        wall=datetime(2020, 2, 17, tzinfo=UTC),
        method="POST",
        url=f"https://api.track.test/v1/{randomly.getrandbits(64):x}?page=3&lang=de",
        headers=(*HEADERS, ("Cookie", f"sid={randomly.getrandbits(128):032x}; theme=dark")),
        body=msgspec.json.encode({"events": events}),
    )


def best(run: Callable[[], object], turns: int) -> float:
    """Seconds of processor time that the fastest of several runs takes."""
    times = []
    for _ in range(turns):
        started = time.process_time()
        run()
        times.append(time.process_time() - started)
    return min(times)


def main() -> None:
    """Print what building and searching cost."""
    known = Known(tuple(KnownValue(f"value {number}", (value,)) for number, value in enumerate(VALUES)))
    index = Index(known)
    requests: list[Opened] = [opened(fields(sent), known, sent) for sent in map(request, range(REQUESTS))]
    size = len(requests[0].fields[0].because.body)
    building = best(lambda: Index(known), BUILDS)
    digests = best(lambda: [index.second(bytes(size)) for size in set(SIZES.values())], 1)
    searching = best(lambda: [list(detect(one)) for one in requests], TURNS) / REQUESTS
    print(
        f"known values: {len(VALUES)}; the index takes {building * 1e3:.0f} ms, digests of digests {digests * 1e3:.0f}"
    )
    print(f"              {size:,} bytes of body, {len(requests[0].fields)} fields: {searching * 1e6:.0f} µs a request")
