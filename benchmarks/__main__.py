"""`make bench`: every benchmark in turn, beside its peers, in one run. `make bench ARGS=recorder` runs one.

`HAR=FILE` measures `disclosures` on an archive of one's own; `VERBOSE=1` shows the requests of which `ways` complains.
"""

import sys
from collections.abc import Callable

from benchmarks import (
    disclosures,
    home_work,
    identity,
    known,
    live,
    meetings,
    packets,
    places,
    population,
    presence,
    readers,
    recorder,
    scale,
    staypoints,
    trips,
    unicity,
    ways,
)

BENCHMARKS: dict[str, Callable[[], None]] = {
    "disclosures": disclosures.main,
    "home_work": home_work.main,
    "identity": identity.main,
    "known": known.main,
    "live": live.main,
    "meetings": meetings.main,
    "packets": packets.main,
    "places": places.main,
    "population": population.main,
    "presence": presence.main,
    "readers": readers.main,
    "recorder": recorder.main,
    "scale": scale.main,
    "staypoints": staypoints.main,
    "trips": trips.main,
    "unicity": unicity.main,
    "ways": ways.main,
}


def main() -> None:
    """Run the benchmarks that are named, or all."""
    for name in sys.argv[1:] or BENCHMARKS:
        if name not in BENCHMARKS:
            sys.exit(f"no benchmark {name!r}; there is {', '.join(BENCHMARKS)}")
        BENCHMARKS[name]()


if __name__ == "__main__":
    main()
