"""One person's day, from where the last one ended: work, school, errands, friends, journeys, quarantine."""

import numpy as np

from scansim.life.columns import Floats
from scansim.life.diary import AWAY as AT_OTHER_CITY
from scansim.life.diary import ENTER, ERRAND, HOME, MEMORY_PLACES, WORK, Diary, add, here, note
from scansim.life.draws import Stream, begin, below, between, kernel, pick, small, triangular, uniform
from scansim.life.habits import Habits
from scansim.life.scene import Scene
from scansim.life.town import MALL, RESTAURANT, Town, between_m, first_elsewhere, is_open, point_of
from scansim.life.ways import WALKABLE_M, come_back, leave_city, travel
from scansim.life.who import AWAY, DAY, FRIENDS, NIGHT_WORKER, PUPIL, WORKER, Who, home_of, members, nearby, work_of

DAY_S = 86_400
LUNCH_H, LUNCH_TAKES_H = (11.7, 12.8, 12.1), (0.4, 1.0, 0.7)  # assumptions, as all hours here
NIGHT_LEAVES_H, NIGHT_ENDS_H = (20.2, 21.3, 20.7), (30.2, 31.5, 30.8)
AFTERNOON_H = (15.0, 16.5, 15.7)
SCHOOL_LEAVES_H, SCHOOL_ENDS_H = (7.1, 7.8, 7.4), (15.8, 16.8, 16.2)
FRIENDS_MEET_H, FRIENDS_STAY_H = (18.8, 19.6, 19.2), (1.2, 2.6, 1.8)
TRAIN_H, BACK_H = (8.0, 12.0, 9.5), (13.0, 18.0, 16.0)
EARLIEST_S = 24_000  # nobody leaves for work before 6:40, when everybody has the app
NIGHTS_AWAY = (1, 4)
STAYS_OPEN_S = 5_400  # the longest way across a city, by whatever means
HABITS_BEFORE = 14  # errands that made the habits with which the first day begins
_TRIES = 8


