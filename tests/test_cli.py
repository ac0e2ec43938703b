"""The command line: exit codes, one-line errors, JSON lines, and a recording with the real proxy."""

import asyncio
import json
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from builders import log_line, write_log
from golden import scantrail
from mitmproxy.io import FlowReader
from servers import Access, https_server

from scantrail.cli import cli

pytestmark = pytest.mark.anyio

REQUEST = log_line("request", method="GET", url="https://h.test/?lat=30.25&lng=120.16", connection="c")
DISCLOSURE_KEYS = {"request", "at", "receiver", "kind", "value", "path", "rule", "reasoning", "datum", "precision_m"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("verb", ["requests", "disclosures", "history", "meetings", "findings", "score", "report"])
def test_what_is_not_there_is_one_line_and_exit_code_2(verb: str, tmp_path: Path) -> None:
    more = ["-o", str(tmp_path / "report")] if verb == "report" else []
    done = scantrail(verb, str(tmp_path / "nowhere"), *more)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "nowhere does not exist" in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["findings", "{}", "--tz", "Mars/Olympus"], "'Mars/Olympus' is not a time zone"),
        (["record", "-o", "{}/new", "--tz", "Mars/Olympus"], "'Mars/Olympus' is not a time zone"),
        (["record", "-o", "{}/new", "--known", "{}/log.jsonl"], "give --show, too"),
        (["record", "-o", "{}/new", "--show", "--known", "{}/log.jsonl"], "log.jsonl: is not TOML"),
        (["history", "{}", "--receiver", "x.test"], "holds no request to 'x.test'"),
        (["meetings", "{}", "--of", "s9"], "no positions of s9; there is "),
        (["meetings", "{}", "--companions", "--each"], "leave out --each and --within"),
        (["score", "{}"], "only captures of a simulation hold the truth"),
        (["requests", "{}/empty"], "is not a capture folder"),
        (["report", "{}", "-o", "{}/log.jsonl"], "log.jsonl"),
        (["report", "{}", "-o", "{}/r", "--city", "{}/log.jsonl"], "log.jsonl: no city"),
        (["report", "{}", "-o", "{}/r", "--tiles", "tiles.test"], "not the address of a tile server"),
        (["report", "{}", "-o", "{}/r", "--tiles", "https://a.test;script-src/*"], "not the address of a tile server"),
        (["simulate", "-o", "{}"], "not empty"),
        (["simulate", "-o", "{}/new", "--design", "nothing"], "nothing"),
        (["disclosures", "{}", "--kind", "mood"], "mood"),
    ],
)
def test_misuse_is_said(tmp_path: Path, words: list[str], says: str) -> None:
    write_log(tmp_path / "log.jsonl", REQUEST)
    (tmp_path / "empty").mkdir()
    done = scantrail(*(word.format(tmp_path) for word in words))
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_damage_is_warned_of_and_the_rest_shown(tmp_path: Path) -> None:
    write_log(tmp_path / "log.jsonl", REQUEST, b"broken\x1b[2J\n", REQUEST | {"id": "b"})
    done = scantrail("requests", str(tmp_path), "--json")
    assert (done.returncode, len(rows(done.stdout))) == (0, 2)
    assert done.stderr.startswith("scantrail: warning: log.jsonl, byte ")
    assert "\x1b" not in done.stderr


def test_disclosures_have_the_documented_keys(tmp_path: Path) -> None:
    path = write_log(tmp_path / "log.jsonl", REQUEST)
    (position,) = rows(scantrail("disclosures", str(path), "--json").stdout)
    assert position.keys() >= DISCLOSURE_KEYS
    assert (position["request"], position["receiver"], position["kind"]) == (0, "h.test", "position")
    assert position["path"] == "query.lat + query.lng"


def test_meetings_are_of_pairs_at_one_location(tmp_path: Path) -> None:
    scans = (("a", "13800138000", "17T00:00"), ("b", "13900139000", "17T00:10"), ("c", "13700137000", "18T01:00"))
    lines = [
        REQUEST | {"id": id_, "url": f"{REQUEST['url']}&phone={phone}", "at": f"2020-02-{at}:00.000000Z"}
        for id_, phone, at in scans
    ]
    path = write_log(tmp_path / "log.jsonl", *lines)
    (met,) = rows(scantrail("meetings", str(path), "--each", "--json").stdout)
    assert (met["user_id"], met["other_id"]) == ("s1", "s2")
    assert 0.9 < met["probability"] < 1
    assert rows(scantrail("meetings", str(path), "--within", "5", "--json").stdout) == []


