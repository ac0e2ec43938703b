"""From a frame to a TCP segment or UDP datagram: link layers, VLAN tags, IPv4 and IPv6 with their fragments.

scapy would dissect all this too, into objects that are fine to look at and take a hundred times as long.
"""

import struct
from collections import Counter
from typing import NamedTuple

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

_be16 = struct.Struct(">H").unpack_from
_tcp = struct.Struct(">IIBB").unpack_from

_IP = (0x0800, 0x86DD)
_VLAN = (0x8100, 0x88A8, 0x9100)  # IEEE 802.1Q, 802.1ad, and what came before it
_MPLS = (0x8847, 0x8848)
_PPPOE = 0x8864
_PPP_IP = (0x0021, 0x0057)  # RFC 1332, RFC 5072
_EXTENSIONS = (0, 43, 60, 135, 139, 140)  # IPv6 headers that state their length in units of 8 bytes
_FRAGMENT, _AUTHENTICATION = 44, 51
_TCP, _UDP = 6, 17
_TUNNELS = (4, 41)  # IP in IP
_SILENT = (1, 2, 58)  # ICMP, IGMP, ICMPv6: no content of an app
_MOST_FRAGMENTS, _MOST_PARTS = 1024, 256  # packets that wait for the rest of themselves; parts of one

# https://www.tcpdump.org/linktypes.html: where the network layer begins, if that is fixed
_FIXED = {0: 4, 108: 4, 12: 0, 14: 0, 101: 0, 228: 0, 229: 0}
_ETHERNET, _PPP, _PPP_HDLC, _SLL, _NFLOG, _PKTAP_OLD, _PKTAP, _SLL2 = 1, 9, 50, 113, 239, 149, 258, 276


class Segment(NamedTuple):
    """A TCP segment or (`udp`) a datagram.

    `source` and `target` are address and port as the packet has them; `missing` is how many bytes at the end of the
    payload the capture does not hold (a snap length).
    """

    udp: bool
    source: bytes
    target: bytes
    payload: bytes
    missing: int = 0
    seq: int = 0
    ack: int = 0
    flags: int = 0


class Frames:
    """Opens frames, keeping fragments until they are whole, and counting what it does not open, by why."""

    def __init__(self) -> None:
        self.fragments: dict[bytes, _Fragments] = {}
        self.unopened: Counter[str] = Counter()

    def open(self, linktype: int, frame: bytes) -> Segment | None:
        """The segment or datagram in a frame, if it is one and is whole with it."""
        try:
            begin = _network(linktype, frame)
            if begin is None:
                return None
            return self._ip(frame, begin)
        except (IndexError, struct.error):
            self.unopened["cut within its headers"] += 1
        except _UnknownLinkError:
            self.unopened[f"of link type {linktype}, which is not supported"] += 1
        return None

    def _ip(self, data: bytes, at: int, depth: int = 0) -> Segment | None:
        version = data[at] >> 4
        if version == 4:
            begin = at + (data[at] & 15) * 4
            end = at + (_be16(data, at + 2)[0] or len(data) - at)  # 0: segmented later, by the network card
            protocol, hosts, fragment = data[at + 9], data[at + 12 : at + 20], _be16(data, at + 6)[0] & 0x3FFF
            if fragment:
                key = hosts + data[at + 4 : at + 6] + data[at + 9 : at + 10]
                return self._fragment(key, protocol, hosts, fragment, data[begin:end], depth)
        elif version == 6:
            end = at + 40 + (_be16(data, at + 4)[0] or len(data) - at - 40)
            protocol, hosts, begin = data[at + 6], data[at + 8 : at + 40], at + 40
            while protocol in _EXTENSIONS:
                protocol, begin = data[begin], begin + 8 * (data[begin + 1] + 1)
            if protocol == _AUTHENTICATION:
                protocol, begin = data[begin], begin + 4 * (data[begin + 1] + 2)
            if protocol == _FRAGMENT:
                offset, following = _be16(data, begin + 2)[0], data[begin]
                key = hosts + data[begin + 4 : begin + 8]
                part = (offset >> 3) | (offset & 1) << 13
                return self._fragment(key, following, hosts, part, data[begin + 8 : end], depth)
        else:
            self.unopened["neither IPv4 nor IPv6"] += 1
            return None
        return self._transport(protocol, hosts, data, begin, end, depth)

    def _transport(self, protocol: int, hosts: bytes, data: bytes, at: int, end: int, depth: int) -> Segment | None:
        if protocol == _TCP:
            seq, ack, offset, flags = _tcp(data, at + 4)
            begin = at + (offset >> 4) * 4
            missing = max(0, end - max(begin, len(data)))
        elif protocol == _UDP:
            length = _be16(data, at + 4)[0]
            begin, seq, ack, flags = at + 8, 0, 0, 0
            end = min(end, at + length) if length else end
            missing = max(0, end - max(begin, len(data)))
        elif protocol in _TUNNELS and depth < 2:
            return self._ip(data, at, depth + 1)
        else:
            if protocol not in _SILENT:
                self.unopened[f"of IP protocol {protocol}"] += 1
            return None
        half = len(hosts) // 2
        return Segment(
            protocol == _UDP,
            hosts[:half] + data[at : at + 2],
            hosts[half:] + data[at + 2 : at + 4],
            data[begin:end],
            missing,
            seq,
            ack,
            flags,
        )

    def _fragment(
        self, key: bytes, protocol: int, hosts: bytes, fragment: int, data: bytes, depth: int
    ) -> Segment | None:
        parts = self.fragments.get(key)
        if parts is None:
            if len(self.fragments) >= _MOST_FRAGMENTS:
                del self.fragments[next(iter(self.fragments))]
                self.unopened["a fragment whose other parts are missing"] += 1
            parts = self.fragments[key] = _Fragments()
        whole = parts.add((fragment & 0x1FFF) * 8, data, more=bool(fragment & 0x2000))
        if whole is None:
            return None
        del self.fragments[key]
        return self._transport(protocol, hosts, whole, 0, len(whole), depth)


