"""Made-up people who scan at gates, to learn from beside real ones: who is scanned at every gate is where last seen.

Geolife's people were tracked, not scanned: no gate is passed on the way, and no arrival is certain to be seen. Here
each gate checks with a chance of its own, from never to always, and stations are passed on the way. Nothing is scored
on them.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from tools.gate_people import PLACES, STATION_OF, arrivals

from benchmarks.presence.geolife import SLOT_S
from scantrail import geo

_CITY = (30.25, 120.17)
_SCATTER_M, _STATION_M, _NOISE_M = 5_000.0, 600.0, 20.0  # of homes and places, of stations around them, of phones
_SPEED_KMH, _LEAST_WAY_H = 22.0, 0.05
_LEAST_A_DAY = 2.0  # scans: who makes fewer looks like real people of whom few scans were drawn, and is none
_FIRST_H = 438_312  # Monday, 6 January 2020, 00:00 by the clock on the wall, in hours since 1970


class Gates(NamedTuple):
    """`truth`: `user_id`, `slot` (ten minutes since 1970), `latitude`, `longitude`; `fixes`: the scans."""

    truth: pd.DataFrame
    fixes: pd.DataFrame


def gates(number: int, seed: int) -> Gates:
    """Let so many people live for some days to four weeks; given are those who are scanned twice a day or more."""
    rng = np.random.default_rng([seed, number])
    all_ = arrivals(number, seed).sort_values(["user_id", "hour"], ignore_index=True)
    x_m = rng.normal(0.0, _SCATTER_M, (number, PLACES, 2))
    for station, beside in STATION_OF.items():
        x_m[:, station] = x_m[:, beside] + rng.normal(0.0, _STATION_M / np.sqrt(2), (number, 2))
    at_m = x_m[all_["user_id"], all_["place"]]
    hour = all_["hour"].to_numpy() + _FIRST_H
    starts = np.searchsorted(all_["user_id"], np.arange(number + 1))
    lives = [_lived(user, hour[rows], at_m[rows]) for user, rows in enumerate(map(slice, starts[:-1], starts[1:]))]
    seen = all_["checked"].to_numpy()
    latitude, longitude = _degrees(at_m[seen] + rng.normal(0.0, _NOISE_M, (seen.sum(), 2)))
    fixes = pd.DataFrame({"user_id": all_["user_id"][seen], "latitude": latitude, "longitude": longitude})
    fixes["tracked_at"] = pd.to_datetime((hour[seen] - 8) * 3600, unit="s", utc=True).astype("datetime64[us, UTC]")
    scans, days = fixes.groupby("user_id").size(), all_.groupby("user_id")["hour"].agg(np.ptp) / 24
    often = scans.index[scans >= _LEAST_A_DAY * days[scans.index]]
    truth = pd.concat(lives, ignore_index=True)
    return Gates(*(table[table["user_id"].isin(often)].reset_index(drop=True) for table in (truth, fixes)))


def _lived(user: int, hour: np.ndarray, at_m: np.ndarray) -> pd.DataFrame:
    """Where somebody is in each slot: at a place until it is time to go to the next."""
    way_h = np.hypot(*np.diff(at_m, axis=0).T) / 1_000 / _SPEED_KMH + _LEAST_WAY_H
    leaves = np.maximum(hour[1:] - way_h, hour[:-1])
    knots = np.append(np.stack([hour[:-1], leaves], axis=1).ravel(), hour[-1])
    where = np.append(np.repeat(at_m[:-1], 2, axis=0), at_m[-1:], axis=0)
    slot = np.arange(np.ceil(hour[0] * 3600 / SLOT_S), hour[-1] * 3600 // SLOT_S).astype(np.int64)
    middle_h = (slot + 0.5) * SLOT_S / 3600
    latitude, longitude = _degrees(np.stack([np.interp(middle_h, knots, where[:, axis]) for axis in (0, 1)], axis=1))
    return pd.DataFrame(
        {"user_id": user, "slot": slot - 8 * 3600 // SLOT_S, "latitude": latitude, "longitude": longitude}
    )


def _degrees(metres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    east = geo.METRES_PER_DEGREE * np.cos(np.radians(_CITY[0]))
    return _CITY[0] + metres[:, 0] / geo.METRES_PER_DEGREE, _CITY[1] + metres[:, 1] / east
