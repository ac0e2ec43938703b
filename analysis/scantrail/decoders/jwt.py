"""JSON Web Tokens (RFC 7519): the header and the claims are read, the signature stays what it is."""

import binascii
import re

from scantrail.decoders.evidence import printable
from scantrail.decoders.text import json_value
from scantrail.decoders.values import Members, Value

_TOKEN = re.compile(r"(e[w3y][\w-]*)\.([\w-]*)\.([\w-]*)(?:\.[\w-]*\.[\w-]*)?", re.ASCII)  # "{" in base64url


def token(text: str) -> Value:
    """Header, claims and signature; of an encrypted one (RFC 7516) the header."""
    match = _TOKEN.fullmatch(text)
    header = _json(match[1]) if match else None
    if match is None or header is None:
        return None
    claims = _json(match[2])
    if claims is None:
        return Members([("header", header), ("rest", text[match.end(1) + 1 :])])
    return Members([("header", header), ("claims", claims), ("signature", match[3])])


def _json(part: str) -> Value:
    standard = part.replace("-", "+").replace("_", "/")
    try:
        text = printable(binascii.a2b_base64(standard + "=" * (-len(part) % 4)))
    except binascii.Error:
        return None
    return json_value(text) if text else None
