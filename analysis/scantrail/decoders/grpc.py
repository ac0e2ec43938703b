"""The frames of gRPC and gRPC-Web, each message behind a flag and its length.

https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md and PROTOCOL-WEB.md.
"""

import base64
import binascii
import struct

from scantrail.decoders import protobuf
from scantrail.decoders.values import Value

_HEAD = 5  # bytes before a message
_MESSAGE, _COMPRESSED, _TRAILERS = 0, 1, 0x80
_FLAGS = (_MESSAGE, _COMPRESSED, _TRAILERS)


def frames(data: bytes) -> Value:
    """The messages of a body, if it is whole frames. Those that are no protobuf stay bytes.

    So do compressed ones: the walk undoes them like any others, and what is beneath.
    """
    messages: list[Value] = []
    at = 0
    while at < len(data):
        if len(data) - at < _HEAD or data[at] not in _FLAGS:
            return None
        flag, size = struct.unpack_from(">BI", data, at)
        at += _HEAD
        if size > len(data) - at:
            return None
        payload = data[at : at + size]
        messages.append((protobuf.stated(payload) if flag == _MESSAGE else None) or payload)
        at += size
    return messages if any(messages) else None


def web_text(data: bytes) -> Value:
    """The same in base64 (`application/grpc-web-text`), where each frame may have been encoded by itself."""
    parts = [part + b"=" * (-len(part) % 4) for part in data.split(b"=") if part]
    try:
        return frames(b"".join(map(base64.b64decode, parts)))
    except binascii.Error:
        return None
