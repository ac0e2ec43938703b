"""Positionfixes as columns: in the order of person and time, with each person's places."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numba import njit

from scantrail import geo
from scantrail.mobility.days import Zone, wall_us
from scantrail.mobility.presence.columns import Columns, Floats, Ints

PLACE_M = 120.0  # a scan that is nearer to the centre of a place is at it
_ONE_SCAN_H = 1 / 6  # sooner after another scan at the place, it is the same: a code is shown, and then scanned
_CELL_M = 250.0  # other people's scans so near tell of a place
_SMOOTHING = 4.0  # scans that everybody is supposed to have made there, spread like those anywhere
_MICROSECONDS_AN_HOUR = 3.6e9


class Scans(NamedTuple):
    """The columns, the people by their numbers, and where their places are (degrees, WGS-84)."""

    users: pd.Index
    columns: Columns
    place_latitude: Floats
    place_longitude: Floats


def local_hours(times: pd.Series, tz: Zone) -> Floats:
    """Hours since 1970 by the clock on the wall."""
    return wall_us(times, tz) / _MICROSECONDS_AN_HOUR


def gather(fixes: pd.DataFrame, tz: Zone) -> Scans:
    """Bring positionfixes into this form."""
    users = pd.Index(np.sort(fixes["user_id"].unique()))
    person = users.get_indexer(pd.Index(fixes["user_id"]))
    time_h = local_hours(fixes["tracked_at"], tz)
    latitude, longitude = fixes["latitude"].to_numpy(), fixes["longitude"].to_numpy()
    order = np.lexsort((longitude, latitude, time_h, person))
    person, time_h, latitude, longitude = person[order], time_h[order], latitude[order], longitude[order]
    starts = np.searchsorted(person, np.arange(len(users) + 1))
    x_m, y_m = _plane(latitude, longitude, starts)
    place, place_starts, place_x, place_y = _places(starts, x_m, y_m, PLACE_M)
    kept = _kept(starts, time_h, place)
    starts = np.searchsorted(person[kept], np.arange(len(users) + 1))
    person, time_h, latitude, longitude, x_m, y_m, place = (
        values[kept] for values in (person, time_h, latitude, longitude, x_m, y_m, place)
    )
    place_latitude, place_longitude = _unplane(place_x, place_y, latitude, longitude, starts, place_starts)
    people, hours = _others(person, time_h, latitude, longitude, place_starts, place_latitude, place_longitude)
    return Scans(
        users,
        Columns(starts, time_h, x_m, y_m, place, place_starts, place_x, place_y, people, hours),
        place_latitude,
        place_longitude,
    )


def _origin(latitude: Floats, longitude: Floats, starts: Ints) -> tuple[Floats, Floats]:
    """Each person's first position."""
    first = np.minimum(starts[:-1], max(len(latitude) - 1, 0))
    return latitude[first], longitude[first]


def _plane(latitude: Floats, longitude: Floats, starts: Ints) -> tuple[Floats, Floats]:
    """Metres east and north of the person's first position, straight from degrees: places are kilometres apart."""
    lengths = np.diff(starts)
    lat_0, lon_0 = (np.repeat(values, lengths) for values in _origin(latitude, longitude, starts))
    east = (longitude - lon_0 + 180.0) % 360.0 - 180.0
    return (
        east * geo.METRES_PER_DEGREE * np.cos(np.radians(lat_0)),
        (latitude - lat_0) * geo.METRES_PER_DEGREE,
    )


def _unplane(
    x_m: Floats, y_m: Floats, latitude: Floats, longitude: Floats, starts: Ints, place_starts: Ints
) -> tuple[Floats, Floats]:
    lengths = np.diff(place_starts)
    lat_0, lon_0 = (np.repeat(values, lengths) for values in _origin(latitude, longitude, starts))
    lon = lon_0 + x_m / (geo.METRES_PER_DEGREE * np.cos(np.radians(lat_0)))
    return lat_0 + y_m / geo.METRES_PER_DEGREE, (lon + 180.0) % 360.0 - 180.0


