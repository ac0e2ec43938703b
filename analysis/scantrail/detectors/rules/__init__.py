"""Rules for single fields (`RULES`) and for fields that stand together (`GROUPS`): rows by theme, and their engine.

Precision first: a false alarm costs a reviewer more than a second look. Rows that ask for a key are found by the key,
for which what the tables say is remembered. Rows without keys are found by their hints: all values of a request are
searched for them at once. So most values, which concern no row, are not looked at one by one.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from scantrail.detectors.opened import Opened, Remembered, normal_key
from scantrail.detectors.reading import Reading
from scantrail.detectors.rules import devices, health, keys, network, persons, places
from scantrail.detectors.rules.groups import GROUPS, Group
from scantrail.detectors.rules.row import Rule
from scantrail.detectors.words import words
from scantrail.model import Disclosure, Field, Scalar

__all__ = ["GROUPS", "RULES", "Match", "detect", "matches", "readings"]

RULES: tuple[Rule, ...] = (*persons.RULES, *devices.RULES, *places.RULES, *network.RULES, *health.RULES)

_REMEMBERED = 512  # characters of a value whose matches are remembered
_MOST = 16  # matches of one rule in one value
_MOST_BITS = 256  # of a number: an identifier has fewer
_CATALOGUE = 3  # different values of one kind in one list of an answer: more are a list to choose from
_UNREAD = words("user-agent host referer cookie")  # keys whose values are never a person's own words
_WHERE = words("city district region adcode telephone_code postcode address")
_LISTED = _WHERE | words("place_id name email")
_INDEX = re.compile(r"\[\d+\]")


class Match(NamedTuple):
    """What a rule reads in a field; `whole`: it is all of the value."""

    rule: Rule
    reading: Reading
    whole: bool = True


class _Row(NamedTuple):
    """A rule and its value's pattern."""

    rule: Rule
    value: re.Pattern[str]


class _Key(NamedTuple):
    """What the tables say of a key.

    `asking` are those of the rows that ask for this key. `places` are (group, member); `general` wants the name of the
    key's object before it.
    """

    rows: tuple[_Row, ...]
    places: tuple[tuple[int, int], ...]
    general: bool
    asking: tuple[_Row, ...]


def matches(key: str, value: str, *, hinted: bool = True) -> tuple[Match, ...]:
    """What the rules read in a field of that key, before any look at what stands beside it.

    `hinted`: whether the value has a hint in it, so that rows without keys are tried too.
    """
    return (_remembered if len(value) <= _REMEMBERED else _matches)(key, value, hinted)


def readings(rule: Rule, key: str, value: str) -> tuple[Match, ...]:
    """What one rule reads in a field of that key, whatever other rules say."""
    row, text = _ROWS[RULES.index(rule)], value.strip()
    return _readings(row, text) if row in _ABOUT[key].rows else ()


def detect(opened: Opened) -> Iterator[Disclosure]:
    """Disclosures of groups and of single fields; of rules for one kind that meet a field, the first row speaks."""
    found: list[tuple[Field, Match]] = []
    members: dict[str, dict[tuple[int, int], Field]] = {}
    hinted = opened.values.having(_HINTS)
    for number in sorted(hinted.union(opened.under(_SPEAKING))):
        field = opened.fields[number]
        about = _ABOUT[key := field.key]
        value = field.value if isinstance(field.value, str) else _digits(field.value)
        if about.places:
            inside = members.setdefault(field.parent, {})
            for place in about.places:
                inside.setdefault(place, field)
        if about.general and _ABOUT[longer := keys.qualified(key, field.parent)].asking:
            key, about = longer, _ABOUT[longer]
        if len(value) > _REMEMBERED and field.side == "received":
            continue  # of an answer only whole values count
        if about.asking or number in hinted:
            for match in matches(key, value, hinted=number in hinted):
                found.append((field, match))  # noqa: PERF401 - mostly there is none, and a generator costs more
    groups = list(_groups(members))
    taken = {id(field) for disclosure in groups for field in disclosure.because}
    yield from groups
    yield from _disclosures([pair for pair in found if id(pair[0]) not in taken or pair[1].rule.kind in _LISTED])


def _disclosures(found: Sequence[tuple[Field, Match]]) -> Iterator[Disclosure]:
    """Those matches that hold beside what else was found in the request."""
    kinds_in: dict[str, set[str]] = defaultdict(set)
    for field, match in found:
        kinds_in[field.parent].add(match.rule.kind)
    catalogues = _catalogues(found)
    for field, (rule, reading, whole) in found:
        if rule.beside and kinds_in[field.parent].isdisjoint(rule.beside):
            continue
        if field.side == "received" and (not whole or (rule.kind, _list_of(field)) in catalogues):
            continue
        yield _disclosure(rule, reading, (field,))


