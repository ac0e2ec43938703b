"""The recorder's hooks with mitmproxy's own test kit: what seldom happens, without sockets."""

import json
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from mitmproxy import http
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.exceptions import OptionsError
from mitmproxy.flow import Error
from mitmproxy.net.dns import response_codes
from mitmproxy.test import taddons, tflow, tutils

from scantrail.proxy import addon
from scantrail.readers import read


def load(name: str) -> Any:
    """An addon script as mitmproxy loads it."""
    spec = spec_from_file_location(f"addon_{name}", addon(name))
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Any]:
    record = load("record").Record()
    with taddons.context(Proxyserver(), record) as context:
        context.configure(record, record_log=str(tmp_path / "log.jsonl"), record_response_limit=4)
        yield record
        record.done()


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_udp_and_dns_leave_a_trail(recorder: Any, tmp_path: Path) -> None:
    udp, dns = tflow.tudpflow(), tflow.tdnsflow()
    for hook, flow in (("udp_start", udp), ("udp_message", udp), ("udp_end", udp), ("dns_request", dns)):
        getattr(recorder, hook)(flow)
    first, second = read(tmp_path).requests
    assert (first.protocol, [message.side for message in first.messages]) == ("udp", ["received"])
    assert (second.protocol, second.url) == ("dns", "dns:dns.google A")


def test_a_simulation_asks_no_resolver_of_the_real_world() -> None:
    flow = tflow.tdnsflow()
    load("loopback").Loopback().dns_request(flow)
    assert flow.response
    assert flow.response.response_code == response_codes.REFUSED


def test_a_request_that_is_broken_off_is_in_the_log_as_unsent(recorder: Any, tmp_path: Path) -> None:
    flow = tflow.tflow(err=True)
    recorder.requestheaders(flow)
    recorder.error(flow)
    (request,) = read(tmp_path).requests
    assert request.unsent == request.error == "error"


def test_an_error_after_the_request_leaves_it_sent(recorder: Any, tmp_path: Path) -> None:
    flow = tflow.tflow()
    recorder.requestheaders(flow)
    recorder.request(flow)
    flow.error = Error("connection reset")
    recorder.error(flow)
    (request,) = read(tmp_path).requests
    assert (request.unsent, request.error) == (None, "connection reset")


def test_what_the_proxy_answers_itself_did_not_leave(recorder: Any, tmp_path: Path) -> None:
    flow = tflow.tflow(resp=True)
    recorder.requestheaders(flow)
    recorder.request(flow)
    assert read(tmp_path).requests[0].unsent == "answered by the proxy itself"


def test_bytes_of_any_kind_come_back_as_they_were(recorder: Any, tmp_path: Path) -> None:
    odd = bytes(range(33, 256))
    flow = tflow.tflow(
        req=tutils.treq(path=b"/" + odd, headers=http.Headers(((b"X-Odd", odd),)), content=b"\x00" + odd)
    )
    recorder.requestheaders(flow)
    recorder.request(flow)
    (request,) = read(tmp_path).requests
    assert request.url.encode("latin-1").endswith(b"/" + odd)
    assert request.headers[-1][1].encode("latin-1") == odd
    assert request.body == b"\x00" + odd


def test_the_transparent_proxy_logs_the_host_that_the_client_named(recorder: Any, tmp_path: Path) -> None:
    flow = tflow.tflow(
        req=tutils.treq(host="198.51.100.7", headers=http.Headers(host="real.test"), scheme=b"https", port=443)
    )
    recorder.requestheaders(flow)
    recorder.request(flow)
    assert read(tmp_path).requests[0].url == "https://real.test/path"


def test_the_limit_cuts_what_comes_back_and_never_what_leaves(recorder: Any, tmp_path: Path) -> None:
    flow = tflow.tflow(req=tutils.treq(content=b"0123456789"))
    recorder.requestheaders(flow)
    recorder.request(flow)
    flow.response = tutils.tresp(content=b"0123456789")
    recorder.response(flow)
    request, response = lines(tmp_path)
    assert (request["body"], response["body"], response["size"], response["cut"]) == (
        "MDEyMzQ1Njc4OQ==",
        "MDEyMw==",
        10,
        True,
    )


@pytest.mark.parametrize("rule", ["healthcode.test", "example.com:443=1", "a.test:x=1", "a.test:443=", ":443=1"])
def test_a_loopback_rule_that_is_none_is_refused(rule: str) -> None:
    loopback = load("loopback").Loopback()
    with (
        taddons.context(loopback) as context,
        pytest.raises(OptionsError, match=r"is not HOST\.test:PORT=LOOPBACK_PORT"),
    ):
        context.configure(loopback, loopback=[rule])
