"""The addon that says live what each flow discloses, with mitmproxy's own test kit, and once in a real mitmdump."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hostile import TEXTS
from mitmproxy import contentviews, flow, http
from mitmproxy.exceptions import OptionsError
from mitmproxy.test import taddons, tflow, tutils
from test_record import load

from scantrail.wording import NOTHING


@pytest.fixture
def addon() -> Iterator[Any]:
    disclose = load("disclose").Disclose()
    with taddons.context(disclose):
        yield disclose


def posted(body: bytes, **more: Any) -> http.HTTPFlow:
    return tflow.tflow(req=tutils.treq(host="healthcode.test", content=body, **more))


def shown(of: flow.Flow, message: Any) -> str:
    return contentviews.prettify_message(message, of, "disclosures").text


def test_a_request_is_marked_with_what_it_tells(addon: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    of = posted(b"latitude=30.2500&longitude=120.1600&phone=13800138000")
    asyncio.run(addon.request(of))
    assert of.comment == "to healthcode.test: where you are, within 6 m; your telephone number"
    assert of.marked == ":eye:"
    assert of.comment in caplog.messages


def test_what_tells_nothing_is_not_marked(addon: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    of = posted(b"page=2")
    asyncio.run(addon.request(of))
    assert (of.comment, of.marked) == ("", "")
    assert not [message for message in caplog.messages if "healthcode" in message]


def test_a_mark_and_a_comment_of_the_user_stay_and_a_replay_says_nothing_twice(addon: Any) -> None:
    of = posted(b"phone=13800138000")
    of.comment, of.marked = "mine", ":cat:"
    for _ in range(2):
        asyncio.run(addon.request(of))
    assert of.comment == "mine\nto healthcode.test: your telephone number"
    assert of.marked == ":cat:"


@pytest.mark.usefixtures("addon")
def test_the_content_view_says_what_where_and_why() -> None:
    of = posted(b"phone=13800138000")
    words, _, what, value, path, reasoning = shown(of, of.request).splitlines()
    assert words == "to healthcode.test: your telephone number"
    assert what == "your telephone number"
    assert (value, path) == ("    13800138000", "    body|form.phone")
    assert "telephone" in reasoning


def test_known_values_come_from_a_file(addon: Any, tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    known.write_text('[values]\nnickname = "xiaoming77"\n[[position]]\nname = "home"\nlat = 30.25\nlon = 120.16\n')
    with taddons.context(addon) as context:
        context.configure(addon, scantrail_known=str(known))
        of = posted(b"x=eGlhb21pbmc3Nw%3D%3D&latitude=30.2501&longitude=120.1600")
        asyncio.run(addon.request(of))
        assert of.comment == "to healthcode.test: where you are, within 6 m (11 m from home); nickname"
        with pytest.raises(OptionsError, match=r"disclose: .*absent\.toml: cannot be read"):
            context.configure(addon, scantrail_known=str(tmp_path / "absent.toml"))


def test_messages_are_looked_into_one_by_one(addon: Any) -> None:
    of = tflow.twebsocketflow()
    assert of.websocket
    message = of.websocket.messages[-1]
    message.from_client, message.content = True, b'{"phone": "13800138000"}'
    asyncio.run(addon.websocket_message(of))
    assert of.comment == "to example.com: your telephone number"
    assert "message[0]" in shown(of, message) or "message 0" in shown(of, message)
    message.from_client = False
    assert NOTHING in shown(of, message)


@pytest.mark.parametrize(("make", "hook"), [(tflow.ttcpflow, "tcp_message"), (tflow.tudpflow, "udp_message")])
def test_conversations_that_are_not_http_are_looked_into(addon: Any, make: Any, hook: str) -> None:
    of = make()
    of.messages[-1].from_client, of.messages[-1].content = True, b'{"phone": "13800138000"}'
    asyncio.run(getattr(addon, hook)(of))
    assert of.comment == "to address: your telephone number"


def test_a_conversation_that_tells_new_things_for_ever_keeps_a_short_comment(addon: Any) -> None:
    of = tflow.ttcpflow()
    of.messages[-1].from_client = True
    for number in range(60):
        of.messages[-1].content = b'{"latitude": 30.25, "longitude": 120.16, "accuracy": %d}' % (number + 600)
        asyncio.run(addon.tcp_message(of))
    assert 1_000 < len(of.comment) < 2_200


def test_a_connection_that_stayed_closed_is_said(addon: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    client, server = tflow.tclient_conn(), tflow.tserver_conn()
    client.sni = "pinned.test"
    data = SimpleNamespace(context=SimpleNamespace(client=client, server=server), conn=client)
    addon.tls_failed_client(data)
    assert "to pinned.test: something that nobody here could read (TLS handshake failed)" in caplog.messages


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_texts_are_shown_and_not_obeyed(addon: Any, text: str) -> None:
    nasty = text.encode()
    headers = http.Headers(((nasty, nasty), (b"Content-Type", nasty), (b"Host", nasty)))
    of = posted(b"phone=13800138000&latitude=30.25&longitude=120.16&city=" + nasty, path=b"/" + nasty, headers=headers)
    asyncio.run(addon.request(of))
    for line in (*of.comment.splitlines(), *shown(of, of.request).splitlines()):
        assert line.isprintable()


@pytest.mark.parametrize("body", [b"", bytes(range(256)) * 20, b"{" * 5_000, b"\xff\xfe\x00", b"--x\r\n" * 50])
def test_no_body_makes_it_fail(addon: Any, body: bytes) -> None:
    for kind in (b"application/json", b"multipart/form-data; boundary=x", b"application/x-protobuf", b"\xff"):
        of = posted(body, headers=http.Headers(((b"Content-Type", kind), (b"Content-Encoding", b"gzip"))))
        asyncio.run(addon.request(of))
        assert shown(of, of.request).startswith("to healthcode.test: ")


def test_what_is_larger_than_is_looked_into_is_said_to_be_unread(addon: Any) -> None:
    of = posted(b"phone=13800138000&x=" + b"y" * (2 << 20))
    asyncio.run(addon.request(of))
    assert of.comment == "to healthcode.test: something that nobody here could read"
