"""The chaos run in small, on the embedded PostgreSQL: nothing is lost while everything dies."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson

from chaos.fault import Kind

ROOT = Path(__file__).parents[2]
PATIENCE = 240.0
NEITHER = {Kind.BROKER_KILLED.name}
"""What this form has no part for."""


def chaos(folder: Path, *arguments: str) -> tuple[int, dict[str, Any], str]:
    """A run: its exit code, its report, and what it said."""
    report = folder / "report.json"
    done = subprocess.run(
        [sys.executable, "-m", "chaos", *arguments, "--report", str(report)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    said = done.stdout + done.stderr
    assert report.exists(), said
    return done.returncode, orjson.loads(report.read_bytes()), said


def test_nothing_is_lost_while_everything_dies(tmp_path: Path) -> None:
    code, found, said = chaos(tmp_path, "--seconds", "34", "--spacing", "1", "--subscribers", "120", "--seed", "1")
    assert (code, found["findings"], found["unexpected"]) == (0, [], {}), said
    # Every kind there is a part for has come, and everybody was at work.
    assert {kind.name for kind in Kind} - found["kinds"].keys() == NEITHER
    assert found["declared"]["acknowledged"] == found["declared"]["households"] > 100
    assert found["alerts"]["resumed"] > 0
    assert found["alerts"]["acknowledged"] > 0
    assert found["messages"]["repeats_by_id"] > 0
