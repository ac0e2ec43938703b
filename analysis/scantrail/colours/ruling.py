"""Which rule sets are consistent with the colours that came back, which are refuted, which cannot be told apart.

A rule set permits some colours at each moment. What a holder declared demands a colour at least, until check-ins in a
row have lifted it; what nobody sees in a phone's traffic (cases, contacts, tickets) may give a graver one, if the set
has such a rule. A colour that is not permitted refutes the set.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from scantrail.colours.observe import Holder
from scantrail.colours.published import RULE_SETS, SEVERITY, TOLD, Colour, RuleSet, applies, is_lifted

type Verdict = Literal["consistent", "refuted", "not decidable"]

SLACK = timedelta(days=1)
"""Servers may take so long to show what they know: both colours are permitted for that time."""


class Ruling(NamedTuple):
    """What is said of a rule set.

    `requests` show it. `unseen` are inputs that must have been there, in nobody's sight, if the set was used; `like`
    are other sets that permit the same colours at all moments of the capture, and so cannot be told apart by it.
    """

    rule_set: str
    source: str
    verdict: Verdict
    shows: str
    requests: tuple[int, ...]
    unseen: tuple[str, ...]
    like: tuple[str, ...]


class _Judged(NamedTuple):
    permitted: tuple[frozenset[Colour], ...]
    against: tuple[int, ...]
    graver: tuple[int, ...]
    said: str


def rule_on(holders: Sequence[Holder], tz: ZoneInfo, rule_sets: Sequence[RuleSet] = RULE_SETS) -> list[Ruling]:
    """Hold each rule set against what was observed; days are those of a zone."""
    judged = {one.name: _judge(one, holders, tz) for one in rule_sets}
    rulings = []
    for one in rule_sets:
        mine = judged[one.name]
        like = tuple(name for name, other in judged.items() if name != one.name and other.permitted == mine.permitted)
        unseen = tuple(dict.fromkeys(r.input for r in one.rules if r.input not in TOLD)) if mine.graver else ()
        verdict, shows, requests = _say(mine, holders, unseen)
        rulings.append(Ruling(one.name, one.source, verdict, shows, requests, unseen, like))
    return rulings


def _say(mine: _Judged, holders: Sequence[Holder], unseen: Sequence[str]) -> tuple[Verdict, str, tuple[int, ...]]:
    seen = [shown for holder in holders for shown in holder.shown]
    if not seen:
        return "not decidable", "No colour came back.", ()
    if mine.against:
        return "refuted", mine.said, mine.against
    grave = [shown.request for shown in seen if shown.colour != "green"]
    shows = f"{len(seen)} of {len(seen)} colours are as it says"
    if mine.graver:
        shows += f"; {len(mine.graver)} need something that no phone sends: {' or '.join(unseen)}"
    elif not grave and not any(holder.told for holder in holders):
        return "not decidable", "Nobody declared anything, and every code was green.", tuple(s.request for s in seen)
    return "consistent", f"{shows}.", tuple(grave or (shown.request for shown in seen))


def _judge(rules: RuleSet, holders: Iterable[Holder], tz: ZoneInfo) -> _Judged:
    permitted: list[frozenset[Colour]] = []
    against: list[int] = []
    graver: list[int] = []
    said = ""
    hidden = frozenset(rule.colour for rule in rules.rules if rule.input not in TOLD)
    for holder in holders:
        for shown in holder.shown:
            may = _permitted(rules, holder, shown.at, tz, hidden)
            permitted.append(may)
            if shown.colour not in may:
                against.append(shown.request)
                said = said or _against(holder.user_id, shown.colour, may)
            elif shown.colour not in _permitted(rules, holder, shown.at, tz, frozenset()):
                graver.append(shown.request)
    return _Judged(tuple(permitted), tuple(against), tuple(graver), said)


def _against(user_id: str, colour: Colour, may: frozenset[Colour]) -> str:
    allowed = " or ".join([one for one in SEVERITY if one in may])
    return f"{user_id} was shown {colour}, where by what was declared and reported it would be {allowed}."


def _permitted(
    rules: RuleSet, holder: Holder, at: datetime, tz: ZoneInfo, hidden: frozenset[Colour]
) -> frozenset[Colour]:
    """The colours that a set permits at a moment; around a change, those before and after it."""
    found: set[Colour] = set()
    for moment in (at - SLACK, at, at + SLACK):
        floor = _demanded(rules, holder, min(moment, at), moment, tz)
        found.add(floor)
        found |= {colour for colour in hidden if SEVERITY[colour] > SEVERITY[floor]}
    if any(told.at <= at for told in holder.told) or not holder.told:
        return frozenset(found)
    return frozenset(found | {"green"})


def _demanded(rules: RuleSet, holder: Holder, known: datetime, now: datetime, tz: ZoneInfo) -> Colour:
    """The gravest colour that declarations up to `known` demand, and that check-ins have not lifted up to `now`."""
    demanded: Colour = "green"
    reports = [(one.at, one.healthy) for one in holder.check_ins]
    for told in holder.told:
        for rule in rules.rules:
            if rule.input != told.input or not applies(rule, told.value) or told.at > known:
                continue
            lifted = is_lifted(rules, rule.colour, told.at, reports, now, tz)
            if not lifted and SEVERITY[rule.colour] > SEVERITY[demanded]:
                demanded = rule.colour
    return demanded
