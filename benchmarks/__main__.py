"""`make bench`: every benchmark in turn, beside its peers, in one run. `make bench ARGS=recorder` runs one."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from benchmarks import disclosures, recorder, ways

BENCHMARKS: dict[str, Callable[[Namespace], None]] = {
    "recorder": lambda _: recorder.main(),
    "disclosures": disclosures.main,
    "ways": ways.main,
}


def main() -> None:
    """Run the benchmarks that are named, or all."""
    parser = ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(BENCHMARKS)}; by default all")
    parser.add_argument("--har", type=Path, help="disclosures: an archive to measure on instead of the made-up one")
    parser.add_argument("--verbose", action="store_true", help="ways: show the request of each way that is missed")
    options = parser.parse_args()
    for name in options.names or BENCHMARKS:
        if name not in BENCHMARKS:
            parser.error(f"no benchmark {name!r}; there is {', '.join(BENCHMARKS)}")
        BENCHMARKS[name](options)


if __name__ == "__main__":
    main()
