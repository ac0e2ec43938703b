"""One person's day, from where the last one ended: work, school, errands, friends, journeys, quarantine."""

import numpy as np
from numba import njit

from scansim.life.diary import AWAY as AT_OTHER_CITY
from scansim.life.diary import ENTER, ERRAND, HOME, MEMORY_PLACES, WORK, Diary, Records, add, note
from scansim.life.draws import Stream, begin, below, between, pick, triangular, uniform
from scansim.life.habits import Habits
from scansim.life.town import MALL, RESTAURANT, Town, between_m, first_elsewhere, is_open
from scansim.life.ways import WALKABLE_M, take_train, travel
from scansim.life.who import AWAY, DAY, FRIENDS, NIGHT_WORKER, PUPIL, WORKER, Who, members, nearby

DAY_S = 86_400
LUNCH_H, LUNCH_TAKES_H = (11.7, 12.8, 12.1), (0.4, 1.0, 0.7)  # assumptions, as all hours here
NIGHT_LEAVES_H, NIGHT_ENDS_H = (20.2, 21.3, 20.7), (30.2, 31.5, 30.8)
SCHOOL_LEAVES_H, SCHOOL_ENDS_H = (7.1, 7.8, 7.4), (15.8, 16.8, 16.2)
FRIENDS_MEET_H, FRIENDS_STAY_H = (18.8, 19.6, 19.2), (1.2, 2.6, 1.8)
TRAIN_H, BACK_H = (8.0, 12.0, 9.5), (13.0, 18.0, 16.0)
NIGHTS_AWAY = (1, 4)
STAYS_OPEN_S = 2_700  # a place is gone to if it is open so long after one has set out
HABITS_BEFORE = 14  # errands that made the habits with which the first day begins
_TRIES = 20


