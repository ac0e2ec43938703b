"""Evidence: what a capture holds and what it shows.

Every value is frozen and knows the value it was made from (`because`), so that each sentence of a report leads back to
the bytes of one request:

    Request ──▶ Field ──▶ Disclosure ──▶ Part of a Finding

Strings that stand for bytes on the wire (URL, header names and values) hold one character per byte (ISO-8859-1), so
that nothing is lost; decoders turn them into text. Times are aware and UTC. Positions are WGS-84 degrees once they are
in a `Disclosure`; `datum` says what they were sent in.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from msgspec import Struct
from publicsuffixlist import PublicSuffixList

from scantrail import notebook

type Scalar = str | int | Decimal | bool | bytes | None
type Pair = tuple[str, str]
type Address = tuple[str, int]
type Side = Literal["sent", "received"]
type Datum = Literal["wgs84", "gcj02", "bd09", "webmercator", "unknown"]
type Limit = Literal["depth", "nesting", "size", "expansion", "fields"]
type GapKind = Literal["unread", "unsent", "cut", "opaque", "limit"]
type Verdict = Literal["supported", "refuted", "not decidable"]
type Protocol = Literal["http", "websocket", "tcp", "udp", "dns", "tls", "quic", "connect"]

PRECISION_CLASSES = (("door", 30.0), ("street", 300.0), ("district", 5_000.0), ("city", 50_000.0))
"""Names of precision and the coarsest `precision_m` that deserves each."""

DIGEST_BYTES = 64
"""The longest digest in use (SHA-512): opaque values up to this size are keys, signatures and digests."""


class CaptureError(ValueError):
    """A capture, or a file of it, that cannot be used as it is. The message says what, where and what to do."""


class Moment(Struct, frozen=True, gc=False):
    """What the person who recorded did, and when: the protocol of the experiment, not something inferred.

    `name` is one of `app start`, `sign-up`, `consent`, `show code`, `scan`, `idle`, or the experimenter's own word.
    """

    at: datetime
    name: str
    note: str = ""


class Message(Struct, frozen=True, gc=False):
    """One WebSocket message, TCP segment or UDP datagram."""

    at: datetime
    side: Side
    data: bytes
    text: bool = False


class Response(Struct, frozen=True, kw_only=True, gc=False):
    """What came back. `size` is the body's length on the wire; `body` may be cut at the recorder's limit."""

    at: datetime
    status: int
    reason: str = ""
    headers: tuple[Pair, ...] = ()
    body: bytes = b""
    size: int | None = None
    cut: bool = False


class Request(Struct, frozen=True, kw_only=True, gc=False):
    """One thing that left the phone, or tried to.

    An HTTP request, a TCP or UDP conversation, a DNS query; or a connection that nobody could read (`unread` says why:
    a pinned app refuses the proxy's certificate). `unsent` says why it did not leave after all (the connection was
    refused, the proxy answered by itself). `unread_bytes` is how many bytes left in what nobody could read, as they
    were on the wire. `index` counts from 0 in the order in which the capture holds them and is how every output refers
    to a request.
    """

    index: int
    id: str
    at: datetime
    wall: datetime
    protocol: Protocol = "http"
    method: str = ""
    url: str = ""
    http_version: str = ""
    headers: tuple[Pair, ...] = ()
    body: bytes = b""
    messages: tuple[Message, ...] = ()
    response: Response | None = None
    error: str | None = None
    unread: str | None = None
    unread_bytes: int | None = None
    unsent: str | None = None
    client: Address | None = None
    server: Address | None = None
    sni: str | None = None
    tls_version: str | None = None

    @property
    def receiver(self) -> str:
        """The host that the request was addressed to: from its URL, else the TLS server name, else the address."""
        return host_of(self.url) or self.sni or (self.server[0] if self.server else "")

    @property
    def sent_bytes(self) -> int:
        """How many bytes of content left with it (body, messages, and what was unread; headers are not counted)."""
        messages = sum(len(message.data) for message in self.messages if message.side == "sent")
        return len(self.body) + messages + (self.unread_bytes or 0)


class Problem(Struct, frozen=True, gc=False):
    """Something in a file that could not be used, and where. What stands around it was read."""

    file: str
    offset: int
    message: str

    def __str__(self) -> str:
        """One line for a person."""
        return f"{self.file}, byte {self.offset}: {self.message}"


@dataclass(frozen=True)
class Capture:
    """What was recorded: the requests, what the experimenter did meanwhile, and what of the files could not be used.

    `tz` is the zone in which hours of the day are meant.
    """

    path: Path
    requests: Sequence[Request]
    moments: Sequence[Moment] = ()
    tz: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    problems: Sequence[Problem] = ()
    about: dict[str, object] = field(default_factory=dict)

    @cached_property
    def _moment_times(self) -> list[datetime]:
        return [moment.at for moment in self.moments]

    def moment(self, request: Request) -> Moment | None:
        """What the experimenter had done last when the request was made."""
        before = bisect_right(self._moment_times, request.at)
        return self.moments[before - 1] if before else None


class Opaque(Struct, frozen=True, gc=False):
    """Bytes that nobody could read: encrypted, random, of an unknown format. `entropy`: bits per byte."""

    size: int
    entropy: float


class Field(Struct, frozen=True, gc=False):
    """One value inside a request, as a server would undo its encodings to reach it.

    `path` names the chain, for instance `body|form.data|json.location|json.longitude`: a part of the request, then
    `|decoder` for each layer that was opened, and `.key` or `[index]` inside nested values. `parent` is the path of the
    object it stands in, so that siblings can be read together; `key` is the nearest name (an array's, for its items).
    `source` is the value on the wire in which it was found: `url`, `header NAME`, `body`, `message 0`. Numbers keep
    their digits (`Decimal`), since digits are precision. `opaque` tells of bytes that no decoder could open; such a
    value stands as it was sent. `limit` names the limit at which the walk stopped, the rest being in `value` unopened.
    """

    path: str
    parent: str
    key: str
    value: Scalar
    source: str
    side: Side
    because: Request
    opaque: Opaque | None = None
    limit: Limit | None = None

    @property
    def text(self) -> str:
        """The value as text; undecodable bytes are replaced."""
        return self.value.decode("utf-8", "replace") if isinstance(self.value, bytes) else str(self.value)


class Disclosure(Struct, frozen=True, kw_only=True):
    """One thing that a request tells: what kind, which value, by which rule, and why we say so.

    `kind` is one of `scantrail.detectors.KINDS`. Positions carry `latitude` and `longitude` in WGS-84 degrees, the
    `datum` they were sent in (`datum_because` says whether that was stated or inferred) and `precision_m`: half the
    last digit's step or the accuracy stated beside it, whichever is coarser. `known` names the known value or position
    (`Known`) that it is; `distance_m` says how far from a known position it lies.
    """

    kind: str
    value: str
    rule: str
    reasoning: str
    because: tuple[Field, ...]
    latitude: float | None = None
    longitude: float | None = None
    datum: Datum | None = None
    datum_because: str = ""
    precision_m: float | None = None
    known: str | None = None
    distance_m: float | None = None

    @property
    def precision_class(self) -> str | None:
        """What a position tells at its precision: the `door`, the `street`, the `district`, the `city` or less."""
        if self.precision_m is None:
            return None
        return next((name for name, at_most_m in PRECISION_CLASSES if self.precision_m <= at_most_m), "region")

    @property
    def request(self) -> Request:
        """The request that it was found in."""
        return self.because[0].because

    @property
    def side(self) -> Side:
        """Whether the phone sent it or received it."""
        return self.because[0].side

    @property
    def path(self) -> str:
        """Where in the request: the paths of its fields, joined by plus signs."""
        return " + ".join(field.path for field in self.because)


class KnownValue(Struct, frozen=True):
    """What the phone or the person is known to be, by a name of the reviewer's: all spellings that are one value."""

    name: str
    values: tuple[str, ...]


class KnownPosition(Struct, frozen=True):
    """Where the phone is known to have been: WGS-84 degrees; between `begin` and `end`, if those are known."""

    name: str
    latitude: float
    longitude: float
    begin: datetime | None = None
    end: datetime | None = None


class Known(Struct, frozen=True, cache_hash=True):
    """All that is known beforehand and looked for in the traffic."""

    values: tuple[KnownValue, ...] = ()
    positions: tuple[KnownPosition, ...] = ()


class Gap(Struct, frozen=True, kw_only=True):
    """Something that nobody could read, so that nothing can be said of what it holds.

    `what` is one of `unread` (a connection that stayed closed), `unsent` (it did not leave after all), `cut` (an answer
    longer than the recorder keeps), `opaque` (bytes that no decoder opens) and `limit` (the walk stopped there). `size`
    counts bytes, `source` is that of `Field`, or `connection`.
    """

    what: GapKind
    why: str
    side: Side
    source: str
    path: str
    size: int
    because: Request
    entropy: float | None = None

    @property
    def hides(self) -> bool:
        """Whether something that the phone told could be in it: more than a signature, a key or a digest takes."""
        if self.side == "received" or self.what in ("unsent", "cut"):
            return False
        return self.what != "opaque" or self.size > DIGEST_BYTES


class Part(Struct, frozen=True, kw_only=True):
    """One testable statement of a claim and what the traffic says of it.

    `missing` marks a statement that traffic could decide, had the capture held the moment for it.
    """

    statement: str
    verdict: Verdict
    shows: str
    requests: tuple[int, ...] = ()
    missing: bool = False


class Finding(Struct, frozen=True, kw_only=True):
    """A published claim, its parts, and the verdict that follows from them."""

    id: str
    claim: str
    source: str
    parts: tuple[Part, ...]

    @property
    def verdict(self) -> Verdict:
        """Refuted if a part is refuted; supported if all are supported; otherwise not decidable."""
        verdicts = {part.verdict for part in self.parts}
        if "refuted" in verdicts:
            return "refuted"
        return "supported" if verdicts == {"supported"} else "not decidable"

    @property
    def missing(self) -> bool:
        """Whether a part could not be judged because the capture lacks what traffic could have shown."""
        return any(part.missing for part in self.parts)

    @property
    def requests(self) -> tuple[int, ...]:
        """The indices of all requests that its parts rest on, in order."""
        return tuple(sorted({index for part in self.parts for index in part.requests}))

    def _repr_html_(self) -> str:
        rows = [(part.verdict, part.statement, part.shows, notebook.indices(part.requests)) for part in self.parts]
        return notebook.page(
            f"{self.id}: {self.verdict}",
            notebook.paragraph(f"{self.claim} ({self.source})"),
            notebook.table(("verdict", "statement", "shows", "requests"), rows),
        )


_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://[^/?#\s\x00-\x20]*(?=[/?#]|\Z)")


def host_of(url: str) -> str:
    """The host of an absolute URL; empty if it has none. Most URLs are new, but their hosts are not."""
    match = _ORIGIN.match(url)
    return _host(match[0] if match else url)


@lru_cache(maxsize=4096)
def _host(url: str) -> str:
    parts = split_url(url)
    return (parts and parts.hostname) or ""


def split_url(url: str) -> SplitResult | None:
    """The parts of an absolute URL; None if it is none (captured ones may be anything, `http://[x/` too)."""
    if "://" not in url:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.hostname  # raises on a malformed authority, as urlsplit may
    except ValueError:
        return None
    return parts


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()  # 60 ms


@lru_cache(maxsize=4096)
def site(host: str) -> str:
    """The registrable domain of a host (eTLD+1, by the Public Suffix List), or the host itself (an IP address)."""
    return _suffixes().privatesuffix(host) or host
