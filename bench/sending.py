"""Sending a load from a process of its own."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import orjson

from bench.load import Load
from bench.worked import pin


class LoadFailed(Exception):
    """A load generator had no good answer; the text has its last words."""


def _last_words(said: bytes) -> str:
    lines = said.decode(errors="replace").splitlines()
    return next((line.strip(" |") for line in lines if "RuntimeError" in line), "\n".join(lines[-3:]))


async def sent(load: Load, cores: Sequence[int] = ()) -> dict[str, Any]:
    """What came of it; on these cores where some are given. Raises LoadFailed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.load"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    if cores:
        pin([process.pid], cores)
    out, said = await process.communicate(orjson.dumps(asdict(load)) + b"\n")
    if process.returncode:
        raise LoadFailed(f"{load.url}: {_last_words(said)}")
    done: dict[str, Any] = orjson.loads(out)
    return done
