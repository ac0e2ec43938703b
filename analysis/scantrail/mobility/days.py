"""Local days: what a time in UTC means to people."""

from datetime import timedelta, tzinfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

type Zone = str | tzinfo  # an IANA name or a zone

_HOUR = timedelta(hours=1)


def by_day(staypoints: pd.DataFrame, tz: Zone, *, starts_at: timedelta = timedelta(0)) -> pd.DataFrame:
    """Split staypoints at the borders of local days.

    Args:
        staypoints: by `schema.STAYPOINTS`.
        tz: the zone in which the days are meant.
        starts_at: when a day begins, after midnight.

    Returns:
        A row for each staypoint and day it touches, ordered like the staypoints: `staypoint_id` (row of the table),
        `day` (the date on which that day begins), `from_hour` and `to_hour` (hours after the beginning of the day, by
        the wall clock, 0 to 24).

    """
    started, finished = (_wall(staypoints[name], tz) - starts_at for name in ("started_at", "finished_at"))
    first_day = started.dt.floor("D")
    days = (finished.dt.floor("D") - first_day).dt.days.to_numpy() + 1
    row = np.repeat(np.arange(len(staypoints)), days)
    number = np.arange(len(row)) - np.repeat(np.cumsum(days) - days, days)
    day = first_day.iloc[row].reset_index(drop=True) + pd.to_timedelta(number, unit="D")
    return pd.DataFrame(
        {
            "staypoint_id": row,
            "day": day,
            "from_hour": ((started.iloc[row].reset_index(drop=True) - day) / _HOUR).clip(lower=0.0),
            "to_hour": ((finished.iloc[row].reset_index(drop=True) - day) / _HOUR).clip(upper=24.0),
        }
    )


def wall_us(times: pd.Series, tz: Zone) -> NDArray[np.int64]:
    """Microseconds since 1970 by the clock on the wall."""
    return pd.DatetimeIndex(_wall(times, tz)).as_unit("us").asi8


def microseconds(time: timedelta) -> int:
    """How many whole microseconds a time takes."""
    return time // timedelta(microseconds=1)


def _wall(times: pd.Series, tz: Zone) -> pd.Series:
    """What the clock on the wall shows, without a zone."""
    local: pd.Series = times.dt.tz_convert(tz).dt.tz_localize(None)
    return local.reset_index(drop=True)
