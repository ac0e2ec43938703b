"""The depth table: ways to send one known value or one place, and what only looks like one.

A held-out check: it was written without a look at the package's own tables, and what it shows is reported, not trained
on. `values.WAYS`, `places.WAYS`, `near.MISSES` and what `harder` adds to each are rows; each holds its request.
"""

from collections.abc import Callable
from typing import NamedTuple

from scantrail.model import Datum, Disclosure, Request


class Way(NamedTuple):
    """A row: what it is called, the request, and whether a disclosure of that request is the right one.

    `datums`, where given, are the only ones in which the position may be said to have been sent.
    """

    name: str
    request: Request
    right: Callable[[Disclosure], bool] = lambda _: True
    datums: tuple[Datum | None, ...] = ()
