"""Anonymity of home and work: how many people share both with somebody."""

import numpy as np
import pandas as pd

from scantrail import geo
from scantrail.mobility.points import numbered
from scantrail.schema import ANCHORS, ANONYMITY


def anonymity(anchors: pd.DataFrame, *, place_m: float = 1_000.0) -> pd.DataFrame:
    """Count the people who have the same home, the same work, and both, each known as a square of some metres.

    After Golle and Partridge 2009 (*On the anonymity of home/work location pairs*): the pair singles out most people
    even where each of the two is shared by thousands. One is the person alone.

    Args:
        anchors: by `schema.ANCHORS`; of several rows of a purpose the last counts, former and second homes do not.
        place_m: the side of the squares.

    Returns:
        A table by `schema.ANONYMITY`, a row for each subject in order. Who has no workplace (or home) is compared with
        the others who have none.

    Raises:
        SchemaError: not a table of anchors.

    """
    known = ANCHORS.frame(anchors)[["user_id", "purpose", "latitude", "longitude"]]
    known = known.drop_duplicates(["user_id", "purpose"], keep="last")
    user, users = numbered(known["user_id"])
    square = geo.squares(known["latitude"].to_numpy(), known["longitude"].to_numpy(), place_m)
    pair = {purpose: np.full(len(users), -1, np.int64) for purpose in ("home", "work")}
    for purpose, squares in pair.items():
        rows = (known["purpose"] == purpose).to_numpy()
        squares[user[rows]] = square[rows]
    table = pd.DataFrame({"user_id": users, **pair})
    for name, of in (("home_k", ["home"]), ("work_k", ["work"]), ("both_k", ["home", "work"])):
        table[name] = table.groupby(of)["user_id"].transform("size")
    return ANONYMITY.frame(table)
