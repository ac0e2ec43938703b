"""Hashes of known values.

A digest is looked for wherever it stands, as hex, base64 or bytes. A short one (32 or 64 bits) can be met by chance in
a longer text, so it has to be a whole field. A second layer (a hash of a digest, or of an encoded value) is computed
once a field has a digest's length, and only for that length. Keyed and salted hashes are out of reach: without the
key, no digest can be told from random bytes.
"""

import binascii
import hashlib
import uuid
import zlib
from collections.abc import Callable, Iterator
from urllib.parse import quote

import blake3
import mmh3

type Hash = Callable[[bytes], bytes]


def _hashlib(name: str) -> Hash:
    """A copy of an empty state is three times as fast as looking the name up."""
    empty = hashlib.new(name, usedforsecurity=False)

    def digest(data: bytes) -> bytes:
        state = empty.copy()
        state.update(data)
        return state.digest()

    return digest


def _is_available(name: str) -> bool:
    """Whether this system's OpenSSL has it: it may list a hash and yet refuse it (a FIPS build, MD4)."""
    try:
        hashlib.new(name, b"", usedforsecurity=False)
    except ValueError:
        return False
    return True


_OF_HASHLIB = {
    "md5": "md5",
    "sha1": "sha1",
    "sha224": "sha224",
    "sha256": "sha256",
    "sha384": "sha384",
    "sha512": "sha512",
    "sha512/256": "sha512_256",
    "sha3-224": "sha3_224",
    "sha3-256": "sha3_256",
    "sha3-384": "sha3_384",
    "sha3-512": "sha3_512",
    "blake2b": "blake2b512",
    "blake2s": "blake2s256",
    "ripemd160": "ripemd160",
    "md4": "md4",
    "sm3": "sm3",
}


def _turned(digest: bytes, size: int) -> bytes:
    """Each word of a digest with its bytes in reverse, as those write it who print its words as numbers."""
    return b"".join(digest[at : at + size][::-1] for at in range(0, len(digest), size))


HASHES: dict[str, Hash] = {name: _hashlib(known) for name, known in _OF_HASHLIB.items() if _is_available(known)} | {
    "blake2b-256": lambda data: hashlib.blake2b(data, digest_size=32).digest(),
    "blake3": lambda data: blake3.blake3(data).digest(),
    "murmur3-128 (x64)": lambda data: mmh3.mmh3_x64_128_digest(data),
    "murmur3-128 (x86)": lambda data: mmh3.mmh3_x86_128_digest(data),
    "murmur3-128 (x64, words big-endian)": lambda data: _turned(mmh3.mmh3_x64_128_digest(data), 8),
    "murmur3-128 (x64, one number)": lambda data: mmh3.mmh3_x64_128_digest(data)[::-1],
    "murmur3-128 (x86, words big-endian)": lambda data: _turned(mmh3.mmh3_x86_128_digest(data), 4),
}
"""Digests of 128 bits and more, by name."""

SIZES: dict[str, int] = {name: len(digest(b"")) for name, digest in HASHES.items()}
"""The length of each one's digest, in bytes."""


def _fnv1a(data: bytes, bits: int, offset: int, prime: int) -> bytes:
    """Fowler, Noll and Vo's hash 1a (RFC 9923)."""
    for byte in data:
        offset = (offset ^ byte) * prime % (1 << bits)
    return offset.to_bytes(bits // 8, "big")


SHORT_HASHES: dict[str, Hash] = {
    "crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "adler32": lambda data: zlib.adler32(data).to_bytes(4, "big"),
    "murmur3-32": lambda data: mmh3.mmh3_32_uintdigest(data).to_bytes(4, "big"),
    "fnv1a-32": lambda data: _fnv1a(data, 32, 0x811C9DC5, 0x01000193),
    "fnv1a-64": lambda data: _fnv1a(data, 64, 0xCBF29CE484222325, 0x100000001B3),
    "the first half of murmur3-128 (x64)": lambda data: mmh3.mmh3_x64_128_utupledigest(data)[0].to_bytes(8, "big"),
    "the second half of murmur3-128 (x64)": lambda data: mmh3.mmh3_x64_128_utupledigest(data)[1].to_bytes(8, "big"),
    "the middle 16 digits of md5": lambda data: hashlib.md5(data, usedforsecurity=False).digest()[4:12],
}
"""Digests of 32 and 64 bits, big-endian, by name."""


def written(digest: bytes) -> Iterator[str]:
    """How a short digest is written as a whole field: hex in either case, and numbers.

    Numbers of fewer than eight digits are left out, since counters reach them.
    """
    yield digest.hex()
    yield digest.hex().upper()
    number = int.from_bytes(digest, "big")
    for signed in number, number - (1 << 8 * len(digest)):
        if abs(signed) >= 10_000_000:
            yield str(signed)


def as_uuids(digest: bytes) -> Iterator[str]:
    """How a digest of 128 bits is written as a UUID: its digits with dashes, and with version 3 marked (RFC 9562)."""
    if len(digest) == 16:
        yield str(uuid.UUID(bytes=digest))
        yield str(uuid.UUID(bytes=digest, version=3))


def inner_layers(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What a second hash is taken of: the first one's digest in its forms, and the encoded value."""
    for name, digest_of in HASHES.items():
        digest = digest_of(data)
        as_hex, as_upper_hex, as_bytes, as_base64 = _INNER[name]
        yield as_hex, (text := binascii.hexlify(digest))
        yield as_upper_hex, text.upper()
        yield as_bytes, digest
        yield as_base64, binascii.b2a_base64(digest, newline=False)
    yield "the base64 of", binascii.b2a_base64(data, newline=False)
    yield "the hex of", binascii.hexlify(data)
    yield "the percent-encoded form of", quote(data, safe="").encode()
    yield "the UTF-16 form of", data.decode("utf-8", "replace").encode("utf-16-le")
    yield "the line with", data + b"\n"


_INNER = {
    name: tuple(f"the {name} ({form}) of" for form in ("hex", "upper-case hex", "bytes", "base64")) for name in HASHES
}
