"""The golden capture: `make golden` simulates it anew and writes what is expected of it.

Everything expected is what the command line prints, so that `test_golden.py` holds the keys of docs/cli.md too.
"""

import shutil
import subprocess
import sys
from pathlib import Path

CAPTURE = Path(__file__).parents[1] / "captures" / "golden" / "hangzhou"
SIMULATION = ("--design", "alipay", "--seed", "8", "--days", "7", "--people", "1")
EXPECTED = ("disclosures", "history", "findings")


def scantrail(*words: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run the command line that is installed beside this Python."""
    command = [str(Path(sys.executable).with_name("scantrail")), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout)


def simulate(folder: Path) -> None:
    """Simulate the golden capture into a folder."""
    done = scantrail("simulate", *SIMULATION, "-o", str(folder), "--quiet", timeout=300)
    if done.returncode:
        sys.exit(done.stderr)


def main() -> None:
    """Make capture and expectations anew."""
    shutil.rmtree(CAPTURE, ignore_errors=True)
    simulate(CAPTURE)
    (CAPTURE / "expected").mkdir()
    for verb in EXPECTED:
        done = scantrail(verb, str(CAPTURE), "--json")
        (CAPTURE / "expected" / f"{verb}.jsonl").write_text(done.stdout, "utf-8")
    sys.stdout.write(f"{CAPTURE} is new. Look at what changed before you commit it: git diff --stat\n")


if __name__ == "__main__":
    main()
