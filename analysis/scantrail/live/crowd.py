"""Many other people of the same city, among whom somebody could still be looked for.

A trail of scans names nobody; but each scan excludes whoever was not at that place in that hour. How fast few are left
is unicity, seen from one person (de Montjoye et al. 2013, *Unique in the Crowd*).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

MOST_POINTS = 12  # looked at: after them nobody is left


@dataclass(frozen=True)
class Crowd:
    """People by place and hour."""

    people: int
    seen: "dict[tuple[str, pd.Timestamp], frozenset[int]]"

    @classmethod
    def read(cls, folder: Path) -> "Crowd":
        """Read the scans (`scans-*.parquet`) that a simulation wrote as a table."""
        table = pd.concat(
            pd.read_parquet(file, columns=["user_id", "tracked_at", "place_id"])
            for file in sorted(folder.glob("scans-*.parquet"))
        )
        hours = table["tracked_at"].dt.floor("h")
        grouped = table["user_id"].groupby([table["place_id"].astype(str), hours], observed=True)
        return cls(int(table["user_id"].nunique()), {key: frozenset(users) for key, users in grouped})  # type: ignore[misc]

    def narrowed(self, fixes: pd.DataFrame) -> Sequence[tuple[int, int]]:
        """After how many scans how many people of the crowd were at all of their places in those hours.

        Args:
            fixes: of one subject, by `schema.POSITIONFIXES`. What names no place is no scan.

        """
        scans = fixes.dropna(subset=["place_id"]).sort_values("tracked_at")
        hours = scans["tracked_at"].dt.floor("h")
        points = list(dict.fromkeys(zip(scans["place_id"].astype(str), hours, strict=True)))[:MOST_POINTS]
        left: frozenset[int] | None = None
        narrowed = []
        for number, point in enumerate(points, start=1):
            there = self.seen.get(point, frozenset())
            left = there if left is None else left & there
            narrowed.append((number, len(left)))
            if not left:
                break
        return narrowed
