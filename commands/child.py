"""The demo's server as a process of its own: started, waited for, and never left running."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

from commands.lifeline import end_with_parent

_GRACE = 10.0
_LOOK = 0.05


class ChildFailed(Exception):
    """The server ended before it served; the text is one line with its last words."""


class Server:
    """A `khaibao serve` with an environment of its own, whose words go to a log file."""

    def __init__(self, arguments: list[str], environment: Mapping[str, str], log: Path) -> None:
        """Starts it. Call it from the main thread: on Linux the kernel ends the child when that thread ends."""
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output, warnings.catch_warnings():
            # Python warns of forking beside threads; the child makes two system calls before it executes.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cli", "serve", *arguments],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Ctrl-C reaches the whole group of a terminal; the server is to end when we say so, after its clients.
                start_new_session=True,
                preexec_fn=partial(end_with_parent, os.getpid()),
            )

    @property
    def ended(self) -> bool:
        """Whether it has ended by itself."""
        return self._process.poll() is not None

    async def ready(self, serves: Callable[[], Awaitable[bool]], patience: float = 60.0) -> None:
        """Returns when `serves` says so. Raises ChildFailed where it ends or does not come up in time."""
        deadline = time.monotonic() + patience
        while not await serves():
            if self.ended or time.monotonic() > deadline:
                raise ChildFailed(f"the server did not start: {self._last_words()} (log: {self._log})")
            await asyncio.sleep(_LOOK)

    async def stop(self) -> None:
        """Ends it in order, and by force where that takes too long."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if self.ended:
                break
            self._process.send_signal(sign)
            deadline = time.monotonic() + _GRACE
            while self._process.poll() is None and time.monotonic() < deadline:  # noqa: ASYNC110 - a process sets no event
                await asyncio.sleep(_LOOK)
        self._process.wait()

    def _last_words(self) -> str:
        lines = [line.strip() for line in self._log.read_text(errors="replace").splitlines() if line.strip()]
        return lines[-1][:300] if lines else "it said nothing"
