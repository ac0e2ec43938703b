"""A capture that attacks whatever shows it: markup, script, hidden characters and a flood in every field of its files.

`write_hostile` writes it as docs/format.md describes a capture, so that it comes through the real reader. What shows it
must show `TEXTS` as text, hidden characters written out, and neither run nor ask for anything.
"""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlencode

from builders import at, write_log

TEXTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "$x_1^{2$ $\\frac{",
    "a\x00b",
    "\u202egnp.exe\u2066",
    "{{ 7 * 7 }}{% raw %}",
    "'\" onload=alert(1) x='</style></pre></textarea>",
)
CODE = "HZ20200217000001"  # in every body, so that the capture has a history that can be drawn
FLOOD = "<script>alert(1)</script>\u202e\x00" * 370_000  # 10 MB

type _Line = dict[str, object]


def write_hostile(folder: Path, flood: str = "") -> Path:
    """Write the capture into a folder whose name is hostile, too, and give its path.

    Args:
        folder: where.
        flood: what one body holds besides; `FLOOD` makes it one of 10 MB.

    """
    capture = folder / TEXTS[1]
    capture.mkdir()
    broken = [text.encode() + b"\n" for text in TEXTS]
    write_log(capture / "log.jsonl", *_lines(flood), *broken)
    about = {key: dict.fromkeys(TEXTS, text) for key, text in zip(("made_by", "design", "seed"), TEXTS, strict=False)}
    more = {"v": 1, "tz": "Asia/Shanghai", "people": TEXTS[0], "days": TEXTS[4], "complete": False, TEXTS[0]: TEXTS[0]}
    (capture / "capture.json").write_text(json.dumps(about | more))
    moments = [
        {"at": _stamp(minute - 0.5), "name": name, "note": name}
        for minute, name in enumerate(("consent", "scan", *TEXTS))
    ]
    (capture / "moments.jsonl").write_text("".join(json.dumps(moment) + "\n" for moment in moments))
    return capture


def _lines(flood: str) -> Iterator[_Line]:
    """Every event of the log, each of its texts hostile, once with each of `TEXTS`."""
    for minute, text in enumerate(TEXTS):
        wire = text.encode().decode("latin-1")
        ends = {"client": [text, 1], "server": [text, 2], "sni": wire, "tls": text}
        answer = json.dumps({text: text, "codeNo": CODE, "healthStatus": "green", "reason": text})
        for number, body in enumerate(_bodies(text, flood if minute == 0 else "")):
            name = f"{text} {number}"
            yield _line("request", minute, name, _http(wire, f"h{minute}.test"), ends, body=_b64(body))
            yield _line(
                "response", minute, name, _headers(wire), status=200, reason=wire, body=_b64(json.dumps(answer))
            )
        yield _line("request", minute, f"{text} w", _http(wire, wire), ends)
        yield _line("response", minute, f"{text} w", _headers(wire), status=101, reason=wire)
        for side in ("sent", "received"):
            yield _line("message", minute, f"{text} w", protocol="websocket", side=side, data=_b64(text), text=True)
        yield _line("close", minute, f"{text} w", message=text)
        yield _line("request", minute, f"{text} e", _http(wire, wire), ends)
        yield _line("error", minute, f"{text} e", message=text)
        yield _line("request", minute, f"{text} u", _http(wire, wire), ends, unsent=text)
        yield _line("open", minute, f"{text} t", ends, protocol="tcp")
        yield _line("message", minute, f"{text} t", protocol="tcp", side="sent", data=_b64(text))
        yield _line("dns", minute, f"{text} d", ends, questions=[[text, text]])
        yield _line("unread", minute, f"{text} x", ends, message=text)
        yield _line("refused", minute, f"{text} r", ends, message=text)


def _bodies(text: str, flood: str) -> Iterator[str]:
    """What a phone might send: JSON, a form and a multipart form, hostile in names, values and the name of a file."""
    where = {"latitude": 30.2741, "longitude": 120.1551, "coordType": text}
    told = {"codeNo": CODE, "placeId": text, "city": text, "recentTravel": text, "operation": f"{text} police"}
    yield json.dumps({text: where, **told, "flood": flood})
    yield urlencode({text: text, **told, "latitude": "30.2741", "longitude": "120.1551"})
    yield f'--b\r\nContent-Disposition: form-data; name="{text}"; filename="{text}"\r\n\r\n{text}\r\n--b--\r\n'


def _http(wire: str, host: str) -> _Line:
    url = f"https://{host}/notice/{wire}?{wire}={wire}&url={wire}#{wire}"
    return {"method": wire, "url": url, "http": wire, "connection": wire, "trailers": [[wire, wire]], **_headers(wire)}


def _headers(wire: str) -> _Line:
    cookies = [["cookie", f"{wire}={wire}"], ["set-cookie", f"{wire}={wire}; path={wire}"]]
    named = ("operation-type", "x-location", "user-agent", "referer", "location")
    return {"headers": [[wire, wire], *cookies, *([name, f"{wire} police"] for name in named)]}


def _line(kind: str, minute: float, flow: str, *more: Mapping[str, object], **values: object) -> _Line:
    line: _Line = {"v": 1, "type": kind, "at": _stamp(minute), "wall": _stamp(minute), "id": flow}
    for part in (*more, values):
        line |= part
    return line


def _stamp(minute: float) -> str:
    return at(minute).isoformat()


def _b64(text: str) -> str:
    return b64encode(text.encode()).decode()
