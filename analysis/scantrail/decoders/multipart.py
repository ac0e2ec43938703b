"""Multipart bodies (RFC 2046 §5.1, RFC 7578): forms with files, and mixed and related parts."""

import re
from urllib.parse import unquote

from scantrail.decoders.values import Members, Value

_OPENING = re.compile(rb"--([0-9A-Za-z'()+_,./:=?-][0-9A-Za-z'()+_,./:=? -]{0,68})[ \t]*\r?\n")
_HEADER = re.compile(rb"([!-9;-~]+):[ \t]*([^\r\n]*)\r?\n")
_PARAMETER = re.compile(r';\s*([\w-]+)(\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]*))')


def parts(data: bytes) -> Value:
    """A body that begins with a boundary and whose first part has headers."""
    opening = _OPENING.match(data)
    if not opening or not _HEADER.match(data, opening.end()):
        return None
    return stated(data, opening[1].rstrip())


def parts_of_text(text: str) -> Value:
    """The same of what is text as a whole."""
    return parts(text.encode("utf-8", "surrogatepass")) if text.startswith("--") else None


def stated(data: bytes, boundary: bytes) -> Value:
    """The parts by their names (else `Content-ID`, else their number): a file's with its name and type."""
    pieces = (b"\n" + data).split(b"\n--" + boundary)
    if len(pieces) < 2:
        return None
    found: list[tuple[str, Value]] = []
    for piece in pieces[1:]:
        if piece.startswith(b"--"):
            break
        found.append(_part(piece.partition(b"\n")[2], str(len(found))))
    return Members(found) if found else None


def parameters(text: str) -> dict[str, str]:
    """The parameters of a header's value, such as `charset` and `boundary`, by lower-case name."""
    found: dict[str, str] = {}
    for name, star, quoted, token in _PARAMETER.findall(text):
        value = re.sub(r'\\(["\\])', r"\1", quoted) if quoted else token
        if star:  # RFC 8187: charset'language'percent-encoded
            value = unquote(value.rpartition("'")[2], errors="replace")
        found.setdefault(name.lower(), value)
    return found


def _part(part: bytes, number: str) -> tuple[str, Value]:
    headers: dict[str, str] = {}
    at = 0
    while header := _HEADER.match(part, at):
        headers[header[1].decode().lower()] = header[2].decode("utf-8", "replace")
        at = header.end()
    content = part[at:].removeprefix(b"\r").removeprefix(b"\n").removesuffix(b"\r")
    disposition = parameters(headers.get("content-disposition", ""))
    name = disposition.get("name") or headers.get("content-id", "").strip("<>") or number
    file = disposition.get("filename")
    if file is None:
        return name, content
    return name, Members([("filename", file), ("type", headers.get("content-type")), ("content", content)])
