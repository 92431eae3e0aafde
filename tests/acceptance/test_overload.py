"""The storm in small: what is promised to everybody holds while several times as many come as can be served."""

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).parents[2]
PATIENCE = 240.0


def overload(folder: Path, *arguments: str) -> tuple[int, dict[str, Any], str]:
    """A run without promises of speed: its exit code, its report, and what it said."""
    report = folder / "report.json"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    done = subprocess.run(
        [sys.executable, "-m", "overload", "--no-speed", "--port", port, *arguments, "--report", str(report)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    said = done.stdout + done.stderr
    assert report.exists(), said
    return done.returncode, orjson.loads(report.read_bytes()), said


def test_everybody_is_answered_or_told_when_to_come_back_and_nothing_is_lost(tmp_path: Path) -> None:
    small = ("--seconds", "5", "--factor", "5", "--after", "4", "--measured", "3")
    code, found, said = overload(tmp_path, *small, "--subscribers", "24", "--reconnecting", "60")
    assert (code, found["findings"], found["lost"]) == (0, [], 0), said
    lanes = found["lanes"]
    # It was a storm, and whoever may not be refused was not.
    assert lanes["declare"]["refused"] > 0
    assert lanes["vital"]["admitted"] > 0
    assert (lanes["vital"]["refused"], lanes["vital"]["waited"]) == (0, 0)
    assert found["patients"]["served"] == found["patients"]["count"]
    assert found["returned"]["screens"] == 60
