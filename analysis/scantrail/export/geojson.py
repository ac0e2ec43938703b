"""GeoJSON (RFC 7946): longitude before latitude, WGS-84, one feature a line.

A row without a position, or with one that is not on the Earth, has no geometry. A trip is a line from staypoint to
staypoint, cut in two where it crosses the 180th meridian (§3.1.9).
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from scantrail.export.features import Feature, Point, features, utc
from scantrail.history import History


def write(history: History, path: Path) -> None:
    """Write all features to one file."""
    encode = msgspec.json.Encoder().encode
    with path.open("wb") as file:
        file.write(b'{"type":"FeatureCollection","features":[')
        for number, feature in enumerate(features(history)):
            file.write((b",\n" if number else b"\n") + encode(_feature(feature)))
        file.write(b"\n]}\n")


def _feature(feature: Feature) -> dict[str, Any]:
    values = {name: utc(value) if isinstance(value, datetime) else value for name, value in feature.values.items()}
    return {
        "type": "Feature",
        "id": f"{feature.table}/{feature.row}",
        "geometry": _geometry(feature.points),
        "properties": {"table": feature.table, "row": feature.row, **values},
    }


def _geometry(points: tuple[Point, ...]) -> dict[str, Any] | None:
    if not points:
        return None
    if len(points) == 1:
        return {"type": "Point", "coordinates": _position(points[0])}
    origin, destination = points
    if abs(origin[1] - destination[1]) <= 180:
        return {"type": "LineString", "coordinates": [_position(origin), _position(destination)]}
    border, latitude = (180.0 if origin[1] > 0 else -180.0), _crossing(origin, destination)
    halves = ([origin, (latitude, border)], [(latitude, -border), destination])
    return {"type": "MultiLineString", "coordinates": [[_position(point) for point in half] for half in halves]}


def _position(point: Point) -> list[float]:
    latitude, longitude = point
    return [longitude, latitude]


def _crossing(origin: Point, destination: Point) -> float:
    """The latitude at which a straight line on the map meets the 180th meridian."""
    before, after = 180 - abs(origin[1]), 180 - abs(destination[1])
    way = before + after
    return origin[0] + (destination[0] - origin[0]) * (before / way if way else 0.0)
