"""The suite's smallest run: the program and the floor declare, and have written the same."""

import socket
import subprocess
import sys
from pathlib import Path

import orjson

ROOT = Path(__file__).parents[2]
PATIENCE = 240.0


def suite(report: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """A run of one round of a second."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    small = ("--rounds", "1", "--seconds", "1", "--cases", "200", "--port", port, "--report", str(report))
    return subprocess.run(
        [sys.executable, "-m", "bench", "suite", *arguments, *small],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_the_program_and_the_floor_are_measured_and_write_the_same_rows(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = suite(report, "--work", "declare", "--peers", "floor")
    assert done.returncode == 0, done.stdout + done.stderr
    found = orjson.loads(report.read_bytes())["suite"]
    assert all(one["per_second"]["median"] > 0 for one in found["works"]["declare"].values())
    rows = found["rows"]["for_one_declaration"]
    for table in ("person", "illness_case", "declaration", "assessment", "alert", "alert_event", "area_count", "audit"):
        assert rows["floor"][table]["rows"] == rows["khaibao"][table]["rows"] > 0, table


def test_a_peer_that_nobody_knows_is_named_with_those_that_are_known(tmp_path: Path) -> None:
    done = suite(tmp_path / "report.json", "--peers", "floor,hasura")
    assert done.returncode == 2
    assert "hasura" in done.stderr
    assert "mercurius" in done.stderr
