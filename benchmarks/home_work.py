"""How well home and work are found: 250 annotated people (HoWDe), their stops thinned to scans, and in full.

D days of a person that follow each other, among those with a stop and from a random one on, are cut out; k scans a day
are drawn from them. Nobody has laid down what a scan is in such data, so there are three readings, see
`tools/train_home_work.py`. The naive rules reach with them what others measured on 500 people, within sampling error.

People are split in halves: the model that scores one half, and its threshold, were trained on the other. A hit is a
person whose home (workplace) was found; of those with a workplace who are given one, so many decisions are right; a
false workplace is one given to a person without. All in percent.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from tools.train_home_work import Scheme, people, scans, staypoints, train
from trackintel.analysis import location_identifier

from scantrail.mobility.home_work import infer
from scantrail.mobility.home_work.model import Model, from_dict

SEEDS = range(1, 6)
PEERS = """\
others, on 500 people: home   work: hit / decisions right / false workplaces
  HoWDe, full stops               88.4   73.1 / 92.1 / 29.4
  naive rules (k, D):     night mode   office-hours mode   strict
    1, 7                          95.6   28 / 72 / 14        5 / 100 /  0
    3, 28                         97.6   60 / 71 / 63       46 /  93 / 14
    3, all                        99.0   88 / 88 / 91       54 /  92 / 13
    full stops                    98.2   85 / 85 / 92       59 /  93 / 15
  night mode, arrivals 3, 28, at q = 1, 0.3, 0.1, 0.03 of home arrivals: 97.6, 92.2, 73.6, 45.0"""
SCHEMES = (
    Scheme("moments", 1, 7), Scheme("stops", 1, 7), Scheme("moments", 3, 28), Scheme("stops", 3, 28),
    Scheme("moments", 3), Scheme("stops", 3), Scheme("full"), Scheme("arrivals", 3, 28),
    Scheme("arrivals", 3, 28, 0.3), Scheme("arrivals", 3, 28, 0.1), Scheme("arrivals", 3, 28, 0.03),
)  # fmt: skip
CURVES = (Scheme("moments", 3), Scheme("stops", 3), Scheme("full"))
PROBABILITIES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
DAY_S = 86_400

type Rule = Callable[[pd.DataFrame], pd.DataFrame]  # scans to rows of user_id, location_id, one for each person told


class Truth(NamedTuple):
    """Who is scored, and what each place is: H, W or another."""

    label: pd.Series
    everybody: pd.Index
    workers: pd.Index

    def home(self, told: pd.DataFrame) -> float:
        """Hits."""
        return 100 * float((self._labels(told) == "H").sum()) / len(self.everybody)

    def work(self, told: pd.DataFrame) -> tuple[float, float, float]:
        """Hits, decisions right, false workplaces."""
        works = told["user_id"].isin(self.workers).to_numpy()
        right = int((self._labels(told)[works] == "W").sum())
        idle = len(self.everybody) - len(self.workers)
        return 100 * right / len(self.workers), 100 * right / max(int(works.sum()), 1), 100 * int((~works).sum()) / idle

    def _labels(self, told: pd.DataFrame) -> np.ndarray:
        return self.label.reindex(told["location_id"]).to_numpy()


def truth(stops: pd.DataFrame) -> Truth:
    """What is annotated."""
    labels = stops.drop_duplicates("location_id").set_index("location_id")["label"]
    return Truth(
        labels, pd.Index(stops["user_id"].unique()), pd.Index(stops.loc[stops["label"] == "W", "user_id"].unique())
    )


def night_mode(seen: pd.DataFrame) -> pd.DataFrame:
    """The place with most scans from 22:00 to 07:00; without any, with most scans."""
    hour = seen["start_s"] % DAY_S // 3600
    by_night = _most(seen[(hour >= 22) | (hour < 7)])
    return pd.concat([by_night, _most(seen[~seen["user_id"].isin(by_night["user_id"])])])


def office_mode(seen: pd.DataFrame) -> pd.DataFrame:
    """The place with most scans on weekdays from 09:00 to 17:00, home left out."""
    return _most(_away_in_office_hours(seen))


def strict(seen: pd.DataFrame) -> pd.DataFrame:
    """The place with most days in office hours: at least three and a quarter of those with a scan then."""
    office = _in_office_hours(seen)
    looked_at = office.groupby("user_id")["day"].nunique()
    there = _away_in_office_hours(seen).drop_duplicates(["location_id", "day"])
    days = there.groupby("location_id")["day"].transform("size")
    return _most(there[(days >= 3) & (days >= 0.25 * looked_at.reindex(there["user_id"]).to_numpy())])


def trackintel(method: str, purpose: str) -> Rule:
    """Trackintel's location_identifier; a scan counts like a minute, for it sums durations."""

    def rule(seen: pd.DataFrame) -> pd.DataFrame:
        stays = staypoints(seen.assign(finish_s=np.maximum(seen["finish_s"], seen["start_s"] + 60)))
        named = location_identifier(stays, method=method, pre_filter=False)
        rows: pd.DataFrame = named.loc[named["purpose"] == purpose, ["user_id", "location_id"]]
        return rows.drop_duplicates("user_id")

    return rule


