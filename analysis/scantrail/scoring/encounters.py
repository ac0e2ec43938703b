"""Who met whom on which day: truly, and as a table of meetings says; by people, so that they can be compared."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

import pandas as pd

from scantrail.mobility.days import Zone
from scantrail.scoring.truth import SHORTEST_STAY, Person, Truth

type Met = frozenset[tuple[str, date]]
"""The people met (by the truth's ids), each with the local day."""
type Encounters = Mapping[str, Met]
"""By person, whom they met; who met nobody may be missing."""


def true_encounters(truth: Truth, tz: Zone) -> Encounters:
    """Pairs who stayed at one place at once, on one day for 15 minutes or longer."""
    stays = truth.whereabouts[truth.whereabouts["activity"] != "travel"]
    both = stays.merge(stays, on="place", suffixes=("", "_other"))
    both = both[both["user_id"] < both["user_id_other"]]
    started = both[["started_at", "started_at_other"]].max(axis="columns")
    finished = both[["finished_at", "finished_at_other"]].min(axis="columns")
    together = pd.DataFrame({"one": both["user_id"], "other": both["user_id_other"], "from": started, "to": finished})
    together = together[together["from"] < together["to"]]
    lasted: dict[tuple[str, str, date], timedelta] = {}
    for one, other, begin, end in together.itertuples(index=False, name=None):
        for day, length in _days(begin, end, tz):
            lasted[one, other, day] = lasted.get((one, other, day), timedelta()) + length
    return _by_person(pair for pair, length in lasted.items() if length >= SHORTEST_STAY)


def said_encounters(meetings: pd.DataFrame, who: Mapping[str, Person], tz: Zone) -> Encounters:
    """What a table by `schema.MEETINGS` says of subjects whose person is known."""
    columns = meetings[["user_id", "other_id", "started_at", "finished_at"]]
    return _by_person(
        (who[one].user_id, who[other].user_id, day)
        for one, other, begin, end in columns.itertuples(index=False, name=None)
        if one in who and other in who
        for day, _ in _days(begin, end, tz)
    )


def _days(started: pd.Timestamp, finished: pd.Timestamp, tz: Zone) -> Iterator[tuple[date, timedelta]]:
    """The local days that a time touches, and how much of it lies in each."""
    begin, end = started.tz_convert(tz), finished.tz_convert(tz)
    while begin.date() < end.date():
        midnight = begin.normalize() + pd.DateOffset(days=1)
        yield begin.date(), midnight - begin
        begin = midnight
    yield begin.date(), end - begin


def _by_person(pairs: Iterable[tuple[str, str, date]]) -> Encounters:
    found: dict[str, set[tuple[str, date]]] = {}
    for one, other, day in pairs:
        if one != other:
            found.setdefault(one, set()).add((other, day))
            found.setdefault(other, set()).add((one, day))
    return {person: frozenset(met) for person, met in found.items()}
