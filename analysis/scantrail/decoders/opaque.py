"""What is known of a value that no decoder opened."""

import math
import re
from collections import Counter

from scantrail.decoders.layers import WRAPPERS
from scantrail.model import Opaque

LEAST = 43
"""Characters of a text that looks like encoded bytes: a key or digest in base64 or hex has as many; what is shorter is
a name, a number or a UUID."""

_RANDOM = re.compile(
    rf"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9+/_=-]{{{LEAST},}}|(?=.*\d)[0-9a-f]{{64,}}|(?=.*\d)[0-9A-F]{{64,}}"
)


def opaque(value: str | bytes) -> Opaque | None:
    """Bytes are opaque, and text that looks like encoded bytes is."""
    if isinstance(value, bytes):
        return Opaque(len(value), entropy(value))
    if len(value) >= LEAST and _RANDOM.fullmatch(value):
        data = next((data for wrapper in WRAPPERS if (data := wrapper.open(value)) is not None), None)
        if isinstance(data, bytes):
            return Opaque(len(data), entropy(data))
    return None


def entropy(data: bytes) -> float:
    """Shannon entropy of the bytes' frequencies, in bits per byte: 8 for long random data, less for short."""
    size = len(data)
    return round(-sum(n / size * math.log2(n / size) for n in Counter(data).values()), 2) + 0.0
