"""Places and remote scans: a made-up city whose truth is known.

No public data tells which scans were of a photograph. Protocol: 300 people with eight of 200 places each make three
scans a day for two weeks, at least half an hour and the way at 25 km/h apart, at the door with 15 m of noise. Some are
remote: the code of one of their places, scanned at another. A third of the scans tell no position. Seeds 1 to 5. The
naive answers: a place is at the mean of its scans, and a scan is remote if it is more than a kilometre from there.
Limits of `scantrail.mobility.remote` are round numbers that were not tuned on this.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scantrail import geo
from scantrail.mobility.remote import believe
from scantrail.schema import POSITIONFIXES

SEEDS = (1, 2, 3, 4, 5)
PEOPLE, PLACES, MINE, DAYS, SCANS_A_DAY = 300, 200, 8, 14, 3
NOISE_M, CITY_M, SPEED_KMH, UNTOLD = 15.0, 8_000.0, 25.0, 1 / 3
REMOTE = (0.01, 0.05, 0.1, 0.3)
_HANGZHOU = (30.25, 120.17)
_NAIVELY_FAR_M = 1_000.0


class City(NamedTuple):
    """Its scans, where each was truly made, which were remote, and where the places are."""

    fixes: pd.DataFrame
    at: NDArray[np.float64]
    remote: NDArray[np.bool_]
    places: NDArray[np.float64]


def city(remote: float, seed: int) -> City:
    """Make one."""
    rng = np.random.default_rng(seed)
    places = _moved(np.array(_HANGZHOU), rng.normal(0, CITY_M, (PLACES, 2)))
    user = np.repeat(np.arange(PEOPLE), DAYS * SCANS_A_DAY)
    mine = np.stack([rng.choice(PLACES, MINE, replace=False) for _ in range(PEOPLE)])
    here, named = (mine[user, rng.integers(0, MINE, len(user))] for _ in range(2))
    remote_ = rng.random(len(user)) < remote
    named = np.where(remote_, named, here)
    remote_ &= named != here
    at = _moved(places[here], rng.normal(0, NOISE_M, (len(user), 2)))
    way_h = geo.distance_m(*places[np.roll(here, 1)].T, *places[here].T) / 1_000 / SPEED_KMH
    hours = np.cumsum(way_h + rng.uniform(0.5, 2 * 24 / SCANS_A_DAY, len(user)))  # nobody's begin where another's end
    untold = rng.random(len(user)) < UNTOLD
    fixes = POSITIONFIXES.frame(
        {
            "user_id": user,
            "tracked_at": pd.Timestamp("2020-02-17", tz="UTC") + pd.to_timedelta(hours, unit="h"),
            "latitude": np.where(untold, np.nan, at[:, 0]),
            "longitude": np.where(untold, np.nan, at[:, 1]),
            "place_id": named,
        }
    )
    return City(fixes, at, remote_, places)


def _moved(position: NDArray[np.float64], metres: NDArray[np.float64]) -> NDArray[np.float64]:
    east = geo.METRES_PER_DEGREE * np.cos(np.radians(_HANGZHOU[0]))
    return np.asarray(position + metres / np.array([geo.METRES_PER_DEGREE, east]))


def main() -> None:
    """Print how far off places are, and how many remote scans are found and rightly called so."""
    print(f"places: {PEOPLE} people, {PLACES} places, {DAYS} days, {SCANS_A_DAY} scans a day, seeds {SEEDS}")
    print(
        "  remote | located  off: median, most m   found  right   untold scans located | naively: off m  found  right"
    )
    for share in REMOTE:
        it = pd.DataFrame([_measured(city(share, seed)) for seed in SEEDS]).mean()
        ours = f"{it.located:7.1%} {it.off_m:12.1f} {it.most_m:8.0f} {it.found:7.1%} {it.right:6.1%} {it.told:22.1%}"
        naively = f"{it.naive_off_m:14.1f} {it.naive_found:6.1%} {it.naive_right:6.1%}"
        print(f"  {share:6.0%} | {ours} | {naively}")


def _measured(of: City) -> dict[str, float]:
    fixes, told_of = believe(of.fixes)
    located = told_of.dropna()
    off_m = geo.distance_m(located["latitude"], located["longitude"], *of.places[located["place_id"]].T)
    told = of.fixes["latitude"].notna().to_numpy()
    flagged, truly = (fixes["doubt"] == "place").to_numpy(), of.remote & told
    filled = ~told & fixes["latitude"].notna().to_numpy()
    near = geo.distance_m(fixes["latitude"], fixes["longitude"], *of.at.T)[filled] <= 250
    mean = of.fixes.groupby("place_id")[["latitude", "longitude"]].mean()
    named = mean.loc[of.fixes["place_id"]]
    far_m = geo.distance_m(of.fixes["latitude"], of.fixes["longitude"], *named.to_numpy().T)
    naively = told & (far_m > _NAIVELY_FAR_M)
    return {
        "located": len(located) / of.fixes["place_id"].nunique(),
        "off_m": float(np.median(off_m)),
        "most_m": float(off_m.max()),
        "found": float(flagged[truly].mean()),
        "right": float(truly[flagged].mean()),
        "told": float(near.mean()),
        "naive_off_m": float(np.median(geo.distance_m(*mean.to_numpy().T, *of.places[mean.index].T))),
        "naive_found": float(naively[truly].mean()),
        "naive_right": float(truly[naively].mean()),
    }


if __name__ == "__main__":
    main()
