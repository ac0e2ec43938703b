"""Points of a trail: at which place in which hour or day somebody was, as numbers that can be compared."""

from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_integer_dtype

from scantrail import geo
from scantrail.mobility.days import Zone, microseconds, wall_us
from scantrail.schema import SchemaError

type Ints = NDArray[np.int64]


def numbered(ids: pd.Series) -> tuple[Ints, pd.Index]:
    """Number ids 0, 1, … in their order, and give them by number."""
    codes, values = pd.factorize(ids, sort=True)
    return codes.astype(np.int64, copy=False), pd.Index(values)


def as_numbers(ids: pd.Series) -> Ints:
    """Ids as numbers of the same order: whole numbers as they are, others 0, 1, … (-1 for a missing one)."""
    return ids.to_numpy() if is_integer_dtype(ids.dtype) else numbered(ids)[0]


def places(fixes: pd.DataFrame, place_m: float | None) -> Ints:
    """Number the place of each fix: its square of so many metres, or by its code if no size is given.

    Raises:
        SchemaError: a fix has no position, or no code.

    """
    if place_m is not None:
        if fixes["latitude"].isna().any():
            row = fixes.index[fixes["latitude"].isna()][0]
            raise SchemaError(f"row {row} has no position, and so is in no square of {place_m:g} m")
        return geo.squares(fixes["latitude"], fixes["longitude"], place_m)
    if "place_id" not in fixes or fixes["place_id"].isna().any():
        raise SchemaError("not every row has a place_id: say how large a place is, in metres (place_m)")
    return as_numbers(fixes["place_id"])


def bins(times: pd.Series, every: timedelta | None, tz: Zone) -> Ints:
    """Number the hour, day or other span of local time in which each time falls; 0 if time does not matter."""
    if every is None:
        return np.zeros(len(times), np.int64)
    return wall_us(times, tz) // microseconds(every)
