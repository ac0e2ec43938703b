"""The Wi-Fi access points and cells around a position, as a phone without a position lists them.

Every access point stands on a corner of a grid and has its name from there, so that the same place is told by the same
radios. The addresses are locally administered ones, which no maker of devices gives out.
"""

from collections.abc import Iterator
from hashlib import sha256
from math import cos, radians
from typing import NamedTuple

from scansim.position import Position, metres
from scantrail import geo

WIFI_EVERY_M, WIFI_REACH_M = 40.0, 60.0  # assumptions, for a dense quarter
CELL_EVERY_M = 700.0  # likewise
MCC, MNC = 460, 0  # China Mobile


class AccessPoint(NamedTuple):
    """A Wi-Fi network: its address, signal in dBm and name."""

    bssid: str
    signal: int
    ssid: str


class Radios(NamedTuple):
    """What is on the air: access points, the strongest first, and the serving cell (mcc, mnc, lac, cell, signal)."""

    wifi: tuple[AccessPoint, ...]
    cell: tuple[int, int, int, int, int]


def radios(position: Position) -> Radios:
    """List what a phone receives at a position."""
    heard = sorted((metres(position, corner), name) for corner, name in _corners(position, WIFI_EVERY_M))
    points = [_access_point(name, far_m) for far_m, name in heard if far_m < WIFI_REACH_M]
    far_m, name = min((metres(position, corner), name) for corner, name in _corners(position, CELL_EVERY_M))
    digest = sha256(f"cell/{name}".encode()).digest()
    lac, cell = int.from_bytes(digest[:2]), int.from_bytes(digest[2:5])
    return Radios(tuple(points), (MCC, MNC, lac, cell, -60 - round(far_m / 20)))


def amap_fields(heard: Radios) -> dict[str, str]:
    """Write them as the query of Amap's hardware positioning does (docs/facts.md §2): `bts`, `mmac`, `macs`."""
    first, *others = [f"{point.bssid},{point.signal},{point.ssid}" for point in heard.wifi] or [""]
    return {"accesstype": "1", "bts": ",".join(map(str, heard.cell)), "mmac": first, "macs": "|".join(others)}


def _access_point(name: str, far_m: float) -> AccessPoint:
    digest = sha256(f"wifi/{name}".encode()).digest()
    address = ":".join(["02", *(f"{byte:02x}" for byte in digest[:5])])
    return AccessPoint(address, -40 - round(far_m / 2), f"AP-{digest[5:7].hex()}")


def _corners(position: Position, every_m: float) -> Iterator[tuple[Position, str]]:
    """The corners of a grid around a position, each with a name; rows are cut by the width of their latitude."""
    height = every_m / geo.METRES_PER_DEGREE
    row = round(position.latitude / height)
    for north in (row - 1, row, row + 1):
        latitude = north * height
        width = height / cos(radians(latitude))
        column = round(position.longitude / width)
        for east in (column - 1, column, column + 1):
            yield Position(latitude, east * width), f"{every_m:g}/{north}/{east}"
