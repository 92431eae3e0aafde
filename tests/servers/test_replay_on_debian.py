"""The replay against Debian's PostgreSQL 15, with two workers that wake each other through it or through Redis."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.servers.conftest import Cluster

pytestmark = pytest.mark.servers

ROOT = Path(__file__).parents[2]
DECLARATIONS = 400


def replayed(cluster: Cluster, folder: Path, name: str, broadcast: str | None = None) -> dict[str, Any]:
    """Plays a small replay on a new database with two workers, and gives its report."""
    urls = cluster.database(name)
    report = folder / "report.json"
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("KHAIBAO_")}
    environment = {
        **inherited,
        "KHAIBAO_DATA_DIR": str(folder),
        "KHAIBAO_DATABASE_URL": urls.application,
        "KHAIBAO_SERVICE_URL": urls.service,
        "KHAIBAO_OWNER_URL": urls.owner,
        **({"KHAIBAO_BROADCAST_URL": broadcast} if broadcast else {}),
    }
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "cli", "demo", "--no-stay", "--workers", "2", "--port", str(port)]
    command += ["--declarations", str(DECLARATIONS), "--report", str(report)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    found_report: dict[str, Any] = orjson.loads(report.read_bytes())
    return found_report


def agrees(report: dict[str, Any]) -> bool:
    """Whether everything was found and delivered, once."""
    return (
        report["declared"] == report["found_declared"] == DECLARATIONS
        and report["severe"] == report["found_severe"]
        and report["high_risk"] == report["found_high_risk"]
        and report["delivered"] == report["alerts"]
        and (report["lost"], report["duplicated"]) == (0, 0)
    )


def test_two_workers_wake_each_other_through_postgresql_15(postgresql15: Cluster, tmp_path: Path) -> None:
    assert agrees(replayed(postgresql15, tmp_path, "replay_postgres"))


def test_two_workers_wake_each_other_through_redis(postgresql15: Cluster, redis_url: str, tmp_path: Path) -> None:
    assert agrees(replayed(postgresql15, tmp_path, "replay_redis", redis_url))
