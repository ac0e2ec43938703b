"""What the golden capture must give, line by line; and that simulating it again gives the same."""

import json
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from golden import CAPTURE, EXPECTED, scantrail, simulate

from scantrail.readers import read


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def expected(verb: str) -> list[dict[str, Any]]:
    return lines((CAPTURE / "expected" / f"{verb}.jsonl").read_text("utf-8"))


def close(found: object, wanted: object) -> bool:
    """Equal, floats within a billionth: platforms round sums differently."""
    if isinstance(wanted, float):
        return found == pytest.approx(wanted, rel=1e-9)
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(close, found, wanted))
    if isinstance(wanted, dict):
        return (
            isinstance(found, dict)
            and found.keys() == wanted.keys()
            and all(close(found[k], wanted[k]) for k in wanted)
        )
    return found == wanted


@pytest.mark.parametrize("verb", EXPECTED)
def test_the_golden_capture_gives_what_is_expected(verb: str) -> None:
    done = scantrail(verb, str(CAPTURE), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = lines(done.stdout)
    assert len(found) == len(expected(verb))
    for row, wanted in zip(found, expected(verb), strict=True):
        assert close(row, wanted), (row, wanted)


def test_the_log_holds_what_the_simulated_server_received_and_nothing_else() -> None:
    received = Counter((r["method"], r["url"], r["body_sha256"]) for r in lines((CAPTURE / "server.jsonl").read_text()))
    logged = Counter(
        (request.method, request.url, sha256(request.body).hexdigest())
        for request in read(CAPTURE).requests
        if request.protocol == "http"
    )
    assert logged == received
    assert received.total() > 500


def test_the_same_seed_discloses_the_same(tmp_path: Path) -> None:
    simulate(tmp_path / "again")
    found = lines(scantrail("disclosures", str(tmp_path / "again"), "--json").stdout)
    assert found == expected("disclosures")
