"""What speaks for a person being at one of their places at one time: a row of figures for each candidate place.

All of it is of the person's own scans around the time (what came before and after, and how long ago), of their routine
(what they do at such hours and after such places), of the way (who is there cannot be elsewhere a minute later), and of
other people: how many come to the place, and when.
"""

import math
from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit

from scantrail.mobility.presence.columns import Columns, Floats, Ints

CANDIDATES: Final = 12  # places considered at one time: more found nothing more
# The person's scans, each with a weight, summed by place; a feature is the place's share.
_SHARES: Final = (
    *("lag_1h", "lag_6h", "lag_1d", "lag_7d"),  # made so long before or after
    *("hour_1h", "hour_3h", "daytype_2h", "week_2h", "recent_2h"),  # at about that hour (of such a day, of the week)
    *("after_previous", "before_next", "between_both"),  # at about that hour, between the same places
    *("count", "night", "office", "today", "days", "first", "last"),  # first, last: of a day that begins at 4:00
    *("carried", "carried_daytype", "carried_recent", "carried_near"),  # the last before that hour of another day
)
(
    _LAG_1H, _LAG_6H, _LAG_1D, _LAG_7D,
    _HOUR_1H, _HOUR_3H, _DAYTYPE_2H, _WEEK_2H, _RECENT_2H,
    _AFTER_PREVIOUS, _BEFORE_NEXT, _BETWEEN_BOTH,
    _COUNT, _NIGHT, _OFFICE, _TODAY, _DAYS, _FIRST, _LAST,
    _CARRIED, _CARRIED_DAYTYPE, _CARRIED_RECENT, _CARRIED_NEAR,
) = range(len(_SHARES))  # fmt: skip
_NEAR: Final = (_LAG_6H, _HOUR_3H, _CARRIED, _COUNT)  # for which the neighbourhood's share counts, too
_CHOICE: Final = np.zeros(len(_SHARES))  # how much each share counts in the choice of candidates
_CHOICE[[_LAG_1H, _LAG_1D, _LAG_7D, _HOUR_3H, _DAYTYPE_2H, _RECENT_2H, _AFTER_PREVIOUS, _BEFORE_NEXT, _COUNT]] = 1.0
_CHOICE[[_LAG_6H, _CARRIED, _CARRIED_DAYTYPE, _CARRIED_NEAR]] = (2.0, 1.0, 1.0, 1.0)

FEATURES: Final = (
    *_SHARES,
    *(f"near_{_SHARES[column]}" for column in _NEAR),
    # Of the place: its scans around the time, the way to them, other people, and how long stays there are.
    *("is_previous", "is_next", "is_previous_2", "is_next_2", "since_seen_h", "until_seen_h"),
    *("from_previous_m", "to_next_m", "way_kmh", "detour_m", "rank", "people", "people_hour"),
    *("pause_h", "pause_before_h", "outlasts", "outlasts_before"),
    # Of the time and the person, whatever the place.
    *("hour", "weekend", "gap_before_h", "gap_after_h", "part", "apart_m", "same", "scans_today"),
    *("hour_before", "hour_after", "scans", "span_days", "scans_a_day", "places", "repeats", "all_repeats"),
    *("hour_weight", "after_weight", "both_weight", "lag_weight", "carried_weight"),
)

_NEAR_M: Final = 250.0
_DAY_H: Final = 24.0
_WEEK_H: Final = 168.0
_NEVER_H: Final = 1000.0
_RECENT_H: Final = 21 * _DAY_H
_DAY_STARTS_AT_H: Final = 4.0
_NIGHT_AT_H: Final = 3.0
_OFFICE_AT_H: Final = 14.0
_LONGEST_CARRIED_H: Final = 16.0  # nobody is believed to stay longer for being seen at a place
_LONGEST_PAUSE_H: Final = 36.0
_OWN_TIME_H: Final = 1.0  # the time asked for is no evidence of the routine
_LEAST_GAP_H: Final = 0.05
_SUPPOSED_PAUSE_H: Final = 3.0  # of a place at which no pause is known


class _When(NamedTuple):
    """The time that is asked for, among the person's scans (rows `first` to `end`)."""

    now: float
    weekend: bool
    first: int
    end: int
    before: int  # row of the last scan until then, or first - 1
    after: int  # row of the next one, or end
    previous: int  # their places, or -1
    following: int
    gap_before_h: float
    gap_after_h: float