@njit(cache=True, error_model="numpy")
def settle(stream: Stream, town: Town, habits: Habits, who: Who, diary: Diary) -> None:
    """Begin a life: at home, at the first midnight, with the habits of the time before."""
    diary.state["segments"], diary.state["passages"] = 0, 0
    diary.state["now"] = 0
    diary.state["at"][0], diary.state["at"][1] = who["home_at"][0], who["home_at"][1]
    diary.state["place"], diary.state["inside"] = who["home"], 1
    memory = diary.state["memory"]
    memory["known"] = 0
    begin(stream, habits["seed"], DAY, who["number"], 0)
    for _ in range(HABITS_BEFORE):
        choose(stream, town, habits, memory, who["home"], DAY_S // 2)


@njit(cache=True, error_model="numpy")
def choose(stream: Stream, town: Town, habits: Habits, memory: Records, start: int, second_of_day: int) -> int:
    """Choose where to go on an errand, and remember it: explore or return. -1 where nothing is open."""
    known = memory["known"]
    if known == 0 or uniform(stream) < habits["rho"] * known ** (-habits["gamma"]):
        place = _explore(stream, town, start, second_of_day)
    else:
        place = _return(stream, town, memory, second_of_day)
    if place >= 0:
        _remember(memory, place)
    return place


@njit(cache=True, error_model="numpy")
def _explore(stream: Stream, town: Town, start: int, second_of_day: int) -> int:
    """Draw by gravity among what is open; -1 where hardly anything is."""
    for _ in range(_TRIES):
        place = town.errands[pick(stream, town.gravity[start])]
        if is_open(town, place, second_of_day) and is_open(town, place, second_of_day + STAYS_OPEN_S):
            return int(place)
    return -1


@njit(cache=True, error_model="numpy")
def _return(stream: Stream, town: Town, memory: Records, second_of_day: int) -> int:
    """Draw in proportion to past visits, among what is open."""
    total = 0
    for index in range(memory["known"]):
        if is_open(town, memory["place"][index], second_of_day + STAYS_OPEN_S):
            total += memory["visits"][index]
    drawn = below(stream, total)
    for index in range(memory["known"]):
        if is_open(town, memory["place"][index], second_of_day + STAYS_OPEN_S):
            drawn -= memory["visits"][index]
            if drawn < 0:
                return int(memory["place"][index])
    return -1


@njit(cache=True, error_model="numpy")
def _remember(memory: Records, place: int) -> None:
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


@njit(cache=True, error_model="numpy")
def _hour(stream: Stream, midnight_s: int, hours: tuple[float, float, float]) -> int:
    """Draw a time of the day."""
    return midnight_s + int(triangular(stream, hours[0], hours[1], hours[2]) * 3600.0)


@njit(cache=True, error_model="numpy")
def stay(diary: Diary, until: int, activity: int) -> None:
    """Remain where one is."""
    add(diary, until, diary.state["at"][0], diary.state["at"][1], activity, diary.state["place"])


@njit(cache=True, error_model="numpy")
def _go_home(stream: Stream, town: Town, habits: Habits, who: Who, diary: Diary) -> None:
    home = who["home_at"]
    travel(stream, town, habits, diary, who["home"], home[0], home[1], False)


@njit(cache=True, error_model="numpy")
def _visit(
    stream: Stream, town: Town, habits: Habits, diary: Diary, place: int, takes: tuple[float, float, float], suspect: bool
) -> bool:
    """Go somewhere and stay for some hours; tells whether one was let in."""
    latitude, longitude = nearby(stream, town, town.places[place]["latitude"], town.places[place]["longitude"], 20.0, 60.0)
    takes_s = int(triangular(stream, takes[0], takes[1], takes[2]) * 3600.0)
    admitted = travel(stream, town, habits, diary, place, latitude, longitude, suspect)
    if admitted:
        stay(diary, diary.state["now"] + takes_s, ERRAND)
    return admitted


@njit(cache=True, error_model="numpy")
def _errands(stream: Stream, town: Town, habits: Habits, diary: Diary, midnight_s: int, suspect: bool) -> None:
    """Go on one errand, or several one after the other."""
    takes = (habits["errand_takes_h"][0], habits["errand_takes_h"][1], habits["errand_takes_h"][2])
    while True:
        place = choose(stream, town, habits, diary.state["memory"], diary.state["place"], diary.state["now"] - midnight_s)
        if place < 0 or place == diary.state["place"]:
            break
        admitted = _visit(stream, town, habits, diary, place, takes, suspect)
        if not admitted or uniform(stream) > habits["second_errand"]:
            break


@njit(cache=True, error_model="numpy")
def _lunch(stream: Stream, town: Town, habits: Habits, who: Who, diary: Diary, midnight_s: int) -> None:
    """Eat out within walking distance of work and come back; stay in where there is nothing."""
    stay(diary, _hour(stream, midnight_s, LUNCH_H), WORK)
    for _ in range(16):
        places = members(town, RESTAURANT if uniform(stream) < 0.7 else MALL)
        if len(places) == 0:
            continue
        place = places[below(stream, len(places))]
        if between_m(town, who["work"], place) <= WALKABLE_M and is_open(town, place, diary.state["now"] - midnight_s):
            _visit(stream, town, habits, diary, place, LUNCH_TAKES_H, False)
            desk = who["work_at"]
            travel(stream, town, habits, diary, who["work"], desk[0], desk[1], False)
            break


@njit(cache=True, error_model="numpy")
def _friends_meet(town: Town, habits: Habits, who: Who, day: int) -> int:
    """Tell where a circle of friends meets this evening; -1 on the other days of the week."""
    stream = np.empty(1, np.uint64)
    begin(stream, habits["seed"], FRIENDS, who["friends"], day // 7)
    meets = below(stream, 7) == day % 7
    places = members(town, RESTAURANT if uniform(stream) < 0.6 else MALL)
    return int(places[below(stream, len(places))]) if meets and len(places) else -1


@njit(cache=True, error_model="numpy")
def journey(town: Town, habits: Habits, number: int, week: int) -> tuple[int, int, int]:
    """Tell a week's journey to another city: first day, nights, which city; nights are 0 where there is none."""
    stream = np.empty(1, np.uint64)
    begin(stream, habits["seed"], AWAY, number, week)
    travels = uniform(stream) < habits["away"]
    first, nights = below(stream, 7), NIGHTS_AWAY[0] + below(stream, NIGHTS_AWAY[1] - NIGHTS_AWAY[0] + 1)
    if not travels or len(town.elsewhere) == 0:
        return 0, 0, -1
    return 7 * week + first, nights, pick(stream, town.elsewhere)


@njit(cache=True, error_model="numpy")
def live_day(
    town: Town,
    habits: Habits,
    who: Who,
    diary: Diary,
    day: int,
    midnight_s: int,
    next_s: int,
    week_day: int,
    suspect: bool,
) -> None:
    """Live one day, from where the last one ended to the next midnight, or to the end of a night shift after it.

    Args:
        town: the city.
        habits: how people move.
        who: the person.
        diary: is written on in.
        day: number of the day, from 0.
        midnight_s: when it begins.
        next_s: when the next one does.
        week_day: 0 is Monday.
        suspect: whether the person's code is yellow or red.

    """
    stream = np.empty(1, np.uint64)
    begin(stream, habits["seed"], DAY, who["number"], day + 1)
    if not _live_away(stream, town, habits, who, diary, day, midnight_s, suspect):
        _live_here(stream, town, habits, who, diary, day, midnight_s, week_day, suspect)
    if uniform(stream) < habits["remote"]:
        _scan_a_picture(stream, town, diary, midnight_s)
    stay(diary, next_s, AT_OTHER_CITY if diary.state["place"] >= first_elsewhere(town) else HOME)


@njit(cache=True, error_model="numpy")
def _live_here(
    stream: Stream,
    town: Town,
    habits: Habits,
    who: Who,
    diary: Diary,
    day: int,
    midnight_s: int,
    week_day: int,
    suspect: bool,
) -> None:
    """Live a day in the city, by what the person does."""
    role = who["role"]
    if suspect:
        _quarantine(stream, town, habits, who, diary, midnight_s)
    elif role == NIGHT_WORKER and (day + who["off"]) % 7 < 5:
        _night_shift(stream, town, habits, who, diary, midnight_s)
    elif role == WORKER and week_day < 5:
        _work(stream, town, habits, who, diary, day, midnight_s)
    elif role == PUPIL and who["work"] >= 0 and week_day < 5:
        _school(stream, town, habits, who, diary, midnight_s)
    else:
        _free(stream, town, habits, who, diary, day, midnight_s)


@njit(cache=True, error_model="numpy")
def _scan_a_picture(stream: Stream, town: Town, diary: Diary, midnight_s: int) -> None:
    """Some time after coming home, or in the morning of a day at home, scan the poster of a place where one is not."""
    at = max(diary.state["now"], midnight_s + 9 * 3600) + int(between(stream, 300.0, 3_600.0))
    place = town.errands[below(stream, len(town.errands))]
    note(diary, at, place, town.places[place]["gate"], ENTER, True, True, True)


@njit(cache=True, error_model="numpy")
def _live_away(
    stream: Stream, town: Town, habits: Habits, who: Who, diary: Diary, day: int, midnight_s: int, suspect: bool
) -> bool:
    """Leave for another city, be there or come back, if a journey says so; with a bad code one does not leave."""
    for week in range(max(0, day // 7 - 1), day // 7 + 1):
        first, nights, city = journey(town, habits, who["number"], week)
        if nights == 0 or not first <= day <= first + nights:
            continue
        cities = first_elsewhere(town)
        is_there = diary.state["place"] >= cities
        if day == first and not suspect and not is_there:
            stay(diary, _hour(stream, midnight_s, TRAIN_H), HOME)
            take_train(stream, town, habits, diary, cities + city)
            hotel = nearby(stream, town, diary.state["at"][0], diary.state["at"][1], 300.0, 800.0)
            travel(stream, town, habits, diary, diary.state["place"], hotel[0], hotel[1], False)
            stay(diary, midnight_s + DAY_S, AT_OTHER_CITY)
            return True
        if is_there and day == first + nights:
            stay(diary, _hour(stream, midnight_s, BACK_H), AT_OTHER_CITY)
            take_train(stream, town, habits, diary, -1)
            _go_home(stream, town, habits, who, diary)
            return True
        if is_there:
            stay(diary, midnight_s + DAY_S, AT_OTHER_CITY)
            return True
    return False


@njit(cache=True, error_model="numpy")
def _work(stream: Stream, town: Town, habits: Habits, who: Who, diary: Diary, day: int, midnight_s: int) -> None:
    """Go to work, perhaps out for lunch, perhaps to friends or on an errand on the way home."""
    leave, works = habits["leave_home"], habits["works_h"]
    late_s = int(who["late_h"] * 3600.0)
    stay(diary, max(_hour(stream, midnight_s + late_s, (leave[0], leave[1], leave[2])), midnight_s + 7 * 3600), HOME)
    desk = who["work_at"]
    travel(stream, town, habits, diary, who["work"], desk[0], desk[1], False)
    ends = diary.state["now"] + int(triangular(stream, works[0], works[1], works[2]) * 3600.0)
    if uniform(stream) < habits["lunch_out"]:
        _lunch(stream, town, habits, who, diary, midnight_s)
    stay(diary, ends, WORK)
    _evening(stream, town, habits, who, diary, day, midnight_s)
    _go_home(stream, town, habits, who, diary)


@njit(cache=True, error_model="numpy")
def _evening(stream: Stream, town: Town, habits: Habits, who: Who, diary: Diary, day: int, midnight_s: int) -> None:
    """After work: meet friends, go on an errand, or neither."""
    place = _friends_meet(town, habits, who, day)
    comes, errand = uniform(stream) < habits["friends"], uniform(stream) < habits["evening_errand"]
    if place >= 0 and comes:
        _visit(stream, town, habits, diary, place, FRIENDS_STAY_H, False)
    elif errand:
        _errands(stream, town, habits, diary, midnight_s, False)


@njit(cache=True, error_model="numpy")
def _free(stream: Stream, town: Town, habits: Habits, who: Who, diary: Diary, day: int, midnight_s: int) -> None:
    """Stay at home, but for outings, and friends in the evening."""
    for index in range(len(habits["outings"])):
        hours = habits["outings"][index]
        if uniform(stream) < habits["outing"]:
            stay(diary, _hour(stream, midnight_s, (hours[0], hours[1], hours[2])), HOME)
            _errands(stream, town, habits, diary, midnight_s, False)
            if diary.state["place"] != who["home"]:
                _go_home(stream, town, habits, who, diary)
    place = _friends_meet(town, habits, who, day)
    if place >= 0 and uniform(stream) < habits["friends"]:
        stay(diary, _hour(stream, midnight_s, FRIENDS_MEET_H), HOME)
        _visit(stream, town, habits, diary, place, FRIENDS_STAY_H, False)
        _go_home(stream, town, habits, who, diary)


@njit(cache=True, error_model="numpy")
def _school(stream: Stream, town: Town, habits: Habits, who: Who, diary: Diary, midnight_s: int) -> None:
    """Go to school and home again."""
    stay(diary, _hour(stream, midnight_s, SCHOOL_LEAVES_H), HOME)
    seat = who["work_at"]
    travel(stream, town, habits, diary, who["work"], seat[0], seat[1], False)
    stay(diary, _hour(stream, midnight_s, SCHOOL_ENDS_H), WORK)
    _go_home(stream, town, habits, who, diary)


@njit(cache=True, error_model="numpy")
def _night_shift(stream: Stream, town: Town, habits: Habits, who: Who, diary: Diary, midnight_s: int) -> None:
    """Sleep by day, perhaps go on an errand in the afternoon, work until the next morning."""
    if uniform(stream) < habits["outing"] / 2.0:
        stay(diary, _hour(stream, midnight_s, (15.0, 16.5, 15.7)), HOME)
        _errands(stream, town, habits, diary, midnight_s, False)
        if diary.state["place"] != who["home"]:
            _go_home(stream, town, habits, who, diary)
    stay(diary, _hour(stream, midnight_s, NIGHT_LEAVES_H), HOME)
    desk = who["work_at"]
    travel(stream, town, habits, diary, who["work"], desk[0], desk[1], False)
    stay(diary, _hour(stream, midnight_s, NIGHT_ENDS_H), WORK)
    _go_home(stream, town, habits, who, diary)


@njit(cache=True, error_model="numpy")
def _quarantine(stream: Stream, town: Town, habits: Habits, who: Who, diary: Diary, midnight_s: int) -> None:
    """Stay at home; now and then try to go out, and be sent back, or not."""
    if uniform(stream) < habits["breaks_quarantine"]:
        stay(diary, midnight_s + int(between(stream, 10.0, 17.0) * 3600.0), HOME)
        _errands(stream, town, habits, diary, midnight_s, True)
        if diary.state["place"] != who["home"]:
            _go_home(stream, town, habits, who, diary)
