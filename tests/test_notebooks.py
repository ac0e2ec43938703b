"""The notebooks run from top to bottom, offline, and what they say holds."""

import importlib
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = Path(__file__).parents[1] / "docs" / "notebooks"


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(_: socket.socket, address: object) -> None:
        raise AssertionError(f"a notebook connects to {address}")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.syspath_prepend(NOTEBOOKS)
    monkeypatch.setattr(sys, "argv", ["notebook"])


def ran(name: str) -> Any:
    """All names that the cells of a notebook define."""
    outputs, definitions = importlib.import_module(name).app.run()
    assert any(output is not None for output in outputs)
    return definitions


def lines(figure: Any) -> int:
    """How many curves and sets of markers a figure has; each axis is labelled."""
    for axes in figure.axes:
        assert axes.get_title("left")
    return sum(len(axes.lines) + len(axes.collections) for axes in figure.axes)


def test_a_scan_becomes_a_history_and_home_is_found() -> None:
    said = ran("from_a_scan_to_a_history")
    assert {"position", "city", "code_number", "place_id"} <= set(said["disclosures"]["kind"])
    assert all(path.startswith("body|form") for path in said["opened"]["path"])
    assert said["told"].disclosures[0].request in said["analysis"].capture.requests
    assert said["errors_m"].keys() == {"home", "work"}
    assert max(said["errors_m"].values()) < 100
    assert {"home_error", "hours_located"} <= set(said["scores"]["measure"])
    assert lines(said["trail_map"]) > 4


def test_with_more_scans_more_homes_are_known_and_more_people_singled_out() -> None:
    said = ran("how_many_scans")
    home, unique = said["home"], said["unique"]
    assert home["right"].is_monotonic_increasing
    assert home["day"].is_monotonic_increasing
    assert home["right"].iloc[-1] > home["naive"].iloc[-1] + 0.05
    assert home["right"].iloc[0] < home["naive"].iloc[0]  # and the notebook says so
    assert (home["right_of_told"] > home["naive"]).all()
    for _, crowd in unique.groupby("crowd"):
        assert crowd["share"].is_monotonic_increasing
        assert crowd["share"].iloc[-1] > 0.99
    alone = unique[unique["points"] == 1].set_index("crowd")["share"]
    assert alone.is_monotonic_decreasing
    assert lines(said["home_figure"]) == lines(said["unique_figure"]) == 3
    assert all(axes.get_xlabel() and axes.get_ylabel() for axes in said["home_figure"].axes)
