"""The cryptography, as luca's security overview has it; keys and nonces come from a stream, so that they repeat."""

import base64
import hmac
from hashlib import sha256
from random import Random

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

type PrivateKey = ec.EllipticCurvePrivateKey
type PublicKey = ec.EllipticCurvePublicKey

_CURVE = ec.SECP256R1()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def b64(data: bytes) -> str:
    """Write bytes as the API does."""
    return base64.b64encode(data).decode()


def private_key(random: Random) -> PrivateKey:
    """Draw a key."""
    return ec.derive_private_key(random.randrange(1, _ORDER), _CURVE)


def point(key: PublicKey, *, compressed: bool = False) -> bytes:
    """Write a public key: 65 bytes, or 33."""
    layout = PublicFormat.CompressedPoint if compressed else PublicFormat.UncompressedPoint
    return key.public_bytes(Encoding.X962, layout)


def read_point(data: bytes) -> PublicKey:
    """Read a public key."""
    return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, data)


def shared(own: PrivateKey, other: PublicKey) -> bytes:
    """Agree on a secret."""
    return own.exchange(ec.ECDH(), other)


def crypt(data: bytes, secret: bytes, iv: bytes) -> bytes:
    """Encrypt, or decrypt, with the encryption key that follows from a secret."""
    key = sha256(secret + b"\x01").digest()[:16]
    encryptor = Cipher(algorithms.AES(key), modes.CTR(iv)).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def mac(data: bytes, secret: bytes) -> bytes:
    """Authenticate with the authentication key that follows from a secret."""
    return hmac.digest(sha256(secret + b"\x02").digest(), data, "sha256")


def seal(data: bytes, to: PublicKey, random: Random) -> dict[str, str]:
    """Encrypt to a public key (ECIES): the fields `data`, `iv`, `mac` and `publicKey` of a request."""
    own, iv = private_key(random), random.randbytes(16)
    secret = shared(own, to)
    sealed = crypt(data, secret, iv)
    return {
        "data": b64(sealed),
        "iv": b64(iv),
        "mac": b64(mac(sealed, secret)),
        "publicKey": b64(point(own.public_key())),
    }


def unseal(fields: dict[str, str], own: PrivateKey) -> bytes:
    """Decrypt what was encrypted to a key.

    Raises:
        ValueError: it was not, or somebody changed it.

    """
    sealed, iv, told, key = (base64.b64decode(fields[name]) for name in ("data", "iv", "mac", "publicKey"))
    secret = shared(own, read_point(key))
    if not hmac.compare_digest(mac(sealed, secret), told):
        raise ValueError("mac")
    return crypt(sealed, secret, iv)


def sign(data: bytes, own: PrivateKey) -> bytes:
    """Sign, deterministically (RFC 6979)."""
    return own.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
