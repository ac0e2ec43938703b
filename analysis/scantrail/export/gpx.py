"""GPX 1.1 (https://www.topografix.com/GPX/1/1/) with gpxpy: times in UTC, latitude and longitude by name.

A track for each subject holds the positionfixes that nothing speaks against; its locations and anchors are waypoints.
"""

from pathlib import Path
from typing import Any

from scantrail.export.features import Feature, Point, described, features, subjects, track, xml_text
from scantrail.history import History
from scantrail.interop import package


def write(history: History, path: Path) -> None:
    """Write all tracks and waypoints to one file."""
    gpx = package("gpxpy.gpx", extra="export")
    document = gpx.GPX()
    document.creator = "scantrail"
    places = (feature for feature in features(history, ("locations", "anchors")) if feature.points)
    document.waypoints = [_waypoint(gpx, feature) for feature in places]
    document.tracks = [_track(gpx, history, user) for user in subjects(history)]
    path.write_text(document.to_xml(version="1.1"), encoding="utf-8")


def _waypoint(gpx: Any, feature: Feature) -> Any:
    values = feature.values
    what = values.get("purpose") or f"location {values['location_id']}"
    return gpx.GPXWaypoint(
        *_position(feature.points[0]),
        time=values.get("since"),
        name=xml_text(f"{values['user_id']}: {what}"),
        description=described(values),
        type=feature.table,
    )


def _track(gpx: Any, history: History, user: object) -> Any:
    made, segment = gpx.GPXTrack(name=xml_text(user)), gpx.GPXTrackSegment()
    for point, values in track(history, user):
        rest = described({name: values.get(name) for name in ("place_id", "precision_m", "request")})
        segment.points.append(gpx.GPXTrackPoint(*_position(point), time=values["tracked_at"], comment=rest or None))
    made.segments.append(segment)
    return made


def _position(point: Point) -> Point:
    """Latitude and longitude; in GPX the 180th meridian has one name, -180."""
    return point[0], -180.0 if point[1] == 180 else point[1]