def _disclosure(rule: Rule | Group, reading: Reading, because: tuple[Field, ...]) -> Disclosure:
    reasoning = f"{rule.reasoning}: {reading.because}" if reading.because else rule.reasoning
    return Disclosure(kind=rule.kind, value=reading.value, rule=rule.id, reasoning=reasoning, because=because)


def _catalogues(found: Sequence[tuple[Field, Match]]) -> set[tuple[str, str]]:
    """Lists of an answer with many places or people: what one can choose from tells nothing of the one who asks."""
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for field, match in found:
        if field.side == "received" and match.rule.kind in _LISTED:
            values[match.rule.kind, _list_of(field)].add(match.reading.value)
    return {which for which, different in values.items() if len(different) > _CATALOGUE}


def _list_of(field: Field) -> str:
    return _INDEX.sub("[]", field.path)


def _groups(members: dict[str, dict[tuple[int, int], Field]]) -> Iterator[Disclosure]:
    """The groups that the objects of a request have whole."""
    for inside in members.values():
        for number, (group, patterns) in enumerate(zip(GROUPS, _PATTERNS, strict=True)):
            because = tuple(inside[number, at] for at in range(len(patterns)) if (number, at) in inside)
            if len(because) < len(patterns):
                continue
            values = [field.text.strip() for field in because]
            agree = all(pattern.fullmatch(value) for pattern, value in zip(patterns, values, strict=True))
            if agree and (reading := group.reads(*values)):
                yield _disclosure(group, reading, because)


def _digits(value: Scalar) -> str:
    """A number as text; nothing for bytes, truth values and numbers with more digits than any identifier."""
    if value is None or isinstance(value, bool | bytes):
        return ""
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return ""
    return str(value)


def _matches(key: str, value: str, hinted: bool) -> tuple[Match, ...]:
    """All matches; a rule speaks only where no earlier row has spoken for the same kind."""
    found: dict[str, tuple[Match, ...]] = {}
    text, about = value.strip(), _ABOUT[key]
    for row in about.rows if hinted else about.asking:
        if row.rule.kind not in found and (those := _readings(row, text)):
            found[row.rule.kind] = those
    return tuple(match for those in found.values() for match in those)


_remembered = lru_cache(maxsize=65536)(_matches)


def _readings(row: _Row, text: str) -> tuple[Match, ...]:
    """What a row reads in a value whose key it meets; a row without keys finds each thing once."""
    if row.rule.keys is not None:
        reading = _read(row.rule, text) if row.value.fullmatch(text) else None
        return (Match(row.rule, reading),) if reading else ()
    found: dict[Reading, bool] = {}
    for match in islice(row.value.finditer(text), _MOST) if len(text) <= row.rule.longest else ():
        if reading := _read(row.rule, match[0]):
            found.setdefault(reading, match[0] == text)
    return tuple(Match(row.rule, reading, whole) for reading, whole in found.items())


def _read(rule: Rule, text: str) -> Reading | None:
    if rule.check is not None and not rule.check(text):
        return None
    return rule.reads(text) if rule.reads else Reading(text)


def _about(key: str) -> _Key:
    """What the tables say of a key; rows in the order of the table."""
    whole, places = keys.whole_names(key), tuple(_MEMBERS.get(normal_key(key), ()))
    met = {at for name in keys.names(key) for at in _BY_KEY.get(name, ()) if name in whole or not RULES[at].whole_key}
    rows: Iterable[_Row] = (_ROWS[at] for at in sorted(met.union(() if key in _UNREAD else _KEYLESS)))
    if keys.is_elsewhere(key):
        rows = (row for row in rows if row.rule.kind not in _WHERE)
    rows = tuple(rows)
    return _Key(rows, places, keys.is_general(key), tuple(row for row in rows if row.rule.keys is not None))


def _speaks(key: str) -> bool:
    """Whether the tables say anything of a key: of a field under another, the value alone can tell something."""
    about = _ABOUT[key]
    return bool(about.places) or about.general or bool(about.asking)


def _by_key() -> dict[str, list[int]]:
    """The numbers of the rows that ask for each key."""
    found: dict[str, list[int]] = defaultdict(list)
    for number, rule in enumerate(RULES):
        for name in rule.keys or ():
            found[name].append(number)
    return dict(found)


def _members() -> dict[str, list[tuple[int, int]]]:
    """The groups, and the members of them, that ask for each key."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, group in enumerate(GROUPS):
        for place, member in enumerate(group.members):
            for name in member.keys:
                found[name].append((number, place))
    return dict(found)


_ABOUT = Remembered(_about)
_SPEAKING = Remembered(_speaks)
_ROWS = tuple(_Row(rule, re.compile(rule.value)) for rule in RULES)
_HINTS = tuple({rule.hint: None for rule in RULES if rule.hint})
_KEYLESS = frozenset(number for number, rule in enumerate(RULES) if rule.keys is None)
_BY_KEY = _by_key()
_MEMBERS = _members()
_PATTERNS = tuple(tuple(re.compile(member.value) for member in group.members) for group in GROUPS)
