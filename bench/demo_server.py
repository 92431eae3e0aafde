"""A demo server of its own for a measurement: started with the command line, in a folder that is thrown away."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import asyncpg

from simulation.client import Client, Refused, Unreachable
from simulation.keep_alive import Endpoint
from simulation.operations import INSTALLATION

_PATIENCE = 120.0
_DATABASE = "khaibao_demo"


class NotStarted(Exception):
    """The server to be measured did not come up; the text has its last words."""


@dataclass(frozen=True, slots=True)
class DemoServer:
    """Where it serves, the password of its accounts, and the folder of its database's socket.

    `pid` is the process above all of it, `database_pid` the one above all of PostgreSQL's.
    """

    url: str
    password: str
    socket: Path
    pid: int
    database_pid: int

    @property
    def endpoint(self) -> Endpoint:
        """Its GraphQL endpoint."""
        return Endpoint.of(self.url)

    async def version(self) -> str:
        """What its PostgreSQL calls itself."""
        connection = await self.connect()
        try:
            return str(await connection.fetchval("SHOW server_version"))
        finally:
            await connection.close()

    async def connect(
        self, database: str = _DATABASE, login: str = "khaibao_owner"
    ) -> "asyncpg.Connection[asyncpg.Record]":
        """A connection to its database beside the server, for loading what a year would bring."""
        return await asyncpg.connect(host=str(self.socket), user=login, database=database)


@asynccontextmanager
async def demo_server(
    port: int, workers: int = 1, more: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[DemoServer]:
    """Starts one with nothing declared, and ends it. `more` are settings of its own. Raises NotStarted."""
    with tempfile.TemporaryDirectory(prefix="khaibao-bench-", ignore_cleanup_errors=True) as folder:
        log = Path(folder) / "demo.log"
        process = _start(port, workers, folder, log, more)
        try:
            url = f"http://127.0.0.1:{port}"
            await _ready(process, url, log)
            demo = Path(folder) / "demo"
            holder = json.loads((demo / "postgres" / "holder").read_text(encoding="utf-8"))
            password = (demo / "demo-password").read_text(encoding="ascii").strip()
            yield DemoServer(url, password, Path(holder["socket"]), process.pid, holder["server_pid"])
        finally:
            process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(process.wait, 60)


def _start(port: int, workers: int, folder: str, log: Path, more: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "cli", "demo", "--no-replay", "--port", str(port), "--workers", str(workers)],
            env=os.environ | {"KHAIBAO_DATA_DIR": folder, "KHAIBAO_LOG_LEVEL": "warning", **more},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )


def _last_words(log: Path) -> str:
    return log.read_text(errors="replace")[-500:]


async def _ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    client = Client(Endpoint.of(url), patience=0)
    try:
        while True:
            try:
                await client.call(INSTALLATION)
            except (Refused, Unreachable):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise NotStarted(_last_words(log)) from None
                await asyncio.sleep(0.2)
            else:
                return
    finally:
        client.close()
