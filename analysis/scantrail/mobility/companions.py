"""Space-time companions: the one rule of a colour code that was published with all its numbers."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numba import njit

from scantrail import geo
from scantrail.mobility.days import microseconds
from scantrail.mobility.meetings import presences
from scantrail.mobility.pairs import Ints, Presences, dense, linked
from scantrail.schema import MEETINGS, STAYPOINTS

_SECOND_US = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STAYS, _CASE = 1, 2  # what a subject is in a cell: bits
_COMPANIONS = [(p, q) for q in range(4) for p in range(q + 1) if p | q == _STAYS | _CASE]


def companions(
    staypoints: pd.DataFrame,
    *,
    cases: Iterable[str | int] | None = None,
    until: datetime | None = None,
    after: timedelta = timedelta(0),
    cell_m: float = 800.0,
    together: timedelta = timedelta(minutes=10),
    stay: timedelta = timedelta(hours=30),
    period: timedelta = timedelta(days=14),
) -> pd.DataFrame:
    """Find space-time companions by the rule of Chengdu (November 2021).

    Two phones were companions if they were in the same cell of a grid of 800 m by 800 m for more than 10 minutes
    together, and either of them stayed in it for more than 30 hours within the last 14 days. The words leave open what
    is settled here: the 10 minutes are without a break, and the 30 hours, in that cell, may have breaks.

    The grid is fixed: as with the published one, neighbours across a border of cells are not in the same one. It
    divides the Earth into bands of that height and each band into cells nearly as wide, from the 180th meridian on.

    Pairs of whom neither stays are never formed, so that a station with a million passers-by costs no more than its
    residents and whom they meet.

    Args:
        staypoints: by `schema.STAYPOINTS`, rows in any order; those without a position are left out.
        cases: the subjects whose companions are asked for; all subjects, if not given.
        until: the end of the period, aware; by default the end of the last staypoint.
        after: for how long a subject is supposed to stay after a staypoint, at most until its next one. Scans need
            it, for they have no duration.
        cell_m: height and width of a cell, in metres.
        together: how long together is not yet enough.
        stay: how long a stay is not yet enough.
        period: the time looked at.

    Returns:
        A table by `schema.MEETINGS`, one row for each pair and cell, ordered by the subjects and time: from the
        beginning of their first time together that is long enough to the end of the last, with the length of all of
        them as `duration_s` and their number as `meetings`, and the centre of the cell. The probability is 1, for
        the rule knows none.

    Raises:
        SchemaError: not a table of staypoints.
        ValueError: `cell_m` is not positive, or a time is negative.

    """
    if cell_m <= 0 or min(after, together, stay, period) < timedelta(0):
        raise ValueError("companions: cell_m must be positive, and times must not be negative")
    stays = STAYPOINTS.frame(staypoints)
    stays = stays[stays["latitude"].notna() & stays["longitude"].notna()].reset_index(drop=True)
    codes, users = pd.factorize(stays["user_id"], sort=True)
    cell, latitude, longitude = _grid(stays["latitude"].to_numpy(), stays["longitude"].to_numpy(), cell_m)
    seen = presences(stays)._replace(user=codes, place=cell, latitude=latitude, longitude=longitude)
    merged = _merged(_within(seen, after, until, period))
    asked = np.ones(len(users), np.bool_) if cases is None else users.isin(list(cases))
    first, second = _together(merged, asked, microseconds(stay))
    return _table(merged, users, first, second, microseconds(together))


def _grid(latitude: geo.Array, longitude: geo.Array, cell_m: float) -> tuple[Ints, geo.Array, geo.Array]:
    """The number of the cell at each position, and its centre."""
    height = min(cell_m / geo.METRES_PER_DEGREE, 180.0)
    band = np.minimum((latitude + 90.0) // height, np.ceil(180.0 / height) - 1)
    middle = np.minimum((band + 0.5) * height - 90.0, 90.0)
    cells = np.maximum(np.rint(360.0 * np.cos(np.radians(middle)) / height), 1.0)
    column = np.floor((longitude + 180.0) % 360.0 / 360.0 * cells) % cells
    number = band * np.ceil(360.0 / height) + column
    return number.astype(np.int64), middle, (column + 0.5) * 360.0 / cells - 180.0


def _within(seen: Presences, after: timedelta, until: datetime | None, period: timedelta) -> Presences:
    """What lies in the period, with the time that subjects stay on; in the order of subject, cell and time."""
    order = np.lexsort((seen.place, seen.finished_us, seen.started_us, seen.user))
    seen = seen.take(order)
    following = np.full(len(order), np.iinfo(np.int64).max)
    same = np.flatnonzero(seen.user[:-1] == seen.user[1:])
    following[same] = seen.started_us[same + 1]
    finished = np.maximum(seen.finished_us, np.minimum(seen.finished_us + microseconds(after), following))
    end = int(seen.finished_us.max(initial=0)) if until is None else microseconds(until - _EPOCH)
    begin = end - microseconds(period)
    seen = seen._replace(started_us=np.maximum(seen.started_us, begin), finished_us=np.minimum(finished, end))
    order = np.lexsort((seen.started_us, seen.place, seen.user))
    return seen.take(order[(seen.started_us <= seen.finished_us)[order]])


def _merged(seen: Presences) -> Presences:
    """Without overlaps: a subject is in a cell but once at a time."""
    first, finished = _unions(seen.user, seen.place, seen.started_us, seen.finished_us)
    return seen.take(first)._replace(finished_us=finished)


@njit(cache=True)
def _unions(user: Any, cell: Any, started: Any, finished: Any) -> Any:
    first, until = np.empty(len(user), np.int64), np.empty(len(user), np.int64)
    found = 0
    for row in range(len(user)):
        last = first[found - 1]
        if found and user[last] == user[row] and cell[last] == cell[row] and started[row] <= until[found - 1]:
            until[found - 1] = max(until[found - 1], finished[row])
        else:
            first[found], until[found] = row, finished[row]
            found += 1
    return first[:found].copy(), until[:found].copy()


def _together(seen: Presences, asked: Any, stay_us: int) -> tuple[Ints, Ints]:
    """The pairs of times in one cell of which one is a case's, and one that of somebody who stays."""
    change = (np.diff(seen.user, prepend=-1) != 0) | (np.diff(seen.place, prepend=-1) != 0)
    who_where = np.cumsum(change) - 1
    stayed_us = np.bincount(who_where, (seen.finished_us - seen.started_us).astype(np.float64))
    kind = np.where((stayed_us > stay_us)[who_where], _STAYS, 0) | np.where(asked[seen.user], _CASE, 0)
    cell, cells = dense(seen.place)
    left, right = (np.concatenate(side) for side in zip(*_links(len(cells)), strict=True))
    return linked(seen, np.arange(len(kind)), cell * 4 + kind, (left, right), reach_us=0)


