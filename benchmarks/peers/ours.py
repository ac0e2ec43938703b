"""The package itself, as the benchmark's peers are run: read the archive, then disclose with everything that is known.

Looked into is what was sent, as `scantrail disclosures` does and the peers do.

With `stream` as third word each request is read, judged and forgotten, as for a file that is larger than memory.
"""

import sys
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

import scantrail
from benchmarks.peers import Outcome
from scantrail.cli import collect_less
from scantrail.detectors.known import load
from scantrail.model import Known, Request
from scantrail.readers import stream


def search(requests: Iterable[Request], known: Known) -> list[tuple[int, str]]:
    """What was found, by request: names of known values, else kinds."""
    return [
        (request.index, disclosure.known or disclosure.kind)
        for request in requests
        for disclosure in scantrail.disclose(request, known, received=False).disclosures
    ]


def main() -> None:
    """Read, disclose, say."""
    collect_less()
    har, file = map(Path, sys.argv[1:3])
    known = load(file)
    reader = stream(har, [])
    begin = time.process_time()
    requests: Iterable[Request] = reader if "stream" in sys.argv else list(reader)
    read = time.process_time()
    found = search(requests, known)
    done = time.process_time()
    sys.stdout.buffer.write(msgspec.json.encode(Outcome(read - begin, done - read, found)) + b"\n")
    sys.stdout.flush()
    sys.stdin.read()  # until it ends


if __name__ == "__main__":
    main()
