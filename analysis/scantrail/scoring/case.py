"""What a metric looks at: one person, as they lived and as the server knows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

import pandas as pd

from scantrail.history import History
from scantrail.mobility import meetings
from scantrail.scoring.encounters import Encounters, Met, said_encounters, true_encounters
from scantrail.scoring.truth import Person, Truth


@dataclass(frozen=True)
class Scene:
    """What was inferred, what was so, and by subject the person it is."""

    history: History
    truth: Truth
    who: Mapping[str, Person]

    @cached_property
    def met(self) -> Encounters:
        """Who truly met whom."""
        return true_encounters(self.truth, self.history.tz)

    @cached_property
    def inferred(self) -> Encounters:
        """Who met whom by the history."""
        return said_encounters(self.history.meetings, self.who, self.history.tz)

    @cached_property
    def coincided(self) -> Encounters:
        """Who met whom naively: two scans at one location within half an hour."""
        found = meetings(self.history.staypoints, within=timedelta(minutes=30))
        return said_encounters(found, self.who, self.history.tz)


@dataclass(frozen=True)
class Case:
    """One person of the scene."""

    scene: Scene
    person: Person

    @cached_property
    def subjects(self) -> tuple[str, ...]:
        """The subjects of the person, the one with most fixes first."""
        fixes = self.scene.history.positionfixes["user_id"].value_counts()
        known = [subject for subject, matched in self.scene.who.items() if matched.user_id == self.person.user_id]
        return tuple(sorted(known, key=lambda subject: (-int(fixes.get(subject, 0)), subject)))

    def table(self, name: str) -> pd.DataFrame:
        """The rows of a table of the history that are about the person."""
        table = self.scene.history.tables[name]
        return table[table["user_id"].isin(self.subjects[:1])]

    @property
    def met(self) -> Met:
        """Whom the person truly met, and on which days."""
        return self.scene.met.get(self.person.user_id, frozenset())

    @cached_property
    def fixes(self) -> pd.DataFrame:
        """The positionfixes with a position in the order of time, each with the true position beside it."""
        fixes = self.table("positionfixes").dropna(subset=["latitude"]).sort_values("tracked_at", kind="stable")
        latitude, longitude = self.scene.truth.position(self.person.user_id, fixes["tracked_at"])
        return fixes.assign(true_latitude=latitude, true_longitude=longitude)

    @cached_property
    def places(self) -> pd.DataFrame:
        """The places where the person truly stayed, and for how long at most."""
        rows = self.scene.truth.of(self.person.user_id)
        stays = rows[rows["activity"] != "travel"].assign(lasted=rows["finished_at"] - rows["started_at"])
        return stays.groupby("place").agg({"latitude": "mean", "longitude": "mean", "lasted": "max"})

    @cached_property
    def hours(self) -> pd.DatetimeIndex:
        """The full hours from the first scan to the end of what is known to be true."""
        end = self.scene.truth.of(self.person.user_id)["finished_at"].max()
        first = self.fixes["tracked_at"].min()
        return pd.date_range(first.ceil("h") if len(self.fixes) else end, end, freq="h", inclusive="left")
