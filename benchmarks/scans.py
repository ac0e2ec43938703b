"""Scans of an invented province, fast and by seed: what a health-code server's log would look like, as Parquet.

`python -m benchmarks.scans FOLDER [SCANS]` writes `SCANS` (default 1,000,000) scans of a twentieth as many people over
14 days. As in a log, rows come in the order of time, so that a person's scans are spread over all files.

A person lives in a city (by Zipf's law), has a home, six other places of falling favour (they are returned to
preferentially), and in two cases of three a workplace. All of that is a hash of the person's number, so nothing has to
be kept, and any part of the log can be made alone. A scan takes its time from the hours at which gates are passed, its
purpose from the hour, its place from the person, and 15 m of noise from the phone.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

type Ints = NDArray[np.int64]
type Hashes = NDArray[np.uint64]
type Floats = NDArray[np.float64]

SCANS_OF_PERSON = 20
DAYS = 14
ZONE = "Asia/Shanghai"
FIRST_DAY_S = 1_581_868_800  # 2020-02-17 00:00 at UTC+8, a Monday, in seconds since 1970
FILE_ROWS = 5_000_000  # at least, but for the last file; a day is never cut
CITIES = 60
NOISE_M = 15.0  # standard deviation of a phone's position, north and east each
_BOX = (27.3, 31.0, 118.3, 121.8)  # south, north, west, east
_METRES_PER_DEGREE = 111_195.0
# Scans by local hour, and which shares of them are made at home and (on weekdays) at work; the rest are elsewhere.
_BY_HOUR = np.array([1, 1, 1, 1, 1, 4, 15, 45, 60, 35, 25, 25, 30, 25, 25, 25, 30, 50, 65, 50, 30, 20, 10, 4], float)
_HOME = np.array([0.8] * 5 + [0.5] * 2 + [0.25] * 2 + [0.1] * 3 + [0.2] * 4 + [0.45] * 2 + [0.75] * 6)
_WORK = np.array([0.1] * 5 + [0.4] * 2 + [0.7] * 2 + [0.5] * 2 + [0.25] * 4 + [0.1] * 9)
_WORKS = 2 / 3
_OTHERS = 6
_FAVOUR = np.cumsum(1 / np.arange(1, _OTHERS + 1)) / np.sum(1 / np.arange(1, _OTHERS + 1))


class Kind(NamedTuple):
    """A kind of place: how many people share one on average, and how unevenly (1: evenly)."""

    number: int
    people: int
    skew: float


HOME, WORK, OTHER = Kind(0, 20, 1.0), Kind(1, 30, 1.5), Kind(2, 30, 1.5)


def write(folder: Path, scans: int, *, seed: int = 1) -> list[Path]:
    """Write the log of so many scans as Parquet files.

    Args:
        folder: made if it is not there; holds `scans-000.parquet` and so on afterwards.
        scans: how many rows in all.
        seed: the same seed makes the same rows.

    Returns:
        The files, in the order of time.

    """
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    waiting: list[pa.Table] = []
    for day, rows in enumerate(days(scans, seed=seed)):
        waiting.append(rows)
        if day == DAYS - 1 or sum(len(table) for table in waiting) >= FILE_ROWS:
            files.append(folder / f"scans-{len(files):03}.parquet")
            pq.write_table(pa.concat_tables(waiting), files[-1], row_group_size=1_000_000, use_dictionary=["place_id"])
            waiting = []
    return files


def days(scans: int, *, seed: int = 1) -> Iterator[pa.Table]:
    """The log day by day: `user_id`, `tracked_at`, `latitude`, `longitude`, `place_id`."""
    people = max(scans // SCANS_OF_PERSON, 1)
    for day in range(DAYS):
        rows = scans * (day + 1) // DAYS - scans * day // DAYS
        random = np.random.default_rng((seed, day))
        at_s = _times(random, rows)
        user = _who(random, rows, people)
        place, latitude, longitude = _where(random, user, (at_s // 3600).astype(np.int64), day % 7 < 5, people, seed)
        noise = random.standard_normal((2, rows), dtype=np.float32) * (NOISE_M / _METRES_PER_DEGREE)
        tracked_at = ((FIRST_DAY_S + day * 86_400 + at_s) * 1e6).astype(np.int64)
        yield pa.table(
            {
                "user_id": user,
                "tracked_at": pa.array(tracked_at).cast(pa.timestamp("us", "UTC")),
                "latitude": latitude + noise[0],
                "longitude": longitude + noise[1] / np.cos(np.radians(29.0)),
                "place_id": pc.cast(pa.array(place), pa.string()),
            }
        )


def _times(random: np.random.Generator, rows: int) -> Floats:
    """Seconds since midnight, in order: sorted uniforms are sums of exponentials, so nothing has to be sorted."""
    steps = random.standard_exponential(rows + 1)
    share = np.cumsum(steps)
    share = share[:-1] / share[-1]
    hours = np.insert(np.cumsum(_BY_HOUR) / _BY_HOUR.sum(), 0, 0.0)
    return np.asarray(np.interp(share, hours, np.arange(25) * 3600.0))


def _who(random: np.random.Generator, rows: int, people: int) -> Ints:
    """Any person, some of them more often: the square of a uniform, scattered over the numbers of people."""
    rank = (np.square(random.random(rows)) * 0.5 + random.random(rows) * 0.5) * people
    return (rank.astype(np.int64) * 7_368_787) % people  # a prime: no number of people has it in common


def _where(
    random: np.random.Generator, user: Ints, hour: Ints, weekday: bool, people: int, seed: int
) -> tuple[Ints, Floats, Floats]:
    """Place code, latitude and longitude of each scan."""
    choice = random.random(len(user))
    works = _uniform(_hash(user, seed, 0)) < _WORKS
    home = choice < _HOME[hour]
    work = ~home & works & (choice < _HOME[hour] + _WORK[hour] * (1.0 if weekday else 0.15))
    other = np.searchsorted(_FAVOUR, random.random(len(user)))
    slot = np.where(home, 1, np.where(work, 2, 3 + other))
    drawn = _uniform(_hash(user * 16 + slot, seed, 1))
    city = _city(_uniform(_hash(user, seed, 2)))
    kind = np.where(home, HOME.number, np.where(work, WORK.number, OTHER.number))
    kinds = np.array([HOME, WORK, OTHER], float)
    at = city_share()[city] * people / kinds[kind, 1] + 1.0  # so many places of the kind are in the city
    place = ((drawn ** kinds[kind, 2] * at).astype(np.int64) * 4 + kind) * 64 + city
    north_m, east_m = _scattered(_hash(place, seed, 3))
    centre_lat, centre_lon, radius_m = _centres(seed)
    latitude = centre_lat[city] + north_m * radius_m[city] / _METRES_PER_DEGREE
    longitude = centre_lon[city] + east_m * radius_m[city] / (_METRES_PER_DEGREE * np.cos(np.radians(29.0)))
    return place, latitude, longitude


def city_share() -> Floats:
    """Share of the people who live in each city: Zipf's law."""
    share = 1.0 / np.arange(1, CITIES + 1)
    return share / share.sum()


