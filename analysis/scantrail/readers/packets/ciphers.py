"""Record protection of TLS 1.0 to 1.3 (RFC 2246, 4346, 5246, 8446), and the key schedules behind it.

Only opening, only with secrets from a key log. What is not here (stream ciphers, Camellia, ARIA) is left to tshark.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305

_CHANGE_OF_VERSION = 0x0303  # TLS 1.2


@dataclass(frozen=True, slots=True)
class Suite:
    """How a cipher suite protects records. `mac`: the hash of its HMAC, for those in CBC mode."""

    cipher: str
    key: int  # bytes
    hash: str = "sha256"
    mac: str = ""


_GCM128, _GCM256 = Suite("gcm", 16), Suite("gcm", 32, "sha384")
_CHACHA = Suite("chacha", 32)
_CCM128, _CCM256, _CCM8_128, _CCM8_256 = Suite("ccm", 16), Suite("ccm", 32), Suite("ccm8", 16), Suite("ccm8", 32)
_CBC128, _CBC256 = Suite("cbc", 16, mac="sha1"), Suite("cbc", 32, mac="sha1")
_CBC128_SHA256, _CBC256_SHA256 = Suite("cbc", 16, mac="sha256"), Suite("cbc", 32, mac="sha256")
_CBC256_SHA384 = Suite("cbc", 32, "sha384", "sha384")

_IDS = {
    _GCM128: "1301 009c 009e 00a0 00a2 00a4 00a6 00a8 00aa 00ac c02b c02d c02f c031 d001",
    _GCM256: "1302 009d 009f 00a1 00a3 00a5 00a7 00a9 00ab 00ad c02c c02e c030 c032 d002",
    _CHACHA: "1303 cca8 cca9 ccaa ccab ccac ccad ccae",
    _CCM128: "1304 c09c c09e c0a4 c0a6 c0ac d005",
    _CCM256: "c09d c09f c0a5 c0a7 c0ad",
    _CCM8_128: "1305 c0a0 c0a2 c0a8 c0aa c0ae d003",
    _CCM8_256: "c0a1 c0a3 c0a9 c0ab c0af",
    _CBC128: "002f 0030 0031 0032 0033 0034 008c 0090 0094 c004 c009 c00e c013 c018 c01d c01e c01f c035",
    _CBC256: "0035 0036 0037 0038 0039 003a 008d 0091 0095 c005 c00a c00f c014 c019 c020 c021 c022 c036",
    _CBC128_SHA256: "003c 003e 003f 0040 0067 006c 00ae 00b2 00b6 c023 c025 c027 c029 c037",
    _CBC256_SHA256: "003d 0068 0069 006a 006b 006d",
    _CBC256_SHA384: "00af 00b3 00b7 c024 c026 c028 c02a c038",
}
SUITES: dict[int, Suite] = {int(number, 16): suite for suite, numbers in _IDS.items() for number in numbers.split()}
"""By number, as in IANA's registry of TLS cipher suites: key exchange and signature do not matter here."""


def expand_label(secret: bytes, label: str, size: int, algorithm: str, context: bytes = b"") -> bytes:
    """HKDF-Expand-Label (RFC 8446 §7.1)."""
    name = b"tls13 " + label.encode()
    info = size.to_bytes(2) + bytes([len(name)]) + name + bytes([len(context)]) + context
    block, out = b"", b""
    for number in range(1, 256):
        block = hmac.digest(secret, block + info + bytes([number]), algorithm)
        out += block
        if len(out) >= size:
            break
    return out[:size]


def _p_hash(secret: bytes, seed: bytes, size: int, algorithm: str) -> bytes:
    out, chain = b"", seed
    while len(out) < size:
        chain = hmac.digest(secret, chain, algorithm)
        out += hmac.digest(secret, chain + seed, algorithm)
    return out[:size]


def key_block(version: int, suite: Suite, master: bytes, seed: bytes, size: int) -> bytes:
    """The key block (RFC 5246 §6.3; the function of two hashes before TLS 1.2: RFC 2246 §5)."""
    seed = b"key expansion" + seed
    if version >= _CHANGE_OF_VERSION:
        return _p_hash(master, seed, size, suite.hash)
    half = (len(master) + 1) // 2
    md5, sha1 = _p_hash(master[:half], seed, size, "md5"), _p_hash(master[-half:], seed, size, "sha1")
    return bytes(a ^ b for a, b in zip(md5, sha1, strict=True))


class Records(Protocol):
    """Opens the records of one side, in their order."""

    seq: int

    def open(self, kind: int, header: bytes, data: bytes) -> tuple[int, bytes] | None:
        """Content type and content; None if it does not open, and then nothing has changed."""


