"""The bytes of a capture file: without compression, up to where it is damaged; and the key logs inside it."""

import gzip
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

PCAP = frozenset(bytes.fromhex(magic) for magic in ("a1b2c3d4", "d4c3b2a1", "a1b23c4d", "4d3cb2a1"))
PCAPNG = b"\x0a\x0d\x0d\x0a"
LARGEST = 1 << 26  # bytes of a block: a length beyond is damage
_SECRETS, _TLS_KEY_LOG = 10, 0x544C534B  # a decryption secrets block, and one of TLS


def magic(path: Path) -> bytes:
    """The first four bytes, without compression; fewer if there are no more."""
    with open_plain(path) as file:
        return File(file).read(4)


def is_packets(path: Path) -> bool:
    """Whether a file, compressed or not, begins as a capture of packets does."""
    return magic(path) in {PCAPNG, *PCAP}


def open_plain(path: Path) -> BinaryIO:
    """The file without its compression, by what the bytes are and not by the name."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if packed else path.open("rb")  # type: ignore[return-value] # a GzipFile is a binary file


def key_logs(path: Path) -> Iterator[bytes]:
    """The TLS key logs that a pcapng file carries. They may stand behind the packets that need them."""
    if magic(path) != PCAPNG:
        return
    with open_plain(path) as plain:
        file, order = File(plain), "<"
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


class File:
    """A file that ends where it is damaged, and remembers why."""

    name = ""  # scapy asks for it

    def __init__(self, plain: BinaryIO) -> None:
        self.plain = plain
        self.damage = ""

    def read(self, size: int) -> bytes:
        """So many bytes, or as many as there are."""
        if size > LARGEST:
            self.damage = f"a block that says it is {size:,} bytes long"
            return b""
        try:
            return self.plain.read(size)
        except (EOFError, zlib.error, OSError) as error:
            self.damage = f"the compression is damaged ({error})"
            return b""

    def skip(self, size: int) -> None:
        """Step over so many bytes."""
        try:
            self.plain.seek(size, 1)
        except (EOFError, zlib.error, OSError) as error:
            self.damage = str(error)

    def tell(self) -> int:
        """Where it stands, in bytes without compression."""
        return self.plain.tell()
