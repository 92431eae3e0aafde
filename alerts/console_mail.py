"""The e-mail gateway where there is none: letters go to a folder, for a demo or a test."""

import asyncio
import os
from pathlib import Path

from alerts.gateway import Text
from alerts.mail import as_mail


class ConsoleMailGateway:
    """Writes each letter as a file, and what is attached beside it. The folder is its owner's alone to read."""

    name = "console"

    def __init__(self, folder: Path) -> None:
        """The folder is made with the first letter."""
        self._folder = folder

    async def send(self, text: Text) -> None:
        """Writes the letter; a repeat overwrites itself. Raises MessageRefused for what is none, OSError."""
        mail = as_mail(text)
        said = f"To: {mail.to}\nSubject: {mail.subject}\n\n{mail.body}".encode()
        # In a thread: a slow disk must not hold up the sockets of this process.
        await asyncio.to_thread(self._write, f"{mail.id}.txt", said)
        if mail.attached is not None:
            # By the letter's own id: what somebody else has named is no name of a file here.
            suffix = ".pdf" if mail.attached.kind == "application/pdf" else ".bin"
            await asyncio.to_thread(self._write, f"{mail.id}{suffix}", mail.attached.data)

    async def close(self) -> None:
        """Nothing is kept open."""

    def _write(self, name: str, data: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