@kernel
def settle(scene: Scene, who: Who) -> None:
    """Begin a life: at home, at the first midnight, with the habits of the time before."""
    state = scene.diary.state
    state["segments"], state["passages"], state["now"] = 0, 0, 0
    state["at"][0], state["at"][1] = home_of(who)
    state["place"], state["inside"] = who["home"], True
    state["memory"]["known"] = 0
    begin(scene.stream, scene.habits["seed"], DAY, who["number"], 0)
    for _ in range(HABITS_BEFORE):
        choose(scene, who["home"], DAY_S // 2)


@kernel
def choose(scene: Scene, start: int, second_of_day: int) -> int:
    """Choose where to go on an errand, and remember it: explore or return. -1 where nothing is open."""
    memory = scene.diary.state["memory"]
    known = memory["known"]
    if known == 0 or uniform(scene.stream) < scene.habits["rho"] * known ** (-scene.habits["gamma"]):
        place = _explore(scene.stream, scene.town, start, second_of_day)
    else:
        place = _return(scene.stream, scene.town, memory, second_of_day)
    if place >= 0:
        _remember(memory, place)
    return place


@small
def _stays_open(town: Town, place: int, second_of_day: int) -> bool:
    """Tell whether a place is open now, and still when one may be there."""
    return is_open(town, place, second_of_day) and is_open(town, place, second_of_day + STAYS_OPEN_S)


@kernel
def _explore(stream: Stream, town: Town, start: int, second_of_day: int) -> int:
    """Draw by gravity among what is open; -1 where hardly anything is."""
    for _ in range(_TRIES):
        place = town.errands[pick(stream, town.gravity[start])]
        if _stays_open(town, place, second_of_day):
            return int(place)
    return -1


@kernel
def _return(stream: Stream, town: Town, memory: np.void, second_of_day: int) -> int:
    """Draw in proportion to past visits, among what is open; -1 where hardly anything is."""
    total = 0
    for index in range(memory["known"]):
        total += memory["visits"][index]
    for _ in range(_TRIES):
        index, drawn = 0, below(stream, total) - memory["visits"][0]
        while drawn >= 0:
            index += 1
            drawn -= memory["visits"][index]
        if _stays_open(town, memory["place"][index], second_of_day):
            return int(memory["place"][index])
    return -1


@kernel
def _remember(memory: np.void, place: int) -> None:
    """Count a visit; a place too many takes that of the least visited."""
    least = 0
    for index in range(memory["known"]):
        if memory["place"][index] == place:
            memory["visits"][index] += 1
            return
        if memory["visits"][index] < memory["visits"][least]:
            least = index
    if memory["known"] < MEMORY_PLACES:
        least = memory["known"]
        memory["known"] += 1
    memory["place"][least], memory["visits"][least] = place, 1


@small
def _hour(stream: Stream, midnight_s: int, hours: tuple[float, float, float]) -> int:
    """Draw a time of the day."""
    return midnight_s + int(triangular(stream, hours[0], hours[1], hours[2]) * 3600.0)


@small
def _duration(stream: Stream, hours: tuple[float, float, float]) -> int:
    """Draw how many seconds something takes."""
    return int(triangular(stream, hours[0], hours[1], hours[2]) * 3600.0)


@small
def _range(values: Floats) -> tuple[float, float, float]:
    """Least, most and most likely value, as constants have them."""
    return values[0], values[1], values[2]


@small
def stay(diary: Diary, until: int, activity: int) -> None:
    """Remain where one is."""
    add(diary, until, here(diary), activity, diary.state["place"])


@kernel
def _go_home(
    scene: Scene,
    who: Who,
) -> None:
    travel(scene, who["home"], home_of(who), False)


@kernel
def _visit(scene: Scene, place: int, takes: tuple[float, float, float], suspect: bool) -> bool:
    """Go somewhere and stay for some hours; tells whether one was let in."""
    inside = nearby(scene.stream, scene.town, point_of(scene.town, place), 20.0, 60.0)
    takes_s = _duration(scene.stream, takes)
    admitted = travel(scene, place, inside, suspect)
    if admitted:
        stay(scene.diary, scene.diary.state["now"] + takes_s, ERRAND)
    return admitted


@kernel
def _errands(scene: Scene, midnight_s: int, suspect: bool) -> None:
    """Go on one errand, or several one after the other."""
    takes = _range(scene.habits["errand_takes_h"])
    while True:
        place = choose(scene, scene.diary.state["place"], scene.diary.state["now"] - midnight_s)
        if place < 0 or place == scene.diary.state["place"]:
            break
        admitted = _visit(scene, place, takes, suspect)
        if not admitted or uniform(scene.stream) > scene.habits["second_errand"]:
            break


@kernel
def _lunch(scene: Scene, who: Who, midnight_s: int) -> None:
    """Eat out within walking distance of work and come back; stay in where there is nothing."""
    stay(scene.diary, _hour(scene.stream, midnight_s, LUNCH_H), WORK)
    for _ in range(16):
        places = members(scene.town, RESTAURANT if uniform(scene.stream) < 0.7 else MALL)
        if len(places) == 0:
            continue
        place = places[below(scene.stream, len(places))]
        near = between_m(scene.town, who["work"], place) <= WALKABLE_M
        if near and is_open(scene.town, place, scene.diary.state["now"] - midnight_s):
            _visit(scene, place, LUNCH_TAKES_H, False)
            travel(scene, who["work"], work_of(who), False)
            break


@kernel
def _friends_meet(town: Town, habits: Habits, who: Who, day: int) -> int:
    """Tell where a circle of friends meets this evening; -1 on the other days of the week."""
    stream = np.empty(1, np.uint64)
    begin(stream, habits["seed"], FRIENDS, who["friends"], day // 7)
    meets = below(stream, 7) == day % 7
    places = members(town, RESTAURANT if uniform(stream) < 0.6 else MALL)
    return int(places[below(stream, len(places))]) if meets and len(places) else -1


@kernel
def journey(town: Town, habits: Habits, number: int, week: int) -> tuple[int, int, int]:
    """Tell a week's journey to another city: first day, nights, which city; nights are 0 where there is none."""
    stream = np.empty(1, np.uint64)
    begin(stream, habits["seed"], AWAY, number, week)
    travels = uniform(stream) < habits["away"]
    first, nights = below(stream, 7), NIGHTS_AWAY[0] + below(stream, NIGHTS_AWAY[1] - NIGHTS_AWAY[0] + 1)
    if not travels or len(town.elsewhere) == 0:
        return 0, 0, -1
    return 7 * week + first, nights, pick(stream, town.elsewhere)


@kernel
def live_day(scene: Scene, who: Who, day: int, midnight_s: int, next_s: int, week_day: int, suspect: bool) -> None:
    """Live one day, from where the last one ended to the next midnight, or to the end of a night shift after it.

    Args:
        scene: the city and so on; its stream is started anew, its diary written on in.
        who: the person.
        day: number of the day, from 0.
        midnight_s: when it begins.
        next_s: when the next one does.
        week_day: 0 is Monday.
        suspect: whether the person's code is yellow or red.

    """
    begin(scene.stream, scene.habits["seed"], DAY, who["number"], day + 1)
    if not _live_away(scene, who, day, midnight_s, suspect):
        _live_here(scene, who, day, midnight_s, week_day, suspect)
    if uniform(scene.stream) < scene.habits["remote"]:
        _scan_a_picture(scene, midnight_s)
    away = scene.diary.state["place"] >= first_elsewhere(scene.town)
    stay(scene.diary, next_s, AT_OTHER_CITY if away else HOME)


@kernel
def _live_here(
    scene: Scene,
    who: Who,
    day: int,
    midnight_s: int,
    week_day: int,
    suspect: bool,
) -> None:
    """Live a day in the city, by what the person does."""
    role = who["role"]
    if suspect:
        _quarantine(scene, who, midnight_s)
    elif role == NIGHT_WORKER and (day + who["off"]) % 7 < 5:
        _night_shift(scene, who, midnight_s)
    elif role == WORKER and week_day < 5:
        _work(scene, who, day, midnight_s)
    elif role == PUPIL and who["work"] >= 0 and week_day < 5:
        _school(scene, who, midnight_s)
    else:
        _free(scene, who, day, midnight_s)


@kernel
def _scan_a_picture(scene: Scene, midnight_s: int) -> None:
    """Some time after coming home, or in the morning of a day at home, scan the poster of a place where one is not."""
    at = max(scene.diary.state["now"], midnight_s + 9 * 3600) + int(between(scene.stream, 300.0, 3_600.0))
    place = scene.town.errands[below(scene.stream, len(scene.town.errands))]
    note(scene.diary, at, place, scene.town.places[place]["gate"], ENTER, True, True, True)


@kernel
def _live_away(scene: Scene, who: Who, day: int, midnight_s: int, suspect: bool) -> bool:
    """Leave for another city, be there or come back, if a journey says so; with a bad code one does not leave."""
    for week in range(max(0, day // 7 - 1), day // 7 + 1):
        first, nights, city = journey(scene.town, scene.habits, who["number"], week)
        if nights == 0 or not first <= day <= first + nights:
            continue
        cities = first_elsewhere(scene.town)
        is_there = scene.diary.state["place"] >= cities
        if day == first and not suspect and not is_there:
            stay(scene.diary, _hour(scene.stream, midnight_s, TRAIN_H), HOME)
            leave_city(scene, cities + city)
            hotel = nearby(scene.stream, scene.town, here(scene.diary), 300.0, 800.0)
            travel(scene, scene.diary.state["place"], hotel, False)
            stay(scene.diary, midnight_s + DAY_S, AT_OTHER_CITY)
            return True
        if is_there and day == first + nights:
            stay(scene.diary, _hour(scene.stream, midnight_s, BACK_H), AT_OTHER_CITY)
            come_back(scene)
            _go_home(scene, who)
            return True
        if is_there:
            stay(scene.diary, midnight_s + DAY_S, AT_OTHER_CITY)
            return True
    return False


@kernel
def _work(scene: Scene, who: Who, day: int, midnight_s: int) -> None:
    """Go to work, perhaps out for lunch, perhaps to friends or on an errand on the way home."""
    leaves = _hour(scene.stream, midnight_s + int(who["late_h"] * 3600.0), _range(scene.habits["leave_home"]))
    stay(scene.diary, max(leaves, midnight_s + EARLIEST_S), HOME)
    travel(scene, who["work"], work_of(who), False)
    ends = scene.diary.state["now"] + _duration(scene.stream, _range(scene.habits["works_h"]))
    if uniform(scene.stream) < scene.habits["lunch_out"]:
        _lunch(scene, who, midnight_s)
    stay(scene.diary, ends, WORK)
    _evening(scene, who, day, midnight_s)
    _go_home(scene, who)


@kernel
def _evening(scene: Scene, who: Who, day: int, midnight_s: int) -> None:
    """After work: meet friends, go on an errand, or neither."""
    place = _friends_meet(scene.town, scene.habits, who, day)
    comes, errand = (
        uniform(scene.stream) < scene.habits["friends"],
        uniform(scene.stream) < scene.habits["evening_errand"],
    )
    if place >= 0 and comes and _stays_open(scene.town, place, scene.diary.state["now"] - midnight_s):
        _visit(scene, place, FRIENDS_STAY_H, False)
    elif errand:
        _errands(scene, midnight_s, False)


@kernel
def _free(scene: Scene, who: Who, day: int, midnight_s: int) -> None:
    """Stay at home, but for outings, and friends in the evening."""
    for index in range(len(scene.habits["outings"])):
        hours = scene.habits["outings"][index]
        if uniform(scene.stream) < scene.habits["outing"]:
            _go_out(scene, who, midnight_s, _hour(scene.stream, midnight_s, _range(hours)), False)
    place = _friends_meet(scene.town, scene.habits, who, day)
    if place >= 0 and uniform(scene.stream) < scene.habits["friends"]:
        stay(scene.diary, _hour(scene.stream, midnight_s, FRIENDS_MEET_H), HOME)
        if _stays_open(scene.town, place, scene.diary.state["now"] - midnight_s):
            _visit(scene, place, FRIENDS_STAY_H, False)
            _go_home(scene, who)


@kernel
def _school(scene: Scene, who: Who, midnight_s: int) -> None:
    """Go to school and home again."""
    _attend(scene, who, midnight_s, SCHOOL_LEAVES_H, SCHOOL_ENDS_H)
    _go_home(scene, who)


@kernel
def _night_shift(scene: Scene, who: Who, midnight_s: int) -> None:
    """Sleep by day, perhaps go on an errand in the afternoon, work until the next morning."""
    if uniform(scene.stream) < scene.habits["outing"] / 2.0:
        _go_out(scene, who, midnight_s, _hour(scene.stream, midnight_s, AFTERNOON_H), False)
    _attend(scene, who, midnight_s, NIGHT_LEAVES_H, NIGHT_ENDS_H)
    _go_home(scene, who)


@kernel
def _attend(
    scene: Scene, who: Who, midnight_s: int, leaves: tuple[float, float, float], ends: tuple[float, float, float]
) -> None:
    """Be at work or school between two hours."""
    stay(scene.diary, _hour(scene.stream, midnight_s, leaves), HOME)
    travel(scene, who["work"], work_of(who), False)
    stay(scene.diary, _hour(scene.stream, midnight_s, ends), WORK)


@kernel
def _quarantine(scene: Scene, who: Who, midnight_s: int) -> None:
    """Stay at home; now and then try to go out, and be sent back, or not."""
    if uniform(scene.stream) < scene.habits["breaks_quarantine"]:
        at = midnight_s + int(between(scene.stream, 10.0, 17.0) * 3600.0)
        _go_out(scene, who, midnight_s, at, True)


@kernel
def _go_out(scene: Scene, who: Who, midnight_s: int, at: int, suspect: bool) -> None:
    """Go on errands at a time, and home again."""
    stay(scene.diary, at, HOME)
    _errands(scene, midnight_s, suspect)
    if scene.diary.state["place"] != who["home"]:
        _go_home(scene, who)
