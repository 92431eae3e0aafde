"""Debian's HAProxy with the configuration that deploy/ offers, before two servers that a test may end and start."""

import asyncio
import shutil
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Self

import pytest

from tests.acceptance.client import PATIENCE
from tests.acceptance.conftest import ROOT, Place, free_port, until_ready

CONFIGURATION = ROOT / "deploy" / "haproxy.cfg"


@dataclass
class Fleet:
    """Two servers, and the one address that clients know."""

    place: Place
    url: str
    ports: tuple[int, int]
    servers: list[Process]

    @classmethod
    @asynccontextmanager
    async def of(cls, place: Place) -> AsyncIterator[Self]:
        """Starts all of it, and ends it."""
        program = shutil.which("haproxy")
        if program is None:
            pytest.fail("HAProxy is not installed: run make test-servers, which installs it")
        ports, front = (free_port(), free_port()), f"127.0.0.1:{free_port()}"
        fleet = cls(place, f"http://{front}", ports, [])
        addresses = {f"SERVER_{number}": f"127.0.0.1:{port}" for number, port in enumerate(ports, 1)}
        async with AsyncExitStack() as stack:
            stack.push_async_callback(fleet.stop)
            fleet.servers = list(await asyncio.gather(*(fleet._started(port) for port in ports)))
            log = stack.enter_context((place.folder / "haproxy.log").open("wb"))
            proxy = await asyncio.create_subprocess_exec(
                *(program, "-db", "-f", str(CONFIGURATION)),
                env={**place.environment, "FRONT": front, **addresses},
                stdout=log,
                stderr=log,
            )
            stack.push_async_callback(_end, proxy)
            await until_ready(fleet.url, proxy)
            yield fleet

    async def restart(self, number: int) -> None:
        """Ends one server as a supervisor does, and starts it again; returns when the proxy sends it somebody."""
        seen = self._seen_up(number)
        await _end(self.servers[number])
        self.servers[number] = await self._started(self.ports[number])
        async with asyncio.timeout(PATIENCE):
            while self._seen_up(number) == seen:  # noqa: ASYNC110 - the proxy's log sets no event
                await asyncio.sleep(0.05)

    async def kill(self, number: int) -> None:
        """Ends one server on the spot."""
        self.servers[number].kill()
        await self.servers[number].wait()

    async def revive(self, number: int) -> None:
        """Starts one that was killed."""
        self.servers[number] = await self._started(self.ports[number])

    async def stop(self) -> None:
        """Ends both servers."""
        await asyncio.gather(*(_end(server) for server in self.servers))

    def _seen_up(self, number: int) -> int:
        name = ("one", "two")[number]
        return (self.place.folder / "haproxy.log").read_text().count(f"Server servers/{name} is UP")

    async def _started(self, port: int) -> Process:
        with (self.place.folder / f"server-{port}.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "cli", "serve", "--port", str(port)),
                cwd=ROOT,
                env=dict(self.place.environment),
                stdout=log,
                stderr=log,
            )
        await until_ready(f"http://127.0.0.1:{port}", process)
        return process


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
        async with asyncio.timeout(30):
            await process.wait()