def _in_office_hours(seen: pd.DataFrame) -> pd.DataFrame:
    hour, weekend = seen["start_s"] % DAY_S // 3600, (seen["start_s"] // DAY_S % 7).isin([2, 3])
    return seen[~weekend & (hour >= 9) & (hour < 17)]


def _away_in_office_hours(seen: pd.DataFrame) -> pd.DataFrame:
    office = _in_office_hours(seen)
    return office[~office["location_id"].isin(night_mode(seen)["location_id"])]


def _most(seen: pd.DataFrame) -> pd.DataFrame:
    """The place of each person with most rows."""
    rows = seen.groupby(["user_id", "location_id"]).size().rename("rows").reset_index()
    return rows.sort_values(["user_id", "rows"], ascending=[True, False], kind="stable").drop_duplicates("user_id")


type Models = tuple[Mapping[str, Model], Mapping[str, Model]]  # by the half that they score, trained on the other
type Seen = list[list[pd.DataFrame]]  # scans by half and draw


def main() -> None:
    """Print homes, workplaces and the curves."""
    stops = people()
    halves = [stops[stops["half"] == half] for half in (0, 1)]
    truths = [truth(half) for half in halves]
    started = time.perf_counter()
    ours = [{purpose: from_dict(rows) for purpose, rows in train(half).items()} for half in reversed(halves)]
    print(f"home and work: {stops['user_id'].nunique()} people, seeds {SEEDS[0]} to {SEEDS[-1]}")
    print(f"  trained on each half in {(time.perf_counter() - started) / 2:.0f} s, scored on the other")
    print(PEERS)
    _heading("home, hits", ("night mode", "trackintel OSNA", "scantrail", "(its halves)"))
    at_home = [partial(_told, by, purpose="home") for by in ours]
    for scheme in SCHEMES:
        seen = _seen(halves, scheme)
        naive = [_mean(seen, truths, [rule, rule], Truth.home) for rule in (night_mode, trackintel("OSNA", "home"))]
        found = _mean(seen, truths, at_home, Truth.home)
        both = " / ".join(f"{hits:.1f}" for hits in found)
        _row(str(scheme), *(f"{np.mean(hits):.1f}" for hits in (*naive, found)), both)
    columns = ("office-hours", "strict", "trackintel OSNA", "scantrail", "(one half)", "(the other)")
    _heading("work: hit / decisions right / false", columns)
    at_work = [partial(_told, by, purpose="work") for by in ours]
    for scheme in SCHEMES[:8]:
        seen = _seen(halves, scheme)
        rules = (office_mode, strict, trackintel("OSNA", "work"))
        naive = [_mean(seen, truths, [rule, rule], Truth.work) for rule in rules]
        found = _mean(seen, truths, at_work, Truth.work)
        _row(str(scheme), *(_three(np.mean(rates, axis=0)) for rates in (*naive, found)), *map(_three, found))
    _heading("work, from a probability on", [f"{least:.1f}" for least in PROBABILITIES])
    for scheme in CURVES:
        seen = _seen(halves, scheme)
        told = [[_told(ours[half], rows, purpose="work", least=0.0) for rows in seen[half]] for half in (0, 1)]
        curve = [_mean(told, truths, [partial(_from, least)] * 2, Truth.work) for least in PROBABILITIES]
        _row(str(scheme), *(_three(np.mean(rates, axis=0)) for rates in curve))


def _seen(halves: list[pd.DataFrame], scheme: Scheme) -> Seen:
    """The scans of each half, draw by draw."""
    seeds = SEEDS if scheme.what != "full" else SEEDS[:1]
    drawn = [[scans(half, scheme, seed) for seed in seeds] for half in halves]
    return [[seen.assign(day=seen["start_s"] // DAY_S) for seen in half] for half in drawn]


def _mean(
    seen: Seen, truths: Sequence[Truth], rules: Sequence[Rule], score: Callable[[Truth, pd.DataFrame], object]
) -> list[np.ndarray]:
    """The mean score over the draws of each half, by its rule."""
    halves = zip(truths, rules, seen, strict=True)
    return [np.mean([score(true, rule(rows)) for rows in draws], axis=0) for true, rule, draws in halves]


def _told(by: Mapping[str, Model], seen: pd.DataFrame, *, purpose: str, least: float | None = None) -> pd.DataFrame:
    """What the model says."""
    anchors = infer(staypoints(seen), tz="UTC", by=by, least_probability=least)
    return anchors[anchors["purpose"] == purpose]


def _from(least: float, told: pd.DataFrame) -> pd.DataFrame:
    """What is told from a probability on."""
    return told[told["probability"] >= least]


def _three(rates: np.ndarray) -> str:
    return " / ".join(f"{rate:.0f}" for rate in rates)


def _heading(what: str, columns: Sequence[str]) -> None:
    print(f"\n{what:38}" + "".join(f"{name:>17}" for name in columns))


def _row(what: str, *cells: str) -> None:
    print(f"  {what:36}" + "".join(f"{cell:>17}" for cell in cells))


if __name__ == "__main__":
    main()
