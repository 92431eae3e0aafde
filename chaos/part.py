"""A process of the run: started, watched over as a service manager does, killed, stopped for a while."""

import asyncio
import contextlib
import os
import signal
import subprocess
import warnings
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import psutil

from commands.lifeline import end_with_parent

ROOT = Path(__file__).parents[1]
_GRACE = 12.0
_LOOK = 0.05
_AGAIN = 0.3


class Part:
    """One process that is started anew whenever it ends, until `stop`."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        """Does nothing until `start`."""
        self.name = name
        self.log = log
        self.starts = 0
        self._command = list(command)
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._watching: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Its process, while there is one."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @property
    def rss(self) -> int:
        """The bytes that it and its children hold in memory; 0 while it is away."""
        pid = self.pid
        if pid is None:
            return 0
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            return int(sum(one.memory_info().rss for one in [process, *process.children(recursive=True)]))
        return 0

    def start(self) -> None:
        """Starts it and watches over it."""
        self._launch()
        self._watching = asyncio.create_task(self._watch(), name=f"watch {self.name}")

    def kill(self) -> None:
        """kill -9."""
        self._signal(signal.SIGKILL)

    async def pause(self, seconds: float) -> None:
        """Stops it in the middle of whatever it does, and lets it go on: as a machine that swaps, or a frozen guest."""
        process = self._process
        self._signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            # Of this process and no other: it may have been killed and started anew meanwhile.
            if process is not None and process is self._process:
                self._signal(signal.SIGCONT)

    async def stop(self) -> None:
        """Ends it in order, and by force where that takes too long."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        for sign in (signal.SIGTERM, signal.SIGKILL):
            self._signal(sign)
            loop = asyncio.get_running_loop()
            deadline = loop.time() + _GRACE
            while self.pid is not None and loop.time() < deadline:  # noqa: ASYNC110 - a process sets no event
                await asyncio.sleep(_LOOK)

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-800:]

    def _signal(self, sign: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(sign)

    def _launch(self) -> None:
        self.starts += 1
        with self.log.open("ab") as output, warnings.catch_warnings():
            # Python warns of forking beside threads; the child makes two system calls before it executes.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Ctrl-C reaches the whole group of a terminal; the parts end when the run says so.
                start_new_session=True,
                # kill -9 of the run leaves none of its parts behind.
                preexec_fn=partial(end_with_parent, os.getpid()),
            )

    async def _watch(self) -> None:
        while True:
            while self.pid is not None:  # noqa: ASYNC110 - a process sets no event
                await asyncio.sleep(_LOOK)
            await asyncio.sleep(_AGAIN)
            self._launch()
