"""A process of the run that is told what to do by lines of JSON, and answers by them."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson

_LONGEST = 2**28


class Ended(Exception):
    """A process of the run has ended before its time; the text has its last words."""


class Child:
    """One such process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    def tell(self, what: dict[str, Any]) -> None:
        """Tells it something."""
        assert self._process.stdin is not None
        self._process.stdin.write(orjson.dumps(what) + b"\n")

    def no_more(self) -> None:
        """Ends its input."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    async def answer(self) -> dict[str, Any]:
        """Its next line. Raises Ended."""
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise Ended("a process of the run has ended before its time")
        found: dict[str, Any] = orjson.loads(line)
        return found

    async def ask(self, what: dict[str, Any]) -> dict[str, Any]:
        """Tells it something and waits for what it says. Raises Ended."""
        self.tell(what)
        return await self.answer()


@asynccontextmanager
async def child(module: str, *, behind: int = 0) -> AsyncIterator[Child]:
    """Starts one, and ends it. `behind` is its niceness: where processors are short, others go before it."""
    process = await asyncio.create_subprocess_exec(
        *("nice", "-n", str(behind), sys.executable, "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST,
    )
    try:
        yield Child(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
