"""From positionfixes to a location history: one question a module, plain tables in and out (see `scantrail.schema`)."""

from scantrail.mobility.home_work import home_and_work
from scantrail.mobility.locations import locations
from scantrail.mobility.presence import hourly, locate, presence
from scantrail.mobility.staypoints import staypoints
from scantrail.mobility.trips import trips

__all__ = ["home_and_work", "hourly", "locate", "locations", "presence", "staypoints", "trips"]
