"""Histories in the formats of other programs, read back by programs that others wrote."""

import csv
import json
import sys
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from golden import CAPTURE, scantrail
from mobility_builders import HOME, WORK, Position, make_fixes, together

import scantrail as package
from scantrail import export, interop
from scantrail.export.sheets import defused
from scantrail.history import History, reconstruct
from scantrail.schema import POSITIONFIXES

NASTY = "<b>&\"'\x00\x1b]]>\ud800=1"
GONE = "<b>&\"'\ufffd\ufffd]]>\ufffd=1"
OF_HISTORIES = sorted(set(export.FORMATS) - {export.HAR})


def a_history(fixes: pd.DataFrame | None = None) -> History:
    return reconstruct(make_fixes([]) if fixes is None else fixes, tz="Asia/Shanghai")


def days(user: str = "s1", home: Position = HOME, work: Position = WORK) -> pd.DataFrame:
    """Five days at home and at work."""
    times = [("07:30", home), ("09:10", work), ("18:00", work), ("20:00", home)]
    fixes = [(f"{day} {time}", place) for day in ("Mon", "Tue", "Wed", "Thu", "Fri") for time, place in times]
    return make_fixes(fixes, user_id=user)


def golden() -> History:
    return package.analyse(CAPTURE).history


HISTORIES: dict[str, Callable[[], History]] = {
    "empty": a_history,
    "one row": lambda: a_history(make_fixes([("08:00", HOME)])),
    "two people": lambda: a_history(together(days(), days("s2", WORK, HOME))),
    "golden": golden,
}


@pytest.fixture(params=HISTORIES, scope="module")
def history(request: pytest.FixtureRequest) -> History:
    return HISTORIES[request.param]()


def written(history: History, name: str, folder: Path) -> Path:
    path = folder / f"{name}.out"
    export.write(history, name, path)
    assert path.is_file() == (export.FORMATS[name].shape == "file")
    return path


def geo(path: Path, layer: str | None = None) -> Any:
    """What GDAL reads."""
    import geopandas

    with warnings.catch_warnings(action="ignore"):
        return geopandas.read_file(path, engine="pyogrio", layer=layer) if layer else geopandas.read_file(path)


def ends(table: pd.DataFrame) -> list[tuple[float, float]]:
    return list(zip(table["longitude"], table["latitude"], strict=True))


# GeoJSON


def test_geojson_has_a_feature_for_each_row(history: History, tmp_path: Path) -> None:
    document = json.loads(written(history, "geojson", tmp_path).read_text("utf-8"))
    assert document["type"] == "FeatureCollection"
    of_table: dict[str, list[dict[str, Any]]] = {}
    for feature in document["features"]:
        of_table.setdefault(feature["properties"]["table"], []).append(feature)
    for name in ("positionfixes", "staypoints", "locations", "trips", "anchors"):
        assert len(of_table.get(name, ())) == len(history.tables[name])
    fixes = of_table.get("positionfixes", [])
    assert [tuple(fix["geometry"]["coordinates"]) for fix in fixes] == ends(history.positionfixes)
    times = [datetime.fromisoformat(fix["properties"]["tracked_at"]) for fix in fixes]
    assert times == list(history.positionfixes["tracked_at"])
    assert all(fix["properties"]["tracked_at"].endswith("Z") for fix in fixes)


def test_geojson_is_read_by_geopandas(tmp_path: Path) -> None:
    history = HISTORIES["two people"]()
    read = geo(written(history, "geojson", tmp_path))
    assert read.crs == "EPSG:4326"
    places = read[read["table"] == "locations"].geometry
    assert list(zip(places.x, places.y, strict=True)) == ends(history.locations)
    assert set(read[read["table"] == "trips"].geometry.geom_type) == {"LineString"}
    assert set(read[read["table"] == "anchors"]["purpose"]) == {"home", "work"}


