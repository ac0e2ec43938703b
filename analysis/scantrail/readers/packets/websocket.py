"""WebSocket messages (RFC 6455) with permessage-deflate (RFC 7692)."""

import zlib
from typing import override

from scantrail.model import Side
from scantrail.readers.packets.flows import MOST_BYTES, Flow, Layer

_CONTINUATION, _TEXT, _CONTROL = 0, 1, 8
_TAIL = b"\x00\x00\xff\xff"  # RFC 7692 §7.2.2


class WebSocket(Layer):
    """Reads both sides of a WebSocket and adds the messages to the request that opened it."""

    def __init__(self, flow: Flow, extensions: str = "") -> None:
        self.flow = flow
        keeps = {"sent": "client_no_context_takeover", "received": "server_no_context_takeover"}
        deflate = "permessage-deflate" in extensions
        self.halves = {side: _Half(deflate, keeps[side] not in extensions) for side in keeps}

    @override
    def feed(self, side: Side, ns: int, data: bytes) -> None:
        """Take the next bytes of a side."""
        half = self.halves[side]
        if half.broken:
            return
        half.buffer += data
        try:
            while (message := half.message()) is not None:
                text, content = message
                if content is not None and not self.flow.say(ns, side, content, text=text):
                    half.broken = True
        except (zlib.error, ValueError) as error:
            self._break(half, f"WebSocket frames that cannot be read ({error})")

    @override
    def lost(self, side: Side, ns: int, size: int) -> None:
        """Where the next frame begins is not known, nor what the compression refers to."""
        self._break(self.halves[side], f"{size:,} bytes of the WebSocket are not in the capture, nor what follows read")

    @override
    def close(self, ns: int) -> None:
        """The request is complete."""
        self.flow.done = True

    def _break(self, half: "_Half", why: str) -> None:
        half.broken = True
        half.buffer.clear()
        self.flow.values["error"] = why


class _Half:
    def __init__(self, deflate: bool, keeps: bool) -> None:
        self.buffer = bytearray()
        self.deflate, self.keeps = deflate, keeps
        self.inflate = zlib.decompressobj(-15)
        self.parts = bytearray()
        self.opcode, self.packed = 0, False
        self.broken = False

    def message(self) -> tuple[bool, bytes | None] | None:
        """The next frame, as whether it is text, and the message that it completes if it does."""
        buffer = self.buffer
        if len(buffer) < 2:
            return None
        size, at = buffer[1] & 127, 2
        if size > 125:
            at = 4 if size == 126 else 10
            if len(buffer) < at:
                return None
            size = int.from_bytes(buffer[2:at])
        masked = buffer[1] & 128
        begin = at + (4 if masked else 0)
        if size > MOST_BYTES or len(self.parts) > MOST_BYTES:
            raise ValueError(f"a message of {size + len(self.parts):,} bytes")
        if len(buffer) < begin + size:
            return None
        data = bytes(buffer[begin : begin + size])
        first, data = buffer[0], _unmask(data, bytes(buffer[at:begin])) if masked else data
        del buffer[: begin + size]
        return self._frame(first, data)

    def _frame(self, first: int, data: bytes) -> tuple[bool, bytes | None]:
        opcode = first & 15
        if opcode >= _CONTROL:
            return False, None
        if opcode != _CONTINUATION:
            self.opcode, self.packed = opcode, bool(first & 64)
            self.parts.clear()
        self.parts += data
        if not first & 128:
            return False, None
        whole = bytes(self.parts)
        self.parts.clear()
        if self.deflate and self.packed:
            whole = self._inflate(whole)
        return self.opcode == _TEXT, whole

    def _inflate(self, data: bytes) -> bytes:
        if not self.keeps:
            self.inflate = zlib.decompressobj(-15)
        whole = self.inflate.decompress(data + _TAIL, MOST_BYTES)
        if self.inflate.unconsumed_tail:
            raise ValueError(f"a message of more than {MOST_BYTES:,} bytes")
        if self.inflate.eof:  # a final block: the next message begins anew
            self.inflate = zlib.decompressobj(-15)
        return whole


def _unmask(data: bytes, mask: bytes) -> bytes:
    keys = mask * (len(data) // 4 + 1)
    return (int.from_bytes(data) ^ int.from_bytes(keys[: len(data)])).to_bytes(len(data))
