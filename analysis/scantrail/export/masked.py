"""Requests without what they disclose, in which analysis finds as much as before.

    learn ──▶ all values of the capture ──▶ exchange them where they stand ──▶ look again ──▶ replace what still tells

Every value that a disclosure rests on is exchanged for a stand-in (`stand_ins`), in the request where it was found and,
if it has six characters or more, in all others. Bytes that nobody could read may hold anything: noise of the same
length stands for them. Then the request is opened and searched anew, for identifiers also in every encoding and through
hashes. Where a value is still found (in a binary format that cannot be rewritten), the whole part, a body for instance,
is replaced by a fingerprint. What tells even then is left out. What no detector finds stays.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec.structs import replace

from scantrail.decoders import fields
from scantrail.decoders.compression import CODINGS
from scantrail.decoders.limits import Limits
from scantrail.detectors import IDENTIFIERS, detect
from scantrail.export.rewrite import Values, rewritten, wire
from scantrail.export.stand_ins import StandIns
from scantrail.masking import Mask
from scantrail.model import Disclosure, Field, Known, KnownValue, Pair, Request, Response, host_of

_EVERYWHERE = 6  # characters of the shortest value that is exchanged in other requests, too
_NUMBERED = re.compile(r"(header|message) .*", re.DOTALL)  # of `Field.source`: its kind alone
_HOSTS = ("host", ":authority")

type _Place = tuple[str, str]  # path, text


class _Told(NamedTuple):
    """What one request tells: texts, bytes that nobody could read, and where each text stands."""

    texts: dict[str, None]
    opaque: dict[bytes, None]
    places: set[_Place]


class Masking:
    """All values of a capture, once it has learnt them, and how to do without them.

    `whole` counts the parts that were replaced whole, `left_out` the requests that could not be masked.
    """

    def __init__(self, known: Known = Known(), limits: Limits = Limits(), key: bytes | None = None) -> None:
        self.whole: Counter[str] = Counter()
        self.left_out = 0
        self._known, self._limits = known, limits
        self._stand_in, self._mask = StandIns(key), Mask(key)
        self._texts: dict[str, None] = {}
        self._identifiers: dict[str, None] = {}
        self._values: Values | None = None
        self._search: Known = known

    def learn(self, requests: Iterable[Request]) -> None:
        """Take in what requests disclose; before any of them is masked."""
        for request in requests:
            found, told = self._told(request)
            self._texts |= {text: None for text in _read(found, told).texts if len(text) >= _EVERYWHERE}
            self._identifiers |= {each.value: None for each in told if each.kind in IDENTIFIERS}
        self._values = Values({text: self._stand_in(text) for text in self._texts})
        values = tuple(KnownValue("identifier", (value,)) for value in self._identifiers if len(value) >= _EVERYWHERE)
        self._search = Known(values=(*self._known.values, *values), positions=self._known.positions)

    def masked(self, requests: Iterable[Request]) -> Iterator[Request]:
        """The requests without their values, in the same order; those that cannot be masked are left out."""
        for request in requests:
            one = self._one(request)
            if one is None:
                self.left_out += 1
            else:
                yield one

    def _told(self, request: Request) -> tuple[list[Field], list[Disclosure]]:
        found = fields(request, self._limits)
        return found, detect(found, self._known, request)

    def _one(self, request: Request) -> Request | None:
        told = _read(*self._told(request))
        own = Values(
            {text: self._stand_in(text) for text in told.texts},
            {data: self._stand_in.noise(data) for data in told.opaque},
        )
        values = (own, self._values) if self._values else (own,)
        one = _exchanged(request, values)
        if not (sources := self._telling(one, told, values)):
            return one
        self.whole.update(_NUMBERED.sub(r"\1", source) for source in sources)
        one = self._without(one, sources)
        return None if self._telling(one, told, values) else one

    def _telling(self, request: Request, told: _Told, values: tuple[Values, ...]) -> set[str]:
        """The parts of a request in which a value is still found."""
        found = fields(request, self._limits)
        telling = {field.source for field in found if _tells(field, told, values)}
        for disclosure in detect(found, self._search, request):
            if disclosure.known:
                telling |= {field.source for field in disclosure.because}
        return telling

    def _without(self, request: Request, sources: set[str]) -> Request:
        """A request of which some parts are replaced by fingerprints."""
        mask = self._mask

        def header(prefix: str, pair: Pair) -> Pair:
            return (pair[0], mask(pair[1])) if f"{prefix}header {pair[0]}" in sources else pair

        def body(prefix: str, data: bytes) -> bytes:
            return mask(wire(data)).encode() if f"{prefix}body" in sources and data else data

        response = request.response
        return replace(
            request,
            url=_origin(request.url) + mask(request.url) if "url" in sources else request.url,
            headers=tuple(header("", pair) for pair in request.headers),
            body=body("", request.body),
            messages=tuple(
                replace(message, data=mask(wire(message.data)).encode()) if f"message {number}" in sources else message
                for number, message in enumerate(request.messages)
            ),
            response=response
            and replace(
                response,
                headers=tuple(header("response ", pair) for pair in response.headers),
                body=body("response ", response.body),
            ),
        )


def _origin(url: str) -> str:
    scheme, mark, _ = url.partition("://")
    return f"{scheme}://{host_of(url)}/" if mark else ""


def _read(found: Iterable[Field], told: Iterable[Disclosure]) -> _Told:
    """The values that are to go: those that disclosures rest on, and what nobody could read."""
    texts: dict[str, None] = {}
    opaque: dict[bytes, None] = {}
    places: set[_Place] = set()
    resting = [field for disclosure in told for field in disclosure.because]
    for field in (*resting, *(field for field in found if field.opaque is not None or field.limit is not None)):
        if isinstance(field.value, bytes):
            opaque[field.value] = None
        elif field.text and not isinstance(field.value, bool | None):  # true and false have no look-alike
            texts[field.text] = None
        if field.text:
            places.add((field.path, field.text))
    return _Told(texts, opaque, places)


def _tells(field: Field, told: _Told, values: tuple[Values, ...]) -> bool:
    if field.key.lower() in _HOSTS and field.text == field.because.receiver:
        return False
    if (field.path, field.text) in told.places and any(char.isalnum() for char in field.text):
        return True
    text = wire(field.value) if isinstance(field.value, bytes) else wire(field.text.encode("utf-8", "replace"))
    return any(True for each in values for _ in each.spans(text, _EVERYWHERE))


def _exchanged(request: Request, values: tuple[Values, ...]) -> Request:
    """A request with stand-ins in all its parts."""
    origin = _origin(request.url)
    host, separator, rest = request.url.partition(host_of(request.url) or "://")
    url = host + separator + rewritten(rest, values) if origin else rewritten(request.url, values)
    headers, body = _message(request.headers, request.body, values)
    return replace(
        request,
        url=url,
        headers=headers,
        body=body,
        messages=tuple(
            replace(message, data=rewritten(wire(message.data), values).encode("latin-1"))
            for message in request.messages
        ),
        response=_response(request.response, values) if request.response else None,
        error=_words(request.error, values) if request.error else request.error,
        unsent=_words(request.unsent, values) if request.unsent else request.unsent,
    )


def _words(text: str, values: tuple[Values, ...]) -> str:
    return rewritten(wire(text.encode("utf-8", "replace")), values).encode("latin-1").decode("utf-8", "replace")


def _response(response: Response, values: tuple[Values, ...]) -> Response:
    headers, body = _message(response.headers, response.body, values)
    return replace(response, headers=headers, body=body, reason=_words(response.reason, values))


def _message(headers: tuple[Pair, ...], body: bytes, values: tuple[Values, ...]) -> tuple[tuple[Pair, ...], bytes]:
    """Headers and body; a body that was compressed is left open if anything in it has changed."""
    exchanged = tuple((name, value if name.lower() in _HOSTS else rewritten(value, values)) for name, value in headers)
    opened = _decoded(headers, body)
    changed = rewritten(wire(opened), values).encode("latin-1")
    if changed == opened:
        return exchanged, body
    if opened is not body:
        exchanged = tuple(pair for pair in exchanged if pair[0].lower() != "content-encoding")
    length = str(len(changed))
    return tuple((name, length if name.lower() == "content-length" else value) for name, value in exchanged), changed


def _decoded(headers: tuple[Pair, ...], body: bytes) -> bytes:
    for name, coding in headers:
        decode = CODINGS.get(coding.strip().lower()) if name.lower() == "content-encoding" else None
        if decode and (opened := decode(body, Limits().expansion)) and len(opened) <= Limits().expansion:
            return opened
    return body
