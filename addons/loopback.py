"""For simulations: hosts under .test go to ports of this machine, every other connection is refused.

    mitmdump -s addons/loopback.py --set loopback=healthcode.test:443=40317 -s addons/record.py

No simulation can reach the real world: whatever the protocol, the last word is said where a connection is made
(`server_connect`). A simulated phone has its own clock; it states the time in a header that is removed here, so that
neither the log nor the server ever sees it. Load it before record.py, which writes the time down.
"""

from collections.abc import Sequence

from mitmproxy import connection, ctx, dns, exceptions, http
from mitmproxy.addonmanager import Loader
from mitmproxy.net.dns import response_codes
from mitmproxy.proxy import server_hooks

CLOCK_HEADER = "x-scansim-at"
type Address = tuple[str, int]


class Loopback:
    """Where each simulated host really listens."""

    def __init__(self) -> None:
        self.ports: dict[Address, Address] = {}

    def load(self, loader: Loader) -> None:
        loader.add_option(
            "loopback", Sequence[str], [], "Simulated hosts, each as HOST:PORT=LOOPBACK_PORT, the host ending in .test."
        )

    def configure(self, updated: set[str]) -> None:
        if "loopback" in updated:
            self.ports = dict(parse(rule) for rule in ctx.options.loopback)

    def http_connect(self, flow: http.HTTPFlow) -> None:
        self.take_time(flow)
        self.redirect(flow)

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        self.take_time(flow)
        self.redirect(flow)

    def server_connect(self, data: server_hooks.ServerConnectionHookData) -> None:
        address = (data.server.address or ("", 0))[:2]
        if address in self.ports:
            data.server.address = self.ports[address]
        elif address not in self.ports.values():
            data.server.error = refusal(address)

    def dns_request(self, flow: dns.DNSFlow) -> None:
        flow.response = flow.request.fail(response_codes.REFUSED)  # or mitmproxy asks the real world

    def take_time(self, flow: http.HTTPFlow) -> None:
        """Move the phone's time from the request to the connection, where record.py looks for it."""
        if stated := flow.request.headers.pop(CLOCK_HEADER, None):
            remember(flow.client_conn, stated)

    def redirect(self, flow: http.HTTPFlow) -> None:
        """Change where an HTTP request goes and nothing that it says (so that connections can be used again)."""
        request = flow.request.data
        request.host, request.port = self.ports.get((request.host, request.port), (request.host, request.port))


def remember(client: connection.Client, stated: str) -> None:
    client.phone_time = stated  # type: ignore[attr-defined] # mitmproxy's connections carry no metadata of their own


def refusal(address: tuple[object, ...]) -> str:
    host, port = address[0], address[1]
    why = "no simulated server listens for it" if str(host).endswith(".test") else "it is not a simulated .test host"
    return f"loopback refuses {host}:{port}: {why}"


def parse(rule: str) -> tuple[Address, Address]:
    """Read `healthcode.test:443=40317`."""
    name, _, target = rule.partition("=")
    host, _, port = name.rpartition(":")
    if not (host.endswith(".test") and port.isdecimal() and target.isdecimal()):
        raise exceptions.OptionsError(f"loopback: {rule!r} is not HOST.test:PORT=LOOPBACK_PORT")
    return (host, int(port)), ("127.0.0.1", int(target))


addons = [Loopback()]
