"""Where people are between scans: real movement (Geolife), the model of each half of the people scored on the other.

Truth, scans and baselines: `geolife`, `baselines`. The weights that are shipped are fitted to all of these people
(`fit`), and so are not what is scored here.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.presence import geolife
from benchmarks.presence.baselines import NAMES, Blend, Naive
from benchmarks.presence.fit import LEAST_DAYS, asked, fit, halves
from benchmarks.presence.geolife import REGIMES, SEEDS, TZ, Regime
from benchmarks.shared import shared
from scantrail import geo
from scantrail.mobility import locate
from scantrail.mobility.presence.model import NEAR_M, Model

SLOTS_A_PERSON = 400  # scored, of each person, seed and way of scanning
_BOOTSTRAPS = 1000
_BINS = 10


class Half(NamedTuple):
    """The people who are scored, and what was fitted to the others."""

    truth: pd.DataFrame
    model: Model
    fitted_to: pd.DataFrame


def main() -> None:
    """Fit to each half, and score the other."""
    everybody = geolife.slots(shared("mobility/geolife_dev.parquet"), LEAST_DAYS)
    long = everybody.groupby("user_id")["day"].transform("nunique") >= geolife.LEAST_DAYS
    short = everybody[~long]  # too few days to be scored, but people to learn from
    one, other = halves(everybody[long])
    split = [
        Half(scored, fit(pd.concat([unscored, short], ignore_index=True))[0], unscored)
        for scored, unscored in ((one, other), (other, one))
    ]
    print(
        f"\npresence: {one['user_id'].nunique() + other['user_id'].nunique()} people of Geolife in Beijing, fitted to"
    )
    print(f"half of them and scored on the others, both ways; seeds {', '.join(map(str, SEEDS))}; share of slots")
    print(f"located within {NEAR_M:.0f} m, in %, people weighed alike; ± 95 %, bootstrap over people")
    print(
        f"{'scans':22} {'  '.join(NAMES)}  blend (cal.)    scantrail      more   "
        "surer half  cal.  in 90 %  home (naive)"
    )
    for regime in REGIMES:
        print(_row(regime, split), flush=True)


def _row(regime: Regime, split: list[Half]) -> str:
    slots = pd.concat([_scored(regime, seed, half) for half in split for seed in SEEDS])
    home = pd.concat([_homes(regime, seed, half.truth, half.model) for half in split for seed in SEEDS])
    of_person = slots.groupby("user_id")[["hit", "blend", *NAMES]].mean() * 100
    mean = of_person.mean()
    draws = np.random.default_rng(0).integers(len(of_person), size=(_BOOTSTRAPS, len(of_person)))
    more = (of_person["hit"] - of_person["blend"]).to_numpy()[draws].mean(axis=1)
    low, high = np.quantile(of_person["hit"].to_numpy()[draws].mean(axis=1), [0.025, 0.975])
    more_low, more_high = np.quantile(more, [0.025, 0.975])
    sure = slots["probability"] >= slots["probability"].median()
    return (
        f"{regime.label:22} {mean['last seen']:9.1f} {mean['nearest']:8.1f} {mean['routine']:8.1f}"
        f" {mean['blend']:6.1f} ({_calibration(slots['blend'], slots['blend_probability']):.2f})"
        f" {mean['hit']:6.1f} ±{(high - low) / 2:.1f} {more.mean():+5.1f} [{more_low:+.1f}, {more_high:+.1f}]"
        f" {100 * slots.loc[sure, 'hit'].mean():6.1f}   {_calibration(slots['hit'], slots['probability']):5.3f}"
        f" {100 * slots['inside'].mean():6.1f}   {100 * home['ours'].mean():5.1f} ({100 * home['naive'].mean():.1f})"
    )


def _scored(regime: Regime, seed: int, half: Half) -> pd.DataFrame:
    scored = asked(half.truth, regime, seed, SLOTS_A_PERSON)
    queries = pd.DataFrame({"user_id": scored.truth["user_id"], "at": geolife.times(scored.truth["slot"])})
    answer = locate(scored.fixes, queries, TZ, model=half.model)
    truth = scored.truth
    off_m = geo.distance_m(answer["latitude"], answer["longitude"], truth["latitude"], truth["longitude"])
    naive = Naive(scored)
    hit, probability = Blend([Naive(asked(half.fitted_to, regime, seed, SLOTS_A_PERSON))])(naive)
    return pd.DataFrame(
        {
            "user_id": truth["user_id"],
            "hit": off_m < NEAR_M,
            "probability": answer["probability"],
            "inside": off_m <= answer["radius_m"],
            "blend": hit,
            "blend_probability": probability,
            **dict(zip(NAMES, naive.hit, strict=True)),
        }
    )


def _calibration(hit: pd.Series, probability: pd.Series) -> float:
    """Expected calibration error: by tenths of the probability, how far it is from the share of hits."""
    by_bin = pd.DataFrame({"hit": hit, "said": probability}).groupby((probability * _BINS).clip(upper=_BINS - 1) // 1)
    return float(((by_bin["hit"].mean() - by_bin["said"].mean()).abs() * by_bin.size()).sum() / len(hit))


def _homes(regime: Regime, seed: int, truth: pd.DataFrame, model: Model) -> pd.DataFrame:
    """Of each person with three nights, whether home is found: where the presence at 3 in the night is, by and large.

    The true home is the place of most slots between midnight and six; naively it is that of most scans in the evening,
    at night and in the morning (20:00 to 8:00).
    """
    fixes = asked(truth, regime, seed, 1).fixes
    hour = (truth["slot"] * geolife.SLOT_S / 3600 + 8) % 24
    nights = truth[hour < 6]
    nights = nights[nights.groupby("user_id")["day"].transform("nunique") >= 3]
    true = _densest(nights.assign(weight=1.0))
    scan_hour = fixes["tracked_at"].dt.tz_convert(TZ).dt.hour
    naive = _densest(fixes[(scan_hour >= 20) | (scan_hour < 8)].assign(weight=1.0))
    span = fixes.groupby("user_id")["tracked_at"].agg(["min", "max"])
    days = [pd.date_range(first.floor("D"), last, freq="D") + pd.Timedelta(hours=19) for first, last in span.to_numpy()]
    queries = pd.DataFrame({"user_id": np.repeat(span.index, list(map(len, days))), "at": np.concatenate(days)})
    queries["at"] = pd.to_datetime(queries["at"], utc=True)
    answer = locate(fixes, queries, TZ, model=model)
    ours = _densest(queries.join(answer.rename(columns={"probability": "weight"})))
    return pd.DataFrame({name: _near(found, true) for name, found in (("ours", ours), ("naive", naive))})


def _densest(rows: pd.DataFrame) -> pd.DataFrame:
    """Of each person, the position with most weight within 250 m, of those that occur: by `user_id`."""
    found = {}
    for user, mine in rows.groupby("user_id"):
        at = mine.groupby(["latitude", "longitude"])["weight"].sum().nlargest(300).reset_index()
        lat, lon = at["latitude"].to_numpy(), at["longitude"].to_numpy()
        near = geo.distance_m(lat[:, None], lon[:, None], lat, lon) < NEAR_M
        best = int((near @ at["weight"].to_numpy()).argmax())
        found[user] = (lat[best], lon[best])
    return pd.DataFrame.from_dict(found, orient="index", columns=["latitude", "longitude"])


def _near(found: pd.DataFrame, true: pd.DataFrame) -> pd.Series:
    """By person whose home is known, whether it was found within 250 m."""
    said = found.reindex(true.index)
    off_m = geo.distance_m(said["latitude"], said["longitude"], true["latitude"], true["longitude"])
    return pd.Series(off_m < NEAR_M, index=true.index)
