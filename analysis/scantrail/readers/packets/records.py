"""Records of pcap and pcapng files, read by scapy.

scapy is GPL, so it is imported here alone, and only when a capture of packets is read. What its readers leave out is
added: sections that number their interfaces anew, interfaces without a snap length, time offsets, and saying where a
file is damaged.
"""

import logging
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from scapy.error import Scapy_Exception
from scapy.utils import RawPcapNgReader, RawPcapReader

from scantrail.model import CaptureError, Problem
from scantrail.readers.packets.files import LARGEST, PCAPNG, File, magic, open_plain

_YEAR_2200_NS = 7_258_118_400 * 10**9
_IF_TSOFFSET = 14  # an option of an interface: seconds to add to its times

logging.getLogger("scapy").setLevel(logging.CRITICAL)  # what it warns of is in our problems


class Record(NamedTuple):
    """One captured packet: where it stands in the file, when it passed (ns since 1970), and its link-layer frame."""

    offset: int
    ns: int
    linktype: int
    frame: bytes


def records(path: Path, problems: list[Problem]) -> Iterator[Record]:
    """The packets of a file, in its order. Where it is damaged or cut, it ends with a problem.

    Raises:
        CaptureError: it is no capture of packets.

    """
    with open_plain(path) as plain:
        file = File(plain)
        kind: Any = _PcapNg if magic(path) == PCAPNG else _Pcap
        try:
            reader = kind(file)
        except (Scapy_Exception, EOFError, struct.error) as why:
            raise CaptureError(f"{path} is not a capture of packets: {why or 'its header is damaged'}") from why
        yield from _checked(reader, file, path, problems)


def _checked(reader: Any, file: File, path: Path, problems: list[Problem]) -> Iterator[Record]:
    """The packets, times that cannot be replaced by the one before; problems for those and for the end."""
    last_ns, strange = 0, 0
    for offset, ns, linktype, frame, cut in _packets(reader):
        if cut > 0:
            problems.append(Problem(path.name, offset, f"a packet that lacks {cut:,} bytes at its end"))
        if not 0 <= ns < _YEAR_2200_NS:
            ns = last_ns
            strange += 1
            if strange == 1:
                problems.append(
                    Problem(path.name, offset, "a time that cannot be, taken for that of the packet before")
                )
        last_ns = ns
        yield Record(offset, ns, linktype, frame)
    if file.damage or file.tell() != reader.begin:
        why = file.damage or "the last record is cut or damaged"
        problems.append(Problem(path.name, reader.begin, f"{why}; what stands before is kept"))


def _packets(reader: Any) -> Iterator[tuple[int, int, int, bytes, int]]:
    """Offset, time, link type, frame and how many bytes of it the file lacks."""
    while (packet := _next(reader)) is not None:
        begin, frame, about = packet
        if hasattr(about, "sec"):
            ns = about.sec * 10**9 + about.usec * (1 if reader.nano else 1000)
            yield begin, ns, reader.linktype & 0xFFFF, frame, about.caplen - len(frame)
        else:
            ticks = (about.tshigh or 0) << 32 | (about.tslow or 0)
            ns = ticks * 10**9 // about.tsresol + (about.ifname or 0) * 10**9
            yield begin, ns, about.linktype, frame, 0


def _next(reader: Any) -> tuple[int, bytes, Any] | None:
    try:
        frame, about = next(reader)
    except (StopIteration, EOFError, ValueError, LookupError, struct.error):
        return None
    return reader.begin, frame, about


class _Pcap(RawPcapReader):
    begin = 0  # of the record being read

    def _read_packet(self, size: int = LARGEST) -> Any:
        del size
        self.begin = self.f.tell()
        return super()._read_packet(LARGEST)


class _PcapNg(RawPcapNgReader):
    begin = 0

    def _read_block(self, size: int = LARGEST) -> Any:
        del size
        self.begin = self.f.tell()
        return super()._read_block(LARGEST)

    def _read_block_shb(self) -> None:
        super()._read_block_shb()
        self.interfaces = []  # a section numbers its own

    def _read_block_idb(self, block: bytes, _: int) -> None:
        super()._read_block_idb(block, _)
        linktype, snaplen, options = self.interfaces[-1]
        offset: Any = self._read_options(block[8:]).get(_IF_TSOFFSET)
        # the name is the one option that scapy hands on with each packet
        options["name"] = struct.unpack(f"{self.endian}q", offset)[0] if offset and len(offset) == 8 else 0
        self.interfaces[-1] = linktype, snaplen or LARGEST, options  # 0: no limit

    def _read_block_dsb(self, block: bytes, size: int) -> None:
        """Leave out what `key_logs` has read."""
