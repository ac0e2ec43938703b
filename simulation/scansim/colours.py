"""Colours by rules in rows. The first row that applies decides; without one the code is green.

Source: press conference of the province of Zhejiang, 17 February 2020 (docs/facts.md §3); Wuhan as the key area is an
assumption. Case data and contacts, which the conference names too, are not simulated.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

type Colour = Literal["green", "yellow", "red"]

HEALTH_STATUS: dict[Colour, int] = {"green": 1, "yellow": 2, "red": 3}
"""As a vendor's verification record numbers them (docs/facts.md §2)."""


class Rule(NamedTuple):
    """One of `values` among the declared `field` gives the colour."""

    id: str
    field: str
    values: frozenset[str]
    colour: Colour


RULES: tuple[Rule, ...] = (
    Rule("key-area", "recentTravel", frozenset({"武汉市"}), "red"),
    Rule("symptom", "symptoms", frozenset({"发热", "咳嗽"}), "yellow"),
)


def colour(declared: Mapping[str, Sequence[str]], rules: Sequence[Rule] = RULES) -> Colour:
    """Decide the colour of what somebody declared at sign-up."""
    return next((rule.colour for rule in rules if rule.values & set(declared.get(rule.field, ()))), "green")