def test_a_trip_over_the_180th_meridian_is_cut_in_two(tmp_path: Path) -> None:
    fixes = make_fixes([("Mon 08:00", (-16.0, 179.0)), ("Tue 20:00", (-18.0, -179.0))])
    document = json.loads(written(a_history(fixes), "geojson", tmp_path).read_text())
    (trip,) = [feature["geometry"] for feature in document["features"] if feature["properties"]["table"] == "trips"]
    assert trip["type"] == "MultiLineString"
    assert trip["coordinates"] == [[[179.0, -16.0], [180.0, -17.0]], [[-180.0, -17.0], [-179.0, -18.0]]]


def test_what_is_not_on_the_earth_has_no_geometry(tmp_path: Path) -> None:
    fixes = make_fixes([("08:00", (95.0, 200.0)), ("09:00", HOME)])
    history = a_history(fixes)
    document = json.loads(written(history, "geojson", tmp_path).read_text())
    of_fixes = [feature for feature in document["features"] if feature["properties"]["table"] == "positionfixes"]
    assert [feature["geometry"] is None for feature in of_fixes] == [True, False]
    assert of_fixes[0]["properties"]["doubt"] == "position"
    assert 'lon="200' not in written(history, "gpx", tmp_path).read_text()


# GPX


def test_gpx_is_read_by_gpxpy_and_by_gdal(history: History, tmp_path: Path) -> None:
    import gpxpy

    path = written(history, "gpx", tmp_path)
    read = gpxpy.parse(path.read_text("utf-8"))
    believed = history.believed.dropna(subset=["latitude"])
    points = [point for track in read.tracks for segment in track.segments for point in segment.points]
    assert len(points) == len(believed)
    for user, track in zip(dict.fromkeys(believed["user_id"]), read.tracks, strict=True):
        own = believed[believed["user_id"] == user].sort_values("tracked_at")
        found = track.segments[0].points
        assert track.name == user
        assert [(point.longitude, point.latitude) for point in found] == ends(own)
        assert [point.time.astimezone(UTC) for point in found if point.time] == list(own["tracked_at"])
    assert len(read.waypoints) == len(history.locations) + len(history.anchors)
    if len(believed):
        assert len(geo(path, "track_points")) == len(believed)


# KML


def test_kml_is_read_by_gdal(history: History, tmp_path: Path) -> None:
    import pyogrio

    path = written(history, "kml", tmp_path)
    if history.positionfixes.empty:
        assert ET.parse(path).getroot().tag.endswith("}kml")  # noqa: S314 - we have written it
        return
    assert [name for name, _ in pyogrio.list_layers(path)] == sorted(set(history.positionfixes["user_id"]))
    read = geo(path, history.positionfixes["user_id"][0])
    own = history.locations[history.locations["user_id"] == history.positionfixes["user_id"][0]]
    (places,) = [read[read["Name"].str.startswith("location")].geometry]
    assert list(zip(places.x, places.y, strict=True)) == ends(own)


def test_kml_has_the_times_of_a_track(history: History, tmp_path: Path) -> None:
    root = ET.parse(written(history, "kml", tmp_path)).getroot()  # noqa: S314
    spaces = {"kml": "http://www.opengis.net/kml/2.2", "gx": "http://www.google.com/kml/ext/2.2"}
    believed = history.believed.dropna(subset=["latitude"]).sort_values(["user_id", "tracked_at"], kind="stable")
    whens = [datetime.fromisoformat(when.text or "") for when in root.iterfind(".//gx:Track/kml:when", spaces)]
    assert whens == list(believed["tracked_at"])
    coords = [(coord.text or "").split() for coord in root.iterfind(".//gx:Track/gx:coord", spaces)]
    assert [(float(east), float(north)) for east, north, *_ in coords] == ends(believed)
    spans = root.findall(".//kml:TimeSpan", spaces)
    assert len(spans) == len(history.staypoints) + len(history.trips) + len(history.anchors)


# Tables


