"""Identifiers that are formally valid and belong to nobody (docs/facts.md §7).

Each is drawn from a range that no living person or sold phone can have: births before ids existed or decades from now,
a mobile prefix without an operator, the type code of test equipment.
"""

import base64
import struct
from datetime import date, timedelta
from random import Random

_CHECK_WEIGHTS = tuple(pow(2, 17 - i, 11) for i in range(17))  # ISO 7064 MOD 11-2, as in GB 11643
_CHECK_CHARACTERS = "10X98765432"
_BIRTHS = (date(1840, 1, 1), date(1899, 12, 31))  # resident ids exist since 1984
_TEST_TAC = "00101"  # type codes that begin so are kept for test equipment
_UNALLOCATED = "154"  # mobile prefix that no operator of the mainland had in February 2020
_NRIC_WEIGHTS = (2, 7, 6, 5, 4, 3, 2)
_NRIC_LETTERS = "JZIHGFEDCBA"
_UNBORN = (90, 99)  # an NRIC that begins with T and these is of somebody born from 2090 to 2099


def resident_id(random: Random, region: str) -> str:
    """Draw 18 characters: region (GB/T 2260), birth date, sequence, check character (GB 11643)."""
    first, last = _BIRTHS
    birth = first + timedelta(days=random.randrange((last - first).days + 1))
    body = f"{region}{birth:%Y%m%d}{random.randrange(1, 1000):03d}"
    return body + check_character(body)


def check_character(body: str) -> str:
    """Compute the last character of a resident id from its first 17 (ISO 7064 MOD 11-2)."""
    return _CHECK_CHARACTERS[sum(int(digit) * w for digit, w in zip(body, _CHECK_WEIGHTS, strict=True)) % 11]


def nric(random: Random) -> str:
    """Draw a Singaporean NRIC of this century: T, two digits of the birth year, five more, check letter."""
    digits = f"{random.randint(*_UNBORN)}{random.randrange(10**5):05d}"
    return f"T{digits}{nric_letter('T', digits)}"


def nric_letter(prefix: str, digits: str) -> str:
    """Compute the last letter of an NRIC that begins with S or T: a weighted sum modulo 11, T adding 4."""
    weighted = sum(int(digit) * weight for digit, weight in zip(digits, _NRIC_WEIGHTS, strict=True))
    return _NRIC_LETTERS[(weighted + {"S": 0, "T": 4}[prefix]) % 11]


def phone_number(random: Random) -> str:
    """Draw a mainland mobile number: 11 digits."""
    return f"{_UNALLOCATED}{random.randrange(10**8):08d}"


def imei(random: Random) -> str:
    """Draw 15 digits: type code, serial, Luhn."""
    body = f"{_TEST_TAC}{random.randrange(10**9):09d}"
    return body + luhn_digit(body)


def luhn_digit(body: str) -> str:
    """Compute the digit that makes the Luhn sum a multiple of ten."""
    doubled = [int(digit) * (2 if i % 2 == 0 else 1) for i, digit in enumerate(reversed(body))]
    return str(-sum(n // 10 + n % 10 for n in doubled) % 10)


def utdid(random: Random, created: int, imei: str) -> str:
    """Make a device id as the UTDID library does: 18 bytes in 24 base64 characters.

    Creation time (seconds since 1970), a random number, `0300`, Java hash of the IMEI, and a hash over all that. The
    published layout does not say how the last is keyed: taken here as the Java hash of the base64 of what precedes.
    """
    body = struct.pack(">II2sI", created, random.getrandbits(32), b"\x03\x00", java_hash(imei))
    return base64.b64encode(body + struct.pack(">I", java_hash(base64.b64encode(body).decode()))).decode()


def java_hash(text: str) -> int:
    """Compute `String.hashCode` of Java as an unsigned 32-bit number (ASCII text)."""
    value = 0
    for character in text:
        value = (31 * value + ord(character)) & 0xFFFFFFFF
    return value
