"""Positionfixes: the positions and places that left the phone, one row for each request that disclosed one."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from scantrail.mobility.places import FINEST_M, places
from scantrail.mobility.remote import AREAS
from scantrail.model import Disclosure, Request
from scantrail.schema import POSITIONFIXES

_AREA_M = 5_000.0  # a district's extent: however near to each other its sightings are, it is no place
_MAC = re.compile(r"[0-9a-f]{2}(?:[:-]?[0-9a-f]{2}){5}", re.IGNORECASE)
_LOCATING = ("wifi", "cell", *AREAS)  # tell where a phone is to who has seen them before


class Code(NamedTuple):
    """Something at one place that has a code: a place, a radio, an area; `kind` as in `scantrail.detectors.KINDS`."""

    kind: str
    value: str

    @property
    def name(self) -> str:
        """Unlike that of any code of another kind."""
        return f"{self.kind} {self.value}"


@dataclass
class _Told:
    """What one request told of where its phone is."""

    request: Request
    user_id: str | None
    position: Disclosure | None = None
    codes: list[Code] = field(default_factory=list)


def positionfixes(disclosures: Iterable[Disclosure], subject_of: Mapping[int, str]) -> pd.DataFrame:
    """Make the table from the disclosures.

    A request counts once, with its most precise position and the place that it names, and only if it carries an
    identifier: what cannot be tied to anybody is no step of a trail. Of several places the first counts that positions
    agree on, or else the first that no position was ever told with.

    A request without a position may name radios or areas. Where they are is learnt from all requests that tell them
    together with a position, of anybody. A radio's place then stands for the position; an area's is too coarse for
    that, and serves only to say where a place is.

    Args:
        disclosures: what arrived, of any kind; what was sent is taken.
        subject_of: the subject by request index, as `scantrail.subjects.join` finds it.

    Returns:
        A table by `schema.POSITIONFIXES`, ordered by subject and time.

    """
    told = _told(disclosures, subject_of)
    located = places(POSITIONFIXES.frame([*_sightings(told)] or None)).set_index("place_id")
    radius_m = located["radius_m"].dropna().to_dict()

    def place(codes: Iterable[Code]) -> str | None:
        named = [code for code in codes if code.kind == "place_id"]
        sure = (code for code in named if radius_m.get(code.name, FINEST_M + 1) <= FINEST_M)
        never = (code for code in named if code.name not in located.index)
        chosen = next(sure, None) or next(never, None)
        return chosen.value if chosen else None

    rows = []
    for one in told:
        named = place(one.codes)
        there = min(
            (code for code in one.codes if code.kind in _LOCATING and code.name in radius_m),
            key=lambda code: radius_m[code.name],
            default=None,
        )
        row = {"tracked_at": one.request.at, "request": one.request.index, "place_id": named}
        if one.position:
            row |= _position(one.position)
        elif there and (radius_m[there.name] <= FINEST_M or named):
            latitude, longitude = located.loc[there.name, ["latitude", "longitude"]]
            row |= {"latitude": latitude, "longitude": longitude, "precision_m": radius_m[there.name]}
            row |= {"told_by": there.kind}
        elif named is None:
            continue
        if one.user_id is not None:
            rows.append({"user_id": one.user_id, "latitude": None, "longitude": None} | row)
    return _table(rows)


def _told(disclosures: Iterable[Disclosure], subject_of: Mapping[int, str]) -> list[_Told]:
    by_request: dict[int, _Told] = {}
    for disclosure in disclosures:
        if disclosure.side != "sent":
            continue
        index = disclosure.request.index
        told = by_request.setdefault(index, _Told(disclosure.request, subject_of.get(index)))
        if disclosure.kind == "position":
            known = told.position
            if known is None or (disclosure.precision_m or 0) < (known.precision_m or 0):
                told.position = disclosure
        told.codes.extend(_codes(disclosure))
    return list(by_request.values())


def _codes(disclosure: Disclosure) -> Iterator[Code]:
    """The codes in a disclosure: of a list of access points each, without how strongly it was received."""
    if disclosure.kind == "wifi":
        for mac in _MAC.findall(disclosure.value):
            yield Code("wifi", re.sub("[:-]", "", mac).lower())
    elif disclosure.kind == "place_id" or disclosure.kind in _LOCATING:
        yield Code(disclosure.kind, disclosure.value)


def _sightings(told: Iterable[_Told]) -> Iterator[dict[str, object]]:
    """Each code that was told together with a position; people who cannot be told apart have one vote."""
    for one in told:
        if one.position:
            for code in dict.fromkeys(one.codes):
                row = {"user_id": one.user_id or "", "tracked_at": one.request.at, "place_id": code.name}
                row |= _position(one.position)
                if code.kind in AREAS:
                    row["precision_m"] = max(_AREA_M, one.position.precision_m or 0.0)
                yield row


def _position(disclosure: Disclosure) -> dict[str, object]:
    return {
        "latitude": disclosure.latitude,
        "longitude": disclosure.longitude,
        "precision_m": disclosure.precision_m,
        "datum": disclosure.datum,
        "told_by": "position",
    }


def _table(rows: list[dict[str, object]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=[name for name in POSITIONFIXES.names if name != "doubt"])
    return POSITIONFIXES.frame(table).sort_values(["user_id", "tracked_at"], kind="stable", ignore_index=True)
