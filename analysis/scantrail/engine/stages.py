"""The stages of a history, as rows: what each reads, by what rows belong together, and the kernel that is called."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import pandas as pd

from scantrail.engine.visits import met, visits
from scantrail.history import reconstruct
from scantrail.mobility.days import Zone
from scantrail.mobility.places import places

type Tables = Mapping[str, pd.DataFrame]
type Kernel = Callable[[Tables, Zone], Tables]


class Stage(NamedTuple):
    """One pass over tables that lie in parts: the rows that are equal in `key` are in one part.

    A table that does not lie so is put in that order first, and only then: what a stage makes lies in the parts of what
    it read. Row numbers (`schema`: "row of the … table") are those of the part while stages run; they do not survive
    being put in another order, so a table that is read by another key has none.

    Attributes:
        name: what is made, for people.
        reads: the tables given to the kernel. The first stage reads `positionfixes`.
        key: the column by which the rows belong together.
        kernel: a plain function of a module (workers import it): one part of the tables, and the zone in which the
            people live, to one part of the tables made.
        makes: the tables of the result, by the names of `schema`.
        hands_on: tables for later stages, which are no result.
        looks_up: tables that earlier stages made, each with a column: given of them are the rows that are equal in it
            to a row of what is read, as far as that has such a column.
        some: rows without the key are left out; else all must have it.

    """

    name: str
    reads: tuple[str, ...]
    key: str
    kernel: Kernel
    makes: tuple[str, ...]
    hands_on: tuple[str, ...] = ()
    looks_up: tuple[tuple[str, str], ...] = ()
    some: bool = False


def people(tables: Tables, tz: Zone) -> Tables:
    """What `scantrail.history.reconstruct` makes of some people's positionfixes; and where they may have met others."""
    made = reconstruct(tables["positionfixes"], tz=tz, places=tables["places"]).tables
    return {**made, "visits": visits(made["staypoints"])}


def located(tables: Tables, _tz: Zone) -> Tables:
    """Where some places are, by everybody who scanned their codes."""
    return {"places": places(tables["positionfixes"])}


def meetings(tables: Tables, _tz: Zone) -> Tables:
    """Who met whom at some places on some days."""
    return {"meetings": met(tables["visits"])}


STAGES = (
    Stage("places", reads=("positionfixes",), key="place_id", kernel=located, makes=("places",), some=True),
    Stage(
        "histories",
        reads=("positionfixes",),
        key="user_id",
        kernel=people,
        makes=("staypoints", "locations", "trips", "dwell_times", "anchors"),
        hands_on=("visits",),
        looks_up=(("places", "place_id"),),
    ),
    Stage("meetings", reads=("visits",), key="key", kernel=meetings, makes=("meetings",)),
)