class _UnknownLinkError(Exception):
    pass


class _Fragments:
    """The parts of one packet. The first to arrive wins where parts overlap; too many are left out."""

    def __init__(self) -> None:
        self.parts: dict[int, bytes] = {}
        self.size: int | None = None

    def add(self, offset: int, data: bytes, *, more: bool) -> bytes | None:
        if len(self.parts) < _MOST_PARTS:
            self.parts.setdefault(offset, data)
        if not more:
            self.size = offset + len(data)
        if self.size is None:
            return None
        whole = bytearray()
        for begin, part in sorted(self.parts.items()):
            if begin > len(whole):
                return None
            whole += part[len(whole) - begin :]
        return bytes(whole[: self.size]) if len(whole) >= self.size else None


def _network(linktype: int, frame: bytes) -> int | None:
    """Where the IP header begins; None if the frame carries something else (ARP, spanning trees)."""
    if linktype == _ETHERNET:
        return _ethertype(frame, 12)
    if (fixed := _FIXED.get(linktype)) is not None:
        return fixed
    if linktype == _SLL:
        return _ethertype(frame, 14)
    if linktype == _SLL2:
        return 20 if _be16(frame)[0] in _IP else None
    if linktype in (_PPP, _PPP_HDLC):
        at = 2 if frame[:2] == b"\xff\x03" else 0
        return at + 2 if _be16(frame, at)[0] in _PPP_IP else None
    if linktype in (_PKTAP, _PKTAP_OLD):  # Apple's, also of a phone through rvictl
        size, _, inner = struct.unpack_from("<III", frame)
        begin = _network(inner, frame[size:]) if inner not in (_PKTAP, _PKTAP_OLD) else None
        return None if begin is None else size + begin
    if linktype == _NFLOG:
        return _nflog(frame)
    raise _UnknownLinkError


def _ethertype(frame: bytes, at: int) -> int | None:
    """Where IP begins, behind the EtherType at an offset and the tags that follow it."""
    kind = _be16(frame, at)[0]
    while kind in _VLAN:
        at += 4
        kind = _be16(frame, at)[0]
    at += 2
    if kind in _IP:
        return at
    if kind == _PPPOE:
        return at + 8 if _be16(frame, at + 6)[0] in _PPP_IP else None
    if kind in _MPLS:
        while not frame[at + 2] & 1:  # not yet the bottom of the stack
            at += 4
        return at + 4
    return None


def _nflog(frame: bytes) -> int | None:
    """The payload among the attributes of Linux's netfilter log (https://www.tcpdump.org/linktypes/LINKTYPE_NFLOG.html)."""
    at = 4
    while at + 4 <= len(frame):
        size, kind = struct.unpack_from("<HH", frame, at)
        if kind & 0x7FFF == 9:
            return at + 4
        at += max(4, (size + 3) & ~3)
    return None
