"""What a rule is. The tables are in the modules beside this one, by theme; the engine is in `__init__`."""

from collections.abc import Callable
from typing import NamedTuple

from scantrail.detectors.reading import Reading

type Example = tuple[str, str]


class Rule(NamedTuple):
    """A row: a field is disclosed when its key is one of `keys`, its value matches whole, `check` and `reads` agree.

    Keys are compared in lower case without `_`, `-` and `.`. The key counts, and so do its last words: a row for `city`
    meets `user_home_city`, `geo.city` and `cities[0]`, but not `capacity`; with `whole_key` it meets `city` alone. A
    key that says little is read with its object's: `device: {id}` is `deviceid`.

    Without `keys` a row looks into every value of at most `longest` characters, for each match that `value` has in it.
    It needs a `hint`: what each match has in it, with `0` for any digit and `A` for any capital (`AA00` for an IBAN).
    All values of a request are searched for it at once; the row looks into those that have it.

    `check` says yes or no. `reads` does too (None: no) and gives what is disclosed, normalised or explained, if that is
    not the value as it stands. `beside` names kinds, one of which must have been found in the same object. Examples are
    (key, value).
    """

    id: str
    kind: str
    value: str
    reasoning: str
    positive: tuple[Example, ...]
    negative: tuple[Example, ...]
    keys: frozenset[str] | None = None
    whole_key: bool = False
    hint: str | None = None
    longest: int = 1 << 16
    check: Callable[[str], bool] | None = None
    reads: Callable[[str], Reading | None] | None = None
    beside: tuple[str, ...] = ()


CHINESE = r"[\u3400-\u9fff·]{2,16}"
LATIN = r"[A-Z\u00c0-\u00de][A-Za-z\u00c0-\u024f'’. \-]{1,40}"
OPAQUE = r"[A-Za-z0-9+/=:_.\-]{8,128}"
UUID = r"(?i)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}"
