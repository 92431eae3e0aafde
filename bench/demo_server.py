"""A demo server of its own for a measurement: started with the command line, in a folder thrown away or kept."""

import asyncio
import json
import os
import signal
import socket
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
_ENDING = 300
"""Seconds for the end: a database that was just loaded writes out what it has in memory."""
_DATABASE = "khaibao_demo"
_FOLDER = "KHAIBAO_DATA_DIR"
# What `khaibao demo` gives its server, for `khaibao serve`, which does not empty the database first.
_AS_A_DEMO = {
    "KHAIBAO_MODE": "demo",
    "KHAIBAO_DISEASE": "covid19",
    "KHAIBAO_TIMEZONE": "Asia/Ho_Chi_Minh",
    "KHAIBAO_PROTOCOL_PIN": "covid19-hcmc-2022-03-17",
    "KHAIBAO_ALLOW_UNVERIFIED_DECLARE": "true",
    "KHAIBAO_SMS_GATEWAYS": "console",
    "KHAIBAO_SECOND_FACTOR": "off",
    "KHAIBAO_TRUSTED_PROXIES": "127.0.0.0/8,::1",
}


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
        settings = os.environ | {_FOLDER: folder, **more}
        async with _started(["demo", "--no-replay", "--workers", str(workers)], port, Path(folder), settings) as server:
            yield server


@asynccontextmanager
async def kept_demo_server(
    port: int, folder: Path, *, again: bool, more: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[DemoServer]:
    """One whose folder stays: with nothing declared, or `again` with all that was written before. Raises NotStarted."""
    if again:
        settings, command = {**_AS_A_DEMO, _FOLDER: str(folder / "demo")}, ["serve"]
    else:
        settings, command = {_FOLDER: str(folder)}, ["demo", "--no-replay"]
    async with _started(command, port, folder, {**os.environ, **settings, **more}) as server:
        yield server


@asynccontextmanager
async def _started(
    command: list[str], port: int, folder: Path, settings: Mapping[str, str]
) -> AsyncIterator[DemoServer]:
    _take(port)
    log = folder / "demo.log"
    process = _start([*command, "--port", str(port)], log, settings)
    try:
        url = f"http://127.0.0.1:{port}"
        await _ready(process, url, log)
        demo = folder / "demo"
        holder = json.loads((demo / "postgres" / "holder").read_text(encoding="utf-8"))
        password = (demo / "demo-password").read_text(encoding="ascii").strip()
        yield DemoServer(url, password, Path(holder["socket"]), process.pid, holder["server_pid"])
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.wait, _ENDING)


def _take(port: int) -> None:
    """Sees that nobody has the port: another's server would be measured in place of ours. Raises NotStarted."""
    with socket.socket() as here:
        here.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            here.bind(("127.0.0.1", port))
        except OSError as error:
            raise NotStarted(f"port {port} is taken ({error.strerror}): name another one with --port") from None


def _start(command: list[str], log: Path, settings: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "cli", *command],
            env={**settings, "KHAIBAO_LOG_LEVEL": "warning"},
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