def _city(share: Floats) -> Ints:
    return np.searchsorted(np.cumsum(city_share())[:-1], share).astype(np.int64)


def _centres(seed: int) -> tuple[Floats, Floats, Floats]:
    """Latitude, longitude and radius in metres of the cities: the more people, the wider."""
    random = np.random.default_rng(seed)
    south, north, west, east = _BOX
    return random.uniform(south, north, CITIES), random.uniform(west, east, CITIES), 12_000 * city_share() ** 0.25


def _scattered(hashed: Hashes) -> tuple[Floats, Floats]:
    """Two standard normal numbers from each hash (Box and Muller 1958)."""
    length = np.sqrt(-2.0 * np.log1p(-_uniform(hashed)))
    angle = 2.0 * np.pi * _uniform(_mixed(hashed))
    return length * np.cos(angle), length * np.sin(angle)


def _hash(values: Ints, seed: int, purpose: int) -> Hashes:
    return _mixed(values.astype(np.uint64) + np.uint64(((seed << 4 | purpose) * 0x9E3779B97F4A7C15) % 2**64))


def _mixed(x: Hashes) -> Hashes:
    """The finaliser of splitmix64 (Steele, Lea and Flood 2014)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _uniform(hashed: Hashes) -> Floats:
    return np.asarray((hashed >> np.uint64(11)) * 2.0**-53, dtype=np.float64)


def main() -> None:
    """Write a log where the command line says."""
    folder, *rest = sys.argv[1:]
    scans = int(rest[0]) if rest else 1_000_000
    started = time.perf_counter()
    files = write(Path(folder), scans)
    taken = time.perf_counter() - started
    print(f"{scans:,} scans in {len(files)} files, {taken:.1f} s: {scans / taken / 1e6:.1f} million a second")


if __name__ == "__main__":
    main()
