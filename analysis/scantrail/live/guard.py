"""Who may talk to a server on this machine: who was given its address, from pages that it served itself.

A server on loopback can be reached by every page in a browser (by a form, an image, a name that is rebound to
127.0.0.1) and by every user of the machine. So each request must carry a token that no page and no other user knows,
be addressed to the server's own names, and come from the server's own pages, unless somebody goes to an address.
"""

from collections.abc import Iterable, Mapping
from secrets import compare_digest
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

_READING = frozenset({"GET", "HEAD"})
_OTHERS = frozenset({"cross-site", "same-site"})  # W3C Fetch Metadata; other ports of this machine are the same site
TOKEN = "token"  # noqa: S105 - the parameter's name


class Guard:
    """Lets requests through to an app, with the role of who sends them as `request.state.role`."""

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str], cookie: str, tokens: Mapping[str, str]) -> None:
        """Begin.

        Args:
            app: what is guarded.
            hosts: `name:port` under which it is reached.
            cookie: the name of the cookie that keeps the token; cookies of all ports of a host are in one jar.
            tokens: what role each token gives.

        """
        self.app, self.hosts, self.cookie, self.tokens = app, frozenset(hosts), cookie, tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            request = Request(scope)
            if refusal := self._refusal(request):
                await refusal(scope, receive, send)
            else:
                await self.app(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        """Say no, or give a cookie for the token in the address; None for who may pass."""
        if request.headers.get("host") not in self.hosts:
            return PlainTextResponse("Nothing is served under this name: use the address that was printed.", 421)
        origin = request.headers.get("origin")
        if request.method not in _READING and (origin is None or origin not in {f"http://{h}" for h in self.hosts}):
            return PlainTextResponse("This may only be asked from the page itself.", 403)
        if request.headers.get("sec-fetch-site") in _OTHERS and request.headers.get("sec-fetch-mode") != "navigate":
            return PlainTextResponse("This may only be asked from the page itself.", 403)
        if (offered := request.query_params.get(TOKEN)) is not None:
            return self._admit(request, offered)
        role = self._role(request.cookies.get(self.cookie, ""))
        if role is None:
            return PlainTextResponse("Open the address that was printed, with its token.", 403)
        request.state.role = role
        return None

    def _admit(self, request: Request, offered: str) -> Response:
        if self._role(offered) is None:
            return PlainTextResponse("This token is not, or no longer, the right one.", 403)
        rest = urlencode([pair for pair in request.query_params.multi_items() if pair[0] != TOKEN])
        response = RedirectResponse(f"{request.url.path}?{rest}" if rest else request.url.path, 303)
        response.set_cookie(self.cookie, offered, httponly=True, samesite="strict")
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def _role(self, offered: str) -> str | None:
        matching = [role for token, role in self.tokens.items() if compare_digest(token.encode(), offered.encode())]
        return matching[0] if matching else None
