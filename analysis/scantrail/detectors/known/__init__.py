"""Known values: what the phone or the person is known to be, found in whatever encoding and through hashes.

    known.toml ──load──▶ Known ──spellings × encodings × hashes──▶ Index ──match──▶ Disclosure

`spellings` says how people and programs write one value, `hashes` and `encodings` what programs make of it, `needles`
gathers both in one automaton, and `match` runs it over the fields of a request and over what stands on the wire.
A table of all of it is in docs/known.md.
"""

from scantrail.detectors.known.load import load
from scantrail.detectors.known.match import detect

__all__ = ["detect", "load"]
