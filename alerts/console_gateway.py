"""The gateway where there is none: messages go to a file, for a demo, a test, or somebody who reads them out."""

import asyncio
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import orjson

from alerts.gateway import Text


class ConsoleGateway:
    """Appends one JSON line for each message to a file of its own.

    Never to the log: a phone and a code are personal, and logs travel. The file is its owner's alone to read.
    """

    name = "console"

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        """The file is made with the first message; `now` is the installation's time."""
        self._file = file
        self._now = now

    async def send(self, text: Text) -> None:
        """Appends the message. Raises OSError where the file cannot be written."""
        # The driver's own kind of UUID is none that JSON knows.
        line = orjson.dumps({"at": self._now(), "id": str(text.id), "to": text.to, "text": text.body}) + b"\n"
        # In a thread: a slow disk must not hold up the sockets of this process.
        await asyncio.to_thread(self._append, line)

    async def close(self) -> None:
        """Nothing is kept open."""

    def _append(self, line: bytes) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            # Also where the file was there already, with whatever rights somebody gave it.
            self._file.chmod(0o600)
            # One write for the whole line: several processes append to this file at once.
            if os.write(descriptor, line) != len(line):
                raise OSError("the disk took only a part of the line")
        finally:
            os.close(descriptor)
