"""Published formats of requests, as rows: what a field means is then known from its vendor, not guessed from its name.

One small module for each family of vendors holds the rows; this one recognises a request and reads it. A format is
recognised by its shape, so that a private gateway or a simulated host is no hindrance, or by its URL. Adapters speak
before the generic rules (`detectors.detect` lets the first speak of a field), and only of shapes that they know.

Most requests fit none: those cost one look-up of the URL and one of each key.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from scantrail.detectors.adapters import alipay, amap, analytics, baidu, checkin, geolocate, tencent
from scantrail.detectors.adapters.places import place
from scantrail.detectors.adapters.row import Adapter, Means
from scantrail.detectors.areas import described
from scantrail.detectors.opened import Opened
from scantrail.model import Disclosure, Field, host_of

ADAPTERS: tuple[Adapter, ...] = (
    *amap.ROWS,
    *baidu.ROWS,
    *tencent.ROWS,
    *alipay.ROWS,
    *checkin.ROWS,
    *geolocate.ROWS,
    *analytics.ROWS,
)

_LAYER = re.compile(r"\|[\w-]+")
_INDEX = re.compile(r"\[\d+\]")
_BOUNDARY = re.compile(r"[.\[]")


def _ending(path: str) -> re.Pattern[str]:
    """Match a clean path that ends in a path of the table."""
    return re.compile(r"(?:^|\.)" + re.escape(path).replace(r"\[\]", r"\[\d+\]") + "$")


def _by_marker() -> Mapping[str, Sequence[tuple[Adapter, re.Pattern[str]]]]:
    found: dict[str, list[tuple[Adapter, re.Pattern[str]]]] = defaultdict(list)
    for adapter in ADAPTERS:
        if not adapter.hosts and not adapter.ends:
            for marker in adapter.shape[:1] or adapter.any_of:
                found[marker.rpartition(".")[2].removesuffix("[]")].append((adapter, _ending(marker)))
    return dict(found)


_MARKERS = _by_marker()


def detect(opened: Opened) -> Iterator[Disclosure]:
    """What one request tells in the formats that are known."""
    fields = opened.fields
    marked = [] if _MARKERS.keys().isdisjoint(opened.keys) else [field for field in fields if field.key in _MARKERS]
    by_url = _by_url(fields[0].because.url) if fields else ()
    if not marked and not by_url:
        return
    roots = _roots(marked, by_url)
    if roots:
        yield from _read(fields, roots)


def _by_url(url: str) -> Sequence[Adapter]:
    """The rows that know a URL. Its path is new in most requests, and of none."""
    host, path = host_of(url), url.partition("?")[0].partition("#")[0].rstrip("/")
    known = _by_host(host)
    if not host or not path.endswith(_ENDS):
        return known
    return [adapter for adapter in ADAPTERS if adapter in known or path.endswith(adapter.ends)]


@lru_cache(maxsize=4096)
def _by_host(host: str) -> tuple[Adapter, ...]:
    dotted = "." + host
    return tuple(each for each in ADAPTERS if any(dotted.endswith("." + suffix) for suffix in each.hosts))


_ENDS = tuple(end for adapter in ADAPTERS for end in adapter.ends)


def _roots(marked: Sequence[Field], by_url: Sequence[Adapter]) -> dict[str, dict[str, Adapter]]:
    """The objects that may be in a known format: by their path, the rows that they may follow."""
    roots: dict[str, dict[str, Adapter]] = defaultdict(dict)
    for adapter in by_url:
        roots[""][adapter.id] = adapter
    for field in marked:
        path = _clean(field.path)
        for adapter, ending in _MARKERS[field.key]:
            match = ending.search(path)
            if match and not (adapter.whole and match.start()):
                roots[path[: match.start()]][adapter.id] = adapter
    return roots


def _read(fields: Sequence[Field], roots: Mapping[str, Mapping[str, Adapter]]) -> Iterator[Disclosure]:
    """What the objects tell, of those that keep to a row's shape."""
    below: dict[str, dict[str, list[Field]]] = {root: defaultdict(list) for root in roots}
    stands: set[str] = set()
    for field in fields:
        path = _clean(field.path)
        if "" in below:
            _stand(below[""], path, field)
        stands.add(path)
        for boundary in _BOUNDARY.finditer(path):
            prefix = path[: boundary.start()]
            stands.add(prefix)
            if prefix and prefix in below:
                _stand(below[prefix], path[len(prefix) :].removeprefix("."), field)
    for root, adapters in roots.items():
        for adapter in adapters.values():
            if _fits(adapter, root, stands, below[root]):
                yield from read(adapter, below[root])


def beneath(fields: Iterable[Field], root: str) -> Mapping[str, Sequence[Field]]:
    """The fields of one object by their paths in it, as `read` takes them."""
    below: dict[str, list[Field]] = defaultdict(list)
    for field in fields:
        path = _clean(field.path)
        if path.startswith(root):
            _stand(below, path[len(root) :].removeprefix("."), field)
    return below


def _stand(below: dict[str, list[Field]], path: str, field: Field) -> None:
    below[path].append(field)
    if "[" in path and (items := _INDEX.sub("[]", path)) != path:
        below[items].append(field)


def _fits(adapter: Adapter, root: str, stands: set[str], below: Mapping[str, object]) -> bool:
    before = root + "." if root else ""

    def has(path: str) -> bool:
        return before + path in stands or path in below

    return all(map(has, adapter.shape)) and (not adapter.any_of or any(map(has, adapter.any_of)))


@lru_cache(maxsize=65536)
def _clean(path: str) -> str:
    """A path without the layers that were opened: `body|form.data|json.a[0]` is `body.data.a[0]`."""
    return _LAYER.sub("", path) if "|" in path else path


def read(adapter: Adapter, below: Mapping[str, Sequence[Field]]) -> Iterator[Disclosure]:
    """What an object in a known format tells; `below` has its fields by their path in it."""
    for position in adapter.places:
        yield from place(adapter, position, below)
    for means in adapter.means:
        for field in _all(below) if means.path == "**" else below.get(means.path, ()):
            if disclosure := _meant(adapter, means, field):
                yield disclosure


def _all(below: Mapping[str, Sequence[Field]]) -> Iterator[Field]:
    """Each field once: those in lists stand under two paths."""
    return (field for path, fields in below.items() if "[]" not in path for field in fields)


def _meant(adapter: Adapter, means: Means, field: Field) -> Disclosure | None:
    value = _value(means, field)
    if not value:
        return None
    code = described(value) if means.kind == "adcode" else None
    if value in means.codes:
        code = f"{value} is {means.codes[value]}"
    note = f"{means.note}; {code}" if code else means.note
    return Disclosure(
        kind=means.kind,
        value=value,
        rule=adapter.id,
        reasoning=f"{adapter.name}: {note} ({adapter.source})",
        because=(field,),
    )


@lru_cache(maxsize=1024)
def _pattern(value: str) -> re.Pattern[str]:
    return re.compile(value)


def _value(means: Means, field: Field) -> str | None:
    """What is told by a field; of bytes that nobody could read, only how many they are."""
    if isinstance(field.value, bytes):
        return f"{len(field.value)} bytes" if means.kind == "opaque" else None
    if means.kind == "opaque" or field.value is None or isinstance(field.value, bool):
        return None
    value = field.text.strip()
    if means.value and not _pattern(means.value).fullmatch(value):
        return None
    return means.read(value) if means.read else value
