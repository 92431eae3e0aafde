"""Where photos are drawn anew: a few programs beside the server, each with one photo at a time and a bound of time."""

import asyncio
import contextlib
import json
import os
import struct
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from dataclasses import dataclass
from pathlib import Path

SECONDS = 15.0
"""How long one photo may take: the largest that is taken needs two or three on a slow machine."""
_PROGRAMS = 2
_MOST_WAITING = 32
_PHOTOS = 500
"""After so many a program is ended and another one started: whatever a decoder leaks goes with it."""
# By its path: imported, it would bring the decoders into the server.
_PROGRAM = Path(__file__).with_name("photo.py")
_LENGTH = struct.Struct(">I")
_INHERITED = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "TMPDIR", "TEMP")


class NoPhoto(Exception):
    """The file is no photo that is taken here: NOT_AN_IMAGE, IMAGE_TOO_LARGE or IMAGE_DAMAGED."""

    def __init__(self, code: str) -> None:
        """`code` is stable."""
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Photo:
    """A JPEG without metadata, upright, with its size in pixels."""

    data: bytes
    width: int
    height: int


class DeskFull(Exception):
    """More photos wait than a caller would wait for."""


class PhotoDesk:
    """Starts its programs when the first photo comes, and ends one that is too slow or has crashed."""

    def __init__(self, programs: int = _PROGRAMS, seconds: float = SECONDS) -> None:
        """`programs` work at once; each photo has `seconds`."""
        self._turn = asyncio.Semaphore(programs)
        self._idle: list[_Program] = []
        self._waiting = 0
        self._most = programs + _MOST_WAITING
        self._seconds = seconds

    async def redraw(self, data: bytes) -> Photo:
        """The photo as it may be kept. Raises NoPhoto (also IMAGE_DAMAGED where no decoder survives it), DeskFull."""
        if self._waiting >= self._most:
            raise DeskFull
        self._waiting += 1
        try:
            async with self._turn:
                return await self._redraw(data)
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """Ends the programs."""
        idle, self._idle = self._idle, []
        for program in idle:
            await program.end()

    async def _redraw(self, data: bytes) -> Photo:
        program = self._take() or await _Program.start()
        try:
            async with asyncio.timeout(self._seconds):
                found = await program.redraw(data)
        except NoPhoto:
            await self._keep(program)
            raise
        except TimeoutError:
            await program.end()
            raise NoPhoto("IMAGE_TOO_LARGE") from None
        except (OSError, EOFError, ValueError, asyncio.IncompleteReadError):
            # It has died over this file: so will the next one, and whoever sends it is not asked to try again.
            await program.end()
            raise NoPhoto("IMAGE_DAMAGED") from None
        except BaseException:
            await program.end()
            raise
        await self._keep(program)
        return found

    def _take(self) -> "_Program | None":
        while self._idle:
            # One may have been ended while it had nothing to do, by a system that was short of memory.
            if (program := self._idle.pop()).running:
                return program
        return None

    async def _keep(self, program: "_Program") -> None:
        if program.photos < _PHOTOS:
            self._idle.append(program)
        else:
            await program.end()


class _Program:
    def __init__(self, process: Process) -> None:
        self._process = process
        self.photos = 0

    @classmethod
    async def start(cls) -> "_Program":
        # By its file and isolated, so that no folder of the caller is looked through for modules; and without the
        # caller's environment, in which the installation's keys may stand.
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        return cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", str(_PROGRAM)),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                env=environment,
                cwd=_PROGRAM.parent,
            )
        )

    @property
    def running(self) -> bool:
        return self._process.returncode is None

    async def redraw(self, data: bytes) -> Photo:
        self.photos += 1
        requests, answers = self._process.stdin, self._process.stdout
        if requests is None or answers is None:
            raise EOFError
        requests.write(_LENGTH.pack(len(data)))
        requests.write(data)
        await requests.drain()
        said = json.loads(await answers.readline())
        body = await answers.readexactly(said["bytes"])
        if "refused" in said:
            raise NoPhoto(said["refused"])
        return Photo(body, said["width"], said["height"])

    async def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        # Waited for whatever comes: a program that nobody has waited for stays in the system's table.
        await asyncio.shield(self._process.wait())