@njit(cache=True)
def _places(starts: Ints, x_m: Floats, y_m: Floats, near_m: float) -> tuple[Ints, Ints, Floats, Floats]:
    """Each scan goes to the nearest place within reach, or begins one; a place is the mean of its scans."""
    place = np.empty(len(x_m), np.int64)
    place_starts = np.zeros(len(starts), np.int64)
    cx = np.empty(len(x_m))
    cy = np.empty(len(x_m))
    n = np.zeros(len(x_m))
    base = 0
    for user in range(len(starts) - 1):
        count = 0
        for scan in range(starts[user], starts[user + 1]):
            best, best_m2 = -1, near_m * near_m
            for here in range(count):
                m2 = (cx[base + here] - x_m[scan]) ** 2 + (cy[base + here] - y_m[scan]) ** 2
                if m2 < best_m2:
                    best, best_m2 = here, m2
            if best < 0:
                best = count
                count += 1
                cx[base + best] = 0.0
                cy[base + best] = 0.0
            at = base + best
            n[at] += 1.0
            cx[at] += (x_m[scan] - cx[at]) / n[at]
            cy[at] += (y_m[scan] - cy[at]) / n[at]
            place[scan] = best
        base += count
        place_starts[user + 1] = base
    return place, place_starts, cx[:base].copy(), cy[:base].copy()


@njit(cache=True)
def _kept(starts: Ints, time_h: Floats, place: Ints) -> Any:
    """Which scans are not the one before once more."""
    kept = np.ones(len(time_h), np.bool_)
    for user in range(len(starts) - 1):
        last = starts[user]
        for scan in range(starts[user] + 1, starts[user + 1]):
            if place[scan] == place[last] and time_h[scan] - time_h[last] < _ONE_SCAN_H:
                kept[scan] = False
            else:
                last = scan
    return kept


def _others(
    person: Ints,
    time_h: Floats,
    latitude: Floats,
    longitude: Floats,
    place_starts: Ints,
    place_latitude: Floats,
    place_longitude: Floats,
) -> tuple[Floats, Floats]:
    """How many other people come to a place's cell, and their hours there over their hours anywhere."""
    cells = geo.squares(latitude, longitude, _CELL_M)
    place_cells = geo.squares(place_latitude, place_longitude, _CELL_M)
    owner = np.repeat(np.arange(len(place_starts) - 1), np.diff(place_starts))
    table = pd.DataFrame({"cell": cells, "person": person, "hour": (time_h % 24).astype(np.int64)})
    anywhere = np.bincount(table["hour"], minlength=24) + 1.0
    visits = table.groupby(["cell", "person", "hour"]).size()
    by_cell = table.groupby(["cell", "hour"]).size().unstack(fill_value=0).reindex(columns=range(24), fill_value=0)
    known, row = by_cell.index, by_cell.index.get_indexer(pd.Index(place_cells))
    there = np.where((row >= 0)[:, None], by_cell.to_numpy()[np.maximum(row, 0)], 0).astype(np.float64)
    mine = visits.unstack(fill_value=0).reindex(columns=range(24), fill_value=0)
    own_row = mine.index.get_indexer(pd.MultiIndex.from_arrays([place_cells, owner]))
    there -= np.where((own_row >= 0)[:, None], mine.to_numpy()[np.maximum(own_row, 0)], 0)
    people = table.drop_duplicates(["cell", "person"]).groupby("cell").size().reindex(known).to_numpy()
    others = np.where(row >= 0, people[np.maximum(row, 0)], 0) - (own_row >= 0)
    share = anywhere / anywhere.sum()
    smooth = (np.roll(there, 1, axis=1) + there + np.roll(there, -1, axis=1)) / 3
    expected = smooth.sum(axis=1, keepdims=True)
    return others.astype(np.float64), (smooth + _SMOOTHING * share) / ((expected + _SMOOTHING) * share)