def test_csv_has_the_columns_and_rows_of_each_table(history: History, tmp_path: Path) -> None:
    folder = written(history, "csv", tmp_path)
    assert {file.stem for file in folder.iterdir()} == set(history.tables)
    for name, table in history.tables.items():
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        assert header == list(table.columns)
        assert len(rows) == len(table)
    read = pd.read_csv(folder / "positionfixes.csv")
    assert ends(read) == ends(history.positionfixes)
    assert pd.to_datetime(read["tracked_at"], format="ISO8601").tolist() == history.positionfixes["tracked_at"].tolist()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "＝1", '=HYPERLINK("x")'])
def test_formulas_are_defused(text: str) -> None:
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("text", ["a=1", "1-2", "杭州市", "'=1", ""])
def test_other_text_is_left_alone(text: str) -> None:
    assert defused(text) == text


def test_geoparquet_is_read_by_geopandas_and_by_us(history: History, tmp_path: Path) -> None:
    import geopandas

    folder = written(history, "geoparquet", tmp_path)
    for name in ("positionfixes", "places", "staypoints", "locations", "trips", "anchors"):
        read = geopandas.read_parquet(folder / f"{name}.parquet")
        assert (read.crs, len(read)) == ("EPSG:4326", len(history.tables[name]))
        pd.testing.assert_frame_equal(interop.from_geoparquet(folder / f"{name}.parquet"), history.tables[name])
    trips = geopandas.read_parquet(folder / "trips.parquet")
    for line, origin in zip(trips.geometry, history.trips["origin_staypoint_id"], strict=True):
        assert line.coords[0] == ends(history.staypoints)[origin]


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # trackintel uses it
def test_trackintel_reads_its_files(tmp_path: Path) -> None:
    import trackintel

    history = HISTORIES["two people"]()
    folder = written(history, "trackintel", tmp_path)
    fixes = trackintel.read_positionfixes_csv(folder / "positionfixes.csv", index_col="id", crs="EPSG:4326")
    assert list(zip(fixes.geometry.x, fixes.geometry.y, strict=True)) == ends(history.positionfixes)
    assert list(fixes["tracked_at"]) == list(history.positionfixes["tracked_at"])
    stays = trackintel.read_staypoints_csv(folder / "staypoints.csv", index_col="id", crs="EPSG:4326")
    assert list(zip(stays.geometry.x, stays.geometry.y, strict=True)) == ends(history.staypoints)
    assert list(stays["started_at"]) == list(history.staypoints["started_at"])
    places = trackintel.read_locations_csv(folder / "locations.csv", index_col="id", crs="EPSG:4326")
    assert len(places) == len(history.locations)
    trips = trackintel.read_trips_csv(folder / "trips.csv", index_col="id")
    assert list(trips["origin_staypoint_id"]) == list(history.trips["origin_staypoint_id"])


def test_trackintel_has_files_of_any_history(history: History, tmp_path: Path) -> None:
    folder = written(history, "trackintel", tmp_path)
    for name in ("positionfixes", "staypoints", "locations", "trips"):
        assert len(pd.read_csv(folder / f"{name}.csv", index_col="id")) == len(history.tables[name])


# Timeline


def test_a_timeline_has_the_segments_of_a_subject(history: History, tmp_path: Path) -> None:
    folder = written(history, "timeline", tmp_path)
    users = list(dict.fromkeys(history.positionfixes["user_id"]))
    assert sorted(file.name for file in folder.iterdir()) == sorted(f"{user}.json" for user in users)
    for user in users:
        document = json.loads((folder / f"{user}.json").read_text("utf-8"))
        segments = document["semanticSegments"]
        visits = [segment["visit"] for segment in segments if "visit" in segment]
        activities = [segment["activity"] for segment in segments if "activity" in segment]
        assert len(visits) == (history.staypoints["user_id"] == user).sum()
        assert len(activities) == (history.trips["user_id"] == user).sum()
        path = [point for segment in segments for point in segment.get("timelinePath", ())]
        assert len(path) == (history.believed["user_id"] == user).sum()
        starts = [datetime.fromisoformat(segment["startTime"]) for segment in segments]
        assert starts == sorted(starts)
        assert all(start.utcoffset() is not None for start in starts)
        latitude, longitude = path[0]["point"].removesuffix("°").split("°, ")
        first = history.believed[history.believed["user_id"] == user].iloc[0]
        assert (float(latitude), float(longitude)) == pytest.approx((first["latitude"], first["longitude"]), abs=1e-6)


