"""Small mobility tables for tests: fixes and staypoints in Hangzhou, written as times and places."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from scantrail import geo
from scantrail.schema import POSITIONFIXES, STAYPOINTS

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2020, 2, 17, tzinfo=ZONE)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

type Position = tuple[float, float]  # latitude, longitude
type Fix = tuple[str | datetime, Position]


def moved(position: Position, *, north_m: float = 0.0, east_m: float = 0.0) -> Position:
    """A position so many metres away."""
    latitude, longitude = position
    east = east_m / (geo.METRES_PER_DEGREE * np.cos(np.radians(latitude)))
    return latitude + north_m / geo.METRES_PER_DEGREE, float(longitude + east)


HOME: Position = (30.2900, 120.1300)
HOME_STATION = moved(HOME, east_m=700)
WORK = moved(HOME, north_m=5_000, east_m=3_000)
WORK_STATION = moved(WORK, north_m=-400)
PARK = moved(HOME, north_m=-2_500)
MALL = moved(HOME, east_m=-1_800)


def when(text: str | datetime) -> datetime:
    """A local time of one week: `Tue 08:30`, or `08:30` on the Monday."""
    if isinstance(text, datetime):
        return text
    day, _, clock = text.rpartition(" ")
    hours, minutes = clock.split(":")
    return MONDAY + timedelta(days=_DAYS.index(day) if day else 0, hours=int(hours), minutes=int(minutes))


def make_fixes(fixes: Iterable[Fix], *, user_id: str = "s1", first_request: int = 0) -> pd.DataFrame:
    """Positionfixes; the requests are numbered in the order given."""
    return POSITIONFIXES.frame(
        [
            {
                "user_id": user_id,
                "tracked_at": pd.Timestamp(when(time)).tz_convert("UTC"),
                "latitude": latitude,
                "longitude": longitude,
                "precision_m": 10.0,
                "datum": "wgs84",
                "request": request,
            }
            for request, (time, (latitude, longitude)) in enumerate(fixes, start=first_request)
        ]
    )


def make_staypoints(stays: Sequence[tuple[str, str, Position]], *, user_id: str = "s1", fixes: int = 1) -> pd.DataFrame:
    """Staypoints from (from, until, position), without locations."""
    return STAYPOINTS.frame(
        [
            {
                "user_id": user_id,
                "started_at": pd.Timestamp(when(start)).tz_convert("UTC"),
                "finished_at": pd.Timestamp(when(end)).tz_convert("UTC"),
                "latitude": latitude,
                "longitude": longitude,
                "fixes": fixes,
                "location_id": -1,
                "requests": [row],
            }
            for row, (start, end, (latitude, longitude)) in enumerate(stays)
        ]
    )


def rows(table: pd.DataFrame) -> list[Any]:
    """The rows, with the columns as attributes."""
    return list(table.itertuples())


def together(*tables: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(tables, ignore_index=True)


def shuffled(table: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    return table.sample(frac=1.0, random_state=seed, ignore_index=True)


def metres(a: Position, b: Position) -> float:
    return float(geo.distance_m(*a, *b))
