"""Places of a city from a file, to be drawn behind what was inferred. No analysis looks at them."""

import json
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from scantrail.model import CaptureError
from scantrail.report.people import Point


class Spot(NamedTuple):
    """One place of a city: its name, what more is known of it, and where it is."""

    name: str
    more: str
    point: Point

    @property
    def words(self) -> str:
        """All that is known of it."""
        return f"{self.name} ({self.more})" if self.more else self.name


def spots(file: Path) -> list[Spot]:
    """Read a city of the simulation (TOML), or the features of a GeoJSON file, each at the mean of its coordinates.

    Raises:
        CaptureError: it cannot be read, or a place of it has no position.

    """
    try:
        text = file.read_text("utf-8")
        if file.suffix.lower() == ".toml":
            return [_spot(place, place["latitude"], place["longitude"]) for place in tomllib.loads(text)["places"]]
        return [
            _spot(feature.get("properties") or {}, *_middle(feature["geometry"]["coordinates"]))
            for feature in json.loads(text)["features"]
        ]
    except OSError as error:
        raise CaptureError(f"{file}: {error.strerror}") from error
    except (ValueError, TypeError, AttributeError, LookupError, ZeroDivisionError) as error:
        raise CaptureError(f"{file}: no city (TOML with places, or GeoJSON with features): {error!r}") from error


def _spot(known: dict[str, Any], latitude: float, longitude: float) -> Spot:
    name = str(known.get("name") or "unnamed place")
    more = [str(known[key]) for key in ("english", "category") if known.get(key) and known[key] != name]
    point = Point(float(latitude), float(longitude))
    if not (-90 <= point.latitude <= 90 and -180 <= point.longitude <= 180):
        raise ValueError(f"{name} is not on the Earth")
    return Spot(name, ", ".join(more), point)


def _middle(coordinates: Any) -> tuple[float, float]:
    """Latitude and longitude of the mean of all positions in nested lists."""
    every = list(_positions(coordinates))
    return sum(y for _, y in every) / len(every), sum(x for x, _ in every) / len(every)


def _positions(coordinates: Iterable[Any]) -> Iterator[tuple[float, float]]:
    parts = list(coordinates)
    if parts and isinstance(parts[0], int | float):
        yield float(parts[0]), float(parts[1])
        return
    for part in parts:
        yield from _positions(part)
