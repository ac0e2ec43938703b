"""What detectors look at: the fields of one request, and which of them stand together."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from scantrail.model import Field, Known


class Opened(NamedTuple):
    """One request, opened: its fields in order, those of each object by `Field.parent`; and what is known."""

    fields: Sequence[Field]
    siblings: Mapping[str, Sequence[Field]]
    known: Known


def opened(fields: Iterable[Field], known: Known = Known()) -> Opened:
    """Gather the fields of one request."""
    found = list(fields)
    siblings: dict[str, list[Field]] = defaultdict(list)
    for field in found:
        siblings[field.parent].append(field)
    return Opened(found, siblings, known)


_SEPARATORS = re.compile(r"[_\-. ]")


@lru_cache(maxsize=65536)
def normal_key(key: str) -> str:
    """A key as rules compare it: `Operation-Type`, `operation_type` and `operationType` are one."""
    return _SEPARATORS.sub("", key).lower()
