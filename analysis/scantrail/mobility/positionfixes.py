"""Positionfixes: the positions that left the phone, one row for each request that disclosed one."""

from collections.abc import Iterable, Mapping

import pandas as pd

from scantrail.model import Disclosure
from scantrail.schema import POSITIONFIXES


def positionfixes(disclosures: Iterable[Disclosure], subject_of: Mapping[int, str]) -> pd.DataFrame:
    """Make the table from the disclosures.

    A request counts once, with its most precise position, and only if it carries an identifier: a position that cannot
    be tied to anybody is no step of a trail.

    Args:
        disclosures: what arrived, of any kind; positions that were sent are taken.
        subject_of: the subject by request index, as `scantrail.subjects.join` finds it.

    Returns:
        A table by `schema.POSITIONFIXES`, ordered by subject and time.

    """
    best: dict[int, Disclosure] = {}
    for disclosure in disclosures:
        index = disclosure.request.index
        if disclosure.kind != "position" or disclosure.side != "sent" or index not in subject_of:
            continue
        known = best.get(index)
        if known is None or (disclosure.precision_m or 0) < (known.precision_m or 0):
            best[index] = disclosure
    rows = [
        {
            "user_id": subject_of[index],
            "tracked_at": disclosure.request.at,
            "latitude": disclosure.latitude,
            "longitude": disclosure.longitude,
            "precision_m": disclosure.precision_m,
            "datum": disclosure.datum,
            "request": index,
        }
        for index, disclosure in best.items()
    ]
    return POSITIONFIXES.frame(rows or None).sort_values(["user_id", "tracked_at"], kind="stable", ignore_index=True)
