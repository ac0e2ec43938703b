"""The wheel has two top-level names and carries the addons, so that `scantrail record` finds them."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", build, str(folder)], cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_has_two_top_level_names(wheel: Path) -> None:
    names = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"scantrail", "scansim"}


def test_addons_and_data_are_found_in_the_wheel(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    look = (
        "import scantrail.proxy, scansim.city, scantrail.report; from scansim.designs.alipay import pages; "
        "print(*map(scantrail.proxy.addon, ('record', 'loopback', 'disclose')), scansim.city.load_city().tz, "
        "sum(pages.read(name) != b'' for name in pages.FILES) - len(pages.FILES))"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", look], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    *addons, tz, missing = done.stdout.split()
    assert {Path(addon).parent for addon in addons} == {tmp_path / "scantrail" / "addons"}
    assert (tz, missing) == ("Asia/Shanghai", "0")
