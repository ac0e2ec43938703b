"""A search in the manner of LeakDetector.py: known values, precomputed in layers, looked for as substrings and tokens.

The method is that of Englehardt, Han and Narayanan, "I never signed up for this! Privacy implications of email
tracking", PoPETs 2018(1), section 4, as later studies used it (Senol, Acar et al., "Leaky Forms", USENIX Security 2022,
section 3.3): a pool of the values, their hashes and their encodings in two layers; each URL, header and body is
searched for every member of the pool, then cut into tokens at delimiters, and each token is decoded in up to three
layers and searched again. Written anew here with the hashes and encodings of the studies, but for those that Python has
no library of (md2, md4, ripemd160, whirlpool, base58) and with base64 of gzip, which they did without.
"""

import base64
import hashlib
import html
import json
import re
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote_plus, unquote, urlsplit

import mmh3

from benchmarks.encoders import lz_uri

LAYERS = 2  # of the pool
DECODED = 3  # layers that tokens are decoded in
_DELIMITERS = re.compile(r"[&|,;=/?#]|%3D|%26")
_EXTENSION = re.compile(r"\.[A-Za-z]{2,4}$")
_ORDER = "kibp8A4EWRMKHa7gvyz1dOPt6UI5xYD3nqhVwZBXfCcFeJmrLN20lS9QGsjTuo"  # of one tracker that the studies met
_PLAIN = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_MAPPED, _UNMAPPED = str.maketrans(_ORDER, _PLAIN), str.maketrans(_PLAIN, _ORDER)
_SALT = "QX4QkKEU"  # of another
_MADE = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512")
HASHES: tuple[Callable[[str], str], ...] = (
    *(lambda text, name=name: hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest() for name in _MADE),
    lambda text: hashlib.sha256((text + _SALT).encode()).hexdigest(),
    lambda text: str(mmh3.hash64(text)[0]),
    lambda text: str(mmh3.hash64(text)[1]),
    lambda text: str(mmh3.hash128(text)),
)
ENCODINGS: tuple[Callable[[str], str], ...] = (
    lambda text: base64.b16encode(text.encode()).decode(),
    lambda text: base64.b32encode(text.encode()).decode(),
    lambda text: base64.b64encode(text.encode()).decode(),
    quote_plus,
    html.escape,
    lz_uri,
    lambda text: text.translate(_MAPPED),
)
DECODINGS: tuple[Callable[[str], str], ...] = (
    lambda text: base64.b16decode(text).decode(),
    lambda text: base64.b32decode(text).decode(),
    lambda text: base64.b64decode(text).decode(),
    unquote,
    lambda text: zlib.decompress(text.encode("latin-1"), wbits=47).decode(),
    lambda text: zlib.decompress(text.encode("latin-1"), wbits=-15).decode(),
    lambda text: zlib.decompress(base64.b64decode(text), wbits=47).decode(),
    lambda text: text.translate(_UNMAPPED),
)


def pool(known: dict[str, list[str]]) -> dict[str, str]:
    """Every spelling, hash and encoding, and whose it is."""
    found: dict[str, str] = {}
    for name, values in known.items():
        layer = {spelling for value in values for spelling in (value, value.lower(), value.upper())}
        for texts in (_layers(layer, HASHES), _layers(layer, ENCODINGS)):
            found |= dict.fromkeys(texts, name)
    return found


def _layers(texts: set[str], makers: Iterable[Callable[[str], str]]) -> set[str]:
    found, layer = set(texts), texts
    for _ in range(LAYERS):
        layer = {make(text) for text in layer for make in makers}
        found |= layer
    return found


class Search:
    """One pool, many texts."""

    def __init__(self, known: dict[str, list[str]]) -> None:
        self.pool = pool(known)
        self.needles = tuple(self.pool.items())
        self.shortest = min(map(len, self.pool))

    def request(self, entry: dict[str, Any]) -> set[str]:
        """Whose values a request holds."""
        return {name for text in _texts(entry) for name in self.text(text)}

    def text(self, text: str) -> set[str]:
        """Whose values a text holds: as it stands, and in its tokens."""
        found, seen = self._substrings(text), {text}
        for token in _tokens(text):
            found |= self._token(token, DECODED, seen)
        return found

    def _token(self, token: str, layers: int, seen: set[str]) -> set[str]:
        if not layers or len(token) < self.shortest or token in seen:
            return set()
        seen.add(token)
        found: set[str] = set()
        for decoded in _decoded(token):
            if decoded != token and len(decoded) >= self.shortest:
                found |= self._substrings(decoded)
                for part in {decoded, *_DELIMITERS.split(decoded)}:
                    found |= self._token(part, layers - 1, seen)
        return found

    def _substrings(self, text: str) -> set[str]:
        return {name for needle, name in self.needles if needle in text}


def _decoded(token: str) -> Iterator[str]:
    for decode in DECODINGS:
        with suppress(ValueError, zlib.error):
            yield decode(token)


def _texts(entry: dict[str, Any]) -> Iterator[str]:
    """URL, cookies, referrer and other headers, body: WebSocket messages were not searched."""
    request = entry["request"]
    yield request["url"]
    yield from (header["value"] for header in request["headers"])
    body = (request.get("postData") or {}).get("text")
    if body:
        yield body


def _tokens(text: str) -> set[str]:
    tokens = {_EXTENSION.sub("", token) for token in _DELIMITERS.split(text)}
    with suppress(ValueError):
        tokens |= {value for _, value in parse_qsl(urlsplit(text).query)}
    return tokens


def main() -> None:
    """Load, search, say."""
    har, known = map(Path, sys.argv[1:])
    begin = time.process_time()
    entries = json.loads(har.read_bytes())["log"]["entries"]
    loaded = time.process_time()
    search = Search(json.loads(known.read_text()))
    found = [(index, name) for index, entry in enumerate(entries) for name in search.request(entry)]
    done = time.process_time()
    print(json.dumps({"load_s": loaded - begin, "work_s": done - loaded, "found": found}), flush=True)
    sys.stdin.read()  # until it ends


if __name__ == "__main__":
    main()
