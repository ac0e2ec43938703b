"""What a QR code itself discloses, and to whom: a code is evidence like a request.

A payload is made a request, which the decoders walk and the detectors read as any other: a link is its URL, what stands
behind a prefix its body. The rows of `formats.FORMATS` say which formats are known and who learns what when a code is
scanned: all of it is open to whoever sees or photographs the code; a link's host is sent what stands before `#`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from scantrail.decoders import fields
from scantrail.detectors import adapters, detect
from scantrail.detectors.adapters.row import Adapter
from scantrail.model import CaptureError, Datum, Disclosure, Field, Request, split_url
from scantrail.qr.areas import names
from scantrail.qr.formats import FORMATS, Format
from scantrail.qr.image import codes
from scantrail.qr.whom import receivers
from scantrail.visible import visible

LONGEST = 16_384  # characters; a QR code holds 7,089 at most
_ROWS: dict[str, Format | Adapter] = {form.id: form for form in FORMATS} | {row.id: row for row in adapters.ADAPTERS}
_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".heic", ".svg"})
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Told(Struct, frozen=True, kw_only=True):
    """One thing that a code tells. `to` names who learns it: whoever reads the code, an app, a host; `how` says when.

    `meaning` says what the value is or stands for, where a format or a standard tells. Positions are WGS-84 degrees;
    `path`, `rule` and `reasoning` are those of a `Disclosure`.
    """

    kind: str
    value: str
    meaning: str = ""
    to: tuple[str, ...]
    how: str
    path: str
    rule: str
    reasoning: str
    latitude: float | None = None
    longitude: float | None = None
    datum: Datum | None = None
    precision_m: float | None = None


class Code(Struct, frozen=True, kw_only=True):
    """A code: its payload, the format (its id, name and source), who learns what on scanning, and all that it tells."""

    payload: str
    format: str
    name: str
    source: str
    says: str
    told: tuple[Told, ...]


@dataclass(frozen=True)
class _Part:
    """What is walked of a payload: a request, and how its paths are called here."""

    request: Request
    before: str = ""
    called: str = ""
    format: Format | None = None

    def path(self, path: str) -> str:
        return self.called + path.removeprefix(self.before) if self.before else path


def read(text: str) -> Code:
    """Say what a code's payload discloses.

    Raises:
        CaptureError: it is empty, too long, or of a known format and damaged.

    """
    payload = text.lstrip(" \t\r\n\ufeff").rstrip("\t\r\n")  # base45 may end in a space
    if not payload:
        raise CaptureError("the code is empty")
    if len(payload) > LONGEST:
        raise CaptureError(f"{len(payload)} characters are more than any code holds ({LONGEST} are read)")
    form, opened = _recognise(payload)
    told: dict[tuple[str, str, str], Told] = {}
    for part in _parts(payload, form, opened):
        for one in _told(part, payload):
            told.setdefault((one.kind, one.value, one.how), one)
    return Code(
        payload=payload, format=form.id, name=form.name, source=form.source, says=form.says, told=tuple(told.values())
    )


def payloads_of(text_or_image: str) -> list[str]:
    """The payloads of the codes in an image, if the text names a file; else the text itself.

    Raises:
        CaptureError: see `image.codes`; or the text names an image that is not there.

    """
    path = Path(text_or_image)
    if _is_file(path):
        return codes(path)
    if path.suffix.lower() in _PICTURES and "://" not in text_or_image:
        raise CaptureError(f"{text_or_image}: no such image")
    return [text_or_image]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long for a path, or no path at all: a payload
        return False


def _recognise(payload: str) -> tuple[Format, str | None]:
    """The first row that knows the payload, and what it opened; a link is a link even if what it carries is damaged."""
    for form in FORMATS:
        match = form.begins.match(payload)
        if match is None:
            continue
        opened = form.open(match["payload"]) if form.open else None
        if opened is not None or form.open is None:
            return form, opened
        if form.settled:
            raise CaptureError(
                f"{visible(payload, 40)}: begins as a code of the format “{form.name}”, but what follows is damaged"
            )
    raise AssertionError("the last row takes everything")


def _parts(payload: str, form: Format, opened: str | None) -> Iterator[_Part]:
    url = split_url(payload)
    if url:
        link = payload.partition("#")[0] if form.part == "fragment" else payload
        yield _Part(_request(link))
    if opened is not None:
        yield _Part(_request("", opened), "body|json", form.part + form.layers, form)
    elif not url:
        yield _Part(_request("", payload), "body", "payload")


def _request(url: str, body: str = "") -> Request:
    data = body.encode("utf-8", "replace")
    return Request(index=0, id="code", at=_NEVER, wall=_NEVER, method="GET", url=url, body=data)


def _told(part: _Part, payload: str) -> Iterator[Told]:
    held = list(fields(part.request))
    hosts = {field.path.removesuffix(".host"): field.text for field in held if field.path.endswith("|url.host")}
    for disclosure in _disclosures(part, held):
        path = part.path(disclosure.because[0].path)
        to, how = receivers(payload, path, hosts)
        yield _row(disclosure, path, to, how)
        yield from _areas(disclosure, path, to, how)


def _disclosures(part: _Part, held: list[Field]) -> list[Disclosure]:
    """What the format's own names tell, then what the detectors find; of a kind and field, the first that speaks."""
    first: dict[tuple[str, str], str] = {}
    return [
        disclosure
        for disclosure in [*_own(part, held), *detect(held)]
        if first.setdefault((disclosure.kind, disclosure.because[0].path), disclosure.rule) == disclosure.rule
    ]


def _own(part: _Part, held: Iterable[Field]) -> Iterator[Disclosure]:
    if part.format and (part.format.means or part.format.places):
        yield from adapters.read(_adapter(part.format), adapters.beneath(held, "body"))


def _adapter(form: Format) -> Adapter:
    return Adapter(form.id, form.name, form.source, (), (), form.means, form.places)


def _row(disclosure: Disclosure, path: str, to: tuple[str, ...], how: str) -> Told:
    return Told(
        kind=disclosure.kind,
        value=disclosure.value,
        meaning=_meaning(disclosure),
        to=to,
        how=how,
        path=path,
        rule=disclosure.rule,
        reasoning=disclosure.reasoning,
        latitude=disclosure.latitude,
        longitude=disclosure.longitude,
        datum=disclosure.datum,
        precision_m=disclosure.precision_m,
    )


def _meaning(disclosure: Disclosure) -> str:
    """What a code or a timestamp stands for, where the value itself does not say."""
    if disclosure.kind == "adcode":
        return " ".join(name for _, name in names(disclosure.value))
    if disclosure.kind == "visit_time" and re.fullmatch(r"1\d{9}", disclosure.value):
        return f"{datetime.fromtimestamp(int(disclosure.value), UTC):%Y-%m-%d %H:%M:%S}Z"
    row = _ROWS.get(disclosure.rule)
    return disclosure.reasoning.removeprefix(f"{row.name}: ").removesuffix(f" ({row.source})") if row else ""


def _areas(disclosure: Disclosure, path: str, to: tuple[str, ...], how: str) -> Iterator[Told]:
    """The city and the district that an area code stands for: to know the code is to know them."""
    for kind, name in names(disclosure.value) if disclosure.kind == "adcode" else ():
        yield Told(
            kind=kind,
            value=name,
            meaning=disclosure.value[:6],
            to=to,
            how=how,
            path=path,
            rule="area-name",
            reasoning=f"{disclosure.value[:6]} is {name} in GB/T 2260",
        )
