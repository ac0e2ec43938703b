"""Keys as rules compare them: `user_home_city`, `geo.city`, `cities[0]` and `user[city]` all speak of a city."""

import re
from functools import lru_cache

from scantrail.detectors.opened import normal_key
from scantrail.detectors.words import words

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_OUTER = re.compile(r"([A-Za-z_][\w\-]*)(?:\[\d+\])*(?:\|[\w|\-]*)?$")
_OUTER_WITHIN = 80  # characters at the end of a parent's path in which its name is looked for
_GENERAL = words("id name code no number num value ssid mac token color colour status for")
_TRIALS = words("test tests experiment experiments variant treatment treatments bucket ab flag arm")
_ELSEWHERE = words(
    """birth birthplace native nativeplace hometown destination dest arrival arrive departure depart target default hot
    search query keyword travel travels trip trips itinerary recenttravel recenttravels visited issuing issued
    籍贯 出生地 目的地 旅居史 旅行史 行程"""
)


def whole_names(key: str) -> frozenset[str]:
    """All of a key, in lower case and without what separates its words.

    A key of a trial (`city_test`) has none: its value is an arm.
    """
    split = _split(key)
    return frozenset() if not _TRIALS.isdisjoint(split) else frozenset({normal_key(key), "".join(split)})


def names(key: str) -> frozenset[str]:
    """All of a key, and its last words; of plurals the singular too."""
    split, whole = _split(key), whole_names(key)
    if not whole:
        return whole
    single = [word.removesuffix("s") for word in split]
    ends = ("".join(each[at:]) for each in (split, single) for at in range(len(split)))
    return whole.union(ends, (name.removesuffix("s") for name in whole))


def is_elsewhere(key: str) -> bool:
    """Whether it speaks of a place where the phone is not, or not now: a birthplace, a destination, a search."""
    return not _ELSEWHERE.isdisjoint(_split(key)) or normal_key(key) in _ELSEWHERE


def is_general(key: str) -> bool:
    """Whether it says little without the name of its object."""
    return normal_key(key) in _GENERAL


def qualified(key: str, parent: str) -> str:
    """A key with the name of its object, which ends the parent's path, before it: `device.id`."""
    outer = _outer(parent)
    return f"{outer}.{key}" if outer else key


@lru_cache(maxsize=16384)
def _outer(parent: str) -> str:
    match = _OUTER.search(parent[-_OUTER_WITHIN:])
    return match[1] if match else ""


@lru_cache(maxsize=4096)
def _split(key: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORDS.findall(key))
