"""`tools/setup.sh`, the lock and the Makefile, offline: the Pythons here are shell scripts that note their calls."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
TOOLS = ("awk", "cat", "cksum", "cp", "dirname", "grep", "mkdir", "rm", "sed", "sh", "tail")
OLD_PYTHON = "#!/bin/sh\necho 3.9.18\nexit 1\n"
# Answers the finder with its own path, "makes" a .venv that holds a copy of itself, and fails in pip as told.
NEW_PYTHON = """#!/bin/sh
echo "$*" >>calls
case "$*" in
*"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
*"-m pip"*) [ -z "$PIP_FAILS_WITH" ] || { echo "$PIP_FAILS_WITH"; exit 1; } ;;
*version_info*) echo "$0" ;;
esac
"""


class Machine:
    """A checkout in a folder with a space, and a PATH with the tools that setup.sh may use and nothing else."""

    def __init__(self, root: Path) -> None:
        self.checkout = root / "a checkout"
        self.bin = root / "bin"
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool) or tool)
        (self.checkout / "tools").mkdir(parents=True)
        for name in ("tools/setup.sh", "requirements.lock", "pyproject.toml"):
            shutil.copy(CHECKOUT / name, self.checkout / name)

    def python(self, name: str, script: str) -> str:
        path = self.bin / name
        path.write_text(script)
        path.chmod(0o755)
        return str(path)

    def setup(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", str(self.checkout / "tools/setup.sh"), *arguments],
            env={"PATH": str(self.bin), "HOME": str(self.bin), **environment},
            cwd=self.bin,
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self) -> list[str]:
        """What the Pythons were asked to do since the last look."""
        notes = self.checkout / "calls"
        lines = notes.read_text().splitlines() if notes.exists() else []
        notes.unlink(missing_ok=True)
        return [found[1] for line in lines if (found := re.search(r"-m (venv|pip)", line))]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def complaint(run: subprocess.CompletedProcess[str]) -> str:
    """The one line on stderr of a run that failed."""
    assert run.returncode != 0
    (line,) = run.stderr.splitlines()
    return line


def test_a_given_python_that_is_too_old_is_refused_even_if_another_would_do(machine: Machine) -> None:
    machine.python("python3", NEW_PYTHON)
    line = complaint(machine.setup(PYTHON=machine.python("python3.9", OLD_PYTHON)))
    assert "3.12 or newer" in line
    assert "python3.9 = 3.9.18" in line


def test_a_machine_with_old_pythons_only_gets_one_line_that_says_what_was_found(machine: Machine) -> None:
    machine.python("python3", OLD_PYTHON)
    machine.python("python", OLD_PYTHON)
    line = complaint(machine.setup())
    assert "3.12 or newer; found python3 = 3.9.18, python = 3.9.18." in line
    assert "make PYTHON=" in line


def test_a_machine_without_python_gets_one_line(machine: Machine) -> None:
    assert "3.12 or newer; found no python3." in complaint(machine.setup("--find-python"))


def test_a_newer_python_is_found_behind_an_old_python3(machine: Machine) -> None:
    machine.python("python3", OLD_PYTHON)
    newer = machine.python("python3.13", NEW_PYTHON)
    assert machine.setup("--find-python").stdout.strip() == newer


def test_a_python_of_pyenv_is_found_when_its_commands_fail(machine: Machine) -> None:
    machine.python("python3", "#!/bin/sh\necho 'pyenv: version `3.13` is not installed' >&2\nexit 127\n")
    machine.python("pyenv", f"#!/bin/sh\n[ $1 = root ] && echo '{machine.bin}' || echo 3.12.1\n")
    (machine.bin / "versions/3.12.1/bin").mkdir(parents=True)
    newer = machine.python("versions/3.12.1/bin/python", NEW_PYTHON)
    assert machine.setup("--find-python", PYENV_VERSION="2.7.18").stdout.strip() == newer


def test_a_second_run_does_nothing_and_a_changed_pin_installs_into_the_same_venv(machine: Machine) -> None:
    machine.python("python3", NEW_PYTHON)
    assert machine.setup().returncode == 0
    assert machine.calls() == ["venv", "pip", "pip"]
    assert machine.setup().stdout == ""
    assert machine.calls() == []
    with (machine.checkout / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    machine.setup()
    assert machine.calls() == ["pip", "pip"]


def test_a_venv_that_is_half_made_or_moved_or_lost_its_python_is_made_anew(machine: Machine) -> None:
    machine.python("python3", NEW_PYTHON)
    (machine.checkout / ".venv/bin").mkdir(parents=True)
    machine.setup()
    assert machine.calls() == ["venv", "pip", "pip"]
    machine.checkout = machine.checkout.rename(machine.checkout.with_name("moved"))
    assert "making it anew" in machine.setup().stdout
    assert machine.calls() == ["venv", "pip", "pip"]
    (machine.checkout / ".venv/bin/python").unlink()
    assert machine.setup().returncode == 0
    assert machine.calls() == ["venv", "pip", "pip"]


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE FILE.", "not what requirements.lock pins"),
        ("ERROR: Could not find a version that satisfies the requirement x==1 (from versions: none)", "network"),
        ("WARNING: Retrying (Retry(total=4)) after ConnectionError\nerror: subprocess-exited-with-error", "C compiler"),
        ("Obtaining file:///x\nOSError: no README.md\nerror: subprocess-exited-with-error", "OSError: no README.md"),
        ("ERROR: something new\nhint: look closer", "ERROR: something new"),
    ],
)
def test_a_failed_install_is_explained_in_one_line_and_not_taken_for_whole(
    machine: Machine, said: str, advice: str
) -> None:
    machine.python("python3", NEW_PYTHON)
    line = complaint(machine.setup(PIP_FAILS_WITH=said))
    assert advice in line
    assert ".venv/setup.log" in line
    machine.calls()
    assert machine.setup().returncode == 0
    assert machine.calls() == ["venv", "pip", "pip"]


def test_the_lock_names_no_address_and_pins_everything_by_hash() -> None:
    lock = (CHECKOUT / "requirements.lock").read_text()
    assert "://" not in lock
    assert not re.search(r"^(-|scantrail\b)", lock, re.MULTILINE)
    pins = re.split(r"^(?=\w)", lock, flags=re.MULTILINE)[1:]
    assert [pin for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []
    (mitmproxy,) = re.findall(r"^mitmproxy==12\.(\d+)", lock, re.MULTILINE)
    assert int(mitmproxy) >= 2


def test_the_lock_pins_what_pyproject_asks_for() -> None:
    pyproject = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    project = pyproject["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values(), pyproject["dependency-groups"]["dev"]]
    asked = {re.split(r"[^\w-]", line)[0] for lines in lists for line in lines} - {project["name"]}
    pinned = re.findall(r"^([\w-]+)==", (CHECKOUT / "requirements.lock").read_text(), re.MULTILINE)
    assert asked - set(pinned) == set(), "make lock"


def test_make_lists_all_its_targets() -> None:
    shown = subprocess.check_output(["make"], cwd=CHECKOUT, env={"PATH": os.environ["PATH"]}, text=True)
    (targets,) = re.findall(r"^\.PHONY: (.*)", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
    assert [line.split()[1] for line in shown.splitlines()] == targets.split()