class _Tally(NamedTuple):
    """What is gathered of each place of the person, over all scans."""

    shares: Floats  # (places, shares)
    pauses: Floats  # (places, 3): hours until the next scan after one there, how many, and how many are longer
    pauses_before: Floats  # likewise, before one there
    since: Floats
    until: Floats
    last_day: Floats


@njit(cache=True)
def candidates(query_user: Ints, query_h: Floats, scans: Columns) -> Any:
    """Choose the candidates of each query and describe them.

    Args:
        query_user: person (0, 1, …) of each query.
        query_h: when, in hours of local time since 1970.
        scans: of all people.

    Returns:
        `chosen` (queries, CANDIDATES): row of the place, -1 for none; `features` (queries, CANDIDATES, FEATURES).

    """
    chosen = np.full((len(query_h), CANDIDATES), -1, np.int64)
    features = np.zeros((len(query_h), CANDIDATES, len(FEATURES)), np.float32)
    most = 0
    for user in range(len(scans.starts) - 1):
        most = max(most, scans.place_starts[user + 1] - scans.place_starts[user])
    tally = _Tally(
        np.zeros((most, len(_SHARES))),
        np.zeros((most, 3)),
        np.zeros((most, 3)),
        np.empty(most),
        np.empty(most),
        np.empty(most),
    )
    total = np.zeros(len(_SHARES))
    everybody = _repeats(scans, 0, len(scans.starts) - 1)
    for query in range(len(query_h)):
        user = query_user[query]
        when = _when(query_h[query], scans, user)
        if when.first == when.end:
            continue
        base, count = scans.place_starts[user], scans.place_starts[user + 1] - scans.place_starts[user]
        _gather(when, scans, count, tally)
        _normalise(tally.shares[:count], total)
        _choose(when, tally.shares[:count], chosen[query])
        context = _context(when, scans, user, total, everybody)
        for rank in range(min(count, CANDIDATES)):
            here = chosen[query, rank]
            _describe(features[query, rank], here, rank, when, scans, base, count, tally)
            features[query, rank, -len(context) :] = context
            chosen[query, rank] = base + here
    return chosen, features


@njit(cache=True)
def _around(apart: float, period: float) -> float:
    """How far apart two times of a circle are."""
    apart = abs(apart) % period
    return min(apart, period - apart)


@njit(cache=True)
def _bell(apart: float, width: float) -> float:
    return math.exp(-0.5 * (apart / width) ** 2)


@njit(cache=True)
def _weekend(time_h: float) -> bool:
    return math.floor(time_h / _DAY_H) % 7 in (2, 3)


@njit(cache=True)
def _repeats(scans: Columns, first_user: int, end_user: int) -> float:
    """What part of the scans that follow another within a day are at the same place: few, if scans are of arrivals."""
    same = followed = 0
    for user in range(first_user, end_user):
        for scan in range(scans.starts[user] + 1, scans.starts[user + 1]):
            if scans.time_h[scan] - scans.time_h[scan - 1] < _DAY_H:
                followed += 1
                same += scans.place[scan] == scans.place[scan - 1]
    return same / max(followed, 1)


@njit(cache=True)
def _when(now: float, scans: Columns, user: int) -> _When:
    first, end = scans.starts[user], scans.starts[user + 1]
    after = first + np.searchsorted(scans.time_h[first:end], now, side="right")
    before = after - 1
    return _When(
        now,
        _weekend(now),
        first,
        end,
        before,
        after,
        scans.place[before] if before >= first else -1,
        scans.place[after] if after < end else -1,
        min(now - scans.time_h[before], _NEVER_H) if before >= first else _NEVER_H,
        min(scans.time_h[after] - now, _NEVER_H) if after < end else _NEVER_H,
    )


@njit(cache=True)
def _gather(when: _When, scans: Columns, count: int, tally: _Tally) -> None:
    """Weigh each of the person's scans."""
    tally.shares[:count] = 0.0
    tally.pauses[:count] = 0.0
    tally.pauses_before[:count] = 0.0
    tally.since[:count] = _NEVER_H
    tally.until[:count] = _NEVER_H
    tally.last_day[:count] = -1.0
    for scan in range(when.first, when.end):
        at, here = scans.time_h[scan], scans.place[scan]
        if at <= when.now:
            tally.since[here] = when.now - at
        elif tally.until[here] == _NEVER_H:
            tally.until[here] = at - when.now
        _of_scan(when, scans, scan, tally)
        _of_pause(when, scans, scan, tally)


