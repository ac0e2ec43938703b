"""What a row of the table of published formats says; see `scantrail.detectors.adapters`."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from scantrail.model import Datum, Pair


class Means(NamedTuple):
    """What one field of the format tells.

    `path` is the field's below the object that was recognised, without layers, `[]` for any item of a list; `**` is
    any field in it. The value must match `value` whole (any, if empty). `read` gives what is told where the format
    encodes it (None: nothing is); `codes` says what a value of a closed list means, for the reasoning.
    """

    path: str
    kind: str
    note: str
    value: str = ""
    read: Callable[[str], str | None] | None = None
    codes: Mapping[str, str] = {}


class Place(NamedTuple):
    """Where the format holds a position: in one field (`path`) or in two (`path` the latitude, `longitude`).

    In one field `longitude_first` tells the order. `datum` is the format's own unless the field `stated_in` holds a key
    of `states`; `accuracy` is the path of a field in metres. `unless` is the path of a field that says the same.
    """

    path: str
    datum: Datum
    note: str
    longitude: str = ""
    longitude_first: bool = False
    stated_in: str = ""
    states: Mapping[str, Datum] = {}
    accuracy: str = ""
    unless: str = ""


class Example(NamedTuple):
    """A request, and in a positive example what the row must tell of it: pairs of kind and value."""

    url: str = "https://gateway.test/"
    headers: tuple[Pair, ...] = ()
    body: str = ""
    tells: tuple[tuple[str, str], ...] = ()


class Adapter(NamedTuple):
    """A row: a published format, where it is published, how a request is recognised, and what its fields mean.

    Recognised by its shape: an object in which all paths of `shape` and one of `any_of` stand. The first of `shape`
    is the marker, whose last key should be rare; without a shape, all of `any_of` are markers. Or, where `hosts`
    (suffixes) or `ends` (of the URL's path) are given, by one of those; the paths then start at the request
    (`query.location`) and the shape must hold all the same. `whole` says that they start there though no URL is named.
    """

    id: str
    name: str
    source: str
    positive: tuple[Example, ...]
    negative: tuple[Example, ...]
    means: tuple[Means, ...] = ()
    places: tuple[Place, ...] = ()
    hosts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    shape: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    whole: bool = False
