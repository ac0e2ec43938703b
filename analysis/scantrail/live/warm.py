"""Load what infers before somebody waits for it: kernels are compiled when they are first used on a machine."""

import numpy as np
import pandas as pd

from scantrail.history import reconstruct
from scantrail.readers import zone
from scantrail.schema import POSITIONFIXES
from scantrail.subjects.components import components


def warm_up() -> None:
    """Infer a history of nobody's."""
    hours = pd.date_range("2020-02-17", periods=60, freq="h", tz="UTC")
    rows = [
        {
            "user_id": user,
            "tracked_at": at,
            "latitude": 30.25 + number % 3 / 100,
            "longitude": 120.16,
            "request": number,
        }
        for user in ("s1", "s2")
        for number, at in enumerate(hours)
    ]
    reconstruct(POSITIONFIXES.frame(pd.DataFrame(rows)), tz=zone("Asia/Shanghai")).meetings  # noqa: B018 - lazy
    components(np.array([0]), np.array([1]), 2)
