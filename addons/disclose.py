"""Live: marks each flow with what it discloses, in plain words: a mark, a comment, and a content view "Disclosures".

    mitmproxy -s addons/disclose.py --set scantrail_known=known.toml

The same words go to mitmproxy's log of events. Nothing of a flow is changed and nothing is kept: for evidence load
record.py before it. It reads with scantrail, which must be installed where mitmproxy is.
"""

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from mitmproxy import contentviews, ctx, exceptions, flow, http, tcp, tls, udp, websocket
from mitmproxy.addonmanager import Loader

from scantrail import Known, Limits, Told, disclose
from scantrail.detectors import known as known_values  # a `load` here would be taken for mitmproxy's hook
from scantrail.model import CaptureError, Message, Request
from scantrail.visible import visible
from scantrail.wording import UNREADABLE, phrase, sentence

LIMITS = Limits(size=1 << 20, expansion=1 << 20, fields=10_000)  # the phone waits: 0.2 s for a trail of 1 MB
LONGEST_COMMENT = 2_000  # characters: each message of a conversation may say something new
MARK = ":eye:"
type Said = websocket.WebSocketMessage | tcp.TCPMessage | udp.UDPMessage


class Disclose:
    def __init__(self) -> None:
        self.known = Known()

    def load(self, loader: Loader) -> None:
        loader.add_option("scantrail_known", str, "", "Look for the values and positions of this known.toml, too.")
        contentviews.add(Disclosures(self))

    def configure(self, updated: set[str]) -> None:
        if "scantrail_known" in updated:
            name = ctx.options.scantrail_known
            try:
                self.known = known_values.load(Path(name).expanduser()) if name else Known()
            except CaptureError as error:
                raise exceptions.OptionsError(f"disclose: {error}") from error

    async def request(self, flow: http.HTTPFlow) -> None:
        await self.mark(flow, http_request(flow))

    async def websocket_message(self, flow: http.HTTPFlow) -> None:
        if flow.websocket:
            await self.mark(flow, message_of(flow, flow.websocket.messages[-1]))

    async def tcp_message(self, flow: tcp.TCPFlow) -> None:
        await self.mark(flow, message_of(flow, flow.messages[-1]))

    async def udp_message(self, flow: udp.UDPFlow) -> None:
        await self.mark(flow, message_of(flow, flow.messages[-1]))

    def tls_failed_client(self, data: tls.TlsData) -> None:
        client, why, now = data.context.client, data.conn.error or "TLS handshake failed", datetime.now(UTC)
        server = data.context.server.address
        closed = Request(
            index=0, id=client.id, at=now, wall=now, protocol="tls", sni=client.sni, unread=why, server=server
        )
        logging.info(sentence(closed, *self.told(closed)))

    def told(self, request: Request) -> Told:
        return disclose(request, self.known, LIMITS, received=False)

    async def mark(self, flow: flow.Flow, request: Request) -> None:
        """Say what it tells, if it may tell anything. Other flows go on meanwhile."""
        told = await asyncio.to_thread(self.told, request)
        if told.disclosures or any(gap.hides for gap in told.gaps):
            words = sentence(request, *told)
            logging.info(words)
            flow.marked = flow.marked or MARK
            if words not in flow.comment and len(flow.comment) < LONGEST_COMMENT:
                flow.comment = f"{flow.comment}\n{words}".strip()


class Disclosures(contentviews.Contentview):
    """What a request, or one message of a conversation, tells: in plain words, then the value, where it is, and why."""

    def __init__(self, addon: Disclose) -> None:
        self.addon = addon

    def prettify(self, data: bytes, metadata: contentviews.Metadata) -> str:  # noqa: ARG002 - mitmproxy's interface
        of, said = metadata.flow, metadata.websocket_message or metadata.tcp_message or metadata.udp_message
        if of and said:
            request = message_of(of, said)
        elif isinstance(of, http.HTTPFlow):
            request = http_request(of)
        else:
            return "Looks into HTTP, WebSocket, TCP and UDP."
        told = self.addon.told(request)
        return "\n".join([sentence(request, *told), *lines(told)])


def lines(told: Told) -> Iterator[str]:
    for one in told.disclosures:
        yield f"\n{phrase(one)}"
        yield from (f"    {visible(text)}" for text in (one.value, one.path, one.reasoning))
    for gap in told.gaps:
        if gap.hides:
            yield f"\n{UNREADABLE}"
            yield from (f"    {visible(text)}" for text in (f"{gap.size:,} bytes", gap.path or gap.source, gap.why))


def http_request(of: http.HTTPFlow) -> Request:
    """What was asked, as scantrail reads it: one character for each byte."""
    sent, at = of.request, datetime.fromtimestamp(of.timestamp_created, UTC)
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in sent.headers.fields)
    path = sent.data.path.decode("latin-1")
    url = f"{sent.scheme}://{sent.pretty_host}{'' if path == '*' else path}"
    return Request(
        index=0, id=of.id, at=at, wall=at, method=sent.method, url=url, headers=headers, body=sent.raw_content or b""
    )


def message_of(of: flow.Flow, said: Said) -> Request:
    """One message, and to whom."""
    at = datetime.fromtimestamp(said.timestamp, UTC)
    text = isinstance(said, websocket.WebSocketMessage) and said.is_text
    message = Message(at, "sent" if said.from_client else "received", said.content, text)
    host = f"wss://{of.request.pretty_host}/" if isinstance(of, http.HTTPFlow) else ""
    server, sni = of.server_conn.address, of.client_conn.sni
    return Request(index=0, id=of.id, at=at, wall=at, url=host, messages=(message,), server=server, sni=sni)


addons = [Disclose()]
