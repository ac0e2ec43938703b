"""Rules for single fields (`RULES`) and for fields that stand together (`GROUPS`), as rows by theme, and their engine.

Precision first: a false alarm costs a reviewer more than a second look. Values repeat from request to request, so what
the rules make of a key and a short value is remembered.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from scantrail.detectors.opened import Opened, normal_key
from scantrail.detectors.reading import Reading
from scantrail.detectors.rules import devices, health, network, persons, places
from scantrail.detectors.rules.groups import GROUPS, MEMBERS
from scantrail.detectors.rules.row import Rule
from scantrail.model import Disclosure, Field, Scalar

RULES: tuple[Rule, ...] = (*persons.RULES, *devices.RULES, *places.RULES, *network.RULES, *health.RULES)

_SHORT = 15  # characters: a shorter value without a sign is not looked into unless its key asks for it
_REMEMBERED = 512  # characters of a value whose matches are remembered
_LONGEST = 1 << 16  # characters of a value that is looked into for what needs no key
_MOST = 16  # matches of one rule in one value
_CATALOGUE = 3  # different values of one kind in one list of an answer: more are a list to choose from
_LISTED = frozenset(
    {"city", "district", "region", "adcode", "telephone_code", "postcode", "address", "place_id", "name", "email"}
)
_WHERE = frozenset({"city", "district", "region", "adcode", "telephone_code", "postcode", "address"})
_ELSEWHERE = frozenset(
    """birth birthplace native nativeplace hometown destination dest arrival arrive departure depart target default hot
    search query keyword travel travels trip trips itinerary recenttravel recenttravels visited issuing issued 籍贯 出生地 目的地
    旅居史 旅行史 行程""".split()
)  # words of keys
_GENERAL = frozenset(
    {"id", "name", "code", "no", "number", "num", "value", "ssid", "mac", "token", "color", "colour", "status"}
)
_TRIALS = frozenset(
    {"test", "tests", "experiment", "experiments", "variant", "treatment", "treatments", "bucket", "ab", "flag", "arm"}
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_OUTER = re.compile(r"([A-Za-z_][\w\-]*)(?:\[\d+\])*(?:\|[\w|\-]*)?$")
_UNREAD = frozenset({"user-agent", "host", "referer", "cookie"})  # keys whose values are never a person's own words


class _Compiled(NamedTuple):
    rule: Rule
    keys: re.Pattern[str] | None
    value: re.Pattern[str]
    hint: Callable[[str], bool]


_ANY_KEY = re.compile("|".join(f"(?:{rule.keys})" for rule in RULES if rule.keys))


class _Key(NamedTuple):
    """What the tables say of a key: rows, places in groups (group, member), whether it wants its object's name, and
    whether any of the rows asks for the key."""

    rows: tuple[_Compiled, ...]
    places: tuple[tuple[int, int], ...]
    general: bool
    keyed: bool


class Match(NamedTuple):
    """What a rule reads in a field; `whole`: it is all of the value."""

    rule: Rule
    reading: Reading
    whole: bool = True


_COMPILED = tuple(
    _Compiled(rule, re.compile(rule.keys) if rule.keys else None, re.compile(rule.value), rule.hint or bool)
    for rule in RULES
)


def matches(key: str, value: str) -> tuple[Match, ...]:
    """What the rules read in a field of that key, before any look at what stands beside it."""
    return _remembered(key, value) if len(value) <= _REMEMBERED else _matches(key, value)


def detect(opened: Opened) -> Iterator[Disclosure]:
    """Disclosures of single fields and of groups; of several rules for one kind that meet a field, the first row speaks."""
    found: list[tuple[Field, Match]] = []
    members: dict[str, dict[tuple[int, int], Field]] = {}
    for field in opened.fields:
        key, value = field.key, field.value
        if type(value) is not str:
            value = _digits(value)
        about = _about(key)
        if about.places:
            inside = members.setdefault(field.parent, {})
            for place in about.places:
                inside.setdefault(place, field)
        if about.general:
            key = _qualified(key, field.parent)
            about = _about(key)
        if about.keyed or len(value) >= _SHORT or not _is_plain(value):
            for match in matches(key, value):
                found.append((field, match))
    groups = list(_groups(members))
    taken = {id(field) for disclosure in groups for field in disclosure.because}
    yield from groups
    yield from _disclosures([pair for pair in found if id(pair[0]) not in taken or pair[1].rule.kind in _LISTED])


def _disclosures(found: Sequence[tuple[Field, Match]]) -> Iterator[Disclosure]:
    kinds_in: dict[str, set[str]] = defaultdict(set)
    for field, match in found:
        kinds_in[field.parent].add(match.rule.kind)
    listed = _catalogues(found)
    for field, (rule, reading, whole) in found:
        if rule.beside and kinds_in[field.parent].isdisjoint(rule.beside):
            continue
        if field.side == "received" and (not whole or (rule.kind, _list_of(field)) in listed):
            continue
        reasoning = f"{rule.reasoning}: {reading.because}" if reading.because else rule.reasoning
        yield Disclosure(kind=rule.kind, value=reading.value, rule=rule.id, reasoning=reasoning, because=(field,))


def _catalogues(found: Sequence[tuple[Field, Match]]) -> set[tuple[str, str]]:
    """Lists of an answer that name many places or people: what one can choose from tells nothing of the one who asks."""
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for field, match in found:
        if field.side == "received" and match.rule.kind in _LISTED:
            values[match.rule.kind, _list_of(field)].add(match.reading.value)
    return {which for which, different in values.items() if len(different) > _CATALOGUE}


def _list_of(field: Field) -> str:
    return re.sub(r"\[\d+\]", "[]", field.path)


def _groups(members: dict[str, dict[tuple[int, int], Field]]) -> Iterator[Disclosure]:
    for inside in members.values():
        for number, group in enumerate(GROUPS):
            fields = [inside.get((number, place)) for place in range(len(group.members))]
            whole = tuple(field for field in fields if field is not None)
            if len(whole) < len(fields):
                continue
            values = [field.text.strip() for field in whole]
            if not all(member.value.fullmatch(value) for member, value in zip(MEMBERS[number], values, strict=True)):
                continue
            if reading := group.reads(*values):
                reasoning = f"{group.reasoning}: {reading.because}" if reading.because else group.reasoning
                yield Disclosure(
                    kind=group.kind, value=reading.value, rule=group.id, reasoning=reasoning, because=whole
                )


def _digits(value: Scalar) -> str:
    """A number as text; nothing for bytes, truth values and numbers with more digits than any identifier."""
    if value is None or isinstance(value, bool | bytes):
        return ""
    if isinstance(value, int) and value.bit_length() > 256:
        return ""
    return str(value)


def _is_plain(value: str) -> bool:
    """Whether a short value has nothing that a row without keys looks for: no sign of an address, no Chinese."""
    return value.isascii() and "@" not in value and "+" not in value


def _qualified(key: str, parent: str) -> str:
    """A key that says little, with the name of its object before it: `device.id`."""
    match = _OUTER.search(parent[-80:])
    qualified = f"{match[1]}.{key}" if match else key
    return qualified if _about(qualified).keyed else key


@lru_cache(maxsize=65536)
def _names(key: str) -> frozenset[str]:
    """A key as rules compare it: whole, and its last words; of a plural the singular too.

    Keys of trials (`city_test`) have none: their values are arms.
    """
    words = [word.lower() for word in _WORDS.findall(key)]
    if not _TRIALS.isdisjoint(words):
        return frozenset()
    names = {normal_key(key), *("".join(words[at:]) for at in range(len(words)))}
    return frozenset(names | {name[:-1] for name in names if name.endswith("s")})


@lru_cache(maxsize=65536)
def _about(key: str) -> _Key:
    """What the tables say of a key."""
    elsewhere, name = _is_elsewhere(key), normal_key(key)
    names = frozenset(filter(_ANY_KEY.fullmatch, _names(key)))
    whole = names & {name, "".join(_WORDS.findall(key)).lower()}
    rows = tuple(
        row
        for row in _COMPILED
        if (key not in _UNREAD if row.keys is None else names and _meets(row, whole if row.rule.whole_key else names))
        if not (elsewhere and row.rule.kind in _WHERE)
    )
    places = tuple(
        (number, place)
        for number, members in enumerate(MEMBERS)
        for place, member in enumerate(members)
        if member.keys.fullmatch(name)
    )
    return _Key(rows, places, name in _GENERAL, any(row.keys for row in rows))


def _meets(row: _Compiled, names: frozenset[str]) -> bool:
    return row.keys is not None and any(row.keys.fullmatch(name) for name in names)


def _is_elsewhere(key: str) -> bool:
    """Whether the key speaks of a place where the phone is not, or not now."""
    return not _ELSEWHERE.isdisjoint(word.lower() for word in _WORDS.findall(key)) or normal_key(key) in _ELSEWHERE


def readings(rule: Rule, key: str, value: str) -> tuple[Match, ...]:
    """What one row reads in a field of that key, whatever other rows say."""
    row, text = _COMPILED[RULES.index(rule)], value.strip()
    return _readings(row, text) if row in _about(key).rows and row.hint(text) else ()


def _matches(key: str, value: str) -> tuple[Match, ...]:
    """All matches; a rule speaks only where no earlier row has spoken for the same kind."""
    found: dict[str, tuple[Match, ...]] = {}
    text = value.strip()
    for row in _about(key).rows:
        if row.hint(text) and row.rule.kind not in found and (those := _readings(row, text)):
            found[row.rule.kind] = those
    return tuple(match for those in found.values() for match in those)


_remembered = lru_cache(maxsize=65536)(_matches)


def _readings(row: _Compiled, text: str) -> tuple[Match, ...]:
    """What a row reads in a value whose key it meets; a row without keys finds each thing once."""
    if row.keys is not None:
        reading = _read(row.rule, text) if row.value.fullmatch(text) else None
        return (Match(row.rule, reading),) if reading else ()
    found: dict[Reading, bool] = {}
    for match in islice(row.value.finditer(text), _MOST) if len(text) <= _LONGEST else ():
        if reading := _read(row.rule, match[0]):
            found.setdefault(reading, match[0] == text)
    return tuple(Match(row.rule, reading, whole) for reading, whole in found.items())


def _read(rule: Rule, text: str) -> Reading | None:
    if rule.check is not None and not rule.check(text):
        return None
    return rule.reads(text) if rule.reads else Reading(text)
