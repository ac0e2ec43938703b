"""From the figures of the candidates to probabilities, and to how far off the answer may be."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scantrail import geo
from scantrail.mobility.presence.columns import Floats, Ints
from scantrail.mobility.presence.features import FEATURES, candidates
from scantrail.mobility.presence.forest import Forest, weights
from scantrail.mobility.presence.scans import Scans

NEAR_M = 250.0  # the truth is at a candidate if so near
REGION = 0.9  # the share of regions that hold the truth
GATES_A_DAY, GATES_REPEATS = 2.0, 0.15  # scans of who is scanned at nearly every gate; the share at the place before
_OF_BEST = tuple(
    FEATURES.index(name)
    for name in (
        *("gap_before_h", "gap_after_h", "from_previous_m", "to_next_m", "way_kmh", "apart_m"),
        *("hour", "scans", "span_days", "scans_a_day", "places", "repeats", "all_repeats", "is_previous", "is_next"),
    )
)
_MASSES = (0.5, 0.7, 0.8, 0.9, 0.95)
REGION_FEATURES = (
    *(FEATURES[column] for column in _OF_BEST),
    *("best", "second", "sum"),
    *(f"within_{mass}" for mass in _MASSES),
)


class Model(NamedTuple):
    """What weighs candidates.

    Attributes:
        place: gives the log-odds that the truth is at a candidate.
        region: gives the log of a radius in metres, plus 1 m.
        gates: what weighs those of people who are scanned at nearly every gate; else nothing is made of that.

    """

    place: Forest
    region: Forest
    gates: "Model | None" = None


class Placed(NamedTuple):
    """Of each query, the candidates' places (-1: none) and probabilities, the best first, and the answer's radius."""

    place: Ints
    probability: Floats
    radius_m: Floats


def shipped() -> Model:
    """The model that was fitted to all people of the benchmark's data."""
    return Model(weights("place"), weights("region"), Model(weights("gates_place"), weights("gates_region")))


def place(scans: Scans, user: Ints, at_h: Floats, model: Model) -> Placed:
    """Weigh the candidates of each query.

    Args:
        scans: of all people.
        user: row of `scans.users` for each query.
        at_h: local hours of each query.
        model: what weighs them.

    """
    chosen, features = candidates(user, at_h, scans.columns)
    at_gates = _at_gates(features) & (model.gates is not None)
    placed = Placed(chosen, np.zeros(chosen.shape), np.empty(len(chosen)))
    for rows, weighing in ((~at_gates, model), (at_gates, model.gates or model)):
        part = _weighed(scans, chosen[rows], features[rows], weighing)
        placed.place[rows], placed.probability[rows], placed.radius_m[rows] = part
    return placed


def _at_gates(features: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether a person is scanned often, and hardly ever twice at one place: wherever they come to, that is."""
    a_day, repeats = (features[:, 0, FEATURES.index(name)] for name in ("scans_a_day", "repeats"))
    return np.asarray((a_day >= GATES_A_DAY) & (repeats < GATES_REPEATS))


def _weighed(scans: Scans, chosen: Ints, features: NDArray[np.float32], model: Model) -> Placed:
    there = chosen >= 0
    probability = np.zeros(chosen.shape)
    probability[there] = 1 / (1 + np.exp(-model.place(features[there])))
    order = np.argsort(np.where(there, -probability, 1.0), axis=1, kind="stable")
    chosen = np.take_along_axis(chosen, order, 1)
    probability = np.take_along_axis(probability, order, 1)
    best = features[np.arange(len(order)), order[:, 0]]
    radius_m = np.exp(model.region(region_features(scans, chosen, probability, best))) - 1.0
    return Placed(chosen, probability, radius_m)


def region_features(scans: Scans, chosen: Ints, probability: Floats, best: NDArray[np.float32]) -> NDArray[np.float32]:
    """What tells how far off an answer may be: a row of `REGION_FEATURES` for each query, candidates best first."""
    lat, lon = scans.place_latitude[chosen], scans.place_longitude[chosen]
    apart_m = np.where(chosen >= 0, geo.distance_m(lat, lon, lat[:, :1], lon[:, :1]), 0.0)
    order = np.argsort(apart_m, axis=1, kind="stable")
    mass = np.cumsum(np.take_along_axis(probability, order, 1), axis=1)
    mass /= np.maximum(mass[:, -1:], 1e-9)
    by_distance = np.take_along_axis(apart_m, order, 1)
    within = [by_distance[np.arange(len(mass)), np.argmax(mass >= share, axis=1)] for share in _MASSES]
    columns: tuple[NDArray[Any], ...] = (
        best[:, _OF_BEST],
        probability[:, :2],
        probability.sum(axis=1, keepdims=True),
        np.stack(within, axis=1),
    )
    return np.concatenate(columns, axis=1, dtype=np.float32)
