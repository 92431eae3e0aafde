"""The file that first passwords are written to: a new one, for its owner's eyes only."""

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.import_accounts import FirstPassword


class FileThere(Exception):
    """There is a file of that name, which may hold the passwords of somebody else."""


class PasswordsFile:
    """Where first passwords are handed over, and the bar that moves meanwhile."""

    def __init__(self, path: Path) -> None:
        """The file is made when there is something to write."""
        self._path = path
        self._bar = Progress(
            TextColumn("hashing first passwords"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task = self._bar.add_task("", total=None)

    def done(self) -> None:
        """One more is hashed."""
        self._bar.advance(self._task)

    @contextmanager
    def open(self, accounts: int) -> Iterator[Callable[[Sequence[FirstPassword]], None]]:
        """Makes the file; it is gone again where anything fails. Raises FileThere, OSError."""
        try:
            # Exclusive and 0600 from the first moment: never another's file, never readable by others for a while.
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise FileThere from error
        try:
            with os.fdopen(file, "w", encoding="utf-8", newline="") as opened:

                def hand_over(passwords: Sequence[FirstPassword]) -> None:
                    writer = csv.writer(opened)
                    writer.writerow(("username", "display_name", "area", "password"))
                    writer.writerows((one.username, one.display_name, one.area_name, one.password) for one in passwords)
                    opened.flush()
                    # On the disk before the accounts are: a password that is lost cannot be had again.
                    os.fsync(opened.fileno())

                self._bar.update(self._task, total=accounts)
                with self._bar:
                    yield hand_over
        except BaseException:
            with suppress(OSError):
                self._path.unlink()
            raise
