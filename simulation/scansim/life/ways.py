"""From place to place: out of one gate, on foot, by metro, by taxi or by train, and in at another gate.

Ways are straight lines; speeds are those along them.
"""

from numba import njit

from scansim.life.diary import ENTER, LEAVE, TRAVEL, Diary, add, note
from scansim.life.draws import Stream, below, uniform
from scansim.life.habits import Habits
from scansim.life.town import RAILWAY, Town, apart_m, between_m, gate_from
from scansim.life.who import members

WALK_M_S = 1.3  # comfortable walking speed
METRO_M_S = 9.0  # 32 km/h with stops, a usual figure for urban lines
DRIVE_M_S = 7.0  # 25 km/h, a taxi in town: an assumption
TRAIN_M_S = 50.0  # 180 km/h with stops, a fast train: an assumption
WALKABLE_M = 1_300.0  # people walk so far, to a place or to a station: an assumption
WAIT_S = (60, 300)  # for a metro: an assumption
TRAIN_WAIT_S = (1_200, 2_700)  # for a train: an assumption
QUEUE_S = (16, 40)  # at a gate where the code is scanned: an assumption


@njit(cache=True, error_model="numpy")
def go(town: Town, diary: Diary, latitude: float, longitude: float, speed_m_s: float, place: int) -> None:
    """Move straight on."""
    way_m = apart_m(town, diary.state["at"][0], diary.state["at"][1], latitude, longitude)
    add(diary, diary.state["now"] + max(1, int(way_m / speed_m_s + 0.5)), latitude, longitude, TRAVEL, place)


@njit(cache=True, error_model="numpy")
def wait(diary: Diary, seconds: int, place: int) -> None:
    """Stand for some time."""
    add(diary, diary.state["now"] + seconds, diary.state["at"][0], diary.state["at"][1], TRAVEL, place)


@njit(cache=True, error_model="numpy")
def _pass_gate(
    stream: Stream, town: Town, habits: Habits, diary: Diary, place: int, gate: int, direction: int, refusable: bool
) -> bool:
    """Pass a gate, where the code may be scanned and the person refused."""
    # All of it is drawn in any case, so that what guards do changes nothing else.
    checked = uniform(stream) < habits["chance"][direction, town.places[place]["category"]]
    queue_s, waved = QUEUE_S[0] + below(stream, QUEUE_S[1] - QUEUE_S[0] + 1), uniform(stream) < habits["waves"]
    second = diary.state["now"] % 86_400
    checked = checked and habits["hours_s"][0] <= second <= habits["hours_s"][1]
    admitted = not (checked and refusable) or waved
    note(diary, diary.state["now"] + (queue_s // 2 if checked else 0), place, gate, direction, checked, admitted, False)
    if checked:
        wait(diary, queue_s, place)
    return admitted


@njit(cache=True, error_model="numpy")
def _cover(stream: Stream, town: Town, habits: Habits, diary: Diary, start: int, gate: int, place: int, metro: bool) -> None:
    """Go from gate to gate."""
    latitude, longitude = town.gates[gate]
    way_m = apart_m(town, diary.state["at"][0], diary.state["at"][1], latitude, longitude)
    entry, leave = town.places[start]["station"], town.places[place]["station"]
    if way_m <= WALKABLE_M:
        go(town, diary, latitude, longitude, WALK_M_S, place)
    elif (
        metro
        and entry >= 0
        and entry != leave
        and between_m(town, start, entry) <= WALKABLE_M
        and between_m(town, place, leave) <= WALKABLE_M
    ):
        in_gate = gate_from(town, entry, diary.state["at"][0], diary.state["at"][1])
        go(town, diary, town.gates[in_gate, 0], town.gates[in_gate, 1], WALK_M_S, entry)
        _pass_gate(stream, town, habits, diary, entry, in_gate, ENTER, False)
        wait(diary, WAIT_S[0] + below(stream, WAIT_S[1] - WAIT_S[0] + 1), entry)
        out_gate = gate_from(town, leave, latitude, longitude)
        go(town, diary, town.gates[out_gate, 0], town.gates[out_gate, 1], METRO_M_S, leave)
        go(town, diary, latitude, longitude, WALK_M_S, place)
    else:
        go(town, diary, latitude, longitude, DRIVE_M_S, place)


@njit(cache=True, error_model="numpy")
def travel(
    stream: Stream, town: Town, habits: Habits, diary: Diary, place: int, latitude: float, longitude: float, suspect: bool
) -> bool:
    """Go to a position in a place. Tells whether the person was let in; if not, they stand at its gate.

    Somebody `suspect`, with a yellow or red code, may be refused, and takes no metro.
    """
    start = diary.state["place"]
    goal = gate_from(town, place, diary.state["at"][0], diary.state["at"][1])
    if diary.state["inside"]:
        out = gate_from(town, start, town.gates[goal, 0], town.gates[goal, 1])
        go(town, diary, town.gates[out, 0], town.gates[out, 1], WALK_M_S, start)
        _pass_gate(stream, town, habits, diary, start, out, LEAVE, False)
    _cover(stream, town, habits, diary, start, goal, place, not suspect)
    admitted = _pass_gate(stream, town, habits, diary, place, goal, ENTER, suspect)
    diary.state["place"], diary.state["inside"] = place, 1 if admitted else 0
    if admitted:
        go(town, diary, latitude, longitude, WALK_M_S, place)
    return admitted


@njit(cache=True, error_model="numpy")
def take_train(stream: Stream, town: Town, habits: Habits, diary: Diary, city: int) -> None:
    """Travel between this city and another: to the railway station, if there is one, and by train to the other's.

    `city` is the row of the other's station; -1 goes back.
    """
    railways = members(town, RAILWAY)
    if city >= 0:
        if len(railways):
            leaves = railways[below(stream, len(railways))]
            travel(stream, town, habits, diary, leaves, town.places[leaves]["latitude"], town.places[leaves]["longitude"], False)
        wait(diary, TRAIN_WAIT_S[0] + below(stream, TRAIN_WAIT_S[1] - TRAIN_WAIT_S[0]), diary.state["place"])
        arrives = city
    else:
        arrives = railways[below(stream, len(railways))] if len(railways) else members(town, 0)[0]
        start = diary.state["place"]
        go(town, diary, town.places[start]["latitude"], town.places[start]["longitude"], WALK_M_S, start)
        _pass_gate(stream, town, habits, diary, start, town.places[start]["gate"], ENTER, False)
        wait(diary, TRAIN_WAIT_S[0] + below(stream, TRAIN_WAIT_S[1] - TRAIN_WAIT_S[0]), start)
    go(town, diary, town.places[arrives]["latitude"], town.places[arrives]["longitude"], TRAIN_M_S, arrives)
    _pass_gate(stream, town, habits, diary, arrives, town.places[arrives]["gate"], LEAVE, False)
    diary.state["place"], diary.state["inside"] = arrives, 0
