"""One subject's rows of every table, and beside them the life that was truly lived, when it is known."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import pandas as pd

from scantrail.history import History

OTHER = "other place"
TRAVELLING = "travelling"


class Point(NamedTuple):
    """A position: degrees north and east, WGS-84."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Inferred:
    """What could be inferred of one subject: its rows of the tables in `scantrail.schema`.

    Of the positionfixes those that are believed, and how many are not.
    """

    user_id: str
    positionfixes: pd.DataFrame
    doubted: int
    staypoints: pd.DataFrame
    locations: pd.DataFrame
    trips: pd.DataFrame
    anchors: pd.DataFrame

    def purpose(self, location_id: int) -> str:
        """What a location is to the subject: `home`, `work` or another place."""
        return self._purposes.get(location_id, OTHER)

    @cached_property
    def _purposes(self) -> dict[int, str]:
        return dict(zip(self._today["location_id"], self._today["purpose"], strict=True))

    @cached_property
    def purpose_of_request(self) -> dict[int, str]:
        """By request with a position, what the place is at which it was made."""
        stays = self.staypoints[["location_id", "requests"]].itertuples(index=False, name=None)
        return {request: self.purpose(location) for location, requests in stays for request in requests}

    @property
    def anchors_at(self) -> dict[str, Point]:
        """Where home and work are, as far as that could be decided."""
        located = self._today.dropna(subset=["latitude", "longitude"])
        return dict(zip(located["purpose"], points(located), strict=True))

    @cached_property
    def _today(self) -> pd.DataFrame:
        return of_today(self.anchors)

    @property
    def trail(self) -> str:
        """How many requests told where the person was: `50 positions`; `50 positions or places` if some named those."""
        number = count(len(self.positionfixes), "position")
        return number if self.positionfixes["latitude"].notna().all() else f"{number} or places"

    @property
    def points(self) -> list[Point]:
        """Every position of it."""
        return points(self.positionfixes)


@dataclass(frozen=True)
class Lived:
    """What was true of one person: each stay and move (`look`: as what it is drawn), home and work."""

    whereabouts: pd.DataFrame
    anchors_at: Mapping[str, Point]

    @property
    def points(self) -> list[Point]:
        """Every position at which a stay or move begins or ends."""
        return points(self.whereabouts) + points(self.whereabouts, "end_")


def inferred(history: History) -> list[Inferred]:
    """All subjects of whom a position or place is believed, those with most of them first."""
    tables = (history.staypoints, history.locations, history.trips, history.anchors)
    users, believed = Counter(history.positionfixes["user_id"]), history.believed
    of_user = {user: believed[believed["user_id"] == user] for user in users}
    return [
        Inferred(user, of_user[user], all_ - len(of_user[user]), *(table[table["user_id"] == user] for table in tables))
        for user, all_ in users.most_common()
        if len(of_user[user])
    ]


def of_today(anchors: pd.DataFrame) -> pd.DataFrame:
    """Home and work, without those of before a move and second homes."""
    return anchors[anchors["purpose"].isin(["home", "work"])]


def count(number: int, noun: str) -> str:
    """`1 request`, `2,000 requests`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(words: Sequence[str]) -> str:
    """`one`, `one and two`, `one, two and three`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def points(rows: pd.DataFrame, prefix: str = "") -> list[Point]:
    """The positions in a table's rows."""
    pairs = rows[[f"{prefix}latitude", f"{prefix}longitude"]].dropna()
    return [Point(*pair) for pair in pairs.itertuples(index=False, name=None)]