@njit(cache=True)
def _of_scan(when: _When, scans: Columns, scan: int, tally: _Tally) -> None:
    """Add what the time of a scan tells."""
    at, here = scans.time_h[scan], scans.place[scan]
    of = tally.shares[here]
    lag, clock = abs(when.now - at), _around(when.now - at, _DAY_H)
    hour_2h = _bell(clock, 2.0)
    of[_LAG_1H] += math.exp(-lag)
    of[_LAG_6H] += math.exp(-lag / 6.0)
    of[_LAG_1D] += math.exp(-lag / _DAY_H)
    of[_LAG_7D] += math.exp(-lag / _WEEK_H)
    of[_HOUR_1H] += _bell(clock, 1.0)
    of[_HOUR_3H] += _bell(clock, 3.0)
    of[_WEEK_2H] += _bell(_around(when.now - at, _WEEK_H), 2.0)
    of[_RECENT_2H] += hour_2h * math.exp(-lag / _RECENT_H)
    if _weekend(at) == when.weekend:
        of[_DAYTYPE_2H] += hour_2h
    after = scan > when.first and at - scans.time_h[scan - 1] < _DAY_H and scans.place[scan - 1] == when.previous
    until = scan < when.end - 1 and scans.time_h[scan + 1] - at < _DAY_H and scans.place[scan + 1] == when.following
    if after:
        of[_AFTER_PREVIOUS] += hour_2h
    if until:
        of[_BEFORE_NEXT] += hour_2h
    if after and until:
        of[_BETWEEN_BOTH] += _bell(clock, 3.0)
    of[_COUNT] += 1.0
    of[_NIGHT] += _bell(_around(at - _NIGHT_AT_H, _DAY_H), 4.0)
    if not _weekend(at):
        of[_OFFICE] += _bell(_around(at - _OFFICE_AT_H, _DAY_H), 3.0)
    day = math.floor(at / _DAY_H)
    of[_TODAY] += day == math.floor(when.now / _DAY_H)
    if day != tally.last_day[here]:
        tally.last_day[here] = day
        of[_DAYS] += 1.0
    of[_FIRST] += scan == when.first or _night_between(scans.time_h[scan - 1], at)
    of[_LAST] += scan == when.end - 1 or _night_between(at, scans.time_h[scan + 1])


@njit(cache=True)
def _night_between(earlier_h: float, later_h: float) -> bool:
    return math.floor((earlier_h - _DAY_STARTS_AT_H) / _DAY_H) != math.floor((later_h - _DAY_STARTS_AT_H) / _DAY_H)


@njit(cache=True)
def _of_pause(when: _When, scans: Columns, scan: int, tally: _Tally) -> None:
    """Add what the time until the next scan tells: at the hour asked for, the person may still have been there."""
    at, here = scans.time_h[scan], scans.place[scan]
    pause = scans.time_h[scan + 1] - at if scan < when.end - 1 else _NEVER_H
    later = (when.now - at) % _DAY_H
    if later < min(pause, _LONGEST_CARRIED_H) and abs(at + later - when.now) > _OWN_TIME_H:
        of = tally.shares[here]
        of[_CARRIED] += 1.0
        of[_CARRIED_RECENT] += math.exp(-abs(when.now - at) / _RECENT_H)
        if _weekend(at) == when.weekend:
            of[_CARRIED_DAYTYPE] += 1.0
        nearest = here if 2 * later < pause else scans.place[scan + 1]
        tally.shares[nearest, _CARRIED_NEAR] += 1.0
    if pause < _LONGEST_PAUSE_H and scan != when.before:
        _add_pause(tally.pauses[here], pause, when.gap_before_h)
        _add_pause(tally.pauses_before[scans.place[scan + 1]], pause, when.gap_after_h)


@njit(cache=True)
def _add_pause(pauses: Floats, pause_h: float, so_far_h: float) -> None:
    pauses[0] += pause_h
    pauses[1] += 1.0
    pauses[2] += pause_h > so_far_h


@njit(cache=True)
def _normalise(shares: Floats, total: Floats) -> None:
    """Turn sums into shares of the total."""
    for column in range(len(total)):
        total[column] = shares[:, column].sum()
        if total[column] > 0.0:
            shares[:, column] /= total[column]


