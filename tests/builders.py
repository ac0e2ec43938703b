"""Small values for tests: requests, log lines, captures. Everything has a default; name what the test is about."""

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from scantrail.decoders import fields
from scantrail.detectors import detect
from scantrail.model import Capture, Disclosure, Field, Moment, Request, Response

START = datetime(2020, 2, 17, 0, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """So many minutes after the start."""
    return START + timedelta(minutes=minutes)


def make_response(body: object = b"", *, status: int = 200, headers: Iterable[tuple[str, str]] = ()) -> Response:
    return Response(at=START, status=status, headers=tuple(headers), body=as_bytes(body))


def make_request(
    url: str = "https://healthcode.test/",
    *,
    body: object = b"",
    headers: Mapping[str, str] | None = None,
    index: int = 0,
    minutes: float = 0.0,
    answer: object = None,
    **more: object,
) -> Request:
    """A request; a body that is not bytes or text is sent as JSON, `answer` likewise."""
    return Request(
        index=index,
        id=f"flow-{index}",
        at=at(minutes),
        wall=START,
        method="POST" if body else "GET",
        url=url,
        headers=tuple((headers or {}).items()),
        body=as_bytes(body),
        response=None if answer is None else make_response(answer),
        **more,  # type: ignore[arg-type]
    )


def as_bytes(body: object) -> bytes:
    if isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)).encode()


def form(**values: str) -> str:
    return urlencode(values)


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def opened(request: Request) -> dict[str, object]:
    """What the decoders found, by path."""
    return {field.path: field.value for field in fields(request)}


def fields_of(**values: object) -> list[Field]:
    """The fields of a JSON body with these members."""
    return [field for field in fields(make_request(body=values)) if field.source == "body"]


def disclosed(request: Request) -> list[Disclosure]:
    return detect(fields(request))


def kinds(request: Request) -> set[str]:
    return {disclosure.kind for disclosure in disclosed(request)}


def make_capture(requests: Iterable[Request], moments: Iterable[tuple[float, str]] = ()) -> Capture:
    return Capture(
        path=Path("capture"),
        requests=tuple(requests),
        moments=tuple(Moment(at(minutes), name) for minutes, name in moments),
    )


def log_line(kind: str, **values: object) -> dict[str, object]:
    """One line of a log, as docs/format.md has it."""
    stamp = "2020-02-17T00:00:00.000000Z"
    return {"v": 1, "type": kind, "at": stamp, "wall": stamp, "id": "a"} | values


def write_log(path: Path, *lines: Mapping[str, object] | bytes) -> Path:
    with path.open("wb") as log:
        for line in lines:
            log.write(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")
    return path
