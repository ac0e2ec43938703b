"""To the peers and back, in one call each: trackintel, movingpandas, and GeoParquet for whatever else reads maps.

Tables here have `latitude` and `longitude`; there, a geometry: points of WGS-84 (EPSG:4326). Which of the tables it is,
the columns tell: `tracked_at` makes positionfixes, `started_at` staypoints, and neither locations; trips, places and
anchors have a column that no other has. What is read may be in any coordinate system that says which it is. A row
without a position has an empty point.

The packages are of the extra `geo`, and are imported when they are needed.
"""

import importlib
import warnings
from os import PathLike
from typing import Any

import numpy as np
import pandas as pd

from scantrail.schema import ANCHORS, LOCATIONS, PLACES, POSITIONFIXES, STAYPOINTS, TRIPS, Table

_WGS84 = "EPSG:4326"
_MARKS = {"tracked_at": POSITIONFIXES, "origin_staypoint_id": TRIPS, "purpose": ANCHORS, "agreeing": PLACES}


def to_trackintel(table: pd.DataFrame) -> Any:
    """Give positionfixes, staypoints, locations or trips to trackintel.

    Args:
        table: by `schema.POSITIONFIXES`, `STAYPOINTS`, `LOCATIONS` or `TRIPS`; trackintel wants one row at least.

    Returns:
        Its `Positionfixes`, `Staypoints`, `Locations` or `Trips` (these without a geometry). Columns that trackintel
        does not know are kept. Its index is the row's number, which for locations is `location_id`; it is missing for
        staypoints without a location.

    Raises:
        SchemaError: none of these tables.
        ModuleNotFoundError: the extra `geo` is not installed.

    """
    trackintel = _package("trackintel")
    if _kind(table) is TRIPS:
        return trackintel.Trips(TRIPS.frame(table).rename_axis("id"))
    points = _points(table).rename_axis("id")
    if _kind(table) is POSITIONFIXES:
        return trackintel.Positionfixes(points)
    if _kind(table) is LOCATIONS:
        return trackintel.Locations(points.set_index(points["location_id"].rename("id")).rename_geometry("center"))
    if "location_id" in points:
        points["location_id"] = points["location_id"].astype("Int64").mask(points["location_id"] < 0)
    return trackintel.Staypoints(points)


def from_trackintel(points: Any) -> pd.DataFrame:
    """Take positionfixes, staypoints or locations from trackintel.

    Args:
        points: its `Positionfixes`, `Staypoints` or `Locations`. Locations are read if they have our columns; for those
            that it made itself, ask `mobility.locations` about its staypoints: it counts what a location is made of.

    Returns:
        A table by `schema.POSITIONFIXES`, `STAYPOINTS` or `LOCATIONS`, in the same order.

    Raises:
        SchemaError: none of these tables, or a time without a zone.

    """
    return _table(points)


def to_movingpandas(positionfixes: pd.DataFrame) -> Any:
    """Give positionfixes to movingpandas.

    Args:
        positionfixes: by `schema.POSITIONFIXES`, rows in any order.

    Returns:
        Its `TrajectoryCollection`, a trajectory for each subject, with times of UTC without a zone, as movingpandas
        wants them. It leaves out what it cannot hold: subjects with one fix, and all but one fix of a time.

    Raises:
        SchemaError: not a table of positionfixes.
        ModuleNotFoundError: the extra `geo` is not installed.

    """
    movingpandas = _package("movingpandas")
    points = _points(POSITIONFIXES.frame(positionfixes))
    points["tracked_at"] = points["tracked_at"].dt.tz_localize(None)
    return movingpandas.TrajectoryCollection(points.set_index("tracked_at"), traj_id_col="user_id")


def from_movingpandas(trajectories: Any) -> pd.DataFrame:
    """Take positionfixes from movingpandas.

    Args:
        trajectories: its `TrajectoryCollection` or `Trajectory`, with times of UTC. The subject is the column
            `user_id`, or else the trajectory.

    Returns:
        A table by `schema.POSITIONFIXES`.

    """
    tables = []
    for trajectory in getattr(trajectories, "trajectories", [trajectories]):
        points = trajectory.to_point_gdf()
        if "user_id" not in points:
            points = points.assign(user_id=trajectory.id)
        tables.append(_table(points.set_index(points.index.tz_localize("UTC").rename("tracked_at")).reset_index()))
    return POSITIONFIXES.frame(pd.concat(tables) if tables else None)