def _links(cells: int) -> list[tuple[Ints, Ints]]:
    """The groups (four kinds to a cell) that may hold companions."""
    every = np.arange(cells) * 4
    return [(every + one, every + other) for one, other in _COMPANIONS]


def _table(seen: Presences, users: pd.Index, first: Ints, second: Ints, together_us: int) -> pd.DataFrame:
    """One row for each pair and cell."""
    started = np.maximum(seen.started_us[first], seen.started_us[second])
    finished = np.minimum(seen.finished_us[first], seen.finished_us[second])
    enough = finished - started > together_us
    first, second, started, finished = first[enough], second[enough], started[enough], finished[enough]
    times = pd.DataFrame(
        {
            "one": seen.user[first],
            "other": seen.user[second],
            "cell": seen.place[first],
            "started_at": started,
            "finished_at": finished,
            "duration_s": (finished - started) / _SECOND_US,
            "latitude": seen.latitude[first],
            "longitude": seen.longitude[first],
        }
    )
    pair = times.groupby(["one", "other", "cell"])
    rows = pair.agg(
        started_at=("started_at", "min"),
        finished_at=("finished_at", "max"),
        duration_s=("duration_s", "sum"),
        latitude=("latitude", "first"),
        longitude=("longitude", "first"),
        meetings=("started_at", "size"),
    )
    rows = rows.reset_index().sort_values(["one", "other", "started_at", "cell"])
    times_of = {name: pd.to_datetime(rows[name], unit="us", utc=True) for name in ("started_at", "finished_at")}
    ids = {"user_id": users[rows["one"].to_numpy()], "other_id": users[rows["other"].to_numpy()]}
    return MEETINGS.frame(rows.assign(**ids, **times_of, probability=1.0))
