"""tshark, where it is installed, opens TLS connections whose ciphers ours does not know."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from scantrail.model import Address, Side
from scantrail.readers.packets.flows import MOST_BYTES, Link
from scantrail.readers.packets.secrets import Secrets

_SECONDS = 120
_MOST_RUNS = 16  # each reads the whole file
_NODE = re.compile(r"^Node 0: (.+):(\d+)$", re.MULTILINE)


class Tshark:
    """Runs it on one capture, a limited number of times and seconds."""

    def __init__(self, capture: Path, secrets: Secrets) -> None:
        self.capture, self.secrets = capture, secrets
        self.program = shutil.which("tshark")
        self.runs = 0

    def decrypted(self, link: Link, random: bytes) -> list[tuple[Side, bytes]]:
        """What both sides of a connection said inside TLS, in order; nothing if it cannot tell."""
        if self.program is None or self.runs >= _MOST_RUNS or not random:
            return []
        self.runs += 1
        with tempfile.TemporaryDirectory() as folder:
            keys = Path(folder, "keys")
            keys.write_text(self.secrets.text())
            stream = self._run(keys, "-Y", f"tls.handshake.random=={random.hex()}", "-T", "fields", "-e", "tcp.stream")
            number = stream.split("\n", 1)[0].strip()
            if not number.isdecimal():
                return []
            return _followed(self._run(keys, "-q", "-z", f"follow,tls,raw,{number}"), link.client)

    def _run(self, keys: Path, *options: str) -> str:
        command = [self.program or "", "-n", "-r", str(self.capture), "-o", f"tls.keylog_file:{keys}", *options]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 # no shell
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return done.stdout[: 4 * MOST_BYTES].decode("latin-1")


def _followed(text: str, client: Address) -> list[tuple[Side, bytes]]:
    """The lines of `follow,tls,raw`: hexadecimal, those of node 1 indented."""
    node = _NODE.search(text)
    if not node:
        return []
    first = (node[1], int(node[2])) == client
    sides: tuple[Side, Side] = ("sent", "received") if first else ("received", "sent")
    lines = (line for line in text[node.end() :].splitlines() if re.fullmatch(r"\t?(?:[0-9a-f]{2})+", line))
    return [(sides[line.startswith("\t")], bytes.fromhex(line.strip())) for line in lines]
