"""Headers in which there is nothing: they repeat with each request, so what was once found to be silent is left out.

That is half of the fields of a browser's requests. Only headers that the protocol itself defines are left out, since
those of an app may stand with others (`X-Lat` beside `X-Lng`).
"""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from scantrail.detectors.opened import LONG, Opened, opened
from scantrail.detectors.words import words
from scantrail.model import Disclosure, Field, Known

STANDARD = words(
    "accept accept-charset accept-encoding accept-language accept-ranges age allow alt-svc cache-control connection"
    " content-encoding content-language content-length content-type date dnt etag expires host if-modified-since"
    " if-none-match keep-alive last-modified origin permissions-policy pragma priority proxy-connection range"
    " referrer-policy sec-ch-ua sec-ch-ua-arch sec-ch-ua-full-version-list sec-ch-ua-mobile sec-ch-ua-platform"
    " sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user server strict-transport-security te"
    " transfer-encoding upgrade upgrade-insecure-requests user-agent vary via"
)
"""Headers of HTTP and of browsers (IANA, HTTP field name registry) whose values stand alone."""
_KEPT = 16_384  # values that are remembered

type _Detect = Callable[[Opened], Sequence[Disclosure]]


class Quiet:
    """Which headers are silent, by key and value, for one `Known`."""

    def __init__(self, known: Known, detect: _Detect) -> None:
        anytime = tuple(replace(position, begin=None, end=None) for position in known.positions)
        self._known, self._detect = replace(known, positions=anytime), detect
        self._seen: dict[tuple[str, str], bool] = {}

    def __call__(self, field: Field) -> bool:
        """Whether a field is a header of which no detector says anything."""
        value = field.value
        if (
            field.key not in STANDARD
            or value.__class__ is not str
            or field.path[-1 - len(field.key) :] != f".{field.key}"
        ):
            return False
        seen = self._seen.get(at := (field.key, value))
        if seen is None:
            seen = len(value) <= LONG and not self._detect(opened([field], self._known))
            if len(self._seen) < _KEPT:
                self._seen[at] = seen
        return seen
