"""What the headers of a message say of its body: the codings to undo and the type of what is beneath."""

from collections.abc import Callable

from scantrail.decoders import cbor, charsets, grpc, messagepack, multipart, protobuf
from scantrail.decoders.compression import CODINGS
from scantrail.decoders.values import Value
from scantrail.model import Pair

_MAX_CODINGS = 4  # a body has one; who states more than this does not mean it

TYPES: dict[str, tuple[str, Callable[[bytes], Value]]] = {
    "application/x-protobuf": ("protobuf", protobuf.stated),
    "application/protobuf": ("protobuf", protobuf.stated),
    "application/vnd.google.protobuf": ("protobuf", protobuf.stated),
    "application/x-google-protobuf": ("protobuf", protobuf.stated),
    "application/grpc": ("grpc", grpc.frames),
    "application/grpc-web": ("grpc", grpc.frames),
    "application/grpc-web-text": ("base64|grpc", grpc.web_text),
    "application/msgpack": ("msgpack", messagepack.stated),
    "application/x-msgpack": ("msgpack", messagepack.stated),
    "application/vnd.msgpack": ("msgpack", messagepack.stated),
    "application/cbor": ("cbor", cbor.stated),
}
"""Types that a Content-Type states (without what follows `+`): the layer's name and what opens it on the sender's word.
JSON, XML, forms and other text speak for themselves and need no word."""


def undo(headers: tuple[Pair, ...], data: bytes, most: int = 1 << 24) -> tuple[str, Value]:
    """Undo what the headers state. What does not fit is passed over: recorders keep headers of what they undid.

    Args:
        headers: of the request or response.
        data: its body.
        most: bytes that it may become at most; what would become more is left as it is.

    Returns:
        The layers that were undone, as in `Field.path` (`|gzip`), and what is beneath; None for an empty body.

    """
    if not data:
        return "", None
    codings, kind = "", ""
    for name, header in headers:
        lower = name.lower()
        if lower == "content-encoding":
            codings += f",{header}"
        elif lower == "content-type" and not kind:
            kind = header
    layers, data = _decoded(codings, data, most) if codings else ("", data)
    if kind:
        layer, value = _typed(kind, data)
        if value is not None:
            return layers + layer, value
    return layers, data


def _decoded(codings: str, data: bytes, most: int) -> tuple[str, bytes]:
    """The codings undone, the last applied first."""
    layers = ""
    for coding in reversed(codings.lower().replace(" ", "").split(",")[-_MAX_CODINGS:]):
        decode = CODINGS.get(coding)
        found = decode(data, most) if decode else None
        if found and len(found) <= most:
            layers += f"|{coding.removeprefix('x-')}"
            data = found
    return layers, data


def _typed(kind: str, data: bytes) -> tuple[str, Value]:
    """What the type says; nothing for types that need no word."""
    name = kind.partition(";")[0].strip().lower()
    base, _, suffix = name.partition("+")
    row = TYPES.get(base) or TYPES.get(f"application/{suffix}")
    if row:
        return f"|{row[0]}", row[1](data)
    if base.startswith("multipart/"):
        boundary = multipart.parameters(kind).get("boundary", "")
        return "|multipart", multipart.stated(data, boundary.encode("latin-1", "replace")) if boundary else None
    charset = multipart.parameters(kind).get("charset", "").lower() if "charset" in kind.lower() else ""
    if charset and charset not in ("utf-8", "utf8", "us-ascii"):
        text = charsets.stated(data, charset)
        return f"|{charset}", text if text is not None and not _is_utf8(data) else None
    return "", None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