@njit(cache=True)
def _choose(when: _When, shares: Floats, chosen: Ints) -> None:
    """The places with most behind them, those before and after first."""
    score = shares @ _CHOICE
    for here in (when.previous, when.following):
        if here >= 0:
            score[here] += len(_CHOICE)
    best = np.argsort(-score, kind="mergesort")[: len(chosen)]
    chosen[: len(best)] = best


@njit(cache=True)
def _describe(
    row: Any, here: int, rank: int, when: _When, scans: Columns, base: int, count: int, tally: _Tally
) -> None:
    """Write the figures of a candidate."""
    row[: len(_SHARES)] = tally.shares[here]
    x, y = scans.place_x[base + here], scans.place_y[base + here]
    for other in range(count):
        if math.hypot(scans.place_x[base + other] - x, scans.place_y[base + other] - y) < _NEAR_M:
            for number in range(len(_NEAR)):
                row[len(_SHARES) + number] += tally.shares[other, _NEAR[number]]
    before, after = when.before, when.after
    seen, seen_again = before >= when.first, after < when.end
    from_previous = math.hypot(scans.x_m[before] - x, scans.y_m[before] - y) if seen else -1.0
    to_next = math.hypot(scans.x_m[after] - x, scans.y_m[after] - y) if seen_again else -1.0
    metres_an_hour = max(
        0.0,
        from_previous / max(when.gap_before_h, _LEAST_GAP_H),
        to_next / max(when.gap_after_h, _LEAST_GAP_H),
    )
    apart = _apart_m(when, scans)
    column = len(_SHARES) + len(_NEAR)
    for value in (
        1.0 if here == when.previous else 0.0,
        1.0 if here == when.following else 0.0,
        1.0 if before - 1 >= when.first and scans.place[before - 1] == here else 0.0,
        1.0 if after + 1 < when.end and scans.place[after + 1] == here else 0.0,
        tally.since[here],
        tally.until[here],
        from_previous,
        to_next,
        metres_an_hour / 1000.0,
        from_previous + to_next - apart if apart >= 0.0 else -1.0,
        float(rank),
        scans.place_people[base + here],
        scans.place_hours[base + here, int(when.now % _DAY_H)],
        _mean_pause(tally.pauses[here]),
        _mean_pause(tally.pauses_before[here]),
        _outlasting(tally.pauses[here]),
        _outlasting(tally.pauses_before[here]),
    ):
        row[column] = value
        column += 1


@njit(cache=True)
def _apart_m(when: _When, scans: Columns) -> float:
    """Between the scans before and after, or -1."""
    if when.before < when.first or when.after >= when.end:
        return -1.0
    return math.hypot(scans.x_m[when.after] - scans.x_m[when.before], scans.y_m[when.after] - scans.y_m[when.before])


@njit(cache=True)
def _mean_pause(pauses: Floats) -> Any:
    return (pauses[0] + _SUPPOSED_PAUSE_H) / (pauses[1] + 1.0)


@njit(cache=True)
def _outlasting(pauses: Floats) -> Any:
    """What part of the pauses was longer than this one is so far."""
    return (pauses[2] + 0.5) / (pauses[1] + 1.0)


@njit(cache=True)
def _context(when: _When, scans: Columns, user: int, total: Floats, everybody: float) -> Floats:
    """The figures that are the same for all candidates."""
    made = when.end - when.first
    span_days = (scans.time_h[when.end - 1] - scans.time_h[when.first]) / _DAY_H + 1.0
    return np.array(
        [
            when.now % _DAY_H,
            1.0 if when.weekend else 0.0,
            when.gap_before_h,
            when.gap_after_h,
            when.gap_before_h / (when.gap_before_h + when.gap_after_h + 1e-6),
            _apart_m(when, scans),
            1.0 if when.previous == when.following and when.previous >= 0 else 0.0,
            total[_TODAY],
            scans.time_h[when.before] % _DAY_H if when.before >= when.first else -1.0,
            scans.time_h[when.after] % _DAY_H if when.after < when.end else -1.0,
            float(made),
            span_days,
            made / span_days,
            float(scans.place_starts[user + 1] - scans.place_starts[user]),
            _repeats(scans, user, user + 1),
            everybody,
            total[_HOUR_3H],
            total[_AFTER_PREVIOUS],
            total[_BETWEEN_BOTH],
            total[_LAG_6H],
            total[_CARRIED],
        ]
    )
