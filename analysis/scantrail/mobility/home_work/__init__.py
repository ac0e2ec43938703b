"""Home and work, with probabilities and evidence, from scans and from stays alike."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from scantrail.mobility.days import Zone
from scantrail.mobility.home_work.evidence import Bools, Evidence, Floats, Ints, Visits, evidence
from scantrail.mobility.home_work.model import Model, models
from scantrail.mobility.home_work.moves import LEAST_NIGHTS, moved_at
from scantrail.schema import ANCHORS, LOCATIONS, STAYPOINTS

_NOWHERE = -1  # the location of a staypoint that lies at none
_MONDAY = pd.Timestamp("1969-12-29")  # the last one before the epoch
_LEAST_DAYS = 2  # one night may be spent anywhere, and so may one working day
_SECOND_AT_LEAST = 0.5  # the probability of being home, were the home not there: of such places 85 % are annotated so
_BY_NIGHT_AT_LEAST = 0.8  # rare, so it takes more to believe it
_ROWS = 2**20  # visits that are judged at once, so that memory is bounded
_POSITION = ["latitude", "longitude"]


def home_and_work(
    staypoints: pd.DataFrame,
    locations: pd.DataFrame | None = None,
    *,
    tz: Zone,
    least_probability: float | None = None,
) -> pd.DataFrame:
    """Find where each subject lives and works, how probably, or say nothing where the scans do not tell.

    Rules for telephone records ask where a person is at night or in office hours. Scans are made at gates, and nobody
    passes one asleep; so what tells is all of it: the hours that scans and stays claim, the pauses between them, the
    first and last of the day, days and weeks. `evidence` puts this in numbers for each place of a person, and `model`
    weighs the places against each other and against "none of them": annotated people taught it how, among them those
    without a workplace. Of places equally probable none is told, and none that was visited on one day only.

    One row is `home`, that since the last move; `former home` is the one before it, and `second home` another place
    where nights are spent now and then. Work may be by night: see `because`.

    Args:
        staypoints: by `schema.STAYPOINTS`, with locations, rows in any order. Scans (of no duration) and stays may be
            mixed. Positions are not looked at: location ids are enough.
        locations: by `schema.LOCATIONS`, for the positions; without it they are missing.
        tz: the zone in which the people live.
        least_probability: how probable a home or workplace must be to be told; by default what `weights.json` says.

    Returns:
        A table by `schema.ANCHORS`, ordered by subject; no row where it is not decidable.

    Raises:
        SchemaError: not such tables.

    """
    return infer(staypoints, locations, tz=tz, by=models(), least_probability=least_probability)


def infer(
    staypoints: pd.DataFrame,
    locations: pd.DataFrame | None = None,
    *,
    tz: Zone,
    by: Mapping[str, Model],
    least_probability: float | None = None,
) -> pd.DataFrame:
    """Like `home_and_work`, by models of one's own for `home` and `work`."""
    visits, stays = read_visits(staypoints, tz=tz)
    found = []
    for rows in _chunks(visits.person):
        person, place = visits.person[rows], visits.place[rows]
        some = Visits(person - person[0], place - place.min(), visits.start_h[rows], visits.finish_h[rows])
        found.append(_judged(some, stays[rows], by, least_probability))
    anchors = ANCHORS.frame(pd.concat(found) if found else None)
    if locations is None or anchors.empty:
        return anchors
    places = LOCATIONS.frame(locations).set_index(["user_id", "location_id"])[_POSITION]
    at = places.reindex(pd.MultiIndex.from_frame(anchors[["user_id", "location_id"]]))
    return anchors.assign(**{name: at[name].to_numpy() for name in _POSITION})


def read_visits(staypoints: pd.DataFrame, *, tz: Zone) -> tuple[Visits, pd.DataFrame]:
    """Read staypoints by `schema.STAYPOINTS` as visits, and the staypoints in the order of these."""
    stays = _stays(staypoints)
    start_h, finish_h = (_local_hours(stays[name], tz) for name in ("started_at", "finished_at"))
    person = pd.factorize(stays["user_id"])[0].astype(np.int64)
    place = _places(person, stays["location_id"].to_numpy())
    return Visits(person, place, start_h, np.maximum(start_h, finish_h)), stays


def _stays(staypoints: pd.DataFrame) -> pd.DataFrame:
    """The staypoints with a time, ordered so that the order of rows is no input."""
    stays = STAYPOINTS.frame(staypoints.assign(**dict.fromkeys(_POSITION, np.nan)))
    order = ["user_id", "started_at", "finished_at", "location_id"]
    return stays.dropna(subset=order).sort_values(order, ignore_index=True)


