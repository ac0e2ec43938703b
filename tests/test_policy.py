"""A policy allows what its rows cover, approves nothing that nobody could read, and its output masks values."""

import json
from pathlib import Path

import pytest
from builders import log_line, make_request, write_log
from golden import scantrail
from hypothesis import given
from hypothesis import strategies as st

from scantrail import disclose
from scantrail.detectors import KINDS
from scantrail.masking import Mask
from scantrail.model import CaptureError, Request
from scantrail.policy import Policy, load, rule

PHONE = {"mobile": "15400012345"}


def policy(tmp_path: Path, text: str) -> Policy:
    (tmp_path / "policy.toml").write_text(text)
    return load(tmp_path / "policy.toml", KINDS)


def statuses(allowed: Policy, request: Request) -> list[tuple[str, str, bool]]:
    told = disclose(request)
    return [(ruling.kind, str(ruling.status), ruling.in_clear) for ruling in rule(allowed, *told)]


@pytest.mark.parametrize(
    ("receiver", "kinds", "status"),
    [
        ("api.shop.test", ["phone_number"], "allowed"),
        ("shop.test", ["email", "phone_number"], "allowed"),
        ("*", ["*"], "allowed"),
        ("other.test", ["phone_number"], "open"),
        ("op.test", ["phone_number"], "open"),
        ("api.shop.test", ["email"], "open"),
    ],
)
def test_a_row_allows_what_it_covers(tmp_path: Path, receiver: str, kinds: list[str], status: str) -> None:
    rows = policy(tmp_path, f'[[allow]]\nreceiver = "{receiver}"\nkinds = {kinds}\nreason = "so"')
    assert statuses(rows, make_request("https://api.shop.test/", body=PHONE)) == [("phone_number", status, False)]


def test_what_nobody_could_read_is_open_until_it_is_accepted(tmp_path: Path) -> None:
    request = make_request("http://h.test/", body=bytes(range(128, 256)))
    assert statuses(Policy(), request) == [("unread", "open", True)]
    accepting = policy(tmp_path, '[[accept_unread]]\nreceiver = "h.test"\nreason = "ours"')
    assert statuses(accepting, request) == [("unread", "allowed", True)]


def test_what_did_not_leave_needs_no_leave() -> None:
    assert statuses(Policy(), make_request(body=PHONE, unsent="refused")) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[allow]", "policy.toml: "),
        ('[[allow]]\nreceiver = "a"\nkinds = ["mood"]\nreason = ""', "there is no kind 'mood'"),
        ('[[allow]]\nreceiver = "a"', "missing required field `kinds`"),
        ("[gate]", "unknown field `gate`"),
    ],
)
def test_a_policy_that_is_none_is_said_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(CaptureError, match=r"^[^\n]*$") as error:
        policy(tmp_path, text)
    assert says in str(error.value)


def test_check_exits_with_1_and_writes_masked_sarif(tmp_path: Path) -> None:
    request = log_line("request", method="GET", url="http://h.test/?mobile=15400012345", connection="c")
    path = write_log(tmp_path / "log.jsonl", request)
    (tmp_path / "policy.toml").write_text("")
    words = ["check", str(path), "--policy", str(tmp_path / "policy.toml"), "--sarif", str(tmp_path / "out.sarif")]
    done = scantrail(*words, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == {
        "status": "open",
        "receiver": "h.test",
        "kind": "phone_number",
        "known": None,
        "requests": 1,
        "in_clear": True,
        "reason": "",
    }
    (run,) = json.loads((tmp_path / "out.sarif").read_text())["runs"]
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("phone_number", "error")
    assert "15400012345" not in (tmp_path / "out.sarif").read_text()
    assert result["ruleId"] in {row["id"] for row in run["tool"]["driver"]["rules"]}


def test_masked_disclosures_hide_values_and_keep_what_is_equal(tmp_path: Path) -> None:
    requests = [
        log_line("request", id=name, method="GET", url=f"https://h.test/?lat=30.25123&lng={lng}", connection="c")
        for name, lng in (("a", "120.16"), ("b", "120.16"), ("c", "120.17"))
    ]
    done = scantrail("disclosures", str(write_log(tmp_path / "log.jsonl", *requests)), "--json", "--mask")
    assert "120.16" not in done.stdout
    first, second, third = (json.loads(line)["value"] for line in done.stdout.splitlines())
    assert first == second != third


@given(st.text(), st.text())
def test_masks_tell_apart_what_differs(one: str, other: str) -> None:
    mask = Mask(b"key")
    assert (mask(one) == mask(other)) == (one == other)
    assert Mask()(one) != Mask()(one)
