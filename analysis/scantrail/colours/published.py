"""Rule sets: which input gives which colour, and how it is lifted.

Sources: the press conference of the province of Zhejiang on 17 February 2020, and the rule of Chengdu of November 2021
(docs/facts.md §3). What they leave open is an assumption and says so in the row.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

type Colour = Literal["green", "yellow", "red"]
type Report = tuple[datetime, bool]  # when somebody reported, and whether they were well
type Input = Literal["symptoms", "travel", "booking", "case", "contact", "companion"]

SEVERITY: Mapping[Colour, int] = {"green": 0, "yellow": 1, "red": 2}
STATUSES: Mapping[str, str] = {
    "1": "green",
    "2": "yellow",
    "3": "red",
    "4": "expired",
    "5": "none",
    "6": "failed",
    "7": "timeout",
    "绿": "green",
    "绿码": "green",
    "绿色": "green",
    "黄": "yellow",
    "黄码": "yellow",
    "黄色": "yellow",
    "红": "red",
    "红码": "red",
    "红色": "red",
}
"""What a status stands for: numbers of a vendor's verification record (docs/facts.md §2), colours in Chinese."""
TOLD: frozenset[Input] = frozenset({"symptoms", "travel"})
"""Inputs that a phone's own traffic shows; the others reach the server from elsewhere, or from everybody's scans."""


class Rule(NamedTuple):
    """One of `values` among the input (any, if there are none) gives the colour. `because` says who said so."""

    id: str
    input: Input
    values: frozenset[str]
    colour: Colour
    because: str


class RuleSet(NamedTuple):
    """All rules apply; the gravest colour counts.

    `release` has, by colour, how many daily check-ins in a row without symptoms lift it; a colour that it does not
    name is lifted by nothing that was published, and so may be lifted at any time.
    """

    name: str
    source: str
    rules: tuple[Rule, ...]
    release: Mapping[Colour, int]


_ZHEJIANG = "Zhejiang, press conference of 17 February 2020"
_CHENGDU = "Chengdu, November 2021"
_ASSUMED = "an assumption, to be told apart from what was published"
KEY_AREA = frozenset({"武汉市", "湖北省"})
HIGHER_RISK = frozenset({"温州市", "台州市"})
RESPIRATORY = frozenset({"发热", "咳嗽", "乏力"})
FOURTEEN_SEVEN: Mapping[Colour, int] = {"red": 14, "yellow": 7}

RULE_SETS: tuple[RuleSet, ...] = (
    RuleSet(
        "zhejiang-2020-02",
        _ZHEJIANG,
        (
            Rule("confirmed", "case", frozenset(), "red", f"{_ZHEJIANG}: confirmed or suspected"),
            Rule("close-contact", "contact", frozenset(), "red", f"{_ZHEJIANG}: close contacts"),
            Rule("key-area", "travel", KEY_AREA, "red", f"{_ZHEJIANG}: from a key area; that it is Hubei: assumed"),
            Rule("key-area-ticket", "booking", KEY_AREA, "red", f"{_ZHEJIANG}; that tickets tell it: the Times (T7)"),
            Rule("symptom", "symptoms", RESPIRATORY, "yellow", f"{_ZHEJIANG}: fever or respiratory symptoms"),
            Rule("risk-area", "travel", HIGHER_RISK, "yellow", f"{_ZHEJIANG}: from a higher-risk area; which: assumed"),
            Rule("risk-area-ticket", "booking", HIGHER_RISK, "yellow", "as risk-area, told by tickets"),
        ),
        FOURTEEN_SEVEN,
    ),
    RuleSet(
        "chengdu-2021-11",
        _CHENGDU,
        (
            Rule("confirmed", "case", frozenset(), "red", f"{_CHENGDU}: a case itself; assumed"),
            Rule("companion", "companion", frozenset(), "yellow", f"{_CHENGDU}: 800 m, 10 min, 30 h in 14 days"),
        ),
        {},
    ),
    RuleSet(
        "declared-alone",
        _ASSUMED,
        (
            Rule("key-area", "travel", KEY_AREA, "red", _ASSUMED),
            Rule("symptom", "symptoms", RESPIRATORY, "yellow", _ASSUMED),
        ),
        FOURTEEN_SEVEN,
    ),
    RuleSet(
        "strict",
        _ASSUMED,
        (
            Rule("confirmed", "case", frozenset(), "red", _ASSUMED),
            Rule("key-area", "travel", KEY_AREA, "red", _ASSUMED),
            Rule("symptom", "symptoms", RESPIRATORY, "red", _ASSUMED),
            Rule("contact", "contact", frozenset(), "yellow", _ASSUMED),
        ),
        {"red": 14, "yellow": 14},
    ),
)


def applies(rule: Rule, value: str) -> bool:
    """Tell whether a value of the rule's input makes it apply; one that is told in other words counts if it has it."""
    return not rule.values or any(one in value for one in rule.values)


def is_lifted(
    rules: RuleSet, colour: Colour, since: datetime, reports: Iterable[Report], now: datetime, tz: ZoneInfo
) -> bool:
    """Tell whether reports of health in a row, on days after `since`, have lifted a colour by `now`."""
    needed = rules.release.get(colour)
    if needed is None:
        return False
    begins = since.astimezone(tz).date()
    days = {at.astimezone(tz).date(): healthy for at, healthy in reports if at <= now}
    last, row = begins, 0
    for day in sorted(day for day in days if day > begins):
        row = 0 if not days[day] else row + 1 if (day - last).days == 1 or row == 0 else 1
        last = day
        if row >= needed:
            return True
    return False


def named(name: str) -> RuleSet:
    """Find a set by its name.

    Raises:
        KeyError: there is none.

    """
    return {one.name: one for one in RULE_SETS}[name]