def test_a_timeline_tells_home_and_work_with_their_probabilities(tmp_path: Path) -> None:
    history = a_history(days())
    document = json.loads((written(history, "timeline", tmp_path) / "s1.json").read_text("utf-8"))
    visits = [segment["visit"]["topCandidate"] for segment in document["semanticSegments"] if "visit" in segment]
    told = {(visit["semanticType"], visit["probability"]) for visit in visits}
    anchors = history.anchors.set_index("purpose")["probability"]
    assert told == {("INFERRED_HOME", anchors["home"]), ("INFERRED_WORK", anchors["work"])}
    assert {place["label"] for place in document["userLocationProfile"]["frequentPlaces"]} == {"HOME", "WORK"}


# What is hostile, and what cannot be written


@pytest.mark.parametrize("name", OF_HISTORIES)
def test_hostile_text_does_no_harm(name: str, tmp_path: Path) -> None:
    nasty = NASTY.replace("\ud800", "")  # pandas has no lone surrogates in its text
    fixes = days().assign(user_id=nasty, place_id=pd.Series([f"={nasty}"] * 20, dtype="str"))
    path = written(a_history(POSITIONFIXES.frame(fixes)), name, tmp_path)
    for file in [path] if path.is_file() else path.iterdir():
        if file.suffix == ".parquet":
            continue
        text = file.read_text("utf-8")
        assert not set(text) & {"\x00", "\x1b"}
        if name in ("gpx", "kml"):
            ET.fromstring(text)  # noqa: S314
            assert "<b>" not in text
        elif name in ("geojson", "timeline"):
            json.loads(text)
        else:
            assert not any(cell.startswith("=") for row in csv.reader(text.splitlines()) for cell in row)


def test_control_characters_are_replaced_in_xml() -> None:
    from scantrail.export.features import xml_text

    assert xml_text(NASTY) == GONE
    assert xml_text("杭州\t\n𝄞") == "杭州\t\n𝄞"


def test_file_names_are_made_of_subjects_but_stay_in_the_folder(tmp_path: Path) -> None:
    names = ["../../etc/x", "..-..-etc/x", "S1", "s1", ""]
    fixes = together(*(make_fixes([("08:00", HOME)], user_id=name) for name in names))
    folder = written(a_history(fixes), "timeline", tmp_path)
    assert len(list(folder.iterdir())) == len(names)
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("name", OF_HISTORIES)
def test_what_cannot_be_written_is_an_os_error(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        export.write(a_history(), name, tmp_path / "file" / "below")


@pytest.mark.parametrize("name", ["gpx", "kml"])
def test_a_missing_package_is_named_with_its_extra(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "gpxpy", None)
    monkeypatch.setitem(sys.modules, "gpxpy.gpx", None)
    monkeypatch.setitem(sys.modules, "fastkml", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'scantrail\[export\]'"):
        export.write(a_history(), name, tmp_path / "out")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--format", "shapefile", "-o", "{}/x"], "no format 'shapefile'; there is geojson, "),
        (["--format", "geojson", "-o", "{}/no/such/folder/x"], "no/such/folder"),
        (["--format", "csv", "-o", "{}/file"], "file"),
        (["--format", "geojson", "-o", "{}"], "directory"),
    ],
)
def test_misuse_is_one_line(words: list[str], says: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = scantrail("export", str(CAPTURE), *(word.format(tmp_path) for word in words))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert says in done.stderr


def test_the_verb_says_where_it_has_written(tmp_path: Path) -> None:
    done = scantrail("export", str(CAPTURE), "--format", "geojson", "-o", str(tmp_path / "a.geojson"), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"format": "geojson", "output": str(tmp_path / "a.geojson")}


def test_rows_are_found_by_their_name() -> None:
    assert all(name == row.name and row.meaning for name, row in export.FORMATS.items())
