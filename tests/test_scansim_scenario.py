import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect
from scansim_builders import Tap, lived, rehearse, world

from scansim import SimulationError
from scansim.__main__ import main as simulate
from scansim.city import CITIES
from scansim.designs import DESIGNS
from scansim.life.habits import Checks, Moves, Phones
from scansim.life.population import scans
from scansim.scenario import DEFAULT, Scenario, load_scenario, shipped
from scansim.table import write_table
from scansim.world import World
from scantrail import schema
from scantrail.cli import cli
from scantrail.model import Request

# Mistakes

CATEGORIES = "station, railway, office, mall, restaurant, market, park, school, hospital, compound"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("peopel = 3", "peopel: no such key; did you mean people?"),
        ("[moves]\nwork_h = [8, 9, 8]", "moves.work_h: no such key; did you mean works_h?"),
        ("[phone]\nstale = 0.1", "phone: no such key; did you mean phones?"),
        ("[checks]\nx = 1", "checks.x: no such key; allowed are a_day, hours, enter, leave, waves, remote"),
        ('people = "three"', "people: Expected `int`, got `str`"),
        ("days = 1.5", "days: Expected `int`, got `float`"),
        ('first_day = "2020-02-17"', "first_day: Expected `date`, got `str`"),
        ("[moves]\nschools_open = 1", "moves.schools_open: Expected `bool`, got `int`"),
        ("people = 0", "people: Expected `int` >= 1"),
        ("days = 4000", "days: Expected `int` <= 3660"),
        ("seed = 9223372036854775808", "seed: Expected `int` <= 9223372036854775807"),
        ("first_day = 9999-12-31", "first_day: 9999-12-31 is not in the years 1970 to 2100"),
        ("[checks]\nwaves = 1.5", "checks.waves: Expected `float` <= 1.0"),
        ("[moves]\ngravity_m = inf", "moves.gravity_m: Expected `float` <= 1000000000.0"),
        ("[moves]\nrho = nan", "moves.rho: Expected `float` >= 0.0"),
        ("[moves.errands]\nmall = -1", "moves.errands[...]: Expected `float` >= 0.0"),
        ("[moves.errands]\npub = 1", f"moves.errands: 'pub' is not one of {CATEGORIES}"),
        ("[checks.enter]\npub = 1", f"checks.enter: 'pub' is not one of {CATEGORIES}"),
        ('city = "atlantis"', "city: no city 'atlantis': give a path, or one of hangzhou, yunlan"),
        ('design = "alipai"', f"design: 'alipai' is not one of {', '.join(DESIGNS)}"),
        ("people =", "no TOML: Invalid value (at end of document)"),
        ("people = 1\npeople = 2", "no TOML: Cannot overwrite a value (at end of document)"),
        ("[moves]\nleave_home = [9, 8, 7]", "moves.leave_home: [9.0, 8.0, 7.0] is not [least, most, most likely]"),
        ("[moves]\nworks_h = [9, 9, 9]", "moves.works_h: [9.0, 9.0, 9.0] is not [least, most, most likely]"),
        ("[moves]\noutings = [[9, 8, 7]]", "moves.outings: [9.0, 8.0, 7.0] is not [least, most, most likely]"),
        ("[moves]\nleave_home = [6, 9]", "moves.leave_home: Expected `array` of length 3, got 2"),
        ("[moves]\ncommute_m = [9, 1]", "moves.commute_m: [9.0, 1.0] is not [shortest, longest]"),
        ("[checks]\nhours = [20, 7]", "checks.hours: [20.0, 7.0] is not [from, to]"),
        ("[checks]\nhours = [7, 25]", "checks.hours[1]: Expected `float` <= 24.0"),
        ("[phones]\naccuracy_m = [30, 12]", "phones.accuracy_m: [30.0, 12.0] is not [least, most]"),
        ("[households]\nsizes = [0, 0]", "households.sizes: at least one size must have a weight"),
        ("[moves]\nerrands = {}", "moves.errands: at least one category must have a weight"),
        ("moves = 3", "moves: Expected a table, got `int`"),
        ("[[moves]]\nrho = 1", "moves: Expected a table, got `array`"),
    ],
)  # fmt: skip
def test_a_mistake_gives_one_line_with_file_key_and_what_is_allowed(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(content)
    with pytest.raises(SimulationError) as caught:
        load_scenario(str(path))
    assert str(caught.value) == f"{path}: {says}"


def test_a_missing_scenario_is_named_with_those_that_there_are() -> None:
    names = ", ".join(shipped())
    with pytest.raises(SimulationError, match=f"^no scenario 'nowhere': give a path, or one of {names}$"):
        load_scenario("nowhere")


def test_the_command_tells_a_mistake_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("peopel = 3")
    for more in ([], ["--table"]):
        done = CliRunner().invoke(
            simulate, ["--scenario", str(tmp_path / "mine.toml"), "-o", str(tmp_path / "o"), *more]
        )
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
        assert done.stderr.endswith("mine.toml: peopel: no such key; did you mean people?\n")
    assert not (tmp_path / "o").exists()


# What is chosen counts


def test_a_scenario_of_three_lines_has_defaults_for_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('city = "yunlan"\npeople = 5\nchecks = { a_day = 3 }\n')
    scenario, city = load_scenario(str(path))
    assert (city.english, scenario) == ("Yunlan", Scenario(city="yunlan", people=5, checks=Checks(a_day=3.0)))


def test_options_count_instead_of_what_the_file_says(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('people = 5\ndays = 2\ndesign = "luca"\n')
    scenario, _ = load_scenario(str(path), people=3, design="nhs", checks=Checks(waves=0.5))
    assert (scenario.people, scenario.days, scenario.design) == (3, 2, "nhs")
    assert scenario.checks == Checks(waves=0.5)
    with pytest.raises(SimulationError, match=r"^people: Expected `int` >= 1$"):
        load_scenario(str(path), people=0)
    with pytest.raises(SimulationError, match=r"^seed: Expected `int` <= "):
        load_scenario(str(path), seed=2**63)


def test_a_city_is_looked_for_beside_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('city = "town.toml"')
    (tmp_path / "town.toml").write_bytes((CITIES / "yunlan.toml").read_bytes())
    assert load_scenario(str(tmp_path / "mine.toml"))[1].english == "Yunlan"


TEXT = st.text("abc xyz./", max_size=9)


def values(kind: inspect.Type) -> st.SearchStrategy[Any]:
    """Values of a type within its bounds; nothing of a type that is not known here."""
    match kind:
        case inspect.TupleType():
            return st.tuples(*map(values, kind.item_types))
        case inspect.VarTupleType():
            return st.lists(values(kind.item_type), max_size=4)
        case inspect.DictType():
            return st.dictionaries(values(kind.key_type), values(kind.value_type), max_size=3)
        case inspect.StructType():
            found = {field.encode_name: values(field.type) for field in kind.fields}
            known = {name: one for name, one in found.items() if not one.is_empty}
            return st.fixed_dictionaries({}, optional=known)
    return scalars(kind)


def scalars(kind: inspect.Type) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType():
            return st.integers(kind.ge, kind.le)
        case inspect.FloatType():
            low = kind.gt if kind.ge is None else kind.ge
            return st.floats(low, kind.le, exclude_min=kind.ge is None, allow_nan=False)
        case inspect.StrType():
            return TEXT
        case inspect.DateType():
            return st.dates()
        case inspect.LiteralType():
            return st.sampled_from(kind.values)
    return st.nothing()


def toml(value: object) -> str:
    match value:
        case bool() | str():
            return json.dumps(value)
        case date():
            return value.isoformat()
        case dict():
            return f"{{ {', '.join(f'{name} = {toml(one)}' for name, one in value.items())} }}"
        case list() | tuple():
            return f"[{', '.join(map(toml, value))}]"
    return repr(value)


ANY = values(inspect.type_info(Scenario))


@settings(deadline=None, max_examples=300)
@given(
    ANY,
    st.sampled_from([None, "hangzhou", "yunlan"]),
    st.sampled_from([None, *DESIGNS]),
)
def test_any_values_within_bounds_load_or_give_one_line(
    tmp_path_factory: pytest.TempPathFactory, scenario: dict[str, Any], city: str | None, design: str | None
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    scenario |= {"city": city} if city else {}
    scenario |= {"design": design} if design else {}
    path.write_text("".join(f"{name} = {toml(value)}\n" for name, value in scenario.items()))
    loaded = load_or_line(path)
    if isinstance(loaded, str):
        assert loaded.startswith(f"{path}: ")
        assert "\n" not in loaded
    else:
        said = msgspec.to_builtins(loaded)
        assert all(said[name] == scenario[name] for name in ("people", "seed", "days", "about") if name in scenario)


def load_or_line(path: Path) -> Scenario | str:
    try:
        return load_scenario(str(path))[0]
    except SimulationError as error:
        return str(error)


# Shipped scenarios


@pytest.mark.parametrize("name", shipped())
def test_a_day_of_two_people_can_be_lived_with_every_shipped_scenario(name: str) -> None:
    here = World.of(*load_scenario(name, days=1, people=2))
    requests = sum(len(live(here, number).kept) for number in (1, 2))
    assert requests > 20
    assert len(load_scenario(name)[0].about) > 20


def test_shipped_scenarios_are_what_they_say() -> None:
    assert {DEFAULT, "yunlan-class", "imperfect-phones", "remote-posters"} <= set(shipped())
    chosen = {name: load_scenario(name)[0] for name in shipped()}
    assert chosen[DEFAULT] == Scenario(about=chosen[DEFAULT].about)
    yunlan, default = chosen["yunlan-class"], chosen[DEFAULT]
    assert (yunlan.city, yunlan.people) == ("yunlan", 12)
    assert yunlan.checks.a_day > default.checks.a_day
    remote = chosen["remote-posters"]
    assert (remote.design, remote.checks.remote) == ("place-code", 0.1)
    phones = chosen["imperfect-phones"].phones
    assert phones.radios
    assert all((phones.stale, phones.no_fix, phones.shared, phones.replaced, phones.reset))


# Phones


def live(here: World, number: int) -> Tap:
    """Live all days with the apps that the person installs, and keep what they send."""
    tap, life = Tap(here.design.server(here.setting)), here.life(number)

    async def run() -> None:
        for day in range(here.days.days):
            await life.live(tap.connect, day)

    asyncio.run(run())
    assert life.requests == len(tap.kept)
    return tap


def test_families_share_a_phone() -> None:
    society = world(phones=Phones(shared=1.0))
    apart = world()
    devices, own = ({n: one.life(n).person.device for n in range(1, 121)} for one in (society, apart))
    households = {n: society.life(n).resident.household for n in range(1, 121)}
    shared = [n for n, (_, member) in households.items() if member > 1]
    assert len(shared) > 20
    assert len({device.utdid for device in own.values()}) == 120
    for number, (household, member) in households.items():
        assert devices[number] == (devices[household + 1] if member > 1 else own[number])
    some = world(phones=Phones(shared=0.5))
    share = sum(some.life(n).person.device != own[n] for n in shared) / len(shared)
    assert 0.2 < share < 0.8


def test_the_servers_are_told_one_device_by_two_people_of_a_household() -> None:
    society = world(phones=Phones(shared=1.0), days=1)
    child = next(n for n in range(1, 61) if society.life(n).resident.household[1] == 2)
    head = society.life(child).resident.household[0] + 1
    told = [{device for _, device in device_ids(live(society, number).kept)} for number in (head, child)]
    assert told[0] == told[1]
    assert len(told[0]) == 1


def device_ids(requests: list[Request]) -> Iterator[tuple[datetime, str]]:
    """The identifiers that the super-app's weather carries, in order."""
    for request in requests:
        for name, value in request.headers:
            if name == "x-utdid":
                yield request.at, value


@pytest.mark.parametrize("kind", ["replaced", "reset"])
def test_another_identifier_from_one_day_on_and_signing_in_again(kind: str) -> None:
    society = world(days=4, phones=msgspec.structs.replace(Phones(), **{kind: 1.0}))
    days = set()
    for number in range(1, 9):
        one = lived(society, number)
        starts, sign_ups = ([e.at for e in one.happened if e.name == name] for name in ("app start", "sign-up"))
        assert (len(starts), len(sign_ups)) == (2, 2)
        assert starts[1] < sign_ups[1] < starts[1] + timedelta(minutes=5)
        days.add((starts[1] - society.days.start).days)
        assert len(set(one.life.devices)) == 2
        before, after = society.life(number).person.device, one.life.person.device
        assert [before.utdid, after.utdid] == one.life.devices
        assert (before.imei == after.imei) == (before == replace(after, utdid=before.utdid)) == (kind == "reset")
    assert len(days) > 1
    assert days <= {1, 2, 3}


@pytest.mark.parametrize("kind", ["replaced", "reset"])
def test_the_servers_are_told_the_new_identifier_and_the_old_one_no_more(kind: str) -> None:
    society = world(days=4, phones=msgspec.structs.replace(Phones(), **{kind: 1.0}))
    again = [event.at for event in lived(society, 1).happened if event.name == "app start"][1]
    told = list(device_ids(live(society, 1).kept))
    before, after = ({device for at, device in told if (at < again) is early} for early in (True, False))
    assert len(before) == len(after) == 1
    assert before != after


def test_nobody_gets_another_phone_unless_the_scenario_says_so() -> None:
    assert all(len(lived(world(), number).life.devices) == 1 for number in range(1, 20))
    society = world(phones=Phones(replaced=0.3, reset=0.3))
    devices = [len(lived(society, number).life.devices) for number in range(1, 60)]
    assert {1, 2, 3} == set(devices)


@pytest.mark.parametrize("radios", [True, False])
def test_radios_are_sent_where_there_is_no_position(radios: bool) -> None:
    here = world(days=3, phones=Phones(radios=radios, no_fix=0.5, no_fix_indoors=0.5))
    analysis = rehearse("alipay", lived(here, 1)).analysed(here.city)
    told: dict[str, set[Request]] = {"wifi": set(), "cell": set(), "position": set()}
    for disclosure in analysis.disclosures:
        if disclosure.kind in told:
            told[disclosure.kind].add(disclosure.request)
    assert told["position"]
    assert bool(told["wifi"]) is bool(told["cell"]) is radios
    assert not (told["wifi"] | told["cell"]) & told["position"]


@pytest.mark.parametrize("design", DESIGNS)
def test_every_design_copes_with_imperfect_phones_of_travellers(design: str) -> None:
    phones = Phones(radios=True, no_fix=0.4, no_fix_indoors=0.6, stale=0.3, shared=1.0, replaced=1.0, reset=1.0)
    here = world(design=design, days=4, phones=phones, checks=Checks(a_day=4.0, remote=0.3), moves=Moves(away=1.0))
    assert all(len(live(here, number).kept) > 20 for number in range(1, 6))
    scanned = [scan.place for number in range(1, 6) for scan in lived(here, number).week.scans]
    assert any(place.adcode not in here.city.districts for place in scanned), "somebody is scanned in another city"


@cache
def posters() -> tuple[World, list[tuple[bool, Request]]]:
    """Scans of place codes: whether each is of a picture, and what was sent."""
    here = world(checks=Checks(a_day=4.0, remote=0.5))
    found: list[tuple[bool, Request]] = []
    for number in range(1, 9):
        one = lived(here, number)
        sent = rehearse("place-code", one).sent_at("scan")
        found += zip((scan.remote for scan in one.week.scans), sent, strict=True)
    return here, found


def test_a_scan_from_afar_looks_as_any_other_to_a_place_code() -> None:
    _, found = posters()
    looks: dict[bool, set[tuple[object, ...]]] = {True: set(), False: set()}
    for remote, request in found:
        body = json.loads(request.body)
        headers = tuple((name, re.sub(r"SIM-\w+|^\d+$", "", value)) for name, value in request.headers)
        shape = tuple((name, re.sub(r"\d", "0", str(value))) for name, value in body.items())
        looks[remote].add((request.method, request.url, headers, shape))
    assert looks[True] == looks[False]
    assert {remote for remote, _ in found} == {True, False}


# Tables


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scans") / "made"
    summary = write_table(folder, scenario="imperfect-phones", people=40, days=3)
    assert (summary.people, summary.days) == (40, 3)
    assert summary.scans == sum(pq.read_metadata(path).num_rows for path in folder.iterdir())
    return folder


def test_rows_of_a_table_are_positionfixes(table: Path) -> None:
    rows = pd.read_parquet(table)
    fixes = schema.POSITIONFIXES.frame(rows)
    assert set(fixes.columns) == set(rows.columns) - {"accuracy_m"}
    assert str(rows["tracked_at"].dtype) == "datetime64[us, UTC]"
    assert fixes["user_id"].between(1, 40).all()
    assert rows.equals(rows.sort_values(["user_id", "tracked_at"], kind="stable"))
    start = datetime(2020, 2, 16, 16, tzinfo=UTC)
    assert rows["tracked_at"].between(start, start + timedelta(days=3), inclusive="left").all()
    assert 0 < rows["latitude"].isna().mean() < 0.7
    assert (rows["latitude"].isna() == rows["longitude"].isna()).all()
    assert set(rows["place_id"]) <= {place.id for place in world().city.all_places}


def test_a_table_has_the_scans_of_the_same_people(table: Path) -> None:
    here = World.of(*load_scenario("imperfect-phones", days=3))
    made = next(iter(scans(here.society, 40)))
    rows = pd.read_parquet(table)
    assert rows["user_id"].tolist() == made["number"].tolist()
    assert rows["latitude"].dropna().tolist() == [value for value in made["latitude"].tolist() if value == value]


def test_a_table_is_repeatable_and_parts_are_of_any_size(table: Path, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("scansim.table.FILE_ROWS", 50)
    monkeypatch.setattr("scansim.life.population.CHUNK", 7)
    told: list[float] = []
    write_table(tmp_path / "again", scenario="imperfect-phones", people=40, days=3, progress=told.append)
    names = sorted(path.name for path in (tmp_path / "again").iterdir())
    assert names == [f"scans-{number:03}.parquet" for number in range(len(names))]
    assert len(names) > 2
    again = pd.concat([pd.read_parquet(tmp_path / "again" / name) for name in names], ignore_index=True)
    pd.testing.assert_frame_equal(again.astype({"place_id": str}), pd.read_parquet(table).astype({"place_id": str}))
    assert told == sorted(told)
    assert told[-1] == 1


def test_a_history_is_made_of_a_table(table: Path, tmp_path: Path) -> None:
    options = ["history", str(table), "--tz", "Asia/Shanghai", "-o", str(tmp_path / "history"), "--json"]
    done = CliRunner().invoke(cli, options)
    assert done.exit_code == 0, done.output
    counts = {row["table"]: row["rows"] for row in map(json.loads, done.stdout.splitlines())}
    assert counts["anchors"] > 0
    assert counts["locations"] > 0


def test_a_folder_that_is_not_empty_is_refused_without_force(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    options = ["--table", "--people", "5", "--days", "1", "--json", "-o", str(folder)]
    first = CliRunner().invoke(simulate, options)
    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout)["people"] == 5
    (folder / "notes.txt").write_text("mine")
    again = CliRunner().invoke(simulate, options)
    assert (again.exit_code, again.stderr) == (
        2, f"scansim: {folder} is not empty: name another folder, or use --force\n",
    )  # fmt: skip
    (folder / "scans-007.parquet").write_bytes(b"of an earlier, larger table")
    assert CliRunner().invoke(simulate, [*options, "--force"]).exit_code == 0
    assert {path.name for path in folder.iterdir()} == {"scans-000.parquet", "notes.txt"}


def test_a_table_has_no_phones(tmp_path: Path) -> None:
    options = ["--table", "--phone", "chromium", "-o", str(tmp_path / "made")]
    done = CliRunner().invoke(simulate, options)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "leave out --phone chromium" in done.stderr
