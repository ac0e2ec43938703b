"""An addon that does nothing in the hooks that record.py uses: what mitmproxy's addon machinery itself costs."""

from mitmproxy import http


class NoOp:
    """Nothing."""

    def requestheaders(self, flow: http.HTTPFlow) -> None: ...

    def request(self, flow: http.HTTPFlow) -> None: ...

    def response(self, flow: http.HTTPFlow) -> None: ...


addons = [NoOp()]