def to_geoparquet(table: pd.DataFrame, path: str | PathLike[str], *, staypoints: pd.DataFrame | None = None) -> None:
    """Write positionfixes, places, staypoints, locations, trips or anchors to a GeoParquet file.

    Args:
        table: by the schema's table of that name.
        path: the file.
        staypoints: those that trips lead from and to, which trips need: each is a line between two of them, or empty.

    Raises:
        SchemaError: none of these tables.
        ModuleNotFoundError: the extra `geo` is not installed.

    """
    points = _points(table) if staypoints is None or _kind(table) is not TRIPS else _lines(table, staypoints)
    points.to_parquet(path)


def from_geoparquet(path: str | PathLike[str]) -> pd.DataFrame:
    """Read positionfixes, staypoints or locations from a GeoParquet file, whoever wrote it.

    Args:
        path: the file.

    Returns:
        A table by `schema.POSITIONFIXES`, `PLACES`, `STAYPOINTS`, `LOCATIONS`, `TRIPS` (without their lines) or
        `ANCHORS`, in the same order.

    Raises:
        SchemaError: none of these tables, or a time without a zone.
        ModuleNotFoundError: the extra `geo` is not installed.

    """
    return _table(_package("geopandas").read_parquet(path))


def _kind(table: pd.DataFrame) -> Table:
    for mark, kind in _MARKS.items():
        if mark in table:
            return kind
    return STAYPOINTS if "started_at" in table else LOCATIONS


def _points(table: pd.DataFrame) -> Any:
    """A table of geopandas, with points in place of latitude and longitude."""
    geopandas = _package("geopandas")
    frame = _kind(table).frame(table)
    longitude, latitude = frame.pop("longitude"), frame.pop("latitude")
    points = geopandas.points_from_xy(longitude, latitude, crs=_WGS84)
    points[(longitude.isna() | latitude.isna()).to_numpy()] = _package("shapely").Point()
    return geopandas.GeoDataFrame(frame, geometry=points)


def _lines(trips: pd.DataFrame, staypoints: pd.DataFrame) -> Any:
    """Trips with a line from staypoint to staypoint, empty where an end is unknown or has no position."""
    shapely = _package("shapely")
    positions = staypoints[["longitude", "latitude"]].reset_index(drop=True)
    ends = [positions.reindex(trips[f"{end}_staypoint_id"]).to_numpy(dtype=float) for end in ("origin", "destination")]
    ways = np.stack(ends, axis=1)
    lines = [shapely.LineString(way if np.isfinite(way).all() else None) for way in ways]
    return _package("geopandas").GeoDataFrame(TRIPS.frame(trips), geometry=lines, crs=_WGS84)


def _table(points: Any) -> pd.DataFrame:
    """The reverse."""
    kind = _kind(points)
    if kind is TRIPS:
        return TRIPS.frame(pd.DataFrame(points))
    geometry = points.geometry if points.crs is None else points.geometry.to_crs(_WGS84)
    frame = pd.DataFrame(points).assign(longitude=geometry.x.to_numpy(), latitude=geometry.y.to_numpy())
    if kind is STAYPOINTS and "location_id" in frame:
        frame["location_id"] = frame["location_id"].fillna(-1)
    for column in kind.columns:
        if column.kind == "list" and column.name in frame:  # an array, in a file
            frame[column.name] = [np.asarray(values).tolist() for values in frame[column.name]]
    return kind.frame(frame)


def _package(name: str) -> Any:
    return package(name, extra="geo")


def package(name: str, *, extra: str) -> Any:
    """A package that an extra installs.

    Raises:
        ModuleNotFoundError: it is not installed; the message says how to.

    """
    try:
        with warnings.catch_warnings(action="ignore"):  # some tell what else could be installed
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed: pip install 'scantrail[{extra}]'"
        raise ModuleNotFoundError(message, name=error.name) from error