def test_hostile_values_cannot_move_the_terminal(tmp_path: Path) -> None:
    write_log(tmp_path / "log.jsonl", REQUEST | {"url": "https://h.test/\x1b[2J\u202e<script>?city=[red]Evil[/red]"})
    done = scantrail("requests", str(tmp_path))
    assert "\x1b" not in done.stdout
    assert "\\x1b[2J" in done.stdout


def test_findings_without_evidence_exit_with_1(tmp_path: Path) -> None:
    write_log(tmp_path / "log.jsonl", REQUEST)
    done = scantrail("findings", str(tmp_path), "--json")
    assert done.returncode == 1
    assert [row["id"] for row in rows(done.stdout)] == ["T1", "T2", "T3", "T4", "T5", "T6", "T7", "PU1"]


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    write_log(tmp_path / "log.jsonl", *(REQUEST | {"id": str(number)} for number in range(3000)))
    command = f"{Path(sys.executable).with_name('scantrail')} requests {tmp_path} --json | head -n 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert (len(rows(done.stdout)), done.stderr) == (1, "")


@pytest.mark.parametrize("verb", sorted(cli.commands))
def test_every_verb_helps(verb: str) -> None:
    done = scantrail(verb, "--help")
    assert done.returncode == 0
    assert "--json" in done.stdout


async def recorded(
    folder: Path, options: list[str], use: Callable[[int], Any]
) -> tuple[int, list[dict[str, Any]], str]:
    """Run `scantrail record`, use the proxy, interrupt it; the exit code and what it printed."""
    words = [
        "record",
        "-o",
        str(folder),
        "--json",
        "--tz",
        "Asia/Shanghai",
        "--set",
        f"confdir={folder}/conf",
        *options,
    ]
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("scantrail"),
        *words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout
    try:
        first = await asyncio.wait_for(process.stdout.readline(), 60)
        if first:
            await use(json.loads(first)["listen"][0][1])
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        rest, errors = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, rows((first + rest).decode()), errors.decode()


async def test_record_records_a_phone_through_the_real_proxy(tmp_path: Path) -> None:
    server, known = Access(), tmp_path / "known.toml"
    known.write_text('[[position]]\nname = "home"\nlat = 30.25\nlon = 120.16\n')

    async def use(port: int) -> None:
        trust = ssl.create_default_context(cafile=tmp_path / "conf" / "mitmproxy-ca-cert.pem")
        async with httpx2.AsyncClient(proxy=f"http://127.0.0.1:{port}", verify=trust, trust_env=False) as phone:
            assert (await phone.get(f"https://localhost:{upstream}/?lat=30.25&lng=120.16")).status_code == 200

    async with https_server(server, folder=tmp_path, hosts=("localhost",)) as upstream:
        options = ["--listen-host", "127.0.0.1", "-p", "0"]
        options += ["--set", f"ssl_verify_upstream_trusted_ca={tmp_path / 'server-ca.pem'}"]
        options += ["--show", "--known", str(known), "-w", str(tmp_path / "dump.mitm")]
        code, lines, errors = await recorded(tmp_path, options, use)
    assert (code, errors) == (0, "")
    assert [line["event"] for line in lines] == ["started", "ended"]
    (request,) = rows(scantrail("requests", str(tmp_path), "--json").stdout)
    assert request["url"] == server.log[0].url
    assert json.loads((tmp_path / "capture.json").read_text())["tz"] == "Asia/Shanghai"
    with (tmp_path / "dump.mitm").open("rb") as dump:
        (marked,) = FlowReader(dump).stream()
    assert marked.comment == "to localhost: where you are, within 556 m (less than 1 m from home)"


async def test_record_says_in_one_line_why_it_cannot(tmp_path: Path) -> None:
    code, lines, errors = await recorded(tmp_path, ["--mode", "nonsense"], lambda _: None)
    assert (code, lines) == (2, [])
    assert errors.count("\n") == 1
    assert "nonsense" in errors
