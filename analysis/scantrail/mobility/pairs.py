"""The join beneath meetings: who was at one location with whom. Columns in, pairs of rows out, never all with all.

Rows are grouped by place, or by cells of a grid, and within a group swept in the order of time; a kernel looks from
each row only at those that begin before it ends. It runs twice: to count, and to fill columns of that very length.

Cells are cubes that divide the space around the Earth, with an edge as long as the distance asked for. What is so near
lies in the same cube or one that touches it, at every latitude, at the poles and across the antimeridian alike.
"""

from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from scantrail import geo

type Ints = NDArray[np.int64]
type Pairs = tuple[Ints, Ints]  # rows of the one and of the other, the one with the smaller user

_DAY_US = 86_400_000_000
_LEAST_EDGE_M = 7.0  # of a cell, so that its number along an axis has 21 bits
_AXIS = 21
_ALONG = (1 << 2 * _AXIS, 1 << _AXIS, 1)  # the step to the next cell along x, y, z
_AHEAD = [np.dot(step, _ALONG) for step in product((-1, 0, 1), repeat=3) if step > (0, 0, 0)]  # and 13 behind
_PARTITION_CELLS = 6  # a partition's cells along an axis, as a power of two: 6.4 km for 100 m


class Presences(NamedTuple):
    """Where and when somebody was seen, one element for each row of a table, in any order."""

    user: Ints  # number of the subject
    started_us: Ints  # microseconds since 1970
    finished_us: Ints
    place: Ints  # number of the place that is named; -1: none
    latitude: geo.Array  # degrees, WGS-84; NaN: no position
    longitude: geo.Array

    def take(self, rows: Ints) -> "Presences":
        """Those rows, in that order."""
        columns: Any = (column[rows] for column in self)
        return Presences(*columns)


def pairs(presences: Presences, *, distance_m: float, reach_us: int, partition: Ints | None = None) -> Pairs:
    """Find the pairs of rows of two subjects at one location, that overlap or follow each other soon.

    One location is the same place where both name one, and else positions within a distance.

    Args:
        presences: the rows.
        distance_m: how far apart two positions at one location are at most.
        reach_us: how long after the end of one row the other begins at the latest, in microseconds.
        partition: the key of each row by `meeting_keys`, if rows are repeated for them. Pairs are found within a
            partition, and by one partition only; several may be handed over together.

    Returns:
        The rows of each pair, in no particular order.

    """
    named = presences.place >= 0
    if partition is None:
        parts = [_at_places(presences, None, np.flatnonzero(named), reach_us)]
        if not named.all():
            parts.append(_nearby(presences, None, np.flatnonzero(~np.isnan(presences.latitude)), distance_m, reach_us))
    else:
        by_place = partition & 1 == 0
        parts = [_at_places(presences, partition, np.flatnonzero(by_place), reach_us)]
        parts.append(_nearby(presences, partition, np.flatnonzero(~by_place), distance_m, reach_us))
    first, second = parts[0] if len(parts) == 1 else map(np.concatenate, zip(*parts, strict=True))
    if partition is not None:
        mine = _owner(presences, first, second, distance_m) == partition[first]
        first, second = first[mine], second[mine]
    return first, second


