"""The simulated population beside real people: how far they go, how much they return, at what hours; and its speed.

Stays of at least a quarter of an hour are set beside the staypoints of Geolife (200 m, 15 min; people with two weeks
or more of them around Beijing), scans beside the check-ins of Foursquare in New York, which are the nearest public
thing to scans. The distances are named in the table: Wasserstein's of the decimal logarithms of lengths (0.3 is a
factor of two), and half the sum of absolute differences of shares. The yardstick is how far the two real data sets are
from each other; the baseline a population that goes on every errand to any place, however far, and never returns out
of habit (`gravity_m` of 1,000 km, `rho` 1).
"""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import wasserstein_distance

from benchmarks.identity import foursquare
from benchmarks.shared import shared
from benchmarks.staypoints import read
from scansim.life.habits import Moves
from scansim.life.population import scans
from scansim.scenario import load_scenario
from scansim.world import Life, World
from scantrail import geo
from scantrail.mobility import locations, staypoints

type Floats = NDArray[np.float64]

PEOPLE, DAYS = 300, 28
SHORTEST = timedelta(minutes=15)
SHORTEST_JUMP_M = 100.0
LEAST = 28  # visits, for a person to count
RANKS = 10
SCORED = 1
BEIJING = ((39.4, 41.1), (115.4, 117.5))
MANY = 1_000_000
FIGURE = Path(__file__).parents[1] / "docs" / "images" / "population.png"


class Statistics(NamedTuple):
    """What there is to compare.

    Metres between consecutive visits, radii of gyration, shares of a person's most visited places (means over people),
    shares of visits by local hour of working days.
    """

    people: int
    visits: int
    jumps_m: Floats
    gyration_m: Floats
    ranks: Floats
    hours: Floats


def half(visits: pd.DataFrame) -> pd.DataFrame:
    """Every other of the real people, on whom the simulation is scored. Habits were chosen by looking at the rest."""
    scored: pd.DataFrame = visits[pd.factorize(visits["user_id"], sort=True)[0] % 2 == SCORED]
    return scored


def statistics(visits: pd.DataFrame, tz: str) -> Statistics:
    """Sum visits up: `user_id`, `at` (UTC), `latitude`, `longitude`, `place`, in the order of person and time."""
    number = visits.groupby("user_id")["at"].transform("size")
    visits = visits[number >= LEAST].reset_index(drop=True)
    latitude, longitude = visits["latitude"].to_numpy(), visits["longitude"].to_numpy()
    same = visits["user_id"].to_numpy()[1:] == visits["user_id"].to_numpy()[:-1]
    jumps = geo.distance_m(latitude[:-1], longitude[:-1], latitude[1:], longitude[1:])[same]
    local = visits["at"].dt.tz_convert(tz)
    hours = np.bincount(local[local.dt.weekday < 5].dt.hour, minlength=24)
    people = list(visits.groupby("user_id"))
    return Statistics(
        people=len(people),
        visits=len(visits),
        jumps_m=jumps[jumps > SHORTEST_JUMP_M],
        gyration_m=np.array([_gyration_m(mine) for _, mine in people]),
        ranks=np.mean([_ranks(mine["place"]) for _, mine in people], axis=0),
        hours=hours / hours.sum(),
    )


def _gyration_m(mine: pd.DataFrame) -> float:
    """How far visits are from their middle, as a root of the mean square."""
    latitude, longitude = mine["latitude"], mine["longitude"]
    far = geo.distance_m(latitude, longitude, latitude.mean(), longitude.mean())
    return float(np.sqrt(np.mean(far**2)))


def _ranks(places: pd.Series) -> Floats:
    """Shares of visits of the most visited places."""
    shares = places.value_counts(normalize=True).to_numpy()[:RANKS]
    return np.pad(shares, (0, RANKS - len(shares)))