def _local_hours(times: pd.Series, tz: Zone) -> Floats:
    """Hours since a Monday, by the clock on the wall."""
    wall = times.dt.tz_convert(tz).dt.tz_localize(None)
    hours: Floats = ((wall - _MONDAY) / pd.Timedelta(hours=1)).to_numpy(dtype=float)
    return hours


def _places(person: Ints, location: Ints) -> Ints:
    """Codes of the places, in the order of their first visit; a location that two people share is two places."""
    codes, known = pd.factorize(location)
    return pd.factorize(person * len(known) + codes)[0].astype(np.int64)


def _chunks(person: Ints) -> Iterator[slice]:
    """Runs of rows that hold whole people."""
    ends = np.append(np.flatnonzero(np.diff(person)) + 1, len(person))
    wanted = np.searchsorted(ends, np.arange(_ROWS, len(person) + _ROWS, _ROWS))
    bounds = np.unique(np.append(0, ends[np.minimum(wanted, len(ends) - 1)]))
    return (slice(start, end) for start, end in pairwise(bounds.tolist()))


def _judged(
    visits: Visits, stays: pd.DataFrame, by: Mapping[str, Model], least_probability: float | None
) -> pd.DataFrame:
    """The anchors of some people: home as of the last move, work, and the homes before the move."""
    found = evidence(visits)
    homes, home = _elected("home", visits, stays, found, by["home"], least_probability)
    works, work = _elected("work", visits, stays, found, by["work"], least_probability, never=home)
    seconds, _ = _elected(
        "home",
        visits,
        stays,
        found,
        by["home"],
        max(_SECOND_AT_LEAST, least_probability or 0.0),
        never=np.append(home, work),
    )
    seconds = seconds[seconds["share"] * seconds["days"] > LEAST_NIGHTS - 0.5]
    moves = _moves(visits, stays, moved_at(visits, found), by["home"], least_probability)
    moved = moves["user_id"]
    workless = np.setdiff1d(np.arange(found.persons), found.owner[work])
    by_night = _night_workers(visits, stays, workless, homes, by, least_probability)
    homes = pd.concat([homes[~homes["user_id"].isin(by_night["user_id"])], by_night])
    anchors = [
        homes[~homes["user_id"].isin(moved)],
        moves[moves["purpose"] == "home"],
        works,
        moves[moves["purpose"] == "former home"],
        seconds[~seconds["user_id"].isin(moved)].assign(purpose="second home"),
    ]
    return pd.concat(anchors).sort_values("user_id", kind="stable")


def _night_workers(
    visits: Visits,
    stays: pd.DataFrame,
    workless: Ints,
    homes: pd.DataFrame,
    by: Mapping[str, Model],
    least_probability: float | None,
) -> pd.DataFrame:
    """The home and work of who sleeps by day: by a clock turned by half a day they live like others.

    Believed of people without a workplace by day, if that clock shows a sure one and a likelier home.

    """
    rows = np.flatnonzero(np.isin(visits.person, workless))
    person = np.unique(visits.person[rows], return_inverse=True)[1]
    place = _places(person, visits.place[rows])
    turned = Visits(person, place, visits.start_h[rows] + 12.0, visits.finish_h[rows] + 12.0)
    of, found = stays.iloc[rows].reset_index(drop=True), evidence(turned)
    asleep, home = _elected("home", turned, of, found, by["home"], least_probability)
    least = max(_BY_NIGHT_AT_LEAST, least_probability or 0.0)
    works, _ = _elected("work", turned, of, found, by["work"], least, never=home)
    by_day = homes.set_index("user_id")["probability"].reindex(asleep["user_id"]).fillna(0.0).to_numpy()
    asleep = asleep[asleep["user_id"].isin(works["user_id"]) & (asleep["probability"] > by_day)]
    both = pd.concat([asleep, works[works["user_id"].isin(asleep["user_id"])]])
    return both.assign(because="by a clock turned by 12 h, since nights are worked and days slept: " + both["because"])