def tls12(version: int, suite: Suite, master: bytes, randoms: bytes, *, server: bool, mac_last: bool) -> Records:
    """What opens the records of one side up to TLS 1.2. `randoms`: the server's, then the client's."""
    if suite.cipher == "cbc":
        mac, iv = hashlib.new(suite.mac).digest_size, 16
    else:
        mac, iv = 0, 12 if suite.cipher == "chacha" else 4
    block = key_block(version, suite, master, randoms, 2 * (mac + suite.key + iv))
    parts, at = [], 0
    for size in (mac, mac, suite.key, suite.key, iv, iv):
        parts.append(block[at : at + size])
        at += size
    mac_key, key, fixed = parts[server::2]
    if suite.cipher == "cbc":
        return _Cbc(version, suite, mac_key, key, fixed, mac_last=mac_last)
    return _Aead12(suite, key, fixed)


def _aead(suite: Suite, key: bytes) -> Any:
    if suite.cipher == "gcm":
        return AESGCM(key)
    if suite.cipher == "chacha":
        return ChaCha20Poly1305(key)
    return AESCCM(key, 8 if suite.cipher == "ccm8" else 16)


class _Aead12:
    """RFC 5246 §6.2.3.3; nonces of RFC 5288 and 6655 (explicit) and RFC 7905 (counted)."""

    def __init__(self, suite: Suite, key: bytes, iv: bytes) -> None:
        self.aead, self.iv, self.seq = _aead(suite, key), iv, 0
        self.explicit = 0 if suite.cipher == "chacha" else 8
        self.tag = 8 if suite.cipher == "ccm8" else 16

    def open(self, kind: int, header: bytes, data: bytes) -> tuple[int, bytes] | None:
        size = len(data) - self.explicit - self.tag
        if size < 0:
            return None
        nonce = self.iv + data[:8] if self.explicit else _nonce(self.iv, self.seq)
        known = self.seq.to_bytes(8) + header[:3] + size.to_bytes(2)
        try:
            content = self.aead.decrypt(nonce, data[self.explicit :], known)
        except InvalidTag:
            return None
        self.seq += 1
        return kind, content


class _Cbc:
    """RFC 5246 §6.2.3.2, with the MAC inside or (RFC 7366) behind the cipher text."""

    def __init__(self, version: int, suite: Suite, mac_key: bytes, key: bytes, iv: bytes, *, mac_last: bool) -> None:
        self.suite, self.mac_key, self.key, self.seq = suite, mac_key, key, 0
        self.iv = iv if version < 0x0302 else None  # TLS 1.0 goes on with the last block
        self.mac_last = mac_last
        self.mac_size = hashlib.new(suite.mac).digest_size

    def open(self, kind: int, header: bytes, data: bytes) -> tuple[int, bytes] | None:
        mac = b""
        if self.mac_last:
            data, mac = data[: -self.mac_size], data[-self.mac_size :]
            if mac != self._mac(header, data):
                return None
        iv, data = (data[:16], data[16:]) if self.iv is None else (self.iv, data)
        if len(iv) < 16 or len(data) < 16 or len(data) % 16:
            return None
        decryptor = Cipher(algorithms.AES(self.key), modes.CBC(iv)).decryptor()
        plain = decryptor.update(data) + decryptor.finalize()
        padding = plain[-1] + 1
        if padding > len(plain):
            return None
        content = plain[:-padding]
        if not self.mac_last:
            content, mac = content[: -self.mac_size], content[-self.mac_size :]
            if mac != self._mac(header, content):
                return None
        if self.iv is not None:
            self.iv = data[-16:]
        self.seq += 1
        return kind, content

    def _mac(self, header: bytes, content: bytes) -> bytes:
        known = self.seq.to_bytes(8) + header[:3] + len(content).to_bytes(2)
        return hmac.digest(self.mac_key, known + content, self.suite.mac)


class Aead13:
    """RFC 8446 §5.2. `update` goes on to the next secret (§7.2)."""

    def __init__(self, suite: Suite, secret: bytes) -> None:
        self.suite = suite
        self._use(secret)

    def _use(self, secret: bytes) -> None:
        self.secret, self.seq = secret, 0
        self.aead = _aead(self.suite, expand_label(secret, "key", self.suite.key, self.suite.hash))
        self.iv = expand_label(secret, "iv", 12, self.suite.hash)

    def update(self) -> None:
        """After a KeyUpdate."""
        self._use(expand_label(self.secret, "traffic upd", len(self.secret), self.suite.hash))

    def open(self, kind: int, header: bytes, data: bytes) -> tuple[int, bytes] | None:
        """The inner content type and the content, without padding."""
        del kind
        try:
            content = self.aead.decrypt(_nonce(self.iv, self.seq), data, header)
        except InvalidTag:
            return None
        self.seq += 1
        content = content.rstrip(b"\0")
        return (content[-1], content[:-1]) if content else (0, b"")


def _nonce(iv: bytes, seq: int) -> bytes:
    return (int.from_bytes(iv) ^ seq).to_bytes(12)