def meeting_keys(presences: Presences, *, distance_m: float, reach_us: int) -> Pairs:
    """Say to which partitions each row goes, so that every pair can be found within one: a place or an area, and a day.

    A pair belongs to the UTC day on which its later row begins, and to its place or to the area of the subject with the
    smaller number. A row goes wherever it may make a pair: to all the days that it touches, and near the border of an
    area (some kilometres wide) to the area beyond. Days are UTC, for they only divide the work.

    Args:
        presences: the rows.
        distance_m: as for `pairs`.
        reach_us: as for `pairs`.

    Returns:
        Rows, some of them repeated, and the key of a partition for each: any number of 64 bits, even for places and odd
        for areas. A shuffle brings equal keys together, and hands rows and keys to `pairs`.

    """
    rows, spaces = zip(_place_spaces(presences), *_area_spaces(presences, distance_m), strict=True)
    row, space = np.concatenate(rows), np.concatenate(spaces)
    first_day = presences.started_us // _DAY_US
    days = ((presences.finished_us + reach_us) // _DAY_US - first_day + 1)[row]
    row, space = np.repeat(row, days), np.repeat(space, days)
    number = np.arange(len(row)) - np.repeat(np.cumsum(days) - days, days)
    return row, _key(space, first_day[row] + number)


def _place_spaces(presences: Presences) -> Pairs:
    row = np.flatnonzero(presences.place >= 0)
    return row, presences.place[row] << 1


def _area_spaces(presences: Presences, distance_m: float) -> list[Pairs]:
    """Rows and the areas that they, or what is near them, may lie in. None if every row names a place."""
    if (presences.place >= 0).all():
        return []
    located = np.flatnonzero(~np.isnan(presences.latitude))
    cells = _cells(presences, located, distance_m)
    low, high = (cells - 1) >> _PARTITION_CELLS, (cells + 1) >> _PARTITION_CELLS
    found = []
    for corner in np.ndindex(2, 2, 2):
        beyond = np.array(corner, dtype=bool)
        there = (~beyond | (low != high)).all(axis=1)
        found.append((located[there], _area(np.where(beyond, high, low)[there])))
    return found


def _owner(presences: Presences, first: Ints, second: Ints, distance_m: float) -> Ints:
    """The key of the partition to which a pair belongs."""
    space = presences.place[first] << 1
    nearby = (space < 0) | (presences.place[second] < 0)
    cells = _cells(presences, first[nearby], distance_m)
    space[nearby] = _area(cells >> _PARTITION_CELLS)
    later_us = np.maximum(presences.started_us[first], presences.started_us[second])
    return _key(space, later_us // _DAY_US)


def _area(cells: Ints) -> Ints:
    return np.asarray((cells @ np.array(_ALONG) << 1) | 1)


def _key(space: Ints, day: Ints) -> Ints:
    """Mix place or area with the day, so that keys spread evenly; the last bit stays (SplitMix64, Steele 2014)."""
    mixed = (space >> 1).astype(np.uint64) + day.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ mixed >> np.uint64(shift)) * np.uint64(factor)
    return (mixed & ~np.uint64(1)).view(np.int64) | (space & 1)


def _cells(presences: Presences, rows: Ints, distance_m: float) -> Ints:
    """The cube of each row, as its number along x, y and z."""
    edge = geo.chord(max(distance_m, _LEAST_EDGE_M)) * (1 + 1e-9)  # what is just so near is no farther by rounding
    points = geo.unit_vectors(presences.latitude[rows], presences.longitude[rows])
    return np.asarray(((points + 1.0) / edge).astype(np.int64) + 1)


def _at_places(presences: Presences, partition: Ints | None, rows: Ints, reach_us: int) -> Pairs:
    place, _ = dense(presences.place[rows])
    group, groups = dense(place if partition is None else _joined(partition[rows], place))
    every = np.arange(len(groups))
    return linked(presences, rows, group, (every, every), reach_us=reach_us)


def _nearby(presences: Presences, partition: Ints | None, rows: Ints, distance_m: float, reach_us: int) -> Pairs:
    cell, cells = dense(_cells(presences, rows, distance_m) @ np.array(_ALONG))
    group, groups = dense(cell if partition is None else _joined(partition[rows], cell))
    left, right = [np.arange(len(groups))], [np.arange(len(groups))]
    for step in _AHEAD:
        beside = _index(cells, cells + step)[groups % max(len(cells), 1)]
        there = np.flatnonzero(beside >= 0)
        neighbour = _index(groups, groups[there] - groups[there] % max(len(cells), 1) + beside[there])
        left.append(there[neighbour >= 0])
        right.append(neighbour[neighbour >= 0])
    points = geo.unit_vectors(presences.latitude[rows], presences.longitude[rows])
    links = np.concatenate(left), np.concatenate(right)
    return linked(presences, rows, group, links, reach_us=reach_us, points=points, limit=geo.chord(distance_m) ** 2)


def dense(values: Ints) -> Pairs:
    """Number values 0, 1, … in their order; and what they are."""
    number, found = pd.factorize(values)
    order = np.argsort(found)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[number], found[order]


def _joined(partition: Ints, number: Ints) -> Ints:
    """One number for partition and number."""
    return np.asarray(dense(partition)[0] * (number.max(initial=0) + 1) + number)


def _index(ordered: Ints, values: Ints) -> Ints:
    """Where the values are; -1: nowhere."""
    index = np.searchsorted(ordered, values)
    index[index == len(ordered)] = 0
    return np.where(ordered[index] == values, index, -1) if len(ordered) else index - 1


def linked(
    presences: Presences,
    rows: Ints,
    group: Ints,
    links: Pairs,
    *,
    reach_us: int,
    points: geo.Array | None = None,
    limit: float = np.inf,
) -> Pairs:
    """Find the pairs within each group that is linked to itself, and between two groups that are linked.

    Args:
        presences: columns; places are looked at only with `points`.
        rows: those that take part.
        group: the group of each of them, a number from 0 on.
        links: the groups of each link; any two at most once.
        reach_us: as for `pairs`.
        points: where they are, as unit vectors, if that matters: two that both name a place are then no pair.
        limit: the square of the longest chord between two of them.

    """
    by_time = np.argsort(presences.started_us[rows])
    groups = 1 + max(int(numbers.max(initial=-1)) for numbers in (group, *links))
    offset, order = _grouped(group, by_time, groups)
    row = rows[order]
    started, finished = presences.started_us[row], presences.finished_us[row]
    user = presences.user[row]
    place, points = (user, np.empty((0, 3))) if points is None else (presences.place[row], points[order])
    columns = (*links, offset, row, started, finished, user, place, points)
    nothing = np.empty(0, np.int64)
    found = _sweep(*columns, limit, reach_us, nothing, nothing)
    one, other = np.empty(found, np.int64), np.empty(found, np.int64)
    _sweep(*columns, limit, reach_us, one, other)
    return one, other


@njit(cache=True)
def _grouped(group: Any, ordered: Any, groups: int) -> Any:
    """A stable counting sort: where each group begins, and what is ordered in the order of groups."""
    offset = np.zeros(groups + 1, np.int64)
    for number in group:
        offset[number + 1] += 1
    offset = np.cumsum(offset)
    place = offset[:-1].copy()
    order = np.empty(len(group), np.int64)
    for row in ordered:
        order[place[group[row]]] = row
        place[group[row]] += 1
    return offset, order


@njit(cache=True)
def _sweep(
    left: Any,
    right: Any,
    offset: Any,
    row: Any,
    started: Any,
    finished: Any,
    user: Any,
    place: Any,
    points: Any,
    limit: float,
    reach: int,
    one: Any,
    other: Any,
) -> int:
    """Count the pairs, and write them as far as there is room."""
    columns = (row, started, finished, user, place, points, limit, reach, one, other)
    found = 0
    for link in range(len(left)):
        a, a_end = offset[left[link]], offset[left[link] + 1]
        b, b_end = offset[right[link]], offset[right[link] + 1]
        found = _onward(a, a_end, b, b_end, 0, columns, found)
        if a != b:
            found = _onward(b, b_end, a, a_end, 1, columns, found)
    return found


@njit(cache=True)
def _onward(a: int, a_end: int, b: int, b_end: int, later: int, columns: Any, found: int) -> int:
    """From each row of one group, the rows of another that begin with it (unless `later`) or after it, in its reach."""
    row, started, finished, user, place, points, limit, reach, one, other = columns
    from_ = b
    for i in range(a, a_end):
        while from_ < b_end and (from_ <= i if a == b else started[from_] < started[i] + later):
            from_ += 1
        until = finished[i] + reach
        for j in range(from_, b_end):
            if started[j] > until:
                break
            if user[i] != user[j] and (len(points) == 0 or _near(points, place, i, j, limit)):
                if found < len(one):
                    one[found], other[found] = (row[i], row[j]) if user[i] < user[j] else (row[j], row[i])
                found += 1
    return found


@njit(cache=True)
def _near(points: Any, place: Any, i: int, j: int, limit: float) -> bool:
    """Whether two positions are near, and it is for them to tell: two names tell otherwise."""
    if place[i] >= 0 and place[j] >= 0:
        return False
    x, y, z = points[i, 0] - points[j, 0], points[i, 1] - points[j, 1], points[i, 2] - points[j, 2]
    return bool(x * x + y * y + z * z <= limit)
