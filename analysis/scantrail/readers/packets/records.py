"""Records of pcap and pcapng files, read by scapy.

scapy is GPL and takes a moment to import, so it is imported here alone, and only when a capture of packets is read.
What its readers leave out is added: sections that number their interfaces anew, interfaces without a snap length, time
offsets, and saying where a file is damaged.
"""

import gzip
import logging
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from scantrail.model import CaptureError, Problem

PCAP = frozenset(bytes.fromhex(magic) for magic in ("a1b2c3d4", "d4c3b2a1", "a1b23c4d", "4d3cb2a1"))
PCAPNG = b"\x0a\x0d\x0d\x0a"
_LARGEST = 1 << 26  # bytes of a block: a length beyond is damage
_YEAR_2200_NS = 7_258_118_400 * 10**9
_SECRETS, _TLS_KEY_LOG = 10, 0x544C534B  # a decryption secrets block, and one of TLS
_IF_TSOFFSET = 14


class Record(NamedTuple):
    """One captured packet: where it stands in the file, when it passed (ns since 1970), and its link-layer frame."""

    offset: int
    ns: int
    linktype: int
    frame: bytes


def is_packets(path: Path) -> bool:
    """Whether a file, compressed or not, begins as a capture of packets does."""
    try:
        with open_plain(path) as file:
            magic = file.read(4)
    except (OSError, EOFError, zlib.error):
        return False
    return magic in PCAP or magic == PCAPNG


def open_plain(path: Path) -> BinaryIO:
    """The file without its compression, by what the bytes are and not by the name."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if packed else path.open("rb")  # type: ignore[return-value] # a GzipFile is a binary file


def records(path: Path, problems: list[Problem]) -> Iterator[Record]:
    """The packets of a file, in its order. Where it is damaged or cut, it ends with a problem.

    Raises:
        CaptureError: it is no capture of packets, or scapy is not installed.

    """
    pcap, pcapng, error = _scapy()
    with open_plain(path) as plain:
        file = _File(plain)
        try:
            reader = (pcapng if _magic(path) == PCAPNG else pcap)(file)
        except (error, EOFError, struct.error) as why:
            raise CaptureError(f"{path} is not a capture of packets: {why or 'its header is damaged'}") from why
        yield from _checked(reader, file, path, problems)


def key_logs(path: Path) -> Iterator[bytes]:
    """The TLS key logs that a pcapng file carries. They may stand behind the packets that need them."""
    with open_plain(path) as plain:
        file, order = _File(plain), "<"
        while len(head := file.read(8)) == 8:
            if head.startswith(PCAPNG):
                order = ">" if file.read(4) == b"\x1a\x2b\x3c\x4d" else "<"
                file.skip(-4)
            kind, size = struct.unpack(f"{order}II", head)
            if size < 12:
                return
            if kind == _SECRETS:
                block = file.read(size - 8)
                if len(block) >= 8 and struct.unpack_from(f"{order}I", block)[0] == _TLS_KEY_LOG:
                    yield block[8 : 8 + struct.unpack_from(f"{order}I", block, 4)[0]]
            else:
                file.skip(size - 8)


class _File:
    """A file that ends where it is damaged, and remembers why."""

    name = ""

    def __init__(self, plain: BinaryIO) -> None:
        self.plain = plain
        self.damage = ""

    def read(self, size: int) -> bytes:
        if size > _LARGEST:
            self.damage = f"a block that says it is {size:,} bytes long"
            return b""
        try:
            return self.plain.read(size)
        except (EOFError, zlib.error, OSError) as error:
            self.damage = f"the compression is damaged ({error})"
            return b""

    def skip(self, size: int) -> None:
        try:
            self.plain.seek(size, 1)
        except (EOFError, zlib.error, OSError) as error:
            self.damage = str(error)

    def tell(self) -> int:
        return self.plain.tell()


def _magic(path: Path) -> bytes:
    with open_plain(path) as file:
        return file.read(4)


def _checked(reader: Any, file: _File, path: Path, problems: list[Problem]) -> Iterator[Record]:
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


def _scapy() -> tuple[Any, Any, type[Exception]]:
    """scapy's readers of both formats, completed, and what they raise."""
    try:
        logging.getLogger("scapy").setLevel(logging.CRITICAL)  # what it warns of is in our problems
        from scapy.error import Scapy_Exception
        from scapy.utils import RawPcapNgReader, RawPcapReader
    except ImportError as error:
        raise CaptureError("reading packets needs scapy and cryptography: pip install 'scantrail[packets]'") from error

    class Pcap(RawPcapReader):  # type: ignore[misc] # scapy is published without types
        begin = 0  # of the record being read

        def _read_packet(self, size: int = _LARGEST) -> Any:
            self.begin = self.f.tell()
            return super()._read_packet(_LARGEST)

    class PcapNg(RawPcapNgReader):  # type: ignore[misc]
        begin = 0

        def _read_block(self, size: int = _LARGEST) -> Any:
            self.begin = self.f.tell()
            return super()._read_block(_LARGEST)

        def _read_block_shb(self) -> None:
            super()._read_block_shb()
            self.interfaces = []  # a section numbers its own

        def _read_block_idb(self, block: bytes, size: int) -> None:
            super()._read_block_idb(block, size)
            linktype, snaplen, options = self.interfaces[-1]
            offset = self._read_options(block[8:]).get(_IF_TSOFFSET, b"")
            # the name is the one option that scapy hands on with each packet
            options["name"] = struct.unpack(f"{self.endian}q", offset)[0] if len(offset) == 8 else 0
            self.interfaces[-1] = linktype, snaplen or _LARGEST, options  # 0: no limit

        def _read_block_dsb(self, block: bytes, size: int) -> None:
            """Leave out what `key_logs` reads."""

    return Pcap, PcapNg, Scapy_Exception
