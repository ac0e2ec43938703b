"""From place to place: out of one gate, on foot, by metro, by taxi or by train, and in at another gate.

Ways are straight lines; speeds are those along them.
"""

from scansim.life.columns import Point
from scansim.life.diary import ENTER, LEAVE, TRAVEL, Diary, add, here, note
from scansim.life.draws import Stream, below, kernel, small, uniform
from scansim.life.scene import Scene
from scansim.life.town import RAILWAY, STATION, apart_m, between_m, gate_from, gate_of, point_of
from scansim.life.who import members

WALK_M_S = 1.3  # comfortable walking speed
METRO_M_S = 9.0  # 32 km/h with stops, a usual figure for urban lines
DRIVE_M_S = 7.0  # 25 km/h, a taxi in town: an assumption
TRAIN_M_S = 50.0  # 180 km/h with stops, a fast train: an assumption
WALKABLE_M = 1_300.0  # people walk so far, to a place or to a station: an assumption
METRO_WAIT_S = (60, 300)  # an assumption
TRAIN_WAIT_S = (1_200, 2_700)  # an assumption
QUEUE_S = (16, 40)  # at a gate where the code is scanned: an assumption


@small
def go(scene: Scene, to: Point, speed_m_s: float, place: int) -> None:
    """Move straight on."""
    way_m = apart_m(scene.town, here(scene.diary), to)
    add(scene.diary, scene.diary.state["now"] + max(1, int(way_m / speed_m_s + 0.5)), to, TRAVEL, place)


@small
def wait(diary: Diary, seconds: int, place: int) -> None:
    """Stand for some time."""
    add(diary, diary.state["now"] + seconds, here(diary), TRAVEL, place)


@small
def seconds_of(stream: Stream, range_s: tuple[int, int]) -> int:
    """Draw a time to wait."""
    return range_s[0] + below(stream, range_s[1] - range_s[0] + 1)


@small
def _pass_gate(scene: Scene, place: int, gate: int, direction: int, refusable: bool) -> bool:
    """Pass a gate, where the code may be scanned and the person refused."""
    habits, now = scene.habits, scene.diary.state["now"]
    # All of it is drawn in any case, so that what guards do changes nothing else.
    checked = uniform(scene.stream) < habits["chance"][direction, scene.town.places[place]["category"]]
    queue_s, waved = seconds_of(scene.stream, QUEUE_S), uniform(scene.stream) < habits["waves"]
    checked = checked and habits["hours_s"][0] <= now % 86_400 <= habits["hours_s"][1]
    admitted = not (checked and refusable) or waved
    note(scene.diary, now + (queue_s // 2 if checked else 0), place, gate, direction, checked, admitted, False)
    if checked:
        wait(scene.diary, queue_s, place)
    return admitted


@kernel
def _cover(scene: Scene, start: int, gate: int, place: int, metro: bool) -> None:
    """Go from gate to gate."""
    town, goal = scene.town, gate_of(scene.town, gate)
    entry, leave = town.places[start]["station"], town.places[place]["station"]
    if apart_m(town, here(scene.diary), goal) <= WALKABLE_M:
        go(scene, goal, WALK_M_S, place)
    elif (
        metro
        and entry >= 0
        and entry != leave
        and between_m(town, start, entry) <= WALKABLE_M
        and between_m(town, place, leave) <= WALKABLE_M
    ):
        way_in = gate_from(town, entry, here(scene.diary))
        go(scene, gate_of(town, way_in), WALK_M_S, entry)
        _pass_gate(scene, entry, way_in, ENTER, False)
        wait(scene.diary, seconds_of(scene.stream, METRO_WAIT_S), entry)
        go(scene, gate_of(town, gate_from(town, leave, goal)), METRO_M_S, leave)
        go(scene, goal, WALK_M_S, place)
    else:
        go(scene, goal, DRIVE_M_S, place)


@kernel
def travel(scene: Scene, place: int, to: Point, suspect: bool) -> bool:
    """Go to a position in a place. Tells whether the person was let in; if not, they stand at its gate.

    Somebody `suspect`, with a yellow or red code, may be refused, and takes no metro.
    """
    town, state = scene.town, scene.diary.state
    start, goal = state["place"], gate_from(town, place, here(scene.diary))
    if state["inside"]:
        out = gate_from(town, start, gate_of(town, goal))
        go(scene, gate_of(town, out), WALK_M_S, start)
        _pass_gate(scene, start, out, LEAVE, False)
    _cover(scene, start, goal, place, not suspect)
    admitted = _pass_gate(scene, place, goal, ENTER, suspect)
    state["place"], state["inside"] = place, admitted
    if admitted:
        go(scene, to, WALK_M_S, place)
    return admitted


@kernel
def leave_city(scene: Scene, city: int) -> None:
    """Go to the railway station, if there is one, and by train to that of another city, a row of the town's places."""
    railways = members(scene.town, RAILWAY)
    if len(railways):
        station = railways[below(scene.stream, len(railways))]
        travel(scene, station, point_of(scene.town, station), False)
    _take_train(scene, city)


@kernel
def come_back(scene: Scene) -> None:
    """Go to the other city's station and by train to this city's, or to any metro station or place for want of one."""
    railways, station = members(scene.town, RAILWAY), scene.diary.state["place"]
    go(scene, point_of(scene.town, station), WALK_M_S, station)
    _pass_gate(scene, station, scene.town.places[station]["gate"], ENTER, False)
    if len(railways) == 0:
        railways = members(scene.town, STATION)
    _take_train(scene, railways[below(scene.stream, len(railways))] if len(railways) else 0)


@kernel
def _take_train(scene: Scene, to: int) -> None:
    """Wait for a train, and leave the station at which it arrives."""
    wait(scene.diary, seconds_of(scene.stream, TRAIN_WAIT_S), scene.diary.state["place"])
    go(scene, point_of(scene.town, to), TRAIN_M_S, to)
    _pass_gate(scene, to, scene.town.places[to]["gate"], LEAVE, False)
    scene.diary.state["place"], scene.diary.state["inside"] = to, False
