"""Simulated time. Instants are aware and UTC; hours of the day are meant by the city's clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FIRST_DAY = date(2020, 2, 17)
"""A Monday: the first working week of Hangzhou's health code (docs/facts.md §3)."""


def at_hour(day: date, hour: float, tz: ZoneInfo) -> datetime:
    """Find the instant at which it is `hour` (0 to 24) on the city's clock, on whole seconds."""
    return datetime.combine(day, time(), tz).astimezone(UTC) + timedelta(seconds=round(hour * 3600))


def text(at: datetime) -> str:
    """Write as RFC 3339, UTC, microseconds, as everywhere in a capture."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def milliseconds(at: datetime) -> int:
    """Count milliseconds since 1970, as the formats of phones state time."""
    return round(at.timestamp() * 1000)
