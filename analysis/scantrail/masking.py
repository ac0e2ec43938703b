"""Values as they may be shown around: the same value gets the same mask, and none can be found out from its mask."""

import hashlib
import hmac
import secrets

from msgspec import structs

from scantrail.model import Disclosure


class Mask:
    """Masks values by a keyed fingerprint (HMAC-SHA-256, RFC 2104).

    Telephone numbers, identity numbers and positions are few enough to try them all, so a bare hash would be no mask.
    Without a key of one's own each run draws a new one, and masks of different runs do not match.
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)

    def __call__(self, value: str) -> str:
        """The mask of a value: `#` and 10 hex digits."""
        return "#" + hmac.new(self._key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:10]

    def disclosure(self, disclosure: Disclosure) -> Disclosure:
        """The same disclosure without what it discloses; how precise it is stays."""
        return structs.replace(disclosure, value=self(disclosure.value), latitude=None, longitude=None)
