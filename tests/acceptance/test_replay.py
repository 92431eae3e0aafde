"""The eleven days again, in small, against a server that a demo starts: every figure found, every alert delivered."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import psutil
import pytest

from simulation.client import Client, Refused, Unreachable
from simulation.keep_alive import Endpoint
from simulation.operations import INSTALLATION
from simulation.quota import quota

ROOT = Path(__file__).parents[2]
DECLARATIONS = 300
PATIENCE = 120.0
SOCKETS = 1 + 22 + 312 + 5
"""The city's committee, the districts', the stations, and five who watch the figures."""


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that stays up."""

    url: str
    folder: Path
    process: "subprocess.Popen[bytes]"


def environment(folder: Path) -> dict[str, str]:
    """Nothing of ours from outside, and a folder of the test's own."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KHAIBAO_")}
    return inherited | {"KHAIBAO_DATA_DIR": str(folder), "COLUMNS": "200"}


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def khaibao(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        cwd=ROOT,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[Demo]:
    """Starts a demo in the background; whatever the test does, it is not left running."""
    port = free_port()
    with (folder / "demo.out").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "demo", "--port", str(port), *arguments],
            cwd=ROOT,
            env=environment(folder),
            stdout=output,
            stderr=output,
        )
    try:
        yield Demo(f"http://127.0.0.1:{port}", folder, process)
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(30)


async def serves(demo: Demo) -> None:
    """Returns when the demo answers."""
    client = Client(Endpoint.of(demo.url), patience=0)
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await client.call(INSTALLATION)
            except (Refused, Unreachable):
                assert demo.process.poll() is None, (demo.folder / "demo.out").read_text()
                await asyncio.sleep(0.1)
            else:
                client.close()
                return


@pytest.fixture(scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """A demo with nothing declared yet."""
    with started(tmp_path_factory.mktemp("demo"), "--no-replay") as running:
        await serves(running)
        yield running


def agrees(report: dict[str, Any], declarations: int) -> bool:
    """Whether everything was found, and delivered once."""
    wanted = quota(declarations)
    figures = [(report[key], report[f"found_{key}"]) for key in ("declared", "severe", "high_risk")]
    return (
        figures == [(count, count) for count in (wanted.declared, wanted.severe, wanted.high_risk)]
        and report["delivered"] == wanted.alerts
        and (report["lost"], report["duplicated"], report["out_of_order"], report["foreign"]) == (0, 0, 0, 0)
        and report["differences"] == []
    )


def test_a_small_demo_agrees_in_every_figure_with_a_subscriber_cut_ten_times(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    arguments = ("--no-stay", "--declarations", str(DECLARATIONS), "--port", str(free_port()), "--report", str(path))
    done = khaibao(tmp_path, "demo", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    report = orjson.loads(path.read_bytes())
    assert agrees(report, DECLARATIONS)
    assert (report["cuts"], report["resumed"], report["sockets"]) == (10, 10, SOCKETS)
    assert 0 < report["acknowledged"] < report["delivered"]
    assert all(report[kind][key] > 0 for kind in ("declare_ms", "delivery_ms") for key in ("p50", "p95", "p99"))
    assert "Every figure agrees." in done.stdout


def test_a_replay_into_a_running_demo_adds_to_what_is_there(demo: Demo, tmp_path: Path) -> None:
    for seed in ("7", "8"):
        path = tmp_path / f"{seed}.json"
        arguments = ("--declarations", "120", "--seed", seed, "--subscribers", "30", "--report", str(path))
        done = khaibao(demo.folder, "replay", "--url", demo.url, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        assert agrees_with_few_listeners(orjson.loads(path.read_bytes()), 120)


def agrees_with_few_listeners(report: dict[str, Any], declarations: int) -> bool:
    """Of fewer stations fewer alerts are delivered; what is found is all of it."""
    assert report["delivered"] == report["deliverable"]
    return agrees({**report, "delivered": quota(declarations).alerts}, declarations)


def test_the_rate_can_be_held_down(demo: Demo, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    arguments = ("--declarations", "40", "--rate", "20", "--subscribers", "3", "--report", str(path))
    assert khaibao(demo.folder, "replay", "--url", demo.url, "--seed", "9", *arguments).returncode == 0
    assert orjson.loads(path.read_bytes())["seconds"] > 1.5


def test_a_wrong_password_ends_a_replay_with_one_line(demo: Demo) -> None:
    done = khaibao(demo.folder, "replay", "--url", demo.url, "--password", "not the password")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "INVALID_CREDENTIALS" in done.stderr


async def test_a_demo_that_is_killed_leaves_nothing_running(tmp_path: Path) -> None:
    with started(tmp_path, "--no-replay") as demo:
        await serves(demo)
        family = psutil.Process(demo.process.pid).children(recursive=True)
        assert family
        demo.process.send_signal(signal.SIGKILL)
        gone, alive = await asyncio.to_thread(psutil.wait_procs, family, 15)
        assert (len(gone), alive) == (len(family), [])


def still_runs(process: psutil.Process) -> bool:
    """Whether it does; one that only waits to be taken note of by its new parent does not."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
async def test_a_demo_that_is_asked_to_end_takes_everything_along(tmp_path: Path, sign: signal.Signals) -> None:
    with started(tmp_path, "--no-replay") as demo:
        await serves(demo)
        family = psutil.Process(demo.process.pid).children(recursive=True)
        demo.process.send_signal(sign)
        assert await asyncio.to_thread(demo.process.wait, 30) in (0, 130, 143)
        assert not [child for child in family if still_runs(child)]
        assert "Traceback" not in (tmp_path / "demo.out").read_text()
