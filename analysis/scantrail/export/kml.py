"""KML 2.2 (OGC 07-147r2) with fastkml: longitude before latitude, times in UTC.

A folder for each subject: the positionfixes that nothing speaks against as a gx:Track, and staypoints, trips, locations
and anchors as placemarks, with a TimeSpan where they have times.
"""

from collections import defaultdict
from pathlib import Path
from typing import Any

from scantrail.export.features import Feature, features, plain, subjects, track, xml_text
from scantrail.history import History
from scantrail.interop import package

_SPANS = (("started_at", "finished_at"), ("since", "until"))


def write(history: History, path: Path) -> None:
    """Write all folders to one file."""
    kml = package("fastkml", extra="export")
    marks: dict[object, list[Any]] = defaultdict(list)
    for feature in features(history, ("staypoints", "trips", "locations", "anchors")):
        if feature.points:
            marks[feature.values["user_id"]].append(_placemark(kml, feature))
    folders = [
        kml.Folder(name=xml_text(user), features=[*_track(kml, history, user), *marks[user]])
        for user in subjects(history)
    ]
    document = kml.kml.KML(features=[kml.Document(name="scantrail", features=folders)])
    text = document.to_string(prettyprint=False)
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n', encoding="utf-8")


def _placemark(kml: Any, feature: Feature) -> Any:
    geometry = package("pygeoif.geometry", extra="export")
    points = [(longitude, latitude) for latitude, longitude in feature.points]
    values = feature.values
    what = values.get("purpose") or f"{feature.table.removesuffix('s')} {values.get('location_id', feature.row)}"
    data = [
        kml.data.Data(name=name, value=xml_text(plain(value)))
        for name, value in values.items()
        if value not in (None, "", [])
    ]
    return kml.Placemark(
        name=xml_text(what),
        times=_span(kml, values),
        extended_data=kml.data.ExtendedData(elements=data),
        geometry=geometry.Point(*points[0]) if len(points) == 1 else geometry.LineString(points),
    )


def _span(kml: Any, values: dict[str, Any]) -> Any:
    for begin, end in _SPANS:
        if values.get(begin) and values.get(end):
            begun, ended = (kml.times.KmlDateTime(values[name]) for name in (begin, end))
            return kml.times.TimeSpan(begin=begun, end=ended)
    return None


def _track(kml: Any, history: History, user: object) -> list[Any]:
    fixes = track(history, user)
    if not fixes:
        return []
    made = kml.gx.Track(
        whens=[kml.times.KmlDateTime(values["tracked_at"]) for _, values in fixes],
        coords=[(longitude, latitude) for (latitude, longitude), _ in fixes],
    )
    return [kml.Placemark(name="positionfixes", kml_geometry=made)]
