"""DNS queries (RFC 1035), as one request each, named as the log names them: `dns:name TYPE`."""

import struct

PORTS = frozenset({53, 5353, 5355})  # DNS, mDNS (RFC 6762), LLMNR (RFC 4795)

_TYPES = {
    1: "A",
    2: "NS",
    5: "CNAME",
    6: "SOA",
    12: "PTR",
    15: "MX",
    16: "TXT",
    28: "AAAA",
    33: "SRV",
    35: "NAPTR",
    39: "DNAME",
    43: "DS",
    46: "RRSIG",
    47: "NSEC",
    48: "DNSKEY",
    52: "TLSA",
    64: "SVCB",
    65: "HTTPS",
    255: "ANY",
    257: "CAA",
}
"""IANA, Domain Name System Parameters: resource record types that phones ask for."""

_MOST_QUESTIONS, _MOST_LABELS = 32, 127


def question(message: bytes) -> tuple[bool, int, str] | None:
    """Whether a message is an answer, its id, and the URL of what it asks; None if it is no DNS message."""
    try:
        number, flags, count = struct.unpack_from(">HHH", message)
        if not 0 < count <= _MOST_QUESTIONS or flags >> 11 & 15:  # a standard query
            return None
        at, asked = 12, []
        for _ in range(count):
            name, at = _name(message, at)
            kind = struct.unpack_from(">HH", message, at)[0]
            asked.append(f"{name} {_TYPES.get(kind, f'TYPE({kind})')}")
            at += 4
    except (struct.error, IndexError, ValueError):
        return None
    return bool(flags & 0x8000), number, "dns:" + " ".join(asked)


def begins_stream(data: bytes) -> bool:
    """Whether bytes on TCP begin as a message behind its length does (RFC 1035 §4.2.2), one with one question."""
    return len(data) >= 8 and int.from_bytes(data[:2]) > 12 and not data[4] & 0x78 and data[6:8] == b"\0\1"


def _name(message: bytes, at: int) -> tuple[str, int]:
    """A name and where it ends. One pointer may follow, as questions after the first use (§4.1.4)."""
    labels: list[str] = []
    end = 0
    while size := message[at]:
        if size >= 0xC0:
            end = end or at + 2
            target = (size & 0x3F) << 8 | message[at + 1]
            if target >= at:
                raise ValueError("a pointer that does not lead back")
            at = target
            continue
        if size > 63 or at + size >= len(message):
            raise ValueError("not a label")
        if len(labels) > _MOST_LABELS:
            raise ValueError("not a name")
        labels.append(message[at + 1 : at + 1 + size].decode("latin-1"))
        at += size + 1
    return ".".join(labels), end or at + 1