def _moves(
    visits: Visits, stays: pd.DataFrame, moved: Floats, model: Model, least_probability: float | None
) -> pd.DataFrame:
    """The former home and home of who moved: before and after, a person is judged as two."""
    rows = np.flatnonzero(np.isfinite(moved[visits.person]))
    late = visits.start_h[rows] >= moved[visits.person[rows]]
    person = np.unique(2 * visits.person[rows] + late, return_inverse=True)[1]
    eras = Visits(person, _places(person, visits.place[rows]), visits.start_h[rows], visits.finish_h[rows])
    of = stays.iloc[rows].reset_index(drop=True)
    homes, _ = _elected("home", eras, of, evidence(eras), model, least_probability)
    homes = homes.drop_duplicates(["user_id", "location_id"], keep=False)
    late_home = homes["user_id"].duplicated()
    homes = homes.assign(purpose=np.where(late_home, "home", "former home"))
    return homes[homes["user_id"].duplicated(keep=False)]  # a home before and another one after


def _elected(
    purpose: str,
    visits: Visits,
    stays: pd.DataFrame,
    found: Evidence,
    model: Model,
    least_probability: float | None,
    *,
    never: Ints | None = None,
) -> tuple[pd.DataFrame, Ints]:
    """The most probable place of each person, if it is probable enough: as anchors, and as places."""
    _, first_visit = np.unique(visits.place, return_index=True)
    location = stays["location_id"].to_numpy()[first_visit]
    possible = (location != _NOWHERE) & (found.counts["days"] >= _LEAST_DAYS)
    if purpose == "home":
        possible &= found.counts["days at home hours"] > 0
    if never is not None:
        possible[never] = False  # who works at home has no workplace to find
    probability = model.probability(found, possible)
    least = model.least_probability if least_probability is None else least_probability
    won = np.flatnonzero(possible & _best(found.owner, probability) & (probability >= least))
    support, looked_at = found.counts[f"{purpose} days"][won], found.counts[f"{purpose} days of all"][won]
    anchors = pd.DataFrame(
        {
            "user_id": stays["user_id"].array[first_visit[won]],
            "purpose": purpose,
            "location_id": location[won],
            "latitude": np.nan,
            "longitude": np.nan,
            "share": support / np.maximum(looked_at, 1),
            "days": looked_at,
            "because": _because(purpose, found, won),
            "probability": probability[won],
            **_span(visits.place, stays, won),
        }
    )
    return anchors, won


def _best(owner: Ints, probability: Floats) -> Bools:
    """Whether a place is the most probable one of its person; a tie decides nothing."""
    top = np.full(int(owner.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(top, owner, probability)
    near = probability > top[owner] - 1e-9
    alone: Bools = near & (np.bincount(owner, near, len(top))[owner] == 1)
    return alone


def _because(purpose: str, found: Evidence, won: Ints) -> pd.Series:
    """The evidence in words."""
    rival = found.rivals[f"{purpose} days"][won]

    def text(name: str) -> pd.Series:
        return pd.Series(found.counts[name][won]).astype("str")

    of_all = text(f"{purpose} days") + " of " + text(f"{purpose} days of all")
    next_place = "; the closest other place: on " + pd.Series(rival).astype("str")
    if purpose == "home":
        ends = "last scan of the day on " + text("last") + ", first of it on " + text("first")
        return ends + "; one of the two on " + of_all + " days" + next_place
    seen = "seen there on " + of_all + " days from Monday to Friday"
    return seen + ", in office hours (09:00 to 17:00) on " + text("office days") + next_place


def _span(place: Ints, stays: pd.DataFrame, won: Ints) -> dict[str, object]:
    """Since and until when the places were visited, and the requests that say so."""
    anchor = np.full(int(place.max(initial=-1)) + 1, -1)
    anchor[won] = np.arange(len(won))
    rows = np.flatnonzero(anchor[place] >= 0)
    of = pd.Series(anchor[place[rows]])
    every = np.arange(len(won))
    columns: dict[str, object] = {
        "since": stays["started_at"].iloc[rows].reset_index(drop=True).groupby(of).min().reindex(every).array,
        "until": stays["finished_at"].iloc[rows].reset_index(drop=True).groupby(of).max().reindex(every).array,
    }
    if "requests" in stays:
        columns["requests"] = _requests(stays["requests"].iloc[rows], of, len(won))
    return columns


def _requests(requests: pd.Series, of: pd.Series, anchors: int) -> pd.Series:
    """For each anchor the distinct requests, in their order."""
    pairs = pd.DataFrame({"of": of.to_numpy(), "request": requests.to_numpy()}).explode("request").dropna()
    pairs = pairs.astype("int64").drop_duplicates().sort_values(["of", "request"])
    ends = np.searchsorted(pairs["of"], np.arange(anchors + 1)).tolist()
    flat = pairs["request"].tolist()
    return pd.Series([flat[start:end] for start, end in pairwise(ends)], dtype=object)
