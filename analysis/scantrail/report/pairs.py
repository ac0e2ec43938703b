"""Who was where at once, pair by pair."""

from typing import NamedTuple

import pandas as pd

from scantrail.history import History
from scantrail.report.people import OTHER, count, listed, of_today


class Pair(NamedTuple):
    """Two subjects who were probably at one location at once: how often, how long, and what the places are to them."""

    subjects: str
    days: str
    together: str
    where: str


def pairs(history: History) -> list[Pair]:
    """All pairs, those who were together for longest first."""
    met, stays = history.meetings, history.staypoints
    purposes = of_today(history.anchors).set_index(["user_id", "location_id"])["purpose"].to_dict()

    def purpose(user: str, staypoint: int) -> str:
        return str(purposes.get((user, stays["location_id"].iat[staypoint]), OTHER))

    places = [
        _where(one, other, purpose(one, at), purpose(other, other_at))
        for one, other, at, other_at in zip(
            *(met[name] for name in ("user_id", "other_id", "staypoint_id", "other_staypoint_id")), strict=True
        )
    ]
    rows = met.assign(where=places, day=met["started_at"].dt.tz_convert(history.tz).dt.date)
    found = rows.groupby(["user_id", "other_id"]).agg(
        days=("day", "nunique"), duration_s=("duration_s", "sum"), where=("where", _most_common)
    )
    found = found.sort_values("duration_s", ascending=False, kind="stable")
    return [
        Pair(f"{one} and {other}", count(days, "day"), f"{duration_s / 3600:,.1f} h", listed(where))
        for (one, other), days, duration_s, where in found.itertuples(name=None)
    ]


def _where(one: str, other: str, to_one: str, to_other: str) -> str:
    """What a place is to both."""
    if to_one == to_other:
        return "elsewhere" if to_one == OTHER else f"{to_one} of both"
    known = [f"{purpose} of {user}" for user, purpose in ((one, to_one), (other, to_other)) if purpose != OTHER]
    return ", ".join(known)


def _most_common(places: pd.Series) -> list[str]:
    return [str(place) for place in places.value_counts(sort=True).index[:3]]
