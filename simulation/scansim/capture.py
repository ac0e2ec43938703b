"""The capture folder, as docs/format.md describes it: what the simulation writes beside the recorder's log."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from scansim import SimulationError, __version__, clock
from scansim.city import City
from scansim.events import Event
from scansim.people import Person
from scansim.position import Position
from scansim.scenario import Scenario
from scansim.trail import Segment

FILES = (
    "capture.json",
    "log.jsonl",
    "moments.jsonl",
    "server.jsonl",
    "truth/scenario.json",
    "truth/people.jsonl",
    "truth/whereabouts.parquet",
)
_TIME = pa.timestamp("us", "UTC")
WHEREABOUTS = pa.schema(
    [
        ("user_id", pa.string()),
        ("started_at", _TIME),
        ("finished_at", _TIME),
        ("latitude", pa.float64()),
        ("longitude", pa.float64()),
        ("end_latitude", pa.float64()),
        ("end_longitude", pa.float64()),
        ("activity", pa.string()),
        ("place", pa.string()),
    ]
)
"""One row for each stay or straight move at constant speed: times UTC, positions WGS-84 degrees."""


class CaptureFolder:
    """A folder to simulate into."""

    def __init__(self, path: Path, *, force: bool = False) -> None:
        """Make it. With `force` the files of an earlier capture in it are removed, and nothing else.

        Raises:
            SimulationError: it exists and is not an empty folder.

        """
        self.path = path
        self.log, self.server_log = path / "log.jsonl", path / "server.jsonl"
        try:
            if path.exists() and (not path.is_dir() or any(path.iterdir())) and not force:
                raise SimulationError(f"{path} exists and is not empty: name another folder, or use --force")
            (path / "truth").mkdir(parents=True, exist_ok=True)
            for name in FILES:
                (path / name).unlink(missing_ok=True)
        except OSError as error:
            raise SimulationError(f"{path}: {error.strerror}") from error

    def write_about(self, scenario: Scenario, city: City, *, complete: bool) -> None:
        """Say what this capture is. `complete` says that the simulation came to its end."""
        about = {"v": 1, "made_by": f"scansim {__version__}", "tz": city.tz, "design": scenario.design}
        about |= {"seed": scenario.seed, "days": scenario.days, "people": scenario.people, "complete": complete}
        (self.path / "capture.json").write_text(json.dumps(about, separators=(",", ":")) + "\n", "utf-8")

    def write_scenario(self, scenario: Scenario) -> None:
        """Say all that was chosen: truth, for it has the rules of colours."""
        text = msgspec.json.format(msgspec.json.encode(scenario), indent=2)
        (self.path / "truth" / "scenario.json").write_bytes(text + b"\n")

    def write_whereabouts(self, lived: Iterable[tuple[Person, Iterable[Segment]]]) -> None:
        """Say where everyone was at all times."""
        rows = [(person.user_id, *_flat(segment)) for person, segments in lived for segment in _merged(segments)]
        columns = [
            pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), WHEREABOUTS, strict=True)
        ]
        pq.write_table(pa.Table.from_arrays(columns, schema=WHEREABOUTS), self.path / "truth" / "whereabouts.parquet")

    def write_people(self, people: Iterable[tuple[Person, str, Sequence[str]]]) -> None:
        """Say who they are, with the code number that each got, and the ids of all devices that each had."""
        self._write_lines("truth/people.jsonl", (_who(*person) for person in people))

    def write_moments(self, events: Iterable[Event]) -> None:
        """Say what was done and when, in order."""
        self._write_lines("moments.jsonl", map(_moment, sorted(events, key=lambda event: event.at)))

    def add_moment(self, event: Event) -> None:
        """Say that something is done now."""
        self._write_lines("moments.jsonl", [_moment(event)], mode="a")

    def _write_lines(self, name: str, rows: Iterable[Mapping[str, object]], mode: str = "w") -> None:
        text = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
        with (self.path / name).open(mode, encoding="utf-8") as file:
            file.write(text)


def _moment(event: Event) -> dict[str, object]:
    return {"at": clock.text(event.at), "name": event.name, "note": event.note}


def _merged(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Put stays together that midnight divided."""
    last: Segment | None = None
    for segment in segments:
        same = last and segment.start == segment.end == last.start and segment.activity == last.activity != "travel"
        if last and same:
            last = last._replace(finished_at=segment.finished_at)
            continue
        if last:
            yield last
        last = segment
    if last:
        yield last


def _flat(segment: Segment) -> tuple[object, ...]:
    started_at, finished_at, start, end, activity, place = segment
    return (started_at, finished_at, *start, *end, activity, place)


def _who(person: Person, code_number: str, device_ids: Sequence[str]) -> dict[str, object]:
    return {
        "user_id": person.user_id,
        "name": person.name,
        "resident_id": person.resident_id,
        "phone_number": person.phone_number,
        "device_id": device_ids[0],
        "later_device_ids": device_ids[1:],
        "code_number": code_number,
        "home": _point(person.home.position),
        "work": _point(person.work.position) if person.work else None,
    }


def _point(position: Position) -> dict[str, float]:
    return {"latitude": position.latitude, "longitude": position.longitude}
