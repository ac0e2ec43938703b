"""What left at which moment, to whom, and of what kind; apart from what leaves when nobody does anything."""

from collections.abc import Sequence
from typing import NamedTuple

from scantrail.compare import Told, beyond_idle, told
from scantrail.findings import Evidence


class Left(NamedTuple):
    """What one receiver was told at moments of one name, of which there were `times`.

    `beyond`: at a greater share of these moments than of idle ones; `anyhow`: what idle ones tell as often.
    """

    moment: str
    times: int
    receiver: str
    beyond: Sequence[Told]
    anyhow: Sequence[Told]


def left(evidence: Evidence) -> list[Left]:
    """By name of moment in the order in which they first came, then by receiver, those told most first."""
    rows = []
    for name, times in evidence.occasions.items():
        beyond = set(beyond_idle(evidence, name) or ())
        every = told(evidence, name) or ()
        for receiver in dict.fromkeys(one.receiver for one in every):
            here = [one for one in every if one.receiver == receiver]
            more = [one for one in here if one in beyond]
            rows.append(Left(name, len(times), receiver, more, [one for one in here if one not in beyond]))
    return rows
