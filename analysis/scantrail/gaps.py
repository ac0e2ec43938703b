"""What of a request nobody could read: "nothing found" and "nothing readable" are different results."""

from collections.abc import Iterable, Iterator

from scantrail.model import Disclosure, Field, Gap, Request

_LIMITS = {
    "depth": "wrapped in more layers than were opened",
    "nesting": "nested deeper than was looked at",
    "size": "larger than was opened",
    "expansion": "expands to more than was unpacked",
    "fields": "holds more fields than were looked at",
}


def gaps(request: Request, fields: Iterable[Field], disclosures: Iterable[Disclosure] = ()) -> Iterator[Gap]:
    """All gaps of one request.

    Args:
        request: the request.
        fields: what the decoders found in it.
        disclosures: what it tells; an opaque value that tells something (a digest of a known one) is none.

    """
    if request.unread is not None:
        yield _connection(request, "unread", request.unread)
    if request.unsent is not None:
        yield _connection(request, "unsent", request.unsent)
    if request.response and request.response.cut:
        yield Gap(
            what="cut",
            why="longer than the recorder's limit",
            side="received",
            source="response body",
            path="response.body",
            size=max((request.response.size or 0) - len(request.response.body), 0),
            because=request,
        )
    told = {id(field) for disclosure in disclosures for field in disclosure.because}
    for field in fields:
        if field.limit is not None or (field.opaque is not None and id(field) not in told):
            yield _field(field)


def _connection(request: Request, what: str, why: str) -> Gap:
    return Gap(
        what="unread" if what == "unread" else "unsent",
        why=why,
        side="sent",
        source="connection",
        path="",
        size=request.sent_bytes,
        because=request,
    )


def _field(field: Field) -> Gap:
    if field.limit is not None:
        why, size = _LIMITS[field.limit], len(field.value) if isinstance(field.value, str | bytes) else 0
    else:
        why = "in no format that a decoder opens: encrypted, a picture or random"
        size = field.opaque.size if field.opaque else 0
    return Gap(
        what="opaque" if field.limit is None else "limit",
        why=why,
        side=field.side,
        source=field.source,
        path=field.path,
        size=size,
        because=field.because,
        entropy=field.opaque.entropy if field.opaque else None,
    )