def geolife() -> Statistics:
    """Real stays."""
    fixes = read(shared("mobility/geolife_dev.parquet"))
    (south, north), (west, east) = BEIJING
    fixes = fixes[fixes["latitude"].between(south, north) & fixes["longitude"].between(west, east)]
    stays = staypoints(fixes, distance_m=200.0, duration=SHORTEST, gap=timedelta(hours=12))
    stays, _ = locations(stays, tz="Asia/Shanghai")
    return statistics(half(stays.rename(columns={"started_at": "at", "location_id": "place"})), "Asia/Shanghai")


def check_ins() -> Statistics:
    """Real check-ins."""
    data = foursquare()
    rows = data.fixes.rename(columns={"tracked_at": "at", "place_id": "place"})
    return statistics(half(rows.sort_values(["user_id", "at"], ignore_index=True)), data.tz)


def world(city: str, moves: Moves | None = None) -> World:
    """The population of a city."""
    return World.of(*load_scenario(city=city, days=DAYS, people=PEOPLE, moves=moves or Moves()))


def simulated_stays(population: World) -> Statistics:
    """Simulated stays."""
    rows = [row for number in range(1, PEOPLE + 1) for row in _stays(population.life(number), number)]
    return statistics(pd.DataFrame(rows, columns=["user_id", "at", "latitude", "longitude", "place"]), "Asia/Shanghai")


def _stays(life: Life, number: int) -> Iterator[tuple[object, ...]]:
    life.wake_up()
    for day in range(DAYS):
        life.live_day(day, suspect=False)
    last = ""
    for segment in life.segments:
        if segment.activity != "travel" and segment.finished_at - segment.started_at >= SHORTEST:
            if segment.place != last:
                yield number, segment.started_at, *segment.start, segment.place
            last = segment.place


def simulated_scans(population: World) -> Statistics:
    """Simulated scans."""
    rows = np.concatenate(list(scans(population.society, PEOPLE * 4)))
    rows = rows[~np.isnan(rows["latitude"])]
    at = pd.Timestamp(population.days.start) + pd.to_timedelta(rows["at"], unit="s")
    columns = {"user_id": rows["number"], "at": at, "place": rows["place"]}
    columns |= {"latitude": rows["latitude"], "longitude": rows["longitude"]}
    return statistics(pd.DataFrame(columns), "Asia/Shanghai")


def distances(one: Statistics, other: Statistics) -> tuple[float, float, float, float]:
    """How far two are from each other: jumps, radii (Wasserstein, decades), ranks, hours (total variation)."""
    return (
        wasserstein_distance(np.log10(one.jumps_m), np.log10(other.jumps_m)),
        wasserstein_distance(np.log10(one.gyration_m), np.log10(other.gyration_m)),
        float(np.abs(one.ranks - other.ranks).sum() / 2),
        float(np.abs(one.hours - other.hours).sum() / 2),
    )


