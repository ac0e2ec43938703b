"""Fuzz the decoders with atheris: `make fuzz`, or `make fuzz ARGS=-runs=50000`.

The first byte of an input chooses a decoder, or the whole walk; the rest is what it is given. An exception or an input
that takes longer than the limit ends the run and leaves the input in a file `crash-…` or `timeout-…`. Options are
libFuzzer's; a folder among them is a corpus, which is grown.
"""

import sys
from datetime import UTC, datetime

import atheris

with atheris.instrument_imports(include=["scantrail.decoders"]):
    from scantrail.decoders import fields
    from scantrail.decoders.body import TYPES
    from scantrail.decoders.compression import CODINGS
    from scantrail.decoders.layers import DECODERS
    from scantrail.decoders.limits import Limits
    from scantrail.model import Request

RUNS = 1_000_000
LONGEST = 2048  # bytes of an input
SLOWEST = 5  # seconds for one, on a busy machine
LIMITS = Limits(expansion=1 << 16, fields=2000)
_KINDS = [*TYPES, "multipart/form-data; boundary=a", "text/plain; charset=gbk"]
_CODINGS = [*CODINGS, "gzip, br"]
_NOW = datetime(2020, 2, 17, tzinfo=UTC)


def one(data: bytes) -> None:
    """One input."""
    if len(data) < 2:
        return
    choice, data = data[0], data[1:]
    if choice < len(DECODERS):
        decoder = DECODERS[choice]
        value = data if decoder.opens is bytes else data.decode("utf-8", "surrogateescape")
        decoder.open(value, LIMITS.expansion) if decoder.expander else decoder.open(value)
        return
    headers = (("Content-Type", _KINDS[choice % len(_KINDS)]), ("Content-Encoding", _CODINGS[choice % len(_CODINGS)]))
    request = Request(index=0, id="", at=_NOW, wall=_NOW, headers=headers if choice % 2 else (), body=data)
    for _ in fields(request, LIMITS):
        pass


def main() -> None:
    """Run until so many inputs are through."""
    defaults = [f"-runs={RUNS}", f"-max_len={LONGEST}", f"-timeout={SLOWEST}", "-rss_limit_mb=1024"]
    atheris.Setup([sys.argv[0], *defaults, *sys.argv[1:]], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
