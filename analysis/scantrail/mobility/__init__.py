"""From positionfixes to a location history: one question a module, plain tables in and out (see `scantrail.schema`)."""

from scantrail.mobility.companions import companions
from scantrail.mobility.dwell_times import dwell_times
from scantrail.mobility.home_work import home_and_work
from scantrail.mobility.locations import locations
from scantrail.mobility.meetings import meetings, stay_time
from scantrail.mobility.presence import hourly, locate, presence
from scantrail.mobility.pseudonyms import follow
from scantrail.mobility.staypoints import staypoints
from scantrail.mobility.tours import tours
from scantrail.mobility.triplegs import triplegs
from scantrail.mobility.trips import trips

__all__ = [
    "companions",
    "dwell_times",
    "follow",
    "home_and_work",
    "hourly",
    "locate",
    "locations",
    "meetings",
    "presence",
    "stay_time",
    "staypoints",
    "tours",
    "triplegs",
    "trips",
]