def speed() -> None:
    """Print how fast scans of many people are made, on all cores."""
    population = world("hangzhou")
    list(scans(population.society, 1_000))
    for _ in range(3):
        started = time.perf_counter()
        made = sum(len(rows) for rows in scans(population.society, MANY // DAYS))
        seconds = time.perf_counter() - started
        print(f"{made:,} scans of {MANY // DAYS:,} people in {seconds:.1f} s: {made / seconds / 1e6:.2f} M scans/s")


def main() -> None:
    """Print the table, draw the figure."""
    real_stays, real_scans = geolife(), check_ins()
    anywhere = world("yunlan", Moves(gravity_m=1e6, rho=1.0, gamma=1e-9))
    made = {name: world(name) for name in ("hangzhou", "yunlan")}
    stays = {name: simulated_stays(population) for name, population in made.items()}
    told = {name: simulated_scans(population) for name, population in made.items()}
    print("\nstays beside Geolife's, scans beside Foursquare's check-ins")
    print(f"{'':44} {'people':>6} {'visits':>7} {'jump':>8} {'radius':>8} {'top place':>9}")
    for name, found in (
        ("Geolife, stays", real_stays),
        *((f"{name}, stays", one) for name, one in stays.items()),
        ("Foursquare, check-ins", real_scans),
        *((f"{name}, scans", one) for name, one in told.items()),
    ):
        jump, radius = np.median(found.jumps_m), np.median(found.gyration_m)
        print(f"{name:44} {found.people:6} {found.visits:7} {jump:6.0f} m {radius:6.0f} m {found.ranks[0]:9.2f}")
    print(f"\n{'distance':44} {'jumps':>8} {'radii':>8} {'ranks':>8} {'hours':>8}")
    for name, one, other in (
        ("Foursquare to Geolife (yardstick)", real_scans, real_stays),
        *((f"{name}, stays to Geolife", one, real_stays) for name, one in stays.items()),
        ("errands anywhere, stays to Geolife (baseline)", simulated_stays(anywhere), real_stays),
        *((f"{name}, scans to Foursquare", one, real_scans) for name, one in told.items()),
        ("errands anywhere, scans to Foursquare", simulated_scans(anywhere), real_scans),
    ):
        print(f"{name:44} " + " ".join(f"{value:8.3f}" for value in distances(one, other)))
    draw({"Geolife (stays)": real_stays, "Foursquare (check-ins)": real_scans,
          "Yunlan (stays)": stays["yunlan"], "Yunlan (scans)": told["yunlan"]})  # fmt: skip
    speed()


def draw(drawn: dict[str, Statistics]) -> None:
    """Draw all four statistics beside each other."""
    import matplotlib.pyplot as plt
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter

    figure, axes = plt.subplots(2, 2, figsize=(10, 7.4), layout="constrained")
    styles = dict(zip(drawn, ("-", "--", "-", "--"), strict=True))
    colours = dict(zip(drawn, ("#555555", "#555555", "#0072b2", "#0072b2"), strict=True))
    for name, found in drawn.items():
        style = {"label": name, "linestyle": styles[name], "color": colours[name]}
        for axis, lengths in ((axes[0, 0], found.jumps_m), (axes[0, 1], found.gyration_m)):
            axis.plot(np.sort(lengths) / 1000, 1 - np.arange(len(lengths)) / len(lengths), **style)
        axes[1, 0].plot(np.arange(1, RANKS + 1), found.ranks, **style)
        axes[1, 1].plot(np.arange(24) + 0.5, found.hours, **style)
    axes[0, 0].set(
        xscale="log", xlim=(0.1, 100), title="From visit to visit", xlabel="km", ylabel="visits further apart"
    )
    axes[0, 1].set(
        xscale="log", xlim=(0.5, 30), title="Radius of gyration", xlabel="km", ylabel="people with a longer one"
    )
    axes[1, 0].set(yscale="log", title="A person's places", xlabel="rank of the place", ylabel="visits")
    axes[1, 1].set(xlim=(0, 24), ylim=(0, None), title="Working days", xlabel="hour", ylabel="visits")
    for axis in axes[0]:
        axis.set_ylim(0, 1.02)
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes[0, 1].xaxis.set_major_locator(FixedLocator([0.5, 1, 2, 5, 10, 20]))
    axes[0, 1].xaxis.set_minor_locator(NullLocator())
    axes[1, 0].yaxis.set_major_locator(FixedLocator([0.01, 0.02, 0.05, 0.1, 0.2, 0.5]))
    axes[1, 0].yaxis.set_minor_locator(NullLocator())
    axes[1, 0].set(xticks=range(1, RANKS + 1), ylim=(0.01, 0.6))
    axes[1, 1].set_xticks(range(0, 25, 3))
    for axis in axes.flat:
        axis.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        axis.grid(color="#e5e5e5", linewidth=0.7)
        axis.set_axisbelow(True)
        axis.spines[["top", "right"]].set_visible(False)
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=len(drawn), frameon=False)
    figure.savefig(FIGURE, dpi=110)
