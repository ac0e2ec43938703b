"""Who somebody is to the kernels: household, role, home, work, friends; a function of seed and number alone."""

import numpy as np

from scansim.life.columns import Ints, Point
from scansim.life.draws import Stream, begin, below, between, kernel, normals, pick, small, uniform
from scansim.life.habits import Habits
from scansim.life.town import COMPOUND, OFFICE, SCHOOL, Town, between_m, point_of

HOUSEHOLDS, PERSON, DAY, FRIENDS, AWAY, PHONE = range(6)
"""The questions that have streams of their own."""
WORKER, NIGHT_WORKER, PUPIL, FREE = range(4)
BLOCK = 60
"""So many people are divided into households and circles of friends among themselves."""
FRIENDS_TOGETHER = 5
_TRIES = 100
_STRIDE = 17  # shares no factor with BLOCK: friends live apart

WHO = np.dtype(
    [
        ("number", np.int64), ("household", np.int64), ("member", np.int8), ("members", np.int8), ("role", np.int8),
        ("home", np.int64), ("work", np.int64), ("home_at", np.float64, 2), ("work_at", np.float64, 2),
        ("friends", np.int64), ("late_h", np.float64), ("off", np.int8),
    ]
)  # fmt: skip
"""A person: `member` of so many `members` of a household; places as rows of the town; doors behind their gates; `off`
is the first of a night worker's two free days; `late_h` is by how much a person is later than others."""
type Who = np.void


@small
def nearby(stream: Stream, town: Town, position: Point, low_m: float, high_m: float) -> Point:
    """Draw a position between two distances from another, in any direction."""
    east, north = normals(stream)
    scale = between(stream, low_m, high_m) / np.sqrt(east * east + north * north)
    return position[0] + north * scale / town.degree[0], position[1] + east * scale / town.degree[1]


@small
def home_of(who: Who) -> Point:
    """Where somebody's door is."""
    return who["home_at"][0], who["home_at"][1]


@small
def work_of(who: Who) -> Point:
    """Where somebody's desk is."""
    return who["work_at"][0], who["work_at"][1]


@small
def members(town: Town, category: int) -> Ints:
    """List the places of a category."""
    return town.of[town.of_first[category] : town.of_first[category + 1]]


@kernel
def by_weight(stream: Stream, town: Town, places: Ints) -> int:
    """Draw a place by its weight."""
    place = places[below(stream, len(places))]
    for _ in range(_TRIES):
        if uniform(stream) < town.places[place]["weight"]:
            break
        place = places[below(stream, len(places))]
    return int(place)


@kernel
def _workplace(stream: Stream, town: Town, habits: Habits, home: int, places: Ints) -> int:
    """Draw a place to commute to by its weight; any where none is at the usual distance."""
    place = by_weight(stream, town, places)
    for _ in range(_TRIES):
        if habits["commute_m"][0] < between_m(town, home, place) < habits["commute_m"][1]:
            break
        place = by_weight(stream, town, places)
    return place


@kernel
def _nearest(town: Town, place: int, places: Ints) -> int:
    best, best_m = place, 1e18
    for other in places:
        other_m = between_m(town, place, other)
        if other_m < best_m:
            best, best_m = other, other_m
    return int(best)


@kernel
def _household(stream: Stream, habits: Habits, number: int) -> tuple[int, int, int]:
    """Divide the person's block into households: the household's number, the person's place in it, its size."""
    block, index = divmod(number - 1, BLOCK)
    begin(stream, habits["seed"], HOUSEHOLDS, block, 0)
    first = 0
    while True:
        size = min(pick(stream, habits["sizes"]) + 1, BLOCK - first)
        if index < first + size:
            return block * BLOCK + first, index - first, size
        first += size


@kernel
def tell(town: Town, habits: Habits, number: int, who: Who) -> None:
    """Make the person of a number (from 1): fills `who`, a record of `WHO`."""
    stream = np.empty(1, np.uint64)
    household, member, size = _household(stream, habits, number)
    begin(stream, habits["seed"], HOUSEHOLDS, household, 1)
    home = by_weight(stream, town, members(town, COMPOUND))
    door = nearby(stream, town, point_of(town, home), 40.0, 90.0)
    begin(stream, habits["seed"], PERSON, number, 0)
    role, work = FREE, -1
    schools = members(town, SCHOOL)
    if member < 2 and uniform(stream) < habits["workers"]:
        role = NIGHT_WORKER if uniform(stream) < habits["night_shift"] else WORKER
        work = _workplace(stream, town, habits, home, members(town, OFFICE))
    elif member >= 2 and uniform(stream) < habits["pupils"]:
        role = PUPIL
        work = _nearest(town, home, schools) if len(schools) and habits["schools_open"] else -1
    desk = door
    if work >= 0:
        desk = nearby(stream, town, point_of(town, work), 20.0, 60.0)
    block, index = divmod(number - 1, BLOCK)
    who["number"], who["household"], who["member"], who["members"] = number, household, member, size
    who["role"], who["home"], who["work"] = role, home, work
    who["home_at"][0], who["home_at"][1] = door
    who["work_at"][0], who["work_at"][1] = desk
    who["friends"] = block * BLOCK + (index * _STRIDE) % BLOCK // FRIENDS_TOGETHER
    who["late_h"] = 0.3 * normals(stream)[0]
    who["off"] = below(stream, 7)
