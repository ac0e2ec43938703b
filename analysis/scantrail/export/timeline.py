"""JSON like the Timeline that phones export since 2024 (`semanticSegments`), so that what reads that reads this.

A person's phone exports one person's Timeline: each subject has a file. Visits are staypoints, activities trips, the
path of each local day the positionfixes that nothing speaks against. Nobody told how somebody moved: the type is
unknown, its probability 0. A visit was told, so its own is 1; that it was to the home or workplace has ours.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from scantrail.export.features import Feature, Point, features, subjects, track
from scantrail.history import History

_MEANINGS = {"home": ("INFERRED_HOME", "HOME"), "work": ("INFERRED_WORK", "WORK")}
_UNSAFE = re.compile(r"[^A-Za-z0-9-]+")

type _Json = dict[str, Any]


def write(history: History, path: Path) -> None:
    """Write a file for each subject to a folder."""
    path.mkdir(parents=True, exist_ok=True)
    zone = ZoneInfo(history.tz) if isinstance(history.tz, str) else history.tz
    found: dict[object, list[Feature]] = defaultdict(list)
    for feature in features(history, ("staypoints", "trips", "anchors")):
        found[feature.values["user_id"]].append(feature)
    used: set[str] = set()
    for number, user in enumerate(subjects(history), start=1):
        name = _UNSAFE.sub("_", str(user))[:80] or "_"
        name = name if name.lower() not in used else f"{name}_{number}"
        used.add(name.lower())
        timeline = _Timeline(history, user, found[user], zone).document()
        (path / f"{name}.json").write_bytes(msgspec.json.format(msgspec.json.encode(timeline)) + b"\n")


class _Timeline:
    """What is known of one subject."""

    def __init__(self, history: History, user: object, own: list[Feature], zone: tzinfo) -> None:
        self._history, self._user, self._own, self._zone = history, user, own, zone
        self._anchors = {
            feature.values["location_id"]: feature
            for feature in own
            if feature.table == "anchors" and feature.values["purpose"] in _MEANINGS
        }

    def document(self) -> _Json:
        makers = {"staypoints": self._visit, "trips": self._activity}
        segments = [
            self._span(feature.values["started_at"], feature.values["finished_at"]) | maker(feature)
            for feature in self._own
            if feature.points and (maker := makers.get(feature.table))
        ]
        segments += self._paths()
        segments.sort(key=lambda segment: datetime.fromisoformat(segment["startTime"]))
        return {
            "semanticSegments": segments,
            "rawSignals": [],
            "userLocationProfile": {"frequentPlaces": [self._frequent(anchor) for anchor in self._anchors.values()]},
        }

    def _span(self, begin: datetime, end: datetime) -> _Json:
        return {
            "startTime": self._time(begin),
            "endTime": self._time(end),
            "startTimeTimezoneUtcOffsetMinutes": self._offset(begin),
            "endTimeTimezoneUtcOffsetMinutes": self._offset(end),
        }

    def _time(self, time: datetime) -> str:
        return time.astimezone(self._zone).isoformat(timespec="milliseconds")

    def _offset(self, time: datetime) -> int:
        return int((time.astimezone(self._zone).utcoffset() or timedelta()).total_seconds() // 60)

    def _visit(self, feature: Feature) -> _Json:
        anchor = self._anchors.get(feature.values.get("location_id"))
        place = {
            "placeId": _place(feature),
            "semanticType": _MEANINGS[anchor.values["purpose"]][0] if anchor else "UNKNOWN",
            "probability": anchor.values["probability"] if anchor else 0.0,
            "placeLocation": {"latLng": _lat_lng(feature.points[0])},
        }
        return {"visit": {"hierarchyLevel": 0, "probability": 1.0, "topCandidate": place}}

    def _activity(self, feature: Feature) -> _Json:
        origin, destination = feature.points
        return {
            "activity": {
                "start": {"latLng": _lat_lng(origin)},
                "end": {"latLng": _lat_lng(destination)},
                "distanceMeters": feature.values["distance_m"],
                "topCandidate": {"type": "UNKNOWN_ACTIVITY_TYPE", "probability": 0.0},
            }
        }

    def _paths(self) -> Iterator[_Json]:
        """A path for each local day."""
        fixes = [(point, values["tracked_at"]) for point, values in track(self._history, self._user)]
        for _, rows in groupby(fixes, key=lambda fix: fix[1].astimezone(self._zone).date()):
            day = list(rows)
            path = [{"point": _lat_lng(point), "time": self._time(time)} for point, time in day]
            yield self._span(day[0][1], day[-1][1]) | {"timelinePath": path}

    def _frequent(self, anchor: Feature) -> _Json:
        return {
            "placeId": _place(anchor),
            "placeLocation": _lat_lng(anchor.points[0]) if anchor.points else "",
            "label": _MEANINGS[anchor.values["purpose"]][1],
        }


def _place(feature: Feature) -> str:
    """Of visits to one location the same: its own number, since codes name its gates."""
    location = feature.values.get("location_id", -1)
    return f"location-{location}" if location >= 0 else feature.values.get("place_id") or ""


def _lat_lng(point: Point) -> str:
    return f"{point[0]:.7f}°, {point[1]:.7f}°"
