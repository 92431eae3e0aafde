"""A crowd of listeners in a process of its own."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

import orjson

from bench.listening import Listening
from bench.sending import LoadFailed


class Crowd:
    """All of them are subscribed; `pid` is their process."""

    opened: dict[str, Any]
    """In how many seconds they were, or took their last step; and how often one of them was told to come back."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    async def heard(self, deliveries: int, since: float) -> dict[str, Any]:
        """What came of so many deliveries; `since` is of the monotonic clock. Raises LoadFailed."""
        return await self._ask({"deliveries": deliveries, "since": since})

    async def take(self, step: str) -> None:
        """Has all of them take a step, as `bench.listening` names them. Raises LoadFailed."""
        self.opened = await self._ask({"step": step})

    async def open(self, job: Listening) -> None:
        """Opens them. Raises LoadFailed."""
        self.opened = await self._ask(asdict(job))

    async def _ask(self, what: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(orjson.dumps(what) + b"\n")
        line = await self._process.stdout.readline()
        if not line:
            raise LoadFailed("the listeners have ended before their time; what they said stands above")
        found: dict[str, Any] = orjson.loads(line)
        return found


@asynccontextmanager
async def crowd(job: Listening) -> AsyncIterator[Crowd]:
    """Opens one, and ends it. Raises LoadFailed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.listening"), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    one = Crowd(process)
    try:
        await one.open(job)
        yield one
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
