"""A city of one's own as GeoJSON (RFC 7946): a FeatureCollection whose features are places.

A feature says its category in the property `category`, or in tags of OpenStreetMap; features that say neither are left
out. Its place is the mean of its coordinates. The collection's member `city` has the keys of a city's file above its
places (`name`, `tz`, …); `tz` alone has no default.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from scansim import SimulationError
from scansim.city import CATEGORIES, Category, City, Hours
from scansim.toml import explain

TAGS: tuple[tuple[str, str, Category], ...] = (
    ("station", "subway", "station"),
    ("railway", "subway_entrance", "station"),
    ("railway", "station", "railway"),
    ("shop", "mall", "mall"),
    ("shop", "department_store", "mall"),
    ("shop", "supermarket", "market"),
    ("amenity", "marketplace", "market"),
    ("amenity", "restaurant", "restaurant"),
    ("amenity", "cafe", "restaurant"),
    ("amenity", "school", "school"),
    ("amenity", "hospital", "hospital"),
    ("leisure", "park", "park"),
    ("building", "apartments", "compound"),
    ("landuse", "residential", "compound"),
    ("building", "office", "office"),
    ("landuse", "commercial", "office"),
)
"""OpenStreetMap's key and value, and the category that they are; the first that applies."""
OPEN: dict[Category, tuple[str, str]] = {
    "station": ("06:00:00", "23:30:00"),
    "railway": ("05:00:00", "23:59:00"),
    "office": ("06:00:00", "23:30:00"),
    "mall": ("10:00:00", "22:00:00"),
    "restaurant": ("10:00:00", "22:00:00"),
    "market": ("06:00:00", "19:00:00"),
    "park": ("06:00:00", "22:00:00"),
    "school": ("07:00:00", "18:00:00"),
    "hospital": ("08:00:00", "20:00:00"),
    "compound": ("00:00:00", "23:59:59"),
}
"""Opening hours where the file has none: assumptions, those of the shipped cities."""
NOWHERE = "990000"  # a province that GB/T 2260 does not have


def city_of(path: Path) -> City:
    """Read a city.

    Raises:
        SimulationError: it cannot be read, or is no city; the message names the file and the feature.

    """
    try:
        read = json.loads(path.read_bytes())
    except OSError as error:
        raise SimulationError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise SimulationError(f"{path}: no JSON: {error}") from error
    if not isinstance(read, dict) or read.get("type") != "FeatureCollection":
        raise SimulationError(f"{path}: not a GeoJSON FeatureCollection")
    about = read.get("city")
    if not isinstance(about, dict) or "tz" not in about:
        raise SimulationError(f'{path}: needs a member "city" with at least "tz", such as {{"tz": "Europe/Berlin"}}')
    name, adcode = str(about.get("name", path.stem)), str(about.get("adcode", NOWHERE))
    defaults: dict[str, Any] = {
        "name": name,
        "english": name,
        "adcode": adcode,
        "province": name,
        "province_adcode": adcode,
    }
    defaults |= {"districts": {adcode: name}, "categories": dict(_hours())}
    places = list(_places(path, read.get("features"), adcode))
    try:
        return msgspec.convert(defaults | about | {"places": places}, City)
    except msgspec.ValidationError as error:
        raise SimulationError(f"{path}: {explain(str(error), City)}") from error


def _hours() -> Iterator[tuple[str, Hours]]:
    for category in CATEGORIES:
        opens, closes = OPEN[category]
        yield category, msgspec.convert({"opens": opens, "closes": closes}, Hours)


def _places(path: Path, features: Any, adcode: str) -> Iterator[dict[str, Any]]:
    """The places of features, each with an id of its own."""
    for number, feature in enumerate(features if isinstance(features, list) else []):
        try:
            properties = feature.get("properties") or {}
            if category := _category(properties):
                longitude, latitude = _middle(feature["geometry"]["coordinates"])
                name = str(properties.get("name") or f"{category} {number}")
                yield {
                    "id": f"{adcode}-{number:06d}",
                    "category": category,
                    "name": name,
                    "english": str(properties.get("english") or properties.get("name:en") or name),
                    "latitude": latitude,
                    "longitude": longitude,
                    "weight": properties.get("weight", 1.0),
                }
        except (AttributeError, KeyError, TypeError, ValueError, ZeroDivisionError) as error:
            raise SimulationError(f"{path}: features[{number}]: no feature with a geometry") from error


def _category(properties: Mapping[str, Any]) -> Any:
    if "category" in properties:
        return properties["category"]
    return next((category for key, value, category in TAGS if properties.get(key) == value), None)


def _middle(coordinates: Any) -> tuple[float, float]:
    """The mean of all positions in nested lists: longitude, latitude."""
    points = list(_positions(coordinates))
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def _positions(coordinates: Any) -> Iterator[tuple[float, float]]:
    if isinstance(coordinates[0], int | float):
        yield float(coordinates[0]), float(coordinates[1])
        return
    for part in coordinates:
        yield from _positions(part)
